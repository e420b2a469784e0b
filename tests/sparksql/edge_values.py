"""Owns the table that every expression of tests/sparksql is evaluated over: columns of each type with the values at which
engines differ. Columns a type has two of are paired so that every value of the first meets every value of the second.

    b byte   h short   i j int   l m bigint   f g float   d e double   p q decimal(10,2), decimal(10,4)
    k decimal(38,0)   w decimal(20,10)   s u string   x binary   o v boolean   t z date   c y timestamp   n timestamp_ntz
    ar array<int>   mp map<string,int>   st struct<a:int,b:string>   rid: the row's number
"""
import datetime
import decimal
import json

import pyarrow as pa

N = 14
NAN, INF = float("nan"), float("inf")
D = decimal.Decimal
DATE = datetime.date
TIME = datetime.datetime

BYTES = [None, 0, 1, -1, 127, -128, 2, 3, -3, 7, 10, 100, 64, -64]
SHORTS = [None, 0, 1, -1, 32767, -32768, 2, 3, -7, 255, 256, 1000, 10, 181]
INTS = [None, 0, 1, -1, 2**31 - 1, -2**31, 2, 3, -7, 10, 65536, 1000000, 5, 46341]
LONGS = [None, 0, 1, -1, 2**63 - 1, -2**63, 2, 3, -7, 2**31, 10**12, -10**15, 10, 3037000500]
FLOATS = [None, 0.0, -0.0, 1.5, -1.5, NAN, INF, -INF, 3.4028234663852886e38, 1e-45, 2.5, 16777216.0, -0.25, 100.125]
DOUBLES = [None, 0.0, -0.0, 0.5, -2.5, NAN, INF, -INF, 1.7976931348623157e308, 5e-324, 9.223372036854775e18,
           0.49999999999999994, 9.2233720368547758e18, 1234.75]
P = [None, "0", "0.01", "-0.01", "99999999.99", "-99999999.99", "1.50", "2.50", "-2.50", "0.05", "12345678.90", "3.33",
     "-1.00", "100.00"]
Q = [None, "0", "0.0001", "-0.0001", "999999.9999", "-999999.9999", "1.5000", "3.0000", "-2.5000", "0.0500", "7.1250",
     "3.3333", "-1.0000", "0.4999"]
K = [None, "0", "1", "-1", "9" * 38, "-" + "9" * 38, "2", "3", "10", "12345678901234567890", "9223372036854775808",
     "9223372036854775807", "-7", "100"]
W = [None, "0", "0.0000000001", "-0.0000000001", "9999999999.9999999999", "-9999999999.9999999999", "1.5", "0.5", "2.5",
     "-0.5", "3.3333333333", "0.1", "123.456", "-1.5"]
STRINGS = [None, "", "abc", " abc ", "é", "😀a", "ABC", "a%b_c", "line\nb", "12", "-5", "1.5", "2020-02-29", "true", "e\u0301x",
           "straße", "ΟΔΟΣ", "İi", " 7 ", "+3", "1e3", "0x1F", "1_000", "NaN", "2020-13-01", "\tx\t", "a\\b", "b",
           "aXbXc", "2020-1-5 x", "y", "infinity", "2020", "99999999999999999999", "ab\r\n", "Žluťoučký Kůň", "a,b,,c,", ","]
BINARY = [None, b"", b"abc", b"\x00\xff", "é".encode(), b"\x80", b"ABC"]
BOOLEANS = [None, True, False]
DATES = [None, DATE(1, 1, 1), DATE(9999, 12, 31), DATE(1970, 1, 1), DATE(2020, 2, 29), DATE(2021, 2, 28), DATE(1969, 12, 31),
         DATE(2000, 12, 31), DATE(2020, 3, 31), DATE(1582, 10, 15), DATE(1582, 10, 4), DATE(2024, 1, 1), DATE(2023, 12, 31),
         DATE(1900, 1, 1)]
