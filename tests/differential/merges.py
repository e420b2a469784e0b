#!/usr/bin/env python3
"""Owns the proof that merges do what plain SQL does: random tables, sources, conditions and clauses, by `deltic merge` and by
DuckDB over the same rows, with and without deletion vectors and partitions. Does not test refusals: tests/cli does.

    python3 tests/differential/merges.py [--seed N] [--merges N]     (program: env DELTIC)
"""
import os, random, shutil, sys

import duckdb

from against_sql import main, read, run, same

COLUMNS = ("k", "p", "v", "s")


def rows(rng, count, keys, unique):
    made, used = [], set()
    for _ in range(count):
        k = None if rng.random() < 0.05 else rng.randint(0, keys)
        if unique and k is not None and k in used:
            continue
        used.add(k)
        made.append((k, rng.choice([None, 0, 1, 2]), rng.choice([None, rng.randint(-5, 5)]), rng.choice([None, "a", "b'", "ü"])))
    return made


def literal(value):
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def select(made):
    values = ", ".join("(" + ", ".join(literal(x) for x in row) + ")" for row in made)
    types = "k::INT AS k, p::INT AS p, v::BIGINT AS v, s::VARCHAR AS s"
    return f"SELECT {types} FROM (VALUES {values or '(NULL, NULL, NULL, NULL)'}) AS x(k, p, v, s)" + ("" if made else " WHERE false")


def condition(rng, sides):
    side = rng.choice(sides)
    return rng.choice([f"{side}.v > {rng.randint(-4, 4)}", f"{side}.s = 'a'", f"{side}.p IN (0, 2)", f"{side}.v IS NULL",
                       f"{side}.k % 2 = 0"])


def clauses(rng):
    """(kind, condition, assignments or None) in order; at least one."""
    made = []
    def some(kind, sides, sets):
        for i in range(rng.choice([0, 1, 1, 2])):
            last = i == 1 or rng.random() < 0.6
            made.append((kind, None if last else condition(rng, sides), rng.choice(sets)))
            if last:
                break
    some("matched", "ts", [None, {"v": "t.v + s.v"}, {"s": "s.s", "p": "s.p"}, {"v": "s.v", "s": "'m'"}, "*"])
    some("not matched", "s", ["*", {"k": "s.k", "v": "s.v * 2"}, {"k": "s.k", "p": "1", "s": "s.s"}])
    some("not matched by source", "t", [None, {"v": "t.v * 10"}, {"s": "'gone'", "p": "2"}])
    return made or clauses(rng)


def text(clause):
    kind, where, sets = clause
    head = kind + (f" and {where}" if where else "") + " then "
    if kind == "not matched":
        if sets == "*":
            return head + "insert *"
        return head + f"insert ({', '.join(sets)}) values ({', '.join(sets.values())})"
    if sets is None:
        return head + "delete"
    return head + ("update set *" if sets == "*" else "update set " + ", ".join(f"{c} = {e}" for c, e in sets.items()))


def choice(made, kind):
    cases = "".join(f" WHEN {where or 'true'} THEN {i}" for i, (of, where, _) in enumerate(made) if of == kind)
    return f"CASE{cases} END" if cases else "NULL"


