"""Owns tables whose column types were widened, at the top and inside structs, arrays and maps."""
from .registry import table

ON = "TBLPROPERTIES ('delta.enableTypeWidening' = 'true')"


@table("type widening of every kind at the top level")
def widening_all(t):
    t.sql(f"""CREATE TABLE {{t}} (id INT, b16 TINYINT, b32 TINYINT, b64 TINYINT, s32 SMALLINT, s64 SMALLINT, i64 INT, f64 FLOAT,
      bd TINYINT, sd SMALLINT, id2 INT, ddt DATE, de1 DECIMAL(5,2), de2 DECIMAL(9,2), de3 DECIMAL(18,0), bde TINYINT, ide INT, lde BIGINT)
      USING delta TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.feature.timestampNtz' = 'supported')""")
    t.sql("""INSERT INTO {t} VALUES (1, 1, 2, 3, 4, 5, 6, 1.1, 7, 8, 9, DATE'2024-02-29', 1.25, 2.5, 3, 4, 5, 6),
      (2, -128, 127, -1, -32768, 32767, -2147483648, 3.4028235E38, -128, 32767, 2147483647, DATE'0001-01-01', -999.99, 9999999.99, 999999999999999999, 127, -2147483648, 9223372036854775807),
      (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""")
    for c, to in (("b16", "SMALLINT"), ("b32", "INT"), ("b64", "BIGINT"), ("s32", "INT"), ("s64", "BIGINT"), ("i64", "BIGINT"),
                  ("f64", "DOUBLE"), ("bd", "DOUBLE"), ("sd", "DOUBLE"), ("id2", "DOUBLE"), ("ddt", "TIMESTAMP_NTZ"), ("de1", "DECIMAL(7,4)"),
                  ("de2", "DECIMAL(20,5)"), ("de3", "DECIMAL(38,18)"), ("bde", "DECIMAL(10,0)"), ("ide", "DECIMAL(12,2)"), ("lde", "DECIMAL(25,3)")):
        try:
            t.sql(f"ALTER TABLE {{t}} ALTER COLUMN {c} TYPE {to}")
        except Exception as e:
            t.notes.append(f"{c} to {to}: " + str(e).split("\n")[0])
    t.sql("""INSERT INTO {t} VALUES (4, 1000, 100000, 10000000000, 100000, 10000000000, 10000000000, 1.1, 1.5, 2.5, 3.5,
      TIMESTAMP_NTZ'2024-02-29 12:00:00.5', 1.2345, 1.23456, 0.000000000000000001, 12345, 1.25, 1.125)""")
    for predicate in ("b16 > 500", "b64 > 5000000000", "id2 = 3.5", "de1 > 1000 OR id = 4", "i64 > 5000000000"):
        t.skips(predicate, 1)
    t.filter("b16 > 100", "b32 = 127", "i64 < 0", "f64 > 1.05 AND f64 < 1.2", "id2 = 9", "ddt IS NULL", "de1 < -900", "de3 = 3",
             ("ddt >= TIMESTAMP_NTZ'2024-02-29 00:00:00'", "ddt >= TIMESTAMP '2024-02-29 00:00:00'"), "lde > 5", "s64 BETWEEN 0 AND 32767")


@table("type widening inside structs, arrays and maps, and of a partition column, in two steps")
def widening_nested(t):
    t.sql(f"""CREATE TABLE {{t}} (id INT, st STRUCT<a: TINYINT, b: STRUCT<c: FLOAT>>, ar ARRAY<SMALLINT>, m MAP<TINYINT, INT>,
      ars ARRAY<STRUCT<x: INT>>, p TINYINT) USING delta PARTITIONED BY (p) {ON}""")
    t.sql("INSERT INTO {t} VALUES (1, struct(1, struct(1.5)), array(1, NULL), map(1, 10), array(struct(1)), 1), (2, NULL, NULL, NULL, NULL, NULL)")
    t.all("ALTER TABLE {t} ALTER COLUMN st.a TYPE SMALLINT", "ALTER TABLE {t} ALTER COLUMN st.b.c TYPE DOUBLE",
          "ALTER TABLE {t} ALTER COLUMN ar.element TYPE INT", "ALTER TABLE {t} ALTER COLUMN m.key TYPE INT",
          "ALTER TABLE {t} ALTER COLUMN m.value TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN ars.element.x TYPE BIGINT",
          "ALTER TABLE {t} ALTER COLUMN p TYPE INT",
          "INSERT INTO {t} VALUES (3, struct(300, struct(1e300D)), array(100000), map(1000, 10000000000L), array(struct(10000000000L)), 100000)",
          "ALTER TABLE {t} ALTER COLUMN st.a TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN ar.element TYPE BIGINT",
          "INSERT INTO {t} VALUES (4, struct(10000000000L, struct(0D)), array(10000000000L), map(), array(), 4)")
    t.filter("st.a = 1", "st.a > 200", "st.b.c = 1.5", "p = 1", "p > 50", "p IS NULL")


@table("type widening with column mapping, deletion vectors and a checkpoint with struct statistics")
def widening_mixed(t):
    t.sql("""CREATE TABLE {t} (id INT, `v v` INT, f FLOAT) USING delta TBLPROPERTIES ('delta.enableTypeWidening' = 'true', 'delta.columnMapping.mode' = 'id',
      'delta.enableDeletionVectors' = 'true', 'delta.checkpoint.writeStatsAsStruct' = 'true', 'delta.checkpoint.writeStatsAsJson' = 'false')""")
    t.write("SELECT CAST(id AS INT) id, CAST(id * 2 AS INT) `v v`, CAST(id / 10 AS FLOAT) f FROM range(20)")
    t.all("DELETE FROM {t} WHERE id = 5", "ALTER TABLE {t} ALTER COLUMN `v v` TYPE BIGINT", "ALTER TABLE {t} ALTER COLUMN f TYPE DOUBLE")
    t.checkpoint()
    t.all("ALTER TABLE {t} RENAME COLUMN `v v` TO v", "INSERT INTO {t} VALUES (100, 10000000000, 0.1)", "UPDATE {t} SET v = v + 1 WHERE id < 3")
    t.checkpoint()
    t.filter("v > 30", "v = 38", "f = 0.1", "f > 1.85", "id = 100")
