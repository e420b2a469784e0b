"""Owns the proof that `deltic vacuum` does what docs/cli.md says, on real files: what goes, what stays, what delta-rs sees of the
table afterwards, refusals that touch nothing. Runs the program of env DELTIC. Every rule of what stays is a test of src/vacuum.
"""
import base64
import json
import os
import re
import shutil
import struct
import sys
import time
import unittest
import uuid
import zlib

import program
from program import CORRUPT, deltic, INVALID, ROOT, USAGE

sys.path.insert(0, str(ROOT / "tests/snippets"))
DAY = 86_400


class Vacuum(program.ProgramTest):
    def make(self):
        """Version 0: ids 0..9 in two partitions; version 1: one row instead; beside them a file that nobody names."""
        self.ok("write", self.table, "--quiet", "--partition-by", "p", "--from", "select i as id, i % 2 as p from range(10) t(i)")
        self.ok("write", self.table, "--quiet", "--mode", "overwrite", "--from", "select 77::bigint as id, 0::bigint as p")
        self.put("p=1/orphan.parquet")

    def put(self, key, text="x"):
        path = self.table / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def age(self, days):
        """Everything was so many days earlier: files, commits, removals."""
        then = time.time() - days * DAY
        for path in self.table.rglob("*"):
            if path.suffix == ".json":
                path.write_text(re.sub(r'"(deletionTimestamp|timestamp)":\d+', rf'"\1":{int(then * 1000)}', path.read_text()))
            if path.is_file():
                os.utime(path, (then, then))

    def objects(self, table=None):
        table = table or self.table
        return {str(path.relative_to(table)) for path in table.rglob("*")
                if path.is_file() and "_delta_log" not in path.relative_to(table).parts}

    def ids(self, table, *options):
        rows = [json.loads(line) for line in self.ok("cat", table, "--format", "json", *options).splitlines()]
        return sorted(row["id"] for row in rows)

    def delta_rs_ids(self, table):
        import deltalake
        return sorted(deltalake.DeltaTable(str(table)).to_pyarrow_table()["id"].to_pylist())

    def operations(self):
        return [commit["operation"] for commit in json.loads(self.ok("history", self.table, "--json"))]

    def test_what_no_version_needs_goes_and_the_log_tells_of_it(self):
        self.make()
        self.age(8)
        before = self.objects()
        told = deltic("vacuum", self.table, "--dry-run")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertEqual(self.objects(), before)
        self.assertRegex(told.stderr, r"^version 1: 3 files \(.*\) would be deleted\n$")
        outcome = json.loads(self.ok("vacuum", self.table, "--json"))
        self.assertEqual({k: outcome[k] for k in ("dryRun", "version", "numFiles", "foldersDeleted", "failed")},
                         {"dryRun": False, "version": 3, "numFiles": 3, "foldersDeleted": 1, "failed": []})
        self.assertEqual([file["path"] for file in outcome["files"]], told.stdout.splitlines())
        self.assertEqual(before - self.objects(), set(told.stdout.splitlines()))
        self.assertEqual(len(self.objects()), 1)
        self.assertEqual(self.ids(self.table), [77])
        self.assertEqual(self.delta_rs_ids(self.table), [77])
        self.assertEqual(self.operations()[:2], ["VACUUM END", "VACUUM START"])
        done = deltic("vacuum", self.table)
        self.assertEqual((done.returncode, done.stderr), (0, "version 3: 0 files (0 B) deleted\n"))

    def test_what_is_within_the_retention_stays(self):
        self.make()
        before = self.objects()
        self.assertEqual(json.loads(self.ok("vacuum", self.table, "--json"))["numFiles"], 0)
        self.age(8)
        self.put("p=1/of_a_running_writer.parquet")
        self.put("_change_data/young.parquet")
        self.assertEqual(json.loads(self.ok("vacuum", self.table, "--retention", "9 days", "--json"))["numFiles"], 0)
        self.assertEqual(json.loads(self.ok("vacuum", self.table, "--keep-version", 0, "--json"))["files"],
                         [{"path": "p=1/orphan.parquet", "sizeBytes": 1}])
        self.assertEqual(self.ids(self.table, "--version", 0), list(range(10)))
        self.assertEqual(self.objects(), before - {"p=1/orphan.parquet"} | {"p=1/of_a_running_writer.parquet", "_change_data/young.parquet"})

    def test_without_a_retention_all_that_the_newest_version_needs_stays(self):
        from tables import B85_TO_Z85, roaring_bitmap_array
        self.ok("write", self.table, "--quiet", "--property", "delta.enableDeletionVectors=true",
                "--from", "select i as id from range(10) t(i)")
        # Version 1 marks two rows in a vector of a file of its own, as "Deletion Vector File Storage Format" says.
        name, vector = uuid.uuid4(), roaring_bitmap_array([2, 5])
        (self.table / f"deletion_vector_{name}.bin").write_bytes(
            b"\1" + struct.pack(">I", len(vector)) + vector + struct.pack(">I", zlib.crc32(vector)))
        (self.table / f"deletion_vector_{uuid.uuid4()}.bin").write_bytes(b"\1")
        log = self.table / "_delta_log"
        add = next(line["add"] for line in map(json.loads, (log / f"{0:020}.json").read_text().splitlines()) if "add" in line)
        marked = {"storageType": "u", "pathOrInlineDv": base64.b85encode(name.bytes).translate(B85_TO_Z85).decode(), "offset": 1,
                  "sizeInBytes": len(vector), "cardinality": 2}
        actions = [{"commitInfo": {"operation": "DELETE"}},
                   {"remove": {"path": add["path"], "deletionTimestamp": 1, "dataChange": True}},
                   {"add": {**add, "deletionVector": marked, "stats": json.dumps({**json.loads(add["stats"]), "tightBounds": False})}}]
        (log / f"{1:020}.json").write_text("".join(json.dumps(action) + "\n" for action in actions))
        clone = self.folder / "clone"
        self.ok("clone", self.table, clone, "--shallow", "--quiet")
        rows = [0, 1, 3, 4, 6, 7, 8, 9]
        for table in (clone, self.table):
            time.sleep(0.02)  # so that all files are older than now
            self.ok("vacuum", table, "--retention", "0", "--no-retention-check", "--quiet")
            self.assertEqual(self.ids(clone), rows)
            self.assertEqual(self.ids(self.table), rows)
        self.assertEqual(self.objects(), {add["path"], f"deletion_vector_{name}.bin"})

    def test_lite_goes_by_the_log_and_an_inventory_by_its_word(self):
        self.make()
        self.age(8)
        second = self.folder / "second"
        shutil.copytree(self.table, second)
        self.assertEqual(json.loads(self.ok("vacuum", self.table, "--lite", "--json"))["numFiles"], 2)
        self.assertIn("p=1/orphan.parquet", self.objects())
        live = json.loads(self.ok("files", second, "--json"))[0]["path"]
        inventory = (f"select unnest(['{live}', 'p=1/orphan.parquet', 'p=1/gone.parquet', '../outside']) as path, 1 as length, "
                     "false as \"isDir\", 0 as \"modificationTime\"")
        (self.folder / "outside").write_text("x")
        os.utime(self.folder / "outside", (1, 1))
        outcome = json.loads(self.ok("vacuum", second, "--inventory", inventory, "--no-log", "--json"))
        self.assertEqual([file["path"] for file in outcome["files"]], ["p=1/orphan.parquet"])
        self.assertEqual(outcome["version"], 1)
        self.assertTrue((self.folder / "outside").exists())
        self.assertEqual(self.ids(second), [77])

    def test_refusals_touch_nothing(self):
        self.make()
        self.age(8)
        before = sorted(self.folder.rglob("*"))
        for status, text, *options in ((INVALID, "shorter than the table's 168 hours", "--retention", "1 hour"),
                                       (INVALID, "with a unit", "--retention", "12"),
                                       (INVALID, "version 9", "--keep-version", 9),
                                       (INVALID, "path, length, isDir and modificationTime", "--inventory", "select 1 as path"),
                                       (USAGE, "--inventory", "--lite", "--inventory", "select 1")):
            done = deltic("vacuum", self.table, *options)
            self.assertEqual(done.returncode, status, f"{options}: {done.stdout}{done.stderr}")
            self.assertIn(text, done.stderr)
            self.assertEqual(sorted(self.folder.rglob("*")), before)

    def test_a_log_that_cannot_be_read_deletes_nothing(self):
        self.make()
        self.age(8)
        commit = self.table / "_delta_log" / f"{1:020}.json"
        commit.write_text(commit.read_text().replace('"add":{"path":"', '"add":{"path":"%zz'))
        before = self.objects()
        done = deltic("vacuum", self.table)
        self.assertEqual(done.returncode, CORRUPT, done.stderr)
        self.assertEqual(self.objects(), before)


if __name__ == "__main__":
    unittest.main()
