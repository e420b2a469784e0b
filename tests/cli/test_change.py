"""Owns the proof that `deltic delete` and `deltic update` change exactly the rows that they say, on tables of several kinds: with
deletion vectors and without, partitioned, with a change feed, row tracking and mapped columns. The same steps are done on plain Python
rows beside them. What Spark does is tests/interop's matter. Runs the program of env DELTIC.
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
    "vectors, feed and row ids": ["--property", "delta.enableDeletionVectors=true", "--property", "delta.enableChangeDataFeed=true",
                                  "--property", "delta.enableRowTracking=true"],
    "mapped with row ids": ["--property", "delta.columnMapping.mode=name", "--property", "delta.enableRowTracking=true"],
}


class Change(program.ProgramTest):
    def make(self, *options, rows=200):
        shutil.rmtree(self.table, ignore_errors=True)
        query = f"select i::bigint id, i % 4 p, case when i % 7 = 0 then null else 'v' || i end v, {{'a': i, 'b': 'x'}} s from range({rows}) r(i)"
        self.ok("write", self.table, "--from", query, "--quiet", *options)
        return [{"id": i, "p": i % 4, "v": None if i % 7 == 0 else f"v{i}", "s": {"a": i, "b": "x"}} for i in range(rows)]

    def rows(self, *extra):
        lines = self.ok("cat", self.table, "--format", "json", *extra).splitlines()
        return sorted((json.loads(line) for line in lines), key=lambda row: row["id"])

    def outcome(self, *args):
        return json.loads(self.ok(*args, "--json"))

    def test_rows_are_changed_as_in_plain_python_on_every_kind_of_table(self):
        for kind, options in KINDS.items():
            with self.subTest(kind=kind):
                rows = self.make(*options)
                done = self.outcome("delete", self.table, "--where", "id % 10 = 3 or v = 'v20'")
                kept = [r for r in rows if not (r["id"] % 10 == 3 or r["v"] == "v20")]
                self.assertEqual(done["numDeletedRows"], len(rows) - len(kept))
                self.assertEqual(self.rows(), kept)
                done = self.outcome("delete", self.table, "--as", "x", "--where", "x.v is null and x.id > 100")  # files that have vectors already
                kept = [r for r in kept if not (r["v"] is None and r["id"] > 100)]
                self.assertEqual(self.rows(), kept)
                done = self.outcome("update", self.table, "--set", "v = 'new ' || id", "--set", "s.a = s.a + p", "--where", "id < 50")
                self.assertEqual(done["numUpdatedRows"], sum(r["id"] < 50 for r in kept))
                for row in kept:
                    if row["id"] < 50:
                        row["v"], row["s"] = f"new {row['id']}", {"a": row["s"]["a"] + row["p"], "b": "x"}
                self.assertEqual(self.rows(), kept)
                self.ok("update", self.table, "--set", "p = 9", "--where", "p = 1")
                for row in kept:
                    row["p"] = 9 if row["p"] == 1 else row["p"]
                self.assertEqual(self.rows(), kept)
                self.ok("delete", self.table, "--where", "p = 2")
                kept = [r for r in kept if r["p"] != 2]
                self.assertEqual(self.rows(), kept)
                self.assertEqual(self.outcome("delete", self.table, "--all")["numDeletedRows"], len(kept))
                self.assertEqual(self.rows(), [])

    def test_what_matches_nothing_makes_no_version(self):
        self.make()
        for command in (["delete", self.table, "--where", "id < 0"], ["delete", self.table, "--where", "v is null and v = 'x'"],
                        ["update", self.table, "--set", "p = 1", "--where", "id > 1000"]):
            done = self.outcome(*command)
            self.assertEqual((done["changed"], done["version"]), (False, 0))
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["version"], 0)

    def test_rows_are_marked_where_the_table_has_vectors_and_files_written_anew_where_not(self):
        for options, vectors in (([], 0), (KINDS["vectors"], 1)):
            self.make(*options)
            done = self.outcome("delete", self.table, "--where", "id = 5")
            self.assertEqual(done["numDeletionVectorsAdded"], vectors)
            self.assertEqual(done["numAddedFiles"], 1 - vectors)
            self.assertEqual(done["numCopiedRows"], 0 if vectors else 199)

    def test_an_update_makes_one_file_of_one_and_loses_no_digit_of_other_rows(self):
        big = 2**53 + 1
        self.ok("write", self.table, "--quiet", "--from", f"select i::bigint id, ({big} + i)::bigint b, (0.1 + i)::decimal(30, 10) d from range(10) r(i)")
        done = self.outcome("update", self.table, "--set", "b = 2.0::double", "--set", "d = 3::double", "--where", "id = 4")
        self.assertEqual((done["numAddedFiles"], done["numUpdatedRows"], done["numCopiedRows"]), (1, 1, 9))
        rows = self.ok("sql", f"select id, b, d from delta_scan('{self.table}') order by id", "--format", "csv").splitlines()[1:]
        self.assertEqual(rows, [f"{i},2,3.0000000000" if i == 4 else f"{i},{big + i},{i}.1000000000" for i in range(10)])

    def test_row_ids_survive(self):
        for kind in ("vectors, feed and row ids", "mapped with row ids"):
            self.make(*KINDS[kind])
            def ids():
                return {row["id"]: row["_row_id"] for row in self.rows("--row-ids")}
            before = ids()
            self.ok("update", self.table, "--set", "v = 'x'", "--where", "id % 3 = 0")
            self.assertEqual(ids(), before)
            self.ok("update", self.table, "--set", "p = 8", "--where", "id % 9 = 0")  # of rows whose files hold their ids by now
            self.assertEqual(ids(), before)
            self.ok("delete", self.table, "--where", "id % 2 = 0")
            self.assertEqual(ids(), {i: row for i, row in before.items() if i % 2})
            versions = {row["id"]: row["_row_commit_version"] for row in self.rows("--row-ids")}
            self.assertEqual((versions[3], versions[5]), (1, 0))

    def test_the_change_feed_shows_what_changed(self):
        for kind in ("partitioned feed", "vectors, feed and row ids"):
            self.make(*KINDS[kind])
            self.ok("delete", self.table, "--where", "id in (1, 2)")
            self.ok("update", self.table, "--set", "v = 'new'", "--set", "p = 7", "--where", "id = 5")
            lines = [json.loads(line) for line in self.ok("cdf", self.table, "--from", 1, "--format", "json").splitlines()]
            seen = sorted((r["_commit_version"], r["_change_type"], r["id"], r["p"], r["v"]) for r in lines)
            self.assertEqual(seen, [(1, "delete", 1, 1, "v1"), (1, "delete", 2, 2, "v2"), (2, "update_postimage", 5, 7, "new"),
                                    (2, "update_preimage", 5, 1, "v5")], kind)

    def test_replaced_rows_are_in_the_feed_and_copied_ones_are_not(self):
        self.make(*KINDS["partitioned feed"], rows=12)
        self.ok("write", self.table, "--quiet", "--mode", "overwrite", "--replace-where", "id < 2",
                "--from", "select 1::bigint id, 1::bigint p, 'new' v, {'a': 0::bigint, 'b': 'y'} s")
        lines = [json.loads(line) for line in self.ok("cdf", self.table, "--from", 1, "--format", "json").splitlines()]
        self.assertEqual(sorted((r["_change_type"], r["id"], r["v"]) for r in lines if r["v"]), [("delete", 1, "v1"), ("insert", 1, "new")])
        self.assertEqual([r["id"] for r in lines if not r["v"]], [0])
        self.assertEqual([r["id"] for r in self.rows()], list(range(1, 12)))

    def test_a_mistake_changes_nothing(self):
        self.make()
        self.refused(INVALID, "--all", "delete", self.table)
        self.refused(INVALID, "nope", "delete", self.table, "--where", "nope = 1")
        self.refused(INVALID, "not boolean", "delete", self.table, "--where", "id + 1")
        self.refused(INVALID, "nope", "update", self.table, "--set", "nope = 1")
        self.refused(INVALID, "id", "update", self.table, "--set", "id = 'text'", "--where", "id = 5")
        self.refused(INVALID, "column = expression", "update", self.table, "--set", "id")
        self.ok("alter", "add-constraint", self.table, "small", "id < 1000")
        self.refused(CONSTRAINT, "small", "update", self.table, "--set", "id = 5000", "--where", "id = 5")
        self.ok("alter", "set", self.table, "delta.appendOnly=true")
        self.refused(UNSUPPORTED, "appends only", "delete", self.table, "--where", "id = 5")

    def test_a_predicate_that_answers_at_random_deletes_what_it_says(self):
        self.make(*KINDS["vectors"], rows=1000)
        done = self.outcome("delete", self.table, "--where", "random() < 0.5")
        self.assertEqual(len(self.rows()), 1000 - done["numDeletedRows"])
        done = self.outcome("update", self.table, "--set", "v = 'hit'", "--where", "random() < 0.5")
        self.assertEqual(sum(row["v"] == "hit" for row in self.rows()), done["numUpdatedRows"])

    def test_a_predicate_that_varies_never_takes_whole_partitions(self):
        # Judged once for each partition it would leave a multiple of 1000 rows.
        self.make("--partition-by", "p", rows=4000)
        done = self.outcome("delete", self.table, "--where", "random() < 0.5")
        self.assertTrue(1500 < done["numDeletedRows"] < 2500 and done["numCopiedRows"] == 4000 - done["numDeletedRows"], done)

    def test_rows_copied_out_of_a_file_without_counts_are_no_changes(self):
        self.make(*KINDS["vectors, feed and row ids"], "--no-upkeep", rows=100)
        log = self.table / "_delta_log" / "00000000000000000000.json"
        actions = [json.loads(line) for line in log.read_text().splitlines()]
        for action in actions:
            action.get("add", {}).pop("stats", None)
        log.write_text("".join(json.dumps(action) + "\n" for action in actions))
        done = self.outcome("delete", self.table, "--where", "id < 2")
        self.assertEqual((done["numDeletedRows"], done["numCopiedRows"], done["numAddedChangeFiles"]), (2, 98, 1))
        feed = self.ok("cdf", self.table, "--from", "1", "--to", "1", "--format", "json").splitlines()
        self.assertEqual(sorted((json.loads(row)["id"], json.loads(row)["_change_type"]) for row in feed), [(0, "delete"), (1, "delete")])


if __name__ == "__main__":
    unittest.main()
