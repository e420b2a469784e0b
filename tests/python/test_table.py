"""Proves that DeltaTable answers what the package deltalake answers, method by method, on tables that it made."""
import copy
import datetime
import pathlib
import pickle
import time
import unittest
import warnings

import deltalake
import deltic
import pyarrow as pa
from deltic.exceptions import InvalidArgumentError, TableNotFoundError
from tables import UTC, Tables, every_type


class Facts(Tables):
    def setUp(self):
        self.both = [(deltic.DeltaTable(uri), deltalake.DeltaTable(uri)) for uri in (self.types, self.versions, self.empty)]

    def test_version_uri_and_schema_are_those_of_deltalake(self):
        for ours, theirs in self.both:
            self.assertEqual(ours.version(), theirs.version())
            self.assertEqual(ours.table_uri, theirs.table_uri)
            self.assertEqual(ours.schema().to_json(), theirs.schema().to_json())
            self.assertEqual(repr(ours.schema()), repr(theirs.schema()))
            for large in (False, True):
                self.assertEqual(pa.schema(ours.schema().to_arrow(large)), pa.schema(theirs.schema().to_arrow(large)))

    def test_metadata_is_that_of_deltalake(self):
        for ours, theirs in self.both:
            for name in ("id", "name", "description", "partition_columns", "created_time", "configuration"):
                self.assertEqual(getattr(ours.metadata(), name), getattr(theirs.metadata(), name), name)

    def test_protocol_is_that_of_deltalake(self):
        for ours, theirs in self.both:
            ours, theirs = ours.protocol(), theirs.protocol()
            self.assertEqual(ours[:2], theirs[:2])
            for name in ("reader_features", "writer_features"):
                mine, other = getattr(ours, name), getattr(theirs, name)
                self.assertEqual(mine and sorted(mine), other and sorted(other), name)

    def test_history_is_that_of_deltalake(self):
        for ours, theirs in self.both:
            self.assertEqual(ours.history(), theirs.history())
            self.assertEqual(ours.history(2), theirs.history(2))
            self.assertEqual(ours.history(limit=1), theirs.history(limit=1))

    def test_transaction_versions_are_those_of_deltalake(self):
        for ours, theirs in self.both:
            for app in ("app", "unknown"):
                self.assertEqual(ours.transaction_version(app), theirs.transaction_version(app))

    def test_files_and_partitions_are_those_of_deltalake(self):
        for ours, theirs in self.both:
            self.assertEqual(sorted(ours.file_uris()), sorted(theirs.file_uris()))
            key = lambda values: repr(sorted(values.items()))
            self.assertEqual(sorted(ours.partitions(), key=key), sorted(theirs.partitions(), key=key))
            paths = pa.table(theirs.get_add_actions())["path"].to_pylist()
            self.assertEqual(sorted(ours.files()), sorted(paths))

    def test_add_actions_are_those_of_deltalake(self):
        for ours, theirs in self.both:
            for flatten in (False, True):
                self.assert_same_rows(ours.get_add_actions(flatten), theirs.get_add_actions(flatten))

    def test_count_is_exact(self):
        for ours, theirs in self.both:
            self.assertEqual(ours.count(), theirs.to_pyarrow_table().num_rows)
        self.assertEqual(deltic.DeltaTable(self.versions).count("id < 10"), 10)
        self.assertEqual(deltic.DeltaTable(self.versions).count([("id", "<", 10)]), 10)

    def test_is_deltatable_knows_tables_from_other_folders(self):
        self.assertTrue(deltic.DeltaTable.is_deltatable(self.types))
        self.assertTrue(deltic.DeltaTable.is_deltatable(pathlib.Path(self.types)))
        self.assertFalse(deltic.DeltaTable.is_deltatable(self.folder))
        self.assertFalse(deltic.DeltaTable.is_deltatable(self.folder / "nowhere"))

    def test_deletion_vectors_of_a_table_without_any_are_no_rows(self):
        for ours, theirs in self.both:
            self.assert_same_rows(ours.deletion_vectors(), theirs.deletion_vectors())

    def test_deprecated_arguments_warn_and_change_nothing(self):
        for name, value in (("without_files", True), ("log_buffer_size", 10), ("skip_stats", True)):
            with self.assertWarns(DeprecationWarning):
                table = deltic.DeltaTable(self.types, **{name: value})
            self.assertEqual(len(table.files()), 4)
        with self.assertWarns(DeprecationWarning):
            table.file_uris([("part", "=", "x")])
        with self.assertRaises(ValueError):
            table.file_uris([("part", "=", "x")], file_pruning_predicate="part = 'x'")


