"""Owns tables partitioned by every type, and by values that are hard to put into a path."""
from .registry import table


@table("partitioned by strings: empty, null, spaces, '%', '/', '=', quotes, unicode, control characters")
def partition_string(t):
    t.sql("CREATE TABLE {t} (id INT, p STRING) USING delta PARTITIONED BY (p)")
    values = ["plain", "with space", "per%cent", "sl/ash", "eq=ual", "col:on", "quo'te", 'dou\\"ble', "back\\\\slash", "naïve",
              "日本", "\U0001F600", "a+b", "a%20b", "#?&;,", "[x]{y}", "tab\\there", "new\\nline", " lead", "trail ", "..", ".",
              "null", "__HIVE_DEFAULT_PARTITION__x", "UPPER", "upper", "1", "01", "*", "~^|<>"]
    t.sql("INSERT INTO {t} VALUES " + ", ".join('({}, "{}")'.format(k, v) for k, v in enumerate(values)))
    t.sql("INSERT INTO {t} VALUES (100, NULL), (101, ''), (102, 'plain')")
    t.sql("DELETE FROM {t} WHERE p = 'sl/ash'")
    t.sql("UPDATE {t} SET id = id + 1000 WHERE p IN ('per%cent', 'a%20b')")
    for predicate in ("p IS NULL", "p = 'per%cent'", "p > 'zzz'", "p LIKE 'a%'", "p IN ('plain', 'a+b')"):
        t.skips(predicate, 20)
    t.filter("p IS NULL", "p = 'per%cent'", "p > 'n'", "p LIKE 'a%'", "p <> 'plain'", "p = 'upper'", "p = '01'", "p = ''",
             "id >= 1000 AND p = 'a%20b'")


@table("partitioned by byte, short, int, long with negative and extreme values")
def partition_integers(t):
    t.sql("CREATE TABLE {t} (id INT, i8 TINYINT, i16 SMALLINT, i32 INT, i64 BIGINT) USING delta PARTITIONED BY (i8, i16, i32, i64)")
    t.sql("""INSERT INTO {t} VALUES (1, 1, 1, 1, 1), (2, -128, -32768, -2147483648, -9223372036854775808),
      (3, 127, 32767, 2147483647, 9223372036854775807), (4, NULL, NULL, NULL, NULL), (5, 10, 9, 100, 99)""")
    t.filter("i8 = 10", "i16 < 0", "i32 > 9", "i64 IS NULL", "i64 >= 9223372036854775807", "i32 BETWEEN 2 AND 1000")


@table("partitioned by float and double: NaN, infinities, -0.0")
def partition_floats(t):
    t.sql("CREATE TABLE {t} (id INT, f FLOAT, d DOUBLE) USING delta PARTITIONED BY (f, d)")
    t.sql("""INSERT INTO {t} VALUES (1, 1.5, 2.5), (2, CAST('NaN' AS FLOAT), CAST('NaN' AS DOUBLE)),
      (3, CAST('Infinity' AS FLOAT), CAST('-Infinity' AS DOUBLE)), (4, CAST('-0.0' AS FLOAT), CAST('-0.0' AS DOUBLE)),
      (5, 1.4E-45, 1.7976931348623157E308), (6, NULL, NULL), (7, 1E10, 1E-7)""")
    t.filter("f = 0", "d > 1", "f IS NULL", "f = 1.5", "d < -1e300")


@table("partitioned by date, timestamp and timestamp_ntz, in two session zones")
def partition_times(t):
    t.sql("CREATE TABLE {t} (id INT, dt DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ) USING delta PARTITIONED BY (dt, ts, ntz)")
    t.sql("""INSERT INTO {t} VALUES (1, DATE'2024-02-29', TIMESTAMP'2024-02-29 12:34:56.789012', TIMESTAMP_NTZ'2024-02-29 12:34:56.789012'),
      (2, DATE'0001-01-01', TIMESTAMP'1900-01-01 00:00:00', TIMESTAMP_NTZ'0001-01-01 00:00:00'),
      (3, DATE'9999-12-31', TIMESTAMP'9999-12-31 23:59:59.999999', TIMESTAMP_NTZ'9999-12-31 23:59:59.999999'), (4, NULL, NULL, NULL),
      (5, DATE'2024-03-10', TIMESTAMP'2024-03-10 00:00:00', TIMESTAMP_NTZ'2024-03-10 00:00:00.1')""")
    with t.conf(spark__sql__session__timeZone="America/New_York"):
        t.sql("INSERT INTO {t} SELECT 6, DATE'2024-07-01', TIMESTAMP'2024-07-01 00:00:00.000001', TIMESTAMP_NTZ'2024-07-01 00:00:00'")
    with t.conf(spark__databricks__delta__write__utcTimestampPartitionValues="false"):
        t.sql("INSERT INTO {t} VALUES (7, DATE'2024-07-02', TIMESTAMP'2024-07-02 01:02:03', TIMESTAMP_NTZ'2024-07-02 01:02:03.5')")
    t.skips("ts > TIMESTAMP '2024-03-01 00:00:00'", 3)
    t.filter("dt = DATE '2024-02-29'", "dt < DATE '1000-01-01'", "ts > TIMESTAMP '2024-03-01 00:00:00'",
             "ts = TIMESTAMP '2024-07-01 04:00:00.000001'", "ts IS NULL",
             ("ntz >= TIMESTAMP_NTZ'2024-03-10 00:00:00.1'", "ntz >= TIMESTAMP '2024-03-10 00:00:00.1'"))


