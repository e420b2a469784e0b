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

# name: properties, partition columns, clustering columns, whether delta-rs 1.6.6 reads the table (it refuses typeWidening)
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
    "vacuum_protocol_check": ({"delta.feature.vacuumProtocolCheck": "supported"}, (), (), True),
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
                  "p = 0" if partition else "id BETWEEN 10 AND 15 OR id > 100")
    t.deltic("alter", "add-column", "{t}", "late struct<a: int, b: string>")
    t.in_model("ALTER TABLE {t} ADD COLUMN late STRUCT(a INT, b VARCHAR)")
    t.append("SELECT CAST(200 AS INT) AS id, 'w' AS v, CAST(1 AS INT) AS p, {'a': CAST(1 AS INT), 'b': 'x'} AS late")
    t.both("INSERT INTO {t} VALUES (201, 'y', 2, named_struct('a', 2, 'b', 'z'))", "INSERT INTO {t} VALUES (201, 'y', 2, {'a': 2, 'b': 'z'})")
    t.agree("after Spark, deltic and Spark")


def normal(metadata):
    """What two equal CREATE TABLEs have in common: all but random names and times."""
    text = json.dumps({"schema": json.loads(metadata["schemaString"]), "partitionColumns": metadata["partitionColumns"],
                       "configuration": metadata.get("configuration", {}), "format": metadata["format"]}, sort_keys=True)
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
