"""Spark and deltic restore, clone and convert copies of the same tables; then Spark reads and goes on writing ours. Run by
run.py with the interoperability environment's python; exit status 0 when rows, change feed, protocol, metadata, files and
history are what Spark's are.

Owns the tables and the comparisons; starting Spark is tests/interop's. Where deltic does better than Spark, or says a thing
in other words, the comparison says so.
"""
import datetime
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

SCRATCH = os.path.join(environment.PROJECT, "build", "clone")
failures = []


def check(what, condition, detail=""):
    if not condition:
        failures.append(f"{what}: {detail}")
        print(f"  WRONG {what}: {detail}", flush=True)


def same(what, ours, theirs):
    check(what, ours == theirs, f"ours {ours}\n      Spark's {theirs}")


def deltic(*words):
    done = subprocess.run([environment.program(), *words], capture_output=True, text=True)
    check(" ".join(words), done.returncode == 0, done.stderr.strip())
    return done.stdout


def last_commit(path):
    newest = max(glob.glob(os.path.join(path, "_delta_log", "*.json")))
    with open(newest) as file:
        return [json.loads(line) for line in file]


def action(commit, kind):
    found = [entry[kind] for entry in commit if kind in entry]
    return found[0] if found else None


class Table:
    """One place. One thread at a time."""

    def __init__(self, spark, name):
        self.spark, self.name, self.path = spark, name, os.path.join(SCRATCH, name)

    def sql(self, text):
        """Spark runs it; a refusal is a failure of the test."""
        try:
            return self.spark.sql(text.replace("{t}", f"delta.`{self.path}`")).collect()
        except Exception as error:  # noqa: BLE001
            check(f"{self.name}: Spark takes {text}", False, str(error).split("\n")[0][:300])
            return []

    def copy(self, name):
        other = Table(self.spark, name)
        shutil.copytree(self.path, other.path)
        return other

    def rows(self, columns="*", tail=""):
        return sorted((tuple(map(str, row)) for row in self.sql(f"SELECT {columns} FROM {{t}} {tail}")))

    def our_rows(self, columns="*"):
        text = deltic("sql", f"SELECT {columns} FROM delta_scan('{self.path}')", "--format", "json")
        return [json.loads(line) for line in text.splitlines()]

    def changes(self, first):
        return sorted(tuple(map(str, row)) for row in self.sql(
            f"SELECT * EXCEPT (_commit_timestamp) FROM table_changes_by_path('{self.path}', {first})"))

    def features(self):
        return sorted(self.sql("DESCRIBE DETAIL {t}")[0].tableFeatures)

    def metadata(self):
        detail = self.sql("DESCRIBE DETAIL {t}")[0]
        properties = {k: v for k, v in detail.properties.items() if "materialized" not in k}
        return {"properties": properties, "partitionColumns": detail.partitionColumns,
                "clusteringColumns": detail.clusteringColumns, "features": sorted(detail.tableFeatures)}

    def schema(self):
        commits = sorted(glob.glob(os.path.join(self.path, "_delta_log", "0*.json")), reverse=True)
        for name in commits:
            with open(name) as file:
                found = action([json.loads(line) for line in file], "metaData")
            if found:
                return json.loads(found["schemaString"])
        return None


def files_of(commit, kind, names=("path", "partitionValues", "size", "dataChange", "deletionVector", "baseRowId", "tags")):
    return sorted(json.dumps({name: entry[kind].get(name) for name in names}, sort_keys=True)
                  for entry in commit if kind in entry)


def compare_restores(spark, table, version, how):
    theirs, ours = table.copy(f"{table.name}-{how}-spark"), table.copy(f"{table.name}-{how}-deltic")
    answered = theirs.sql(f"RESTORE TABLE {{t}} TO VERSION AS OF {version}")[0].asDict()
    outcome = json.loads(deltic("restore", ours.path, "--version", str(version), "--json"))
    what = f"{table.name} restored to {version}"
    same(f"{what}: rows", ours.rows(), theirs.rows())
    same(f"{what}: metadata", ours.metadata(), theirs.metadata())
    same(f"{what}: schema", ours.schema(), theirs.schema())
    same(f"{what}: answer", {"table_size_after_restore": outcome["bytesAfter"], "num_of_files_after_restore": outcome["filesAfter"],
                             "num_removed_files": outcome["filesRemoved"], "num_restored_files": outcome["filesRestored"],
                             "removed_files_size": outcome["bytesRemoved"], "restored_files_size": outcome["bytesRestored"]}, answered)
    my_log, their_log = last_commit(ours.path), last_commit(theirs.path)
    for kind in ("add", "remove"):
        same(f"{what}: {kind}s", files_of(my_log, kind), files_of(their_log, kind))
    mine, its = action(my_log, "commitInfo"), action(their_log, "commitInfo")
    for name in ("operation", "operationParameters", "operationMetrics", "isolationLevel", "isBlindAppend", "readVersion"):
        same(f"{what}: {name}", mine[name], its[name])
    return ours, theirs


