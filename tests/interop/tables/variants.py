"""Owns tables with VARIANT columns: plain, nested, shredded."""
from .registry import table

DOCUMENTS = ["1", "-128", "32768", "2147483648", "9223372036854775807", "1.25", "123456789012345678.90", "1e300", "true", "false",
             "null", '""', '"short"', '"' + "long" * 40 + '"', "[]", "{}", "[1, \"a\", null, [true, {\"z\": 1}]]",
             '{"a": 1, "b": {"c": [1, 2, 3]}, "": "empty", "naïve 日本": "\U0001F600"}', '{"a": "text"}', '{"a": null}', '{"b": 5, "a": 2.5}']
ROWS = "SELECT CAST(n AS INT) id, parse_json(j) v FROM VALUES " + ", ".join(
    "({}, '{}')".format(k, d.replace("\\", "\\\\").replace("'", "\\'")) for k, d in enumerate(DOCUMENTS)) + " AS x(n, j)"
TYPED = """SELECT 100 id, CAST(DATE'2024-02-29' AS VARIANT) v UNION ALL SELECT 101, CAST(TIMESTAMP'2024-02-29 12:00:00.000001' AS VARIANT)
  UNION ALL SELECT 102, CAST(TIMESTAMP_NTZ'2024-02-29 12:00:00.000001' AS VARIANT) UNION ALL SELECT 103, CAST(X'00FF' AS VARIANT)
  UNION ALL SELECT 104, CAST(CAST(1.5 AS FLOAT) AS VARIANT) UNION ALL SELECT 105, CAST(CAST('12345678901234567890123456789.123456789' AS DECIMAL(38,9)) AS VARIANT)
  UNION ALL SELECT 106, CAST(NULL AS VARIANT) UNION ALL SELECT 107, CAST(CAST(7 AS TINYINT) AS VARIANT) UNION ALL SELECT 108, CAST(array(1, 2) AS VARIANT)"""


@table("variant")
def variant_plain(t):
    t.sql("CREATE TABLE {t} (id INT, v VARIANT) USING delta")
    t.write(ROWS)
    t.write(TYPED)
    t.sql("DELETE FROM {t} WHERE id IN (3, 101)")
    t.filter("id >= 100", "v IS NULL")


@table("variant inside struct, array and map, with column mapping")
def variant_nested(t):
    t.sql("CREATE TABLE {t} (id INT, st STRUCT<v: VARIANT, n: INT>, ar ARRAY<VARIANT>, m MAP<STRING, VARIANT>) USING delta "
          "TBLPROPERTIES ('delta.columnMapping.mode' = 'name')")
    t.write("SELECT id, named_struct('v', v, 'n', id) st, array(v, NULL, v) ar, map('k', v, 'n', NULL) m FROM (" + ROWS + ")")
    t.sql("INSERT INTO {t} VALUES (50, NULL, NULL, NULL)")
    t.sql("ALTER TABLE {t} RENAME COLUMN st.v TO w")
    t.sql("ALTER TABLE {t} ADD COLUMN later VARIANT")
    t.sql("INSERT INTO {t} SELECT 51, NULL, array(), map(), parse_json('{\"x\": 1}')")
    t.filter("id = 50", "st.n > 15")


@table("shredded variant (delta.enableVariantShredding)")
def variant_shredded(t):
    with t.conf(spark__sql__variant__writeShredding__enabled="true", spark__sql__variant__inferShreddingSchema="true"):
        t.sql("CREATE TABLE {t} (id INT, v VARIANT, st STRUCT<v: VARIANT>) USING delta TBLPROPERTIES ('delta.enableVariantShredding' = 'true')")
        t.write("SELECT CAST(id AS INT) id, parse_json(concat('{\"a\": ', id, ', \"b\": {\"c\": \"s', id, '\"}, \"l\": [', id, ', 2], \"d\": ', id, '.25}')) v, "
                "named_struct('v', parse_json(concat('{\"k\": ', id, '}'))) st FROM range(30)")
        t.write("SELECT id, v, named_struct('v', v) st FROM (" + ROWS + ")")
        t.sql("INSERT INTO {t} SELECT 60, parse_json('[1, 2]'), NULL")
        t.sql("DELETE FROM {t} WHERE id = 4")
    t.filter("id BETWEEN 20 AND 25")


@table("shredded variant with a schema forced on values that do not fit it")
def variant_shredded_forced(t):
    schema = "a INT, b STRING, c DECIMAL(15,1), d STRUCT<e: DATE, f: BOOLEAN>, l ARRAY<BIGINT>"
    with t.conf(spark__sql__variant__writeShredding__enabled="true", spark__sql__variant__forceShreddingSchemaForTest=schema):
        t.sql("CREATE TABLE {t} (id INT, v VARIANT) USING delta TBLPROPERTIES ('delta.enableVariantShredding' = 'true')")
        t.write(ROWS)
        t.write("""SELECT id, parse_json(j) v FROM VALUES (30, '{"a": 1, "b": "x", "c": 1.5, "d": {"e": "no date", "f": true, "g": 9}, "l": [1, 2, "x"]}'),
          (31, '{"a": "1", "b": 2, "c": 1.55, "d": null, "l": {}}'), (32, '{"zz": {"a": 1}}'), (33, '{"d": {}, "l": []}') AS x(id, j)""")
        t.write(TYPED)
    t.filter("id BETWEEN 5 AND 31")
