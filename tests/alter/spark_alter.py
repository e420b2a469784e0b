"""deltic makes and changes tables, Spark writes and reads them between the changes. Run by run.py with the interoperability
environment's python; exit status 0 when Spark sees the rows, columns, protocol and properties that each step should leave.

Owns the tables and the comparisons; starting Spark is tests/interop's.
"""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402
import spark_session  # noqa: E402

SCRATCH = os.path.join(environment.PROJECT, "build", "alter")
STEP = os.environ.get("DELTIC_ALTER_STEP", os.path.join(environment.PROJECT, "build", "release", "bin", "alter_step"))
failures = []


def check(what, condition, detail=""):
    if not condition:
        failures.append(f"{what}: {detail}")
        print(f"  WRONG {what}: {detail}", flush=True)


class Table:
    """One table. One thread at a time."""

    def __init__(self, spark, name):
        self.spark, self.name, self.path = spark, name, os.path.join(SCRATCH, name)
        shutil.rmtree(self.path, ignore_errors=True)
        print(name, flush=True)

    def sql(self, text):
        return self.spark.sql(text.replace("{t}", f"delta.`{self.path}`"))

    def write(self, text):
        """Spark writes; a refusal is a failure of the test."""
        try:
            self.sql(text).collect()
        except Exception as error:  # noqa: BLE001
            check(f"{self.name}: Spark takes {text}", False, str(error).split("\n")[0][:300])

    def refused_by_spark(self, text, part):
        try:
            self.sql(text).collect()
            check(f"{self.name}: Spark refuses {text}", False, "it did not")
        except Exception as error:  # noqa: BLE001
            check(f"{self.name}: Spark refuses {text}", part in str(error), str(error).split("\n")[0][:300])

    def step(self, *words):
        run = subprocess.run([STEP, self.path, *words], capture_output=True, text=True)
        check(f"{self.name}: {' '.join(words)}", run.returncode == 0, run.stderr.strip())

    def refused(self, part, *words):
        run = subprocess.run([STEP, self.path, *words], capture_output=True, text=True)
        check(f"{self.name}: {' '.join(words)} is refused", run.returncode != 0 and part in run.stderr, run.stderr.strip())

    def rows(self, columns, expected):
        try:
            rows = sorted(map(tuple, self.sql(f"SELECT {columns} FROM {{t}}").collect()), key=str)
        except Exception as error:  # noqa: BLE001
            rows = str(error).split("\n")[0][:300]
        check(f"{self.name}: rows of {columns}", rows == sorted(expected, key=str), f"{rows}, not {expected}")

    def columns(self, expected):
        shown = [f"{f.name} {f.dataType.simpleString()}" for f in self.sql("SELECT * FROM {t}").schema.fields]
        check(f"{self.name}: columns", shown == expected, shown)

    def features(self, expected):
        detail = self.sql("DESCRIBE DETAIL {t}").collect()[0]
        check(f"{self.name}: features", sorted(detail.tableFeatures) == sorted(expected), sorted(detail.tableFeatures))


