#!/usr/bin/env python3
"""Owns the proof that file skipping changes nothing: random tables, random filters, rows with skipping = rows without.

Tables come from a published writer (delta-rs, whose statistics are what the field meets) and from this file's own log
writer, which states statistics as other writers do: string bounds cut at 32 characters with and without a tie-breaker,
timestamps cut to milliseconds, NaN left out, wide bounds, none at all. The answer without skipping is also checked
against DuckDB over the very rows that were written. Does not test single rules: src/expr/*_test.cc do.

    python3 tests/differential/run.py [--seed N] [--tables N] [--filters N]     (program: env DELTIC)
"""
import argparse, concurrent.futures, datetime, decimal, json, math, os, random, shutil, subprocess, sys, tempfile, uuid

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

PROGRAM = os.environ.get("DELTIC", "build/release/bin/deltic")
EPOCH = datetime.datetime(1970, 1, 1)

DELTA_TYPES = {
    "i": "integer", "l": "long", "f": "float", "d": "double", "s": "string", "dt": "date", "ts": "timestamp",
    "dec": "decimal(20,3)", "b": "boolean",
}
ARROW_TYPES = {
    "i": pa.int32(), "l": pa.int64(), "f": pa.float32(), "d": pa.float64(), "s": pa.string(), "dt": pa.date32(),
    "ts": pa.timestamp("us", tz="UTC"), "dec": pa.decimal128(20, 3), "b": pa.bool_(),
}


def value(rng, column):
    """A random value; few distinct ones, so that filters meet bounds exactly."""
    if rng.random() < 0.1:
        return None
    if column == "i":
        return rng.choice([rng.randint(-20, 20), 2**31 - 1, -2**31])
    if column == "l":
        return rng.choice([rng.randint(-20, 20), 2**53 + rng.randint(0, 3), 2**63 - 1, -2**63])
    if column in "fd":
        special = [float("nan"), -0.0, 0.0, float("inf"), float("-inf")]
        x = rng.choice([rng.randint(-20, 20) / 4, rng.random(), rng.choice(special)])
        return x if column == "d" else pa.scalar(x, pa.float32()).as_py()
    if column == "s":
        prefix = rng.choice(["", "a", "same long prefix of more than 32 ch", "über-", "\U0001f600"])
        return prefix + rng.choice(["", "a", "b", "zz", "\uffff", "\U0001f601", "é"])
    if column == "dt":
        return datetime.date(2020, 1, 1) + datetime.timedelta(days=rng.randint(-1000, 1000))
    if column == "ts":
        return datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(
            microseconds=rng.randint(-5000, 5000) * rng.choice([1, 1000, 10**6]))
    if column == "dec":
        return decimal.Decimal(rng.choice([rng.randint(-9999, 9999), rng.randint(-10**19, 10**19)])).scaleb(-3)
    return rng.random() < 0.5


def literal(rng, column, rows):
    """SQL text of a value: mostly one that is in the table, or next to one."""
    seen = [row[column] for row in rows if row[column] is not None]
    x = rng.choice(seen) if seen and rng.random() < 0.7 else None
    while x is None:
        x = value(rng, column)
    if column in "il":
        return str(min(max(x + rng.choice([-1, 0, 0, 1]), -2**63), 2**63 - 1))
    if column in "fd":
        return f"'{x!r}'::{'FLOAT' if column == 'f' else 'DOUBLE'}"
    if column == "s":
        return "'" + (x + rng.choice(["", "", "a"])).replace("'", "''") + "'"
    if column == "dt":
        return f"DATE '{x}'"
    if column == "ts":
        return f"TIMESTAMPTZ '{(x + datetime.timedelta(microseconds=rng.choice([-1, 0, 0, 1]))).isoformat()}'"
    if column == "dec":
        return str(x)
    return str(x).lower()


