"""Owns tables about values: every primitive type, nesting, and what statistics say about them."""
from .registry import table

COLUMNS = """id BIGINT, b BOOLEAN, i8 TINYINT, i16 SMALLINT, i32 INT, i64 BIGINT, f FLOAT, d DOUBLE, d5 DECIMAL(5,2),
  d18 DECIMAL(18,4), d38 DECIMAL(38,0), d3818 DECIMAL(38,18), s STRING, bin BINARY, dt DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ"""


@table("all primitive types", "timestampNtz")
def all_types(t):
    t.sql(f"CREATE TABLE {{t}} ({COLUMNS}) USING delta")
    t.write("""SELECT id, id % 2 = 0 b, CAST(id AS TINYINT) i8, CAST(id * 100 AS SMALLINT) i16, CAST(id * 1000 AS INT) i32,
      id * 10000000000 i64, CAST(id / 4 AS FLOAT) f, CAST(id / 8 AS DOUBLE) d, CAST(id AS DECIMAL(5,2)) d5,
      CAST(id * 1.5 AS DECIMAL(18,4)) d18, CAST(id AS DECIMAL(38,0)) d38, CAST(id * 0.001 AS DECIMAL(38,18)) d3818,
      concat('row ', id) s, encode(concat('bin', id), 'UTF-8') bin, date_add(DATE'2020-01-01', CAST(id AS INT)) dt,
      timestamp_micros(1577836800000000 + id * 3600000123) ts,
      CAST(timestamp_micros(1577836800000000 + id * 7200000456) AS TIMESTAMP_NTZ) ntz FROM range(20)""")
    t.write("""SELECT 100L id, false b, CAST(-128 AS TINYINT) i8, CAST(-32768 AS SMALLINT) i16, -2147483648 i32,
      -9223372036854775807L - 1 i64, CAST('-3.4028235E38' AS FLOAT) f, CAST('-1.7976931348623157E308' AS DOUBLE) d,
      CAST(-999.99 AS DECIMAL(5,2)) d5, CAST('-99999999999999.9999' AS DECIMAL(18,4)) d18,
      CAST('-99999999999999999999999999999999999999' AS DECIMAL(38,0)) d38,
      CAST('-99999999999999999999.999999999999999999' AS DECIMAL(38,18)) d3818, '' s, X'' bin, DATE'0001-01-01' dt,
      TIMESTAMP'0001-01-01 00:00:00' ts, TIMESTAMP_NTZ'0001-01-01 00:00:00' ntz""")
    t.write("""SELECT 101L id, true b, CAST(127 AS TINYINT) i8, CAST(32767 AS SMALLINT) i16, 2147483647 i32,
      9223372036854775807L i64, CAST('3.4028235E38' AS FLOAT) f, CAST('1.7976931348623157E308' AS DOUBLE) d,
      CAST(999.99 AS DECIMAL(5,2)) d5, CAST('99999999999999.9999' AS DECIMAL(18,4)) d18,
      CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) d38,
      CAST('99999999999999999999.999999999999999999' AS DECIMAL(38,18)) d3818, 'naïve 日本語 \U0001F600 \\n\\t"\\\\' s,
      X'00FF00FF' bin, DATE'9999-12-31' dt, TIMESTAMP'9999-12-31 23:59:59.999999' ts,
      TIMESTAMP_NTZ'9999-12-31 23:59:59.999999' ntz""")
    t.sql("INSERT INTO {t} (id) VALUES (102)")
    t.write("""SELECT id, CAST(NULL AS BOOLEAN) b, CAST(0 AS TINYINT) i8, CAST(0 AS SMALLINT) i16, 0 i32, 0L i64,
      element_at(array(CAST('NaN' AS FLOAT), CAST('-0.0' AS FLOAT), CAST('Infinity' AS FLOAT), CAST('-Infinity' AS FLOAT),
        CAST('1.4E-45' AS FLOAT)), CAST(id - 199 AS INT)) f,
      element_at(array(CAST('NaN' AS DOUBLE), CAST('-0.0' AS DOUBLE), CAST('Infinity' AS DOUBLE), CAST('-Infinity' AS DOUBLE),
        CAST('4.9E-324' AS DOUBLE)), CAST(id - 199 AS INT)) d, CAST(0 AS DECIMAL(5,2)) d5, CAST(0 AS DECIMAL(18,4)) d18,
      CAST(0 AS DECIMAL(38,0)) d38, CAST(0 AS DECIMAL(38,18)) d3818, ' ' s, X'20' bin, DATE'1582-10-15' dt,
      TIMESTAMP'1582-10-15 00:00:00' ts, TIMESTAMP_NTZ'1969-12-31 23:59:59.999999' ntz FROM range(200, 205)""")
    t.filter("i8 = 127", "i8 < -100", "i32 IS NULL", "i64 >= 9223372036854775807", "f > 3", "d > 1e308", "d = 0", "b",
             "NOT b", "d5 > 999.98", "d38 < 0", "s = ''", "s > 'row 5'", "dt > DATE '2020-01-10'", "dt < DATE '1000-01-01'",
             "ts >= TIMESTAMP '9999-12-31 23:59:59.999999'", "ts > TIMESTAMP '2020-01-01 05:00:00'",
             ("ntz = TIMESTAMP_NTZ'1969-12-31 23:59:59.999999'", "ntz = TIMESTAMP '1969-12-31 23:59:59.999999'"),
             "s LIKE 'row 1%'", "id IN (3, 101, 203) OR s IS NULL", "f <> f", "i16 BETWEEN 300 AND 700 AND NOT (i32 = 5000)")
    for predicate in ("id = 100", "i8 = 127", "i16 < -5", "i32 = 2147483647", "i64 > 9000000000000000000", "d5 > 900", "d38 < -5", "d3818 > 5",
                      "dt > DATE '5000-01-01'", "ts < TIMESTAMP '1000-01-01 00:00:00'", "ntz > TIMESTAMP '5000-01-01 00:00:00'", "s = 'row 7'", "s LIKE 'row%'",
                      "id IN (1, 2)", "id = 100 OR id = 101", "b IS NOT NULL", "i8 IS NULL", "f < -10", "d < -10"):
        t.skips(predicate, 1)


