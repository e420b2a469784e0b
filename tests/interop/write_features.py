"""Owns the tables that deltic, Spark and delta-rs write in turns, one for each writer feature and for combinations of them:
made by deltic and made by Spark. Does not judge rows (write_table.py) and starts nothing (write_run.py).
"""
import json
import re

from write_table import Wrong, standard_rows

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


MAPPED = {"delta.columnMapping.mode": "name"}
MAPPED_BY_ID = {"delta.columnMapping.mode": "id"}
VECTORS = {"delta.enableDeletionVectors": "true"}
TRACKED = {"delta.enableRowTracking": "true"}
TIMES = {"delta.enableInCommitTimestamps": "true"}
FEED = {"delta.enableChangeDataFeed": "true"}

# name: properties, partition columns, clustering columns, whether delta-rs 1.6.6 reads the table (it refuses typeWidening and vacuumProtocolCheck)
KINDS = {
    "plain": ({}, (), (), True),
    "partitioned": ({}, ("p",), (), True),
    "append_only": ({"delta.appendOnly": "true"}, (), (), True),
    "change_data_feed": (FEED, ("p",), (), True),
    "mapped_by_name": (MAPPED, ("p",), (), True),
    "mapped_by_id": (MAPPED_BY_ID, (), (), True),
    "deletion_vectors": (VECTORS, (), (), True),
    "row_tracking": (TRACKED, (), (), True),
    "row_tracking_with_vectors": ({**TRACKED, **VECTORS}, ("p",), (), True),
    "domain_metadata": ({"delta.feature.domainMetadata": "supported"}, (), (), True),
    "clustered": ({}, (), ("id",), True),
    "v2_checkpoint": ({"delta.checkpointPolicy": "v2", "delta.checkpointInterval": "3"}, (), (), True),
    "iceberg_v1": ({"delta.enableIcebergCompatV1": "true", **MAPPED}, (), (), True),
    "iceberg_v2": ({"delta.enableIcebergCompatV2": "true", **MAPPED}, ("p",), (), True),
    "type_widening": ({"delta.enableTypeWidening": "true"}, (), (), False),
    "in_commit_timestamps": (TIMES, (), (), True),
    "column_defaults": ({"delta.feature.allowColumnDefaults": "supported"}, (), (), True),
    "vacuum_protocol_check": ({"delta.feature.vacuumProtocolCheck": "supported"}, (), (), False),
    "checkpoint_protection": ({"delta.feature.checkpointProtection": "supported"}, (), (), True),
    "check_constraints": ({"delta.constraints.positive": "id >= 0"}, (), (), True),
    "everything": ({**MAPPED, **VECTORS, **TRACKED, **TIMES, **FEED, "delta.checkpointPolicy": "v2", "delta.checkpointInterval": "2",
                    "delta.enableTypeWidening": "true"}, ("p",), (), False),
    "everything_clustered": ({**MAPPED_BY_ID, **VECTORS, **TRACKED, **TIMES, "delta.checkpointInterval": "2"}, (), ("v", "id"), True),
}

# Where delta-rs 1.6.6 can append and keeps what the features ask for.
DELTARS_WRITES = ("plain", "partitioned", "append_only")


def deltars_appends(t, first, last):
    """delta-rs appends standard rows, in a commit of its own."""
    import deltalake
    query = standard_rows(first, last)
    deltalake.write_deltalake(t.path, t.model.execute(query).to_arrow_table(), mode="append")
    t.in_model(f"INSERT INTO {{t}} BY NAME {query}")


def life(t, append_only=False, deltars=True, partition=()):
    """Versions by deltic, by Spark on top of them, by delta-rs, by deltic again and by Spark again."""
    t.append(standard_rows(0, 20))
    t.append(standard_rows(20, 30), "--user-metadata", "the second")
    if not append_only:
        t.replace("SELECT CAST(100 + id AS INT) AS id, concat('r', id) AS v, CAST(0 AS INT) AS p FROM range(0, 3) AS t(id)",
                  "p = 0" if partition else "id >= 20")
    t.agree("as deltic left it")
    t.both(f"INSERT INTO {{t}} {standard_rows(40, 50)}")
    if append_only:
        t.spark_refuses("DELETE FROM {t} WHERE id = 1", "append")
        t.deltic_refuses("write", "{t}", "--mode", "overwrite", "--from", standard_rows(0, 1), because="appendOnly")
    else:
        t.both("UPDATE {t} SET v = 'changed' WHERE id % 7 = 3")
        t.both("DELETE FROM {t} WHERE id IN (4, 5, 21, 101)")
        t.both("""MERGE INTO {t} d USING (SELECT 6 AS id, 'm' AS v, 0 AS p UNION ALL SELECT 60, 'n', 1) s ON d.id = s.id
                  WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (id, v, p) VALUES (s.id, s.v, s.p)""")
        t.sql("OPTIMIZE {t}")
    t.agree("after Spark")
    if deltars:
        deltars_appends(t, 70, 75)
    t.append(standard_rows(80, 90))
    t.deltic("alter", "set", "{t}", "delta.logRetentionDuration=interval 40 days")
    if not append_only:
        t.overwrite(standard_rows(50, 65))
    t.both(f"INSERT INTO {{t}} {standard_rows(90, 95)}")
    t.agree("after deltic again and Spark again")


