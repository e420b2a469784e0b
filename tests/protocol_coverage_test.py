#!/usr/bin/env python3
"""Proves that docs/protocol_coverage.md is true as far as a script can: each row has a known status, each file, symbol and
test that it names exists, and each duty that is done names both code and a test. Does not run the tests it names.

In the Code column an entry is `path:symbol` or `path`; in the Test column it is `path:test`, where test is a GoogleTest
"Suite.Name", a Python test's name, or any text that stands in the file. Entries are separated by "; ".
"""
import functools
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/protocol_coverage.md"
STATUSES = {
    "done": "code and test honour it",
    "engine": "DuckDB honours it; a test of ours proves it",
    "refused": "such tables are refused as Unsupported; code and test",
    "chosen": "a recommendation that deltic answers otherwise, with a decision page",
    "later": "not in this release",
}
NEED_BOTH = {"done", "engine", "refused", "chosen"}


def rows():
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        if line.startswith("|") and not line.startswith(("| ---", "| Requirement", "| Status")):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if len(cells) == 5:
                yield number, cells


def entries(cell):
    return [entry for entry in re.findall(r"`([^`]+)`", cell)]


@functools.cache
def text(path):
    return path.read_text(errors="replace")


def missing(entry):
    """'' when the file exists and holds the symbol or test."""
    file, _, symbol = entry.partition(":")
    path = ROOT / file
    if not path.is_file():
        return f"{file} does not exist"
    if not symbol:
        return ""
    case = re.fullmatch(r"(\w+)\.(\w+)", symbol)
    if case and path.suffix == ".cc":
        found = re.search(rf"TEST(?:_F|_P)?\(\s*{case[1]}\s*,\s*{case[2]}\s*\)", text(path))
    else:
        found = re.search(rf"(?<!\w){re.escape(symbol)}(?!\w)", text(path))
    return "" if found else f"{file} has no {symbol}"


class Coverage(unittest.TestCase):
    def fail_with(self, wrong):
        if wrong:
            self.fail(f"{len(wrong)} found:\n  " + "\n  ".join(wrong))

    def test_the_page_has_rows(self):
        self.assertGreater(len(list(rows())), 60)

    def test_every_status_is_known(self):
        self.fail_with([f"line {number}: {cells[4]}" for number, cells in rows() if cells[4] not in STATUSES])

    def test_every_file_symbol_and_test_that_it_names_exists(self):
        self.fail_with([f"line {number}: {problem}" for number, cells in rows() for cell in (cells[2], cells[3])
                        for entry in entries(cell) if (problem := missing(entry))])

    def test_every_duty_that_is_done_names_code_and_a_test(self):
        self.fail_with([f"line {number}: {cells[0][:80]}" for number, cells in rows() if cells[4] in NEED_BOTH
                        and not (entries(cells[2]) and entries(cells[3]))])

    def test_what_is_not_done_says_so_plainly(self):
        """A row for later names no code that would honour it, so that nobody takes it for done."""
        self.fail_with([f"line {number}" for number, cells in rows() if cells[4] == "later" and entries(cells[3])])

    def test_the_page_counts_its_rows_rightly(self):
        stated = re.search(r"^(\d+) duties: (.*)\.$", PAGE.read_text(), flags=re.M)
        self.assertIsNotNone(stated, "the page must state its counts: 'N duties: N done, ...'")
        counts = {status: sum(cells[4] == status for _, cells in rows()) for status in STATUSES}
        said = {status: int(count) for count, status in re.findall(r"(\d+) (\w+)", stated[2])}
        self.assertEqual(int(stated[1]), sum(counts.values()))
        self.assertEqual(said, {status: count for status, count in counts.items() if count})


if __name__ == "__main__":
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
