"""Owns the cases about the log that deltic keeps: tables that open from deltic's checkpoints, checksums and compactions alone,
because older commits are gone. Does not own what the formats are (src/upkeep).
"""
import glob
import os

import duckdb

from write_features import MAPPED, TIMES, TRACKED, VECTORS
from write_table import Wrong, standard_rows

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def duckdb_delta_counts(path):
    """How many rows DuckDB's delta extension reads."""
    import duckdb_extension_delta
    (extension,) = glob.glob(os.path.join(os.path.dirname(duckdb_extension_delta.__file__), "extensions", "*", "delta.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": True})
    connection.execute(f"LOAD '{extension}'")
    return connection.execute(f"SELECT count(*) FROM delta_scan('{path}')").fetchone()[0]


def forget_commits(t, before):
    """Commits and checksums older than `before` are gone, as after a cleanup; hidden checksums of Hadoop's too."""
    for file in glob.glob(os.path.join(t.path, "_delta_log", "*")) + glob.glob(os.path.join(t.path, "_delta_log", ".*.crc")):
        name = os.path.basename(file).lstrip(".")
        if name[:20].isdigit() and int(name[:20]) < before and ".checkpoint" not in name and ".compacted" not in name:
            os.remove(file)


KINDS = {
    "classic": ({}, True),
    "v2": ({"delta.checkpointPolicy": "v2"}, True),
    "struct_statistics_only": ({"delta.checkpoint.writeStatsAsStruct": "true", "delta.checkpoint.writeStatsAsJson": "false"}, True),
    "no_statistics": ({"delta.checkpoint.writeStatsAsStruct": "false", "delta.checkpoint.writeStatsAsJson": "false"}, True),
    "v2_struct_statistics": ({"delta.checkpointPolicy": "v2", "delta.checkpoint.writeStatsAsStruct": "true"}, True),
    "of_many_features": ({**MAPPED, **VECTORS, **TRACKED, **TIMES, "delta.checkpointPolicy": "v2"}, False),
    "of_many_features_classic": ({**MAPPED, **VECTORS, **TRACKED, **TIMES}, False),
}


def add_kind(kind):
    properties, duckdb_reads = KINDS[kind]

    def run(make):
        t = make()
        t.create("deltic", partition=("p",), properties={**properties, "delta.checkpointInterval": "1000"})
        t.append(standard_rows(0, 30))
        t.deltic("write", "{t}", "--quiet", "--once", "stream=7", "--from", standard_rows(30, 40))
        t.in_model(f"INSERT INTO {{t}} {standard_rows(30, 40)}")
        t.both("DELETE FROM {t} WHERE id % 5 = 0")
        t.both("UPDATE {t} SET v = 'u' WHERE id = 7")
        t.replace("SELECT CAST(100 AS INT) AS id, 'r' AS v, CAST(2 AS INT) AS p", "p = 2")
        t.agree("before")
        t.deltic("checkpoint", "{t}")
        version = t.version()
        forget_commits(t, version)
        # The commit of the checkpoint's own version stays, as a cleanup leaves it; nothing older does.
        t.agree("out of the checkpoint")
        t.expect("SELECT id FROM {t} WHERE id > 35 AND p < 2", [(i,) for i in (36, 37, 39) if i % 3 < 2])
        if duckdb_reads:
            have, want = duckdb_delta_counts(t.path), t.model.execute("SELECT count(*) FROM model").fetchone()[0]
            if have != want:
                raise Wrong(f"{t.name}: DuckDB's delta extension counts {have}, must be {want}")
        t.both(f"INSERT INTO {{t}} {standard_rows(200, 203)}")
        t.append(standard_rows(203, 206))
        t.deltic("write", "{t}", "--quiet", "--once", "stream=7", "--from", standard_rows(30, 40))  # recorded: skipped
        t.both("DELETE FROM {t} WHERE id = 204")
        t.agree("gone on")
    run.__name__ = "opens_from_checkpoint_" + kind
    CASES[run.__name__] = run


for _kind in KINDS:
    add_kind(_kind)


