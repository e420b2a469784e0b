"""Owns the proof that `deltic restore`, `clone`, `convert` and `detail` do what docs/cli.md says: each once with what delta-rs
sees of it, refusals that leave everything as it was, and a clone that is stopped. Runs the program of env DELTIC. What they
decide is src/clone's own tests' matter, Spark's view tests/clone's.
"""
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

import program
from program import DELTIC, deltic, EXISTS, INTERRUPTED, INVALID, NOT_FOUND, USAGE


class Clone(program.ProgramTest):
    def make(self):
        """Version 0: ids 0..9 in two partitions; version 1: 10..14 more; version 2: one row instead."""
        self.ok("write", self.table, "--quiet", "--partition-by", "p", "--from", "select i as id, i % 2 as p from range(10) t(i)")
        self.ok("write", self.table, "--quiet", "--from", "select i as id, i % 2 as p from range(10, 15) t(i)")
        self.ok("write", self.table, "--quiet", "--mode", "overwrite", "--from", "select 77::bigint as id, 0::bigint as p")

    def ids(self, table, *options):
        rows = [json.loads(line) for line in self.ok("cat", table, "--format", "json", *options).splitlines()]
        return sorted(row["id"] for row in rows)

    def files(self, folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def delta_rs_ids(self, table):
        import deltalake
        return sorted(deltalake.DeltaTable(str(table)).to_pyarrow_table()["id"].to_pylist())

    def test_a_restored_table_is_as_it_was_and_its_history_goes_on(self):
        self.make()
        outcome = json.loads(self.ok("restore", self.table, "--version", 1, "--json"))
        self.assertEqual({k: outcome[k] for k in ("changed", "version", "restoredVersion", "filesRestored", "filesRemoved", "filesAfter")},
                         {"changed": True, "version": 3, "restoredVersion": 1, "filesRestored": 4, "filesRemoved": 1, "filesAfter": 4})
        self.assertEqual(self.ids(self.table), list(range(15)))
        self.assertEqual(self.delta_rs_ids(self.table), list(range(15)))
        self.assertEqual(self.ids(self.table, "--version", 2), [77])
        done = deltic("restore", self.table, "--version", 3)
        self.assertEqual((done.returncode, done.stderr), (0, "nothing to restore: the table is at version 3\n"))
        self.ok("restore", self.table, "--timestamp", "2099-01-01")  # as it is
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["version"], 3)

    def test_what_cannot_be_restored_is_refused(self):
        self.make()
        self.refused(INVALID, "--version or --timestamp", "restore", self.table)
        self.refused(NOT_FOUND, "the newest is 2", "restore", self.table, "--version", 3)
        self.refused(NOT_FOUND, "2000-01-01", "restore", self.table, "--timestamp", "2000-01-01")
        self.refused(USAGE, "--version", "restore", self.table, "--version", -1)
        gone = next(path for path in (self.table / "p=1").iterdir() if path.is_file())
        gone.unlink()
        self.refused(NOT_FOUND, gone.name, "restore", self.table, "--version", 1)
        done = deltic("restore", self.table, "--version", 1, "--ignore-missing-files")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"left out, for it is gone: p=1/{gone.name}", done.stderr)
        self.assertIn("3 files restored", done.stderr)

    def test_a_deep_clone_needs_its_source_no_longer(self):
        self.make()
        copy = self.folder / "copy"
        done = deltic("clone", self.table, copy, "--version", 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"^version 0: as version 1 of the source; 4 files, 4 copied \(.*\)\n$")
        self.refused(EXISTS, "replace it, or clone to another place", "clone", self.table, copy)
        self.assertFalse(json.loads(self.ok("clone", self.table, copy, "--if-not-exists", "--json"))["cloned"])
        again = json.loads(self.ok("clone", self.table, copy, "--replace", "--json"))
        self.assertEqual((again["filesCopied"], again["filesRemoved"]), (1, 4))
        self.ok("restore", copy, "--version", 0, "--quiet")
        shutil.rmtree(self.table)
        self.assertEqual(self.ids(copy), list(range(15)))
        self.assertEqual(self.delta_rs_ids(copy), list(range(15)))

    def test_a_shallow_clone_names_the_sources_files(self):
        self.make()
        copy = self.folder / "copy"
        self.ok("clone", self.table, copy, "--shallow", "--version", 1, "--property", "my.own=1", "--quiet")
        self.assertEqual([name for name in self.files(copy) if not name.startswith("_delta_log")], [])
        self.assertEqual(self.ids(copy), list(range(15)))
        self.assertEqual(self.ok("properties", copy), "my.own=1\n")
        self.ok("write", copy, "--quiet", "--mode", "overwrite", "--replace-where", "p = 0", "--from", "select 100::bigint as id, 0::bigint as p")
        self.assertEqual(self.ids(copy), [1, 3, 5, 7, 9, 11, 13, 100])
        self.assertEqual(self.ids(self.table, "--version", 1), list(range(15)))
        self.refused(INVALID, "cannot be cloned onto itself", "clone", self.table, self.table, "--replace")
        self.refused(NOT_FOUND, "nowhere", "clone", self.folder / "nowhere", self.folder / "x")

    def test_a_clone_that_is_stopped_leaves_nothing(self):
        self.make()
        big = next(path for path in (self.table / "p=0").iterdir() if path.is_file())
        os.truncate(big, 600 << 20)
        copy = self.folder / "copy"
        running = subprocess.Popen([DELTIC, "clone", str(self.table), str(copy), "--version", "1"], stderr=subprocess.PIPE, text=True)
        deadline = time.time() + 30
        while time.time() < deadline and running.poll() is None and not any(copy.rglob(".deltic-*")):
            time.sleep(0.001)
        running.send_signal(signal.SIGINT)
        _, error = running.communicate(timeout=60)
        self.assertEqual(running.returncode, INTERRUPTED, error)
        self.assertEqual(self.files(copy), [])

    def test_a_folder_of_parquet_files_becomes_a_table(self):
        self.make()
        folder = self.folder / "folder"
        shutil.copytree(self.table, folder)
        shutil.rmtree(folder / "_delta_log")
        (folder / "_SUCCESS").touch()
        self.refused(INVALID, "name the partition columns p", "convert", folder)
        self.refused(INVALID, "is no value of the partition column p", "convert", folder, "--partition-by", "p date")
        outcome = json.loads(self.ok("convert", folder, "--infer-partitions", "--json"))
        self.assertEqual((outcome["files"], outcome["rows"], outcome["partitionColumns"]), (5, 16, ["p"]))
        self.assertEqual(self.ids(folder), [*range(15), 77])
        self.assertEqual(self.delta_rs_ids(folder), [*range(15), 77])
        self.assertEqual(self.ids(folder, "--where", "p = 0 and id > 50"), [77])
        self.refused(EXISTS, "a Delta table already", "convert", folder)
        self.assertFalse(json.loads(self.ok("convert", folder, "--if-not-exists", "--json"))["converted"])

    def test_detail_is_what_describe_detail_shows(self):
        self.make()
        detail = json.loads(self.ok("detail", self.table, "--json", "--version", 1))
        self.assertEqual({k: detail[k] for k in ("format", "location", "partitionColumns", "clusteringColumns", "numFiles", "properties",
                                                 "minReaderVersion", "minWriterVersion", "tableFeatures")},
                         {"format": "delta", "location": f"file:{self.table}", "partitionColumns": ["p"], "clusteringColumns": [],
                          "numFiles": 4, "properties": {}, "minReaderVersion": 1, "minWriterVersion": 2,
                          "tableFeatures": ["appendOnly", "invariants"]})
        self.assertEqual(detail["statistics"]["numRows"], 15)


if __name__ == "__main__":
    unittest.main()
