"""Proves what deltic tells of a table's files: add actions with their statistics, and deletion vectors, as the package deltalake tells
them, on its own tables and on those of other writers; and that many files are no work for Python."""
import datetime
import decimal
import json
import os
import pathlib
import sys
import unittest
import urllib.parse

import deltalake
import deltic
import pyarrow as pa
from tables import Tables

CORPUS = pathlib.Path(os.environ.get("DELTIC_CORPUS", pathlib.Path(__file__).resolve().parents[3] / "shared/corpus"))
# Where deltalake 1.6.6 tells less: no statistics that stand in a checkpoint as a struct only, no decimal 0E-10, none of columns beyond
# those that a table's writers are to count; a file removed under another spelling of its path stays. On tables with mapped columns it
# names columns as files do, not as people do.
THEIRS_TELL_LESS = {"delta-1.2.1-only-struct-stats", "basic-decimal-table", "basic-decimal-table-legacy", "canonicalized-paths-normal-a",
                    "canonicalized-paths-normal-b", "data-skipping-change-stats-collected-across-versions", "300k-add-files-100-col-partitioned"}


def by(rows, name):
    return sorted(pa.table(rows).to_pylist(), key=lambda row: row[name])


def tables_of_others():
    for meta in sorted(CORPUS.glob("*/*/meta.json")):
        if json.loads(meta.read_text())["expected_outcome"] == "reads":
            yield str(meta.parent / "delta"), meta.parent.name


def commit(uri, version, *actions):
    log = pathlib.Path(uri) / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    (log / f"{version:020}.json").write_text("".join(json.dumps(action) + "\n" for action in actions))


