"""Owns the comparison of deltic's data files with Spark's own for the same rows: folders, partition values, statistics, and
what Spark reads from them. Needs the environment of tests/interop (Spark); changes nothing but its
scratch folder.

    python3 tests/write/compare_with_spark.py [SCRATCH]

For each case Spark makes two equal empty tables and writes rows to the first; `deltic write` copies them to the second.
Then both logs are read as plain JSON. Exit code 0: equal but for the differences that are meant (MEANT).
"""
import glob
import json
import os
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "interop"))
import environment  # noqa: E402

MEANT = """Differences that are meant: timestamps of whole microseconds keep them in statistics (Spark cuts to milliseconds);
infinite bounds are left out (Spark writes them as strings); a cut maximum may end with another tie-breaker, and characters are
counted as code points (Spark counts UTF-16 units there); the empty string and NULL, one partition value, share a file."""

TYPES = """b BOOLEAN, t TINYINT, s SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, d4 DECIMAL(4,1), d9 DECIMAL(9,2),
 d18 DECIMAL(18,3), d38 DECIMAL(38,10), st STRING, long STRING, bin BINARY, dt DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ,
 n STRUCT<a: INT, b: STRUCT<c: STRING, d: ARRAY<INT>>>, arr ARRAY<STRUCT<x: BIGINT, y: STRING>>, m MAP<STRING, ARRAY<INT>>,
 v VARIANT"""
ROWS = """SELECT true, 1Y, 2S, 3, 4L, CAST(1.5 AS FLOAT), 2.5D, 12.3BD, 1234567.89BD, CAST('123456789012345.678' AS DECIMAL(18,3)),
   CAST('1234567890123456789012345678.0123456789' AS DECIMAL(38,10)), 'abc', repeat('x', 50), X'00FF',
   DATE'2024-02-29', TIMESTAMP'2024-02-29 12:34:56.789', TIMESTAMP_NTZ'2024-02-29 12:34:56.789',
   named_struct('a', 1, 'b', named_struct('c', 'deep', 'd', array(1, 2))), array(named_struct('x', 1L, 'y', 'p'), NULL),
   map('k', array(1, NULL)), parse_json('{"a": [1, 2.5, "x"], "b": null}')
 UNION ALL SELECT false, -1Y, -2S, -3, -4L, CAST(-1.5 AS FLOAT), -2.5D, -12.3BD, -1.00BD, -1.000BD, CAST(-1 AS DECIMAL(38,10)),
   'ünïcödé 😀', repeat('😀', 40), X'', DATE'0001-01-01', TIMESTAMP'1969-12-31 23:59:59.999', TIMESTAMP_NTZ'1500-01-01 00:00:00',
   named_struct('a', NULL, 'b', NULL), array(), map(), parse_json('17')
 UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL"""

CASES = {
    "types": {"columns": TYPES, "rows": ROWS},
    "odd_strings": {
        "columns": "a INT, p STRING", "partition": "p",
        "rows": r"""SELECT id, p FROM (SELECT posexplode(array('a b', 'a/b', 'a:b', 'a=b', 'a%b', 'ü', 'x+y', "q'q", 'd"d', 'a\\b',
            'h#h', '{b}', '[c]', 'a^b', 'a?b', '*', '~', '!', '(x)', '&', ',;@$', 'tab\tx', NULL, 'null', '.x', '__HIVE', ' lead',
            '<>|')) AS (id, p))""",
    },
    "odd_types": {
        "columns": "a INT, b BOOLEAN, dt DATE, ts TIMESTAMP, ntz TIMESTAMP_NTZ, dc DECIMAL(10,2), i INT, d DOUBLE",
        "partition": "b, dt, ts, ntz, dc, i, d",
        "rows": """SELECT 1, true, DATE'2024-02-29', TIMESTAMP'2024-02-29 12:34:56.789012', TIMESTAMP_NTZ'2024-02-29 12:34:56.5', 1.50BD,
            -7, 1.5D UNION ALL SELECT 2, false, DATE'0001-01-01', TIMESTAMP'2024-02-29 00:00:00', TIMESTAMP_NTZ'1969-12-31 00:00:00',
            -0.01BD, 0, 1e20D UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL""",
    },
    "mapped": {
        "columns": "a INT, `b c` STRUCT<`x y`: INT, z: STRING>, p STRING", "partition": "p",
        "properties": {"delta.columnMapping.mode": "name"},
        "rows": "SELECT 1, named_struct('x y', 2, 'z', 'q'), 'v w' UNION ALL SELECT 2, NULL, NULL", "folders": False,
    },
    "few_statistics": {
        "columns": "s STRUCT<a: INT, b: INT>, l ARRAY<INT>, c INT, d INT", "properties": {"delta.dataSkippingNumIndexedCols": "4"},
        "rows": "SELECT named_struct('a', 1, 'b', 2), array(1), 3, 4",
    },
    "named_statistics": {
        "columns": "s STRUCT<a: INT, b: INT>, c INT, d INT", "properties": {"delta.dataSkippingStatsColumns": "s.b, d"},
        "rows": "SELECT named_struct('a', 1, 'b', 2), 3, 4",
    },
}


