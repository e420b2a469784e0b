"""Compares the change feed that deltic reads with the one that Spark reads, on tables that Spark makes.

    python3 tests/interop/spark_change_feed.py [--only GLOB] [--fresh]

Owns the tables with every operation that a change feed knows, the record of what Spark reads from them (made once, kept in the
folder of tests/shared_cache.py until their definitions change) and the comparison: rows of every range of versions, ranges of time, and
refusals. Exit status: the number of tables that differ (at most 99).
"""
import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
import traceback

import environment

with open(os.path.abspath(__file__), "rb") as text:  # of the tables, not of the questions
    DEFINITIONS = environment.definitions("spark_session.py", more=text.read().split(b"class Judge")[0])
FOLDER = environment.shared_cache.place("interop", f"change-feed-{DEFINITIONS}")
ON = "'delta.enableChangeDataFeed' = 'true'"
VECTORS = "'delta.enableDeletionVectors' = 'true'"
MAPPED = "'delta.columnMapping.mode' = '{mode}', 'delta.minReaderVersion' = '3', 'delta.minWriterVersion' = '7'"
ICT = "'delta.enableInCommitTimestamps' = 'true'"
TABLES = {}


def table(function):
    TABLES[function.__name__] = function
    return function


class Maker:
    """A table being made, one commit a call. `ranges` are asked of Spark itself; all others follow from the whole one."""

    def __init__(self, spark, name):
        self.spark, self.path = spark, os.path.join(FOLDER, name, "delta")
        self.ranges = []

    def all(self, *texts):
        for text in texts:
            self.spark.sql(text.replace("{t}", f"delta.`{self.path}`"))

    def create(self, *properties, columns="id INT, v STRING, p INT", partition=""):
        self.all(f"CREATE TABLE {{t}} ({columns}) USING delta {partition} TBLPROPERTIES ({', '.join((ON,) + properties)})")

    def append(self, first, last):
        self.spark.sql(f"SELECT CAST(id AS INT) id, concat('v', id) v, CAST(id % 3 AS INT) p FROM range({first}, {last})") \
            .coalesce(1).write.format("delta").mode("append").save(self.path)

    def every_operation(self):
        self.append(0, 20)
        self.append(20, 30)
        self.all("UPDATE {t} SET v = 'changed' WHERE id % 7 = 3", "DELETE FROM {t} WHERE id IN (4, 5, 21)",
                 """MERGE INTO {t} d USING (SELECT 6 id, 'm' v, 0 p UNION ALL SELECT 60, 'n', 1 UNION ALL SELECT 7, 'gone', 1) s ON d.id = s.id
                    WHEN MATCHED AND s.v = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *""",
                 "OPTIMIZE {t}", "DELETE FROM {t} WHERE p = 2", "RESTORE {t} TO VERSION AS OF 3")
        self.spark.sql("SELECT 100 id, 'r' v, 0 p UNION ALL SELECT 101, NULL, 0").write.format("delta").mode("overwrite") \
            .option("replaceWhere", "p = 0").save(self.path)
        self.all("INSERT OVERWRITE {t} VALUES (200, 'over', 1), (201, 'over', NULL)", "DELETE FROM {t}")


@table
def plain(t):
    t.create("'delta.enableDeletionVectors' = 'false'")
    t.every_operation()


@table
def vectors(t):
    t.create(VECTORS)
    t.every_operation()


@table
def partitioned(t):
    t.create("'delta.enableDeletionVectors' = 'false'", partition="PARTITIONED BY (p)")
    t.every_operation()


@table
def partitioned_vectors(t):
    t.create(VECTORS, partition="PARTITIONED BY (p)")
    t.every_operation()


@table
def hard_paths(t):
    t.create(columns="id INT, v STRING", partition="PARTITIONED BY (v)")
    t.all("INSERT INTO {t} VALUES (1, 'a b'), (2, 'c%d'), (3, 'e/f'), (4, NULL), (5, 'ü=ö')", "UPDATE {t} SET id = id + 10 WHERE id > 1",
          "DELETE FROM {t} WHERE v = 'c%d' OR v IS NULL")


