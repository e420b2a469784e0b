"""Owns what every test class of this folder shares: the tables, made once for the process, and the count of damages that
were judged, which is printed at the end of each class so that nobody takes a test that judged nothing for a pass."""
import atexit
import json
import sys
import unittest

import judge
import tables

_made = []


def made():
    if not _made:
        _made.append(tables.Tables())
        atexit.register(_made[0].close)
    return _made[0]


@unittest.skipUnless(judge.BUILT, f"{judge.DELTIC} is not built")
class CorruptTest(unittest.TestCase):
    counted = 0

    def check(self, layout, damages, rows=None):
        if rows is None:
            rows = tables.DV_ROWS if layout == "dv" else tables.ROWS
        judge.check(self, made()[layout], rows, damages)

    def tearDown(self):
        type(self).counted = self.counted

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.__name__}: {cls.counted} damages judged", file=sys.stderr)


def edit(path, change):
    """A damage that changes the bytes of one file: change(bytes) -> bytes."""
    def apply(table):
        file = table / path
        file.write_bytes(change(file.read_bytes()))
    return apply


def edit_actions(path, change):
    """A damage that changes the actions of one JSON log file: change(list) -> list."""
    def apply(table):
        file = table / path
        actions = change([json.loads(line) for line in file.read_text().splitlines()])
        tables.write_lines(file, actions)
    return apply


def log(version, suffix="json"):
    return f"_delta_log/{tables.VERSIONS[version]}.{suffix}"
