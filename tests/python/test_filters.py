"""Proves what filters mean: tuples in disjunctive normal form as pyarrow and deltalake take them, SQL text, pyarrow
expressions, and predicates on files. Refusals too."""
import datetime
import decimal
import unittest

import deltalake
import deltic
import pyarrow as pa
import pyarrow.parquet as pq
from deltic._filters import to_sql
from deltic.exceptions import InvalidArgumentError
from tables import UTC, Tables

MOMENT = datetime.datetime(2026, 1, 31, 12, 30, 15, 123456)
DNF = [
    [("id", "=", 2)], [("id", "==", 2)], [("id", "!=", 2)], [("id", ">", 2)], [("id", ">=", 2), ("id", "<", 4)], [("id", "<=", 1)],
    [("id", "in", [1, 3])], [("id", "not in", [1, 3])], [("id", "in", {4})], [("id", "in", (1, 2))],
    [("small", ">", 0)], [("small", "!=", 1)], [("small", "in", [1])], [("small", "not in", [1])],
    [("name", "=", "it's \"b\"")], [("name", "=", "")], [("name", ">", "a")], [("name", "not in", ["a"])], [("name", "in", ["a", None])],
    [("name", "not in", ["a", None])],
    [("part", "=", "x")], [("part", "!=", "x")], [("part", "in", ["x", "y"])], [("number", ">=", 2)], [("number", "not in", [2])],
    [("day", "=", datetime.date(2026, 1, 31))], [("day", "<", datetime.date(2000, 1, 1))],
    [("at", "=", MOMENT.replace(tzinfo=UTC))], [("at", "<", datetime.datetime(2026, 1, 31, 13, 30, 16, tzinfo=datetime.timezone(datetime.timedelta(hours=1))))],
    [("local", "=", MOMENT)], [("local", ">", datetime.datetime(2020, 1, 1))],
    [("price", "=", decimal.Decimal("1.23"))], [("price", "<", decimal.Decimal("0.5"))],
    [("bytes", "=", b"a")], [("bytes", "=", b"\x00\xff")], [("flag", "=", True)], [("flag", "!=", True)],
    [("real", "=", 1.5)], [("double", ">", 0.05)], [("double", "=", 0.1)], [("double", "=", 0.0)],
    [[("id", "=", 1)], [("part", "=", "y"), ("number", "=", 2)]], [[("id", "=", 1), ("id", "=", 2)], [("id", ">", 3)]],
]


