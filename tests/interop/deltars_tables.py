"""Makes Delta tables with delta-rs (deltalake) and records what each version must hold by a model of its own: plain rows
in Python, changed beside the table. delta-rs is never asked to read.

    python3 tests/interop/deltars_tables.py [--only GLOB] [--out DIR]

Runs itself again in the test environment when deltalake is not importable. Exit status: number of tables that failed.
"""
import argparse
import datetime as dt
import decimal
import fnmatch
import json
import os
import shutil
import sys
import time
import traceback

import environment

if sys.prefix != environment.VENV and __name__ == "__main__":
    os.execv(environment.python(), [environment.python(), os.path.abspath(__file__), *sys.argv[1:]])

import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from deltalake import DeltaTable, write_deltalake  # noqa: E402

ALL = {}
D = decimal.Decimal
UTC = dt.timezone.utc


def table(*features):
    def register(make):
        ALL[make.__name__] = (list(features), make)
        return make
    return register


class Model:
    """A table and what its rows must be. One thread at a time."""

    def __init__(self, root, name, features):
        self.name, self.features = name, features
        self.folder = os.path.join(root, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.folder, "expected"))
        self.path = os.path.join(self.folder, "delta")
        self.schema, self.rows, self.past, self.versions = None, [], {}, []

    def open(self):
        return DeltaTable(self.path)

    def arrow(self, rows=None, schema=None):
        return pa.Table.from_pylist(self.rows if rows is None else rows, schema=schema or self.schema)

    def record(self):
        """Says that the table's newest version holds self.rows."""
        version = self.open().version()
        assert version == len(self.versions), f"delta-rs is at version {version}, the model at {len(self.versions)}"
        pq.write_table(self.arrow(), os.path.join(self.folder, "expected", f"v{version}.parquet"))
        self.past[version] = (self.schema, [dict(r) for r in self.rows])
        self.versions.append({"version": version, "rows": len(self.rows), "variants": []})
        time.sleep(0.003)  # so that no two commits share a millisecond

    def append(self, rows, schema=None, **options):
        new = schema or self.schema
        write_deltalake(self.path, self.arrow(rows, new), mode="append", **options)
        if options.get("schema_mode") == "merge" and self.schema is not None:
            known = {f.name for f in self.schema}
            new = pa.schema(list(self.schema) + [f for f in new if f.name not in known])
        self.schema = new
        self.rows = self.rows + [{n: r.get(n) for n in new.names} for r in rows]
        self.record()

    def overwrite(self, rows, schema=None, keep=None, **options):
        self.schema = schema or self.schema
        write_deltalake(self.path, self.arrow(rows), mode="overwrite", **options)
        self.rows = ([r for r in self.rows if keep(r)] if keep else []) + [dict(r) for r in rows]
        self.record()

    def delete(self, sql, test):
        self.open().delete(sql)
        self.rows = [r for r in self.rows if not test(r)]
        self.record()

    def finish(self):
        history, moments, newest = [], [], -1
        operations = {}
        for v in self.versions:
            log = os.path.join(self.path, "_delta_log", f"{v['version']:020d}.json")
            if not os.path.exists(log):
                continue
            with open(log) as f:
                info = next((json.loads(line)["commitInfo"] for line in f if '"commitInfo"' in line), {})
            operations[v["version"]] = info.get("operation")
            newest = max(newest + 1, os.stat(log).st_mtime_ns // 1_000_000)
            ms = info.get("inCommitTimestamp", newest)
            history.append({"version": v["version"], "timestamp_us": ms * 1000, "operation": info.get("operation")})
        manifest = {"name": self.name, "writer": "deltars", "features": self.features, "path": self.path, "history": history,
                    "versions": self.versions, "filters": [], "notes": []}
        with open(os.path.join(self.folder, "manifest.json"), "w") as f:
            json.dump(manifest, f, indent=1)
        return manifest


SIMPLE = pa.schema([("id", pa.int64()), ("s", pa.string()), ("d", pa.float64())])


def simple(*ids):
    return [{"id": k, "s": None if k % 4 == 3 else f"s{k}", "d": k / 4} for k in ids]


@table("all types that Arrow and Delta share, nulls and extremes")
def types(m):
    schema = pa.schema([("id", pa.int32()), ("b", pa.bool_()), ("i8", pa.int8()), ("i16", pa.int16()), ("i64", pa.int64()), ("f", pa.float32()), ("d", pa.float64()),
                        ("d5", pa.decimal128(5, 2)), ("d38", pa.decimal128(38, 10)), ("s", pa.string()), ("bin", pa.binary()), ("dt", pa.date32()),
                        ("ts", pa.timestamp("us", "UTC")), ("ntz", pa.timestamp("us")), ("l", pa.list_(pa.int32())),
                        ("st", pa.struct([("a", pa.int32()), ("b", pa.struct([("c", pa.string())]))])), ("m", pa.map_(pa.string(), pa.int64()))])
    m.append([{"id": k, "b": k % 2 == 0, "i8": k, "i16": k * 100, "i64": k * 10**15, "f": k / 2, "d": k / 4, "d5": D(k) + D("0.25"), "d38": D(k) / 8, "s": f"é{k}", "bin": bytes([k, 0]),
               "dt": dt.date(2024, 1, 1 + k), "ts": dt.datetime(2024, 1, 1 + k, 1, 2, 3, 456789, UTC), "ntz": dt.datetime(2024, 1, 1 + k, 1, 2, 3, 999999), "l": [k, None],
               "st": {"a": k, "b": {"c": None if k == 1 else f"c{k}"}}, "m": [("k", k)]} for k in range(5)], schema)
    m.append([{"id": 10}])
    m.append([{"id": 11, "b": False, "i8": -128, "i16": -32768, "i64": -2**63, "f": float("-inf"), "d": float("nan"), "d5": D("-999.99"), "d38": D("-9" * 28 + "." + "9" * 10) if False else D("-" + "9" * 28 + "." + "9" * 10),
               "s": "", "bin": b"", "dt": dt.date(1, 1, 1), "ts": dt.datetime(1, 1, 1, tzinfo=UTC), "ntz": dt.datetime(1, 1, 1), "l": [], "st": {"a": None, "b": None}, "m": []},
              {"id": 12, "i8": 127, "i16": 32767, "i64": 2**63 - 1, "f": float("nan"), "d": -0.0, "d5": D("999.99"), "d38": D("9" * 28 + "." + "9" * 10), "s": "z" * 100, "bin": b"\xff" * 40,
               "dt": dt.date(9999, 12, 31), "ts": dt.datetime(9999, 12, 31, 23, 59, 59, 999999, UTC), "ntz": dt.datetime(9999, 12, 31, 23, 59, 59, 999999)}])
    m.open().create_checkpoint()
    m.delete("id = 3", lambda r: r["id"] == 3)


@table("append, overwrite, overwrite of a predicate")
def writes(m):
    m.append(simple(1, 2, 3), SIMPLE)
    m.append(simple(4, 5))
    m.overwrite(simple(6, 7, 8, 9))
    m.append(simple(20, 21))
    m.overwrite([{"id": 25, "s": "replaced", "d": 0.5}], predicate="id >= 20", keep=lambda r: r["id"] < 20)
    m.overwrite([])
    m.append(simple(1))


@table("delete, update, merge")
def dml(m):
    m.append(simple(*range(20)), SIMPLE)
    m.append(simple(*range(20, 30)))
    m.delete("id % 7 = 0", lambda r: r["id"] % 7 == 0)
    m.delete("s IS NULL", lambda r: r["s"] is None)
    m.open().update(updates={"s": "'up'", "d": "d + 1"}, predicate="id > 15 AND id < 25")
    m.rows = [dict(r, s="up", d=r["d"] + 1) if 15 < r["id"] < 25 else r for r in m.rows]
    m.record()
    source = m.arrow([{"id": 1, "s": "m", "d": 9.5}, {"id": 24, "s": "gone", "d": 0.0}, {"id": 100, "s": "new", "d": None}])
    (m.open().merge(source, "t.id = s.id", source_alias="s", target_alias="t").when_matched_delete("s.s = 'gone'").when_matched_update_all()
     .when_not_matched_insert_all().when_not_matched_by_source_delete("t.id = 2").execute())
    m.rows = [{"id": 1, "s": "m", "d": 9.5} if r["id"] == 1 else r for r in m.rows if r["id"] not in (24, 2)] + [{"id": 100, "s": "new", "d": None}]
    m.record()
    m.open().delete()
    m.rows = []
    m.record()


@table("schema merge: new columns, null for old files; overwrite with another schema")
def schema_changes(m):
    m.append(simple(1, 2), SIMPLE)
    wider = pa.schema([("id", pa.int64()), ("s", pa.string()), ("d", pa.float64()), ("extra", pa.list_(pa.string())), ("n", pa.int16())])
    m.append([{"id": 3, "s": "x", "d": 1.0, "extra": ["a", None], "n": 7}], wider, schema_mode="merge")
    m.append([{"id": 4, "n": -7}], pa.schema([("id", pa.int64()), ("n", pa.int16())]), schema_mode="merge")
    m.overwrite([{"id": "text", "p": dt.date(2024, 1, 1)}], pa.schema([("id", pa.string()), ("p", pa.date32())]), schema_mode="overwrite")


def partition_values():
    strings = ["plain", "sp ace", "per%cent", "sl/ash", "eq=ual", "co:lon", "日本", "a%20b", "quo'te", "plus+", None, "hash#?&", "tab\t", "[x]", "back\\slash"]
    return [{"id": k, "p": s} for k, s in enumerate(strings)]


@table("partitioned by strings that are hard in paths")
def partition_strings(m):
    m.append(partition_values(), pa.schema([("id", pa.int64()), ("p", pa.string())]), partition_by=["p"])
    m.append([{"id": 100, "p": "plain"}, {"id": 101, "p": None}])
    m.delete("p = 'sl/ash'", lambda r: r["p"] == "sl/ash")
    m.overwrite([{"id": 200, "p": "per%cent"}], predicate="p = 'per%cent'", keep=lambda r: r["p"] != "per%cent")
    m.open().optimize.compact()
    m.record()


@table("partitioned by integers, date, timestamps, decimal, boolean, binary")
def partition_types(m):
    schema = pa.schema([("id", pa.int64()), ("i", pa.int32()), ("day", pa.date32()), ("ts", pa.timestamp("us", "UTC")), ("ntz", pa.timestamp("us")), ("de", pa.decimal128(10, 3)), ("b", pa.bool_())])
    m.append([{"id": k, "i": k * 7 - 7, "day": dt.date(2024, 2, 27 + k), "ts": dt.datetime(2024, 2, 27 + k, 1, 2, 3, 450000 + k, UTC), "ntz": dt.datetime(2024, 2, 27 + k), "de": D(k) + D("0.125"), "b": k == 1} for k in range(3)],
             schema, partition_by=["i", "day", "ts", "ntz", "de", "b"])
    m.append([{"id": 10}])
    m.append([{"id": 11, "i": -2**31, "day": dt.date(1, 1, 1), "ts": dt.datetime(1, 1, 1, tzinfo=UTC), "ntz": dt.datetime(9999, 12, 31, 23, 59, 59, 999999), "de": D("-9999999"), "b": False}])
    m.delete("i = 0", lambda r: r["i"] == 0)


@table("checkpoints, cleanup of none, many small commits, compaction, z-order, restore, vacuum of nothing")
def maintenance(m):
    for k in range(12):
        m.append(simple(k, k + 100), SIMPLE)
        if k in (4, 9):
            m.open().create_checkpoint()
    m.open().optimize.compact()
    m.record()
    m.delete("id >= 108", lambda r: r["id"] >= 108)
    m.open().optimize.z_order(["d"])
    m.record()
    m.open().restore(6)
    m.rows = [dict(r) for r in m.past[6][1]]
    m.record()
    m.append(simple(500))
    m.open().create_checkpoint()


@table("constraints, table properties, added columns, comments")
def alterations(m):
    m.append(simple(1, 2), SIMPLE)
    m.open().alter.add_constraint({"positive": "id > 0"})
    m.record()
    m.open().alter.set_table_properties({"delta.appendOnly": "false", "delta.logRetentionDuration": "interval 60 days"})
    m.record()
    from deltalake.schema import Field, PrimitiveType
    m.open().alter.add_columns([Field("late", PrimitiveType("integer"))])
    m.schema = m.schema.append(pa.field("late", pa.int32()))
    m.record()
    m.append([{"id": 3, "s": "x", "d": 1.0, "late": 5}])


@table("change data feed files beside the data")
def change_feed(m):
    m.append(simple(*range(10)), SIMPLE, configuration={"delta.enableChangeDataFeed": "true"})
    m.delete("id = 2", lambda r: r["id"] == 2)
    m.open().update(updates={"s": "'u'"}, predicate="id = 5")
    m.rows = [dict(r, s="u") if r["id"] == 5 else r for r in m.rows]
    m.record()
    m.open().merge(m.arrow([{"id": 6, "s": "m", "d": 0.0}, {"id": 60, "s": "n", "d": 0.0}]), "t.id = s.id", source_alias="s", target_alias="t") \
        .when_matched_update_all().when_not_matched_insert_all().execute()
    m.rows = [{"id": 6, "s": "m", "d": 0.0} if r["id"] == 6 else r for r in m.rows] + [{"id": 60, "s": "n", "d": 0.0}]
    m.record()


@table("statistics of few columns; long strings; files split by size")
def statistics(m):
    schema = pa.schema([("id", pa.int64()), ("s", pa.string()), ("n", pa.struct([("x", pa.float64()), ("y", pa.string())])), ("ts", pa.timestamp("us", "UTC"))])
    base = dt.datetime(2024, 1, 1, tzinfo=UTC)
    for k in range(4):
        m.append([{"id": k * 10 + j, "s": "p" * 40 + f"{k}{j}", "n": {"x": k + j / 10, "y": "q" * (30 + j)}, "ts": base + dt.timedelta(hours=k, microseconds=j)} for j in range(5)],
                 schema, **({"configuration": {"delta.dataSkippingNumIndexedCols": "2"}} if k == 0 else {}))
    m.append([{"id": None, "s": None, "n": None, "ts": None}])
    m.append([{"id": 99, "s": "\U0010ffff" * 40, "n": {"x": float("nan"), "y": None}, "ts": None}])
    m.open().create_checkpoint()


@table("nested types, nulls at each level, through a checkpoint")
def nested(m):
    item = pa.struct([("x", pa.int32()), ("y", pa.list_(pa.string()))])
    schema = pa.schema([("id", pa.int64()), ("ars", pa.list_(item)), ("ms", pa.map_(pa.int32(), item)), ("deep", pa.struct([("a", pa.struct([("b", pa.list_(pa.map_(pa.string(), pa.date32())))]))]))])
    m.append([{"id": 1, "ars": [{"x": 1, "y": ["a", None]}, None, {"x": None, "y": None}], "ms": [(1, {"x": 1, "y": []}), (2, None)], "deep": {"a": {"b": [[("k", dt.date(2024, 1, 1))], None, []]}}},
              {"id": 2}, {"id": 3, "ars": [], "ms": [], "deep": {"a": None}}, {"id": 4, "ars": [None], "deep": {"a": {"b": None}}}], schema)
    m.open().create_checkpoint()
    m.append([{"id": 5, "deep": None}])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*")
    parser.add_argument("--out", default=environment.tables("deltars"))
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    failed, names = 0, [n for n in ALL if any(fnmatch.fnmatch(n, g) for g in args.only.split(","))]
    for name in names:
        features, make = ALL[name]
        try:
            model = Model(args.out, name, features)
            make(model)
            print(f"made {name}: {len(model.finish()['versions'])} versions", flush=True)
        except Exception:
            failed += 1
            print(f"FAILED {name}: {traceback.format_exc(limit=-4)}", flush=True)
    print(f"{len(names) - failed} of {len(names)} delta-rs tables made")
    return min(failed, 99)


if __name__ == "__main__":
    sys.exit(main())