@table
def commit_times(t):
    t.create(ICT, VECTORS)
    t.every_operation()


@table
def commit_times_later(t):
    t.create()
    t.append(0, 5)
    t.all(f"ALTER TABLE {{t}} SET TBLPROPERTIES ({ICT})", "DELETE FROM {t} WHERE id = 1", "UPDATE {t} SET v = 'x' WHERE id = 2")


@table
def mapped_by_name(t):
    t.create(MAPPED.format(mode="name"), VECTORS, partition="PARTITIONED BY (p)")
    t.every_operation()


@table
def mapped_by_id(t):
    t.create(MAPPED.format(mode="id"))
    t.every_operation()


@table
def columns_added(t):
    t.create()
    t.append(0, 5)
    t.all("ALTER TABLE {t} ADD COLUMN late STRUCT<a: INT, b: STRING>", "INSERT INTO {t} VALUES (10, 'w', 1, named_struct('a', 1, 'b', 'x'))",
          "UPDATE {t} SET late = named_struct('a', 2, 'b', 'y') WHERE id = 3", "DELETE FROM {t} WHERE id IN (1, 10)")


@table
def mapped_columns_change(t):
    t.create(MAPPED.format(mode="name"))
    t.append(0, 5)
    t.all("ALTER TABLE {t} ADD COLUMN late INT", "UPDATE {t} SET late = 1 WHERE id = 1", "ALTER TABLE {t} RENAME COLUMN v TO w",
          "UPDATE {t} SET w = 'x' WHERE id = 2", "ALTER TABLE {t} DROP COLUMN late", "DELETE FROM {t} WHERE id = 3")
    t.ranges = [(0, 1), (0, 2), (0, 3), (2, 3), (3, 4), (0, 4), (4, 5), (5, 5), (3, 5), (5, 6), (6, 7), (0, 7)]


@table
def mapping_switched_on(t):
    t.create("'delta.enableDeletionVectors' = 'false'", partition="PARTITIONED BY (p)")
    t.append(0, 6)
    t.all(f"ALTER TABLE {{t}} SET TBLPROPERTIES ({MAPPED.format(mode='name')})", "UPDATE {t} SET v = 'x' WHERE id = 2", "DELETE FROM {t} WHERE p = 0")
    t.ranges = [(0, 1), (0, 2), (0, 3), (0, 4), (1, 3), (3, 4)]


@table
def schema_overwritten(t):
    t.create()
    t.append(0, 6)
    t.all("DELETE FROM {t} WHERE id = 1")
    t.spark.sql("SELECT 'text' AS id, 1 AS other").write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(t.path)
    t.all("DELETE FROM {t}")
    t.ranges = [(0, 2), (0, 3), (2, 3), (3, 3), (3, 4), (4, 4), (0, 4)]


@table
def merge_adds_columns(t):
    t.create()
    t.append(0, 6)
    t.spark.conf.set("spark.databricks.delta.schema.autoMerge.enabled", "true")
    t.all("MERGE INTO {t} d USING (SELECT 1 id, 'm' v, 0 p, 1.5 extra UNION ALL SELECT 9, 'n', 1, 2.5) s ON d.id = s.id WHEN MATCHED THEN UPDATE SET * "
          "WHEN NOT MATCHED THEN INSERT *", "MERGE INTO {t} d USING (SELECT 99 id) s ON d.id = s.id WHEN MATCHED THEN DELETE")
    t.spark.conf.unset("spark.databricks.delta.schema.autoMerge.enabled")


@table
def rows_tracked(t):
    t.create("'delta.enableRowTracking' = 'true'", VECTORS)
    t.every_operation()