def restores(spark):
    t = Table(spark, "restored")
    t.sql("CREATE TABLE {t} (id LONG GENERATED BY DEFAULT AS IDENTITY, v STRING, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES "
          "('delta.enableRowTracking'='true', 'delta.enableDeletionVectors'='true', 'delta.enableChangeDataFeed'='true', 'my.prop'='x')")
    t.sql("INSERT INTO {t}(v, p) VALUES ('a', 1), ('b b', 2), ('c', 1)")
    t.sql("INSERT INTO {t}(v, p) VALUES ('d', 3), ('e', 1)")
    t.sql("DELETE FROM {t} WHERE v = 'a'")
    t.sql("UPDATE {t} SET v = 'E' WHERE v = 'e'")
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('other'='y')")
    t.sql("OPTIMIZE {t}")
    for version in (1, 2, 4):
        ours, theirs = compare_restores(spark, t, version, f"to{version}")
        same(f"restored to {version}: change feed", ours.changes(3), theirs.changes(3))
        ours.sql("INSERT INTO {t}(v, p) VALUES ('new', 1)")
        theirs.sql("INSERT INTO {t}(v, p) VALUES ('new', 1)")
        same(f"restored to {version}, then written by Spark", ours.rows(), theirs.rows())
        ours.sql("DELETE FROM {t} WHERE v = 'b b'")
        ids = ours.sql("SELECT count(*), count(DISTINCT _metadata.row_id), count(DISTINCT id) FROM {t}")[0]
        check(f"restored to {version}: no id is given twice", len(set(ids)) == 1, ids)
        deltic("restore", ours.path, "--version", "3")  # once more, over what Spark wrote
        same(f"restored to {version}, then to 3", ours.rows(), theirs.rows(tail="VERSION AS OF 3"))

    m = Table(spark, "mapped")
    m.sql("CREATE TABLE {t} USING delta AS SELECT 1 AS x, 'u' AS y")
    m.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode'='name')")
    m.sql("ALTER TABLE {t} RENAME COLUMN y TO z")
    m.sql("ALTER TABLE {t} ADD COLUMNS (w INT)")
    m.sql("INSERT INTO {t} VALUES (2, 'v', 3)")
    compare_restores(spark, m, 2, "to2")
    ours, _ = compare_restores(spark, m, 0, "to0")
    ours.sql("INSERT INTO {t} VALUES (5, 'w')")
    same("mapped, restored and written", ours.rows(), [("1", "u"), ("5", "w")])

    c = Table(spark, "clustered")
    c.sql("CREATE TABLE {t} (x INT, y STRING) USING delta CLUSTER BY (x)")
    c.sql("INSERT INTO {t} VALUES (1, 'a')")
    c.sql("ALTER TABLE {t} CLUSTER BY (y)")
    compare_restores(spark, c, 1, "to1")


