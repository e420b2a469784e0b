"""Owns the proof that aggregates which `deltic sql` answers from the log's statistics are those of the rows: random tables
of delta-rs, then changed by hand where delta-rs would not (no statistics, wide bounds, deletion vectors), each query once
from statistics and once with that turned off. And that EXPLAIN says when it happened, and when it must not.
"""
import datetime
import decimal
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile
import unittest

import pyarrow as pa

ROOT = pathlib.Path(__file__).resolve().parents[2]
DELTIC = os.environ.get("DELTIC", str(ROOT / "build/release/bin/deltic"))
OFF = "SET disabled_optimizers = 'extension'; "
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
COLUMNS = {"i": pa.int64(), "b": pa.int8(), "d": pa.date32(), "n": pa.decimal128(12, 3), "w": pa.decimal128(30, 3),
           "s": pa.string(), "f": pa.float64(), "t": pa.timestamp("us", "UTC"), "o": pa.bool_()}


def sql(text, *arguments):
    done = subprocess.run([DELTIC, "sql", text, "--format", "json", *map(str, arguments)], capture_output=True, text=True,
                          timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"{text}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def plan(text, table):
    done = subprocess.run([DELTIC, "sql", "EXPLAIN " + text, "--table", f"t={table}"], capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def inline_vector(rows):
    """A deletion vector of these rows (below 65536) as the protocol stores it in the log."""
    bitmap = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16) + struct.pack(f"<{len(rows)}H", *sorted(rows))
    data = struct.pack("<IQI", 1681511377, 1, 0) + bitmap
    size = len(data)
    data += b"\0" * (-len(data) % 4)
    text = ""
    for (word,) in struct.iter_unpack(">I", data):
        digits = ""
        for _ in range(5):
            digits = Z85[word % 85] + digits
            word //= 85
        text += digits
    return {"storageType": "i", "pathOrInlineDv": text, "sizeInBytes": size, "cardinality": len(rows)}


def rewrite_adds(table, change):
    """Hands every add action of the log to `change` and writes back what it left."""
    for commit in sorted((table / "_delta_log").glob("*.json")):
        lines = [json.loads(line) for line in commit.read_text().splitlines()]
        for line in lines:
            if "add" in line:
                change(line["add"])
        commit.write_text("".join(json.dumps(line) + "\n" for line in lines))


def allow_vectors(table):
    commit = table / "_delta_log/00000000000000000000.json"
    lines = [json.loads(line) for line in commit.read_text().splitlines()]
    for line in lines:
        if "protocol" in line:
            line["protocol"] = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                                "writerFeatures": ["deletionVectors"]}
    commit.write_text("".join(json.dumps(line) + "\n" for line in lines))