@table("floating point: files of only NaN, -0.0 beside 0.0, infinities; what statistics must not claim")
def floats(t):
    t.sql("CREATE TABLE {t} (id INT, f FLOAT, d DOUBLE) USING delta")
    nan, inf = "CAST('NaN' AS DOUBLE)", "CAST('Infinity' AS DOUBLE)"
    for k, values in enumerate(([nan], [nan, "1.0D", "2.0D"], ["CAST('-0.0' AS DOUBLE)"], ["0.0D"], [inf], ["-" + inf],
                                ["NULL", nan], ["NULL", "5.0D"], ["-1.0D", "1e300D"])):
        t.write("SELECT * FROM VALUES " + ", ".join(f"({k}, CAST({v} AS FLOAT), CAST({v} AS DOUBLE))" for v in values) + " AS x(id, f, d)")
    t.filter("d > 2", "d >= 5", "d = 0", "d < 0", "d <> 1", "f = 0", "f > 1000", "d IS NOT NULL AND NOT (d < 3)",
             ("d = CAST('NaN' AS DOUBLE)", "d = 'NaN'::DOUBLE"), ("d <= CAST('Infinity' AS DOUBLE)", "d <= 'Infinity'::DOUBLE"))


@table("timestamps: microseconds against statistics cut to milliseconds, before 1970, session zones, DST")
def timestamps(t):
    t.sql("CREATE TABLE {t} (id INT, ts TIMESTAMP, ntz TIMESTAMP_NTZ, dt DATE) USING delta")
    moments = ["2024-03-10 01:59:59.999999", "2024-03-10 02:30:00.000001", "1969-12-31 23:59:59.999999",
               "1969-12-31 23:59:59.998001", "1900-01-01 00:00:00.123456", "2038-01-19 03:14:08.000999"]
    for k, m in enumerate(moments):
        t.sql(f"INSERT INTO {{t}} VALUES ({k}, TIMESTAMP'{m}Z', TIMESTAMP_NTZ'{m}', DATE'{m[:10]}')")
    with t.conf(spark__sql__session__timeZone="America/Los_Angeles"):
        t.sql("INSERT INTO {t} SELECT 10, TIMESTAMP'2024-03-10 03:30:00', TIMESTAMP_NTZ'2024-03-10 02:30:00', DATE'2024-03-10'")
    with t.conf(spark__sql__session__timeZone="Asia/Kathmandu"):
        t.sql("INSERT INTO {t} SELECT 11, TIMESTAMP'2024-01-01 00:00:00', TIMESTAMP_NTZ'2024-01-01 00:00:00', DATE'2024-01-01'")
    t.filter("ts > TIMESTAMP '2024-03-10 01:59:59.999998'", "ts = TIMESTAMP '1969-12-31 23:59:59.999999'",
             "ts >= TIMESTAMP '1969-12-31 23:59:59.998001' AND ts < TIMESTAMP '1970-01-01 00:00:00'",
             "ts = TIMESTAMP '2038-01-19 03:14:08.000999'", "ts > TIMESTAMP '2038-01-19 03:14:08.000998'",
             "ts < TIMESTAMP '1900-01-01 00:00:00.123457'", "dt = DATE '2024-03-10'",
             ("ntz > TIMESTAMP_NTZ'2038-01-19 03:14:08.000998'", "ntz > TIMESTAMP '2038-01-19 03:14:08.000998'"))