def clones(spark):
    t = Table(spark, "restored")
    for name, extra in (("clone", ""), ("clone-old", " VERSION AS OF 3")):
        theirs, ours, deep = (Table(spark, f"{name} {who}") for who in ("spark", "deltic", "deep"))
        theirs.sql(f"CREATE TABLE {{t}} SHALLOW CLONE delta.`{t.path}`{extra} TBLPROPERTIES ('n'='1')")
        version = ["--version", "3"] if extra else []
        deltic("clone", t.path, ours.path, "--shallow", "--property", "n=1", *version)
        deltic("clone", t.path, deep.path, "--property", "n=1", *version)
        for mine in (ours, deep):
            same(f"{mine.name}: rows", mine.rows(), theirs.rows())
            same(f"{mine.name}: metadata", mine.metadata(), theirs.metadata())
            same(f"{mine.name}: schema", mine.schema(), theirs.schema())
        my_log, their_log = last_commit(ours.path), last_commit(theirs.path)
        # Spark numbers the files in another order.
        names = ("path", "partitionValues", "size", "dataChange", "deletionVector", "tags", "defaultRowCommitVersion")
        same(f"{name}: adds", files_of(my_log, "add", names), files_of(their_log, "add", names))
        mine, its = action(my_log, "commitInfo"), action(their_log, "commitInfo")
        check(f"{name}: isShallow", mine["operationParameters"].pop("isShallow") is True, mine)
        for key in ("operation", "operationParameters", "operationMetrics", "isolationLevel"):
            same(f"{name}: {key}", mine.get(key), its.get(key))
        # Spark goes on with both kinds; the source stays as it is.
        before = t.rows()
        for mine in (ours, deep):
            mine.sql("DELETE FROM {t} WHERE v = 'c'")
            mine.sql("UPDATE {t} SET v = 'D' WHERE v = 'd'")
            mine.sql("INSERT INTO {t}(v, p) VALUES ('clone', 7)")
            ids = mine.sql("SELECT count(*), count(DISTINCT _metadata.row_id) FROM {t}")[0]
            check(f"{mine.name}: no row id is given twice", len(set(ids)) == 1, ids)
        same(f"{name}: both kinds after Spark", deep.rows(), ours.rows())
        same(f"{name}: the source", t.rows(), before)
        # Clones of clones that Spark changed: files in two places, vectors of both kinds.
        for kind in ((), ("--shallow",)):
            of_clone = Table(spark, f"{name} of clone{''.join(kind)}")
            deltic("clone", ours.path, of_clone.path, *kind)
            same(f"{of_clone.name}: rows", of_clone.rows(), ours.rows())
        # And once more over what is there.
        deltic("clone", t.path, deep.path, "--replace")
        same(f"{name}: cloned again", deep.rows(), t.rows())
        deep.sql("INSERT INTO {t}(v, p) VALUES ('again', 7)")
        deltic("clone", t.path, ours.path, "--replace", "--shallow")
        same(f"{name}: cloned again, shallow", ours.rows(), t.rows())

    c, m = Table(spark, "clustered"), Table(spark, "mapped")
    for source in (c, m):
        theirs, ours = Table(spark, f"{source.name} clone spark"), Table(spark, f"{source.name} clone")
        theirs.sql(f"CREATE TABLE {{t}} SHALLOW CLONE delta.`{source.path}`")
        deltic("clone", source.path, ours.path)
        same(f"{source.name} cloned: rows", ours.rows(), theirs.rows())
        same(f"{source.name} cloned: metadata", ours.metadata(), theirs.metadata())
        same(f"{source.name} cloned: schema", ours.schema(), theirs.schema())
    Table(spark, "clustered clone").sql("OPTIMIZE {t}")

    r, s = Table(spark, "replaced spark"), Table(spark, "replaced deltic")
    for x in (r, s):
        x.sql("CREATE TABLE {t} (x INT) USING delta TBLPROPERTIES ('keep'='1', 'delta.enableChangeDataFeed'='true')")
    r.sql(f"CREATE OR REPLACE TABLE {{t}} SHALLOW CLONE delta.`{c.path}`")
    deltic("clone", c.path, s.path, "--shallow", "--replace")
    same("replaced: rows", s.rows(), r.rows())
    same("replaced: metadata", s.metadata(), r.metadata())


def odd_places(spark):
    """Folders whose names need escapes, in paths of data files and of vectors."""
    t = Table(spark, "odd/a b%41#ü+=&")
    t.sql("CREATE TABLE {t} (id INT, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors'='true')")
    t.sql("INSERT INTO {t} SELECT id, concat('x y:%/', id % 2) FROM range(10)")
    t.sql("DELETE FROM {t} WHERE id IN (3, 4)")
    for kind in ((), ("--shallow",)):
        ours = Table(spark, "odd/clone %20" + "".join(kind))
        deltic("clone", t.path, ours.path, *kind)
        same(f"{ours.name}: rows", ours.rows(), t.rows())
        ours.sql("DELETE FROM {t} WHERE id = 5")
        ours.sql("UPDATE {t} SET id = -id WHERE id = 6")
        check(f"{ours.name}: changed rows", len(ours.rows()) == 7 and ("-6", "x y:%/0") in ours.rows(), ours.rows())
        again = Table(spark, "odd/clone of " + "".join(kind))
        deltic("clone", ours.path, again.path)
        same(f"{again.name}: rows", again.rows(), ours.rows())


