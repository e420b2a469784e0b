#!/usr/bin/env python3
"""Owns the differential test of src/sparksql: each expression of cases.py, over each row of edge_values.py, in real Spark 4.2
(ANSI) and in DuckDB through our translation. Types, values and failures must be the same; see cases.py for the marks.

    tests/sparksql/run.py [EXPRESSION ...]

DELTIC_TRANSLATE_LINES names another translate_lines; DELTIC_SPARK_LOCK a file that Sparks of one machine take turns by.
Spark's answers are kept below build/sparksql, by the hash of the expressions and the table. Spark starts only when they are not
there; where there is no java, the test says so and ends well.
"""
import ctypes
import hashlib
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(PROJECT, "tests", "interop")]
import environment  # noqa: E402

BUILD = os.path.join(PROJECT, "build", "sparksql")
TOOL = os.environ.get("DELTIC_TRANSLATE_LINES", os.path.join(PROJECT, "build", "release", "bin", "translate_lines"))


def hash_of(texts):
    digest = hashlib.sha256("\0".join(texts).encode())
    for name in ("edge_values.py", "ask_spark.py"):
        digest.update(open(os.path.join(HERE, name), "rb").read())
    return digest.hexdigest()[:16]


def spark_answers(texts):
    os.makedirs(BUILD, exist_ok=True)
    answers = os.path.join(BUILD, f"spark-{hash_of(texts)}.json")
    if not os.path.exists(answers):
        questions = os.path.join(BUILD, "questions.json")
        json.dump(texts, open(questions, "w"))
        one_spark = ["flock", os.environ["DELTIC_SPARK_LOCK"]] if "DELTIC_SPARK_LOCK" in os.environ else []
        subprocess.run([*one_spark, environment.python(), os.path.join(HERE, "ask_spark.py"), questions, os.path.join(BUILD, "table.parquet"),
                        answers, BUILD, *environment.spark_jars()], check=True)
    return json.load(open(answers))


class Duck:
    """The pinned libduckdb, by its C interface."""

    class _Result(ctypes.Structure):
        _fields_ = [("counts", ctypes.c_uint64 * 3), ("pointers", ctypes.c_void_p * 3)]

    def __init__(self, library):
        self.lib = ctypes.CDLL(library)
        self.lib.duckdb_value_varchar.restype = ctypes.c_void_p
        self.lib.duckdb_value_varchar.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64]
        self.lib.duckdb_result_error.restype = ctypes.c_char_p
        self.lib.duckdb_row_count.restype = ctypes.c_uint64
        self.lib.duckdb_column_count.restype = ctypes.c_uint64
        self.lib.duckdb_free.argtypes = [ctypes.c_void_p]
        database, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        assert self.lib.duckdb_open(None, ctypes.byref(database)) == 0
        assert self.lib.duckdb_connect(database, ctypes.byref(self.connection)) == 0

    def query(self, sql):
        """Rows of texts; None for NULL. RuntimeError with DuckDB's words."""
        result = self._Result()
        reference = ctypes.byref(result)
        try:
            if self.lib.duckdb_query(self.connection, sql.encode(), reference):
                raise RuntimeError(self.lib.duckdb_result_error(reference).decode(errors="replace"))
            rows = []
            for row in range(self.lib.duckdb_row_count(reference)):
                rows.append([])
                for column in range(self.lib.duckdb_column_count(reference)):
                    text = self.lib.duckdb_value_varchar(reference, column, row)
                    rows[-1].append(None if not text else ctypes.string_at(text).decode(errors="replace"))
                    self.lib.duckdb_free(text)
            return rows
        finally:
            self.lib.duckdb_destroy_result(reference)