def adds(table):
    found = []
    for commit in sorted(glob.glob(os.path.join(table, "_delta_log", "*.json"))):
        with open(commit) as lines:
            found += [json.loads(line)["add"] for line in lines if line.startswith('{"add"')]
    return found


def folder(add):
    return os.path.dirname(urllib.parse.unquote(add["path"]))


def key(add):
    return json.dumps(add["partitionValues"], sort_keys=True)


def same_bound(ours, theirs):
    if ours == theirs:
        return True
    if isinstance(ours, str) and isinstance(theirs, str):
        cut = theirs.rstrip("\x7f\U0010ffff")
        return ours[:23] == theirs[:23] and ours[:4].lstrip("-").isdigit() or len(theirs) > 16 and ours.startswith(cut)
    return False


def flatten(value, path=""):
    if not isinstance(value, dict):
        return {path: value}
    flat = {}
    for name, child in value.items():
        flat.update(flatten(child, f"{path}.{name}"))
    return flat


def compare_statistics(case, ours, theirs, problems):
    ours, theirs = json.loads(ours["stats"], parse_float=str), json.loads(theirs["stats"], parse_float=str)
    for part in ("numRecords", "minValues", "maxValues", "nullCount"):
        left, right = flatten(ours.get(part, {})), flatten(theirs.get(part, {}))
        for column in sorted(set(left) | set(right)):
            a, b = left.get(column, "absent"), right.get(column, "absent")
            try:
                equal = float(a) == float(b)
            except (TypeError, ValueError):
                equal = same_bound(a, b)
            if not equal:
                problems.append(f"{case}: {part}{column}: deltic {a!r}, Spark {b!r}")


def main():
    scratch = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(environment.BUILD, "write"))
    if os.environ.get("DELTIC_WRITE_INNER") != "1":
        environment.spark_jars()
        return subprocess.call([environment.python(), os.path.abspath(__file__), scratch],
                               env={**os.environ, "DELTIC_WRITE_INNER": "1"})
    import shutil
    import spark_session
    shutil.rmtree(scratch, ignore_errors=True)
    spark = spark_session.make_session(environment.spark_jars(), scratch)
    problems = []
    for case, what in CASES.items():
        tables = {}
        for writer in ("spark", "deltic"):
            path = tables[writer] = os.path.join(scratch, case, writer)
            properties = "".join(f", '{k}' = '{v}'" for k, v in what.get("properties", {}).items())
            spark.sql(f"CREATE TABLE delta.`{path}` ({what['columns']}) USING delta " +
                      (f"PARTITIONED BY ({what['partition']}) " if "partition" in what else "") +
                      (f"TBLPROPERTIES ({properties[2:]})" if properties else ""))
        insert = f"SELECT /*+ COALESCE(1) */ * FROM ({what['rows']})"
        spark.sql(f"INSERT INTO delta.`{tables['spark']}` {insert}")
        done = subprocess.run([environment.program(), "write", tables["deltic"], "--quiet", "--from",
                               f"SELECT * FROM delta_scan('{tables['spark']}')"], capture_output=True, text=True)
        if done.returncode != 0:
            problems.append(f"{case}: deltic write: {done.stderr.strip()}")
            continue
        rows = {writer: sorted(row[0] for row in spark.sql(
            f"SELECT to_json(struct(*)) FROM delta.`{path}`").collect()) for writer, path in tables.items()}
        if rows["spark"] != rows["deltic"]:
            for a, b in zip(rows["deltic"], rows["spark"]):
                if a != b:
                    problems.append(f"{case}: Spark reads {a[:600]} from deltic's file, {b[:600]} from its own")
                    break
            else:
                problems.append(f"{case}: Spark reads {len(rows['deltic'])} rows of {len(rows['spark'])}")
        logged = {writer: {key(add) if what.get("folders", True) else list(add["partitionValues"].values())[0] or "": add
                           for add in adds(path)} for writer, path in tables.items()}
        for values in sorted(set(logged["spark"]) ^ set(logged["deltic"])):
            problems.append(f"{case}: only {'Spark' if values in logged['spark'] else 'deltic'} has partition {values}")
        for values in sorted(set(logged["spark"]) & set(logged["deltic"])):
            ours, theirs = logged["deltic"][values], logged["spark"][values]
            if what.get("folders", True) and folder(ours) != folder(theirs):
                problems.append(f"{case}: {values}: folder {folder(ours)!r}, Spark's {folder(theirs)!r}")
            if what.get("folders", True):
                compare_statistics(case, ours, theirs, problems)
        # Spark goes on writing to what deltic wrote.
        spark.sql(f"INSERT INTO delta.`{tables['deltic']}` {insert}")
        print(f"{case}: {len(logged['deltic'])} files compared", flush=True)
    for problem in problems:
        print(problem)
    print("write: equal" if not problems else f"write: {len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
