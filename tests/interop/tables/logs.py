"""Owns tables whose logs have every shape: checkpoints classic, multi-part and V2, compactions, cleaned-up commits."""
import os

from .registry import table


def churn(t, rounds, base=0):
    """Commits that add, remove and re-add files."""
    for k in range(base, base + rounds):
        if k % 4 == 3:
            t.sql(f"DELETE FROM {{t}} WHERE id % 10 = {k % 10}")
        else:
            t.write(f"SELECT id + {k * 10} AS id, concat('s', id + {k * 10}) s, IF(id % 4 = 0, NULL, id * 1.5D) d, CAST(id % 2 AS INT) p FROM range(10)")


def make(t, properties, rounds=8, conf=None):
    t.sql(f"CREATE TABLE {{t}} (id BIGINT, s STRING, d DOUBLE, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES ({properties})")
    with t.conf(**(conf or {})):
        churn(t, rounds)
    t.filter("id = 42", "id > 75", "s = 's11' AND p = 1", "d IS NULL", "d > 12", "p = 0 AND id < 15")
    t.skips("p = 0", 2)
    if "'delta.checkpoint.writeStatsAsJson' = 'false'" not in properties or "AsStruct' = 'true'" in properties:
        t.skips("id = 42", 4)


@table("classic checkpoint at every second commit")
def checkpoint_classic(t):
    make(t, "'delta.checkpointInterval' = '2'")


@table("checkpoint with struct statistics only")
def checkpoint_struct_stats(t):
    make(t, "'delta.checkpointInterval' = '4', 'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpoint.writeStatsAsJson' = 'false'")


@table("checkpoint without any statistics")
def checkpoint_no_stats(t):
    make(t, "'delta.checkpointInterval' = '4', 'delta.checkpoint.writeStatsAsStruct' = 'false', 'delta.checkpoint.writeStatsAsJson' = 'false'")


@table("struct statistics for every type, in the checkpoint")
def checkpoint_stats_types(t):
    t.sql("""CREATE TABLE {t} (id INT, i8 TINYINT, f FLOAT, d DOUBLE, de DECIMAL(20,3), s STRING, dt DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, bin BINARY, b BOOLEAN,
      st STRUCT<`a b`: INT, c: STRUCT<e: DATE>>, p DATE, q TIMESTAMP) USING delta PARTITIONED BY (p, q)
      TBLPROPERTIES ('delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpoint.writeStatsAsJson' = 'false', 'delta.columnMapping.mode' = 'name')""")
    for k in range(3):
        t.sql(f"""INSERT INTO {{t}} SELECT {k}, {k}, {k}.5, {k}.25, {k}.125, repeat('{k}', 40), DATE'2024-01-0{k + 1}', TIMESTAMP'2024-01-0{k + 1} 00:00:00.123456',
          TIMESTAMP_NTZ'2024-01-0{k + 1} 00:00:00.123456', X'0{k}', {str(k == 1).lower()}, struct({k}, struct(DATE'2024-02-0{k + 1}')), DATE'2024-01-0{k + 1}', TIMESTAMP'2024-01-0{k + 1} 00:00:00.5'""")
    t.sql("INSERT INTO {t} (id) VALUES (9)")
    t.checkpoint()
    t.sql("DELETE FROM {t} WHERE id = 0")
    t.filter("i8 = 1", "f > 2", "de = 1.125", "s > '" + "1" * 40 + "'", "dt = DATE '2024-01-02'", "ts >= TIMESTAMP '2024-01-02 00:00:00.123456'", "b",
             ("st.`a b` = 2", 'st."a b" = 2'), "st.c.e > DATE '2024-02-02'", "p > DATE '2024-01-02'", "q = TIMESTAMP '2024-01-02 00:00:00.5'", "p IS NULL",
             ("ntz > TIMESTAMP_NTZ'2024-01-02 00:00:00.123455'", "ntz > TIMESTAMP '2024-01-02 00:00:00.123455'"))


@table("multi-part checkpoints")
def checkpoint_multipart(t):
    make(t, "'delta.checkpointInterval' = '5'", conf={"spark__databricks__delta__checkpoint__partSize": "3"})


@table("V2 checkpoints with a JSON top file and sidecars")
def checkpoint_v2_json(t):
    make(t, "'delta.checkpointInterval' = '4', 'delta.checkpointPolicy' = 'v2'",
         conf={"spark__databricks__delta__checkpointV2__topLevelFileFormat": "json", "spark__databricks__delta__checkpoint__partSize": "4"})