def canonical(sql, kind):
    """The engine's SQL of a value as text, the same as ask_spark.py's for Spark."""
    if kind == "date":
        return f"CAST(({sql}) - DATE '1970-01-01' AS VARCHAR)"
    if kind in ("timestamp", "timestamp_ntz"):
        return f"CAST(epoch_us({sql}) AS VARCHAR)"
    if kind == "binary":
        return f"hex({sql})"
    if kind.startswith(("array", "map", "struct")):
        return f"CAST(to_json({sql}) AS VARCHAR)"
    if kind == "float":
        return f"CAST(CAST({sql} AS DOUBLE) AS VARCHAR)"
    if kind.startswith("decimal"):
        precision, scale = (int(n) for n in kind[8:-1].split(","))
        if precision == scale and precision < 38:  # else the engine writes no zero before the point
            sql = f"CAST({sql} AS DECIMAL({precision + 1},{scale}))"
    return f"CAST({sql} AS VARCHAR)"


FAILED = "<failed>"


def evaluate(duck, sql, kind):
    """The value of each row as text, FAILED where the row fails; and DuckDB's words for the first failure."""
    try:
        return [row[0] for row in duck.query(f"SELECT {canonical(sql, kind)} FROM t ORDER BY rid")], ""
    except RuntimeError as error:
        words = str(error)
    # TRY takes no volatile functions, so error() is said as a cast that cannot succeed.
    quiet = re.sub(r"CAST\(error\('[^']*'\) AS", "CAST(CAST(CAST('!' || rid AS INTEGER) AS VARCHAR) AS", sql)
    value = canonical("struct_extract(r, 'v')", kind)
    # That optimizer takes expressions that occur twice out of a TRY.
    duck.query("SET disabled_optimizers = 'common_subexpressions'")
    rows = duck.query(f"SELECT r IS NULL, {value} FROM (SELECT rid, TRY(struct_pack(v := {quiet})) AS r FROM t) ORDER BY rid")
    duck.query("SET disabled_optimizers = ''")
    return [FAILED if failed == "true" else value for failed, value in rows], words


def same(ours, spark, kind):
    if ours is None or spark is None or FAILED in (ours, spark):
        return ours == spark
    if kind in ("float", "double"):
        a, b = float(ours), float(spark)
        return (a != a and b != b) or (a == b and str(a) == str(b))
    if kind.startswith(("array", "map", "struct")):
        return json.loads(ours) == json.loads(spark)
    return ours == spark


def engine_type(kind):
    names = {"boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "int": "INTEGER", "bigint": "BIGINT", "float": "FLOAT",
             "double": "DOUBLE", "string": "VARCHAR", "binary": "BLOB", "date": "DATE", "timestamp": "TIMESTAMP WITH TIME ZONE",
             "timestamp_ntz": "TIMESTAMP"}
    return names.get(kind, kind.upper() if kind.startswith("decimal") else None)


def judge(duck, marked, ours, spark):
    """'' or what is wrong; and what the case counts as."""
    mark = marked[0] if marked[0] in "!~" else ""
    text = marked[len(mark):]
    if "error" in ours:
        if mark == "!":
            return ("" if ours["error"] == "Unsupported" else f"is not refused as Unsupported: {ours['message']}"), "refused"
        if "error" in spark:
            return "", "refused by both"
        return f"is refused: {ours['message']}", "wrong"
    if mark == "!":
        return f"is not refused: {ours['sql'][:200]}", "wrong"
    if "error" in spark:
        return f"is refused by Spark only: {spark['error'][:300]}", "wrong"
    if ours["type"] != spark["type"] and not ours["type"].startswith(("array", "struct")):
        return f"has type {ours['type']}, in Spark {spark['type']}", "wrong"
    wanted = engine_type(ours["type"])
    kind = ours["type"]
    try:
        described = duck.query(f"DESCRIBE SELECT {ours['sql']} AS a FROM t")[0][1]
        if wanted and described != wanted:
            return f"is {described} in the engine, and should be {wanted}", "wrong"
    except RuntimeError as error:
        return f"does not bind: {str(error)[:300]}", "wrong"
    values, words = evaluate(duck, ours["sql"], kind)
    wrong, stricter = [], 0
    for rid, (a, b) in enumerate(zip(values, spark["values"])):
        b = FAILED if b == [] else b
        if same(a, b, kind):
            continue
        if a == FAILED and mark == "~":
            stricter += 1
            continue
        wrong.append((rid, a, b))
    if wrong:
        rid, a, b = wrong[0]
        row = ""
        names = [name for name in COLUMNS if name in text.replace("(", " ").replace(")", " ").replace(",", " ").replace("[", " ").split()]
        if names:
            row = ", ".join(f"{n} = {v!r}" for n, v in zip(names, duck.query(f"SELECT {', '.join(names)} FROM t WHERE rid = {rid}")[0]))
        hint = f" ({words[:150]})" if a == FAILED else ""
        return f"differs in {len(wrong)} rows; where {row}: ours {a!r}, Spark {b!r}{hint}", "wrong"
    return "", "equal where it does not fail" if stricter else "equal"