@table("long strings: statistics are cut at 32 characters")
def long_strings(t):
    t.sql("CREATE TABLE {t} (id INT, s STRING, u STRING) USING delta")
    for k in range(4):
        t.sql(f"INSERT INTO {{t}} SELECT {k}, concat(repeat('x', 40), '{k}'), concat(repeat('\U0001F600', 35), '{k}')")
    t.sql("INSERT INTO {t} SELECT 10, repeat(decode(X'F48FBFBF', 'UTF-8'), 40), repeat('\U0001F600', 33)")
    t.sql("INSERT INTO {t} SELECT 11, repeat(decode(X'EFBFBF', 'UTF-8'), 40), concat(repeat('a', 31), '\U0001F600b')")
    t.sql("INSERT INTO {t} SELECT 12, concat(repeat('y', 31), 'z', 'zz'), repeat('b', 32)")
    t.sql("INSERT INTO {t} SELECT 13, concat(repeat('y', 31), decode(X'EFBFBF', 'UTF-8'), 'a'), repeat('b', 33)")
    t.filter("s > '" + "x" * 40 + "2'", "s = '" + "x" * 40 + "1'", "s >= '" + "y" * 31 + "zzy'", "s > '" + "y" * 32 + "'",
             "u = '" + "b" * 33 + "'", "u > '" + "b" * 32 + "'", "s LIKE '" + "x" * 40 + "%'", "u LIKE '%b'",
             "u >= '" + "\U0001F600" * 34 + "'")


@table("nested types: structs, arrays, maps, of each other, with nulls at each level")
def nested(t):
    t.sql("""CREATE TABLE {t} (id INT, st STRUCT<a: INT, b: STRUCT<c: STRING, d: ARRAY<INT>>>, ar ARRAY<INT>,
      ars ARRAY<STRUCT<x: INT, y: STRING>>, arar ARRAY<ARRAY<BIGINT>>, m MAP<STRING, INT>,
      ms MAP<STRING, STRUCT<p: DOUBLE, q: DATE>>, mm MAP<INT, MAP<STRING, DECIMAL(10,2)>>, mk MAP<STRUCT<k: INT>, STRING>,
      sm STRUCT<m: MAP<STRING, ARRAY<STRUCT<z: TIMESTAMP>>>>) USING delta""")
    t.sql("""INSERT INTO {t} VALUES (1, struct(1, struct('one', array(1, 2, NULL))), array(1, NULL, 3),
      array(struct(1, 'a'), NULL, struct(NULL, 'c')), array(array(1L), array(), NULL, array(NULL)), map('a', 1, 'b', NULL),
      map('k', struct(1.5D, DATE'2024-01-01'), 'n', NULL), map(1, map('x', 1.25BD), 2, NULL), map(struct(1), 's'),
      struct(map('l', array(struct(TIMESTAMP'2024-01-01 00:00:00.000001')))))""")
    t.sql("INSERT INTO {t} VALUES (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)")
    t.sql("""INSERT INTO {t} VALUES (3, struct(NULL, NULL), array(), array(), array(), map(), map(), map(), map(), struct(NULL)),
      (4, struct(4, struct(NULL, NULL)), array(NULL), array(NULL), array(array()), map('', 0), map('', struct(NULL, NULL)),
       map(0, map()), map(struct(NULL), NULL), struct(map('e', array())))""")
    t.sql("DELETE FROM {t} WHERE id = 2")
    t.skips("st.a = 100", 2)
    t.filter("st.a = 1", "st.b.c IS NULL", "st IS NULL", "st.a > 1", "st.a IS NOT NULL AND st.b.c = 'one'",
             version=3)