class Filters(Tables):
    def test_tuples_mean_what_pyarrow_means_by_them(self):
        table = deltic.DeltaTable(self.types)
        everything = table.to_pyarrow_table(columns=["id", "small", "name", "part", "number", "day", "at", "local", "price", "bytes", "flag", "real", "double"])
        for filters in DNF:
            want = everything.filter(pq.filters_to_expression(filters))["id"].to_pylist()
            with self.subTest(filters=filters):
                self.assertEqual(sorted(table.to_pyarrow_table(columns=["id"], filters=filters)["id"].to_pylist()), sorted(want))
                self.assertEqual(table.count(filters), len(want))
                self.assertEqual(table.scan(["id"], filters).read_all().num_rows, len(want))

    def test_a_pyarrow_expression_filters(self):
        import pyarrow.compute as pc
        table = deltic.DeltaTable(self.types)
        for expression in (pc.field("id") > 2, pc.field("name").is_null(), pc.field("place", "x") == 4, ~(pc.field("part") == "x")):
            want = table.to_pyarrow_table().filter(expression)
            self.assert_same_rows(table.to_pyarrow_table(filters=expression), want)
            self.assert_same_rows(table.to_pyarrow_table(filters=expression, columns=["tags"]), want.select(["tags"]))

    def test_sql_text_filters(self):
        table = deltic.DeltaTable(self.types)
        for text, want in (("id = 1 or name like 'it%'", [1, 2]), ("place.x = 4", [4]), ("len(tags) = 0", [3]), ("part is null", [3]),
                           ("\"at\" >= timestamptz '2026-01-31 12:30:15+00'", [1, 3, 4]), ("number between 1 and 2", [1, 2])):
            self.assertEqual(sorted(table.to_pyarrow_table(filters=text)["id"].to_pylist()), want, text)

    def test_an_sql_filter_cannot_leave_its_parentheses(self):
        table = deltic.DeltaTable(self.types)
        for text in ("true) or (true", "id = 1; drop table x", "id = 1 --", "select 1"):
            try:
                self.assertLessEqual(table.count(text), 4)
            except InvalidArgumentError:
                pass
        with self.assertRaises(InvalidArgumentError):
            table.to_pyarrow_dataset(file_pruning_predicate="true) or (true", filters="id = 1").to_table()

    def test_predicates_on_files_choose_those_that_deltalake_chooses(self):
        ours, theirs = deltic.DeltaTable(self.types), deltalake.DeltaTable(self.types)
        for predicate in ([("part", "=", "x")], [("part", "=", "")], [("part", "!=", "")], 
                          [("number", ">", 1)], [("number", "=", "2")], [("number", "in", ["1", "2"])], "part = 'x'", "part is null", "number < 3 and part = 'y'",
                          [[("part", "=", "x")], [("number", "=", 2)]], [("id", "=", 1)], "id > 3", None):
            with self.subTest(predicate=predicate):
                self.assertEqual(sorted(ours.file_uris(file_pruning_predicate=predicate)), sorted(theirs.file_uris(file_pruning_predicate=predicate)))
                key = lambda values: repr(sorted(values.items()))
                self.assertEqual(sorted(ours.partitions(file_pruning_predicate=predicate), key=key),
                                 sorted(theirs.partitions(file_pruning_predicate=predicate), key=key))

    def test_an_empty_string_is_a_null_partition_in_a_list_too(self):
        # As the documentation of deltalake says; there it holds for = and != only.
        table = deltic.DeltaTable(self.types)
        self.assertEqual(len(table.files(file_pruning_predicate=[("part", "in", ["y", ""])])), 2)
        self.assertEqual(len(table.files(file_pruning_predicate=[("part", "not in", ["y", ""])])), 2)

    def test_a_filter_that_is_none_is_refused(self):
        table = deltic.DeltaTable(self.types)
        for wrong in ([("id", "=")], [("id", "~", 1)], [("nothing", "=", 1)], [("id", "in", 3)], [("id", "in", "34")], [[]],
                      [("id", "=", 1), [("id", "=", 2)]], [("id", "=", object())], "nothing = 1", "id +", [("id", "=", "many")]):
            with self.subTest(wrong=wrong), self.assertRaises((ValueError, deltic.exceptions.DeltaError)):
                table.to_pyarrow_table(filters=wrong)

    def test_names_and_texts_with_quotes_are_quoted(self):
        self.assertEqual(to_sql([('a"b', "=", "it's")], {'a"b': "string"}), """("a""b" = 'it''s')""")
        uri = self.fresh()
        deltalake.write_deltalake(uri, pa.table({'a "b" c': [1, 2], "select": ["x", "y'z"]}))
        table = deltic.DeltaTable(uri)
        self.assertEqual(table.to_pyarrow_table(filters=[('a "b" c', "=", 1)]).num_rows, 1)
        self.assertEqual(table.to_pyarrow_table(columns=["select"], filters=[("select", "=", "y'z")]).to_pylist(), [{"select": "y'z"}])

    def test_values_of_numpy_and_pandas_are_taken(self):
        import numpy as np
        import pandas as pd
        table = deltic.DeltaTable(self.types)
        self.assertEqual(table.count([("id", "=", np.int64(1))]), 1)
        self.assertEqual(table.count([("id", "in", np.array([1, 2]))]), 2)
        self.assertEqual(table.count([("local", "=", pd.Timestamp(MOMENT))]), 3)


if __name__ == "__main__":
    unittest.main()
