"""Owns the proof that `deltic merge` does what docs/cli.md says: each clause once on tables of several kinds, the change feed and row
ids afterwards, refusals that touch nothing. Runs the program of env DELTIC. Random merges are held against plain SQL in
tests/differential/merges.py, Spark's view is tests/interop's.
"""
import json
import shutil
import unittest

import program
from program import CONSTRAINT, INVALID, UNSUPPORTED

KINDS = {
    "plain": [],
    "vectors": ["--property", "delta.enableDeletionVectors=true"],
    "partitioned feed": ["--partition-by", "p", "--property", "delta.enableChangeDataFeed=true"],
    "all": ["--property", "delta.enableDeletionVectors=true", "--property", "delta.enableChangeDataFeed=true",
            "--property", "delta.enableRowTracking=true", "--property", "delta.columnMapping.mode=name"],
}
SOURCE = "select i::bigint id, 7::bigint p, 'm' || i v, case when i % 4 = 0 then 'd' else 'u' end op from range(4, 15) r(i)"
CLAUSES = ["--when", "matched and s.op = 'd' then delete", "--when", "matched then update set v = s.v",
           "--when", "not matched then insert (id, p, v) values (s.id, s.p, s.v)", "--when", "not matched by source and t.id = 1 then delete"]


class Merge(program.ProgramTest):
    def make(self, *options):
        shutil.rmtree(self.table, ignore_errors=True)
        self.ok("write", self.table, "--quiet", *options, "--from", "select i::bigint id, (i % 3)::bigint p, 'v' || i v from range(12) r(i)")

    def merge(self, *args, source=SOURCE, on="t.id = s.id"):
        return ["merge", self.table, "--as", "t", "--source-as", "s", "--source-sql", source, "--on", on, *args]

    def rows(self, *extra):
        lines = self.ok("cat", self.table, "--format", "json", *extra).splitlines()
        return sorted((json.loads(line) for line in lines), key=lambda row: row["id"])

    def test_every_clause_does_its_part_on_every_kind_of_table(self):
        for kind, options in KINDS.items():
            with self.subTest(kind=kind):
                self.make(*options)
                done = json.loads(self.ok(*self.merge(*CLAUSES, "--json")))
                self.assertEqual([done[f"numTargetRows{what}"] for what in ("Inserted", "Updated", "Deleted")], [3, 6, 3])
                want = {i: f"v{i}" for i in (0, 2, 3)} | {i: f"m{i}" for i in (5, 6, 7, 9, 10, 11, 12, 13, 14)}
                self.assertEqual({row["id"]: row["v"] for row in self.rows()}, want)
                self.assertEqual({row["p"] for row in self.rows() if row["id"] > 11}, {7})

    def test_the_change_feed_shows_each_change_once(self):
        for kind in ("partitioned feed", "all"):
            self.make(*KINDS[kind])
            self.ok(*self.merge(*CLAUSES, "--quiet"))
            feed = [json.loads(line) for line in self.ok("cdf", self.table, "--from", 1, "--format", "json").splitlines()]
            want = [(i, "delete", f"v{i}") for i in (1, 4, 8)] + [(i, "insert", f"m{i}") for i in (12, 13, 14)]
            for i in (5, 6, 7, 9, 10, 11):
                want += [(i, "update_preimage", f"v{i}"), (i, "update_postimage", f"m{i}")]
            self.assertEqual(sorted((r["id"], r["_change_type"], r["v"]) for r in feed), sorted(want), kind)

    def test_updated_rows_keep_their_ids_also_when_their_files_hold_them(self):
        self.make(*KINDS["all"])
        before = {row["id"]: row["_row_id"] for row in self.rows("--row-ids")}
        for _ in range(2):
            self.ok(*self.merge("--when", "matched then update set v = s.v || t.v", "--quiet"))
            self.assertEqual({row["id"]: row["_row_id"] for row in self.rows("--row-ids")}, before)

    def test_columns_of_the_source_are_added_where_that_is_asked_for(self):
        for kind in ("plain", "partitioned feed"):
            self.make(*KINDS[kind])
            self.ok(*self.merge("--when", "matched then update set *", "--when", "not matched then insert *", "--schema-evolution", "--quiet"))
            ops = {row["id"]: row["op"] for row in self.rows()}
            self.assertEqual((ops[0], ops[4], ops[14]), (None, "d", "u"), kind)
        feed = [json.loads(line) for line in self.ok("cdf", self.table, "--from", 1, "--format", "json").splitlines()]
        self.assertEqual({(r["_change_type"], r["op"]) for r in feed if r["id"] == 4}, {("update_preimage", None), ("update_postimage", "d")})

    def test_what_changes_nothing_makes_no_version(self):
        self.make()
        for args in (["--when", "matched and false then delete"], ["--when", "not matched and false then insert *"]):
            source = SOURCE if "matched and false then delete" in args else "select 5::bigint id, 1::bigint p, 'x' v"
            self.assertFalse(json.loads(self.ok(*self.merge(*args, "--json", source=source)))["changed"])
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["version"], 0)

    def test_a_mistake_changes_nothing(self):
        self.make()
        twice = "select 5::bigint id, 'a' v union all select 5, 'b'"
        self.refused(INVALID, "several rows of the source", *self.merge("--when", "matched then update set v = s.v", source=twice))
        self.ok(*self.merge("--when", "matched then delete", "--quiet", source=twice))  # whichever it is, the row goes
        self.refused(INVALID, "nope", *self.merge("--when", "matched then update set nope = 1"))
        self.refused(INVALID, "nope", *self.merge("--when", "matched then delete", on="t.nope = s.id"))
        self.refused(INVALID, "expected AND or THEN", *self.merge("--when", "matched delete"))
        self.ok("alter", "add-constraint", self.table, "small", "id < 14")
        self.refused(CONSTRAINT, "small", *self.merge("--when", "not matched then insert (id, p, v) values (s.id, s.p, s.v)"))
        self.ok("alter", "set", self.table, "delta.appendOnly=true")
        self.refused(UNSUPPORTED, "appends only", *self.merge("--when", "matched then delete"))


if __name__ == "__main__":
    unittest.main()