def expected(db, on, made):
    """The rows by plain SQL, None when several source rows would change one row; and whether several match one: then a merge is
    refused where it reads that row (files that no clause can act on are not read)."""
    db.execute(f"CREATE OR REPLACE TABLE pairs AS SELECT t.n AS tn, s.n AS sn, {choice(made, 'matched')} AS c FROM t JOIN s ON ({on})")
    single = [c for c in made if c[0] == "matched"]
    free = len(single) == 1 and single[0][1] is None and single[0][2] is None
    if not free and db.execute("SELECT 1 FROM pairs WHERE c IS NOT NULL GROUP BY tn HAVING count(*) > 1 LIMIT 1").fetchone():
        return None, True
    changes = any(kind != "not matched" for kind, _, _ in made)
    often = db.execute("SELECT 1 FROM pairs GROUP BY tn HAVING count(*) > 1 LIMIT 1").fetchone() is not None
    db.execute("CREATE OR REPLACE TABLE acts AS SELECT DISTINCT ON (tn) tn, sn, c FROM pairs WHERE c IS NOT NULL UNION ALL "
               f"SELECT tn, NULL, c FROM (SELECT t.n AS tn, {choice(made, 'not matched by source')} AS c FROM t "
               "WHERE t.n NOT IN (SELECT tn FROM pairs)) WHERE c IS NOT NULL")
    parts = ["SELECT k, p, v, s FROM t WHERE n NOT IN (SELECT tn FROM acts)"]
    for i, (kind, _, sets) in enumerate(made):
        if sets is None:
            continue
        if sets == "*":
            sets = {c: f"s.{c}" for c in COLUMNS}
        if kind == "not matched":
            values = ", ".join(sets.get(c, "NULL") for c in COLUMNS)
            parts.append(f"SELECT {values} FROM (SELECT *, {choice(made, kind)} AS c FROM s WHERE n NOT IN (SELECT sn FROM pairs)) AS s WHERE c = {i}")
        else:
            values = ", ".join(sets.get(c, f"t.{c}") for c in COLUMNS)
            parts.append(f"SELECT {values} FROM acts JOIN t ON t.n = acts.tn LEFT JOIN s ON s.n = acts.sn WHERE acts.c = {i}")
    return " UNION ALL ".join(parts), changes and often and not free


def one(seed, folder):
    rng = random.Random(seed)
    db = duckdb.connect()
    table = os.path.join(folder, f"t{seed}")
    command = ["write", table, "--quiet", "--property", f"delta.enableDeletionVectors={rng.choice(['true', 'false'])}"]
    if rng.random() < 0.4:
        command += ["--partition-by", "p"]
    keys = rng.choice([10, 60])
    all_rows = []
    for part in range(rng.randint(1, 3)):
        made = rows(rng, rng.randint(0, 40), keys, False)
        all_rows += made
        run(command + ["--from", select(made)])
        command = command[:3]
    for step in range(2):
        db.execute(f"CREATE OR REPLACE TABLE t AS SELECT row_number() OVER () AS n, * FROM ({select(all_rows)})")
        source = rows(rng, rng.randint(0, 25), keys, rng.random() < 0.8)
        db.execute(f"CREATE OR REPLACE TABLE s AS SELECT row_number() OVER () AS n, * FROM ({select(source)})")
        on = rng.choice(["t.k = s.k", "t.k = s.k", "t.k = s.k and t.p = s.p", "t.k = s.k and t.v < 3",
                         "t.k IS NOT DISTINCT FROM s.k and s.v > 0", "s.k = t.k + 1", "t.k = s.k and t.p = 1"])
        made = clauses(rng)
        sql, may_be_refused = expected(db, on, made)
        arguments = ["merge", table, "--source-sql", select(source), "--as", "t", "--source-as", "s", "--on", on, "--json"]
        for clause in made:
            arguments += ["--when", text(clause)]
        what = f"seed {seed} step {step}: {on} {[text(c) for c in made]}"
        done = run(arguments, what, must=not may_be_refused)
        if done.returncode != 0 and "several rows" not in done.stderr:
            raise AssertionError(f"{what}: {done.stderr}")
        if sql is None and done.returncode == 0:
            raise AssertionError(f"{what}: not refused")
        if done.returncode == 0:
            all_rows = db.execute(sql).fetchall()
        read(db, folder, ["export", table], "now")
        same(db, f"SELECT {', '.join(COLUMNS)} FROM now", select(all_rows), what)
    shutil.rmtree(table)


if __name__ == "__main__":
    sys.exit(main("merges", one))
