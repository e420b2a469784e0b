"""Owns the proof that `deltic cdf` does what docs/cli.md says: ranges, formats, files, refusals. Runs the program of env DELTIC
(default build/release/bin/deltic) on a table that delta-rs makes. Does not test the rows of every operation;
tests/interop/spark_change_feed.py does.
"""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).resolve().parents[2]
DELTIC = os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))
USAGE, INVALID, NOT_FOUND = 2, 11, 12
FEED = ["_change_type", "_commit_version", "_commit_timestamp"]


def run(*args):
    return subprocess.run([DELTIC, "cdf", *map(str, args)], capture_output=True, text=True, timeout=120)


@unittest.skipUnless(os.access(DELTIC, os.X_OK), f"{DELTIC} is not built")
class Cdf(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        from deltalake import DeltaTable, write_deltalake
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-cdf-"))
        cls.table = cls.folder / "t"
        on = {"delta.enableChangeDataFeed": "true"}
        write_deltalake(cls.table, pa.table({"id": [1, 2, 3], "v": ["a", "b", "c"]}), configuration=on)
        write_deltalake(cls.table, pa.table({"id": [4], "v": ["d"]}), mode="append")
        DeltaTable(cls.table).update(predicate="id = 2", updates={"v": "'B'"})
        DeltaTable(cls.table).delete("id = 3")
        cls.off = cls.folder / "off"
        write_deltalake(cls.off, pa.table({"id": [1]}))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def setUp(self):
        self.out = pathlib.Path(tempfile.mkdtemp(dir=self.folder))

    def ok(self, *args):
        done = run(*args)
        self.assertEqual((done.returncode, done.stderr), (0, ""), args)
        return done.stdout

    def refused(self, status, text, *args):
        done = run(*args)
        self.assertEqual(done.returncode, status, f"{args}: {done.stderr}")
        self.assertIn(text, done.stderr)
        self.assertEqual(list(self.out.iterdir()), [], "left a file")

    def changes(self, *args):
        rows = [json.loads(line) for line in self.ok(self.table, *args, "--format", "json").splitlines()]
        return sorted((r["_commit_version"], r["_change_type"], r["id"], r["v"]) for r in rows)

    ALL = [(0, "insert", 1, "a"), (0, "insert", 2, "b"), (0, "insert", 3, "c"), (1, "insert", 4, "d"),
           (2, "update_postimage", 2, "B"), (2, "update_preimage", 2, "b"), (3, "delete", 3, "c")]

    def test_every_change_of_a_range_shows_once_with_its_version(self):
        self.assertEqual(self.changes("--from", 0), self.ALL)
        self.assertEqual(self.changes("--from", 1, "--to", 2), self.ALL[3:6])
        self.assertEqual(self.changes("--from", 3, "--to", 3), self.ALL[6:])

    def test_a_range_may_be_given_by_time(self):
        history = json.loads(subprocess.run([DELTIC, "history", self.table, "--json"], capture_output=True, text=True, check=True).stdout)
        ms = {h["version"]: h["timestamp_ms"] for h in history}
        self.assertEqual(self.changes("--from-timestamp", ms[1], "--to-timestamp", ms[2]), self.ALL[3:6])
        self.assertEqual(self.changes("--from-timestamp", ms[1] + 1), self.ALL[4:])
        self.assertEqual(self.changes("--from-timestamp", next(h["timestamp"] for h in history if h["version"] == 3)), self.ALL[6:])
        self.refused(NOT_FOUND, "no version is as new", self.table, "--from-timestamp", ms[3] + 1)

    def test_rows_and_columns_of_the_feed_are_chosen_like_any(self):
        self.assertEqual(self.changes("--from", 0, "--where", "_change_type = 'delete' or _commit_version = 1"), [self.ALL[3], self.ALL[6]])
        text = self.ok(self.table, "--from", 0, "--columns", "_change_type,id", "--where", "id = 4", "--format", "csv")
        self.assertEqual(text, "_change_type,id\ninsert,4\n")
        self.assertEqual(len(self.changes("--from", 0, "--limit", 2)), 2)
        shown = self.ok(self.table, "--from", 3)
        self.assertRegex(shown, r"id +\| +v +\| +_change_type +\| +_commit_version +\| +_commit_timestamp")
        self.assertIn("(1 row)", shown)

    def test_files_of_every_format_hold_the_same_rows(self):
        read = {"parquet": pq.read_table, "csv": pyarrow.csv.read_csv, "arrow": lambda p: pa.ipc.open_file(p).read_all()}
        for extension, reader in read.items():
            path = self.out / f"o.{extension}"
            self.assertEqual(self.ok(self.table, "--from", 0, "-o", path), "")
            got = reader(path)
            self.assertEqual(got.schema.names, ["id", "v", *FEED], extension)
            self.assertEqual(sorted(zip(*(got.column(n).to_pylist() for n in ("_commit_version", "_change_type", "id", "v")))), self.ALL)
        types = pq.read_schema(self.out / "o.parquet")
        self.assertEqual([types.field(n).type for n in FEED], [pa.string(), pa.int64(), pa.timestamp("us", "UTC")])
        lines = self.ok(self.table, "--from", 0, "-o", "-", "--format", "jsonl").splitlines()
        self.assertEqual(len(lines), len(self.ALL))
        self.assertEqual(sorted(p.name for p in self.out.iterdir()), ["o.arrow", "o.csv", "o.parquet"])

    def test_wrong_requests_are_refused(self):
        self.refused(INVALID, "--from or --from-timestamp", self.table)
        self.refused(USAGE, "excludes", self.table, "--from", 0, "--from-timestamp", 0)
        self.refused(USAGE, "whole number", self.table, "--from", "x")
        self.refused(USAGE, "neither a time", self.table, "--from-timestamp", "yesterday")
        self.refused(NOT_FOUND, "the newest is 3", self.table, "--from", 4)
        self.refused(NOT_FOUND, "the newest is 3", self.table, "--from", 0, "--to", 4)
        self.refused(INVALID, "ends at version 1, before it begins at version 2", self.table, "--from", 2, "--to", 1)
        self.refused(INVALID, "not recorded in version 0", self.off, "--from", 0)
        self.refused(INVALID, "no column nope", self.table, "--from", 0, "--columns", "nope", "-o", self.out / "o.csv")
        self.refused(INVALID, "inside the table", self.table, "--from", 0, "-o", self.table / "o.csv")
        self.refused(INVALID, "no table for people", self.table, "--from", 0, "--format", "table", "-o", self.out / "o.csv")
        self.refused(NOT_FOUND, "absent", self.folder / "absent", "--from", 0)


if __name__ == "__main__":
    unittest.main()
