"""Spark makes tables, deltic does the upkeep, Spark, delta-rs and DuckDB read on. Run by run.py with the interoperability
environment's python; exit status 0 when every reader sees the same rows and Spark's own verification accepts each
checksum.

Owns the tables and the comparisons; starting Spark is tests/interop's.
"""
import glob
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402
import spark_session  # noqa: E402

import deltalake  # noqa: E402

SCRATCH = os.path.join(environment.PROJECT, "build", "upkeep")
STEP = os.environ.get("DELTIC_UPKEEP_STEP", os.path.join(environment.PROJECT, "build", "release", "bin", "upkeep_step"))
failures = []


def step(*words):
    """One step of upkeep; its answer."""
    run = subprocess.run([STEP, *map(str, words)], capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: {run.stderr.strip()}")
    return json.loads(run.stdout)


def check(what, condition, detail=""):
    if not condition:
        failures.append(f"{what}: {detail}")
        print(f"  WRONG {what}: {detail}", flush=True)


class Table:
    def __init__(self, spark, name):
        self.spark, self.name, self.path = spark, name, os.path.join(SCRATCH, name)
        shutil.rmtree(self.path, ignore_errors=True)

    def sql(self, text):
        return self.spark.sql(text.replace("{t}", f"delta.`{self.path}`"))

    def rows(self):
        return sorted(map(str, self.sql("SELECT * FROM {t}").collect()))

    def fresh_log(self):
        """Spark's log of the table as a new process would find it."""
        delta_log = self.spark._jvm.org.apache.spark.sql.delta.DeltaLog
        delta_log.clearCache()
        return delta_log.forTable(self.spark._jsparkSession, self.path)

    def delete(self, pattern):
        for file in glob.glob(os.path.join(self.path, "_delta_log", pattern)):
            os.remove(file)

    def verify(self, what):
        """Spark's own verification of the newest version's checksum: (there was one, it holds)."""
        snapshot = self.fresh_log().unsafeVolatileSnapshot()
        there = snapshot.checksumOpt().isDefined()
        empty = self.spark._jvm.scala.Predef.Map().empty()
        try:
            holds = snapshot.validateChecksum(empty)
        except Exception as error:  # what Spark throws says which number differs
            check(what, False, str(error)[:600])
            return there
        check(what, holds is True, f"validateChecksum answers {holds}")
        return there


def duckdb_count(path):
    """Through DuckDB's delta extension (delta-kernel); None where the extension is not installed."""
    try:
        import duckdb
        import duckdb_extension_delta
    except ImportError:
        return None
    folder = os.path.dirname(duckdb_extension_delta.__file__)
    (extension,) = glob.glob(os.path.join(folder, "extensions", "*", "delta.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    return connection.execute(f"SELECT count(*) FROM delta_scan('{path}')").fetchone()[0]


def others_read(table, rows):
    """Readers other than Spark and deltic count the same rows; a feature they refuse is no failure of ours."""
    try:
        count = duckdb_count(table.path)
        check(f"{table.name}: DuckDB", count in (None, rows), f"{count} rows, not {rows}")
    except Exception as error:
        check(f"{table.name}: DuckDB", False, str(error)[:300])
    try:
        count = deltalake.DeltaTable(table.path).to_pyarrow_dataset().count_rows()
        check(f"{table.name}: delta-rs", count == rows, f"{count} rows, not {rows}")
    except Exception as error:
        print(f"  {table.name}: delta-rs refuses: {str(error)[:120]}", flush=True)


def upkeep(table, expect_sidecars=False):
    """Checksum, checkpoint, then a table that has nothing but these and its newest commit."""
    before, state = table.rows(), step("state", table.path)
    version = state["version"]
    name = f"{version:020}"
    table.delete(name + ".crc")
    table.delete(".*.crc")
    step("checksum", table.path)
    check(f"{table.name}: a checksum was written", os.path.exists(os.path.join(table.path, "_delta_log", name + ".crc")))
    check(f"{table.name}: Spark read the checksum", table.verify(f"{table.name}: checksum out of the commits"))
    for old in glob.glob(os.path.join(table.path, "_delta_log", "*.checkpoint*")):
        os.remove(old)
    table.delete("_last_checkpoint")
    done = step("checkpoint", table.path)
    check(f"{table.name}: sidecars", (done["sidecars"] > 0) == expect_sidecars, done)
    for file in glob.glob(os.path.join(table.path, "_delta_log", "*.json")):
        base = os.path.basename(file)
        if base[:20].isdigit() and int(base[:20]) < version and ".checkpoint." not in base:
            os.remove(file)
    for file in glob.glob(os.path.join(table.path, "_delta_log", "*.crc")):
        os.remove(file)
    table.fresh_log()
    check(f"{table.name}: Spark reads out of the checkpoint", table.rows() == before, "other rows")
    after = step("state", table.path)
    check(f"{table.name}: deltic reads out of the checkpoint",
          {**after, "ms": 0, "cpu_s": 0, "peak_mb": 0, "checkpoint": 0, "removes": 0} ==
          {**state, "ms": 0, "cpu_s": 0, "peak_mb": 0, "checkpoint": 0, "removes": 0}, f"{state} -> {after}")
    others_read(table, after["rows"])
    step("checksum", table.path)
    table.verify(f"{table.name}: checksum out of the checkpoint")
    return before


def goes_on(table, before, insert):
    """Spark writes on, and everybody reads that too."""
    table.sql(insert)
    now = table.rows()
    check(f"{table.name}: Spark goes on writing", len(now) > len(before), f"{len(before)} -> {len(now)}")
    state = step("state", table.path)
    check(f"{table.name}: deltic reads what Spark wrote on", state["rows"] in (-1, len(now)), state)
    table.verify(f"{table.name}: Spark's checksum after ours")


def a_wrong_checksum_is_noticed(spark):
    """Else the verification above would prove nothing."""
    table = Table(spark, "wrong_checksum")
    table.sql("CREATE TABLE {t} (id BIGINT) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '1000')")
    table.sql("INSERT INTO {t} VALUES (1), (2)")
    table.delete("*.crc")
    table.delete(".*.crc")
    step("checksum", table.path)
    file = os.path.join(table.path, "_delta_log", f"{1:020}.crc")
    with open(file) as source:
        checksum = json.load(source)
    checksum["numFiles"] += 1
    with open(file, "w") as target:
        json.dump(checksum, target)
    snapshot = table.fresh_log().unsafeVolatileSnapshot()
    try:
        holds = snapshot.validateChecksum(spark._jvm.scala.Predef.Map().empty())
    except Exception:
        holds = False
    check("a wrong checksum is noticed", holds is False, holds)


def plain(spark):
    table = Table(spark, "plain")
    table.sql("CREATE TABLE {t} (id BIGINT, p STRING, d DECIMAL(20,3), ts TIMESTAMP, s STRUCT<a: INT, b: STRING>) USING delta "
              "PARTITIONED BY (p) TBLPROPERTIES ('delta.checkpointInterval' = '1000')")
    for k in range(4):
        table.sql(f"INSERT INTO {{t}} SELECT id, concat('p', id % 3), id / 7, timestamp'2024-01-01' + make_dt_interval(id), "
                  f"struct(cast(id as int), cast(id as string)) FROM range({k * 50}, {k * 50 + 50})")
    table.sql("DELETE FROM {t} WHERE p = 'p1' AND id < 50")
    before = upkeep(table)
    goes_on(table, before, "INSERT INTO {t} VALUES (1000, NULL, 1.5, timestamp'2020-02-02', NULL)")


def struct_statistics(spark):
    table = Table(spark, "struct_statistics")
    table.sql("CREATE TABLE {t} (id BIGINT, p DATE, f DOUBLE, s STRUCT<a: INT, t: TIMESTAMP>, d DECIMAL(30,4), b BINARY, "
              "arr ARRAY<INT>, x STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.checkpointInterval' = '1000', "
              "'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpoint.writeStatsAsJson' = 'false')")
    for k in range(3):
        table.sql(f"INSERT INTO {{t}} SELECT id, date'2024-01-01' + cast(id % 2 as int), id / 3, struct(cast(id as int), "
                  f"timestamp'2024-01-01 01:02:03.456'), id * 1.25, cast('x' as binary), array(1, 2), concat('é', id) "
                  f"FROM range({k * 10}, {k * 10 + 10})")
    before = upkeep(table)
    files = len(table.sql("SELECT DISTINCT _metadata.file_path FROM {t} WHERE id < 5 AND s.a < 5").collect())
    check("struct_statistics: rows by filter", table.sql("SELECT * FROM {t} WHERE id < 5 AND s.a < 5").count() == 5)
    check("struct_statistics: files by filter", files <= 2, files)
    goes_on(table, before, "INSERT INTO {t} SELECT 100, date'2024-05-05', 1, NULL, 2, NULL, NULL, 'z'")


def vectors_v2(spark):
    table = Table(spark, "vectors_v2")
    table.sql("CREATE TABLE {t} (id BIGINT, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.checkpointInterval' = "
              "'1000', 'delta.enableDeletionVectors' = 'true', 'delta.checkpointPolicy' = 'v2', "
              "'delta.enableRowTracking' = 'true', 'delta.enableInCommitTimestamps' = 'true', "
              "'delta.columnMapping.mode' = 'name')")
    table.sql("INSERT INTO {t} SELECT id, id % 2 FROM range(0, 200)")
    table.sql("DELETE FROM {t} WHERE id % 10 = 3")
    table.sql("DELETE FROM {t} WHERE id % 10 = 4")
    table.sql("INSERT INTO {t} SELECT id, id % 2 FROM range(200, 260)")
    before = upkeep(table, expect_sidecars=True)
    goes_on(table, before, "INSERT INTO {t} VALUES (1000, 1)")


def clustered(spark):
    table = Table(spark, "clustered")
    spark.sql("DROP TABLE IF EXISTS upkeep_clustered")
    spark.sql(f"CREATE TABLE upkeep_clustered (id BIGINT, n STRING) USING delta CLUSTER BY (id) LOCATION '{table.path}' "
              "TBLPROPERTIES ('delta.checkpointInterval' = '1000')")
    table.sql("INSERT INTO {t} SELECT id, cast(id as string) FROM range(0, 100)")
    before = upkeep(table)
    goes_on(table, before, "INSERT INTO {t} VALUES (1000, 'x')")


def compacted(spark):
    table = Table(spark, "compacted")
    table.sql("CREATE TABLE {t} (id BIGINT) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '1000', "
              "'delta.enableDeletionVectors' = 'true')")
    for k in range(5):
        table.sql(f"INSERT INTO {{t}} SELECT id FROM range({k * 10}, {k * 10 + 10})")
    table.sql("DELETE FROM {t} WHERE id % 2 = 0")
    before, version = table.rows(), step("state", table.path)["version"]
    step("compact", table.path, 1, version)
    table.delete("*.crc")
    table.fresh_log()
    check("compacted: Spark reads by the compaction", table.rows() == before, "other rows")
    check("compacted: deltic", step("state", table.path)["rows"] == len(before))
    others_read(table, len(before))
    goes_on(table, before, "INSERT INTO {t} VALUES (1000), (1001)")


def cleaned(spark):
    table = Table(spark, "cleaned")
    table.sql("CREATE TABLE {t} (id BIGINT) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '3')")
    for k in range(8):
        table.sql(f"INSERT INTO {{t}} VALUES ({k})")
    before = table.rows()
    done = step("clean", table.path, 0)
    check("cleaned: something was deleted", done["deleted"] > 0 and done["failed"] == 0, done)
    table.fresh_log()
    check("cleaned: Spark reads", table.rows() == before)
    others_read(table, len(before))
    goes_on(table, before, "INSERT INTO {t} VALUES (1000), (1001)")


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    spark = spark_session.make_session(environment.spark_jars(), SCRATCH)
    spark.conf.set("spark.databricks.delta.checksum.mismatchIsFatal", "true")
    for case in (a_wrong_checksum_is_noticed, plain, struct_statistics, vectors_v2, clustered, compacted, cleaned):
        print(case.__name__, flush=True)
        try:
            case(spark)
        except Exception as error:
            check(case.__name__, False, f"{type(error).__name__}: {str(error)[:800]}")
    print(f"upkeep: {len(failures)} wrong" if failures else "upkeep: all right")
    spark.stop()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
