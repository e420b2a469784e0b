"""Converts the data files of the tables that other projects publish, and holds the statistics that deltic takes from their
footers against every row in them.

    python3 tests/clone/footers.py

Run by run.py with the interoperability environment's python. The tables lie in ../shared/corpus, or in $DELTIC_CORPUS, and are
only read: their files are copied. Without that folder this says so and succeeds. DuckDB reads the rows. Exit status: 0 when no
row is outside of its file's bounds, and numbers of rows and NULLs are right.
"""
import decimal
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import unquote

import duckdb

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(PROJECT, "tests", "interop"))
import environment  # noqa: E402

wrong = []
counts = {"files": 0, "bounds": 0}


def data_files(table):
    return [path for path in glob.glob(os.path.join(glob.escape(table), "**", "*.parquet"), recursive=True)
            if "_delta_log" not in path and "_change_data" not in path]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(value, column_type):
    if column_type == "string":
        return "'" + value.replace("'", "''") + "'"
    if column_type == "date":
        return f"DATE '{value}'"
    if column_type.startswith("timestamp"):
        return f"TIMESTAMP '{value.replace('T', ' ').rstrip('Z')}'"
    return str(value)


def look(rows, name, statistics, types):
    """One file's statistics of top-level columns against its rows."""
    columns = {row[0] for row in rows.execute("DESCRIBE file").fetchall()}

    def count(where):
        return rows.execute(f"SELECT count(*) FROM file WHERE {where}").fetchone()[0]

    total = count("true")
    counts["files"] += 1
    if total != statistics["numRecords"]:
        wrong.append(f"{name}: {total} rows, not {statistics['numRecords']}")
    for column, nulls in statistics["nullCount"].items():
        if isinstance(nulls, dict):
            continue
        real = count(f"{quoted(column)} IS NULL") if column in columns else total
        if real != nulls:
            wrong.append(f"{name}: column {column} has {real} NULLs, not {nulls}")
    for kind, outside in (("minValues", "<"), ("maxValues", ">")):
        for column, bound in statistics[kind].items():
            if isinstance(bound, dict) or column not in columns:
                continue
            value, column_type = quoted(column), types[column]
            if column_type.startswith("timestamp"):
                value = f"CAST({value} AS TIMESTAMP)"
            nan = f" OR isnan({value})" if column_type in ("float", "double") else ""
            beyond = count(f"{value} {outside} {literal(bound, column_type)}{nan}")
            counts["bounds"] += 1
            if beyond:
                wrong.append(f"{name}: {beyond} rows beyond {kind} {bound} of column {column}")


def convert(table, corpus, scratch, options):
    name = os.path.relpath(table, corpus)
    folder = os.path.join(scratch, "folder")
    shutil.rmtree(folder, ignore_errors=True)
    for path in data_files(table):
        copy = os.path.join(folder, os.path.relpath(path, table))
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copy(path, copy)
    done = subprocess.run([environment.program(), "convert", folder, "--infer-partitions", "--quiet", *options], capture_output=True)
    if done.returncode != 0:
        return False  # files of many schemas in one folder
    with open(os.path.join(folder, "_delta_log", "00000000000000000000.json")) as file:
        log = [json.loads(line, parse_float=decimal.Decimal) for line in file]
    schema = next(json.loads(action["metaData"]["schemaString"]) for action in log if "metaData" in action)
    types = {field["name"]: field["type"] for field in schema["fields"]}
    for add in (action["add"] for action in log if "add" in action):
        path = os.path.join(folder, unquote(add["path"])).replace("'", "''")
        rows = duckdb.connect()
        rows.execute("SET timezone = 'UTC'")
        rows.execute(f"CREATE VIEW file AS SELECT * FROM read_parquet('{path}', hive_partitioning = false)")
        look(rows, f"{name}: {add['path']}", json.loads(add["stats"], parse_float=decimal.Decimal), types)
    return True


def main():
    corpus = os.environ.get("DELTIC_CORPUS", os.path.join(os.path.dirname(PROJECT), "shared", "corpus"))
    logs = glob.glob(os.path.join(glob.escape(corpus), "**", "_delta_log"), recursive=True)
    if not logs:
        print(f"footers: NOT RUN on files of other writers: none at {corpus} (set DELTIC_CORPUS to name another place)")
        return 0
    tables = [table for table in sorted(map(os.path.dirname, logs)) if data_files(table)]
    with tempfile.TemporaryDirectory() as scratch:
        converted = sum(convert(table, corpus, scratch, options) for table in tables for options in ([], ["--read-statistics"]))
    for text in wrong:
        print("WRONG " + text)
    print(f"footers: {converted} conversions of {len(tables)} tables' files: {counts['files']} files, {counts['bounds']} bounds, {len(wrong)} wrong")
    return 1 if wrong or converted < len(tables) else 0


if __name__ == "__main__":
    sys.exit(main())