def predicate(rng, rows, depth=0):
    if depth < 3 and rng.random() < 0.45:
        kind = rng.choice(["AND", "AND", "OR", "NOT"])
        if kind == "NOT":
            return f"NOT ({predicate(rng, rows, depth + 1)})"
        return f"({predicate(rng, rows, depth + 1)} {kind} {predicate(rng, rows, depth + 1)})"
    column = rng.choice(list(DELTA_TYPES))
    form = rng.random()
    if form < 0.1:
        return f"{column} IS {rng.choice(['', 'NOT '])}NULL"
    if form < 0.2:
        return f"{column} {rng.choice(['', 'NOT '])}IN ({', '.join(literal(rng, column, rows) for _ in range(rng.randint(1, 4)))})"
    if form < 0.3:
        return f"{column} BETWEEN {literal(rng, column, rows)} AND {literal(rng, column, rows)}"
    if form < 0.4:
        return f"{column} IS {rng.choice(['', 'NOT '])}DISTINCT FROM {literal(rng, column, rows)}"
    if form < 0.5 and column == "s":
        return f"s {rng.choice(['', 'NOT '])}LIKE {literal(rng, 's', rows)[:-1]}%'"
    return f"{column} {rng.choice(['=', '<>', '<', '<=', '>', '>='])} {literal(rng, column, rows)}"


def cut(text, length=32):
    return text[:length]


def statistics(rng, rows, style):
    """The statistics of a file as one of the field's writers would state them."""
    stats = {"numRecords": len(rows), "minValues": {}, "maxValues": {}, "nullCount": {}}
    for column in DELTA_TYPES:
        values = [row[column] for row in rows if row[column] is not None]
        stats["nullCount"][column] = len(rows) - len(values)
        if column in "fd":
            values = [x for x in values if not math.isnan(x)]
        if not values or column == "b":
            continue
        low, high = min(values), max(values)
        if column == "s":
            low, high = min(values, key=str.encode), max(values, key=str.encode)
            low = cut(low)
            if len(high) > 32:
                high = cut(high) + ("\U0010ffff" if style == "spark" else "")
        if column == "ts":
            low, high = [x.strftime("%Y-%m-%dT%H:%M:%S.") + f"{x.microsecond // 1000:03d}Z" for x in (low, high)]
        if column == "dt":
            low, high = str(low), str(high)
        if column == "dec":
            low, high = (float(low), float(high)) if style == "lossy" else (RawNumber(low), RawNumber(high))
        if column in "fd" and (math.isinf(low) or math.isinf(high)):
            continue
        if column == "f":
            low, high = RawNumber(shortest(low)), RawNumber(shortest(high))
        stats["minValues"][column], stats["maxValues"][column] = low, high
    if rng.random() < 0.2:
        stats["tightBounds"] = False
        stats["nullCount"] = {}
    return None if rng.random() < 0.1 else dump(stats)


def shortest(x):
    for digits in range(1, 10):
        text = f"{x:.{digits}g}"
        if pa.scalar(float(text), pa.float32()).as_py() == x:
            return text
    return repr(x)


class RawNumber(str):
    pass


def dump(node):
    if isinstance(node, dict):
        return "{" + ",".join(json.dumps(k) + ":" + dump(v) for k, v in node.items()) + "}"
    return node if isinstance(node, RawNumber) else str(node) if isinstance(node, decimal.Decimal) else json.dumps(node)


def arrow(rows):
    return pa.table({c: pa.array([row[c] for row in rows], ARROW_TYPES[c]) for c in DELTA_TYPES})


