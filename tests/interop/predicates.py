"""Owns filters made from the rows that a table should have, so that file skipping is tried on every column and every kind
of comparison. The right answer is DuckDB's over the expected rows themselves, which skips nothing. Does not run deltic.
"""
import datetime
import decimal
import math
import random

import duckdb
import pyarrow as pa


def literal(value, t):
    """A value as DuckDB SQL, or None where none is exact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value > -2**63 else f"({value + 1} - 1)"
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            return f"'{value}'::DOUBLE"
        return f"{value!r}::{'FLOAT' if pa.types.is_float32(t) else 'DOUBLE'}"
    if isinstance(value, decimal.Decimal):
        return f"'{value:f}'::DECIMAL({t.precision},{t.scale})"
    if isinstance(value, datetime.datetime):
        text = value.replace(tzinfo=None).isoformat(" ")
        return f"TIMESTAMPTZ '{text}+00'" if t.tz else f"TIMESTAMP '{text}'"
    if isinstance(value, datetime.date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, str):
        return None if "\0" in value else "'" + value.replace("'", "''") + "'"
    if isinstance(value, bytes):
        return "'" + "".join(f"\\x{b:02X}" for b in value) + "'::BLOB"
    return None


def leaves(table):
    """(SQL text, type, values) of every comparable column and struct field."""
    for name in table.schema.names:
        yield from leaf('"' + name.replace('"', '""') + '"', table.schema.field(name).type, table.column(name).to_pylist())


def leaf(text, t, values):
    if pa.types.is_struct(t):
        for i in range(t.num_fields):
            f = t.field(i)
            yield from leaf(text + '."' + f.name.replace('"', '""') + '"', f.type, [v.get(f.name) if v else None for v in values])
    elif not (pa.types.is_nested(t) or pa.types.is_null(t)):
        yield text, t, values


def make(table, seed, limit):
    """At most `limit` predicates over the columns of an Arrow table; the same for the same seed."""
    chance = random.Random(seed)
    simple = []
    for text, t, values in leaves(table):
        known = sorted({v for v in values if v is not None and v == v}, key=lambda v: (v, str(v)))
        options = [f"{text} IS NULL", f"{text} IS NOT NULL"]
        picks = {0, len(known) - 1, len(known) // 2, chance.randrange(len(known))} if known else set()
        for value in (known[k] for k in sorted(picks)):
            at = literal(value, t)
            if at is None:
                continue
            options += [f"{text} {op} {at}" for op in ("=", "<>", "<", "<=", ">", ">=")]
            options += [f"NOT ({text} > {at})", f"{text} IS DISTINCT FROM {at}", f"{text} IN ({at}, NULL)", f"{text} NOT IN ({at})"]
            if isinstance(value, str) and value and "%" not in value and "_" not in value and "\\" not in value:
                prefix = value[:max(1, len(value) // 2)].replace("'", "''")
                options += [f"{text} LIKE '{prefix}%'", f"{text} NOT LIKE '{prefix}%'", f"starts_with({text}, '{prefix}')"]
            if isinstance(value, datetime.datetime):
                options += [f"CAST({text} AS DATE) = DATE '{value.date().isoformat()}'"]
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                options += [f"{text} > 0.5", f"{text} BETWEEN {at} AND {at}"]
        simple.append(options)
    chosen = []
    while len(chosen) < limit and simple:
        options = chance.choice(simple)
        text = options[chance.randrange(len(options))]
        roll = chance.random()
        if roll < 0.35:
            other = chance.choice(chance.choice(simple))
            text = f"({text}) {chance.choice(('AND', 'OR'))} ({other})"
        elif roll < 0.45:
            text = f"NOT ({text})"
        chosen.append(text)
    return list(dict.fromkeys(chosen))


class Oracle:
    """Answers predicates over the expected rows. One thread at a time."""

    def __init__(self, parquet):
        self._db = duckdb.connect(config={"threads": 1})
        self._db.execute("SET TimeZone='UTC'")
        self._from = "read_parquet('" + parquet.replace("'", "''") + "')"

    def rows(self, predicate):
        """The rows as an Arrow table, or None when DuckDB refuses the predicate."""
        try:
            return self._db.execute(f"SELECT * FROM {self._from} WHERE {predicate}").to_arrow_table()
        except duckdb.Error:
            return None
