"""Owns the tables on which the change cases run: one for each kind of table, made by Spark, with 30 rows in three commits.
Does not say what is done to them (change_cases.py).

Made once and kept below build/interop/change/base until this file changes.
"""
import dataclasses
import os
import shutil

from write_table import create_text

MAPPED = {"delta.columnMapping.mode": "name"}
MAPPED_BY_ID = {"delta.columnMapping.mode": "id"}
VECTORS = {"delta.enableDeletionVectors": "true"}
NO_VECTORS = {"delta.enableDeletionVectors": "false"}
TRACKED = {"delta.enableRowTracking": "true"}
TIMES = {"delta.enableInCommitTimestamps": "true"}
FEED = {"delta.enableChangeDataFeed": "true"}


def standard(first, last):
    """Rows of (id, v, p) in words of both dialects; some v are NULL."""
    return (f"SELECT CAST(id AS INT) AS id, CASE WHEN id % 11 = 5 THEN NULL ELSE concat('v', id) END AS v, CAST(id % 3 AS INT) AS p "
            f"FROM range({first}, {last}) AS t(id)")


def nested(first, last):
    return (f"SELECT CAST(id AS INT) id, IF(id % 7 = 3, NULL, named_struct('a', CAST(id AS INT), 'b', IF(id % 5 = 4, NULL, named_struct('c', concat('c', id))))) s, "
            f"IF(id % 6 = 1, NULL, array(CAST(id AS INT), NULL)) l, IF(id % 4 = 1, NULL, map('k', CAST(id AS INT), concat('m', id), NULL)) m, "
            f"IF(id % 9 = 2, NULL, array(named_struct('x', concat('x', id)), NULL)) ls, CAST(id % 3 AS INT) p FROM range({first}, {last})")


def typed(first, last):
    return (f"SELECT CAST(id AS INT) id, IF(id % 13 = 12, NULL, id % 2 = 0) bo, CAST(id - 15 AS TINYINT) ti, CAST(id * 1000 - 9000 AS SMALLINT) si, "
            f"CAST(id AS BIGINT) * 1000000000007 bi, CAST(id AS FLOAT) / 4 fl, IF(id = 3, double('NaN'), IF(id = 4, -0.0D, CAST(id AS DOUBLE) / 3)) dbl, "
            f"CAST(id - 7 AS DECIMAL(9, 2)) / CAST(4 AS DECIMAL(2, 0)) de, CAST(CAST(id AS DECIMAL(38, 10)) * -123456789012345678.5 AS DECIMAL(38, 10)) hu, concat('s', id, 'ü') st, "
            f"IF(id % 8 = 1, NULL, CAST(concat('b', id) AS BINARY)) bn, date_add(DATE'1969-12-20', CAST(id AS INT)) da, "
            f"timestamp_micros(id * 86400000123 - 864000000000) ts, CAST(timestamp_micros(id * 86400000123 - 864000000000) AS TIMESTAMP_NTZ) tn FROM range({first}, {last})")


def made(first, last):
    """Rows of the kind with columns that the table fills."""
    return f"SELECT CAST(id AS INT) AS id, concat('v', id) AS v FROM range({first}, {last}) AS t(id)"


@dataclasses.dataclass(frozen=True)
class Kind:
    properties: dict = dataclasses.field(default_factory=dict)
    columns: str = "id INT, v STRING, p INT"
    partition: tuple = ()
    cluster: tuple = ()
    fill: object = standard
    insert: str = ""  # the columns of an INSERT, where not all
    deltars: bool = False  # whether delta-rs 1.6.6 reads the table
    free_columns: tuple = ()  # whose values each program chooses for itself
    key: str = "id"
    rows: int = 30
    then: tuple = ()  # what happens before and after the rows: "before: SQL" or SQL

    @property
    def feed(self):
        return self.properties.get("delta.enableChangeDataFeed") == "true"

    @property
    def tracked(self):
        return self.properties.get("delta.enableRowTracking") == "true"

    @property
    def vectors(self):
        return self.properties.get("delta.enableDeletionVectors") == "true"


NESTED = "id INT, s STRUCT<a: INT, b: STRUCT<c: STRING>>, l ARRAY<INT>, m MAP<STRING, INT>, ls ARRAY<STRUCT<x: STRING>>, p INT"
TYPED = ("id INT, bo BOOLEAN, ti TINYINT, si SMALLINT, bi BIGINT, fl FLOAT, dbl DOUBLE, de DECIMAL(12, 6), hu DECIMAL(38, 10), st STRING, bn BINARY, da DATE, "
         "ts TIMESTAMP, tn TIMESTAMP_NTZ")
MADE = ("id INT NOT NULL, v STRING DEFAULT 'none', g INT GENERATED ALWAYS AS (id * 2), n BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 1 INCREMENT BY 1), "
        "day DATE DEFAULT DATE'2024-01-01'")

