"""Proves the edges that the documentation of the package deltalake names: tables without rows, names and partition values of any
spelling, time zones, decimals, nested types, nulls, and which exception class each refusal has."""
import datetime
import decimal
import json
import os
import pathlib
import pickle
import unittest

import deltalake
import deltic
import pandas
import pyarrow as pa
import pyarrow.compute as pc
from deltic import exceptions
from tables import UTC, Tables, every_type

NAMES = ["a b", "ä.ö", "select", 'q"q', "x'y", "c,d;e", "p=q", "50%", "a/b", "under_score", "日本", "😀"]
VALUES = ["a b", "a/b", "a=b", "50%", "%20", "x:y", "ä", "日本", "😀", "it's", 'q"q', "a\\b", "#?&", "+", " ", "__HIVE", "null", "None", "2026-01-31", None]


def outcomes(table):
    """The rows by every way out."""
    return {
        "pyarrow": table.to_pyarrow_table(),
        "dataset": table.to_pyarrow_dataset().to_table(),
        "pandas": pa.Table.from_pandas(table.to_pandas(types_mapper=pandas.ArrowDtype), preserve_index=False),
        "polars": table.to_polars().to_arrow(),
        "lazy": table.to_polars(lazy=True).collect().to_arrow(),
        "scan": pa.table(table.scan()),
        "sql": pa.table(deltic.sql("from t", t=table)),
    }


class Spelling(Tables):
    def test_columns_of_any_name_are_read_chosen_and_filtered_by(self):
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({name: [index, None] for index, name in enumerate(NAMES)}))
        table = deltic.DeltaTable(uri)
        self.assertEqual([field.name for field in table.schema().fields], NAMES)
        for way, rows in outcomes(table).items():
            self.assertEqual(rows.column_names, NAMES, way)
        for index, name in enumerate(NAMES):
            with self.subTest(name=name):
                self.assertEqual(table.to_pyarrow_table(columns=[name], filters=[(name, "=", index)]).to_pylist(), [{name: index}])
                self.assertEqual(table.to_pyarrow_table(filters=pc.field(name) == index).num_rows, 1)
                self.assertEqual(table.count([(name, "in", [None])]), 1)
                self.assertEqual(table.to_pyarrow_dataset().to_table(columns=[name], filter=pc.field(name).is_null()).num_rows, 1)
                import polars as pl
                self.assertEqual(table.to_polars(lazy=True).filter(pl.col(name) == index).select(name).collect().to_dicts(), [{name: index}])

    def test_partition_values_of_any_spelling_are_read_and_found(self):
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"id": range(len(VALUES)), "part of": VALUES}), partition_by=["part of"])
        ours, theirs = deltic.DeltaTable(uri), deltalake.DeltaTable(uri)
        for way, rows in outcomes(ours).items():
            self.assertEqual(sorted(map(repr, rows["part of"].to_pylist())), sorted(map(repr, VALUES)), way)
        self.assertEqual(sorted(ours.file_uris()), sorted(theirs.file_uris()))
        for path in ours.file_uris():
            self.assertTrue(os.path.exists(path), path)
        key = lambda values: repr(values["part of"])
        self.assertEqual(sorted(ours.partitions(), key=key), sorted(theirs.partitions(), key=key))
        for index, value in enumerate(VALUES):
            with self.subTest(value=value):
                filters = [("part of", "=", value)] if value is not None else [("part of", "in", [None])]
                self.assertEqual(ours.to_pyarrow_table(filters=filters)["id"].to_pylist(), [index])
                pruned = [("part of", "=", "" if value is None else value)]
                self.assertEqual(ours.file_uris(file_pruning_predicate=pruned), theirs.file_uris(file_pruning_predicate=pruned))
                self.assertEqual(len(ours.file_uris(file_pruning_predicate=pruned)), 1)

    def test_a_table_in_a_folder_of_any_name_opens_by_path_and_by_url(self):
        for name in ("with space", "ünï", "a#b?c", "qu'ote", "a=b,c;d"):
            uri = str(self.folder / "odd names" / name)
            deltalake.write_deltalake(uri, pa.table({"id": [1]}))
            by_path, by_url = deltic.DeltaTable(uri), deltic.DeltaTable(pathlib.Path(uri).as_uri())
            self.assertEqual((by_path.count(), by_url.count()), (1, 1))
            self.assertEqual(by_path, by_url)
            self.assertEqual(by_path.table_uri, deltalake.DeltaTable(uri).table_uri)
            self.assertEqual(pickle.loads(pickle.dumps(by_path)).to_pyarrow_table().num_rows, 1)


