"""Proves that optimize, restore and convert_to_deltalake do what deltalake's do where those are right, by the
same names and metrics; and what deltalake does not have: clustering, progress."""
import datetime
import glob
import json
import os
import pathlib
import shutil
import unittest
import warnings

import deltalake
import pyarrow as pa
import pyarrow.parquet

import deltic
from deltic import DeltaTable, convert_to_deltalake, exceptions, write_deltalake
from tables import Tables

VECTORS = {"delta.enableDeletionVectors": "true"}
# Sizes of files are those of each Parquet writer.
SIZES = {"filesAdded", "filesRemoved", "numBatches"}


def part(number, rows=10):
    return pa.table({"id": pa.array(range(number * rows, (number + 1) * rows), pa.int64()), "kind": [f"k{i % 3}" for i in range(rows)],
                     "v": [float(i) for i in range(rows)]})


def rows_of(table):
    return sorted((tuple(row.values()) for row in pa.table(DeltaTable(table) if isinstance(table, str) else table).to_pylist()), key=repr)


def data_files(path):
    return {os.path.relpath(name, path) for name in glob.glob(f"{path}/**/*.parquet", recursive=True) if "_delta_log" not in name}


class Upkeep(Tables):
    def new(self, parts=4, **options):
        path = self.fresh()
        for number in range(parts):
            write_deltalake(path, part(number), mode="append", **options)
        return path

    def twins(self, **options):
        """Two tables of deltalake that are the same but for the names of their files."""
        paths = self.fresh(), self.fresh()
        for path in paths:
            for number in range(4):
                deltalake.write_deltalake(path, part(number), mode="append", **options)
        return paths

    # Optimize.

    def test_compact_and_z_order_answer_what_deltalakes_answer(self):
        for options in ({}, {"partition_by": ["kind"]}):
            for work in (lambda table: table.optimize.compact(), lambda table: table.optimize.z_order(["id", "v"])):
                ours, theirs = self.twins(**options)
                before = rows_of(ours)
                done, expected = work(DeltaTable(ours)), work(deltalake.DeltaTable(theirs))
                self.assertEqual({name: done[name] for name in expected if name not in SIZES}, {name: value for name, value in expected.items() if name not in SIZES})
                for name in ("filesAdded", "filesRemoved"):
                    here, there = json.loads(done[name]), json.loads(expected[name])
                    self.assertEqual(list(here), list(there))
                    self.assertEqual(here["totalFiles"], there["totalFiles"])
                    self.assertAlmostEqual(here["avg"] * here["totalFiles"], here["totalSize"], delta=1)
                self.assertEqual(rows_of(ours), before)
                self.assertEqual(DeltaTable(ours).history(1)[0]["operation"], "OPTIMIZE")
                again = DeltaTable(ours).optimize.compact()
                self.assertEqual((again["numFilesAdded"], again["numFilesRemoved"], again["version"]), (0, 0, done["version"]))

    def test_only_the_files_of_a_filter_are_compacted(self):
        for filters in ([("kind", "=", "k1")], "kind = 'k1'"):
            table = DeltaTable(self.new(partition_by=["kind"]))
            done = table.optimize.compact(filters)
            self.assertEqual((done["numFilesRemoved"], done["numFilesAdded"], done["partitionsOptimized"]), (4, 1, 1))
            self.assertEqual(len(table.files([("kind", "=", "k0")])), 4)

    def test_compaction_commits_as_it_goes_where_that_is_wanted(self):
        table = DeltaTable(self.new(partition_by=["kind"]))
        done = table.optimize.compact(min_commit_interval=datetime.timedelta(0), max_concurrent_tasks=1)
        self.assertEqual(done["numCommits"], 3)
        self.assertEqual(table.version(), 3 + 3)

    def test_z_order_refuses_columns_that_it_cannot_order_by(self):
        table = DeltaTable(self.new(partition_by=["kind"]))
        for columns in ([], ["nope"], ["kind"]):
            with self.assertRaises(exceptions.InvalidArgumentError):
                table.optimize.z_order(columns)
        self.assertEqual(table.version(), 3)

    def test_clustering_is_done_once_and_anew_where_that_is_wanted(self):
        path = self.fresh()
        for number in range(3):
            write_deltalake(path, part(number), mode="append", cluster_by=["id"] if number == 0 else None)
        table = DeltaTable(path)
        done = table.optimize.cluster()
        self.assertEqual(done["plannerStrategy"], "clustering")
        self.assertEqual(table.optimize.cluster()["numFilesRemoved"], 0)
        table.alter.cluster_by(["v"])
        self.assertEqual(table.optimize.cluster(full=True)["numFilesRemoved"], done["numFilesAdded"])
        self.assertEqual(table.count(), 30)
        with self.assertRaises(exceptions.InvalidArgumentError):
            DeltaTable(self.new()).optimize.cluster()

    # Restore.

    def test_restore_takes_times(self):
        path = self.new(2)
        table = DeltaTable(path)
        first, second = (entry["timestamp"] for entry in reversed(table.history()))
        # Commits may fall into one millisecond; then the later one is at that time.
        table.restore(datetime.datetime.fromtimestamp(second / 1000 + 1, datetime.timezone.utc))
        self.assertEqual((table.version(), table.count()), (1, 20))
        with self.assertRaises(exceptions.NotFoundError):
            table.restore("2000-01-01")
        with self.assertRaises(exceptions.NotFoundError):
            table.restore(99)
        with self.assertRaises(TypeError):
            table.restore(1.5)
        self.assertLessEqual(first, second)

    # Repair, manifests, detail.

    # Clone and convert.

    def parquet_folder(self, hive=True):
        path = self.fresh()
        for day in (1, 2):
            inside = pathlib.Path(path) / (f"day={day}" if hive else "")
            inside.mkdir(parents=True, exist_ok=True)
            pyarrow.parquet.write_table(part(day), inside / f"{day}.parquet")
        return path

    def test_convert_does_what_deltalakes_does(self):
        for hive in (False, True):
            for collect in (True, False):
                paths = [self.parquet_folder(hive), self.parquet_folder(hive)]
                for package, path in zip((deltic, deltalake), paths):
                    schema = package.Schema([package.Field("day", "integer")])
                    partitions = {"partition_by": schema, "partition_strategy": "hive"} if hive else {}
                    self.assertIsNone(package.convert_to_deltalake(path, name="n", configuration={"delta.appendOnly": "true"}, collect_stats=collect, **partitions))
                self.assertEqual(rows_of(paths[0]), rows_of(paths[1]))
                tables = [DeltaTable(path) for path in paths]
                self.assertEqual(*[[(field.name, str(field.type)) for field in table.schema().fields] for table in tables])
                self.assertEqual(*[(table.version(), table.metadata().name, table.metadata().partition_columns, table.metadata().configuration) for table in tables])
                self.assertEqual(*[pa.table(table.get_add_actions(True)).sort_by("path").select(["path", "num_records"]).to_pylist() for table in tables])
                deltalake.DeltaTable(paths[0]).to_pyarrow_table()

    def test_convert_refuses_and_ignores_as_deltalakes_does_and_infers_partitions(self):
        path = self.parquet_folder()
        with self.assertRaises(exceptions.DeltaError):
            convert_to_deltalake(path)  # what "day=1" is, is not said
        for arguments in ({"partition_by": deltic.Schema([deltic.Field("day", "integer")])}, {"partition_strategy": "x"}):
            with self.assertRaises(ValueError):
                convert_to_deltalake(path, **arguments)
        convert_to_deltalake(path, partition_strategy="hive")
        self.assertEqual((DeltaTable(path).count("day = 2"), DeltaTable(path).schema().fields[-1].type.type), (10, "integer"))
        with self.assertRaises(exceptions.AlreadyExistsError):
            convert_to_deltalake(path, partition_strategy="hive")
        convert_to_deltalake(path, mode="ignore")
        with self.assertRaises(exceptions.NotFoundError):
            convert_to_deltalake(self.fresh())

    def test_upkeep_tells_how_far_it_is(self):
        path = self.new(8)
        heard = []
        with deltic.progress(lambda now: heard.append(now.operation)):
            table = DeltaTable(path)
            table.optimize.compact()
            table.clone(self.fresh())
        self.assertLessEqual(set(heard), {"compact", "clone"})
        self.assertTrue(heard)


if __name__ == "__main__":
    unittest.main()
