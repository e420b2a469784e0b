"""Owns tables with writer features a reader must see through: CDF, row tracking, generated, identity, default, checks."""
from .registry import table


@table("change data feed: cdc actions and _change_data files, which a normal read ignores")
def change_feed(t):
    t.sql("CREATE TABLE {t} (id INT, v STRING, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')")
    t.write("SELECT CAST(id AS INT) id, concat('v', id) v, CAST(id % 2 AS INT) p FROM range(10)")
    t.all("UPDATE {t} SET v = 'changed' WHERE id = 3", "DELETE FROM {t} WHERE id = 4", "INSERT OVERWRITE {t} VALUES (50, 'over', 1), (51, 'over', 0)",
          """MERGE INTO {t} d USING (SELECT 50 id, 'm' v, 0 p UNION ALL SELECT 60, 'n', 1) s ON d.id = s.id
             WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *""", "DELETE FROM {t} WHERE p = 0")
    t.filter("id = 3", "p = 1", "v = 'm'")


@table("row tracking: fresh row ids, materialised ones after UPDATE, MERGE and OPTIMIZE")
def row_tracking(t):
    t.sql("CREATE TABLE {t} (id INT, v STRING) USING delta TBLPROPERTIES ('delta.enableRowTracking' = 'true')")
    t.write("SELECT CAST(id AS INT) id, concat('v', id) v FROM range(10)")
    t.write("SELECT CAST(id AS INT) id, concat('v', id) v FROM range(10, 20)")
    t.all("UPDATE {t} SET v = 'u' WHERE id % 5 = 0", "DELETE FROM {t} WHERE id = 7",
          "MERGE INTO {t} d USING (SELECT 8 id, 'm' v UNION ALL SELECT 30, 'n') s ON d.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT *",
          "OPTIMIZE {t}", "INSERT INTO {t} VALUES (40, 'last')")
    t.row_ids = set(range(1, 20))
    t.filter("id = 8", "v = 'u'")


