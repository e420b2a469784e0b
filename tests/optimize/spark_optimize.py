"""deltic rearranges tables that Spark made, with Spark changing them in between: rows, row ids and the change feed stay as
Spark reads them, and Spark takes our files for optimized, clustered and purged. Then both order the same rows, and ours must
let filters skip as much. Run by run.py with the interoperability environment's python; exit status 0 when all holds.
"""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402
import spark_session  # noqa: E402

SCRATCH = os.path.join(environment.PROJECT, "build", "optimize")
failures = []


def check(what, condition, detail=""):
    if not condition:
        failures.append(what)
        print(f"  WRONG {what}: {detail}", flush=True)


def deltic(*words):
    done = subprocess.run([environment.program(), *words], capture_output=True, text=True)
    check(" ".join(words), done.returncode == 0, done.stderr.strip())
    return done.stdout


class Table:
    """One place. One thread at a time."""

    def __init__(self, spark, name):
        self.spark, self.path = spark, os.path.join(SCRATCH, name)

    def sql(self, text):
        return self.spark.sql(text.replace("{t}", f"delta.`{self.path}`")).collect()

    def rows(self, ids=False):
        extra = ", _metadata.row_id, _metadata.row_commit_version" if ids else ""
        return sorted(map(str, self.sql(f"SELECT *{extra} FROM {{t}}")))

    def rearrange(self, *words, ids=False):
        """The outcome of deltic's command; the rows must stay."""
        before = self.rows(ids)
        outcome = json.loads(deltic(words[0], self.path, "--json", *words[1:]))
        check(f"{words} keeps the rows{' and their ids' if ids else ''}", self.rows(ids) == before)
        return outcome

    def spark_finds_nothing(self, command):
        removed = self.sql(command)[0]["metrics"]["numFilesRemoved"]
        check(f"nothing is left for Spark's {command}", removed == 0, f"{removed} files were rewritten")


def clusters(spark):
    table = Table(spark, "clustered")
    properties = ["enableDeletionVectors", "enableRowTracking", "enableTypeWidening", "enableChangeDataFeed",
                  "enableInCommitTimestamps"]
    table.sql("CREATE TABLE {t} (id BIGINT, a INT, s STRUCT<x: INT, n: STRING>, v VARIANT) USING delta CLUSTER BY (a, s.x) "
              "TBLPROPERTIES ('delta.columnMapping.mode'='name', "
              + ", ".join(f"'delta.{name}'='true'" for name in properties) + ")")
    insert = ("INSERT INTO {t} SELECT id, CAST(id % 7 AS INT), struct(CAST(id % 11 AS INT), CAST(id AS STRING)), "
              "parse_json(concat('{\"k\":', id, '}')) FROM ")
    for part in range(4):
        table.sql(insert + f"range({part * 1000}, {part * 1000 + 1000})")
    table.sql("DELETE FROM {t} WHERE id % 10 = 3")
    table.sql("ALTER TABLE {t} ALTER COLUMN a TYPE BIGINT")
    first = table.rearrange("optimize", ids=True)
    table.spark_finds_nothing("OPTIMIZE {t}")
    detail = table.sql("DESCRIBE DETAIL {t}")[0]
    check("Spark sees the clustering columns", detail["clusteringColumns"] == ["a", "s.x"], detail)
    feed = spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", first["version"])
    check("the change feed shows no change", feed.load(table.path).count() == 0)
    table.sql(insert + "range(9000, 9100)")
    again = table.rearrange("optimize", ids=True)
    check("what is clustered is left alone", again["totalFilesSkipped"] == 1, again)
    table.sql("OPTIMIZE {t}")
    check("Spark's groups are known", not table.rearrange("optimize", ids=True)["changed"])
    table.sql("DELETE FROM {t} WHERE id % 10 = 4")
    table.sql("ALTER TABLE {t} DROP COLUMN s.n")
    check("reorg purges", table.rearrange("reorg", ids=True)["changed"])
    table.spark_finds_nothing("REORG TABLE {t} APPLY (PURGE)")
    table.sql("ALTER TABLE {t} CLUSTER BY (id)")
    check("old files stay as they are", not table.rearrange("optimize", ids=True)["changed"])
    table.rearrange("optimize", "--full", ids=True)
    table.spark_finds_nothing("OPTIMIZE {t} FULL")


def compacts(spark):
    table = Table(spark, "partitioned")
    table.sql("CREATE TABLE {t} (id BIGINT, t TIMESTAMP, d DATE, p STRING, q TIMESTAMP) USING delta PARTITIONED BY (p, q)")
    for part in range(3):
        table.sql("INSERT INTO {t} SELECT id, timestamp_millis(id * 1000003), date_add(DATE'2020-01-01', CAST(id AS INT)), "
                  "CASE WHEN id % 3 = 0 THEN NULL ELSE concat('a b=%/', id % 3) END, timestamp_millis((id % 2) * 1500) "
                  f"FROM range({part * 100}, {part * 100 + 100})")
    some = table.rearrange("optimize", "--where", "p is not null")
    check("the predicate's partitions only", some["partitionsOptimized"] == 4, some)
    table.rearrange("optimize")
    table.spark_finds_nothing("OPTIMIZE {t}")
    table.rearrange("optimize", "--zorder-by", "d,id")


def kept_share(table):
    """Of all bytes, those in files that filters on either column cannot skip, on average."""
    shares = []
    for column in ("a", "few"):
        for low in (100, 30_000, 77_000) if column == "a" else (0, 1, 2):
            where = f"{column} between {low} and {low + (500 if column == 'a' else 0)}"
            files = json.loads(deltic("files", table.path, "--json"))
            kept = json.loads(deltic("files", table.path, "--json", "--where", where))
            shares.append(sum(file["size_bytes"] for file in kept) / sum(file["size_bytes"] for file in files))
    return sum(shares) / len(shares)


def orders_as_well_as_spark(spark):
    """One column of many values and one of three: Spark's curve hardly looks at the latter."""
    theirs = Table(spark, "ordered by Spark")
    spark.conf.set("spark.databricks.delta.optimize.maxFileSize", 100_000)
    theirs.sql("CREATE TABLE {t} USING delta AS SELECT (id * 7919) % 100000 AS a, CAST(id % 3 AS INT) AS few, id "
               "FROM range(0, 400000, 1, 2)")
    ours = Table(spark, "ordered by deltic")
    shutil.copytree(theirs.path, ours.path)
    theirs.sql("OPTIMIZE {t} ZORDER BY (a, few)")
    outcome = ours.rearrange("optimize", "--zorder-by", "a,few", "--target-size", "100000")
    our_share, their_share = kept_share(ours), kept_share(theirs)
    print(f"  filters keep {our_share:.0%} of the bytes ordered by deltic ({outcome['numFilesAdded']} files), "
          f"{their_share:.0%} of those by Spark ({theirs.sql('DESCRIBE DETAIL {t}')[0]['numFiles']} files)")
    check("ours skips as much", our_share <= their_share * 1.05, f"{our_share} against {their_share}")
    spark.conf.unset("spark.databricks.delta.optimize.maxFileSize")


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os.makedirs(SCRATCH)
    spark = spark_session.make_session(environment.spark_jars(), SCRATCH)
    for case in (clusters, compacts, orders_as_well_as_spark):
        print(f"optimize: {case.__name__}", flush=True)
        case(spark)
    print(f"optimize: {len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
