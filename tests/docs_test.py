#!/usr/bin/env python3
"""Proves that the pages say what is: links lead somewhere, paths and make targets that they name exist, the table of errors
is the code's, the picture of the layers is src/LAYERS', public functions have a comment. Does not judge prose.
"""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def pages():
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/**/*.md"), *ROOT.glob("tests/**/*.md")])


def name(path):
    return str(path.relative_to(ROOT))


def prose(path):
    """The page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.S | re.M)


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

    def test_every_link_within_the_project_resolves(self):
        wrong = []
        for page in pages():
            for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                path = (page.parent / file).resolve() if file else page
                if not path.exists():
                    wrong.append(f"{name(page)}: {target} does not exist")
                elif anchor and path.suffix == ".md" and anchor not in anchors(path):
                    wrong.append(f"{name(page)}: {target}: no such heading")
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
                 for target in re.findall(r"`make ([a-z]+)", page.read_text()) if target not in targets]
        self.fail_with(wrong)

    def test_the_table_of_errors_is_that_of_the_code(self):
        header = (ROOT / "include/deltic/result.h").read_text()
        codes = re.findall(r"^\s+k(\w+) = (\d+),", header, flags=re.M)
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


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