def columns(spark):
    t = Table(spark, "columns")
    t.step("create", "id BIGINT NOT NULL, name STRING COMMENT 'who', s STRUCT<x: INT, y: INT>, p STRING", "partition:p")
    t.write("INSERT INTO {t} VALUES (1, 'a', struct(1, 2), 'u'), (2, 'b', struct(3, 4), 'v')")
    t.step("add", "extra DOUBLE COMMENT 'more'", "after:id")
    t.step("add", "z STRING", "in:s", "first")
    t.step("set", "delta.columnMapping.mode=name")
    t.write("INSERT INTO {t} VALUES (3, 0.5, 'c', struct('q', 5, 6), 'u')")
    t.step("rename", "name", "full name")
    t.step("rename", "s.x", "left")
    t.step("rename", "p", "part")
    t.step("drop", "s.y")
    t.step("move", "extra", "first")
    t.step("nullable", "id")
    t.step("comment", "id", "the key")
    t.columns(["extra double", "id bigint", "full name string", "s struct<z:string,left:int>", "part string"])
    t.write("INSERT INTO {t} VALUES (1.5, NULL, 'd', struct('r', 7), 'w')")
    t.rows("id, extra, `full name`, s.z, s.left, part",
           [(1, None, "a", None, 1, "u"), (2, None, "b", None, 3, "v"), (3, 0.5, "c", "q", 5, "u"),
            (None, 1.5, "d", "r", 7, "w")])
    t.refused("1 rows have no value", "notnull", "id")
    t.step("notnull", "full name")
    t.refused_by_spark("INSERT INTO {t} VALUES (1.5, 9, NULL, struct('r', 7), 'w')", "NOT NULL")
    t.step("drop", "full name")
    t.rows("count(*)", [(4,)])


def widening(spark):
    t = Table(spark, "widening")
    t.step("create", "a SMALLINT, l ARRAY<INT>, m MAP<INT, FLOAT>, d DECIMAL(5,2), s STRUCT<x: TINYINT>",
           "delta.enableTypeWidening=true")
    t.write("INSERT INTO {t} VALUES (1, array(1), map(1, 1.5), 1.25, struct(1))")
    t.step("type", "a", "int")
    t.step("type", "a", "bigint")
    t.step("type", "l.element", "bigint")
    t.step("type", "m.key", "bigint")
    t.step("type", "m.value", "double")
    t.step("type", "d", "decimal(12,4)")
    t.step("type", "s.x", "int")
    t.write("INSERT INTO {t} VALUES (5000000000, array(5000000000), map(5000000000, 2.5), 12345678.1234, struct(70000))")
    t.rows("a, l[0], map_keys(m)[0], map_values(m)[0], cast(d AS string), s.x",
           [(1, 1, 1, 1.5, "1.2500", 1), (5000000000, 5000000000, 5000000000, 2.5, "12345678.1234", 70000)])
    t.refused("was widened", "nofeature", "typeWidening")


def constraints(spark):
    t = Table(spark, "constraints")
    t.step("create", "a INT, b STRING, g INT GENERATED ALWAYS AS (a + 1), d INT DEFAULT 7")
    t.write("INSERT INTO {t} (a, b) VALUES (1, 'x'), (5, 'y')")
    t.refused("1 rows violate", "constraint", "big", "a > 2")
    t.step("constraint", "positive", "a > 0")
    t.refused_by_spark("INSERT INTO {t} (a, b) VALUES (-1, 'x')", "CHECK constraint positive")
    t.refused_by_spark("INSERT INTO {t} (a, b) VALUES (NULL, 'x')", "CHECK constraint positive")
    t.step("default", "b", "'none'")
    t.write("INSERT INTO {t} (a) VALUES (3)")
    t.rows("a, b, g, d", [(1, "x", 2, 7), (5, "y", 6, 7), (3, "none", 4, 7)])
    t.step("nodefault", "b")
    t.refused("constraint positive is there", "nofeature", "checkConstraints")
    t.step("noconstraint", "POSITIVE")
    t.write("INSERT INTO {t} (a, b) VALUES (-1, 'x')")


def identity(spark):
    t = Table(spark, "identity")
    t.step("create", "id BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 5), a INT")
    t.write("INSERT INTO {t} (a) VALUES (1)")
    t.rows("id, a", [(10, 1)])