def timestamps(spark):
    """In-commit timestamps that come and go with the version."""
    t = Table(spark, "timestamps")
    t.sql("CREATE TABLE {t} USING delta AS SELECT 1 AS x")
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableInCommitTimestamps'='true', 'delta.checkpointPolicy'='v2')")
    t.sql("INSERT INTO {t} VALUES (2)")
    deltic("restore", t.path, "--version", "0")
    same("timestamps: off", t.rows(), [("1",)])
    deltic("restore", t.path, "--version", "2")
    t.sql("INSERT INTO {t} VALUES (3)")
    same("timestamps: on again", t.rows(), [("1",), ("2",), ("3",)])
    times = [row.timestamp for row in t.sql("DESCRIBE HISTORY {t}")]
    check("timestamps: in order", times == sorted(times, reverse=True), times)
    deltic("checkpoint", t.path)
    ours = Table(spark, "timestamps clone")
    deltic("clone", t.path, ours.path)
    same("timestamps: clone", ours.rows(), t.rows())
    ours.sql("INSERT INTO {t} VALUES (4)")
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableRowTracking'='true')")
    deltic("restore", t.path, "--version", "0", "--protocol-downgrade")
    same("timestamps: downgraded", t.features(), ["appendOnly", "invariants"])
    t.sql("INSERT INTO {t} VALUES (5)")
    same("timestamps: rows after the downgrade", t.rows(), [("1",), ("5",)])


def anew(spark):
    """Features that go once deltic has written the files anew that are in their way; Spark goes on with the table."""
    def make(name):
        t = Table(spark, name)
        t.sql("CREATE TABLE {t} (id INT, v STRING, p INT, s STRUCT<a: SMALLINT>) USING delta PARTITIONED BY (p) TBLPROPERTIES "
              "('delta.columnMapping.mode'='name', 'delta.enableRowTracking'='true', 'delta.enableDeletionVectors'='true', "
              "'delta.enableTypeWidening'='true', 'delta.enableChangeDataFeed'='true')")
        t.sql("INSERT INTO {t} SELECT id, concat('v', id), id % 2, named_struct('a', id) FROM range(10)")
        t.sql("ALTER TABLE {t} RENAME COLUMN v TO w")
        t.sql("ALTER TABLE {t} ALTER COLUMN s.a TYPE INT")
        t.sql("INSERT INTO {t} VALUES (11, 'x', 1, named_struct('a', 70000))")
        t.sql("DELETE FROM {t} WHERE id IN (3, 4)")
        t.sql("UPDATE {t} SET w = 'changed' WHERE id = 5")
        return t

    ids = "*, _metadata.row_id, _metadata.row_commit_version"
    t = make("anew")
    before = t.rows(ids)
    theirs = t.copy("anew spark")
    theirs.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.columnMapping.mode'='none')")
    deltic("alter", "set", t.path, "delta.columnMapping.mode=none")
    same("mapping removed: rows and their ids", t.rows(ids), before)
    same("mapping removed: schema", t.schema(), theirs.schema())
    same("mapping removed: metadata", t.metadata(), theirs.metadata())
    mine, its = action(last_commit(t.path), "commitInfo"), action(last_commit(theirs.path), "commitInfo")
    for key in ("operation", "operationParameters", "isolationLevel"):
        same(f"mapping removed: {key}", mine[key], its[key])
    for feature in ("columnMapping", "typeWidening", "deletionVectors"):
        deltic("alter", "drop-feature", t.path, feature)
        check(f"{feature} is gone", feature not in t.features(), t.features())
        same(f"{feature} dropped: rows and their ids", t.rows(ids), before)
    t.sql("INSERT INTO {t} VALUES (12, 'y', 0, named_struct('a', 5))")
    t.sql("DELETE FROM {t} WHERE id = 6")
    rows = t.sql("SELECT count(*), count(DISTINCT _metadata.row_id) FROM {t}")[0]
    same("anew, then written by Spark", tuple(rows), (9, 9))
    same("anew: an older version", t.rows(tail="VERSION AS OF 1"), theirs.rows(tail="VERSION AS OF 1"))
    whole = make("anew at once")
    before = whole.rows(ids)
    deltic("alter", "drop-feature", whole.path, "columnMapping")
    deltic("alter", "drop-feature", whole.path, "deletionVectors")
    same("dropped at once: rows and their ids", whole.rows(ids), before)