@table("schema evolution of nested types: a struct gains fields; a null struct stays null")
def nested_evolution(t):
    t.write("SELECT 1 id, named_struct('a', 1, 'in', named_struct('x', 1)) st, "
            "array(named_struct('p', 1), NULL) ars, map('k', named_struct('v', 1), 'n', NULL) ms")
    t.write("SELECT 2 id, CAST(NULL AS STRUCT<a: INT, in: STRUCT<x: INT>>) st, "
            "CAST(NULL AS ARRAY<STRUCT<p: INT>>) ars, CAST(NULL AS MAP<STRING, STRUCT<v: INT>>) ms")
    t.write("SELECT 3 id, named_struct('a', 3, 'in', CAST(NULL AS STRUCT<x: INT>)) st, "
            "CAST(array() AS ARRAY<STRUCT<p: INT>>) ars, CAST(map() AS MAP<STRING, STRUCT<v: INT>>) ms")
    t.write("SELECT 4 id, named_struct('a', 4, 'in', named_struct('x', 4, 'y', 'new'), 'b', 4.5D) st, "
            "array(named_struct('p', 4, 'q', 'new')) ars, map('k', named_struct('v', 4, 'w', true)) ms, 'extra' top",
            mergeSchema="true")
    t.all("ALTER TABLE {t} ADD COLUMNS (st.only STRUCT<z: INT>)", "ALTER TABLE {t} ADD COLUMNS (ars.element.r ARRAY<INT>)",
          "ALTER TABLE {t} ADD COLUMNS (ms.value.s STRUCT<t: DATE>, first INT FIRST, between STRING AFTER id)",
          "INSERT INTO {t} (id, st) SELECT 5, named_struct('a', 5, 'in', NULL, 'b', NULL, 'only', named_struct('z', 5))")
    t.write("SELECT 6 id, CAST(NULL AS STRUCT<only: STRUCT<z: INT>>) st", mergeSchema="true")
    t.filter("st.b IS NULL", "st IS NULL", ("st.only.z = 5", 'st."only".z = 5'), "top IS NULL",
             "st.a >= 3", ("st.in IS NULL", 'st."in" IS NULL'))


@table("flat schema evolution: columns added, reordered, made nullable")
def evolution(t):
    t.sql("CREATE TABLE {t} (id BIGINT NOT NULL, a STRING) USING delta")
    t.all("INSERT INTO {t} VALUES (1, 'x')", "ALTER TABLE {t} ADD COLUMN b INT", "INSERT INTO {t} VALUES (2, 'y', 2)",
          "ALTER TABLE {t} ADD COLUMN c DOUBLE FIRST", "INSERT INTO {t} VALUES (3.5, 3, 'z', 3)",
          "ALTER TABLE {t} ALTER COLUMN c AFTER b", "ALTER TABLE {t} ALTER COLUMN id DROP NOT NULL",
          "INSERT INTO {t} VALUES (NULL, 'n', 4, 4.5)")
    t.write("SELECT 'Q' A, 5 B, 6L ID")  # case differs: the table's spelling stays
    t.filter("b IS NULL", "b > 2", "c IS NULL AND id IS NOT NULL", "a = 'Q'")


