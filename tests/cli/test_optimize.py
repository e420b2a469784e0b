"""Owns the proof that `deltic optimize` and `reorg` rearrange files and nothing else: rows and row ids before and after, on
random tables too; what is skipped afterwards; what is refused; that a second run finds nothing to do. Runs the program of
env DELTIC. Which files are chosen is src/optimize's own tests' matter.
"""
import json
import random
import unittest

import program
from program import deltic, INVALID


class Optimize(program.ProgramTest):
    def write(self, sql, *options):
        self.ok("write", self.table, "--quiet", *options, "--from", sql)

    def optimize(self, *options):
        return json.loads(self.ok("optimize", self.table, "--json", *options))

    def query(self, columns, extra=""):
        sql = f"select {columns} from delta_scan('{self.table}') t {extra}"
        return [line for line in self.ok("sql", sql, "--format", "csv").splitlines()[1:]]

    def rows(self, *options):
        return sorted(self.ok("cat", self.table, "--format", "json", *options).splitlines())

    def actions(self, version):
        lines = (self.table / "_delta_log" / f"{version:020}.json").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def kept_files(self, where):
        return len(json.loads(self.ok("files", self.table, "--where", where, "--json")))

    def test_small_files_become_one_in_the_order_of_their_rows_and_a_second_run_finds_nothing(self):
        for part in range(5):
            self.write(f"select i as id from range({part * 10}, {part * 10 + 10}) r(i)")
        done = self.optimize()
        self.assertEqual((done["numFilesRemoved"], done["numFilesAdded"], done["version"]), (5, 1, 5))
        self.assertTrue(done["preserveInsertionOrder"])
        ids = [json.loads(line)["id"] for line in self.ok("cat", self.table, "--format", "json").splitlines()]
        self.assertEqual(ids, list(range(50)))
        actions = self.actions(5)
        self.assertTrue(all(not (a.get("add") or a.get("remove"))["dataChange"] for a in actions if "commitInfo" not in a))
        info = actions[0]["commitInfo"]
        self.assertEqual(info["operation"], "OPTIMIZE")
        self.assertEqual(info["isolationLevel"], "SnapshotIsolation")
        self.assertEqual(info["operationParameters"],
                         {"auto": False, "clusterBy": "[]", "predicate": "[]", "zOrderBy": "[]"})
        again = self.optimize()
        self.assertEqual((again["changed"], again["version"]), (False, 5))

    def test_partitions_stay_apart_and_a_predicate_chooses_some(self):
        for part in range(3):
            self.write(f"select i as id, case i % 3 when 0 then null else 'p' || i % 3 end as p "
                       f"from range({part * 9}, {part * 9 + 9}) r(i)", "--partition-by", "p")
        before = self.rows()
        some = self.optimize("--where", "p like '%1'")
        self.assertEqual((some["numFilesRemoved"], some["numFilesAdded"], some["partitionsOptimized"]), (3, 1, 1))
        self.assertEqual(json.loads(self.actions(3)[0]["commitInfo"]["operationParameters"]["predicate"]), ["p like '%1'"])
        rest = self.optimize("--commit-interval", "0")
        self.assertEqual((rest["numFilesRemoved"], rest["numFilesAdded"], rest["commits"]), (6, 2, 2))
        self.assertEqual(self.rows(), before)

    def test_z_order_makes_filters_on_each_column_skip_files(self):
        self.write("select (i * 7919) % 100000 as a, (i * 104729) % 100000 as b, i % 3 as few, i as id from range(400000) r(i)")
        before = self.query("count(*), sum(a), sum(b), sum(id), count(distinct id)")
        done = self.optimize("--zorder-by", "a,b", "--target-size", "150000")
        self.assertFalse(done["preserveInsertionOrder"])
        files = done["numFilesAdded"]
        self.assertGreater(files, 3)
        for column in "ab":
            self.assertLess(self.kept_files(f"{column} between 20000 and 20100"), files, column)
        self.assertEqual(self.query("count(*), sum(a), sum(b), sum(id), count(distinct id)"), before)

    def test_what_cannot_order_rows_is_refused_by_name(self):
        self.write("select i as id, i % 2 as p, [i] as l from range(10) r(i)", "--partition-by", "p",
                   "--property", "delta.dataSkippingStatsColumns=l")
        self.refused(INVALID, "partition column", "optimize", self.table, "--zorder-by", "p")
        self.refused(INVALID, "no such column", "optimize", self.table, "--zorder-by", "x")
        self.refused(INVALID, "no statistics", "optimize", self.table, "--zorder-by", "id")
        self.refused(INVALID, "have no order", "optimize", self.table, "--zorder-by", "l")
        self.refused(INVALID, "clustering columns", "optimize", self.table, "--full")

    def cluster(self, columns="a,b"):
        self.write("select i % 1000 as a, (i * 31 % 997)::varchar as b, {'x': (i % 50)::int} as s from range(20000) r(i)",
                   "--cluster-by", columns)

    def adds(self, version):
        return [action["add"] for action in self.actions(version) if "add" in action]

    def test_clustering_touches_only_new_files_and_marks_them(self):
        self.cluster()
        first = self.optimize()
        self.assertEqual((first["numFilesRemoved"], first["plannerStrategy"]), (1, "clustering"))
        (old,) = self.adds(first["version"])
        self.assertEqual(old["clusteringProvider"], "liquid")
        self.assertEqual(json.loads(old["tags"]["ZCUBE_ZORDER_BY"]), ["a", "b"])
        self.assertFalse(self.optimize()["changed"])
        self.write("select 5::bigint as a, 'x' as b, {'x': 1::int} as s")
        before = self.rows()
        second = self.optimize()
        self.assertEqual(second["numFilesRemoved"], 1)
        self.assertNotIn(old["path"], [a["remove"]["path"] for a in self.actions(second["version"]) if "remove" in a])
        self.assertEqual(self.rows(), before)
        self.refused(INVALID, "leave the predicate out", "optimize", self.table, "--where", "a = 1")
        self.refused(INVALID, "its own columns", "optimize", self.table, "--zorder-by", "a")

    def test_other_clustering_columns_hold_for_old_files_after_a_full_run(self):
        self.cluster()
        self.optimize()
        self.ok("alter", "cluster-by", self.table, "s.x")
        self.assertFalse(self.optimize()["changed"])
        before = self.rows()
        full = self.optimize("--full")
        self.assertTrue(full["changed"])
        self.assertEqual(json.loads(self.adds(full["version"])[0]["tags"]["ZCUBE_ZORDER_BY"]), ["s.x"])
        self.assertEqual(self.rows(), before)
        self.assertFalse(self.optimize("--full")["changed"])

    def test_columns_that_were_dropped_leave_the_files_with_reorg(self):
        self.write("select i as id, 'secret' as gone, {'x': i, 'y': 'hidden'} as s from range(10) r(i)",
                   "--property", "delta.columnMapping.mode=name")
        self.assertFalse(json.loads(self.ok("reorg", self.table, "--json"))["changed"])
        self.ok("alter", "drop-column", self.table, "gone", "s.y")
        before = self.rows()
        done = json.loads(self.ok("reorg", self.table, "--json"))
        self.assertEqual((done["numFilesRemoved"], done["numFilesAdded"]), (1, 1))
        self.assertEqual(self.actions(done["version"])[0]["commitInfo"]["operation"], "REORG")
        self.assertEqual(self.rows(), before)
        self.assertFalse(json.loads(self.ok("reorg", self.table, "--json"))["changed"])

    def test_deleted_rows_leave_the_files(self):
        self.write("select i as id from range(1000) r(i)", "--property", "delta.enableDeletionVectors=true")
        done = deltic("delete", self.table, "--where", "id % 100 = 0")
        if done.returncode != 0:
            self.skipTest(f"no delete: {done.stderr}")
        before = self.rows()
        self.assertFalse(self.optimize()["changed"])  # one row of a hundred is not worth it
        purged = json.loads(self.ok("reorg", self.table, "--json"))
        self.assertEqual((purged["numDeletionVectorsRemoved"], purged["numDeletionVectorRowsRemoved"]), (1, 10))
        self.assertEqual(self.rows(), before)
        self.ok("delete", self.table, "--where", "id % 10 = 1")
        before = self.rows()
        self.assertEqual(self.optimize()["numDeletionVectorsRemoved"], 1)
        self.assertEqual(self.rows(), before)

    def test_writes_compact_partitions_of_many_small_files_where_the_table_asks(self):
        for part in range(50):
            self.write(f"select {part} as id", "--property", "delta.autoOptimize.autoCompact=true")
            if part < 49:
                self.assertEqual(len(list(self.table.glob("*.parquet"))), part + 1)
        self.assertEqual(json.loads(self.ok("info", self.table, "--json"))["version"], 50)
        self.assertTrue(self.actions(50)[0]["commitInfo"]["operationParameters"]["auto"])
        self.assertEqual(self.kept_files("true"), 1)
        self.assertEqual(len(self.rows()), 50)

    def test_optimized_writes_make_one_file_a_partition(self):
        self.write("select i as id, i % 5 as p from range(300000) r(i)", "--partition-by", "p",
                   "--property", "delta.autoOptimize.optimizeWrite=true")
        self.assertLessEqual(self.kept_files("true"), 5 + 2)  # one more where a thread's share of rows ends

    def test_random_tables_keep_their_rows_and_row_ids(self):
        for seed in range(6):
            with self.subTest(seed=seed):
                self.random_table(seed)

    def random_table(self, seed):
        draw = random.Random(seed)
        self.table = self.folder / f"random {seed}"
        partitioned = draw.random() < 0.5
        options = ["--property", "delta.enableRowTracking=true"]
        if draw.random() < 0.5:
            options += ["--property", "delta.columnMapping.mode=name"]
        if partitioned:
            options += ["--partition-by", "p"]
        for part in range(draw.randint(2, 6)):
            start, count = draw.randint(0, 1000), draw.randint(1, 3000)
            self.write(f"select i as id, case when i % 7 = 0 then null else ('s' || (i * 31 % 101)) end as s, "
                       f"(i % 13)::double / 3 as f, date '2026-01-01' + (i % 400)::int as d, (i * 17 % 1000)::decimal(20,2) as m, "
                       f"[i, null] as l, {{'x': i % 3, 'y': 'v' || i}} as st, i % 3 as p "
                       f"from range({start}, {start + count}) r(i)", *options)
        before = self.rows("--row-ids")
        choice = draw.choice([[], ["--zorder-by", "s,d"], ["--zorder-by", "m,f,st.x"], ["--zorder-by", "id"]])
        done = self.optimize("--target-size", draw.choice(["20000", "100000000"]), *choice)
        self.assertEqual(self.rows("--row-ids"), before, f"{choice} {done}")


if __name__ == "__main__":
    unittest.main()