def visit(t, append_only=False, partition=()):
    """deltic writes to a table of Spark's that has rows; Spark goes on."""
    t.both(f"INSERT INTO {{t}} {standard_rows(0, 20)}")
    if not append_only:
        t.both("DELETE FROM {t} WHERE id IN (4, 5)")
    t.append(standard_rows(20, 30))
    if append_only:
        t.deltic_refuses("write", "{t}", "--mode", "overwrite", "--from", standard_rows(0, 1), because="appendOnly")
    else:
        t.replace("SELECT CAST(100 + id AS INT) AS id, concat('r', id) AS v, CAST(0 AS INT) AS p FROM range(0, 3) AS t(id)",
                  "p = 0" if partition else "id BETWEEN 10 AND 15 OR id >= 100")
    t.deltic("alter", "add-column", "{t}", "late struct<a: int, b: string>")
    t.in_model("ALTER TABLE {t} ADD COLUMN late STRUCT(a INT, b VARCHAR)")
    t.append("SELECT CAST(200 AS INT) AS id, 'w' AS v, CAST(1 AS INT) AS p, {'a': CAST(1 AS INT), 'b': 'x'} AS late")
    t.both("INSERT INTO {t} VALUES (201, 'y', 2, named_struct('a', 2, 'b', 'z'))", "INSERT INTO {t} VALUES (201, 'y', 2, {'a': 2, 'b': 'z'})")
    t.agree("after Spark, deltic and Spark")


def normal(metadata):
    """What two equal CREATE TABLEs have in common: all but random names and times, and two things that no protocol asks
    for: Spark's note that it can convert to Iceberg in the same step, and empty lists of nested ids."""
    metadata = json.loads(json.dumps(metadata).replace('"delta.universalFormat.iceberg.atomicConversion.supported": "true", ', "")
                          .replace(', "delta.universalFormat.iceberg.atomicConversion.supported": "true"', ""))
    text = json.dumps({"schema": json.loads(metadata["schemaString"]), "partitionColumns": metadata["partitionColumns"],
                       "configuration": metadata.get("configuration", {}), "format": metadata["format"]}, sort_keys=True)
    text = text.replace('"delta.columnMapping.nested.ids": {}, ', "")
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)