def write_table(rng, folder, style):
    """A table of several files; answers its rows."""
    files = [[{c: value(rng, c) for c in DELTA_TYPES} for _ in range(rng.randint(1, 6))] for _ in range(rng.randint(4, 14))]
    # delta-rs 1.6.6 cannot write negative decimals as partition values.
    partition = rng.choice([None, None, "i", "s", "dt", "b"] + (["dec"] if style != "delta-rs" else []))
    if partition:
        for rows in files:
            same = value(rng, partition)
            same = None if same == "" else same
            for row in rows:
                row[partition] = same
    if style == "delta-rs":
        from deltalake import write_deltalake
        for rows in files:
            write_deltalake(folder, arrow(rows), mode="append", partition_by=[partition] if partition else None)
        return [row for rows in files for row in rows]
    os.makedirs(folder + "/_delta_log")
    fields = [{"name": c, "type": t, "nullable": True, "metadata": {}} for c, t in DELTA_TYPES.items()]
    lines = [
        json.dumps({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}),
        json.dumps({"metaData": {"id": str(uuid.UUID(int=rng.getrandbits(128))), "format": {"provider": "parquet", "options": {}},
                                 "schemaString": json.dumps({"type": "struct", "fields": fields}),
                                 "partitionColumns": [partition] if partition else [], "configuration": {}}}),
    ]
    for number, rows in enumerate(files):
        table = arrow(rows)
        name = f"part-{number}.parquet"
        pq.write_table(table.drop_columns([partition]) if partition else table, f"{folder}/{name}")
        values = {}
        if partition:
            x = rows[0][partition]
            values[partition] = None if x is None else str(x).lower() if partition == "b" else str(x)
        add = {"path": name, "partitionValues": values, "size": os.path.getsize(f"{folder}/{name}"), "modificationTime": 0,
               "dataChange": True}
        stats = statistics(rng, rows, style)
        if stats:
            add["stats"] = stats
        lines.append(json.dumps({"add": add}))
    with open(folder + "/_delta_log/00000000000000000000.json", "w") as f:
        f.write("\n".join(lines) + "\n")
    return [row for rows in files for row in rows]


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise AssertionError(f"{' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def check_table(seed, number, filters, root):
    """Answers (filters checked, files dropped, files in all, problems)."""
    rng = random.Random(f"{seed}/{number}")
    style = rng.choice(["delta-rs", "spark", "cutting", "lossy"])
    folder = f"{root}/t{number}"
    rows = write_table(rng, folder, style)
    duck = duckdb.connect()
    duck.execute("SET TimeZone = 'UTC'")
    duck.register("given", arrow(rows))
    # A table of its own: filters on a registered one are run by pyarrow, which has another order for NaN and -0.0.
    duck.execute("CREATE TABLE t AS SELECT * FROM given")
    checked = dropped = total = 0
    problems = []
    for _ in range(filters):
        where = predicate(rng, rows)
        try:
            want = duck.execute(f"SELECT count(*) FROM t WHERE {where}").fetchone()[0]
        except duckdb.Error:
            continue  # such as a cast out of range: not about skipping
        skipping = int(run("count", folder, "--where", where))
        plan = json.loads(run("explain", folder, "--where", where, "--json"))
        kept, files = plan["files_kept"], plan["files_total"]
        checked, dropped, total = checked + 1, dropped + files - kept, total + files
        if skipping != want:
            without = int(run("count", folder, "--where", where, "--no-skipping"))
            problems.append(f"table {number} ({style}): {where}\n    {skipping} rows with skipping, {without} without, "
                            f"{want} by DuckDB over the rows")
    shutil.rmtree(folder)
    return checked, dropped, total, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--tables", type=int, default=40)
    parser.add_argument("--filters", type=int, default=25)
    a = parser.parse_args()
    print(f"seed {a.seed}: {a.tables} tables, {a.filters} filters each", flush=True)
    with tempfile.TemporaryDirectory() as root, concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda n: check_table(a.seed, n, a.filters, root), range(a.tables)))
    problems = [p for r in results for p in r[3]]
    for problem in problems[:20]:
        print("WRONG", problem)
    checked, dropped, total = (sum(r[i] for r in results) for i in range(3))
    print(f"{checked} filters checked, {dropped} of {total} files dropped ({100 * dropped // max(total, 1)} %), "
          f"{len(problems)} wrong")
    if dropped * 10 < total:
        print("WRONG: next to nothing was skipped, so this proves nothing")
        return 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