class Travel(Tables):
    def test_versions_open_by_number(self):
        for version in range(6):
            ours, theirs = deltic.DeltaTable(self.versions, version), deltalake.DeltaTable(self.versions, version)
            self.assertEqual(ours.version(), version)
            self.assertEqual(ours.count(), theirs.to_pyarrow_table().num_rows)

    def test_versions_load_by_number_string_and_datetime(self):
        table = deltic.DeltaTable(self.versions)
        stamps = {entry["version"]: entry["timestamp"] for entry in table.history()}
        table.load_as_version(1)
        self.assertEqual(table.version(), 1)
        moment = datetime.datetime.fromtimestamp(stamps[3] / 1000, UTC)
        for form in (moment, moment.replace(tzinfo=None), moment.isoformat(), moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                     moment.astimezone(datetime.timezone(datetime.timedelta(hours=-8))).isoformat()):
            table.load_as_version(form)
            theirs = deltalake.DeltaTable(self.versions)
            theirs.load_as_version(form)
            self.assertEqual(table.version(), theirs.version(), form)
            self.assertEqual(deltic.DeltaTable(self.versions, timestamp=form).version(), theirs.version())
        table.load_as_version("9999-01-01T00:00:00Z")
        self.assertEqual(table.version(), 5)

    def test_a_version_that_is_not_there_is_refused_and_the_table_stays(self):
        table = deltic.DeltaTable(self.versions, 2)
        for wrong, error in ((99, TableNotFoundError), ("1999-01-01", TableNotFoundError), ("soon", ValueError),
                             (1.5, TypeError), (True, TypeError), (-1, InvalidArgumentError)):
            with self.assertRaises(error):
                table.load_as_version(wrong)
            self.assertEqual(table.version(), 2)
        with self.assertRaises(InvalidArgumentError):
            deltic.DeltaTable(self.versions, 1, timestamp="2026-01-01")

    def test_update_incremental_moves_to_the_newest_version(self):
        uri = self.fresh()
        rows = pa.table({"id": [1, 2]})
        deltalake.write_deltalake(uri, rows)
        table = deltic.DeltaTable(uri)
        stream = table.scan()
        for version in range(1, 4):
            deltalake.write_deltalake(uri, rows, mode="append")
            table.update_incremental()
            self.assertEqual((table.version(), table.count()), (version, 2 * version + 2))
        table.update_incremental()
        self.assertEqual(table.version(), 3)
        self.assertEqual(stream.read_all().num_rows, 2, "a stream stays at the version at which it was begun")