@case
def opens_with_compactions(make):
    """Spark takes deltic's compacted file instead of the commits: its log segment names it."""
    t = make()
    t.create("deltic", partition=("p",), properties=VECTORS)
    for k in range(5):
        t.append(standard_rows(10 * k, 10 * k + 10))
    t.both("DELETE FROM {t} WHERE id % 4 = 0")
    t.deltic("compact-log", "{t}", "--from", "1", "--to", "5")
    segment = t.log_of_spark().unsafeVolatileSnapshot().logSegment().toString()
    if "compacted" not in segment:
        raise Wrong(f"{t.name}: Spark does not take the compacted file: {segment[:600]}")
    t.agree("with a compacted file")
    t.append(standard_rows(60, 65))
    t.deltic("compact-log", "{t}", "--from", "0", "--to", t.version())
    t.both(f"INSERT INTO {{t}} {standard_rows(70, 72)}")
    t.agree("with two")


@case
def checkpoints_come_by_themselves(make):
    """deltic and Spark keep one interval: checkpoints of both stand in one log, and a table opens from the newest."""
    t = make()
    t.create("deltic", properties={"delta.checkpointInterval": "3"})
    for k in range(4):
        t.append(standard_rows(10 * k, 10 * k + 5))
        t.both(f"INSERT INTO {{t}} {standard_rows(10 * k + 5, 10 * k + 10)}")
    checkpoints = sorted(int(os.path.basename(f)[:20]) for f in glob.glob(os.path.join(t.path, "_delta_log", "*.checkpoint*.parquet")))
    if checkpoints != [3, 6]:
        raise Wrong(f"{t.name}: checkpoints {checkpoints}, must be [3, 6]")
    forget_commits(t, 6)
    t.agree()


@case
def checksums_of_every_action(make):
    """Spark's own validation accepts the checksum after each kind of commit that deltic makes."""
    t = make()
    t.create("deltic", partition=("p",), properties={**VECTORS, **TRACKED, **TIMES, "delta.enableChangeDataFeed": "true"})
    for step in (lambda: t.append(standard_rows(0, 20)), lambda: t.sql("DELETE FROM {t} WHERE id = 3"),
                 lambda: t.deltic("write", "{t}", "--quiet", "--app-transaction", "a=1", "--from", standard_rows(20, 22)),
                 lambda: t.deltic("write", "{t}", "--quiet", "--mode", "overwrite", "--dynamic", "--from", "SELECT CAST(1 AS INT) AS id, 'x' AS v, CAST(1 AS INT) AS p"),
                 lambda: t.deltic("alter", "set", "{t}", "my.key=1"), lambda: t.deltic("alter", "add-column", "{t}", "late int"),
                 lambda: t.deltic("alter", "add-constraint", "{t}", "c", "id >= 0"),
                 lambda: t.deltic("write", "{t}", "--quiet", "--mode", "overwrite", "--replace-where", "p = 1", "--from", "SELECT CAST(2 AS INT) AS id, 'x' AS v, CAST(1 AS INT) AS p")):
        step()
        t.checksum(f"{t.name} version {t.version()}", t.log_of_spark())


@case
def cleaned_log(make):
    """What clean-log leaves is a table for Spark."""
    t = make()
    t.create("deltic", properties={"delta.checkpointInterval": "1000"})
    for k in range(4):
        t.append(standard_rows(10 * k, 10 * k + 10))
    t.deltic("checkpoint", "{t}")
    log = os.path.join(t.path, "_delta_log")
    for name in os.listdir(log):  # ten days old
        if name[:20].isdigit() and name.endswith(".json"):
            os.utime(os.path.join(log, name), (1_700_000_000 + int(name[:20]), 1_700_000_000 + int(name[:20])))
    t.append(standard_rows(50, 55))
    t.deltic("clean-log", "{t}", "--retention-hours", "24")
    left = sorted(n for n in os.listdir(log) if n.endswith(".json") and n[:20].isdigit())
    if any(int(n[:20]) < 4 for n in left):
        raise Wrong(f"{t.name}: clean-log left {left}")
    t.agree()
    t.both(f"INSERT INTO {{t}} {standard_rows(60, 62)}")
    t.agree("gone on")
