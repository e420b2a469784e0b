"""Proves that delete, update and merge do what deltalake's do where those are right: the same rows, the same metrics; and what is
different: deletion vectors, texts with quotes, columns that are not there, a source that is read twice, Ctrl-C."""
import datetime
import decimal
import glob
import json
import subprocess
import sys
import textwrap
import unittest
import warnings

import deltalake
import duckdb
import pandas
import polars
import pyarrow as pa
import pyarrow.dataset

import deltic
from deltic import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction, WriterProperties, exceptions, write_deltalake
from tables import Tables

ROWS = pa.table({
    "id": pa.array([1, 2, 3, 4, None], pa.int64()),
    "kind": ["a", "b", None, "a", "c"],
    "v": [1.0, 2.0, 3.0, None, 5.0],
})
CHANGES = pa.table({"id": pa.array([2, 3, 9], pa.int64()), "kind": ["B", "C", "N"], "v": [20.0, 30.0, 90.0]})
VECTORS = {"delta.enableDeletionVectors": "true"}
# What depends on the machine, or on how a writer goes about it.
TIMES = {"execution_time_ms", "scan_time_ms", "rewrite_time_ms"}


def rows_of(path):
    return sorted((tuple(row.values()) for row in DeltaTable(path).to_pyarrow_table().to_pylist()), key=repr)