def statistics_of(path):
    """Of each file, without what footers cannot tell: lists and maps."""
    found = {}
    for add in (entry["add"] for entry in last_commit(path) if "add" in entry):
        found[add["path"]] = json.loads(add.get("stats", "{}"))
    return found


def compare_converted(spark, name, partitions="", columns="*", write=None, forgive=(), reads=()):
    """`name` is a folder of Parquet files. `forgive`: columns whose statistics Spark has and footers do not tell."""
    theirs, ours = Table(spark, name + " spark"), Table(spark, name + " deltic")
    for copy in (theirs, ours):
        shutil.copytree(os.path.join(SCRATCH, name), copy.path)
    by = f" PARTITIONED BY ({partitions})" if partitions else ""
    spark.sql(f"CONVERT TO DELTA parquet.`{theirs.path}`{by}").collect()
    deltic("convert", ours.path, *(["--partition-by", partitions] if partitions else []), *reads)
    same(f"{name}: schema", ours.schema(), theirs.schema())
    same(f"{name}: metadata", ours.metadata(), theirs.metadata())
    same(f"{name}: rows", ours.rows(columns), theirs.rows(columns))
    mine, its = statistics_of(ours.path), statistics_of(theirs.path)
    same(f"{name}: files", sorted(mine), sorted(its))
    for path, statistics in its.items():
        for kind in ("numRecords", "minValues", "maxValues", "nullCount"):
            if kind == "numRecords":
                same(f"{name}: {path} {kind}", mine[path].get(kind), statistics.get(kind))
                continue
            wanted = {k: v for k, v in statistics.get(kind, {}).items() if k not in forgive}
            told = {k: v for k, v in mine[path].get(kind, {}).items() if k not in forgive}
            same(f"{name}: {path} {kind}", told, wanted)
    my_info, their_info = (action(last_commit(t.path), "commitInfo") for t in (ours, theirs))
    for key in ("operation", "operationParameters", "operationMetrics"):
        same(f"{name}: {key}", my_info[key], their_info[key])
    if write:
        ours.sql(write)
        theirs.sql(write)
        same(f"{name}: rows after Spark wrote", ours.rows(columns), theirs.rows(columns))
        deltic("write", ours.path, "--quiet", "--from", f"select * from delta_scan('{ours.path}') limit 1")
    return ours


