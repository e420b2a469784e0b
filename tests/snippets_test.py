#!/usr/bin/env python3
"""Proves that the runner of the pages' examples finds them all, and that it tells a wrong output from a right one. Runs no
example (tests/snippets/run.py does).
"""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "snippets"))
import cli_page
import cpp
from pages import PageError, commands, snippets
from shown import differs


def found(*lines):
    return snippets("page.md", "\n".join(lines))


class Pages(unittest.TestCase):
    def test_a_fence_with_a_language_that_runs_is_found_with_its_line(self):
        [snippet] = found("# Title", "", "```python", "x = 1", "```")
        self.assertEqual((snippet.language, snippet.code, snippet.line, snippet.shown), ("python", "x = 1", 4, None))

    def test_text_right_after_a_snippet_is_the_output_it_promises(self):
        [snippet] = found("```python", "print(1)", "```", "", "```text", "1", "```")
        self.assertEqual(snippet.shown, "1")

    def test_text_that_follows_nothing_is_refused(self):
        for lines in (["```text", "1", "```"], ["```python", "x", "```", "prose", "```text", "1", "```"]):
            with self.assertRaisesRegex(PageError, "follows no snippet"):
                found(*lines)

    def test_snippets_inside_content_tabs_lose_the_tabs_indentation(self):
        [shell, code] = found('=== "CLI"', "", "    ```console", "    $ deltic info t", "    ```", "", '=== "Python"', "",
                              "    ```python", "    if x:", "        y", "    ```")
        self.assertEqual(shell.code, "$ deltic info t")
        self.assertEqual(code.code, "if x:\n    y")

    def test_a_skipped_snippet_says_why(self):
        [snippet] = found("<!-- snippet: skip it takes minutes -->", "```bash", "make build", "```")
        self.assertEqual(snippet.skip, "it takes minutes")
        with self.assertRaisesRegex(PageError, "say why"):
            found("<!-- snippet: skip -->", "```bash", "make build", "```")

    def test_a_comment_that_belongs_to_no_fence_or_means_nothing_is_refused(self):
        with self.assertRaisesRegex(PageError, "right before"):
            found("<!-- snippet: unordered -->", "prose", "```bash", "x", "```")
        with self.assertRaisesRegex(PageError, "unknown"):
            found("<!-- snippet: later -->", "```bash", "x", "```")

    def test_code_that_nobody_would_run_is_refused(self):
        with self.assertRaisesRegex(PageError, "nobody runs"):
            found("```", "$ deltic info t", "```")
        with self.assertRaisesRegex(PageError, "nobody runs"):
            found("Text.", "", "    deltic info t")

    def test_a_drawing_needs_no_language(self):
        self.assertEqual(found("```", "a -> b", "```"), [])

    def test_a_fence_with_a_file_name_is_a_file(self):
        [file] = found('```cmake title="CMakeLists.txt"', "project(x)", "```")
        self.assertEqual((file.language, file.file), ("file", "CMakeLists.txt"))

    def test_an_open_fence_is_refused_with_its_line(self):
        with self.assertRaisesRegex(PageError, "page.md:2: .*not closed"):
            found("", "```python", "x")

    def test_a_console_is_commands_with_continuations_and_outputs(self):
        [snippet] = found("```console", "$ a \\", "> b", "one", "two", "$ c", "```")
        self.assertEqual([(c.text, c.shown) for c in commands(snippet)], [("a \\\nb", "one\ntwo"), ("c", None)])

    def test_a_console_that_begins_with_an_output_is_refused(self):
        [snippet] = found("```console", "output", "```")
        with self.assertRaises(PageError):
            commands(snippet)


class Shown(unittest.TestCase):
    def test_equal_outputs_do_not_differ(self):
        self.assertIsNone(differs("a\nb", "a\nb\n"))

    def test_another_value_a_line_more_and_a_line_less_differ(self):
        self.assertIn("+b", differs("a", "b"))
        self.assertIsNotNone(differs("a", "a\nb"))
        self.assertIsNotNone(differs("a\nb", "a"))

    def test_dots_within_a_line_stand_for_any_text_of_that_line(self):
        self.assertIsNone(differs("part-...parquet 10", "part-0001-abc.parquet 10"))
        self.assertIsNone(differs("id 12…-34", "id 1299-34"))
        self.assertIsNotNone(differs("part-...parquet 10", "part-0001.parquet 11"))

    def test_dots_alone_stand_for_any_lines(self):
        self.assertIsNone(differs("a\n...\nd", "a\nb\nc\nd"))
        self.assertIsNone(differs("a\n...\nd", "a\nd"))
        self.assertIsNotNone(differs("a\n...\nd", "a\nb\nc"))

    def test_the_width_of_columns_does_not_count(self):
        self.assertIsNone(differs("a | b\n---+---", "a    |     b\n-----+------"))

    def test_lines_in_any_order_are_the_same_only_where_that_is_said(self):
        self.assertIsNone(differs("a\nb", "b\na", unordered=True))
        self.assertIsNotNone(differs("a\nb", "b\na"))


class CommandLinePage(unittest.TestCase):
    HELP = "Options:\n  -h,--help   This help\n  --limit N   At most\n  -o,--output OUT Excludes: --limit\n              Instead of --format\n"
    TOP = "Options:\n  --version  V\n\nSubcommands:\n  cat         Rows\n  sql         SQL\n\nMore.\n"

    def test_commands_and_options_are_read_from_the_help(self):
        self.assertEqual(cli_page.commands_of(self.TOP), ["cat", "sql"])
        self.assertEqual(cli_page.commands_of(self.HELP), [])
        self.assertEqual(cli_page.options_of(self.HELP), ["--help", "--limit", "--output"])

    def test_what_the_page_lacks_or_has_too_much_is_said(self):
        help_of = cli_page.help_of
        cli_page.help_of = lambda program, *command: self.HELP if command else self.TOP
        try:
            whole = "| [`cat`](#cat) | a |\n| [`sql`](#sql) | b |\n`--help` `--limit N` `--output`\n## cat\n\n## sql\n"
            self.assertEqual(cli_page.differences("deltic", whole), [])
            self.assertIn("no section \"## sql\"", cli_page.differences("deltic", whole.replace("## sql", ""))[0])
            self.assertIn("does not name --limit", cli_page.differences("deltic", whole.replace("--limit", "--most"))[0])
            self.assertIn("names --cheese, which no command has", cli_page.differences("deltic", whole + "`--cheese`")[0])
        finally:
            cli_page.help_of = help_of


class Cpp(unittest.TestCase):
    def test_a_pages_fragments_are_one_function_and_its_programs_are_functions_of_their_own(self):
        source = cpp.program([found("```cpp", "#include <map>", "int a = 1;", "```", "```cpp", "int b = a;", "```",
                                    "```cpp", "int main() {", "  return 0;", "}", "```")])
        self.assertIn("int a = 1;\n  std::cout", source)
        self.assertIn("int b = a;", source)
        self.assertIn("int Main0_2(int, char**) {", source)
        self.assertEqual(source.count("#include <map>"), 1)
        self.assertLess(source.index("#include <map>"), source.index("namespace page0"))


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