@table("partitioned by decimal, boolean and binary")
def partition_others(t):
    t.sql("CREATE TABLE {t} (id INT, de DECIMAL(20,5), b BOOLEAN, bin BINARY) USING delta PARTITIONED BY (de, b, bin)")
    t.sql("""INSERT INTO {t} VALUES (1, 1.5, true, X'616263'), (2, -123456789012345.12345, false, X'2F3D25'), (3, NULL, NULL, NULL),
      (4, 0, true, X'C3A9'), (5, 0.00001, false, X'01027F')""")
    t.filter("de > 0", "de = 0.00001", "b", "NOT b", "de IS NULL",
             ("bin = X'616263'", "bin = '\\x61\\x62\\x63'::BLOB"), "bin IS NULL")


@table("partition columns between data columns, partitioned by all but one, dynamic partition overwrite, replaceWhere")
def partition_overwrites(t):
    t.sql("CREATE TABLE {t} (p INT, v STRING, q STRING) USING delta PARTITIONED BY (q, p)")
    t.sql("INSERT INTO {t} SELECT CAST(id % 3 AS INT), concat('v', id), concat('q', id % 2) FROM range(12)")
    t.write("SELECT 1 p, 'dynamic' v, 'q1' q", mode="overwrite", partitionOverwriteMode="dynamic")
    t.write("SELECT 2 p, 'replaced' v, 'q0' q", mode="overwrite", replaceWhere="p = 2")
    t.write("SELECT 0 p, 'r2' v, 'q1' q", mode="overwrite", replaceWhere="q = 'q1' AND v > 'd'")
    t.sql("INSERT OVERWRITE {t} VALUES (9, 'only', 'q9')")
    t.sql("RESTORE TABLE {t} TO VERSION AS OF 2")
    t.filter("p = 1", "q = 'q0' AND p > 0", "v = 'dynamic'", "p + 1 = 2", "v = 'v3' OR p = 2")


@table("partitioned table converted from Parquet in place, and by shallow clone of a Parquet folder")
def converted(t):
    t.spark.sql("SELECT id, id * 2.5D AS v, concat('p ', id % 2) AS p, CAST(id % 3 AS INT) AS n FROM range(12)") \
        .coalesce(1).write.partitionBy("p", "n").parquet(t.path)
    t.sql(f"CONVERT TO DELTA parquet.`{t.path}` PARTITIONED BY (p STRING, n INT)")
    t.sql("INSERT INTO {t} VALUES (100, 1.0, 'new/one', 5)")
    t.sql("DELETE FROM {t} WHERE id = 3")
    t.filter("p = 'p 1'", "n > 1", "v > 20")


@table("partition values absent from the files or also present in them (delta.feature.materializePartitionColumns)")
def partition_materialized(t):
    t.sql("CREATE TABLE {t} (id INT, p STRING, d DATE) USING delta PARTITIONED BY (p, d) "
          "TBLPROPERTIES ('delta.enableIcebergCompatV1' = 'false')")
    t.sql("INSERT INTO {t} VALUES (1, 'a', DATE'2024-01-01'), (2, NULL, NULL)")
    try:
        t.sql("ALTER TABLE {t} SET TBLPROPERTIES ('delta.feature.materializePartitionColumns' = 'supported')")
        t.sql("INSERT INTO {t} VALUES (3, 'b', DATE'2024-01-03'), (4, NULL, NULL)")
    except Exception as e:
        t.notes.append("materializePartitionColumns: " + str(e).split("\n")[0])
    t.filter("p = 'a'", "p IS NULL", "d > DATE '2024-01-02'")
