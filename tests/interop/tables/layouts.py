"""Owns tables whose Parquet files have older or rarer layouts."""
from .registry import table

TIMES = ["2024-02-29 12:34:56.789012", "1969-12-31 23:59:59.999999", "1900-01-01 00:00:00.000001", "2262-04-12 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"]
TIME_ROWS = ", ".join(f"({k}, TIMESTAMP'{m}Z', array(TIMESTAMP'{m}Z', NULL), struct(TIMESTAMP'{m}Z'))" for k, m in enumerate(TIMES))


@table("INT96 timestamps, at the top and nested, before 1970, outside the range of nanoseconds")
def int96(t):
    with t.conf(spark__sql__parquet__outputTimestampType="INT96"):
        t.sql("CREATE TABLE {t} (id INT, ts TIMESTAMP, ar ARRAY<TIMESTAMP>, st STRUCT<t: TIMESTAMP>) USING delta")
        t.sql(f"INSERT INTO {{t}} VALUES {TIME_ROWS}")
        t.sql("INSERT INTO {t} VALUES (10, NULL, NULL, NULL)")
        with t.conf(spark__sql__session__timeZone="America/Los_Angeles"):
            t.sql("INSERT INTO {t} SELECT 11, TIMESTAMP'2024-11-03 01:30:00', NULL, NULL")
    with t.conf(spark__sql__parquet__outputTimestampType="TIMESTAMP_MICROS"):
        t.sql("INSERT INTO {t} VALUES (12, TIMESTAMP'2024-02-29 12:34:56.789012', NULL, NULL)")
    t.filter("ts = TIMESTAMP '2024-02-29 12:34:56.789012'", "ts < TIMESTAMP '1970-01-01 00:00:00'", "ts > TIMESTAMP '2262-04-11 00:00:00'", "ts IS NULL")


@table("TIMESTAMP_MILLIS files")
def timestamp_millis(t):
    with t.conf(spark__sql__parquet__outputTimestampType="TIMESTAMP_MILLIS"):
        t.sql("CREATE TABLE {t} (id INT, ts TIMESTAMP, ar ARRAY<TIMESTAMP>, st STRUCT<t: TIMESTAMP>) USING delta")
        t.sql(f"INSERT INTO {{t}} VALUES {TIME_ROWS}")
    t.sql("INSERT INTO {t} VALUES (12, TIMESTAMP'2024-02-29 12:34:56.789012', NULL, NULL)")
    t.filter("ts >= TIMESTAMP '2024-02-29 12:34:56.789'", "ts < TIMESTAMP '1970-01-01 00:00:00'", "ts >= TIMESTAMP '1969-12-31 23:59:59.999'")


@table("legacy Parquet format: decimals as fixed bytes, lists as bag/array, maps as map/key_value")
def legacy_parquet(t):
    with t.conf(spark__sql__parquet__writeLegacyFormat="true", spark__sql__parquet__outputTimestampType="INT96"):
        t.sql("""CREATE TABLE {t} (id INT, d5 DECIMAL(5,2), d15 DECIMAL(15,3), d38 DECIMAL(38,10), ar ARRAY<INT>, ars ARRAY<STRUCT<x: INT>>,
          arn ARRAY<ARRAY<DECIMAL(9,1)>>, m MAP<STRING, DECIMAL(7,2)>, ts TIMESTAMP, b BINARY) USING delta""")
        t.sql("""INSERT INTO {t} VALUES (1, 1.25, -1.125, 12345678901234567890.1234567890, array(1, NULL, 3), array(struct(1), NULL, struct(NULL)),
          array(array(1.5, NULL), NULL, array()), map('a', 1.5, 'b', NULL), TIMESTAMP'2024-01-01 00:00:00', X'01'),
          (2, -999.99, 999999999999.999, -0.0000000001, array(), array(), array(), map(), NULL, NULL), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""")
    t.sql("INSERT INTO {t} VALUES (4, 4, 4, 4, array(4), array(struct(4)), array(array(4)), map('k', 4), TIMESTAMP'2024-01-04 00:00:00', X'04')")
    t.filter("d5 = 1.25", "d38 < 0", "d15 > 1", "d15 IS NULL")


@table("Parquet codecs, data page version 2, dictionary off, small pages and row groups, without Arrow's schema")
def parquet_encodings(t):
    t.sql("CREATE TABLE {t} (id BIGINT, s STRING, d DOUBLE, b BOOLEAN, l ARRAY<INT>, de DECIMAL(20,4)) USING delta")
    query = ("SELECT id + {0} AS id, concat('s', id % 50) s, id / 3D d, id % 3 = 0 b, IF(id % 5 = 0, NULL, array(CAST(id AS INT), NULL)) l, "
             "CAST(id AS DECIMAL(20,4)) de FROM range(500)")
    for k, codec in enumerate(("none", "snappy", "gzip", "zstd", "lz4_raw")):
        with t.conf(spark__sql__parquet__compression__codec=codec):
            t.write(query.format(k * 1000))
    t.write(query.format(10000), **{"parquet.writer.version": "PARQUET_2_0", "parquet.page.size": "1024", "parquet.block.size": "2048"})
    t.write(query.format(20000), **{"parquet.enable.dictionary": "false", "parquet.bloom.filter.enabled": "true"})
    t.filter("id = 20007", "s = 's7' AND id > 3000", "d > 100 AND b", "de = 499")


@table("session that rebases old dates to the Julian calendar (LEGACY datetimeRebaseModeInWrite)")
def legacy_calendar(t):
    t.sql("CREATE TABLE {t} (id INT, dt DATE, ts TIMESTAMP) USING delta")
    t.sql("INSERT INTO {t} VALUES (1, DATE'2024-01-01', TIMESTAMP'2024-01-01 00:00:00'), (2, DATE'1582-10-15', TIMESTAMP'1600-01-01 00:00:00')")
    with t.conf(spark__sql__parquet__datetimeRebaseModeInWrite="LEGACY", spark__sql__parquet__int96RebaseModeInWrite="LEGACY"):
        t.sql("INSERT INTO {t} VALUES (3, DATE'1500-03-01', TIMESTAMP'1500-03-01 00:00:00'), (4, DATE'0001-01-01', TIMESTAMP'0001-01-01 00:00:00')")
        with t.conf(spark__sql__parquet__outputTimestampType="INT96"):
            t.sql("INSERT INTO {t} VALUES (5, DATE'1500-03-01', TIMESTAMP'1500-03-01 00:00:00')")
    t.filter("dt < DATE '1600-01-01'")


@table("char and varchar: strings by the protocol, padded by Spark's writer")
def char_varchar(t):
    t.sql("CREATE TABLE {t} (id INT, c CHAR(5), v VARCHAR(5), st STRUCT<c: CHAR(3)>, p CHAR(4)) USING delta PARTITIONED BY (p)")
    t.sql("INSERT INTO {t} VALUES (1, 'ab', 'ab', struct('x'), 'p'), (2, 'abcde', 'ab   ', NULL, NULL), (3, NULL, '', struct(NULL), '')")
    t.filter("v = 'ab'", "c IS NULL", "id > 1")