COLUMNS = "b h i j l m f g d e p q k w s u x o v t z c y n ar mp st".split()


def main(only):
    if environment.java() is None:
        print("sparksql: there is no java: not compared with Spark")
        return 0
    if os.environ.get("DELTIC_SPARKSQL_INSIDE") is None:  # the rest needs pyarrow
        env = dict(os.environ, DELTIC_SPARKSQL_INSIDE="1")
        return subprocess.run([environment.python(), os.path.abspath(__file__), *only], env=env).returncode
    import pyarrow.parquet
    import cases
    import edge_values

    os.makedirs(BUILD, exist_ok=True)
    parquet = os.path.join(BUILD, "table.parquet")
    pyarrow.parquet.write_table(edge_values.table(), parquet)
    marked = only or cases.all_cases()
    texts = [case[1:] if case[0] in "!~" else case for case in marked]
    assert all("\n" not in text for text in texts)
    translated = subprocess.run([TOOL, edge_values.schema_json()], input="\n".join(texts) + "\n", capture_output=True, text=True, check=True)
    ours = [json.loads(line) for line in translated.stdout.splitlines()]
    spark = spark_answers(texts)
    duck = Duck(os.path.join(PROJECT, ".deps", "duckdb-1.5.6", "lib", "libduckdb.so"))
    duck.query("SET TimeZone = 'UTC'")
    duck.query(f"CREATE TABLE t AS SELECT * FROM read_parquet('{parquet}')")
    rows = int(duck.query("SELECT count(*) FROM t")[0][0])
    counts = {}
    for case, text, a, b in zip(marked, texts, ours, spark):
        problem, count = judge(duck, case, a, b)
        if problem:
            count = "wrong"
            print(f"WRONG {text}  {problem}")
        counts[count] = counts.get(count, 0) + 1
    if not only:
        names = subprocess.run([TOOL, "--functions"], capture_output=True, text=True, check=True).stdout.split()
        page = open(os.path.join(PROJECT, "docs", "decisions", "spark-sql.md")).read()
        unnamed = [name for name in names if f"`{name}`" not in page]
        if unnamed:
            counts["wrong"] = counts.get("wrong", 0) + len(unnamed)
            print("WRONG docs/decisions/spark-sql.md does not name: " + ", ".join(unnamed))
        untested = [name for name in names if not any(name + "(" in text.lower() for text in texts)]
        clock = {"current_date", "curdate", "current_timestamp", "now"}
        casts = {"boolean", "tinyint", "smallint", "bigint", "float", "double", "binary", "timestamp"}
        untested = [name for name in untested if name not in clock | casts]
        if untested:
            counts["wrong"] = counts.get("wrong", 0) + len(untested)
            print("WRONG no expression uses: " + ", ".join(untested))
    print(f"sparksql: {len(marked)} expressions over {rows} rows: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    return 1 if counts.get("wrong") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
