"""Owns the proof that `deltic alter`, `checkpoint`, `clean-log`, `compact-log` and `properties` do what docs/cli.md says: each
action once with what delta-rs sees of it, and refusals that leave the table as it was. Runs the program of env DELTIC. Every
rule of every change is src/alter's own tests' matter, Spark's view tests/interop's.
"""
import json
import os
import unittest

import program
from program import CONSTRAINT, deltic, EXISTS, INVALID, NOT_FOUND


class Alter(program.ProgramTest):
    def alter(self, action, *args):
        return self.ok("alter", action, self.table, *args)

    def make(self, columns="id bigint, name string, s struct<a: int>", rows="select 1 as id, 'x' as name, {'a': 5} as s", *options):
        self.ok("create", self.table, columns, *options)
        if rows:
            self.ok("write", self.table, "--quiet", "--from", rows)

    def info(self):
        return json.loads(self.ok("info", self.table, "--json"))

    def fields(self):
        return {f["name"]: f for f in json.loads(self.ok("schema", self.table, "--json"))["fields"]}

    def rows(self):
        return [json.loads(line) for line in self.ok("cat", self.table, "--format", "json").splitlines()]

    def test_columns_are_added_where_they_are_wanted(self):
        self.make()
        self.alter("add-column", "city string comment 'where'", "--after", "id")
        self.alter("add-column", "b double", "--in", "s", "--first")
        self.assertEqual(list(self.fields()), ["id", "city", "name", "s"])
        self.assertEqual(self.fields()["city"]["metadata"], {"comment": "where"})
        self.assertEqual([f["name"] for f in self.fields()["s"]["type"]["fields"]], ["b", "a"])
        self.assertEqual(self.rows(), [{"id": 1, "city": None, "name": "x", "s": {"b": None, "a": 5}}])
        self.refused(EXISTS, "City", "alter", "add-column", self.table, "City int")

    def test_renamed_and_dropped_columns_need_column_mapping_and_keep_the_rows(self):
        self.make()
        self.refused(INVALID, "delta.columnMapping.mode", "alter", "rename-column", self.table, "name", "label")
        self.alter("set", "delta.columnMapping.mode=name")
        self.alter("rename-column", "name", "label")
        self.alter("drop-column", "s")
        self.ok("write", self.table, "--quiet", "--from", "select 2 as id, 'y' as label")
        self.assertEqual(sorted(self.rows(), key=lambda r: r["id"]), [{"id": 1, "label": "x"}, {"id": 2, "label": "y"}])

    def test_types_are_widened_only_where_the_table_allows_it(self):
        self.make("n int", "select 1 as n")
        self.refused(INVALID, "delta.enableTypeWidening", "alter", "change-type", self.table, "n", "bigint")
        self.alter("set", "delta.enableTypeWidening=true")
        self.alter("change-type", "n", "bigint")
        self.ok("write", self.table, "--quiet", "--from", "select 5000000000 as n")
        self.assertEqual(sorted(r["n"] for r in self.rows()), [1, 5000000000])
        self.refused(INVALID, "n", "alter", "change-type", self.table, "n", "int")

    def test_not_null_looks_at_the_rows_first(self):
        self.make("a int, b int", "select 1 as a, null::int as b")
        self.refused(CONSTRAINT, "b", "alter", "set-not-null", self.table, "b")
        self.alter("set-not-null", "a")
        self.refused(CONSTRAINT, "a", "write", self.table, "--from", "select null::int as a, 1 as b")
        self.alter("drop-not-null", "a")
        self.ok("write", self.table, "--quiet", "--from", "select null::int as a, 1 as b")

    def test_comments_defaults_and_places_of_columns(self):
        self.make("a int, b int", None, "--property", "delta.feature.allowColumnDefaults=supported")
        self.alter("comment", "a", "first")
        self.alter("set-default", "b", "7")
        self.alter("move-column", "b", "--first")
        self.ok("write", self.table, "--quiet", "--from", "select 1 as a")
        self.assertEqual(list(self.fields()), ["b", "a"])
        self.assertEqual(self.fields()["a"]["metadata"]["comment"], "first")
        self.assertEqual(self.rows(), [{"b": 7, "a": 1}])
        self.alter("drop-default", "b")
        self.ok("write", self.table, "--quiet", "--from", "select 2 as a")
        self.assertIn({"b": None, "a": 2}, self.rows())

    def test_constraints_hold_from_the_moment_they_are_added(self):
        self.make("a int", "select 5 as a")
        self.refused(CONSTRAINT, "small", "alter", "add-constraint", self.table, "small", "a < 3")
        self.alter("add-constraint", "positive", "a > 0")
        self.refused(CONSTRAINT, "positive", "write", self.table, "--from", "select -1 as a")
        self.refused(EXISTS, "positive", "alter", "add-constraint", self.table, "positive", "a > 1")
        self.alter("drop-constraint", "positive")
        self.ok("write", self.table, "--quiet", "--from", "select -1 as a")
        self.refused(NOT_FOUND, "positive", "alter", "drop-constraint", self.table, "positive")
        self.alter("drop-constraint", "positive", "--if-exists")

    def test_properties_are_set_shown_and_taken_away(self):
        self.make("a int", None)
        self.alter("set", "delta.appendOnly=true", "owner=me")
        self.assertEqual(json.loads(self.ok("properties", self.table, "--json")), {"delta.appendOnly": "true", "owner": "me"})
        self.assertEqual(self.ok("properties", self.table, "owner"), "me\n")
        self.refused(NOT_FOUND, "nosuch", "properties", self.table, "nosuch")
        self.alter("unset", "owner")
        self.refused(NOT_FOUND, "owner", "alter", "unset", self.table, "owner")
        self.refused(INVALID, "delta.apendOnly", "alter", "set", self.table, "delta.apendOnly=true")
        self.assertIn("nothing to change", deltic("alter", "set", self.table, "delta.appendOnly=true").stderr)

    def test_features_are_added_and_dropped(self):
        self.make("a int", "select 1 as a")
        self.alter("add-feature", "vacuumProtocolCheck")
        self.assertIn("vacuumProtocolCheck", json.dumps(self.info()))
        self.alter("drop-feature", "vacuumProtocolCheck")
        self.assertEqual([r["a"] for r in self.rows()], [1])
        self.refused(INVALID, "noSuchFeature", "alter", "add-feature", self.table, "noSuchFeature")

    def test_a_change_carries_what_its_commit_is_to_say(self):
        self.make("a int", None)
        self.alter("set", "owner=me", "--user-metadata", "ticket 7", "--commit-info", "who=ops", "--app-transaction", "job=3")
        with open(self.table / "_delta_log" / "00000000000000000001.json") as log:
            actions = [json.loads(line) for line in log]
        info = actions[0]["commitInfo"]
        self.assertEqual((info["userMetadata"], info["who"], info["operation"]), ("ticket 7", "ops", "SET TBLPROPERTIES"))
        self.assertEqual([a["txn"]["version"] for a in actions if "txn" in a], [3])

    def test_name_description_and_clustering(self):
        self.make("a int, b int", None)
        self.alter("name", "people")
        self.alter("description", "who is who")
        self.alter("cluster-by", "a", "b")
        info = self.info()
        self.assertEqual((info["name"], info["description"]), ("people", "who is who"))
        self.assertIn("clustering", json.dumps(info))
        self.alter("cluster-by", "--none")

    def test_a_checkpoint_opens_the_table_without_its_commits(self):
        self.make("a int", "select 1 as a")
        done = json.loads(self.ok("checkpoint", self.table, "--json"))
        self.assertEqual((done["version"], done["existed"]), (1, False))
        self.assertTrue(json.loads(self.ok("checkpoint", self.table, "--json"))["existed"])
        os.remove(self.table / "_delta_log" / "00000000000000000000.json")
        from deltalake import DeltaTable
        self.assertEqual(DeltaTable(self.table).to_pyarrow_table().to_pylist(), [{"a": 1}])
        self.assertEqual([r["a"] for r in self.rows()], [1])

    def test_the_log_is_cleaned_and_compacted(self):
        self.make("a int", None)
        for i in range(3):
            self.ok("write", self.table, "--quiet", "--from", f"select {i}::int as a")
        self.ok("compact-log", self.table, "--from", "1", "--to", "2")
        self.assertTrue((self.table / "_delta_log" / "00000000000000000001.00000000000000000002.compacted.json").exists())
        self.refused(INVALID, "", "compact-log", self.table, "--from", "2", "--to", "2")
        self.ok("checkpoint", self.table)
        before = sorted(self.table.rglob("*"))
        self.assertIn("00000000000000000000.json", self.ok("clean-log", self.table, "--retention-hours", "0", "--dry-run"))
        self.assertEqual(sorted(self.table.rglob("*")), before)
        self.ok("clean-log", self.table, "--retention-hours", "0")
        self.assertFalse((self.table / "_delta_log" / "00000000000000000000.json").exists())
        self.assertEqual(sorted(r["a"] for r in self.rows()), [0, 1, 2])


if __name__ == "__main__":
    unittest.main()
