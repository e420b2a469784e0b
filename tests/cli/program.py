"""Owns how tests of one command run the program: a folder of their own with a table's place in it, a call that must succeed, one
that must be refused and touch nothing. Runs the program of env DELTIC. Knows no command.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DELTIC = os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))
# Exit statuses (docs/errors.md).
USAGE, INVALID, NOT_FOUND, EXISTS, UNSUPPORTED, CORRUPT, CONSTRAINT, INTERRUPTED = 2, 11, 12, 13, 15, 16, 17, 130


def deltic(*args):
    return subprocess.run([DELTIC, *map(str, args)], capture_output=True, text=True, timeout=300)


@unittest.skipUnless(os.access(DELTIC, os.X_OK), f"{DELTIC} is not built")
class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"deltic-{type(self).__name__.lower()}-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.table = self.folder / "my table"  # a name that wants quoting

    def ok(self, *args):
        done = deltic(*args)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def refused(self, status, text, *args):
        before = sorted(self.folder.rglob("*"))
        done = deltic(*args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout}{done.stderr}")
        self.assertIn(text, done.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before)