KINDS = {
    "plain": Kind(NO_VECTORS, deltars=True),
    "partitioned": Kind(NO_VECTORS, partition=("p",), deltars=True),
    "vectors": Kind(VECTORS, deltars=True),
    "partitioned_vectors": Kind(VECTORS, partition=("p",), deltars=True),
    "feed": Kind({**FEED, **NO_VECTORS}, deltars=True),
    "feed_vectors": Kind({**FEED, **VECTORS}, deltars=True),
    "feed_partitioned": Kind({**FEED, **NO_VECTORS}, partition=("p",), deltars=True),
    "feed_partitioned_vectors": Kind({**FEED, **VECTORS}, partition=("p",), deltars=True),
    "tracked": Kind({**TRACKED, **NO_VECTORS}),
    "tracked_vectors_feed": Kind({**TRACKED, **VECTORS, **FEED}, partition=("p",)),
    "mapped_by_name": Kind({**MAPPED, **FEED, **NO_VECTORS}, columns="id INT, v STRING, p INT, gone INT", partition=("p",),
                           fill=lambda a, b: f"SELECT *, CAST(7 AS INT) FROM ({standard(a, b)})", then=("ALTER TABLE {t} DROP COLUMN gone",), deltars=False),
    "mapped_by_id": Kind({**MAPPED_BY_ID, **VECTORS, **TRACKED}),
    "widened": Kind({"delta.enableTypeWidening": "true", **VECTORS, **FEED}, columns="id SMALLINT, v STRING, p TINYINT",
                    fill=lambda a, b: f"SELECT CAST(id AS SMALLINT) id, v, CAST(p AS TINYINT) p FROM ({standard(a, b)})",
                    then=("ALTER TABLE {t} ALTER COLUMN id TYPE INT", "ALTER TABLE {t} ALTER COLUMN p TYPE INT")),
    "made_columns": Kind({"delta.feature.allowColumnDefaults": "supported", "delta.constraints.small": "id < 100000", **NO_VECTORS, **FEED},
                         columns=MADE, fill=made, insert="(id, v)", free_columns=("n",)),
    "clustered": Kind({**NO_VECTORS}, cluster=("id", "v"), deltars=True),
    "clustered_vectors_tracked": Kind({**VECTORS, **TRACKED}, cluster=("id",)),
    "v2_checkpoint": Kind({"delta.checkpointPolicy": "v2", "delta.checkpointInterval": "2", **VECTORS}, partition=("p",)),
    "commit_times": Kind({**TIMES, **FEED, **VECTORS}, deltars=True),
    "nested": Kind({**NO_VECTORS, **FEED}, columns=NESTED, fill=nested, deltars=True),
    "nested_vectors_mapped": Kind({**VECTORS, **MAPPED}, columns=NESTED, fill=nested),
    "all_types": Kind({**NO_VECTORS, **FEED}, columns=TYPED, fill=typed),
    "all_types_vectors": Kind({**VECTORS}, columns=TYPED, fill=typed),
    "everything": Kind({**MAPPED, **VECTORS, **TRACKED, **TIMES, **FEED, "delta.checkpointPolicy": "v2", "delta.checkpointInterval": "2",
                        "delta.enableTypeWidening": "true"}, partition=("p",)),
}


def last_version(kind):
    """The newest version of a kind's table as `make` leaves it: created, constrained, filled by three commits, altered."""
    return 3 + sum(k.startswith("delta.constraints.") for k in kind.properties) + len(kind.then)


def make(spark, name, folder):
    """Makes a kind's table, and beside it NAME.source: rows 25 to 35 of the same columns, as a Delta table for merges."""
    kind = KINDS[name]
    for path, fills in ((folder, ((0, 10), (10, 20), (20, 30))), (folder + ".source", ((25, 35),))):
        shutil.rmtree(path, ignore_errors=True)
        table = f"delta.`{path}`"
        main = path == folder
        properties = {k: v for k, v in kind.properties.items() if not k.startswith("delta.constraints.")}
        spark.sql(create_text(kind.columns, kind.partition if main else (), kind.cluster if main else (), properties).replace("{t}", table))
        for key, text in kind.properties.items():
            if key.startswith("delta.constraints."):
                spark.sql(f"ALTER TABLE {table} ADD CONSTRAINT {key.rsplit('.', 1)[1]} CHECK ({text})")
        for first, last in fills:
            spark.sql(f"INSERT INTO {table} {kind.insert} SELECT /*+ COALESCE(1) */ * FROM ({kind.fill(first, last)})")
        for text in kind.then:
            spark.sql(text.replace("{t}", table))
    with open(os.path.join(folder + ".made"), "w") as stamp:
        stamp.write("whole")