@table("V2 checkpoints with a Parquet top file and sidecars")
def checkpoint_v2_parquet(t):
    make(t, "'delta.checkpointInterval' = '4', 'delta.checkpointPolicy' = 'v2', 'delta.checkpoint.writeStatsAsStruct' = 'true'",
         conf={"spark__databricks__delta__checkpointV2__topLevelFileFormat": "parquet", "spark__databricks__delta__checkpoint__partSize": "4"})


@table("V2 checkpoint policy switched on and off again; classic and V2 checkpoints in one log")
def checkpoint_mixed(t):
    make(t, "'delta.checkpointInterval' = '3'", rounds=4)
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.checkpointPolicy' = 'v2')")
    churn(t, 4, 4)
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.checkpointPolicy' = 'classic')")
    churn(t, 3, 8)


@table("commits before a checkpoint cleaned up: old versions are refused, newer ones read")
def log_cleaned(t):
    make(t, "'delta.checkpointInterval' = '4'", rounds=9)

    def clean():
        for v in range(5):
            for name in t.log_files(f"{v:020d}*") + t.log_files(f".{v:020d}*"):
                if not (v == 4 and "checkpoint" in name):
                    os.remove(os.path.join(t.path, "_delta_log", name))
    t.after.append(clean)
    t.refuse(0, 1, 2, 3)


@table("_last_checkpoint missing, or pointing at an older checkpoint; checksum files missing")
def log_hint_missing(t):
    make(t, "'delta.checkpointInterval' = '3'", rounds=8)

    def lose():
        os.remove(os.path.join(t.path, "_delta_log", "_last_checkpoint"))
        for name in t.log_files("*.crc") + t.log_files(".*.crc"):
            os.remove(os.path.join(t.path, "_delta_log", name))
    t.after.append(lose)


@table("log compaction files written by Delta Kernel, overlapping, beside checkpoints")
def log_compacted(t):
    make(t, "'delta.checkpointInterval' = '100', 'delta.enableDeletionVectors' = 'true'", rounds=9)
    for first, last in ((0, 3), (2, 5), (6, 9)):
        t.compact_log(first, last)
    t.checkpoint()
    churn(t, 4, 9)
    t.compact_log(11, 13)


@table("in-commit timestamps from the first commit; time travel by timestamp")
def ict_created(t):
    make(t, "'delta.enableInCommitTimestamps' = 'true', 'delta.checkpointInterval' = '3'", rounds=6)


@table("in-commit timestamps switched on later; time travel by timestamp on both sides; file times disturbed")
def ict_later(t):
    make(t, "'delta.checkpointInterval' = '4'", rounds=4)
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')")
    churn(t, 4, 4)

    def disturb():  # only in-commit timestamps count for these versions: the file's own time must not be used
        for v in (6, 7):
            os.utime(os.path.join(t.path, "_delta_log", f"{v:020d}.json"), (1000000000 + v, 1000000000 + v))
    t.after.append(disturb)


@table("file times that run backwards: adjusted to grow, as time travel needs")
def timestamps_backwards(t):
    t.write("SELECT 0 id")
    for k in (1, 2, 3):
        t.write(f"SELECT {k} id")
    base = os.stat(os.path.join(t.path, "_delta_log", f"{0:020d}.json")).st_mtime
    for v, shift in ((0, -50.0), (1, -10.25), (2, -30.0), (3, -20.5)):
        os.utime(os.path.join(t.path, "_delta_log", f"{v:020d}.json"), (base + shift, base + shift))
    t.filter("id = 2")


@table("vacuum: files of old versions deleted; vacuumProtocolCheck feature; hidden and foreign files in the folder")
def vacuumed(t):
    t.sql("CREATE TABLE {t} (id INT, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.feature.vacuumProtocolCheck' = 'supported')")
    t.all("INSERT INTO {t} VALUES (1, 'a'), (2, 'b')", "INSERT INTO {t} VALUES (3, 'a')", "DELETE FROM {t} WHERE id = 1", "OPTIMIZE {t}")
    with t.conf(spark__databricks__delta__retentionDurationCheck__enabled="false"):
        t.sql("VACUUM {t} RETAIN 0 HOURS")
    t.sql("INSERT INTO {t} VALUES (4, 'c')")
    for name in ("_delta_log/.00000000000000000009.json.crc", "_delta_log/junk.txt", "_delta_log/_staged_commits/x.json", "_delta_log/00000000000000000001.json.tmp",
                 "_hidden/part.parquet", "p=a/stray.parquet", "_change_data/x.parquet"):
        path = os.path.join(t.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write("not of this table")
    t.refuse(1, 2)  # their files are gone: an error, never fewer rows
    t.filter("p = 'a'", "id > 3")
