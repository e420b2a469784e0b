#!/usr/bin/env python3
"""Owns the proof that deletes and updates do what plain SQL does: random tables and predicates over NULLs, NaN, decimals, dates,
long texts, nested fields and partition columns, by `deltic delete` and `deltic update` and by DuckDB over the same rows; the change
feed and the row ids with them. Does not test refusals: tests/cli does.

    python3 tests/differential/changes.py [--seed N] [--changes N]     (program: env DELTIC)
"""
import json, os, random, shutil, sys

import duckdb

from against_sql import main, read, run, same

LONG = "a long text of more than thirty-two characters, "  # statistics cut it
VALUES = {
    "d": ["NULL", "'NaN'::DOUBLE", "'inf'::DOUBLE", "'-inf'::DOUBLE", "-0.0::DOUBLE", "0.0::DOUBLE", "1.5::DOUBLE", "-2.25::DOUBLE", "3::DOUBLE"],
    "f": ["NULL", "'NaN'::FLOAT", "0.1::FLOAT", "-0.5::FLOAT", "2::FLOAT"],
    "m": ["NULL", "0.00::DECIMAL(9, 2)", "-1.25::DECIMAL(9, 2)", "3.10::DECIMAL(9, 2)", "9999999.99::DECIMAL(9, 2)"],
    "t": ["NULL", "DATE '1999-12-31'", "DATE '2024-02-29'", "DATE '2024-03-01'"],
    "ts": ["NULL", "TIMESTAMPTZ '2024-02-29 23:59:59.999999+00'", "TIMESTAMPTZ '2024-03-01 00:00:00+00'", "TIMESTAMPTZ '1970-01-01 00:00:00.000001+00'"],
    "s": ["NULL", "''", "'a'", "'b''c'", "'ü'", "'\U0001F600'", f"'{LONG}1'", f"'{LONG}2'"],
    "b": ["NULL", "true", "false"],
    "n.x": ["NULL", "0::INT", "1::INT", "-7::INT"],
    "n.y": ["NULL", "'u'", "'v'"],
    "p": ["NULL", "0::INT", "1::INT", "2::INT"],
    "q": ["NULL", "'x'", "'y z'", "'x/y%'"],
}
TYPES = {"d": "DOUBLE", "f": "FLOAT", "m": "DECIMAL(9, 2)", "t": "DATE", "ts": "TIMESTAMPTZ", "s": "VARCHAR", "b": "BOOLEAN", "p": "INT", "q": "VARCHAR"}
COLUMNS = "id, p, q, d, f, m, t, ts, s, b, n"


def a_file(rng, first):
    """Rows, with ids from `first`. Often all of a column's values are alike, so that statistics say something."""
    few = {column: rng.sample(values, rng.choice([1, 1, 2, len(values)])) for column, values in VALUES.items()}
    rows = []
    for i in range(rng.randint(1, 25)):
        pick = {column: rng.choice(values) for column, values in few.items()}
        plain = ", ".join(f"CAST({pick[c]} AS {TYPES[c]})" for c in ("p", "q", "d", "f", "m", "t", "ts", "s", "b"))
        nested = "NULL" if rng.random() < 0.1 else f"{{'x': {pick['n.x']}, 'y': {pick['n.y']}}}"
        rows.append(f"({first + i}::BIGINT, {plain}, CAST({nested} AS STRUCT(x INT, y VARCHAR)))")
    return len(rows), f"SELECT * FROM (VALUES {', '.join(rows)}) AS r({COLUMNS})"


def predicate(rng, ids, depth=2):
    if depth and rng.random() < 0.4:
        both = rng.choice([" AND ", " OR "]).join(predicate(rng, ids, depth - 1) for _ in range(2))
        return f"({both})"
    if depth and rng.random() < 0.2:
        return f"NOT ({predicate(rng, ids, depth - 1)})"
    column = rng.choice(list(VALUES) + ["id"] * 4)
    values = VALUES.get(column) or [str(rng.randint(0, ids)) for _ in range(3)]
    one, two = rng.choice(values), rng.choice(values)
    return rng.choice([
        f"{column} {rng.choice(['=', '<>', '<', '<=', '>', '>='])} {one}",
        f"{column} {rng.choice(['=', '<>', '<', '<=', '>', '>='])} {one}",
        f"{column} IS {rng.choice(['', 'NOT '])}NULL",
        f"{column} IS {rng.choice(['', 'NOT '])}DISTINCT FROM {one}",
        f"{column} {rng.choice(['', 'NOT '])}IN ({one}, {two})",
        f"{column} BETWEEN {one} AND {two}",
        f"s {rng.choice(['', 'NOT '])}LIKE '{rng.choice(['a%', LONG + '%', '%1', '_'])}'",
        rng.choice(["true", "id % 3 = 1", "b", "isnan(d)", "NULL", "d = f", "coalesce(p, 1) = 1", "year(t) = 2024", "length(s) > 3"]),
        rng.choice(["NULL", *QUERIES]),
    ])