@table
def checkpoints_and_large_vectors(t):
    t.create(VECTORS, "'delta.checkpointInterval' = '2'")
    t.append(0, 50000)
    t.all("DELETE FROM {t} WHERE id % 3 = 0", "DELETE FROM {t} WHERE id BETWEEN 10000 AND 30000", "UPDATE {t} SET v = 'u' WHERE id % 1000 = 1",
          "RESTORE {t} TO VERSION AS OF 2", "DELETE FROM {t} WHERE id % 2 = 0", "RESTORE {t} TO VERSION AS OF 1")


@table
def switched_on_and_off(t):
    t.all("CREATE TABLE {t} (id INT, v STRING, p INT) USING delta")
    t.append(0, 3)
    t.all(f"ALTER TABLE {{t}} SET TBLPROPERTIES ({ON})", "DELETE FROM {t} WHERE id = 1",
          "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'false')")
    t.append(3, 6)
    t.ranges = [(0, 1), (1, 2), (2, 2), (2, 3), (3, 3), (2, 4), (4, 4), (5, 5)]


@table
def types(t):
    t.create(columns="id INT, d DECIMAL(20,3), ts TIMESTAMP, n TIMESTAMP_NTZ, day DATE, b BINARY, l ARRAY<INT>, m MAP<STRING, INT>, f DOUBLE",
             partition="PARTITIONED BY (day)")
    t.all("""INSERT INTO {t} VALUES (1, 1.5, TIMESTAMP'2024-01-01 00:00:00.123456', TIMESTAMP_NTZ'1960-01-01 00:00:00', DATE'2024-02-29', X'00ff', array(1, NULL),
             map('k', 1), double('NaN')), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""", "UPDATE {t} SET d = 2.25, l = array() WHERE id = 1",
          "DELETE FROM {t} WHERE id = 2")


class NotWhole(Exception):
    """Some table could not be made: the next run makes them again."""


def spark_reads(spark, path, first, last):
    return spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", first) \
        .option("endingVersion", last).load(path).toArrow()


