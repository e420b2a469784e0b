"""Proves that optimize, vacuum, restore, repair, generate and convert_to_deltalake do what deltalake's do where those are right, by the
same names and metrics; and what deltalake does not have: purge, clustering, clone, detail, health, progress."""
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

    def test_purge_writes_files_without_their_deleted_rows(self):
        table = DeltaTable(self.new(configuration=VECTORS))
        table.delete("id = 3")
        done = table.optimize.purge()
        self.assertEqual((done["numDeletionVectorsRemoved"], done["numDeletedRowsRemoved"]), (1, 1))
        self.assertEqual(table.detail()["numDeletionVectors"], 0)
        self.assertEqual(table.count(), 39)

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

    # Vacuum.

    def test_vacuum_finds_what_deltalakes_finds_and_leaves_live_files(self):
        for full in (False, True):
            ours, theirs = self.twins()
            for package, path in ((deltic, ours), (deltalake, theirs)):
                package.DeltaTable(path).delete("id < 15")
            for dry_run in (True, False):
                here = DeltaTable(ours).vacuum(0, dry_run, False, full=full)
                there = deltalake.DeltaTable(theirs).vacuum(0, dry_run, False, full=full)
                self.assertEqual(len(here), len(there))
                self.assertTrue(all(not os.path.isabs(name) for name in here))
                self.assertEqual([name for name in here if os.path.exists(f"{ours}/{name}")], here if dry_run else [])
            self.assertEqual(DeltaTable(ours).version(), deltalake.DeltaTable(theirs).version())
            self.assertEqual([entry["operation"] for entry in DeltaTable(ours).history(2)], ["VACUUM END", "VACUUM START"])
            self.assertEqual(rows_of(ours), rows_of(theirs))
            self.assertEqual(data_files(ours), set(DeltaTable(ours).files()))

    def test_vacuum_refuses_a_short_retention_and_deletes_nothing_young(self):
        table = DeltaTable(self.new())
        table.delete("id = 1")
        with self.assertRaises(exceptions.DeltaError):
            table.vacuum(0)
        with self.assertRaises(ValueError):
            table.vacuum(-1)
        self.assertEqual(table.vacuum(dry_run=False), [])
        self.assertEqual(table.vacuum(dry_run=False, full=True), [])
        self.assertEqual(table.vacuum(0, True, False, keep_versions=[3]), [])

    def test_full_vacuum_takes_what_failed_writers_left_and_no_deletion_vector_that_lives(self):
        path = self.new(configuration=VECTORS)
        table = DeltaTable(path)
        table.delete("id = 3")
        stray = pathlib.Path(path) / "stray.parquet"
        stray.write_bytes(b"left behind")
        os.utime(stray, (0, 0))
        self.assertEqual(table.vacuum(0, False, False), [])
        self.assertEqual(table.vacuum(0, False, False, full=True), ["stray.parquet"])
        self.assertEqual(DeltaTable(path).count(), 39)
        self.assertEqual(len(rows_of(path)), 39)

    def test_vacuum_goes_by_an_inventory(self):
        path = self.new()
        for name in ("one", "two"):
            (pathlib.Path(path) / f"{name}.parquet").write_bytes(b"left behind")
            os.utime(f"{path}/{name}.parquet", (0, 0))
        table = DeltaTable(path)
        gone = table.vacuum(0, False, False, inventory="select 'one.parquet' as path, 11::bigint as length, false as isDir, 0::bigint as modificationTime")
        self.assertEqual(gone, ["one.parquet"])
        self.assertTrue(os.path.exists(f"{path}/two.parquet"))

    # Restore.

    def test_restore_answers_what_deltalakes_answers(self):
        ours, theirs = self.twins()
        answers = []
        for package, path in ((deltic, ours), (deltalake, theirs)):
            table = package.DeltaTable(path)
            table.delete("id < 5")
            answers.append(table.restore(1))
            self.assertEqual(table.version(), 5)
        self.assertEqual({name: answers[0][name] for name in answers[1]}, answers[1])
        self.assertEqual(rows_of(ours), rows_of(theirs))
        self.assertEqual(DeltaTable(ours).count(), 20)

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

    def test_restore_names_missing_files_or_leaves_them_out(self):
        path = self.new(2)
        table = DeltaTable(path)
        lost = table.files()
        table.delete()
        os.remove(f"{path}/{lost[0]}")
        with self.assertRaisesRegex(exceptions.NotFoundError, lost[0]):
            table.restore(1)
        done = table.restore(1, ignore_missing_files=True)
        self.assertEqual((done["numRestoredFile"], len(done["missingFiles"]), table.count()), (1, 1, 10))

    # Repair, manifests, detail.

    def test_detail_says_what_spark_says(self):
        table = DeltaTable(self.new(2, partition_by=["kind"], name="n", description="d", configuration=VECTORS))
        table.delete("id = 3")
        detail = table.detail()
        self.assertEqual(list(detail)[:5], ["format", "id", "name", "description", "location"])
        self.assertEqual((detail["format"], detail["name"], detail["description"], detail["partitionColumns"]), ("delta", "n", "d", ["kind"]))
        self.assertEqual((detail["numRows"], detail["numDeletionVectors"], detail["numDeletedRows"]), (19, 1, 1))
        self.assertEqual(detail["properties"], VECTORS)
        self.assertIn("deletionVectors", detail["tableFeatures"])
        # The time of the commit's file, which is a little later than what the commit says of itself.
        self.assertAlmostEqual(detail["lastModified"].timestamp() * 1000, table.history(1)[0]["timestamp"], delta=5_000)

    def test_health_and_history_are_told_in_numbers(self):
        table = DeltaTable(self.new(4, configuration=VECTORS))
        table.delete("id = 3")
        health = table.health()
        self.assertEqual((health["num_files"], health["num_small_files"], health["num_rows"], health["num_deleted_rows"]), (4, 4, 39, 1))
        self.assertEqual(sum(each["num_files"] for each in health["file_sizes"]), 4)
        self.assertTrue(all(finding["problem"] and finding["help"] for finding in health["findings"]))
        self.assertEqual(table.health(target_size=1)["num_small_files"], 0)
        commits = table.summarize_history(2)
        self.assertEqual([(each["version"], each["operation"]) for each in commits], [(4, "DELETE"), (3, "WRITE")])
        self.assertEqual((commits[0]["rows_removed"], commits[1]["rows_added"]), (1, 10))

    # Repair and manifests.

    def test_repair_answers_what_deltalakes_answers(self):
        for package, path in zip((deltic, deltalake), self.twins()):
            table = package.DeltaTable(path)
            lost = os.path.basename(table.file_uris()[0])
            os.remove(f"{path}/{lost}")
            for dry_run in (True, False):
                done = table.repair(dry_run)
                self.assertEqual({name: done[name] for name in ("dry_run", "files_removed")}, {"dry_run": dry_run, "files_removed": [lost]})
            self.assertEqual((table.version(), table.history(1)[0]["operation"]), (4, "FSCK"))
            self.assertEqual(package.DeltaTable(path).repair()[package.table.FSCK_METRICS_FILES_REMOVED_LABEL], [])
            self.assertEqual(package.DeltaTable(path).version(), 4)

    def test_repair_asks_what_to_do_without_deletion_vectors(self):
        path = self.new(2, configuration=VECTORS)
        table = DeltaTable(path)
        table.delete("id = 3")
        for name in glob.glob(f"{path}/**/deletion_vector*", recursive=True):
            os.remove(name)
        with self.assertRaisesRegex(exceptions.CorruptError, "revive-rows"):
            table.repair()
        self.assertEqual(len(table.repair(True)["vectors_lost"]), 1)
        self.assertEqual(len(table.repair(True, lost_vectors="remove_files")["files_removed"]), 1)
        self.assertEqual(len(table.repair(lost_vectors="revive_rows")["rows_revived_of"]), 1)
        self.assertEqual(table.count(), 20)
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.repair(lost_vectors="maybe")

    def test_manifests_name_the_live_files(self):
        for options in ({}, {"partition_by": ["kind"]}):
            lists = []
            path = self.twins(**options)[0]
            for package in (deltic, deltalake):
                self.assertIsNone(package.DeltaTable(path).generate())
                lists.append({os.path.relpath(name, path): sorted(os.path.basename(line) for line in pathlib.Path(name).read_text().split())
                              for name in glob.glob(f"{path}/_symlink_format_manifest/**/manifest", recursive=True)})
                shutil.rmtree(f"{path}/_symlink_format_manifest")
            self.assertEqual(*lists)
        with self.assertRaises(exceptions.UnsupportedError):
            table = DeltaTable(self.new(1, configuration=VECTORS))
            table.delete("id = 3")
            table.generate()

    # Clone and convert.

    def test_a_clone_is_a_table_of_its_own_at_the_version_of_the_object(self):
        path = self.new()
        deep = DeltaTable(path, version=1).clone(self.fresh(), properties={"my.own": "x"})
        self.assertEqual((deep.count(), deep.metadata().configuration["my.own"]), (20, "x"))
        self.assertEqual(len(data_files(deep._uri)), 2)
        shallow = DeltaTable(path).clone(self.fresh(), shallow=True)
        self.assertEqual((shallow.count(), data_files(shallow._uri)), (40, set()))
        shallow.delete("id < 20")
        write_deltalake(deep, part(9), mode="append")
        self.assertEqual((DeltaTable(path).count(), shallow.count(), deep.count()), (40, 20, 30))
        with self.assertRaises(exceptions.AlreadyExistsError):
            DeltaTable(path).clone(deep._uri)
        self.assertEqual(DeltaTable(path).clone(deep._uri, mode="ignore").count(), 30)
        self.assertEqual(DeltaTable(path).clone(deep._uri, mode="replace").count(), 40)
        with self.assertRaises(exceptions.InvalidArgumentError):
            DeltaTable(path).clone(self.fresh(), mode="overwrite")

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
            table.vacuum(0, False, False, full=True)
        self.assertLessEqual(set(heard), {"compact", "clone", "vacuum"})
        self.assertTrue(heard)


if __name__ == "__main__":
    unittest.main()