class Empty(Tables):
    def test_a_table_without_rows_has_its_columns_everywhere(self):
        table = deltic.DeltaTable(self.empty)
        for way, rows in outcomes(table).items():
            self.assertEqual((rows.num_rows, rows.column_names), (0, ["id", "name"]), way)
        self.assertEqual((table.count(), table.files(), table.file_uris(), table.partitions()), (0, [], [], []))
        self.assertEqual(table.to_pyarrow_table(filters=[("id", "=", 1)]).num_rows, 0)
        self.assertEqual(table.to_pyarrow_dataset().count_rows(), 0)
        self.assertEqual(list(table.scan()), [])
        self.assertEqual(table.explain("id = 1")["files_total"], 0)
        self.assertIn("DeltaTable", table._repr_html_())

    def test_a_filter_that_nothing_passes_leaves_the_columns(self):
        table = deltic.DeltaTable(self.types)
        everything = table.to_pyarrow_table()
        for filters in ([("id", "=", -1)], [("id", "in", [])], [("part", "=", "nowhere")], "false"):
            found = table.to_pyarrow_table(filters=filters)
            self.assertEqual((found.num_rows, found.schema), (0, everything.schema))
            self.assertEqual(table.to_polars(filters=filters).width, everything.num_columns)
            self.assertEqual(list(table.to_pandas(filters=filters).columns), everything.column_names)