class Change(Tables):
    def new(self, rows=ROWS, **options):
        path = self.fresh()
        write_deltalake(path, rows, **options)
        return path

    def twins(self, work, rows=ROWS, metrics=True, **options):
        """The same work by both packages on tables of deltalake that are the same: the same rows afterwards, and the same metrics
        by the names that theirs have. Answers ours and theirs."""
        paths, answers = [self.fresh(), self.fresh()], []
        for path, package in zip(paths, (deltic, deltalake)):
            for part in rows if isinstance(rows, list) else [rows]:
                deltalake.write_deltalake(path, part, mode="append", **options)
            table = package.DeltaTable(path)
            answers.append(work(table))
            self.assertEqual(table.version(), package.DeltaTable(path).version())
        self.assertEqual(rows_of(paths[0]), rows_of(paths[1]))
        self.assertEqual(DeltaTable(paths[0]).version(), DeltaTable(paths[1]).version())
        self.assertEqual([name for name in answers[1] if name not in answers[0]], [])
        if metrics:
            self.assertEqual({name: answers[0][name] for name in answers[1] if name not in TIMES},
                             {name: value for name, value in answers[1].items() if name not in TIMES})
        for name in TIMES & set(answers[1]):
            self.assertIsInstance(answers[0][name], int)
        return answers

    # Delete.

    def test_delete_does_what_deltalakes_does(self):
        two = [ROWS, ROWS.set_column(0, "id", pa.array([11, 12, 13, 14, 15], pa.int64()))]
        for predicate in ("id = 2", "kind = 'a'", "id > 12", "kind is null", "v > 1e9", "id in (1, 3, 12)", "true", None, "`id` = 2"):
            for options in ({}, {"partition_by": ["kind"]}):
                with self.subTest(predicate, **options):
                    self.twins(lambda table: table.delete(predicate), rows=two, **options)

    def test_rows_whose_predicate_is_null_stay(self):
        table = DeltaTable(self.new())
        self.assertEqual(table.delete("v > 0")["num_deleted_rows"], 4)
        self.assertEqual(rows_of(table._uri), [(4, "a", None)])

    def test_deletion_vectors_mark_rows_and_later_ones_join_them(self):
        table = DeltaTable(self.new(configuration=VECTORS))
        done = table.delete("id = 1")
        self.assertEqual((done["num_deleted_rows"], done["num_copied_rows"], done["num_added_files"], done["num_deletion_vectors_added"]), (1, 0, 0, 1))
        done = table.delete("id = 2")
        self.assertEqual((done["num_deleted_rows"], done["num_deletion_vectors_updated"]), (1, 1))
        self.assertEqual([row[0] for row in rows_of(table._uri)], [3, 4, None])
        self.assertEqual(len(glob.glob(f"{table._uri}/*.parquet")), 1)

    def test_nothing_to_delete_or_update_makes_no_version(self):
        for configuration in ({}, VECTORS):
            table = DeltaTable(self.new(configuration=configuration))
            done = table.delete("id = 77")
            self.assertEqual((done["num_deleted_rows"], done["num_removed_files"], done["version"], table.version()), (0, 0, 0, 0))
            self.assertEqual(table.update({"kind": "'x'"}, predicate="id = 77")["num_updated_rows"], 0)
            self.assertEqual(table.version(), 0)

    def test_a_predicate_may_read_other_tables_and_name_columns_in_quotes(self):
        path = self.new(pa.table({"a b": [1, 2, 3], "it's": ["x", "`y`", "z"]}), configuration={"delta.columnMapping.mode": "name"})
        other = self.new(pa.table({"n": [3]}))
        table = DeltaTable(path)
        table.delete(f"`a b` in (select n from delta_scan('{other}')) or \"it's\" = '`y`'")
        self.assertEqual(rows_of(path), [(1, "x")])

    def test_commit_properties_are_recorded(self):
        table = DeltaTable(self.new())
        table.delete("id = 1", commit_properties=CommitProperties(custom_metadata={"userMetadata": "gdpr"}, app_transactions=[Transaction("app", 3)]),
                     post_commithook_properties=PostCommitHookProperties(create_checkpoint=False))
        self.assertEqual(table.history(1)[0]["userMetadata"], "gdpr")
        self.assertEqual(table.history(1)[0]["operation"], "DELETE")
        self.assertEqual(table.transaction_version("app"), 3)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            table.update({"v": "0"}, None, None, None, True, None, CommitProperties(custom_metadata={"userMetadata": "by place"}))
        self.assertEqual([each.category for each in caught], [DeprecationWarning])
        self.assertEqual(table.history(1)[0]["userMetadata"], "by place")

    def test_writer_properties_hold_for_files_written_anew(self):
        table = DeltaTable(self.new())
        table.delete("id = 1", WriterProperties(compression="GZIP"))
        self.assertEqual(pa.parquet.ParquetFile(table.file_uris()[0]).metadata.row_group(0).column(0).compression, "GZIP")

    def test_errors_have_classes_and_change_nothing(self):
        table = DeltaTable(self.new(configuration={"delta.constraints.positive": "v is null or v > 0"}))
        for work, kind in (
            (lambda: table.delete("nope = 1"), exceptions.InvalidArgumentError),
            (lambda: table.delete("id = = 1"), exceptions.InvalidArgumentError),
            (lambda: table.delete("`id = 1"), exceptions.InvalidArgumentError),
            (lambda: table.update({"nope": "1"}), exceptions.InvalidArgumentError),
            (lambda: table.update({"id": "'x'"}), exceptions.InvalidArgumentError),
            (lambda: table.update({"v": "-1"}), exceptions.ConstraintViolationError),
            (lambda: table.update(), ValueError),
            (lambda: table.update({"v": "1"}, {"v": 1}), ValueError),
            (lambda: table.update({"v": 1}), TypeError),
            (lambda: table.update(new_values={"v": object()}), TypeError),
            (lambda: table.merge(CHANGES, "target.nope = source.id").when_matched_delete().execute(), exceptions.InvalidArgumentError),
            (lambda: table.merge(CHANGES, "target.id = source.id").when_matched_update({"v": "source.v * -1"}).execute(), exceptions.ConstraintViolationError),
            (lambda: table.merge(3, "target.id = source.id"), TypeError),
        ):
            with self.assertRaises(kind) as raised:
                work()
            self.assertTrue(str(raised.exception))
        self.assertEqual((table.version(), DeltaTable(table._uri).version()), (0, 0))
        self.assertEqual(len(glob.glob(f"{table._uri}/*.parquet")), 1)

    def test_tables_that_only_take_rows_refuse(self):
        table = DeltaTable(self.new(configuration={"delta.appendOnly": "true"}))
        for work in (lambda: table.delete("id = 1"), lambda: table.update({"v": "1"}),
                     lambda: table.merge(CHANGES, "target.id = source.id").when_matched_delete().execute()):
            with self.assertRaises(exceptions.DeltaError):
                work()
        self.assertEqual(table.version(), 0)

    # Update.

    def test_update_does_what_deltalakes_does(self):
        for updates, predicate in (
            ({"kind": "'z'"}, "id = 2"), ({"v": "v * 2 + id"}, None), ({"kind": "upper(kind)", "v": "0"}, "kind = 'a'"),
            ({"v": "NULL"}, "id > 2"), ({"v": "7"}, "id = 77"), ({"`kind`": "concat(`kind`, '!')"}, "true"), ({"id": "id + 1", "v": "id"}, "id < 4"),
        ):
            with self.subTest(updates, predicate=predicate):
                self.twins(lambda table: table.update(updates, predicate=predicate))
        # Where partition columns change or rows move between files, deltalake counts what it wrote otherwise.
        self.twins(lambda table: table.update({"kind": "'b'"}, predicate="id = 1"), metrics=False, partition_by=["kind"])

    def test_new_values_do_what_deltalakes_do_and_more(self):
        for values in ({"kind": "its"}, {"v": 2}, {"v": 2.5, "kind": "x"}):
            with self.subTest(values):
                self.twins(lambda table: table.update(new_values=values, predicate="id = 3"))
        moment = datetime.datetime(2026, 1, 31, 12, 30, 15, 123456, datetime.timezone.utc)
        columns = {
            "t": (pa.string(), "it's `a` \"text\""), "n": (pa.int32(), None), "b": (pa.bool_(), True), "d": (pa.date32(), datetime.date(2026, 1, 31)),
            "at": (pa.timestamp("us", "UTC"), moment), "local": (pa.timestamp("us"), moment.replace(tzinfo=None)),
            "money": (pa.decimal128(10, 2), decimal.Decimal("1.25")), "raw": (pa.binary(), b"\x00'x"), "l": (pa.list_(pa.string()), ["a", None, "it's"]),
            "s": (pa.struct([("x", pa.int64()), ("y", pa.string())]), {"x": 1, "y": "z"}), "m": (pa.map_(pa.string(), pa.int64()), {"k": 1}),
        }
        table = DeltaTable(self.new(pa.table({name: pa.array([None], kind) for name, (kind, _) in columns.items()})))
        table.update(new_values={name: value for name, (_, value) in columns.items()})
        (row,) = table.to_pyarrow_table().to_pylist()
        self.assertEqual({**row, "m": dict(row["m"])}, {name: value for name, (_, value) in columns.items()})

    def test_values_that_cannot_be_cast_are_null_where_that_is_wanted(self):
        self.twins(lambda table: table.update({"id": "kind"}, error_on_type_mismatch=False))
        table = DeltaTable(self.new())
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.update({"id": "kind"})
        self.assertEqual(table.version(), 0)

    def test_fields_of_structs_and_defaults_are_set(self):
        path = self.new(pa.table({"s": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]}))
        DeltaTable(path).update({"s.a": "s.a + 10"}, predicate="s.b = 'y'")
        self.assertEqual(sorted(DeltaTable(path).to_pyarrow_table()["s"].to_pylist(), key=lambda s: s["b"]),
                         [{"a": 1, "b": "x"}, {"a": 12, "b": "y"}])
        path = self.new(configuration={"delta.feature.allowColumnDefaults": "supported"})
        table = DeltaTable(path)
        table.alter.set_default("kind", "'none'")
        table.update({"kind": "DEFAULT"}, predicate="id = 1")
        self.assertEqual([row[1] for row in rows_of(path) if row[0] == 1], ["none"])

    # Merge.

    def test_merge_does_what_deltalakes_does(self):
        cases = {
            "upsert": lambda merge: merge.when_matched_update_all().when_not_matched_insert_all(),
            "insert only": lambda merge: merge.when_not_matched_insert_all(),
            "delete": lambda merge: merge.when_matched_delete(),
            "delete by predicate": lambda merge: merge.when_matched_delete("s.v > 25"),
            "update by columns": lambda merge: merge.when_matched_update({"t.v": "s.v + t.v", "`kind`": "s.`kind`"}),
            "update by predicate": lambda merge: merge.when_matched_update({"v": "s.v"}, predicate="s.v > 25"),
            "several": lambda merge: merge.when_matched_delete("s.id = 2").when_matched_update({"v": "s.v"}).when_not_matched_insert({"id": "s.id"}, "s.v > 1"),
            "by source": lambda merge: merge.when_not_matched_by_source_update({"kind": "'gone'"}, "t.id = 1").when_not_matched_by_source_delete("t.id = 4"),
            "all at once": lambda merge: merge.when_matched_update_all("t.id = 2").when_matched_delete().when_not_matched_insert_all("s.id > 5")
                .when_not_matched_by_source_delete(),
            "except": lambda merge: merge.when_matched_update_all(except_cols=["kind"]).when_not_matched_insert_all(except_cols=["v"]),
            "nothing inserted": lambda merge: merge.when_not_matched_insert_all("s.id > 100"),
        }
        for name, clauses in cases.items():
            with self.subTest(name):
                # Of a merge that only inserts, deltalake reads and counts files that it need not.
                self.twins(lambda table: clauses(table.merge(CHANGES, "t.id = s.id", source_alias="s", target_alias="t")).execute(), metrics=False)

    def test_merge_counts_rows_as_deltalakes_does(self):
        ours, theirs = self.twins(lambda table: table.merge(CHANGES, "t.id = s.id", source_alias="s", target_alias="t")
                                  .when_matched_update_all().when_not_matched_insert_all().execute(), metrics=False)
        for name in ("num_source_rows", "num_target_rows_inserted", "num_target_rows_updated", "num_target_rows_deleted"):
            self.assertEqual(ours[name], theirs[name], name)
        self.assertEqual((ours["num_target_rows_copied"], ours["num_output_rows"]), (theirs["num_target_rows_copied"], theirs["num_output_rows"]))

    def test_a_source_is_whatever_a_write_takes(self):
        frame = CHANGES.to_pandas()
        connection = duckdb.connect()
        connection.register("changes", CHANGES)
        elsewhere = self.new(CHANGES)
        sources = {
            "table": CHANGES, "batch": CHANGES.to_batches()[0], "reader": CHANGES.to_reader(), "list": CHANGES.to_batches(), "iterator": iter(CHANGES.to_batches()),
            "dataset": pyarrow.dataset.dataset(CHANGES), "pandas": frame, "polars": polars.DataFrame(frame), "lazy": polars.LazyFrame(frame),
            "duckdb": connection.sql("select * from changes"), "arro3": DeltaTable(elsewhere).scan(), "deltic": DeltaTable(elsewhere),
            "sql": f"select * from delta_scan('{elsewhere}')", "query": deltic.sql("select 2::bigint as id, 'B' as kind, 20.0::double as v union all select 3, 'C', 30 union all select 9, 'N', 90"),
        }
        for name, source in sources.items():
            with self.subTest(name):
                table = DeltaTable(self.new())
                done = table.merge(source, "target.id = source.id").when_matched_update_all().when_not_matched_insert_all().execute()
                self.assertEqual((done["num_source_rows"], done["num_target_rows_updated"], done["num_target_rows_inserted"]), (3, 2, 1))
                self.assertEqual(rows_of(table._uri), sorted([(1, "a", 1.0), (2, "B", 20.0), (3, "C", 30.0), (4, "a", None), (9, "N", 90.0), (None, "c", 5.0)], key=repr))

    def test_names_without_aliases_belong_to_the_side_that_has_them(self):
        path = self.new()
        source = pa.table({"key": pa.array([2], pa.int64()), "w": [9.5]})
        DeltaTable(path).merge(source, "id = key").when_matched_update({"v": "w"}).execute()
        self.assertIn((2, "b", 9.5), rows_of(path))
        with self.assertRaises(exceptions.InvalidArgumentError):
            DeltaTable(path).merge(CHANGES, "id = id").when_matched_delete().execute()

    def test_several_source_rows_for_one_row_are_refused(self):
        table = DeltaTable(self.new())
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.merge(pa.concat_tables([CHANGES, CHANGES]), "target.id = source.id").when_matched_update_all().execute()
        self.assertEqual(table.version(), 0)

    def test_a_merge_that_changes_nothing_makes_no_version(self):
        table = DeltaTable(self.new())
        for clauses in (lambda merge: merge.when_matched_delete("false"), lambda merge: merge.when_not_matched_insert_all("source.id < 0")):
            done = clauses(table.merge(CHANGES, "target.id = source.id")).execute()
            self.assertEqual((done["num_source_rows"], done["num_output_rows"], table.version()), (3, 0, 0))

    def test_columns_that_the_table_lacks_are_added_where_that_is_wanted(self):
        more = CHANGES.append_column("extra", pa.array([1, 2, 3], pa.int64()))
        upsert = lambda table, **options: (table.merge(more, "t.id = s.id", source_alias="s", target_alias="t", **options)
                                           .when_matched_update_all().when_not_matched_insert_all().execute())
        self.twins(upsert, metrics=False)
        self.twins(lambda table: upsert(table, merge_schema=True), metrics=False)
        path = self.new()
        upsert(DeltaTable(path), merge_schema=True)
        self.assertEqual([field.name for field in DeltaTable(path).schema().fields], ["id", "kind", "v", "extra"])

    def test_columns_that_the_source_lacks_stay(self):
        less = CHANGES.select(["id", "v"])
        self.twins(lambda table: table.merge(less, "t.id = s.id", source_alias="s", target_alias="t")
                   .when_matched_update_all().when_not_matched_insert_all().execute(), metrics=False)

    def test_values_of_a_merge_that_cannot_be_cast_are_null_where_that_is_wanted(self):
        texts = pa.table({"id": pa.array([2, 3, 9], pa.int64()), "v": ["20", "much", "x"]})
        for clauses in (lambda merge: merge.when_matched_update_all().when_not_matched_insert_all(), lambda merge: merge.when_matched_update({"v": "s.v"})):
            self.twins(lambda table: clauses(table.merge(texts, "t.id = s.id", source_alias="s", target_alias="t", error_on_type_mismatch=False)).execute(),
                       metrics=False)

    def test_a_merge_can_be_executed_again_where_its_source_can_be_read_again(self):
        table = DeltaTable(self.new())
        merge = table.merge(CHANGES, "target.id = source.id").when_not_matched_insert_all()
        self.assertEqual([merge.execute()["num_target_rows_inserted"] for _ in range(2)], [1, 0])
        merge = table.merge(CHANGES.to_reader(), "target.id = source.id").when_matched_delete()
        self.assertEqual(merge.execute()["num_target_rows_deleted"], 3)
        with self.assertRaises(Exception):
            merge.execute()

    def test_a_table_is_merged_into_itself_and_keeps_its_change_feed(self):
        table = DeltaTable(self.new(configuration={"delta.enableChangeDataFeed": "true"}))
        table.merge(CHANGES, "target.id = source.id").when_matched_update_all().when_not_matched_insert_all().execute()
        changes = pa.table(table.load_cdf(starting_version=1)).to_pylist()
        self.assertEqual(sorted(row["_change_type"] for row in changes),
                         ["insert", "update_postimage", "update_postimage", "update_preimage", "update_preimage"])

    # While it runs.

    def test_an_error_of_the_source_changes_nothing(self):
        path = self.new()

        def failing():
            yield CHANGES.to_batches()[0]
            raise RuntimeError("the source broke")

        reader = pa.RecordBatchReader.from_batches(CHANGES.schema, failing())
        with self.assertRaises(exceptions.DeltaError) as raised:
            DeltaTable(path).merge(reader, "target.id = source.id").when_matched_update_all().execute()
        self.assertIn("the source broke", str(raised.exception))
        self.assertEqual(DeltaTable(path).version(), 0)
        self.assertEqual(len(glob.glob(f"{path}/**/*.parquet", recursive=True)), 1)

    def test_ctrl_c_leaves_the_table_as_it_was(self):
        path = self.fresh()
        deltic.write_query(path, "select i as id, i % 7 as kind, random() as v from range(2000000) t(i)")
        before = set(glob.glob(f"{path}/**/*", recursive=True))
        for work in ("table.update({'v': 'sin(v) + id'})",
                     "table.merge(endless(), 'target.id = source.id').when_matched_update_all().execute()"):
            with self.subTest(work):
                done = subprocess.run([sys.executable, "-c", textwrap.dedent("""
                    import os, signal, sys, threading
                    import pyarrow as pa
                    import deltic
                    from deltic import DeltaTable

                    def endless():
                        def batches():
                            while True:
                                yield pa.record_batch({"id": pa.array(range(1000), pa.int64()), "v": [0.5] * 1000})
                        return pa.RecordBatchReader.from_batches(pa.schema({"id": pa.int64(), "v": pa.float64()}), batches())

                    table = DeltaTable(sys.argv[1])
                    table.count("v < 2")
                    threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
                    try:
                        while True:
                            exec(sys.argv[2])
                            print("done")
                            break
                    except KeyboardInterrupt:
                        print("stopped", DeltaTable(sys.argv[1]).version())
                """), path, work], capture_output=True, text=True, timeout=120)
                self.assertEqual(done.stdout, "stopped 0\n", done.stderr)
                self.assertEqual(set(glob.glob(f"{path}/**/*", recursive=True)), before)

    def test_progress_is_told_in_the_callers_thread_and_stops_what_it_raises_in(self):
        import threading
        path = self.fresh()
        deltic.write_query(path, "select i as id, random() as v from range(1000000) t(i)")
        heard = []
        with deltic.progress(lambda now: heard.append((threading.current_thread(), now))):
            DeltaTable(path).update({"v": "v + 1"})
        self.assertTrue(heard)
        self.assertEqual({thread for thread, _ in heard}, {threading.main_thread()})
        for _, now in heard:
            self.assertEqual(now.operation, "update")
            self.assertTrue(now.phase)
            self.assertTrue(now.total is None or 0 <= now.done <= now.total, now)

        def enough(now):
            raise RuntimeError("enough")

        table = DeltaTable(path)
        with self.assertRaisesRegex(RuntimeError, "enough"), deltic.progress(enough):
            table.update({"v": "v + 1"})
        # An operation may end between its last word and the stop.
        self.assertIn(DeltaTable(path).version(), (1, 2))


if __name__ == "__main__":
    unittest.main()