def converts(spark):
    every = ("SELECT CAST(id AS INT) AS i, CAST(id AS TINYINT) AS t, CAST(id AS STRING) AS s, id / 3 AS d, CAST(id AS FLOAT) AS f, "
             "CAST(id AS DECIMAL(10,2)) AS dec, CAST(id AS DECIMAL(30,5)) AS big, date'2020-01-01' + CAST(id AS INT) AS dt, "
             "timestamp_millis(1577836800000 + id) AS ts, timestamp_ntz'2020-01-01 00:00:00.5' AS ntz, "
             "named_struct('a', id, 'n', IF(id > 2, NULL, 'x')) AS st, array(id) AS l, map('k', id) AS m, id > 2 AS b, "
             "CAST(CAST(id AS STRING) AS BINARY) AS bin, IF(id = 1, NULL, repeat('é', 40)) AS long, "
             "CAST(id % 2 AS INT) AS p, concat('a b:/%', id % 2) AS q FROM range(6)")
    with_types = {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"}
    for key, value in with_types.items():
        spark.conf.set(key, value)
    spark.sql(every).write.partitionBy("p", "q").parquet(os.path.join(SCRATCH, "plain"))
    compare_converted(spark, "plain", "p INT, q STRING", forgive=("l", "m"),
                      write="DELETE FROM {t} WHERE i = 4")
    inferred = Table(spark, "plain inferred")
    shutil.copytree(os.path.join(SCRATCH, "plain"), inferred.path)
    deltic("convert", inferred.path, "--infer-partitions")
    same("plain, partitions inferred: rows", inferred.rows("* EXCEPT (l, m, bin)"),
         Table(spark, "plain spark").rows("* EXCEPT (l, m, bin)", "VERSION AS OF 0"))

    spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96")
    spark.sql("SELECT timestamp'2020-01-01 00:00:00.123' AS ts, CAST('NaN' AS DOUBLE) AS d, 1.5D AS e FROM range(3)").coalesce(
        1).write.parquet(os.path.join(SCRATCH, "int96"))
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    # NaN has no bounds with us: readers do not agree on what they would mean.
    ours = compare_converted(spark, "int96", reads=["--read-statistics"], forgive=("d",))
    check("int96: NaN has no bounds", "d" not in list(statistics_of(ours.path).values())[0]["maxValues"])

    for name, queries in (("grown", ["SELECT CAST(1 AS TINYINT) AS a", "SELECT CAST(2 AS SMALLINT) AS a, 'x' AS b"]),
                          ("required", ["SELECT id FROM range(3)"])):
        for query in queries:
            spark.sql(query).coalesce(1).write.mode("append").parquet(os.path.join(SCRATCH, name))
        compare_converted(spark, name, write="INSERT INTO {t} SELECT * FROM {t}")


# Columns of DESCRIBE DETAIL that tell of Spark's own planner.
NOT_OURS = {"statistics", "clusterByAuto"}


def compare_details(t):
    theirs = t.sql("DESCRIBE DETAIL {t}")[0].asDict()
    ours = json.loads(deltic("detail", t.path, "--json"))
    same(f"{t.name}: columns", sorted(set(ours) - NOT_OURS), sorted(set(theirs) - NOT_OURS))
    # Spark shows when the commit's file was written; deltic the version's time, which in-commit timestamps tell.
    committed = action(last_commit(t.path), "commitInfo").get("inCommitTimestamp")
    if committed:
        when = datetime.datetime.fromtimestamp(committed / 1000, datetime.timezone.utc).replace(tzinfo=None)
        check(f"{t.name}: lastModified", abs(theirs["lastModified"] - when) < datetime.timedelta(minutes=1), theirs["lastModified"])
        theirs["lastModified"] = when.isoformat(sep=" ", timespec="milliseconds")
    for key in ("createdAt", "lastModified"):
        same(f"{t.name}: {key}", ours.pop(key).replace("T", " ").rstrip("Z"), str(theirs.pop(key))[:23])
    for key in set(theirs) & set(ours):
        same(f"{t.name}: {key}", ours[key], theirs[key])


def details(spark):
    """DESCRIBE DETAIL line by line, of tables of every kind."""
    for name, rest in (("plain", "COMMENT 'what it is' TBLPROPERTIES ('my.prop'='x', 'delta.appendOnly'='true')"),
                       ("partitioned", "PARTITIONED BY (p, q) TBLPROPERTIES ('delta.enableDeletionVectors'='true', 'delta.enableRowTracking'='true')"),
                       ("mapped", "TBLPROPERTIES ('delta.columnMapping.mode'='name', 'delta.enableChangeDataFeed'='true')"),
                       ("clustered", "CLUSTER BY (q, id)"),
                       ("timed", "TBLPROPERTIES ('delta.enableInCommitTimestamps'='true', 'delta.checkpointPolicy'='v2', 'delta.enableTypeWidening'='true')"),
                       ("empty", "TBLPROPERTIES ('delta.minReaderVersion'='1', 'delta.minWriterVersion'='2')")):
        t = Table(spark, f"detail of {name}")
        t.sql(f"CREATE TABLE {{t}} (id INT, p STRING, q INT) USING delta {rest}")
        if name != "empty":
            t.sql("INSERT INTO {t} SELECT id, concat('a b', id % 2), id % 3 FROM range(20)")
        if name not in ("empty", "plain"):
            t.sql("DELETE FROM {t} WHERE id = 3")
        if name == "timed":
            deltic("write", t.path, "--quiet", "--from", "select 1::int as id, 'x' as p, 2::int as q")
        compare_details(t)
    for name in ("restored", "mapped", "clustered", "clone deep"):
        if os.path.isdir(os.path.join(SCRATCH, name)):  # the other tests ran
            compare_details(Table(spark, name))


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    os.makedirs(SCRATCH)
    spark = spark_session.make_session(environment.spark_jars(), SCRATCH)
    only = sys.argv[1:]
    for test in (restores, clones, odd_places, timestamps, anew, converts, details):
        if only and test.__name__ not in only:
            continue
        print(test.__name__, flush=True)
        test(spark)
    spark.stop()
    print(f"clone against Spark: {len(failures)} wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