def made_table(uri, fields, adds, partition_columns=()):
    """A table of a log alone: get_add_actions reads no data."""
    commit(uri, 0, {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
           {"metaData": {"id": "x", "format": {"provider": "parquet", "options": {}}, "partitionColumns": list(partition_columns),
                         "configuration": {}, "createdTime": 0,
                         "schemaString": json.dumps({"type": "struct", "fields": [
                             {"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in fields]})}},
           *({"add": {"path": f"f{i}", "partitionValues": {}, "size": i, "modificationTime": 1000 + i, "dataChange": True, **add}}
             for i, add in enumerate(adds)))
    return deltic.DeltaTable(uri)


class AddActions(Tables):
    @unittest.skipUnless((CORPUS / "check.py").exists(), "there is no corpus beside the project")
    def test_add_actions_of_tables_of_other_writers_are_those_of_deltalake(self):
        compared = 0
        for uri, name in tables_of_others():
            try:
                theirs = deltalake.DeltaTable(uri)
                want = {flatten: pa.table(theirs.get_add_actions(flatten)) for flatten in (False, True)}
            except BaseException:  # tables that it cannot open
                continue
            table = deltic.DeltaTable(uri)
            mapped = "delta.columnMapping.physicalName" in table.schema().to_json()
            if mapped or name in THEIRS_TELL_LESS:
                continue
            for flatten in (False, True):
                got = pa.table(table.get_add_actions(flatten))
                got.validate(full=True)
                with self.subTest(table=name, flatten=flatten):
                    self.assertEqual(got.schema, want[flatten].schema)
                    self.assertEqual(repr(by(got, "path")), repr(by(want[flatten], "path")))
                    compared += 1
        self.assertGreater(compared, 100)

    def test_columns_have_the_names_that_people_know(self):
        found = next((uri for uri, _ in tables_of_others() if "delta.columnMapping.physicalName" in deltic.DeltaTable(uri).schema().to_json()), None) if (
            CORPUS / "check.py").exists() else None
        if found is None:
            self.skipTest("there is no corpus beside the project")
        table = deltic.DeltaTable(found)
        names = pa.table(table.get_add_actions(flatten=True)).column_names
        self.assertFalse([name for name in names if "col-" in name], names)

    def test_statistics_that_make_no_sense_are_absent(self):
        fields = [("n", "integer"), ("d", "date"), ("t", "timestamp"), ("x", "decimal(5,2)"), ("s", "string"), ("f", "double"), ("b", "boolean")]
        broken = ['{"numRecords":5,', "[]", "null", "", '{"numRecords":"many","minValues":[1],"nullCount":7}', '{"numRecords":1}x',
                  '{"numRecords":2,"minValues":{"n":"x","d":"soon","t":"12","x":12345,"s":3,"f":"big","b":"maybe","zzz":1}}',
                  '{"numRecords":2,"minValues":{"n":99999999999,"d":null,"t":{},"x":[],"s":{"a":1},"f":true,"b":1}}']
        table = made_table(self.fresh(), fields, [{"stats": text} for text in broken])
        rows = pa.table(table.get_add_actions(flatten=True)).sort_by("path").to_pylist()
        self.assertEqual([row["num_records"] for row in rows], [None] * 5 + [None, 2, 2])
        for row in rows:
            kept = {key: value for key, value in row.items() if key.startswith("min.") and value is not None}
            self.assertLessEqual(set(kept), {"min.s"}, kept)

    def test_statistics_are_told_as_they_are_written(self):
        fields = [("n", "integer"), ("d", "date"), ("t", "timestamp"), ("l", "timestamp_ntz"), ("x", "decimal(38,10)"), ("s", "string"), ("f", "double"),
                  ("a \"b\".c", "string")]
        values = {"n": -3, "d": "2026-01-31", "t": "2026-01-31T01:02:03.004Z", "l": "2026-01-31T01:02:03.004", "x": "@", "s": "é\"\\\n\U0001F600", "f": "NaN",
                  "a \"b\".c": ""}
        text = json.dumps({"numRecords": 1, "minValues": values, "nullCount": dict.fromkeys(values, 1)}).replace('"@"', "1234567890123456789012345678.0123456789")
        row = pa.table(made_table(self.fresh(), fields, [{"stats": text}]).get_add_actions(flatten=True)).to_pylist()[0]
        moment = datetime.datetime(2026, 1, 31, 1, 2, 3, 4000)
        self.assertEqual(row["min.n"], -3)
        self.assertEqual(row["min.d"], datetime.date(2026, 1, 31))
        self.assertEqual((row["min.t"].replace(tzinfo=None), row["min.l"]), (moment, moment))
        self.assertEqual(row["min.x"], decimal.Decimal("1234567890123456789012345678.0123456789"))
        self.assertEqual(row["min.s"], values["s"])
        self.assertNotEqual(row["min.f"], row["min.f"])
        self.assertEqual((row["min.a \"b\".c"], row["null_count.a \"b\".c"]), ("", 1))
        self.assertIsNone(row["max.n"])

    def test_partition_values_have_the_types_of_their_columns(self):
        fields = [("id", "long"), ("p", "date"), ("q", "string"), ("r", "binary"), ("z", "decimal(5,2)"), ("t", "timestamp")]
        table = made_table(self.fresh(), fields, [
            {"partitionValues": {"p": "2026-01-31", "q": "a/b=c é", "r": "x", "z": "1.5", "t": "2026-01-31 01:02:03.5"}},
            {"partitionValues": {"p": None, "q": "", "r": None, "z": None}}], partition_columns=["q", "p", "r", "z", "t"])
        nested = pa.table(table.get_add_actions()).sort_by("path")
        self.assertEqual([row["partition"] for row in nested.to_pylist()], [
            {"p": datetime.date(2026, 1, 31), "q": "a/b=c é", "r": b"x", "z": decimal.Decimal("1.50"),
             "t": datetime.datetime(2026, 1, 31, 1, 2, 3, 500000, datetime.timezone.utc)},
            {"p": None, "q": None, "r": None, "z": None, "t": None}])
        self.assertEqual([row["min"] for row in nested.to_pylist()], [None, None], "files without statistics")
        self.assertEqual(nested.column_names[-4:], ["null_count", "min", "max", "partition"])

    def test_a_table_without_files_has_the_columns_and_no_rows(self):
        ours, theirs = deltic.DeltaTable(self.empty), deltalake.DeltaTable(self.empty)
        for flatten in (False, True):
            self.assertEqual(pa.table(ours.get_add_actions(flatten)).schema, pa.table(theirs.get_add_actions(flatten)).schema)
            self.assertEqual(ours.get_add_actions(flatten).num_rows, 0)

    def test_a_hundred_thousand_files_are_no_work_for_python(self):
        uri = self.fresh()
        stats = json.dumps({"numRecords": 10, "minValues": {"id": 1, "name": "a"}, "maxValues": {"id": 10, "name": "z"}, "nullCount": {"id": 0, "name": 0}})
        made_table(uri, [("id", "long"), ("name", "string")], [{"stats": stats} for _ in range(100_000)])
        table = deltic.DeltaTable(uri)
        calls = 0

        def count(*_):
            nonlocal calls
            calls += 1

        sys.setprofile(count)
        try:
            rows = table.get_add_actions(flatten=True)
        finally:
            sys.setprofile(None)
        self.assertEqual(rows.num_rows, 100_000)
        self.assertLess(calls, 10_000)


class DeletionVectors(Tables):
    @unittest.skipUnless((CORPUS / "check.py").exists(), "there is no corpus beside the project")
    def test_deletion_vectors_are_those_of_deltalake(self):
        compared = 0
        for uri, name in tables_of_others():
            ours = pa.table(deltic.DeltaTable(uri).deletion_vectors())
            if ours.num_rows == 0:
                continue
            try:
                theirs = pa.table(deltalake.DeltaTable(uri).deletion_vectors())
            except BaseException:  # tables that it cannot open
                continue
            with self.subTest(table=name):
                self.assertEqual(ours.schema, theirs.schema)
                self.assertEqual(by(ours, "filepath"), by(theirs, "filepath"))
                compared += 1
        self.assertGreater(compared, 5)

    def test_a_selection_vector_is_true_for_the_rows_that_are_read(self):
        if not (CORPUS / "check.py").exists():
            self.skipTest("there is no corpus beside the project")
        for uri, name in tables_of_others():
            table = deltic.DeltaTable(uri)
            vectors = {row["filepath"]: row["selection_vector"] for row in pa.table(table.deletion_vectors()).to_pylist()}
            if not vectors:
                continue
            vectors = {urllib.parse.unquote(path): vector for path, vector in vectors.items()}
            facts = {"file://" + path: rows for path, rows in zip(table.file_uris(), pa.table(table.get_add_actions())["num_records"].to_pylist())}
            if None in facts.values():
                continue
            alive = sum(facts[path] - vector.count(False) if (vector := vectors.get(path)) else facts[path] for path in facts)
            self.assertEqual(alive, table.count(), name)


if __name__ == "__main__":
    unittest.main()