def make(names):
    """Makes tables and writes down what Spark reads of them; the number that failed."""
    import pyarrow.parquet as pq
    import spark_session
    spark = spark_session.make_session(environment.spark_jars(), os.path.join(environment.BUILD, "scratch"))
    failed = 0
    for name in names:
        folder = os.path.join(FOLDER, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        try:
            maker = Maker(spark, name)
            TABLES[name](maker)
            last = max(r.version for r in spark.sql(f"DESCRIBE HISTORY delta.`{maker.path}`").collect())
            manifest = {"last": last, "path": maker.path, "ranges": []}
            for first, end in maker.ranges or [(0, last), (1, last - 1)]:
                entry = {"first": first, "last": end}
                try:
                    pq.write_table(spark_reads(spark, maker.path, first, end), os.path.join(folder, f"{first}_{end}.parquet"))
                except Exception as e:
                    entry["refused"] = str(e).split("\n")[0][:200]
                manifest["ranges"].append(entry)
            with open(os.path.join(folder, "manifest.json"), "w") as f:
                json.dump(manifest, f, indent=1)
            print(f"made change feed {name}: {last + 1} versions", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED change feed {name}: {traceback.format_exc(limit=4)[-1500:]}", flush=True)
    spark.stop()
    return failed


class Judge:
    """All questions about one table."""

    def __init__(self, name):
        self.folder = os.path.join(FOLDER, name)
        with open(os.path.join(self.folder, "manifest.json")) as f:
            self.manifest = json.load(f)
        self.problems, self.runs = [], 0

    def run(self, *args):
        """What `deltic cdf` writes as a Parquet file, or its refusal."""
        import pyarrow.parquet as pq
        self.runs += 1
        with tempfile.TemporaryDirectory() as scratch:
            out = os.path.join(scratch, "out.parquet")
            done = subprocess.run([environment.program(), "cdf", self.manifest["path"], *map(str, args), "-o", out],
                                  capture_output=True, text=True, timeout=120)
            if done.returncode:
                if os.listdir(scratch):
                    self.problems.append(f"{args}: left a file although it failed")
                return None, done.stderr.strip()
            return pq.ParquetFile(out).read(), ""

    def same(self, want, *args):
        import rows
        got, refusal = self.run(*args)
        difference = refusal if got is None else rows.compare(want, got)
        if difference:
            self.problems.append(f"{' '.join(map(str, args))}: {difference[:600]}")

    def judge(self):
        import pyarrow.compute as pc
        import pyarrow.parquet as pq
        whole = None
        for entry in self.manifest["ranges"]:
            first, last = entry["first"], entry["last"]
            if "refused" in entry:
                got, refusal = self.run("--from", first, "--to", last)
                if got is not None:
                    self.problems.append(f"{first} to {last}: {got.num_rows} rows, but Spark refuses: {entry['refused']}")
                elif "version" not in refusal:
                    self.problems.append(f"{first} to {last}: the refusal names no version: {refusal}")
                continue
            want = pq.read_table(os.path.join(self.folder, f"{first}_{last}.parquet"))
            self.same(want, "--from", first, "--to", last)
            if (first, last) == (0, self.manifest["last"]):
                whole = want
        if whole is not None:
            self.sub_ranges(whole, pc)
        return self.problems

    def sub_ranges(self, whole, pc):
        last = self.manifest["last"]
        versions = whole.column("_commit_version")
        for first in range(last + 1):
            for end in range(first, last + 1):
                self.same(whole.filter(pc.and_(pc.greater_equal(versions, first), pc.less_equal(versions, end))),
                          "--from", first, "--to", end)
        middle = last // 2
        self.same(whole.filter(pc.equal(versions, middle)), "--from", 0, "--where", f"_commit_version = {middle}")
        for kind in ("insert", "delete", "update_preimage", "update_postimage"):
            self.same(whole.filter(pc.equal(whole.column("_change_type"), kind)), "--from", 0, "--where", f"_change_type = '{kind}'")
        self.same(whole.filter(pc.equal(whole.column("id"), 2)).select(["_change_type", "id", "_commit_timestamp"]), "--from", 0,
                  "--where", "id = 2", "--columns", "_change_type,id,_commit_timestamp")
        if "p" in whole.schema.names:
            self.same(whole.filter(pc.equal(whole.column("p"), 1)), "--from", 0, "--where", "p = 1")
        # The times that the rows have are the times that find them.
        times = {v: t for v, t in zip(versions.to_pylist(), whole.column("_commit_timestamp").to_pylist())}
        for version, time in list(times.items())[:3]:
            self.same(whole.filter(pc.equal(versions, version)), "--from-timestamp", time.isoformat(), "--to-timestamp", time.isoformat())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*", help="a glob of table names, or several with commas")
    parser.add_argument("--fresh", action="store_true", help="make the tables again")
    args = parser.parse_args()
    if not environment.java():
        print("interop: !!! NO JAVA: THE CHANGE FEED IS NOT COMPARED WITH SPARK'S (install a Java 17 runtime) !!!", file=sys.stderr)
        return 0
    if sys.prefix != environment.VENV:
        os.execv(environment.python(), [environment.python(), os.path.abspath(__file__), *sys.argv[1:]])
    names, failed = [n for n in TABLES if any(fnmatch.fnmatch(n, g) for g in args.only.split(","))], 0
    try:
        with environment.shared_cache.once(os.path.dirname(FOLDER), os.path.basename(FOLDER), "whole", again=args.fresh, thing=FOLDER) as missing:
            if missing:
                failed = make(TABLES)
            if failed:
                raise NotWhole
    except NotWhole:
        pass
    for name in names:
        if not os.path.exists(os.path.join(FOLDER, name, "manifest.json")):
            continue
        judge = Judge(name)
        problems = judge.judge()
        failed += bool(problems)
        print(f"{'FAILED' if problems else 'ok'} change feed {name}: {judge.runs} reads" + "".join(f"\n  {p}" for p in problems[:12]), flush=True)
    return min(failed, 99)


if __name__ == "__main__":
    sys.exit(main())