# What a scan is told little or nothing of: queries within the predicate, some of them without a row.
QUERIES = ["id IN (SELECT 3)", "id IN (VALUES (1), (5))", "id NOT IN (SELECT 1 WHERE false)", "id IN (SELECT unnest([1, 7, NULL]))",
           "id = ANY([2, 3])", "id <> ALL([2, NULL])", "EXISTS (SELECT 1 WHERE false)", "NOT EXISTS (SELECT 1 WHERE false)", "(SELECT false)",
           "(SELECT true)", "id > (SELECT 4)", "p = (SELECT 1 WHERE false)", "s IN (SELECT 'a')", "(SELECT 1 WHERE false) IS NULL"]


SETS = [{"s": "'set'"}, {"d": "d * 2"}, {"m": "m - 1"}, {"p": "coalesce(p, 0) + 1"}, {"q": "nullif(s, '')", "s": "q"}, {"n": "{'x': 5, 'y': NULL}"},
        {"n": "NULL"}, {"t": "t + 1", "b": "NOT b"}, {"d": "'NaN'::DOUBLE", "ts": "NULL"}, {"f": "d", "m": "NULL"}, {"d": "d"}]


def one(seed, folder):
    rng = random.Random(seed)
    db = duckdb.connect()
    db.execute("SET TimeZone = 'UTC'")
    table = os.path.join(folder, f"t{seed}")
    on = {name: rng.random() < 0.5 for name in ("enableDeletionVectors", "enableChangeDataFeed", "enableRowTracking")}
    command = ["write", table, "--quiet"]
    for name, value in on.items():
        command += ["--property", f"delta.{name}={str(value).lower()}"]
    if rng.random() < 0.6:
        command += ["--partition-by", rng.choice(["p", "q", "p,q"])]
    ids = 0
    for part in range(rng.randint(1, 4)):
        count, rows = a_file(rng, ids)
        ids += count
        run(command + ["--from", rows])
        db.execute(f"CREATE TABLE t AS {rows}" if part == 0 else f"INSERT INTO t {rows}")
        command = command[:3]
    version = newest(table)
    row_ids = ids_of(table) if on["enableRowTracking"] else None
    for step in range(3):
        where = predicate(rng, ids)
        sets = None if rng.random() < 0.5 else rng.choice(SETS)
        what = f"seed {seed} step {step} {on}: {'delete' if sets is None else sets} where {where}"
        db.execute("CREATE OR REPLACE TABLE before AS FROM t")
        met = f"({where}) IS TRUE"
        if sets is None:
            db.execute(f"DELETE FROM t WHERE {met}")
            run(["delete", table, "--where", where, "--quiet"], what)
        else:
            db.execute(f"UPDATE t SET {', '.join(f'{c} = {e}' for c, e in sets.items())} WHERE {met}")
            run(["update", table, "--where", where, "--quiet", *(word for c, e in sets.items() for word in ("--set", f"{c} = {e}"))], what)
        read(db, folder, ["export", table], "now")
        same(db, f"SELECT {COLUMNS} FROM now", f"SELECT {COLUMNS} FROM t", what)
        made = newest(table) - version
        rows = db.execute(f"SELECT count(*) FROM before WHERE {met}").fetchone()[0]
        if made != (rows > 0):
            raise AssertionError(f"{what}: {rows} rows are met, {made} versions made")
        if rows == 0:
            continue
        version += 1
        if on["enableChangeDataFeed"]:
            read(db, folder, ["cdf", table, "--from", str(version)], "changes")
            expected = f"SELECT {COLUMNS}, {literal('delete' if sets is None else 'update_preimage')} FROM before WHERE {met}"
            if sets is not None:
                expected += f" UNION ALL SELECT {COLUMNS}, 'update_postimage' FROM t WHERE id IN (SELECT id FROM before WHERE {met})"
            same(db, f"SELECT {COLUMNS}, _change_type FROM changes", expected, what + ": its feed")
        if row_ids is not None:
            now = ids_of(table)
            if any(row_ids[key] != value for key, value in now.items()):
                raise AssertionError(f"{what}: row ids were {row_ids}, and are {now}")
    shutil.rmtree(table)


def newest(table):
    return max(int(name[:20]) for name in os.listdir(os.path.join(table, "_delta_log")) if name.endswith(".json"))


def literal(text):
    return f"'{text}'"


def ids_of(table):
    lines = run(["cat", table, "--columns", "id", "--row-ids", "--format", "json"]).stdout.splitlines()
    return {row["id"]: row["_row_id"] for row in map(json.loads, lines)}


if __name__ == "__main__":
    sys.exit(main("changes", one))