class Rows(Tables):
    def test_to_pyarrow_table_is_that_of_deltalake(self):
        for uri in (self.types, self.versions, self.empty):
            self.assert_same_rows(deltic.DeltaTable(uri).to_pyarrow_table(), deltalake.DeltaTable(uri).to_pyarrow_table())

    def test_columns_keep_their_order_and_may_repeat_or_be_none(self):
        ours, theirs = deltic.DeltaTable(self.types), deltalake.DeltaTable(self.types)
        for columns in (["name", "id"], ["id", "id"], ["part"], []):
            self.assertEqual(ours.to_pyarrow_table(columns=columns).column_names, columns)
            self.assertEqual(ours.to_pyarrow_table(columns=columns).num_rows, theirs.to_pyarrow_table(columns=columns).num_rows)
        with self.assertRaises(ValueError):
            ours.to_pyarrow_table(columns=["nothing"])

    def test_to_pandas_is_that_of_deltalake(self):
        ours = deltic.DeltaTable(self.versions).to_pandas().sort_values("id", ignore_index=True)
        theirs = deltalake.DeltaTable(self.versions).to_pandas().sort_values("id", ignore_index=True)
        self.assertTrue(ours.equals(theirs))
        mapped = deltic.DeltaTable(self.versions).to_pandas(types_mapper=lambda kind: None, columns=["id"])
        self.assertEqual(list(mapped.columns), ["id"])

    def test_to_polars_has_the_rows_now_and_lazily(self):
        import polars as pl
        table = deltic.DeltaTable(self.versions)
        want = pl.from_arrow(table.to_pyarrow_table()).sort("id")
        self.assertTrue(table.to_polars().sort("id").equals(want))
        self.assertTrue(table.to_polars(lazy=True).collect().sort("id").equals(want))
        self.assertEqual(table.to_polars(["id"], "id < 5").height, 5)
        self.assertEqual(table.to_polars(limit=7).height, 7)
        self.assertEqual(deltic.DeltaTable(self.types).to_polars().height, 4)
        self.assertEqual(deltic.DeltaTable(self.empty).to_polars().columns, ["id", "name"])
        self.assertEqual(deltic.DeltaTable(self.empty).to_polars(lazy=True).collect().columns, ["id", "name"])
        with self.assertRaises(InvalidArgumentError):
            table.to_polars(["id"], lazy=True)

    def test_lazy_polars_queries_are_those_of_the_whole_frame(self):
        import polars as pl
        table = deltic.DeltaTable(self.versions)
        lazy, eager = table.to_polars(lazy=True), table.to_polars()
        for predicate in (pl.col("id") < 10, (pl.col("id") >= 4990) & (pl.col("group") == "g1"), pl.col("group").is_in(["g0"]),
                          (pl.col("id") == 1) | (pl.col("value") > 499), ~(pl.col("id") > 3), pl.col("group").is_null(),
                          pl.col("id") * 2 == pl.col("value"), (pl.col("id") > 10) & pl.col("group").str.ends_with("2"),
                          pl.lit(10) > pl.col("id")):
            want = eager.filter(predicate).select("group", "id").sort("id")
            self.assertTrue(lazy.filter(predicate).select("group", "id").collect().sort("id").equals(want), str(predicate))
            self.assertTrue(lazy.filter(predicate).sort("id").collect().equals(eager.filter(predicate).sort("id")))
        self.assertEqual(lazy.head(13).collect().height, 13)
        self.assertEqual(lazy.filter(pl.col("id") > 100).head(13).collect().height, 13)
        self.assertEqual(lazy.select(pl.len()).collect().item(), eager.height)

    def test_lazy_polars_says_in_sql_what_it_can(self):
        import polars as pl
        from deltic._polars import predicate_sql
        self.assertEqual(predicate_sql((pl.col("id") > 1) & (pl.col("g") == "it's")), """(("id" > 1) AND ("g" = 'it''s'))""")
        self.assertEqual(predicate_sql((pl.col("id") > 1) & pl.col("g").str.ends_with("x")), """(("id" > 1))""")
        self.assertEqual(predicate_sql((pl.col("id") > 1) | pl.col("g").str.ends_with("x")), "")

    def test_a_dataset_reads_as_that_of_deltalake(self):
        import pyarrow.dataset as pads
        for uri in (self.types, self.versions, self.empty):
            ours, theirs = deltic.DeltaTable(uri).to_pyarrow_dataset(), deltalake.DeltaTable(uri).to_pyarrow_dataset()
            self.assertIsInstance(ours, pads.Dataset)
            self.assertEqual(ours.schema, theirs.schema)
            self.assertEqual(ours.count_rows(), theirs.count_rows())
            self.assert_same_rows(ours.to_table(), theirs.to_table())
            self.assert_same_rows(pa.Table.from_batches(ours.to_batches(), ours.schema), theirs.to_table())
        ours, theirs = deltic.DeltaTable(self.versions).to_pyarrow_dataset(), deltalake.DeltaTable(self.versions).to_pyarrow_dataset()
        where = (pads.field("id") > 10) & (pads.field("group") == "g1")
        # deltalake's own dataset cannot compare strings with some releases of pyarrow: its whole table is filtered instead.
        want = theirs.to_table().filter(where)
        self.assert_same_rows(ours.to_table(columns=["value"], filter=where), want.select(["value"]))
        self.assert_same_rows(ours.filter(where).to_table(), want)
        self.assert_same_rows(ours.scanner(columns=["id"], filter=where).to_table(), want.select(["id"]))
        self.assertEqual(ours.count_rows(filter=where), want.num_rows)
        self.assertEqual(ours.head(3).num_rows, 3)
        doubled = {"twice": pads.field("id") * 2}
        self.assert_same_rows(ours.to_table(columns=doubled), theirs.to_table(columns=doubled))
        with self.assertRaises(NotImplementedError):
            ours.get_fragments()

    def test_duckdb_and_polars_read_a_dataset(self):
        import duckdb
        import polars as pl
        dataset = deltic.DeltaTable(self.versions).to_pyarrow_dataset()
        found = duckdb.connect().execute("select count(*), min(id) from dataset where id >= 100").fetchall()
        self.assertEqual(found, [(4900, 100)])
        self.assertEqual(pl.scan_pyarrow_dataset(dataset).filter(pl.col("id") < 5).collect().height, 5)

    def test_large_types_and_a_schema_of_ones_own_are_cast_to(self):
        ours, theirs = deltic.DeltaTable(self.types), deltalake.DeltaTable(self.types)
        self.assertEqual(ours.to_pyarrow_dataset(as_large_types=True).to_table(["name"]).schema,
                         theirs.to_pyarrow_dataset(as_large_types=True).to_table(["name"]).schema)
        wanted = pa.schema([("id", pa.float64())])
        self.assertEqual(ours.to_pyarrow_dataset(schema=wanted).to_table().schema, wanted)