def same_definition(ours, theirs):
    """The protocol, schema and configuration of two tables made by equal definitions."""
    if ours.protocol() != theirs.protocol():
        raise Wrong(f"{ours.name}: protocol {ours.protocol()}, Spark's {theirs.protocol()}")
    a, b = normal(ours.metadata()), normal(theirs.metadata())
    if a != b:
        raise Wrong(f"{ours.name}: metaData {a}\n      Spark's {b}")
    a, b = (sorted((d["domain"], d["configuration"]) for d in t.actions("domainMetadata")) for t in (ours, theirs))
    a, b = (re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", json.dumps([(d, json.loads(c)) for d, c in x], sort_keys=True)) for x in (a, b))
    if a != b:
        raise Wrong(f"{ours.name}: domains {a}, Spark's {b}")


def add_kind(kind):
    properties, partition, cluster, deltars = KINDS[kind]

    def run(make):
        ours, theirs = make("by_deltic"), make("by_spark")
        plan = {k: v for k, v in properties.items() if not k.startswith("delta.constraints.")}
        for t, writer in ((ours, "deltic"), (theirs, "spark")):
            t.create(writer, partition=partition, cluster=cluster, properties=plan)
        same_definition(ours, theirs)
        for key, value in properties.items():
            if key not in plan:
                name = key.rsplit(".", 1)[1]
                ours.deltic("alter", "add-constraint", "{t}", name, value)
                theirs.sql(f"ALTER TABLE {{t}} ADD CONSTRAINT {name} CHECK ({value})")
                same_definition(ours, theirs)
        ours.deltars_reads = theirs.deltars_reads = deltars
        life(ours, append_only=kind == "append_only", deltars=kind in DELTARS_WRITES, partition=partition)
        visit(theirs, append_only=kind == "append_only", partition=partition)
        operations = [r.operation for r in ours.sql("DESCRIBE HISTORY {t}").orderBy("version").collect()]
        if operations[0] != "CREATE TABLE" or operations.count("WRITE") < 4:
            raise Wrong(f"{ours.name}: Spark's DESCRIBE HISTORY shows {operations}")
        if not any(r.userMetadata == "the second" for r in ours.sql("DESCRIBE HISTORY {t}").collect()):
            raise Wrong(f"{ours.name}: the user metadata is not in Spark's history")
    run.__name__ = "life_of_" + kind
    CASES[run.__name__] = run


for _kind in KINDS:
    add_kind(_kind)


# -- features that need columns or steps of their own --------------------------------------------------------------------

WRITERS = ("deltic", "spark")


def made_by_both(make, columns, model, **plan):
    """The same table made by deltic and by Spark, proved to be the same."""
    tables = [make("by_" + writer) for writer in WRITERS]
    for t, writer in zip(tables, WRITERS):
        t.create(writer, columns, model=model, **plan)
    same_definition(*tables)
    return tables


@case
def generated_columns(make):
    columns = ("id INT, ts TIMESTAMP, day DATE GENERATED ALWAYS AS (CAST(ts AS DATE)), y INT GENERATED ALWAYS AS (YEAR(ts)), "
               "label STRING GENERATED ALWAYS AS (upper(concat('n-', CAST(id AS STRING)))), month STRING GENERATED ALWAYS AS (date_format(ts, 'yyyy-MM'))")
    model = "id INT, ts TIMESTAMPTZ, day DATE, y INT, label VARCHAR, month VARCHAR"
    computed = "CAST(ts AS DATE) AS day, CAST(year(ts) AS INT) AS y, upper(concat('n-', id)) AS label, strftime(ts, '%Y-%m') AS month"
    source = "SELECT CAST(id AS INT) AS id, TIMESTAMPTZ '2023-12-30 22:00:00.123456+00' + to_hours(CAST(id AS INT)) AS ts FROM range({}, {}) AS t(id)"
    for t in made_by_both(make, columns, model, partition=("day",)):
        rows = source.format(0, 40)
        t.append(rows, model=f"SELECT *, {computed} FROM ({rows})")
        t.both("INSERT INTO {t} (id, ts) SELECT CAST(id AS INT), TIMESTAMP'1969-12-31 23:30:00' + make_interval(0, 0, 0, 0, id) FROM range(40, 50) AS t(id)",
               f"INSERT INTO {{t}} SELECT *, {computed} FROM (SELECT CAST(id AS INT) AS id, TIMESTAMPTZ '1969-12-31 23:30:00+00' + "
               "to_hours(CAST(id AS INT)) AS ts FROM range(40, 50) AS t(id))")
        t.append("SELECT CAST(60 AS INT) AS id, CAST(NULL AS TIMESTAMPTZ) AS ts", model="SELECT CAST(60 AS INT) AS id, CAST(NULL AS TIMESTAMPTZ) AS ts, 'N-60' AS label")
        wrong = "SELECT CAST(1 AS INT) AS id, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS ts, CAST(1999 AS INT) AS y"
        t.deltic_refuses("write", "{t}", "--from", wrong, because="y")
        t.spark_refuses("INSERT INTO {t} (id, ts, y) VALUES (1, TIMESTAMP'2024-01-01 00:00:00', 1999)", "CHECK constraint")
        t.agree()


@case
def identity_columns(make):
    columns = "id BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 3), back BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH -1 INCREMENT BY -2), v STRING"
    for t in made_by_both(make, columns, "id BIGINT, back BIGINT, v VARCHAR"):
        for k in range(2):
            t.deltic("write", "{t}", "--quiet", "--from", f"SELECT concat('d{k}-', i) AS v FROM range(0, 10) AS t(i)")
            t.sql(f"INSERT INTO {{t}} (v) SELECT concat('s{k}-', id) FROM range(0, 10)")
        t.deltic("write", "{t}", "--quiet", "--from", "SELECT 'given' AS v, CAST(1000 AS BIGINT) AS back")
        t.deltic_refuses("write", "{t}", "--from", "SELECT CAST(1 AS BIGINT) AS id, 'x' AS v", because="id")
        t.spark_refuses("INSERT INTO {t} (id, v) VALUES (1, 'x')", "identity")
        t.sql("INSERT INTO {t} (v) VALUES ('last')")
        read = t.sql("SELECT id, back, v FROM {t}").collect()
        ids, backs = [r.id for r in read], [r.back for r in read if r.v != "given"]
        if len(set(ids)) != 42 or any((i - 5) % 3 or i < 5 for i in ids):
            raise Wrong(f"{t.name}: identity values {sorted(ids)}")
        if len(set(backs)) != 41 or any((b + 1) % 2 or b > -1 for b in backs):
            raise Wrong(f"{t.name}: identity values {sorted(backs)}")
        for earlier, later in (("d0", "s0"), ("s0", "d1"), ("d1", "s1"), ("s1", "la")):
            a, b = (max(r.id for r in read if r.v.startswith(earlier)), min(r.id for r in read if r.v.startswith(later)))
            if a >= b:
                raise Wrong(f"{t.name}: {later} starts at {b}, after {a} of {earlier}")
        t.agree(expected=t.sql("SELECT * FROM {t}").toArrow())


@case
def constraints_and_not_null(make):
    for t in made_by_both(make, "id INT NOT NULL, v STRING, s STRUCT<a: INT NOT NULL>", "id INT, v VARCHAR, s STRUCT(a INT)"):
        if t.name == "by_deltic":
            t.deltic("alter", "add-constraint", "{t}", "short", "length(v) < 5 AND v LIKE 'a%'")
            t.deltic("alter", "add-constraint", "{t}", "in_range", "id BETWEEN 0 AND 100")
        else:
            t.sql("ALTER TABLE {t} ADD CONSTRAINT short CHECK (length(v) < 5 AND v LIKE 'a%')")
            t.sql("ALTER TABLE {t} ADD CONSTRAINT in_range CHECK (id BETWEEN 0 AND 100)")
        good = [("1", "'abc'", "1"), ("100", "'a'", "2"), ("0", "'a'", "3")]
        bad = [("1", "NULL", "1"), ("101", "'abc'", "1"), ("1", "'abcde'", "1"), ("1", "'b'", "1"), ("NULL", "'a'", "1"), ("1", "'a'", "NULL")]
        for i, v, a in good:
            t.append(f"SELECT CAST({i} AS INT) AS id, {v} AS v, {{'a': CAST({a} AS INT)}} AS s")
        for i, v, a in bad:
            t.spark_refuses(f"INSERT INTO {{t}} VALUES ({i}, {v}, named_struct('a', CAST({a} AS INT)))", "")
            t.deltic_refuses("write", "{t}", "--from", f"SELECT CAST({i} AS INT) AS id, {v} AS v, {{'a': CAST({a} AS INT)}} AS s", because="constraint")
        t.both("INSERT INTO {t} VALUES (7, 'aaa', named_struct('a', 7))", "INSERT INTO {t} VALUES (7, 'aaa', {'a': 7})")
        t.deltic_refuses("alter", "add-constraint", "{t}", "tighter", "id < 50", because="violate")
        t.deltic("alter", "drop-constraint", "{t}", "in_range")
        t.append("SELECT CAST(500 AS INT) AS id, 'aaa' AS v, {'a': CAST(1 AS INT)} AS s")
        # A NULL struct has no field that could be NULL, but its fields are asked all the same.
        t.deltic_refuses("write", "{t}", "--from", "SELECT CAST(1 AS INT) AS id, 'a' AS v", because="NULL")
        t.spark_refuses("INSERT INTO {t} VALUES (1, 'a', NULL)", "s.a")
        t.spark_refuses("INSERT INTO {t} VALUES (1, 'bbb', named_struct('a', 1))", "constraint")
        t.agree()


@case
def column_defaults(make):
    columns = "id INT, v STRING DEFAULT 'it''s', n INT DEFAULT 3 + 4, d DATE DEFAULT DATE'2024-02-29', x DOUBLE"
    for t in made_by_both(make, columns, "id INT, v VARCHAR, n INT, d DATE, x DOUBLE", properties={"delta.feature.allowColumnDefaults": "supported"}):
        given = "'it''s' AS v, CAST(7 AS INT) AS n, DATE '2024-02-29' AS d"
        t.append("SELECT CAST(1 AS INT) AS id", model=f"SELECT CAST(1 AS INT) AS id, {given}")
        t.both("INSERT INTO {t} (id) VALUES (2)", f"INSERT INTO {{t}} BY NAME SELECT 2 AS id, {given}")
        t.append("SELECT CAST(3 AS INT) AS id, CAST(NULL AS INT) AS n, 'w' AS v", model="SELECT 3 AS id, 'w' AS v, DATE '2024-02-29' AS d")
        t.deltic("alter", "set-default", "{t}", "n", "42")
        t.deltic("alter", "set-default", "{t}", "x", "1.5D")
        t.deltic("alter", "drop-default", "{t}", "d")
        t.append("SELECT CAST(4 AS INT) AS id", model="SELECT 4 AS id, 'it''s' AS v, 42 AS n, 1.5 AS x")
        t.both("INSERT INTO {t} (id) VALUES (5)", "INSERT INTO {t} BY NAME SELECT 5 AS id, 'it''s' AS v, 42 AS n, 1.5 AS x")
        t.agree()


@case
def timestamp_ntz(make):
    for t in made_by_both(make, "id INT, n TIMESTAMP_NTZ, p TIMESTAMP_NTZ", "id INT, n TIMESTAMP, p TIMESTAMP", partition=("p",)):
        t.append("SELECT CAST(id AS INT) AS id, TIMESTAMP '1899-12-31 23:59:59.999999' + to_days(CAST(id * 9999 AS INT)) AS n, "
                 "CASE WHEN id < 3 THEN TIMESTAMP '2024-02-29 12:34:56.123456' + to_days(CAST(id AS INT)) END AS p FROM range(0, 6) AS t(id)")
        t.both("INSERT INTO {t} VALUES (9, TIMESTAMP_NTZ'2024-02-29 01:02:03.000004', TIMESTAMP_NTZ'0999-01-01 00:00:00')",
               "INSERT INTO {t} VALUES (9, TIMESTAMP'2024-02-29 01:02:03.000004', TIMESTAMP'0999-01-01 00:00:00')")
        t.replace("SELECT CAST(10 AS INT) AS id, TIMESTAMP '2000-01-01' AS n, TIMESTAMP '2024-02-29 12:34:56.123456' AS p", "p = timestamp '2024-02-29 12:34:56.123456'")
        t.agree()


@case
def types_widened(make):
    columns = "b BYTE, i INT, f FLOAT, d DATE, dc DECIMAL(5,1), s STRUCT<a: SHORT>, l ARRAY<INT>"
    model = "b TINYINT, i INT, f FLOAT, d DATE, dc DECIMAL(5,1), s STRUCT(a SMALLINT), l INT[]"
    properties = {"delta.enableTypeWidening": "true", "delta.feature.timestampNtz": "supported"}
    for t in made_by_both(make, columns, model, properties=properties):
        t.deltars_reads = False
        t.append("SELECT CAST(1 AS TINYINT) AS b, CAST(2 AS INT) AS i, CAST(1.5 AS FLOAT) AS f, DATE '1969-12-31' AS d, CAST(12.5 AS DECIMAL(5,1)) AS dc, "
                 "{'a': CAST(3 AS SMALLINT)} AS s, [CAST(4 AS INT)] AS l")
        steps = [("b", "INT", "INT"), ("i", "BIGINT", "BIGINT"), ("f", "DOUBLE", "DOUBLE"), ("d", "TIMESTAMP_NTZ", "TIMESTAMP"),
                 ("dc", "DECIMAL(12,3)", "DECIMAL(12,3)"), ("s.a", "BIGINT", "STRUCT(a BIGINT)"), ("l.element", "BIGINT", "BIGINT[]")]
        for k, (column, spark, model_type) in enumerate(steps):
            if k % 2 == (t.name == "by_deltic"):
                t.deltic("alter", "change-type", "{t}", column, spark)
            else:
                t.sql(f"ALTER TABLE {{t}} ALTER COLUMN {column} TYPE {spark}")
            t.in_model(f"ALTER TABLE {{t}} ALTER {column.split('.')[0]} TYPE {model_type}")
        t.append("SELECT CAST(1000000 AS INT) AS b, CAST(5000000000 AS BIGINT) AS i, CAST(0.1 AS DOUBLE) AS f, TIMESTAMP '2024-01-01 00:00:00.000001' AS d, "
                 "CAST(123456789.125 AS DECIMAL(12,3)) AS dc, {'a': CAST(6000000000 AS BIGINT)} AS s, [CAST(7000000000 AS BIGINT), NULL] AS l")
        t.both("INSERT INTO {t} SELECT * FROM {t}")
        t.append("SELECT * FROM (VALUES (CAST(5 AS INT))) AS x(b)")
        t.agree()
        # Widened by a write that merges schemas, as Spark does.
        t.deltic("write", "{t}", "--quiet", "--schema", "merge", "--from", "SELECT CAST(9 AS BIGINT) AS b")
        t.in_model("ALTER TABLE {t} ALTER b TYPE BIGINT")
        t.in_model("INSERT INTO {t} BY NAME SELECT CAST(9 AS BIGINT) AS b")
        t.agree("after a merge of schemas")


@case
def schema_merged_and_overwritten(make):
    for writer in WRITERS:
        for mapping in ({}, MAPPED):
            t = make(f"by_{writer}_{'mapped' if mapping else 'plain'}")
            t.create(writer, "id INT, s STRUCT<a: INT>", model="id INT, s STRUCT(a INT)", properties=mapping)
            t.append("SELECT CAST(1 AS INT) AS id, {'a': CAST(1 AS INT)} AS s")
            t.deltic_refuses("write", "{t}", "--from", "SELECT CAST(2 AS INT) AS id, 'x' AS late", because="late")
            t.in_model("ALTER TABLE {t} ADD COLUMN late VARCHAR")
            t.append("SELECT CAST(2 AS INT) AS id, 'x' AS late", "--schema", "merge")
            t.in_model("CREATE OR REPLACE TABLE {t} AS SELECT * REPLACE (CASE WHEN s IS NULL THEN NULL ELSE "
                       "{'a': s.a, 'b': CAST(NULL AS STRUCT(c DATE))} END AS s) FROM {t}")
            t.append("SELECT CAST(3 AS INT) AS id, {'a': CAST(3 AS INT), 'b': {'c': DATE '2024-01-01'}} AS s", "--schema", "merge")
            t.both("INSERT INTO {t} VALUES (4, named_struct('a', 1, 'b', named_struct('c', DATE'2024-01-02')), 'y')",
                   "INSERT INTO {t} VALUES (4, {'a': 1, 'b': {'c': DATE '2024-01-02'}}, 'y')")
            t.agree("after a merge of schemas")
            t.model_columns("id VARCHAR, other DOUBLE")
            t.overwrite("SELECT 'text' AS id, CAST(1.5 AS DOUBLE) AS other", "--schema", "overwrite")
            t.both("INSERT INTO {t} VALUES ('more', 2.5)")
            t.agree("after an overwrite of the schema")


@case
def mapped_columns_change(make):
    for writer in WRITERS:
        for mode in ("name", "id"):
            t = make(f"by_{writer}_{mode}")
            t.create(writer, "id INT, `odd, name` STRING, s STRUCT<a: INT, `b c`: STRING>, p INT", partition=("p",),
                     properties={"delta.columnMapping.mode": mode}, model='id INT, "odd, name" VARCHAR, s STRUCT(a INT, "b c" VARCHAR), p INT')
            t.append("""SELECT CAST(1 AS INT) AS id, 'x' AS "odd, name", {'a': CAST(1 AS INT), 'b c': 'y'} AS s, CAST(1 AS INT) AS p""")
            t.deltic("alter", "rename-column", "{t}", "`odd, name`", "plain")
            t.in_model('ALTER TABLE {t} RENAME "odd, name" TO plain')
            t.sql("ALTER TABLE {t} RENAME COLUMN s.`b c` TO b")
            t.in_model("CREATE OR REPLACE TABLE {t} AS SELECT * REPLACE ({'a': s.a, 'b': s.\"b c\"} AS s) FROM {t}")
            t.append("SELECT CAST(2 AS INT) AS id, 'y' AS plain, {'a': CAST(2 AS INT), 'b': 'z'} AS s, CAST(2 AS INT) AS p")
            t.deltic("alter", "drop-column", "{t}", "s.a")
            t.in_model("CREATE OR REPLACE TABLE {t} AS SELECT * REPLACE ({'b': s.b} AS s) FROM {t}")
            t.deltic("alter", "add-column", "{t}", "a bigint comment 'back'", "--in", "s", "--first")
            t.in_model("CREATE OR REPLACE TABLE {t} AS SELECT * REPLACE ({'a': CAST(NULL AS BIGINT), 'b': s.b} AS s) FROM {t}")
            t.deltic("alter", "rename-column", "{t}", "p", "part")
            t.in_model("ALTER TABLE {t} RENAME p TO part")
            t.both("INSERT INTO {t} VALUES (3, 'w', named_struct('a', 9000000000L, 'b', 'q'), NULL)", "INSERT INTO {t} VALUES (3, 'w', {'a': 9000000000, 'b': 'q'}, NULL)")
            t.append("SELECT CAST(4 AS INT) AS id, {'a': CAST(5 AS BIGINT), 'b': 'r'} AS s, CAST(1 AS INT) AS part")
            t.both("UPDATE {t} SET plain = 'u' WHERE part = 1")
            t.replace("SELECT CAST(5 AS INT) AS id, CAST(1 AS INT) AS part", "part = 1")
            t.agree()


@case
def mapping_switched_on(make):
    for writer in WRITERS:
        t = make("by_" + writer)
        t.create(writer, partition=("p",))
        t.append(standard_rows(0, 6))
        t.deltic("alter", "set", "{t}", "delta.columnMapping.mode=name")
        t.append(standard_rows(6, 9))
        t.both("ALTER TABLE {t} RENAME COLUMN v TO w", "ALTER TABLE {t} RENAME v TO w")
        t.deltic("alter", "drop-column", "{t}", "w")
        t.in_model("ALTER TABLE {t} DROP w")
        t.both("INSERT INTO {t} VALUES (70, 7)")
        t.append("SELECT CAST(80 AS INT) AS id, CAST(0 AS INT) AS p")
        t.agree()


@case
def change_data_feed(make):
    """What Spark's readChangeFeed says of deltic's commits: applied from the start, the changes give the table."""
    for t in made_by_both(make, "id INT, v STRING, p INT", "id INT, v VARCHAR, p INT", partition=("p",), properties=FEED):
        t.append(standard_rows(0, 12))
        t.replace("SELECT CAST(100 AS INT) AS id, 'r' AS v, CAST(0 AS INT) AS p", "p = 0")
        t.replace("SELECT CAST(101 AS INT) AS id, 'r' AS v, CAST(1 AS INT) AS p", "p = 1 AND id > 0")
        t.both("UPDATE {t} SET v = 'u' WHERE id = 5")
        t.deltic("write", "{t}", "--quiet", "--mode", "overwrite", "--dynamic", "--from", "SELECT CAST(200 AS INT) AS id, 'dyn' AS v, CAST(2 AS INT) AS p")
        t.in_model("DELETE FROM {t} WHERE p = 2")
        t.in_model("INSERT INTO {t} VALUES (200, 'dyn', 2)")
        t.overwrite(standard_rows(30, 33))
        t.agree()
        feed = t.spark.read.format("delta").option("readChangeFeed", "true").option("startingVersion", 0).load(t.path)
        rows = feed.selectExpr("id", "v", "p", "_change_type", "_commit_version").collect()
        left = {}
        for r in sorted(rows, key=lambda r: r._commit_version):
            key = (r.id, r.v, r.p)
            left[key] = left.get(key, 0) + (1 if r._change_type in ("insert", "update_postimage") else -1)
        if sorted(k for k, n in left.items() if n) != sorted(t.model.execute("SELECT id, v, p FROM model").fetchall()) or any(n not in (0, 1) for n in left.values()):
            raise Wrong(f"{t.name}: the change feed that Spark reads leads to {sorted(left.items())}")
        by_version = {}
        for r in rows:
            by_version.setdefault(r._commit_version, []).append((r._change_type, r.id))
        want = {1: [("insert", i) for i in range(12)], 2: [("delete", i) for i in (0, 3, 6, 9)] + [("insert", 100)],
                3: [("delete", i) for i in (1, 4, 7, 10)] + [("insert", 101)]}
        for version, changes in want.items():
            if sorted(by_version.get(version, [])) != sorted(changes):
                raise Wrong(f"{t.name}: version {version} in Spark's change feed is {sorted(by_version.get(version, []))}, must be {sorted(changes)}")


@case
def variants(make):
    """Variants that Spark wrote go through deltic into another table and back, plain and nested. The variant null is left
    out: the engine reads it as SQL's NULL (compare.py's KNOWN), and so it becomes one."""
    source = make("source")
    text = "id INT, v VARIANT, s STRUCT<v: VARIANT>, l ARRAY<VARIANT>"
    source.sql(create_text_of(text))
    source.sql("""INSERT INTO {t} SELECT /*+ COALESCE(1) */ id, parse_json(j), named_struct('v', parse_json(j)), array(parse_json(j), NULL)
                  FROM VALUES (1, '{"a": [1, 2.5, "x", true, null], "b": {"c": "ü"}}'), (2, '17'), (3, '"text"'), (4, NULL), (5, '[]'), (6, 'true'),
                  (7, '123456789012345678901234567890.12'), (8, '1e300') AS x(id, j)""")
    for writer in WRITERS:
        t = make("by_" + writer)
        if writer == "deltic":
            t.deltic("create", "{t}", text, "--quiet")
        else:
            t.sql(create_text_of(text))
        if t.protocol() != source.protocol():
            raise Wrong(f"{t.name}: protocol {t.protocol()}, Spark's {source.protocol()}")
        t.deltic("write", "{t}", "--quiet", "--from", f"SELECT * FROM delta_scan('{source.path}')")
        t.sql(f"INSERT INTO {{t}} SELECT id + 100, v, s, l FROM delta.`{source.path}`")
        t.deltic("write", "{t}", "--quiet", "--mode", "overwrite", "--replace-where", "id = 2 or id = 102", "--from", f"SELECT * FROM delta_scan('{source.path}') WHERE id = 2")
        read = {r.id: r.j for r in t.sql("SELECT id, to_json(struct(v, s, l)) AS j FROM {t}").collect()}
        want = {r.id: r.j for r in source.sql("SELECT id, to_json(struct(v, s, l)) AS j FROM {t}").collect()}
        for i in want:
            if read.get(i) != want[i] or (i != 2 and read.get(i + 100) != want[i]):
                raise Wrong(f"{t.name}: row {i}: Spark reads {read.get(i)} and {read.get(i + 100)}, must be {want[i]}")
        t.checksum(t.name, t.log_of_spark())


def create_text_of(columns):
    from write_table import create_text
    return create_text(columns)


@case
def row_tracking_later(make):
    """Row tracking switched on by deltic for a table with rows is refused or done right; Spark's backfill is kept."""
    t = make()
    t.create("deltic", partition=("p",))
    t.append(standard_rows(0, 9))
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    t.append(standard_rows(9, 12))
    t.replace("SELECT CAST(100 AS INT) AS id, 'r' AS v, CAST(0 AS INT) AS p", "p = 0")
    # Copying other rows of a file keeps their ids.
    before = dict(t.sql("SELECT id, _metadata.row_id FROM {t}").collect())
    t.replace("SELECT CAST(1 AS INT) AS id, 'x' AS v, CAST(1 AS INT) AS p", "id = 1")
    copied = {i: r for i, r in dict(t.sql("SELECT id, _metadata.row_id FROM {t}").collect()).items() if i != 1}
    if any(before[i] != r for i, r in copied.items()):
        raise Wrong(f"{t.name}: replaceWhere changed row ids: {before} -> {copied}")
    before = dict(t.sql("SELECT id, _metadata.row_id FROM {t}").collect())
    t.both("UPDATE {t} SET v = 'u' WHERE id % 2 = 1")
    t.sql("OPTIMIZE {t}")
    after = dict(t.sql("SELECT id, _metadata.row_id FROM {t}").collect())
    if before != after:
        raise Wrong(f"{t.name}: row ids changed: {before} -> {after}")
    t.replace("SELECT CAST(101 AS INT) AS id, 'r' AS v, CAST(2 AS INT) AS p", "p = 2")
    kept = {i: r for i, r in dict(t.sql("SELECT id, _metadata.row_id FROM {t}").collect()).items() if i != 101}
    if any(after[i] != r for i, r in kept.items()):
        raise Wrong(f"{t.name}: deltic's rewrite changed row ids: {after} -> {kept}")
    t.agree()


@case
def features_added_and_dropped(make):
    """Upgrades and downgrades by deltic, of tables with old protocol versions, that Spark goes on with."""
    for writer in WRITERS:
        t = make("by_" + writer)
        t.create(writer, partition=("p",))
        t.append(standard_rows(0, 5))
        for feature in ("deletionVectors", "inCommitTimestamp", "changeDataFeed", "typeWidening", "v2Checkpoint", "vacuumProtocolCheck"):
            t.deltic("alter", "add-feature", "{t}", feature)
        t.deltic("alter", "set", "{t}", "delta.enableDeletionVectors=true", "delta.enableInCommitTimestamps=true", "delta.enableChangeDataFeed=true")
        t.deltars_reads = False
        t.both("DELETE FROM {t} WHERE id = 2")
        t.append(standard_rows(5, 8))
        t.agree("with features")
        t.deltic("alter", "set", "{t}", "delta.enableChangeDataFeed=false")
        for feature in ("vacuumProtocolCheck", "typeWidening", "inCommitTimestamp"):
            t.deltic("alter", "drop-feature", "{t}", feature)
        t.both(f"INSERT INTO {{t}} {standard_rows(8, 9)}")
        t.append(standard_rows(9, 10))
        features = t.protocol().get("writerFeatures", [])
        if "deletionVectors" not in features or "typeWidening" in features or "inCommitTimestamp" in features:
            raise Wrong(f"{t.name}: features {features}")
        t.agree("without features")


@case
def legacy_protocols_keep_what_they_imply(make):
    """A table of writer version 4 with a constraint: an upgrade must name every feature, and the constraint still holds."""
    t = make()
    t.create("spark", properties={"delta.minWriterVersion": "4", "delta.minReaderVersion": "1"})
    t.sql("ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id >= 0)")
    t.append(standard_rows(0, 3))
    t.deltic("alter", "set", "{t}", "delta.enableDeletionVectors=true")
    for feature in ("appendOnly", "invariants", "checkConstraints", "changeDataFeed", "generatedColumns", "deletionVectors"):
        if feature not in t.protocol()["writerFeatures"]:
            raise Wrong(f"{t.name}: {feature} got lost: {t.protocol()}")
    t.spark_refuses("INSERT INTO {t} VALUES (-1, 'x', 0)", "constraint")
    t.deltic_refuses("write", "{t}", "--from", "SELECT CAST(-1 AS INT) AS id, 'x' AS v, CAST(0 AS INT) AS p", because="positive")
    t.both("DELETE FROM {t} WHERE id = 1")
    t.append(standard_rows(3, 6))
    t.agree()


@case
def altered(make):
    """ALTERs of deltic on Spark's table and the other way round, and the words that DESCRIBE shows for them."""
    for t in made_by_both(make, "id INT NOT NULL COMMENT 'key', v STRING, s STRUCT<a: INT COMMENT 'inner'>", "id INT, v VARCHAR, s STRUCT(a INT)"):
        t.append("SELECT CAST(1 AS INT) AS id, 'x' AS v, {'a': CAST(1 AS INT)} AS s")
        t.deltic("alter", "add-column", "{t}", "first_one int", "--first")
        t.deltic("alter", "add-column", "{t}", "b array<struct<c: timestamp>> comment 'deep'", "--in", "s", "--after", "a")
        t.deltic("alter", "comment", "{t}", "v", "it's a value")
        t.deltic("alter", "drop-not-null", "{t}", "id")
        t.deltic("alter", "move-column", "{t}", "v", "--after", "s")
        t.deltic("alter", "name", "{t}", "a name")
        t.deltic("alter", "description", "{t}", "what it is")
        t.deltic("alter", "set", "{t}", "my.key=my value", "delta.dataSkippingNumIndexedCols=2")
        t.deltic("alter", "unset", "{t}", "delta.dataSkippingNumIndexedCols")
        t.deltic("alter", "cluster-by", "{t}", "id")
        t.sql("ALTER TABLE {t} CLUSTER BY NONE")
        t.deltic("alter", "cluster-by", "{t}", "v")
        t.model.execute("CREATE OR REPLACE TABLE model AS SELECT CAST(NULL AS INT) AS first_one, id, {'a': s.a, 'b': CAST(NULL AS STRUCT(c TIMESTAMPTZ)[])} AS s, v FROM model")
        t.both("INSERT INTO {t} VALUES (1, NULL, named_struct('a', 2, 'b', array(named_struct('c', TIMESTAMP'2024-01-01 00:00:00'))), 'y')",
               "INSERT INTO {t} VALUES (1, NULL, {'a': 2, 'b': [{'c': TIMESTAMPTZ '2024-01-01 00:00:00+00'}]}, 'y')")
        t.append("SELECT CAST(2 AS INT) AS id, 'z' AS v")
        t.sql("OPTIMIZE {t}")
        t.agree()
        detail = t.sql("DESCRIBE DETAIL {t}").collect()[0]
        if detail.name != "a name" and t.metadata().get("name") != "a name" or detail.description != "what it is" or detail.properties.get("my.key") != "my value" \
                or list(detail.clusteringColumns) != ["v"]:
            raise Wrong(f"{t.name}: DESCRIBE DETAIL: {detail}")
        comments = {r.col_name: r.comment for r in t.sql("DESCRIBE TABLE {t}").collect()}
        if comments.get("v") != "it's a value" or comments.get("id") != "key":
            raise Wrong(f"{t.name}: DESCRIBE TABLE: {comments}")


@case
def idempotent_writes(make):
    """Transactions of applications are shared: what Spark recorded deltic skips, and the other way round."""
    t = make()
    t.create("deltic")
    for writer in ("deltic", "spark", "deltic", "spark"):
        for version in (1, 2):
            if writer == "deltic":
                t.deltic("write", "{t}", "--quiet", "--once", f"app={version}", "--from", standard_rows(version, version + 1))
            else:
                t.spark.sql(standard_rows(version, version + 1)).write.format("delta").mode("append").option("txnAppId", "app").option("txnVersion", version).save(t.path)
    t.in_model(f"INSERT INTO {{t}} {standard_rows(1, 3)}")
    t.agree()


@case
def replaced_by_create(make):
    """create --mode overwrite and Spark's REPLACE on each other's tables; old versions stay readable."""
    for writer in WRITERS:
        t = make("by_" + writer)
        t.create(writer, partition=("p",), properties=FEED)
        t.append(standard_rows(0, 5))
        t.deltic("create", "{t}", "x double, y string", "--mode", "overwrite", "--quiet")
        t.model_columns("x DOUBLE, y VARCHAR")
        t.append("SELECT CAST(1.5 AS DOUBLE) AS x, 'y' AS y")
        t.agree("replaced by deltic")
        t.expect("SELECT count(*) FROM {t} VERSION AS OF 1", [(5,)])
        t.spark.sql(standard_rows(0, 0)).write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(t.path)
        t.model_columns("id INT, v VARCHAR, p INT")
        t.append(standard_rows(0, 4))
        t.agree("replaced by Spark")
