"""Owns tables with deletion vectors, made by DELETE, UPDATE and MERGE."""
from .registry import table

ON = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"


@table("deletion vectors by DELETE, again and again, until a file is gone")
def vectors_delete(t):
    t.sql(f"CREATE TABLE {{t}} (id BIGINT, s STRING) USING delta {ON}")
    t.write("SELECT id, concat('s', id) s FROM range(1000)")
    t.write("SELECT id, concat('s', id) s FROM range(1000, 2000)")
    t.all("DELETE FROM {t} WHERE id = 0", "DELETE FROM {t} WHERE id % 7 = 3", "DELETE FROM {t} WHERE id BETWEEN 400 AND 1200",
          "DELETE FROM {t} WHERE id >= 1000", "DELETE FROM {t} WHERE id = 999")
    t.skips("id > 5000", 1)
    t.filter("id = 998", "id < 10", "s = 's1500'", "id >= 990", version=None)
    t.filter("id = 3", "id BETWEEN 995 AND 1003", "s > 's99'", version=4)


@table("a deletion vector of 200,000 rows: several containers and run-length ones")
def vectors_large(t):
    t.sql(f"CREATE TABLE {{t}} (id BIGINT) USING delta {ON}")
    t.write("SELECT id FROM range(0, 200000)")
    t.all("DELETE FROM {t} WHERE id % 3 = 0 AND id < 70000", "DELETE FROM {t} WHERE id BETWEEN 80000 AND 190000",
          "DELETE FROM {t} WHERE id % 1000 = 1")
    t.filter("id BETWEEN 65500 AND 65600", "id > 199990")


@table("deletion vectors by UPDATE and MERGE, partitioned")
def vectors_merge(t):
    t.sql(f"CREATE TABLE {{t}} (id INT, v STRING, p STRING) USING delta PARTITIONED BY (p) {ON}")
    t.write("SELECT CAST(id AS INT) id, 'first' v, concat('p=', id % 3) p FROM range(60)")
    t.sql("UPDATE {t} SET v = 'updated' WHERE id % 10 = 1")
    t.sql("""MERGE INTO {t} d USING (SELECT CAST(id AS INT) id, 'merged' v, concat('p=', id % 3) p FROM range(50, 70)) s ON d.id = s.id
      WHEN MATCHED AND s.id = 55 THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *
      WHEN NOT MATCHED BY SOURCE AND d.id < 5 THEN DELETE""")
    t.sql("UPDATE {t} SET p = 'p=9' WHERE id = 65")
    t.sql("DELETE FROM {t} WHERE p = 'p=1'")
    t.filter("p = 'p=2'", "v = 'merged' AND id < 60", "id = 65")


@table("deletion vectors with column mapping, then a rename, OPTIMIZE, and RESTORE to before")
def vectors_mapping(t):
    t.sql("CREATE TABLE {t} (id INT, `v v` STRING) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.columnMapping.mode' = 'name')")
    t.write("SELECT CAST(id AS INT) id, concat('v', id) `v v` FROM range(30)")
    t.all("DELETE FROM {t} WHERE id % 4 = 0", "ALTER TABLE {t} RENAME COLUMN `v v` TO w", "DELETE FROM {t} WHERE w = 'v5'",
          "INSERT INTO {t} VALUES (100, 'new')", "OPTIMIZE {t}", "RESTORE TABLE {t} TO VERSION AS OF 2", "DELETE FROM {t} WHERE id = 1")
    t.filter(("`v v` = 'v7'", '"v v" = \'v7\''), "id = 5 OR id = 1")


@table("deletion vectors through a checkpoint, REORG PURGE, and switched off with vectors still live")
def vectors_checkpoint(t):
    t.sql("CREATE TABLE {t} (id INT) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true', 'delta.checkpointInterval' = '3')")
    t.write("SELECT CAST(id AS INT) id FROM range(100)")
    t.all("DELETE FROM {t} WHERE id < 10", "DELETE FROM {t} WHERE id < 20", "ALTER TABLE {t} SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')",
          "INSERT INTO {t} VALUES (1000)", "DELETE FROM {t} WHERE id = 50", "INSERT INTO {t} VALUES (2000)",
          "REORG TABLE {t} APPLY (PURGE)", "DELETE FROM {t} WHERE id = 1000")
    t.filter("id < 25", "id = 50", "id > 99")