class Object(Tables):
    def test_tables_are_equal_when_location_and_version_are(self):
        one, other = deltic.DeltaTable(self.versions), deltic.DeltaTable(pathlib.Path(self.versions))
        self.assertEqual(one, other)
        self.assertNotEqual(one, deltic.DeltaTable(self.versions, 1))
        self.assertNotEqual(one, deltic.DeltaTable(self.types))
        self.assertNotEqual(one, "a table")

    def test_a_table_pickles_with_its_version(self):
        table = deltic.DeltaTable(self.versions, 2)
        for again in (pickle.loads(pickle.dumps(table)), copy.deepcopy(table), copy.copy(table)):
            self.assertEqual(again, table)
            self.assertEqual(again.version(), 2)
        self.assertEqual(pickle.loads(pickle.dumps(table.schema())), table.schema())
        dataset = pickle.loads(pickle.dumps(table.to_pyarrow_dataset(filters="id < 3")))
        self.assertEqual(dataset.to_table().num_rows, 3)

    def test_repr_says_location_and_version(self):
        table = deltic.DeltaTable(self.versions, 2)
        self.assertEqual(repr(table), f"DeltaTable({self.versions!r}, version=2)")
        page = table._repr_html_()
        self.assertIn("<td>3,000</td>", page)
        self.assertIn("<td>group</td><td>string</td>", page)

    def test_a_table_is_itself_an_arrow_stream(self):
        import polars as pl
        table = deltic.DeltaTable(self.versions)
        self.assertEqual(pa.table(table).num_rows, table.count())
        self.assertEqual(pl.DataFrame(table).height, table.count())
        self.assertEqual(pa.schema(table), pa.schema(table.schema()))

    def test_explain_says_which_files_a_filter_skips(self):
        plan = deltic.DeltaTable(self.versions).explain("id between 1500 and 1600")
        self.assertEqual((plan["files_total"], plan["files_kept"], plan["files_dropped_by_statistics"]), (5, 1, 4))
        plan = deltic.DeltaTable(self.types).explain([("part", "=", "x"), ("number", "=", 1)])
        self.assertEqual((plan["files_kept"], plan["files_dropped_by_partition"]), (1, 3))


if __name__ == "__main__":
    unittest.main()
