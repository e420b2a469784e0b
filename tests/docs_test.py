#!/usr/bin/env python3
"""Proves that the pages say what is: links lead somewhere, paths and make targets that they name exist, the table of errors
is the code's, the picture of the layers is src/LAYERS', the names of the package deltalake are judged as they are here.
Does not judge prose, runs no example (tests/snippets does) and does not build the site (tools/site does).
"""
import ast
import importlib.util
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Pages that exist in the built site only; tools/site_hooks.py makes them, and mkdocs checks the links to them.
GENERATED = {ROOT / "docs" / page for page in ("reference/cpp.md", "reference/cli.md", "changelog.md", "contributing.md")}
# Written by programs or for another purpose than reading.
LONG_LINES = {"protocol_coverage.md", "benchmarks.md", "python.md", "cli.md"}


def pages():
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/**/*.md"), *ROOT.glob("tests/**/*.md")])


def name(path):
    return str(path.relative_to(ROOT))


def prose(path):
    """The page without its code blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", path.read_text(), flags=re.S | re.M)


def anchors(path):
    found = set()
    for heading in re.findall(r"^#+\s+(.*)$", prose(path), flags=re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        found.add(re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-"))
    return found


class Docs(unittest.TestCase):
    def fail_with(self, wrong):
        if wrong:
            self.fail("\n  " + "\n  ".join(wrong))

    def test_the_page_of_storage_options_has_the_names_that_the_code_knows(self):
        known = re.findall(r'^    \{"([a-z0-9_.]+)"(, kIgnored)?\}', (ROOT / "src/stores/option_names.cc").read_text(), flags=re.M)
        page = (ROOT / "docs/reference/storage_options.md").read_text()
        used, _, ignored = page.partition("## Known, and without effect")
        wrong = []
        for rows, names, what in ((used, {name for name, use in known if not use}, "honoured"), (ignored, {name for name, use in known if use}, "ignored")):
            told = {name for row in re.findall(r"^\| (`.*?) \|", rows, flags=re.M) for name in re.findall(r"`([^`]+)`", row)}
            wrong += [f"{name} is {what}, and the page does not say it" for name in sorted(names - told)]
            wrong += [f"{name} is on the page as {what}, and the code does not know it so" for name in sorted(told - names)]
        self.fail_with(wrong)

    def test_every_link_within_the_project_resolves(self):
        wrong = []
        for page in pages():
            for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                path = (page.parent / file).resolve() if file else page
                if path in GENERATED:
                    continue
                if not path.exists():
                    wrong.append(f"{name(page)}: {target} does not exist")
                elif anchor and path.suffix == ".md" and anchor not in anchors(path):
                    wrong.append(f"{name(page)}: {target}: no such heading")
        self.fail_with(wrong)

    def test_the_generated_pages_are_those_that_the_site_makes(self):
        hooks = (ROOT / "tools/site_hooks.py").read_text()
        self.fail_with([str(page) for page in GENERATED if f'"{page.relative_to(ROOT / "docs")}": ' not in hooks])

    def test_lines_of_prose_are_at_most_120_columns(self):
        wrong = []
        for page in [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]:
            if page.name in LONG_LINES or page.parent.name == "decisions":
                continue
            wrong += [f"{name(page)}: {len(line)} columns: {line[:60]}..." for line in prose(page).splitlines()
                      if len(line) > 120 and not line.lstrip().startswith(("|", "<!--"))]
        self.fail_with(wrong)

    def test_paths_that_pages_name_exist(self):
        wrong = []
        for page in pages():
            for path in re.findall(r"`((?:src|include|apps|tests|tools|docs|bench|fuzz|cmake|examples)/[\w./-]*)`", prose(page)):
                if not (ROOT / path).exists():
                    wrong.append(f"{name(page)}: `{path}` does not exist")
        self.fail_with(wrong)

    def test_make_targets_that_pages_name_exist(self):
        targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M))
        wrong = [f"{name(page)}: make {target}" for page in pages()
                 for target in re.findall(r"(?:`|^\s*)make ([a-z]+)", page.read_text(), flags=re.M) if target not in targets]
        self.fail_with(wrong)

    def test_the_table_of_errors_is_that_of_the_code(self):
        header = (ROOT / "include/deltic/result.h").read_text()
        codes = re.findall(r"^\s+k(\w+) = (\d+),", re.search(r"enum class Code\b.*?\n\};", header, flags=re.S)[0], flags=re.M)
        rows = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \|", (ROOT / "docs/errors.md").read_text(), flags=re.M)
        want = [(code, number, "0" if code == "Ok" else str(10 + int(number))) for code, number in codes]
        self.assertEqual(rows, want)
        self.assertIn("10 + static_cast<int>(code)", header, "ExitStatus changed: mend this test and docs/errors.md")

    def test_the_picture_of_the_layers_is_drawn_from_layers(self):
        done = subprocess.run([sys.executable, ROOT / "tools/draw_layers", "--check"], check=False)
        self.assertEqual(done.returncode, 0, "run tools/draw_layers")

    def test_every_decision_is_listed(self):
        index = (ROOT / "docs/decisions/README.md").read_text()
        self.fail_with([name(path) for path in sorted((ROOT / "docs/decisions").glob("*.md"))
                        if path.name != "README.md" and f"({path.name})" not in index])

    def test_the_version_is_the_same_everywhere(self):
        version = re.search(r"project\(deltic VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
        self.assertRegex((ROOT / "CHANGELOG.md").read_text(), rf"## \[(Unreleased|{re.escape(version)})\]")
        self.assertIn(f'"{version}"', (ROOT / "include/deltic/table.h").read_text())


@unittest.skipUnless(importlib.util.find_spec("deltalake"), "the package deltalake is not installed")
class Migration(unittest.TestCase):
    """docs/migration/deltalake.md says of each name of the package deltalake whether it is here."""

    @classmethod
    def setUpClass(cls):
        page = (ROOT / "docs/migration/deltalake.md").read_text()
        cls.rows = dict(re.findall(r"^\| `([\w.]+)(?:\(\.\.\.\))?` \| (same|better|differs|not yet) \|", page, flags=re.M))

    def test_every_public_name_of_deltalake_is_judged(self):
        import deltalake
        names = set(deltalake.__all__) | {f"DeltaTable.{member}" for member in dir(deltalake.DeltaTable) if not member.startswith("_")}
        self.assertEqual(sorted(names - set(self.rows)), [], "say in docs/migration/deltalake.md what these are here")
        self.assertEqual(sorted(set(self.rows) - names), [], "deltalake has no such names (any more)")

    def test_a_name_is_here_exactly_when_the_page_says_so(self):
        ours = names_of_deltic()
        for name_, verdict in self.rows.items():
            with self.subTest(name_):
                self.assertEqual(name_ in ours, verdict != "not yet",
                                 f"docs/migration/deltalake.md says \"{verdict}\" of {name_}, which {'is' if name_ in ours else 'is not'} here")


class PythonReference(unittest.TestCase):
    def test_every_public_name_of_the_package_is_in_the_reference(self):
        page = (ROOT / "docs/reference/python.md").read_text()
        schema = ROOT / "bindings/python/src/deltic/schema.py"
        in_schema = {node.name for node in ast.parse(schema.read_text()).body if isinstance(node, ast.ClassDef)} | {"DataType"}
        names = {name_ for name_ in names_of_deltic() if "." not in name_} - in_schema - {"__version__"}
        missing = [name_ for name_ in sorted(names) if not re.search(rf"^::: deltic(\.\w+)*\.{name_}$", page, flags=re.M)]
        self.assertEqual(missing, [], "add `::: deltic.NAME` to docs/reference/python.md")
        self.assertIn("::: deltic.schema\n", page)
        self.assertIn("::: deltic.exceptions\n", page)


def names_of_deltic():
    """The public names of the package's source, and those of DeltaTable; without importing it, which needs a build."""
    source = ROOT / "bindings/python/src/deltic"
    names = set()
    for node in ast.parse((source / "__init__.py").read_text()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            names |= set(ast.literal_eval(node.value))
    # DeltaTable takes some of its methods from classes of other modules.
    classes = {node.name: node for module in source.glob("*.py") for node in ast.parse(module.read_text()).body if isinstance(node, ast.ClassDef)}
    table = classes["DeltaTable"]
    for node in [table, *(classes[base.id] for base in table.bases if getattr(base, "id", None) in classes)]:
        names |= {f"DeltaTable.{member.name}" for member in node.body if isinstance(member, ast.FunctionDef)}
    return names


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
