"""Owns the tables of these tests: made by delta-rs at test time, with every type, partitions, nulls, many versions."""
import datetime
import decimal
import pathlib
import shutil
import tempfile
import unittest

import deltalake
import pyarrow as pa

UTC = datetime.timezone.utc


def every_type():
    moment = datetime.datetime(2026, 1, 31, 12, 30, 15, 123456)
    return pa.table({
        "id": pa.array([1, 2, 3, 4], pa.int64()),
        "small": pa.array([1, None, -3, 4], pa.int16()),
        "tiny": pa.array([1, 2, 3, None], pa.int8()),
        "name": ["a", "it's \"b\"", None, ""],
        "part": ["x", "y", None, "x"],
        "number": pa.array([1, 2, 3, None], pa.int32()),
        "day": [datetime.date(2026, 1, 31), datetime.date(1900, 1, 1), None, datetime.date(9999, 12, 31)],
        "at": pa.array([moment, None, moment, moment], pa.timestamp("us", "UTC")),
        "local": pa.array([moment, moment, None, moment], pa.timestamp("us")),
        "price": pa.array([decimal.Decimal("1.23"), None, decimal.Decimal("-99999999.99"), decimal.Decimal(0)], pa.decimal128(10, 2)),
        "bytes": [b"a", None, b"\x00\xff", b""],
        "flag": [True, False, None, True],
        "real": pa.array([1.5, None, -2.25, 0.0], pa.float32()),
        "double": pa.array([0.1, 1e300, None, -0.0], pa.float64()),
        "place": [{"x": 1, "y": "z"}, None, {"x": None, "y": None}, {"x": 4, "y": ""}],
        "tags": pa.array([["a", None], None, [], ["b"]], pa.list_(pa.string())),
        "counts": pa.array([[("k", 1)], None, [], [("a", None)]], pa.map_(pa.string(), pa.int64())),
    })


class Tables(unittest.TestCase):
    """Tables that no test changes, made once for a class; self.fresh() is a folder for one that a test makes itself."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-python-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.count = 0

        cls.types = str(cls.folder / "types")
        deltalake.write_deltalake(
            cls.types, every_type(), partition_by=["part", "number"], name="all of them", description="every type",
            configuration={"delta.appendOnly": "false"},
            commit_properties=deltalake.CommitProperties(
                custom_metadata={"who": "tests"}, app_transactions=[deltalake.Transaction("app", 7)]))

        cls.versions = str(cls.folder / "versions")
        for version in range(5):
            first = version * 1000
            deltalake.write_deltalake(cls.versions, pa.table({
                "id": pa.array(range(first, first + 1000), pa.int64()),
                "group": [f"g{i % 3}" for i in range(1000)],
                "value": pa.array([i * 0.5 for i in range(1000)], pa.float64()),
            }), mode="append")
        deltalake.DeltaTable(cls.versions).delete("id = 42")

        cls.empty = str(cls.folder / "empty")
        deltalake.DeltaTable.create(cls.empty, pa.schema([("id", pa.int64()), ("name", pa.string())]))

    def fresh(self):
        type(self).count += 1
        return str(self.folder / f"fresh{type(self).count}")

    def assert_same_rows(self, ours, theirs):
        """As sets of rows, with equal schemas: the order of rows is nobody's promise."""
        ours, theirs = pa.table(ours), pa.table(theirs)
        self.assertEqual(ours.schema, theirs.schema)
        key = lambda row: repr(sorted(row.items(), key=lambda item: item[0]))
        self.assertEqual(sorted(map(key, ours.to_pylist())), sorted(map(key, theirs.to_pylist())))