def properties(spark):
    t = Table(spark, "properties")
    t.step("create", "a INT", "delta.minReaderVersion=1", "delta.minWriterVersion=4")
    t.write("INSERT INTO {t} VALUES (1), (2), (3)")
    t.step("set", "delta.enableDeletionVectors=true", "delta.enableChangeDataFeed=true", "my.own=1")
    t.features(["appendOnly", "changeDataFeed", "checkConstraints", "deletionVectors", "generatedColumns", "invariants"])
    t.write("DELETE FROM {t} WHERE a = 2")
    t.refused("purge", "nofeature", "deletionVectors")
    t.step("set", "delta.enableInCommitTimestamps=true")
    t.write("INSERT INTO {t} VALUES (4)")
    t.step("set", "delta.checkpointPolicy=v2", "delta.checkpointInterval=2")
    t.write("INSERT INTO {t} VALUES (5)")
    t.write("INSERT INTO {t} VALUES (6)")
    t.step("unset", "my.own")
    t.step("name", "orders")
    t.step("description", "of a test")
    t.rows("a", [(1,), (3,), (4,), (5,), (6,)])
    detail = t.sql("DESCRIBE DETAIL {t}").collect()[0]
    check("properties: name", detail.description == "of a test", detail.description)
    check("properties: kept", "my.own" not in detail.properties, detail.properties)
    t.step("nofeature", "v2Checkpoint")
    t.write("INSERT INTO {t} VALUES (7)")
    t.step("nofeature", "inCommitTimestamp")
    t.rows("a", [(1,), (3,), (4,), (5,), (6,), (7,)])
    t.features(["appendOnly", "changeDataFeed", "checkConstraints", "checkpointProtection", "deletionVectors",
                "generatedColumns", "invariants"])


def row_tracking(spark):
    t = Table(spark, "row_tracking")
    t.step("create", "a INT")
    t.write("INSERT INTO {t} VALUES (1), (2)")
    t.write("INSERT INTO {t} VALUES (3)")
    t.step("set", "delta.enableRowTracking=true")
    t.write("INSERT INTO {t} VALUES (4)")
    ids = [row[0] for row in t.sql("SELECT _metadata.row_id FROM {t}").collect()]
    check("row_tracking: every row has an id of its own", len(set(ids)) == 4 and None not in ids, ids)
    t.step("nofeature", "rowTracking")
    t.write("INSERT INTO {t} VALUES (5)")
    t.rows("a", [(1,), (2,), (3,), (4,), (5,)])


def clustering(spark):
    t = Table(spark, "clustering")
    t.step("create", "a INT, b INT, s STRUCT<x: INT>", "cluster:a", "delta.columnMapping.mode=name")
    t.write("INSERT INTO {t} VALUES (1, 2, struct(3))")
    t.step("cluster", "b", "s.x")
    detail = t.sql("DESCRIBE DETAIL {t}").collect()[0]
    check("clustering: columns", detail.clusteringColumns == ["b", "s.x"], detail.clusteringColumns)
    t.refused("clustered by b", "drop", "b")
    t.write("OPTIMIZE {t}")
    t.step("cluster")
    t.step("drop", "b")
    t.write("INSERT INTO {t} VALUES (4, struct(6))")
    t.rows("a, s.x", [(1, 3), (4, 6)])


def iceberg(spark):
    t = Table(spark, "iceberg")
    t.step("create", "a INT, l ARRAY<INT>, m MAP<STRING, ARRAY<INT>>", "delta.enableIcebergCompatV2=true")
    t.write("INSERT INTO {t} VALUES (1, array(2), map('k', array(3)))")
    t.step("add", "n ARRAY<STRUCT<q: ARRAY<INT>>>")
    t.write("INSERT INTO {t} VALUES (4, array(5), map('k', array(6)), array(struct(array(7))))")
    t.rows("a, n[0].q[0]", [(1, None), (4, 7)])


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    spark = spark_session.make_session(environment.spark_jars(), os.path.join(environment.BUILD, "scratch"))
    for table in (columns, widening, constraints, identity, properties, row_tracking, clustering, iceberg):
        try:
            table(spark)
        except Exception as error:  # noqa: BLE001
            check(table.__name__, False, str(error)[:500])
    print(f"alter: {len(failures)} wrong", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