class Types(Tables):
    def test_moments_are_the_same_in_every_zone(self):
        moment = datetime.datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # an hour that clocks in Berlin do not have
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"at": pa.array([moment, moment + datetime.timedelta(hours=1), None], pa.timestamp("us", "Europe/Berlin"))}))
        table = deltic.DeltaTable(uri)
        self.assertEqual(table.to_pyarrow_table().schema.field("at").type, pa.timestamp("us", "UTC"))
        zones = (datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=5, minutes=45)), datetime.timezone(-datetime.timedelta(hours=12)))
        for zone in zones:
            for filters in ([("at", "=", moment.astimezone(zone))], [("at", "in", [moment.astimezone(zone)])], [("at", "<=", moment.astimezone(zone).isoformat())]):
                self.assertEqual(table.to_pyarrow_table(filters=filters)["at"].to_pylist(), [moment], (zone, filters))
        self.assertEqual(table.count([("at", "=", moment.replace(tzinfo=None))]), 1, "a time without a zone is UTC")
        for zone in ("Asia/Kathmandu", "America/Sao_Paulo"):
            before = os.environ.get("TZ")
            os.environ["TZ"] = zone
            try:
                self.assertEqual(table.count(f"\"at\" = timestamptz '{moment.isoformat()}'"), 1, zone)
            finally:
                os.environ.pop("TZ")
                if before is not None:
                    os.environ["TZ"] = before

    def test_partitions_by_time_date_and_number_are_found_by_their_values(self):
        moment = datetime.datetime(2026, 1, 31, 12, 30, 15, 123456, tzinfo=UTC)
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({
            "id": [1, 2, 3],
            "at": pa.array([moment, moment + datetime.timedelta(microseconds=1), None], pa.timestamp("us", "UTC")),
            "day": pa.array([datetime.date(2026, 1, 31), datetime.date(1, 1, 1), None]),
            "price": pa.array([decimal.Decimal("1.50"), decimal.Decimal("0.01"), None], pa.decimal128(5, 2)),
            "flag": [True, False, None],
        }), partition_by=["at", "day", "price", "flag"])
        table = deltic.DeltaTable(uri)
        self.assertEqual(table.to_pyarrow_table().sort_by("id").to_pylist(), deltalake.DeltaTable(uri).to_pyarrow_table().sort_by("id").to_pylist())
        for filters in ([("at", "=", moment)], [("day", "=", datetime.date(2026, 1, 31))], [("price", "=", decimal.Decimal("1.5"))], [("flag", "=", True)],
                        [("at", "=", moment.isoformat())], [("day", "=", "2026-01-31")], [("price", "=", "1.50")], [("price", ">", 1)]):
            self.assertEqual(table.to_pyarrow_table(filters=filters)["id"].to_pylist(), [1], filters)
            self.assertEqual(len(table.files(file_pruning_predicate=filters)), 1, filters)

    def test_decimals_of_all_digits_stay_exact(self):
        digits = [decimal.Decimal("99999999999999999999999999999999999999"), decimal.Decimal("-1"), None]
        small = [decimal.Decimal("0.99999999999999999999999999999999999999"), decimal.Decimal("-1e-38"), None]
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"big": pa.array(digits, pa.decimal128(38, 0)), "small": pa.array(small, pa.decimal128(38, 38))}))
        table = deltic.DeltaTable(uri)
        for way, rows in outcomes(table).items():
            self.assertEqual((rows["big"].to_pylist(), rows["small"].to_pylist()), (digits, small), way)
        self.assertEqual(table.count([("big", "=", digits[0])]), 1)
        self.assertEqual(table.count([("small", "=", small[1])]), 1)
        self.assertEqual(table.count([("big", "in", digits)]), 3)

    def test_nested_values_are_whole_by_every_way(self):
        uri = self.fresh()
        rows = pa.table({
            "id": [1, 2, 3],
            "deep": pa.array([[{"x": [{"y": 1}, None], "m": [("k", [1, None])]}], [], None],
                             pa.list_(pa.struct([("x", pa.list_(pa.struct([("y", pa.int64())]))), ("m", pa.map_(pa.string(), pa.list_(pa.int64())))]))),
            "place": [{"x": 1, "in": {"y": "a"}}, {"x": None, "in": None}, None],
        })
        deltalake.write_deltalake(uri, rows)
        table = deltic.DeltaTable(uri)
        for way, found in outcomes(table).items():
            self.assertEqual(found["place"].to_pylist(), rows["place"].to_pylist(), way)
            self.assertEqual([None if deep is None else len(deep) for deep in found["deep"].to_pylist()], [1, 0, None], way)
        self.assertEqual(table.to_pyarrow_table()["deep"].to_pylist(), rows["deep"].to_pylist())
        self.assertEqual(table.to_pyarrow_table(filters="place.\"in\".y = 'a'")["id"].to_pylist(), [1])
        self.assertEqual(table.to_pyarrow_table(filters=pc.field("place", "x").is_null())["id"].to_pylist(), [2, 3])
        self.assertEqual(table.to_pyarrow_table(columns=["deep"], filters=[("id", "=", 3)]).to_pylist(), [{"deep": None}])

    def test_numbers_at_their_ends_are_read_and_found(self):
        uri = self.fresh()
        ends = {"l": (pa.int64(), [-2**63, 2**63 - 1]), "i": (pa.int32(), [-2**31, 2**31 - 1]), "s": (pa.int16(), [-2**15, 2**15 - 1]), "b": (pa.int8(), [-128, 127])}
        deltalake.write_deltalake(uri, pa.table({name: pa.array(values, kind) for name, (kind, values) in ends.items()}))
        table = deltic.DeltaTable(uri)
        for name, (_, values) in ends.items():
            for value in values:
                self.assertEqual(table.to_pyarrow_table(columns=[name], filters=[(name, "=", value)])[name].to_pylist(), [value])
            self.assertEqual(table.count([(name, ">", values[1])]), 0)
            self.assertEqual(table.count([(name, "<", 2**70)]), 2, "beyond every long")