@unittest.skipUnless(os.access(DELTIC, os.X_OK), f"{DELTIC} is not built")
class SqlStatistics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-sql-statistics-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def make(self, name, batches, partition_by=("p",)):
        from deltalake import write_deltalake
        table = self.folder / name
        for batch in batches:
            write_deltalake(table, batch, mode="append", partition_by=list(partition_by) or None)
        return table

    def simple(self, name, files=3):
        return self.make(name, [pa.table({"i": pa.array(range(10 * f, 10 * f + 10)), "p": ["ab"[f % 2]] * 10,
                                          "s": [f"s{f}"] * 10}) for f in range(files)])

    def random_batch(self, dice):
        rows = dice.choice([1, 3, 20])
        nulls = dice.choice([0, 0, 0.3, 1])
        make = {
            "i": lambda: dice.randint(-2**63, 2**63 - 1), "b": lambda: dice.randint(-128, 127),
            "d": lambda: datetime.date.fromordinal(dice.randint(577736, 1000000)),
            "n": lambda: decimal.Decimal(dice.randint(-10**12 + 1, 10**12 - 1)).scaleb(-3),
            "w": lambda: decimal.Decimal(dice.randint(-10**29, 10**29)).scaleb(-3, decimal.Context(prec=40)),
            "s": lambda: "x" * dice.randint(0, 40) + chr(dice.randint(33, 0x2fff)),
            "f": lambda: dice.choice([0.0, float("nan"), dice.uniform(-1e300, 1e300)]),
            "t": lambda: datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc) +
            datetime.timedelta(microseconds=dice.randint(-10**12, 10**12)), "o": lambda: dice.random() < 0.5}
        data = {name: pa.array([None if dice.random() < nulls else make[name]() for _ in range(rows)], type)
                for name, type in COLUMNS.items()}
        data["p"] = pa.array([dice.choice(["a", "b", None]) for _ in range(rows)], pa.string())
        data["q"] = pa.array([dice.choice([1, 2, 10, None]) for _ in range(rows)], pa.int32())
        return pa.table(data)

    def change_by_hand(self, table, dice):
        allow_vectors(table)

        def change(add):
            stats = json.loads(add["stats"])
            fate = dice.choice(["as it is"] * 4 + ["no statistics", "only a count", "wide", "vector", "tight vector"])
            if fate == "no statistics":
                del add["stats"]
                return
            if fate == "only a count":
                stats = {"numRecords": stats["numRecords"]}
            if fate == "wide":
                stats["tightBounds"] = False
                if "i" in stats.get("minValues", {}):
                    stats["minValues"]["i"] = -2**63
            if fate == "vector":
                rows = stats["numRecords"]
                add["deletionVector"] = inline_vector(dice.sample(range(rows), dice.randint(1, rows)))
                stats["tightBounds"] = False
            if fate == "tight vector":
                # Only if all rows are gone are the bounds of the others known here.
                add["deletionVector"] = inline_vector(range(stats["numRecords"]))
                stats["tightBounds"] = True
            add["stats"] = json.dumps(stats)

        rewrite_adds(table, change)

    def test_random_tables_give_the_same_answers_from_statistics_as_from_their_rows(self):
        answered = 0
        filters = ["", "WHERE p = 'a'", "WHERE p IS NULL", "WHERE q IN (1, 10)", "WHERE q > 1 AND upper(p) <> 'A'",
                   "WHERE p LIKE 'b%' OR q < 5", "WHERE p = 'none'"]
        for seed in range(int(os.environ.get("DELTIC_SEEDS", "12"))):
            dice = random.Random(seed)
            table = self.make(f"random{seed}", [self.random_batch(dice) for _ in range(dice.randint(1, 5))],
                              partition_by=dice.choice([("p", "q"), ("p", "q"), ()]))
            if seed % 3:
                self.change_by_hand(table, dice)
            single = [f"{f}({c})" for c in [*COLUMNS, "p", "q"] for f in ("count", "min", "max")] + ["count(*)"]
            for where in filters:
                text = "SELECT " + ", ".join(f"(SELECT {a} FROM t {where})::VARCHAR AS a{n}" for n, a in enumerate(single))
                for text in (text, f"SELECT count(*) c, min(i) a, max(d) z FROM t {where}",
                             f"SELECT p, count(*) c, count(n) k, min(n) a, max(q) z FROM t {where} GROUP BY p ORDER BY p",
                             f"SELECT q, p, count(*) c FROM t {where} GROUP BY ALL HAVING count(*) > 1 ORDER BY q, p"):
                    with self.subTest(seed=seed, text=text):
                        self.assertEqual(sql(text, "--table", f"t={table}"), sql(OFF + text, "--table", f"t={table}"))
            answered += plan("SELECT count(*), min(i) FROM t", table).count("DELTIC_STATISTICS")
        self.assertGreater(answered, 0)

    def test_explain_says_which_aggregates_came_from_statistics_and_no_data_file_is_opened(self):
        table = self.simple("explained")
        for text in ("SELECT count(*) FROM t", "SELECT count(i), min(i), max(i) FROM t", "SELECT min(p), count(s) FROM t",
                     "SELECT count(*) FROM t WHERE p = 'a'", "SELECT p, max(i) FROM t GROUP BY p",
                     "SELECT count(*) FROM (SELECT i AS x, p AS y FROM t) WHERE y || 'x' = 'ax'",
                     "WITH c AS (SELECT * FROM t) SELECT max(i) FROM c",
                     "SELECT count(*) + 1 FROM t HAVING count(*) > 2"):
            with self.subTest(text=text):
                self.assertIn("DELTIC_STATISTICS", plan(text, table))
                self.assertNotIn("DELTIC_SCAN", plan(text, table))
        for file in table.glob("*/*.parquet"):
            file.unlink()
        self.assertEqual(sql("SELECT count(*) c, min(i) a, max(i) z FROM t", "--table", f"t={table}"),
                         [{"c": 30, "a": 0, "z": 29}])
        self.assertEqual(sql("SELECT p, count(*) c FROM t WHERE p < 'b' GROUP BY p", "--table", f"t={table}"),
                         [{"p": "a", "c": 20}])

    def test_what_statistics_cannot_tell_is_read_from_the_files(self):
        table = self.simple("read")
        for text in ("SELECT min(s) FROM t", "SELECT count(DISTINCT i) FROM t", "SELECT sum(i) FROM t",
                     "SELECT count(*) FROM t WHERE i > 3", "SELECT i, count(*) FROM t GROUP BY i",
                     "SELECT count(*) FILTER (i > 3) FROM t", "SELECT min(i + 1) FROM t", "SELECT min(i, 2) FROM t",
                     "SELECT count(*) FROM (SELECT * FROM t LIMIT 3)", "SELECT count(*) FROM t WHERE random() < 0.5",
                     "SELECT count(*) FROM t TABLESAMPLE 50%", "SELECT count(*) FROM t a JOIN t b ON a.i = b.i",
                     "SELECT p, max(i) FROM t GROUP BY ROLLUP (p)"):
            with self.subTest(text=text):
                self.assertNotIn("DELTIC_STATISTICS", plan(text, table))

    def test_a_deletion_vector_leaves_the_count_known_and_the_bounds_unknown(self):
        table = self.simple("vector", files=1)
        allow_vectors(table)
        rewrite_adds(table, lambda add: add.update(deletionVector=inline_vector([0, 9])))
        self.assertIn("DELTIC_STATISTICS", plan("SELECT count(*), count(i) FROM t", table))
        self.assertNotIn("DELTIC_STATISTICS", plan("SELECT min(i) FROM t", table))
        self.assertEqual(sql("SELECT count(*) c, min(i) a, max(i) z FROM t", "--table", f"t={table}"),
                         [{"c": 8, "a": 1, "z": 8}])

    def test_one_file_that_does_not_tell_decides_only_for_filters_that_keep_it(self):
        table = self.simple("partly")
        rewrite_adds(table, lambda add: add.pop("stats") if add["partitionValues"]["p"] == "b" else None)
        self.assertNotIn("DELTIC_STATISTICS", plan("SELECT count(*) FROM t", table))
        self.assertIn("DELTIC_STATISTICS", plan("SELECT count(*) FROM t WHERE p = 'a'", table))
        self.assertEqual(sql("SELECT count(*) c FROM t", "--table", f"t={table}"), [{"c": 30}])

    def test_an_empty_table_counts_nothing(self):
        table = self.make("empty", [pa.table({"i": pa.array([], pa.int64()), "p": pa.array([], pa.string())})])
        text = "SELECT count(*) c, count(i) n, min(i) a, max(p) z FROM t"
        self.assertIn("DELTIC_STATISTICS", plan(text, table))
        self.assertEqual(sql(text, "--table", f"t={table}"), [{"c": 0, "n": 0, "a": None, "z": None}])
        self.assertEqual(sql("SELECT p, count(*) FROM t GROUP BY p", "--table", f"t={table}"), [])

    def test_a_filter_of_one_scan_is_forgotten_in_the_next_of_the_same_table(self):
        table = self.simple("twice")
        self.assertEqual(sql("SELECT count(*) c FROM t WHERE i = 1; SELECT count(*) c FROM t", "--table", f"t={table}"),
                         [{"c": 30}])
        scan = f"delta_scan('{table}')"
        self.assertEqual(sql(f"SELECT (SELECT sum(i) FROM {scan} WHERE i < 5) a, (SELECT sum(i) FROM {scan}) z"),
                         [{"a": 10, "z": 435}])
        self.assertEqual(sql(f"SELECT count(*) c FROM {scan} a, {scan} b WHERE a.i = 21"), [{"c": 30}])


if __name__ == "__main__":
    unittest.main()
