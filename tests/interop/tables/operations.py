"""Owns tables that went through Delta's operations: clone, optimize, restore, replace, overwrite, merge, streaming."""
from .registry import table


@table("OPTIMIZE, ZORDER and the small files before them")
def optimized(t):
    t.sql("CREATE TABLE {t} (id INT, x INT, s STRING) USING delta")
    for k in range(5):
        t.write(f"SELECT CAST(id + {k * 20} AS INT) id, CAST(id * 7 % 20 AS INT) x, concat('s', id) s FROM range(20)")
    t.all("OPTIMIZE {t}", "INSERT INTO {t} VALUES (1000, 1, 'late')", "OPTIMIZE {t} ZORDER BY (x, id)", "DELETE FROM {t} WHERE x = 3")
    t.filter("x = 7", "id = 1000", "s = 's3'", "x > 17 AND id < 30")


@table("liquid clustering: CLUSTER BY, changed and removed, with column mapping")
def clustered(t):
    t.sql("CREATE TABLE {t} (id INT, `c d` INT, s STRUCT<e: INT>) USING delta CLUSTER BY (id, `c d`) TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    for k in range(3):
        t.write(f"SELECT CAST(id + {k * 50} AS INT) id, CAST(id % 5 AS INT) `c d`, named_struct('e', CAST(id AS INT)) s FROM range(50)")
    t.all("OPTIMIZE {t}", "ALTER TABLE {t} CLUSTER BY (`c d`, s.e)", "INSERT INTO {t} VALUES (1000, 1, struct(1))", "OPTIMIZE {t} FULL",
          "ALTER TABLE {t} CLUSTER BY NONE", "DELETE FROM {t} WHERE id < 5")
    t.filter("id = 1000", ("`c d` = 4 AND id > 100", '"c d" = 4 AND id > 100'), "s.e = 49")


@table("RESTORE, REPLACE TABLE with another schema and partitioning, overwriteSchema, INSERT OVERWRITE, TRUNCATE")
def replaced(t):
    t.sql("CREATE TABLE {t} (id INT, s STRING) USING delta")
    t.all("INSERT INTO {t} VALUES (1, 'a'), (2, 'b')", "REPLACE TABLE {t} (s INT, q DATE, id STRING) USING delta PARTITIONED BY (q)",
          "INSERT INTO {t} VALUES (1, DATE'2024-01-01', 'x'), (2, NULL, 'y')", "INSERT OVERWRITE {t} VALUES (3, DATE'2024-01-03', 'z')",
          "CREATE OR REPLACE TABLE {t} USING delta PARTITIONED BY (s) AS SELECT id AS new, concat('p', id) AS s FROM range(4)")
    t.write("SELECT 1.5D v, 'part' p", mode="overwrite", overwriteSchema="true", partition_by=["p"])
    t.all("TRUNCATE TABLE {t}", "RESTORE TABLE {t} TO VERSION AS OF 3", "INSERT INTO {t} VALUES (9, DATE'2024-01-09', 'w')")
    t.filter("q = DATE '2024-01-01'", "q IS NULL", "s > 1")


@table("MERGE with schema evolution, UPDATE and DELETE that rewrite files")
def merged(t):
    t.sql("CREATE TABLE {t} (id INT, v STRING, st STRUCT<a: INT>) USING delta")
    t.write("SELECT CAST(id AS INT) id, 'old' v, named_struct('a', CAST(id AS INT)) st FROM range(20)")
    with t.conf(spark__databricks__delta__schema__autoMerge__enabled="true"):
        t.sql("""MERGE INTO {t} d USING (SELECT CAST(id AS INT) id, 'new' v, named_struct('a', 1, 'b', 'deep') st, 1.5D extra FROM range(15, 25)) s ON d.id = s.id
          WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *""")
    t.all("UPDATE {t} SET v = NULL WHERE id % 6 = 0", "UPDATE {t} SET st = NULL WHERE id % 5 = 0", "DELETE FROM {t} WHERE v IS NULL AND id > 10")
    t.filter("st.b = 'deep'", "st.b IS NULL", "extra > 1", "st IS NULL", "v = 'old'")


@table("a shallow clone: absolute paths to another table's files, then its own writes and deletion vectors")
def shallow_clone(t):
    source = t.path + "-source with space"
    t.sql(f"CREATE TABLE delta.`{source}` (id INT, p STRING) USING delta PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    t.sql(f"INSERT INTO delta.`{source}` SELECT CAST(id AS INT), IF(id % 2 = 0, 'a b', 'c%d') FROM range(20)")
    t.sql(f"DELETE FROM delta.`{source}` WHERE id IN (3, 4)")
    t.sql(f"CREATE TABLE {{t}} SHALLOW CLONE delta.`{source}`")
    t.all("INSERT INTO {t} VALUES (100, 'own')", "DELETE FROM {t} WHERE id = 5", "UPDATE {t} SET id = -6 WHERE id = 6")
    t.filter("p = 'c%d'", "id < 5", "p = 'own'")


@table("streaming writes: txn actions, several epochs")
def streamed(t):
    source = t.path + "-stream-source"
    t.spark.sql("SELECT id, concat('s', id) s FROM range(10)").coalesce(1).write.format("delta").save(source)
    for k in range(2):
        (t.spark.readStream.format("delta").load(source).writeStream.format("delta").option("checkpointLocation", t.path + "-stream-state")
         .trigger(availableNow=True).start(t.path).awaitTermination())
        t.spark.sql(f"SELECT id, concat('t', id) s FROM range(100, 10{k + 2})").coalesce(1).write.format("delta").mode("append").save(source)
    t.filter("id >= 100")
