"""Owns the comparison of two sets of rows: an unordered multiset by column name, exact values, equal types.
Does not read tables and runs no program.

Types count: an INT that comes back as BIGINT is a difference. Free are only what Arrow spells in several ways: large and
view strings, names of list elements, the name of UTC, and the type of a column that is null by type (void).
"""
import collections
import datetime
import decimal
import json
import math
import re

import pyarrow as pa

EPOCH = datetime.datetime(1970, 1, 1)


def type_text(t):
    """An Arrow type as text that is equal when the Delta types are."""
    if pa.types.is_dictionary(t):
        t = t.value_type
    if pa.types.is_null(t):
        return "void"
    if pa.types.is_struct(t):
        return "struct<" + ", ".join(f"{t.field(i).name}: {type_text(t.field(i).type)}" for i in range(t.num_fields)) + ">"
    if pa.types.is_map(t):
        return f"map<{type_text(t.key_type)}, {type_text(t.item_type)}>"
    if pa.types.is_list(t) or pa.types.is_large_list(t):
        return f"list<{type_text(t.value_type)}>"
    if pa.types.is_timestamp(t):
        return "timestamp" if t.tz else "timestamp_ntz"
    if pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_string_view(t):
        return "string"
    if pa.types.is_binary(t) or pa.types.is_large_binary(t) or pa.types.is_binary_view(t):
        return "binary"
    if pa.types.is_decimal(t):
        return f"decimal({t.precision},{t.scale})"
    return str(t)


def micros(value):
    if value.tzinfo:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    delta = value - EPOCH
    return (delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds


def canonical(value, t):
    """One value as something hashable and exact: -0.0 is not 0.0, all NaN are one."""
    if value is None:
        return None
    if pa.types.is_struct(t):
        return ("struct",) + tuple(canonical(value.get(t.field(i).name), t.field(i).type) for i in range(t.num_fields))
    if pa.types.is_map(t):
        return ("map",) + tuple(sorted(((canonical(k, t.key_type), canonical(v, t.item_type)) for k, v in value), key=repr))
    if pa.types.is_list(t) or pa.types.is_large_list(t):
        return ("list",) + tuple(canonical(v, t.value_type) for v in value)
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else repr(value)
    if isinstance(value, decimal.Decimal):
        return value.normalize() if value else decimal.Decimal(0)
    if isinstance(value, datetime.datetime):
        return micros(value)
    return value


def column(chunks):
    if pa.types.is_dictionary(chunks.type):
        chunks = chunks.cast(chunks.type.value_type)
    if pa.types.is_timestamp(chunks.type):
        return chunks.cast(pa.timestamp("us", chunks.type.tz)).cast(pa.int64()).to_pylist()
    if pa.types.is_date32(chunks.type):  # not every day that a file can hold is a day that Python has
        return chunks.cast(pa.int32()).to_pylist()
    if pa.types.is_integer(chunks.type) or pa.types.is_string(chunks.type) or pa.types.is_boolean(chunks.type):
        return chunks.to_pylist()
    return [canonical(v, chunks.type) for v in chunks.to_pylist()]


def compare(want, got, ordered_columns=True):
    """An empty string when the tables are equal, else what differs, for people."""
    if want.schema.names != got.schema.names and (ordered_columns or sorted(want.schema.names) != sorted(got.schema.names)):
        return f"columns are {got.schema.names}, expected {want.schema.names}"
    problems = []
    for name in want.schema.names:
        a, b = type_text(want.schema.field(name).type), type_text(got.schema.field(name).type)
        if a != b and "void" not in a:
            problems.append(f"column {name}: type {b}, expected {a}")
    if want.num_rows != got.num_rows:
        problems.append(f"{got.num_rows} rows, expected {want.num_rows}")
    try:
        a = {n: column(want.column(n)) for n in want.schema.names}
        b = {n: column(got.column(n)) for n in want.schema.names}
    except (pa.ArrowInvalid, ValueError, OverflowError) as e:
        return "; ".join(problems + [f"values that cannot be compared: {e}"])
    if a and collections.Counter(zip(*a.values())) != collections.Counter(zip(*b.values())):
        columns = 0
        for name in want.schema.names:
            x, y = collections.Counter(a[name]), collections.Counter(b[name])
            if x != y:
                columns += 1
                problems.append(f"column {name}: missing {shown(x - y)}, unexpected {shown(y - x)}")
        if not columns:
            x, y = collections.Counter(zip(*a.values())), collections.Counter(zip(*b.values()))
            problems.append(f"each column alone agrees, rows do not: missing {shown(x - y)}, unexpected {shown(y - x)}")
    return "; ".join(problems)


def shown(counter, limit=3):
    texts = [repr(v)[:160] + (f" x{n}" if n > 1 else "") for v, n in list(counter.items())[:limit]]
    return ("[" + ", ".join(texts) + (f", and {len(counter) - limit} more" if len(counter) > limit else "") + "]") if texts else "nothing"


# -- JSON: the only form in which variants of different readers can be compared ------------------------------------------

MOMENT = re.compile(r"^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)?$")


def json_value(value):
    """A parsed JSON value as something hashable: numbers by value, moments by instant."""
    if isinstance(value, dict):
        return ("object",) + tuple(sorted((k, json_value(v)) for k, v in value.items()))
    if isinstance(value, list):
        return ("array",) + tuple(json_value(v) for v in value)
    if isinstance(value, bool) or value is None:
        return ("literal", value)
    if isinstance(value, (int, decimal.Decimal)):
        return ("number", float(value) if isinstance(value, decimal.Decimal) and abs(value.adjusted()) > 40 else decimal.Decimal(value).normalize() + 0)
    m = MOMENT.match(value)
    if m:
        zone = (m[8] or "").replace("Z", "+00")
        zone = zone + ":00" if len(zone) == 3 else zone
        fraction = ((m[7] or ".")[1:] + "000000")[:6]
        return ("moment", micros(datetime.datetime.fromisoformat(f"{m[1]}-{m[2]}-{m[3]} {m[4]}:{m[5]}:{m[6]}.{fraction}{zone}")))
    return ("string", value)


def parse_json(line):
    return json.loads(line, parse_float=decimal.Decimal)


def compare_json(want_lines, got_lines, columns):
    """Compares chosen columns of two lists of JSON rows."""
    sides = []
    for lines in (want_lines, got_lines):
        rows = [parse_json(line) for line in lines if line.strip()]
        sides.append(collections.Counter(tuple(json_value(r.get(c)) for c in columns) for r in rows))
    want, got = sides
    return "" if want == got else f"JSON of columns {columns}: missing {shown(want - got)}, unexpected {shown(got - want)}"