@table("300 columns: statistics for the first 32 only")
def wide(t):
    cols = [f"c{k:03d}" for k in range(300)]
    for base in (0, 1000):
        t.write("SELECT " + ", ".join(f"CAST(id * {k + 1} + {base} AS {'STRING' if k % 7 == 3 else 'INT'}) {c}"
                                      for k, c in enumerate(cols)) + " FROM range(3)")
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '100')")
    t.write("SELECT " + ", ".join(f"CAST({k} AS {'STRING' if k % 7 == 3 else 'INT'}) {c}" for k, c in enumerate(cols)))
    t.filter("c000 > 500", "c151 > 900", "c299 = 299", "c040 = 40", "c050 >= 1000 AND c000 < 5000")


@table("statistics of chosen columns, of none, and files without statistics")
def skipping_settings(t):
    t.sql("""CREATE TABLE {t} (a INT, b INT, c STRUCT<d: INT, e: STRING>) USING delta
      TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'b,c.d')""")
    t.sql("INSERT INTO {t} VALUES (1, 10, struct(100, 'a'))")
    t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.dataSkippingStatsColumns' = 'a,c.e')")
    t.sql("INSERT INTO {t} VALUES (2, 20, struct(200, 'b'))")
    with t.conf(spark__databricks__delta__stats__collect="false"):
        t.sql("INSERT INTO {t} VALUES (3, 30, struct(300, 'c')), (NULL, NULL, NULL)")
    t.all("ALTER TABLE {t} UNSET TBLPROPERTIES ('delta.dataSkippingStatsColumns')",
          "ALTER TABLE {t} SET TBLPROPERTIES ('delta.dataSkippingNumIndexedCols' = '0')",
          "INSERT INTO {t} VALUES (4, 40, struct(400, 'd'))")
    t.filter("a = 2", "b = 20", "a > 2", "b IS NULL", "a IS NULL", "c.d > 250", "c.e = 'b'", "c.e >= 'c'", "b < 15")


@table("empty tables: no file ever, all rows deleted, no column selected")
def empty(t):
    t.sql("CREATE TABLE {t} (a INT, b STRUCT<c: STRING>, d ARRAY<DATE>) USING delta")
    t.all("INSERT INTO {t} VALUES (1, struct('x'), array(DATE'2024-01-01'))", "DELETE FROM {t}")
    t.write("SELECT * FROM (SELECT 2 a, named_struct('c', 'y') b, array(DATE'2024-01-02') d) WHERE a > 5")
    t.filter("a = 1")


@table("void columns: a type without a Parquet column")
def void_column(t):
    t.write("SELECT id, NULL v, concat('s', id) s FROM range(3)")
    t.write("SELECT id + 10 AS id, 'x' s FROM range(2)")
    t.write("SELECT id + 20 AS id, named_struct('a', id, 'n', NULL) st FROM range(2)", mergeSchema="true")
    t.filter("v IS NULL", "v IS NOT NULL", "id > 1")


@table("column names that differ from the file in case only; names that need quotes")
def names(t):
    t.sql("CREATE TABLE {t} (`Id` INT, `select` STRING, `Größe` DOUBLE, `a-b` INT, `2x` INT, st STRUCT<`In-Ner`: INT, `K`: INT>) "
          "USING delta PARTITIONED BY (`a-b`)")
    t.sql("INSERT INTO {t} VALUES (1, 'a', 1.5, 7, 2, struct(3, 4)), (2, 'b', NULL, NULL, NULL, NULL)")
    t.sql("INSERT INTO {t} (ID, `SELECT`, `größe`, `A-B`, `2X`, st) VALUES (3, 'c', 2.5, 8, 3, struct(5, 6))")
    t.filter(("`a-b` = 7", '"a-b" = 7'), ("`Größe` > 2", '"Größe" > 2'), ("`2x` IS NULL", '"2x" IS NULL'),
             ("`select` = 'c'", '"select" = \'c\''), "id = 3", "ST.k = 6")