TIMES = [None, TIME(1, 1, 1), TIME(9999, 12, 31, 23, 59, 59, 999999), TIME(1970, 1, 1), TIME(1969, 12, 31, 23, 59, 59, 999999),
         TIME(2020, 2, 29, 12, 34, 56, 789000), TIME(2021, 3, 28, 1, 30), TIME(2021, 10, 31, 2, 30),
         TIME(2000, 12, 31, 23, 59, 59, 500000), TIME(2020, 1, 1, 0, 0, 0, 1), TIME(1900, 1, 1), TIME(2038, 1, 19, 3, 14, 8),
         TIME(1582, 10, 4, 3), TIME(2024, 6, 30, 5, 6, 7, 5000)]
ARRAYS = [None, [], [1], [1, None, 3], [None], [5, 4], [2147483647, -1, 0]]
MAPS = [None, [], [("a", 1)], [("a", None), ("b", 2)], [("", 3)]]
STRUCTS = [None, {"a": 1, "b": "x"}, {"a": None, "b": None}, {"a": -1, "b": ""}]


def table():
    rows = range(N * N)

    def first(values, kind, step=1):
        return pa.array([values[r * step % len(values)] for r in rows], kind)

    def second(values, kind):
        return pa.array([values[r // N % len(values)] for r in rows], kind)

    def decimals(values):
        return [None if v is None else D(v) for v in values]

    strings = pa.array([STRINGS[r % len(STRINGS)] for r in rows], pa.string())
    more = pa.array([STRINGS[(r * 7 + r // len(STRINGS)) % len(STRINGS)] for r in rows], pa.string())
    utc, plain = pa.timestamp("us", "UTC"), pa.timestamp("us")
    columns = {
        "rid": pa.array(list(rows), pa.int32()),
        "b": first(BYTES, pa.int8()), "h": second(SHORTS, pa.int16()), "i": first(INTS, pa.int32()),
        "j": second(INTS, pa.int32()), "l": first(LONGS, pa.int64()), "m": second(LONGS, pa.int64()),
        "f": first(FLOATS, pa.float32()), "g": second(FLOATS, pa.float32()), "d": first(DOUBLES, pa.float64()),
        "e": second(DOUBLES, pa.float64()), "p": first(decimals(P), pa.decimal128(10, 2)),
        "q": second(decimals(Q), pa.decimal128(10, 4)), "k": second(decimals(K), pa.decimal128(38, 0)),
        "w": first(decimals(W), pa.decimal128(20, 10)), "s": strings, "u": more, "x": first(BINARY, pa.binary(), 3),
        "o": first(BOOLEANS, pa.bool_()), "v": second(BOOLEANS, pa.bool_()), "t": first(DATES, pa.date32()),
        "z": second(DATES, pa.date32()), "c": first(TIMES, utc), "y": second(TIMES, utc), "n": first(TIMES, plain, 5),
        "ar": second(ARRAYS, pa.list_(pa.int32())), "mp": first(MAPS, pa.map_(pa.string(), pa.int32())),
        "st": second(STRUCTS, pa.struct([("a", pa.int32()), ("b", pa.string())])),
    }
    return pa.table(columns)


def schema_json():
    """The table's schema as a Delta table would hold it."""
    simple = {"rid": "integer", "b": "byte", "h": "short", "i": "integer", "j": "integer", "l": "long", "m": "long", "f": "float",
              "g": "float", "d": "double", "e": "double", "p": "decimal(10,2)", "q": "decimal(10,4)", "k": "decimal(38,0)",
              "w": "decimal(20,10)", "s": "string", "u": "string", "x": "binary", "o": "boolean", "v": "boolean", "t": "date",
              "z": "date", "c": "timestamp", "y": "timestamp", "n": "timestamp_ntz"}

    def field(name, kind):
        return {"name": name, "type": kind, "nullable": True, "metadata": {}}

    fields = [field(name, kind) for name, kind in simple.items()]
    fields.append(field("ar", {"type": "array", "elementType": "integer", "containsNull": True}))
    fields.append(field("mp", {"type": "map", "keyType": "string", "valueType": "integer", "valueContainsNull": True}))
    fields.append(field("st", {"type": "struct", "fields": [field("a", "integer"), field("b", "string")]}))
    return json.dumps({"type": "struct", "fields": fields})