@table("row tracking switched on for a table with data, with deletion vectors and partitions; backfilled")
def row_tracking_later(t):
    t.sql("CREATE TABLE {t} (id INT, p INT) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    t.write("SELECT CAST(id AS INT) id, CAST(id % 2 AS INT) p FROM range(10)")
    t.all("ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableRowTracking' = 'true')", "DELETE FROM {t} WHERE id = 2",
          "UPDATE {t} SET id = id + 100 WHERE id = 3", "INSERT INTO {t} VALUES (50, 1)")
    t.row_ids = set(range(4, 20))
    t.filter("id > 40", "p = 0")


@table("generated columns, of a partition too")
def generated(t):
    from delta.tables import DeltaTable
    (DeltaTable.create(t.spark).location(t.path).addColumn("id", "INT").addColumn("ts", "TIMESTAMP")
     .addColumn("day", "DATE", generatedAlwaysAs="CAST(ts AS DATE)").addColumn("twice", "INT", generatedAlwaysAs="id * 2").partitionedBy("day").execute())
    t.write("SELECT CAST(id AS INT) id, timestamp_micros(1704067200000000 + id * 40000000000) ts FROM range(10)")
    t.sql("INSERT INTO {t} (id, ts) VALUES (100, TIMESTAMP'2024-06-01 23:59:59.999999'), (101, NULL)")
    t.filter("day = DATE '2024-01-01'", "ts > TIMESTAMP '2024-01-04 00:00:00'", "twice = 8", "day IS NULL")


@table("identity columns")
def identity(t):
    from delta.tables import DeltaTable, IdentityGenerator
    (DeltaTable.create(t.spark).location(t.path).addColumn("key", "BIGINT", generatedAlwaysAs=IdentityGenerator(start=10, step=5))
     .addColumn("other", "BIGINT", generatedByDefaultAs=IdentityGenerator(start=-1, step=-1)).addColumn("v", "STRING").execute())
    t.sql("INSERT INTO {t} (v) VALUES ('a'), ('b'), ('c')")
    t.sql("INSERT INTO {t} (other, v) VALUES (1000, 'd')")
    t.filter("key >= 20", "other = 1000")


@table("default columns: old files lack the column and read as null; check and NOT NULL constraints")
def defaults_and_checks(t):
    t.sql("CREATE TABLE {t} (id INT NOT NULL, v STRING DEFAULT 'dflt', n INT) USING delta TBLPROPERTIES ('delta.feature.allowColumnDefaults' = 'supported')")
    t.all("INSERT INTO {t} (id) VALUES (1)", "INSERT INTO {t} VALUES (2, DEFAULT, 5), (3, 'x', NULL)", "ALTER TABLE {t} ADD CONSTRAINT positive CHECK (id > 0)",
          "ALTER TABLE {t} ADD COLUMN late DOUBLE", "ALTER TABLE {t} ALTER COLUMN late SET DEFAULT 1.5", "INSERT INTO {t} (id) VALUES (4)",
          "ALTER TABLE {t} ALTER COLUMN v DROP DEFAULT", "INSERT INTO {t} (id, n) VALUES (5, 1)", "ALTER TABLE {t} DROP CONSTRAINT positive")
    t.filter("v = 'dflt'", "late IS NULL", "late = 1.5", "n IS NULL")


@table("table features by old protocol versions, upgraded step by step; comments, custom metadata and properties")
def protocol_steps(t):
    t.sql("CREATE TABLE {t} (id INT COMMENT 'the id', v STRING) USING delta COMMENT 'about' TBLPROPERTIES ('delta.minReaderVersion' = '1', 'delta.minWriterVersion' = '2', 'my.own' = 'x')")
    t.all("INSERT INTO {t} VALUES (1, 'a')", "ALTER TABLE {t} SET TBLPROPERTIES ('delta.minWriterVersion' = '4')",
          "ALTER TABLE {t} SET TBLPROPERTIES ('delta.minReaderVersion' = '3', 'delta.minWriterVersion' = '7')", "ALTER TABLE {t} SET TBLPROPERTIES ('delta.appendOnly' = 'true')",
          "INSERT INTO {t} VALUES (2, 'b')", "ALTER TABLE {t} ALTER COLUMN v COMMENT 'a comment'", "COMMENT ON TABLE {t} IS 'new'")
    t.filter("id = 2")


@table("row tracking with column mapping and deletion vectors through a checkpoint; clustering; in-commit timestamps")
def everything(t):
    t.sql("""CREATE TABLE {t} (id INT, `v v` STRING, ts TIMESTAMP_NTZ, n INT) USING delta CLUSTER BY (id) TBLPROPERTIES ('delta.enableRowTracking' = 'true',
      'delta.enableDeletionVectors' = 'true', 'delta.columnMapping.mode' = 'name', 'delta.enableInCommitTimestamps' = 'true', 'delta.checkpointPolicy' = 'v2',
      'delta.checkpointInterval' = '4', 'delta.enableChangeDataFeed' = 'true', 'delta.enableTypeWidening' = 'true')""")
    t.write("SELECT CAST(id AS INT) id, concat('v', id) `v v`, TIMESTAMP_NTZ'2024-01-01 00:00:00' ts, CAST(id AS INT) n FROM range(30)")
    t.all("DELETE FROM {t} WHERE id % 5 = 0", "ALTER TABLE {t} ALTER COLUMN n TYPE BIGINT", "UPDATE {t} SET n = 10000000000 WHERE id = 7",
          "ALTER TABLE {t} RENAME COLUMN n TO `n.n`", "INSERT INTO {t} VALUES (100, 'w', NULL, 5)", "OPTIMIZE {t}", "DELETE FROM {t} WHERE id = 11")
    t.row_ids = set(range(1, 20))
    t.filter("id = 7", ("`n.n` > 100", '"n.n" > 100'), ("`v v` = 'v3'", '"v v" = \'v3\''), "ts IS NULL")