class Refusals(Tables):
    def check(self, call, *classes):
        with self.assertRaises(classes[0]) as caught:
            call()
        for each in classes:
            self.assertIsInstance(caught.exception, each)
        self.assertTrue(str(caught.exception))
        again = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((type(again), str(again)), (type(caught.exception), str(caught.exception)))

    def test_what_is_not_there_is_a_table_not_found_and_a_file_not_found(self):
        for call in (lambda: deltic.DeltaTable(self.fresh()), lambda: deltic.DeltaTable(self.folder), lambda: deltic.DeltaTable(self.types, 99),
                     lambda: deltic.DeltaTable(self.types).load_as_version(99), lambda: deltic.DeltaTable(self.types, timestamp="1999-01-01")):
            self.check(call, exceptions.NotFoundError, exceptions.TableNotFoundError, exceptions.DeltaError, FileNotFoundError)

    def test_a_data_file_that_is_gone_is_named(self):
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"id": [1]}))
        path = deltic.DeltaTable(uri).file_uris()[0]
        os.unlink(path)
        table = deltic.DeltaTable(uri)
        for call in (table.to_pyarrow_table, table.to_pandas, table.to_polars, lambda: table.scan().read_all(), lambda: table.count("id > 0"),
                     lambda: deltic.sql("from t", t=table).read_all()):
            with self.assertRaises(FileNotFoundError) as caught:
                call()
            self.assertIn(os.path.basename(path), str(caught.exception))

    def test_a_wrong_request_is_a_value_error(self):
        table = deltic.DeltaTable(self.types)
        for call in (lambda: table.to_pyarrow_table(columns=["zz"]), lambda: table.scan(columns=["zz"]), lambda: table.to_polars(["zz"]),
                     lambda: table.to_pyarrow_table(filters=[("zz", "=", 1)]), lambda: table.count("zz = 1"), lambda: table.count("id ="),
                     lambda: table.to_pyarrow_table(filters=[("id", "=", "x")]), lambda: table.count([("price", "=", "dear")]),
                     lambda: table.count([("day", "<", "soon")]), lambda: table.count([("flag", "=", "maybe")]), lambda: table.count([("double", ">", "1,5")]),
                     lambda: table.history(-1), lambda: deltic.DeltaTable(self.types, -1), lambda: table.scan(limit=-1), lambda: deltic.DeltaTable(""),
                     lambda: deltic.sql("select zz from t", t=table), lambda: table.to_pyarrow_dataset().to_table(columns=["zz"])):
            self.check(call, exceptions.InvalidArgumentError, exceptions.DeltaError, ValueError)
        for call in (lambda: deltic.DeltaTable(None), lambda: deltic.DeltaTable(3), lambda: table.load_as_version(None), lambda: table.load_as_version(1.5)):
            self.check(call, TypeError)

    def test_a_damaged_log_and_an_unknown_feature_are_protocol_errors(self):
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"id": [1]}))
        log = pathlib.Path(uri) / "_delta_log" / f"{0:020}.json"
        good = log.read_text()
        log.write_text("{not json\n")
        self.check(lambda: deltic.DeltaTable(uri), exceptions.CorruptError, exceptions.DeltaProtocolError, exceptions.DeltaError)
        self.assertTrue(deltic.DeltaTable.is_deltatable(uri))
        wants = json.dumps({"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["fooBar"], "writerFeatures": ["fooBar"]}})
        log.write_text("\n".join(wants if '"protocol"' in line else line for line in good.splitlines()) + "\n")
        self.check(lambda: deltic.DeltaTable(uri), exceptions.UnsupportedError, exceptions.DeltaProtocolError)
        with self.assertRaisesRegex(exceptions.UnsupportedError, "fooBar"):
            deltic.DeltaTable(uri)

    def test_a_place_that_cannot_be_read_is_a_permission_error(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({"id": [1]}))
        os.chmod(os.path.join(uri, "_delta_log"), 0)
        try:
            self.check(lambda: deltic.DeltaTable(uri), exceptions.PermissionDeniedError, PermissionError)
        finally:
            os.chmod(os.path.join(uri, "_delta_log"), 0o755)


class History(Tables):
    def test_history_has_what_each_commit_says_of_itself(self):
        ours, theirs = deltic.DeltaTable(self.versions), deltalake.DeltaTable(self.versions)
        self.assertEqual([entry["version"] for entry in ours.history()], [5, 4, 3, 2, 1, 0])
        self.assertEqual(ours.history(0), theirs.history(0))
        self.assertEqual(ours.history(100), theirs.history(100))
        ours.load_as_version(2)
        self.assertEqual([entry["version"] for entry in ours.history()], [2, 1, 0])
        self.assertEqual(deltic.DeltaTable(self.types).history()[0]["who"], "tests")

    def test_a_table_whose_early_commits_are_gone_has_the_history_that_is_left(self):
        uri = self.fresh()
        for _ in range(3):
            deltalake.write_deltalake(uri, every_type(), mode="append")
        deltalake.DeltaTable(uri).create_checkpoint()
        deltalake.write_deltalake(uri, every_type(), mode="append")
        for version in range(2):
            os.unlink(f"{uri}/_delta_log/{version:020}.json")
        table = deltic.DeltaTable(uri)
        self.assertEqual([entry["version"] for entry in table.history()], [3, 2])
        self.assertEqual(table.count(), 16)
        with self.assertRaises(exceptions.TableNotFoundError):
            table.load_as_version(0)
        self.assertEqual(table.version(), 3)


if __name__ == "__main__":
    unittest.main()
