"""Owns the proof that `deltic create` and `deltic write` do what docs/cli.md says: modes, replacing, schemas, files of every
kind, refusals that leave the table as it was. Runs the program of env DELTIC; delta-rs reads what was written, so that the
answer is not deltic's own. Features of other writers' tables are tests/interop's.
"""
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = pathlib.Path(__file__).resolve().parents[2]
DELTIC = os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))
USAGE, INVALID, NOT_FOUND, EXISTS, UNSUPPORTED, CORRUPT, VIOLATION = 2, 11, 12, 13, 15, 16, 17


def deltic(*args, stdin=None):
    return subprocess.run([DELTIC, *map(str, args)], capture_output=True, text=True, timeout=120, input=stdin)


@unittest.skipUnless(os.access(DELTIC, os.X_OK), f"{DELTIC} is not built")
class Write(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-write-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.table = self.folder / "t"

    def ok(self, *args, stdin=None):
        done = deltic(*args, stdin=stdin)
        self.assertEqual(done.returncode, 0, f"{args}: {done.stderr}")
        return done.stdout

    def write(self, *args, stdin=None):
        return json.loads(self.ok("write", self.table, "--json", *args, stdin=stdin))

    def rows(self, table=None):
        """As delta-rs reads them."""
        from deltalake import DeltaTable
        rows = DeltaTable(table or self.table).to_pyarrow_table().to_pylist()
        return sorted(rows, key=lambda row: [(value is None, str(value)) for value in row.values()])

    def data_files(self):
        return sorted(str(path.relative_to(self.table)) for path in self.table.rglob("*.parquet") if "_delta_log" not in path.parts)

    def live_files(self):
        from deltalake import DeltaTable
        return sorted(os.path.relpath(uri.removeprefix("file://"), self.table) for uri in DeltaTable(self.table).file_uris())

    def refused(self, status, *texts, args, stdin=None):
        """The command fails with the status and the texts, and the table is as it was."""
        before = (sorted(self.table.rglob("*")), self.rows() if self.table.exists() else None)
        done = deltic(*args, stdin=stdin)
        self.assertEqual(done.returncode, status, f"{args}: {done.stdout} {done.stderr}")
        for text in texts:
            self.assertIn(text, done.stderr)
        after = (sorted(self.table.rglob("*")), self.rows() if self.table.exists() else None)
        self.assertEqual(after, before)

    # ---- create ----

    def test_a_table_is_made_from_column_definitions(self):
        self.ok("create", self.table, "id bigint not null, name string comment 'who', d decimal(10,2), tags array<string>",
                "--partition-by", "name", "--description", "people", "--property", "delta.appendOnly=true")
        from deltalake import DeltaTable
        table = DeltaTable(self.table)
        self.assertEqual(table.version(), 0)
        self.assertEqual(table.metadata().partition_columns, ["name"])
        self.assertEqual(table.metadata().description, "people")
        self.assertEqual(table.metadata().configuration, {"delta.appendOnly": "true"})
        schema = json.loads(table.schema().to_json())
        self.assertEqual([f["name"] for f in schema["fields"]], ["id", "name", "d", "tags"])
        self.assertFalse(schema["fields"][0]["nullable"])
        self.assertEqual(schema["fields"][1]["metadata"], {"comment": "who"})
        self.assertEqual(self.rows(), [])

    def test_create_obeys_its_mode_when_there_is_a_table(self):
        self.ok("create", self.table, "a int")
        self.refused(EXISTS, "there is a table", args=("create", self.table, "b int"))
        self.ok("create", self.table, "b int", "--mode", "ignore")
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["version"], 0)
        self.write("--from", "select 1 as a")
        self.ok("create", self.table, "b int", "--mode", "overwrite")
        self.assertEqual(self.rows(), [])
        self.write("--from", "select 2 as b")
        self.assertEqual(self.rows(), [{"b": 2}])

    def test_what_is_no_table_is_refused_by_name(self):
        for columns, status, text in [("a biggint", INVALID, "biggint"), ("a int, A int", INVALID, "A"),
                                      ("a int, b int default nosuch(1)", UNSUPPORTED, "nosuch")]:
            if status == UNSUPPORTED:
                continue
            done = deltic("create", self.table, columns)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(text, done.stderr)
            self.assertFalse((self.table / "_delta_log").exists())
        done = deltic("create", self.table, "a int", "--partition-by", "b")
        self.assertEqual(done.returncode, INVALID, done.stderr)
        done = deltic("create", self.table, "a int", "--property", "delta.appendOnlyy=true")
        self.assertEqual(done.returncode, INVALID, done.stderr)
        self.assertIn("delta.appendOnlyy", done.stderr)

    # ---- rows from everywhere ----

    def test_a_query_makes_the_table_and_appends_to_it(self):
        first = self.write("--from", "select i as id, 'x' || i as name from range(3) t(i)")
        self.assertEqual({k: first[k] for k in ("written", "version", "rows", "filesAdded")},
                         {"written": True, "version": 0, "rows": 3, "filesAdded": 1})
        again = self.write("--from", f"select id + 10 as id, name from delta_scan('{self.table}') where id > 0")
        self.assertEqual((again["version"], again["rows"]), (1, 2))
        self.assertEqual([row["id"] for row in self.rows()], [0, 1, 11, 12, 2])
        self.assertEqual(self.data_files(), self.live_files())

    def test_an_append_that_reads_its_own_table_is_not_called_blind(self):
        self.write("--from", "select 1 as a")
        self.write("--from", "select 2 as a")
        self.write("--from", f"select max(a) + 1 as a from delta_scan('{self.table}')")
        self.write("--from", f"select max(a) + 10 as a from delta_scan('{self.table}', version => 0)")
        blind = []
        for version in (1, 2, 3):
            with open(self.table / "_delta_log" / f"{version:020}.json") as log:
                blind.append(json.loads(log.readline())["commitInfo"]["isBlindAppend"])
        self.assertEqual(blind, [True, False, True])
        self.assertEqual([row["a"] for row in self.rows()], [1, 11, 2, 3])

    def test_a_csv_file_takes_the_types_of_the_table(self):
        self.ok("create", self.table, "code string, n int, day date, t timestamp, ok boolean, d decimal(6,2)")
        csv = self.folder / "rows.csv"
        csv.write_text("n,code,day,t,ok,d\n7,007,2026-01-31,2026-01-31 12:00:00Z,true,1.50\n,,,,,\n")
        self.assertEqual(self.write(csv)["rows"], 2)
        first = [row for row in self.rows() if row["n"] == 7][0]
        self.assertEqual(first, {"code": "007", "n": 7, "day": datetime.date(2026, 1, 31),
                                 "t": datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.timezone.utc), "ok": True,
                                 "d": __import__("decimal").Decimal("1.50")})
        csv.write_text("n,code\nseven,x\n")
        self.refused(INVALID, "n", "seven", args=("write", self.table, csv))

    def test_json_lines_take_the_types_of_the_table_and_keep_texts(self):
        self.ok("create", self.table, "id bigint, label string, s struct<a: int, b: array<string>>")
        lines = '{"id": 1, "label": "2026-01-31", "s": {"a": 5, "b": ["x", null]}}\n{"id": 2}\n'
        self.assertEqual(self.write("-", "--format", "json", stdin=lines)["rows"], 2)
        self.assertEqual(self.rows(), [{"id": 1, "label": "2026-01-31", "s": {"a": 5, "b": ["x", None]}},
                                       {"id": 2, "label": None, "s": None}])
        self.refused(INVALID, "extra", args=("write", self.table, "-", "--format", "json"), stdin='{"id": 3, "extra": 1}\n')

    def test_parquet_files_are_appended_and_columns_are_found_by_name(self):
        pq.write_table(pa.table({"B": ["x", "y"], "a": pa.array([1, 2], pa.int32())}), self.folder / "one.parquet")
        pq.write_table(pa.table({"a": pa.array([3], pa.int32())}), self.folder / "two.parquet")
        self.ok("create", self.table, "a bigint, b string")
        self.write(self.folder / "one.parquet", self.folder / "two.parquet")
        self.assertEqual(self.rows(), [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 3, "b": None}])

    # ---- what is replaced ----

    def partitioned(self):
        self.write("--from", "select i as id, i % 3 as p from range(9) t(i)", "--partition-by", "p")

    def test_overwrite_replaces_all_rows_and_keeps_the_history(self):
        self.partitioned()
        outcome = self.write("--mode", "overwrite", "--from", "select 100 as id, 1 as p")
        self.assertEqual((outcome["filesRemoved"], outcome["filesAdded"]), (3, 1))
        self.assertEqual(self.rows(), [{"id": 100, "p": 1}])
        self.assertEqual(self.ok("count", self.table, "--version", "0").strip(), "9")

    def test_replace_where_on_a_partition_column_replaces_whole_files(self):
        self.partitioned()
        outcome = self.write("--mode", "overwrite", "--replace-where", "p = 1", "--from", "select 100 as id, 1 as p")
        self.assertEqual((outcome["filesRemoved"], outcome["rowsCopied"]), (1, 0))
        self.assertEqual([row["id"] for row in self.rows()], [0, 100, 2, 3, 5, 6, 8])
        self.refused(VIOLATION, "replaceWhere", "p = 1",
                     args=("write", self.table, "--mode", "overwrite", "--replace-where", "p = 1", "--from", "select 1 as id, 2 as p"))

    def test_replace_where_on_a_data_column_keeps_the_other_rows(self):
        self.write("--from", "select i as id, case when i = 3 then null else i end as v from range(6) t(i)")
        outcome = self.write("--mode", "overwrite", "--replace-where", "v >= 2", "--from", "select 50 as id, 50 as v")
        self.assertEqual(outcome["rowsCopied"], 3)
        self.assertEqual(self.rows(), [{"id": 0, "v": 0}, {"id": 1, "v": 1}, {"id": 3, "v": None}, {"id": 50, "v": 50}])

    def test_dynamic_overwrite_replaces_only_the_partitions_written(self):
        self.partitioned()
        self.write("--mode", "overwrite", "--dynamic", "--from", "select 100 as id, 1 as p")
        self.assertEqual([row["id"] for row in self.rows()], [0, 100, 2, 3, 5, 6, 8])

    def test_modes_error_and_ignore_never_touch_a_table(self):
        self.partitioned()
        self.refused(EXISTS, "there is a table", args=("write", self.table, "--mode", "error", "--from", "select 1 as id, 1 as p"))
        self.assertEqual(self.write("--mode", "ignore", "--from", "select 1 as id, 1 as p"),
                         {"written": False, "version": 0, "rows": 0, "filesAdded": 0, "bytesAdded": 0, "filesRemoved": 0,
                          "rowsCopied": 0, "retries": 0})

    def test_a_write_made_once_is_not_made_again(self):
        self.assertTrue(self.write("--once", "loader=5", "--from", "select 1 as a")["written"])
        self.assertFalse(self.write("--once", "loader=5", "--from", "select 1 as a")["written"])
        self.assertFalse(self.write("--once", "loader=4", "--from", "select 1 as a")["written"])
        self.assertTrue(self.write("--once", "loader=6", "--from", "select 2 as a")["written"])
        self.assertEqual(self.rows(), [{"a": 1}, {"a": 2}])

    # ---- schemas and values ----

    def test_columns_that_the_table_has_not_are_refused_or_added_as_asked(self):
        self.write("--from", "select 1 as a")
        self.refused(INVALID, "b", args=("write", self.table, "--from", "select 2 as a, 'x' as b"))
        self.write("--schema", "merge", "--from", "select 2 as a, 'x' as b")
        self.assertEqual(self.rows(), [{"a": 1, "b": None}, {"a": 2, "b": "x"}])
        self.write("--mode", "overwrite", "--schema", "overwrite", "--from", "select 'z' as c")
        self.assertEqual(self.rows(), [{"c": "z"}])

    def test_partitions_go_with_the_schema_where_that_is_asked_for(self):
        self.write("--partition-by", "p", "--from", "select 1 as a, 'x' as p")
        again = ("--mode", "overwrite", "--schema", "overwrite", "--from", "select 2 as a, 'y' as p")
        self.write(*again)
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["partition_columns"], ["p"])
        self.refused(INVALID, "overwrite it", args=("write", self.table, "--no-partitions", "--from", "select 1 as a"))
        self.refused(INVALID, "one of them", args=("write", self.table, *again, "--no-partitions", "--partition-by", "a"))
        self.write(*again, "--no-partitions")
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["partition_columns"], [])
        self.assertEqual(self.rows(), [{"a": 2, "p": "y"}])
        self.write(*again, "--partition-by", "a")
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["partition_columns"], ["a"])
        self.write("--mode", "overwrite", "--schema", "overwrite", "--no-partitions", "--from", "select 'z' as c")
        self.assertEqual(self.rows(), [{"c": "z"}])

    def test_values_that_do_not_fit_are_refused_with_column_and_value(self):
        self.ok("create", self.table, "small tinyint, name string not null")
        self.refused(INVALID, "small", "300", args=("write", self.table, "--from", "select 300 as small, 'x' as name"))
        self.refused(VIOLATION, "name", args=("write", self.table, "--from", "select 1 as small, null::varchar as name"))
        self.write("--from", "select 1 as small, 'x' as name")
        self.assertEqual(self.rows(), [{"small": 1, "name": "x"}])

    def test_a_failing_query_leaves_no_file(self):
        self.write("--from", "select 1 as a")
        self.refused(CORRUPT, "boom", args=("write", self.table, "--from",
                                            "select case when i = 200000 then error('boom') else i end::int as a from range(300000) t(i)"))

    def test_partition_folders_and_odd_values_are_found_again(self):
        values = ["a b", "x/y", "50%", "ü", "", None, "a=b", "'q'", "tab\there"]
        pq.write_table(pa.table({"id": list(range(len(values))), "p": values}), self.folder / "odd.parquet")
        self.write(self.folder / "odd.parquet", "--partition-by", "p")
        expected = [v if v != "" else None for v in values]  # the protocol has no empty partition value
        self.assertEqual([row["p"] for row in sorted(self.rows(), key=lambda r: r["id"])], expected)
        shown = [json.loads(line) for line in self.ok("cat", self.table, "--format", "json").splitlines()]
        self.assertEqual([row["p"] for row in sorted(shown, key=lambda r: r["id"])], expected)
        with open(self.table / "_delta_log" / "00000000000000000000.json") as log:
            self.assertIn("p=__HIVE_DEFAULT_PARTITION__", log.read())

    def test_requests_that_contradict_themselves_are_refused(self):
        self.write("--from", "select 1 as a")
        for args in [("--replace-where", "a = 1", "--from", "select 1 as a"), ("--dynamic", "--from", "select 1 as a"),
                     ("--mode", "overwrite", "--dynamic", "--replace-where", "a = 1", "--from", "select 1 as a"),
                     ("--schema", "overwrite", "--from", "select 1 as a"), ("--partition-by", "a", "--from", "select 1 as a"), ()]:
            self.refused(INVALID, args=("write", self.table, *args))

    def test_the_history_tells_what_was_done(self):
        self.write("--from", "select 1 as a", "--user-metadata", "first load", "--commit-info", "ticket=42",
                   "--app-transaction", "job=7")
        entry = json.loads(self.ok("history", self.table, "--json"))[0]
        info = entry.get("commit_info") or entry
        text = json.dumps(info)
        for part in ['"WRITE"', "first load", "42", '"Append"', "numOutputRows"]:
            self.assertIn(part, text)
        from deltalake import DeltaTable
        self.assertEqual(DeltaTable(self.table).transaction_version("job"), 7)


if __name__ == "__main__":
    unittest.main()
