#!/usr/bin/env python3
"""Owns the inputs of the benchmarks: makes them into build/bench-data, once. Measures nothing.

    python3 bench/make_data.py [--only NAME ...] [--force]

A table is made under a temporary name and renamed when complete, so what is there can be trusted and is used again.
Needs pyarrow, deltalake, pyroaring and tpchgen-cli from PyPI. Every table comes out the same on every run, but for the
file names that delta-rs chooses.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
import uuid

import log_writer as log

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(ROOT, "build", "bench-data")

MILLION = 1_000_000
ROWS_PER_FILE = 1_000  # of the million-file log: file i holds the ids i*1000 ... i*1000+999
CHECKPOINT_ROW_GROUP = 250_000  # about what parquet-mr's 128 MB row groups hold of such actions
POINT_FILES = 1_000
POINT_ROWS = 10_000
DV_FILES = 8
DV_ROWS = 500_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=sorted(TABLES))
    parser.add_argument("--force", action="store_true", help="make them again")
    options = parser.parse_args()
    for name in options.only or TABLES:
        ensure(name, options.force)


def path_of(name):
    return os.path.join(DATA, name)


def ensure(name, force=False):
    """The table's path; makes the table when it is not there."""
    path = path_of(name)
    if os.path.exists(path) and not force:
        return path
    os.makedirs(DATA, exist_ok=True)
    temporary = path + ".making"
    for old in (temporary, path):
        shutil.rmtree(old, ignore_errors=True)
    os.makedirs(temporary)
    start = time.monotonic()
    TABLES[name](temporary)
    os.rename(temporary, path)
    print(f"made {name} in {time.monotonic() - start:.1f} s", file=sys.stderr)
    return path


ID_TS_NAME = [log.field("id", "long"), log.field("ts", "timestamp"), log.field("name", "string")]


def stats_of_file(i):
    """Statistics of file i of the million-file log, as Spark writes them."""
    low = i * ROWS_PER_FILE
    high = low + ROWS_PER_FILE - 1
    minute, hour, day = i % 60, i // 60 % 24, i // 1440 % 28 + 1
    month, year = i // 40320 % 12 + 1, 2024 + i // 483840
    ts = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}"
    return (
        f'{{"numRecords":{ROWS_PER_FILE},'
        f'"minValues":{{"id":{low},"ts":"{ts}:00.000Z","name":"customer-{low:010d}"}},'
        f'"maxValues":{{"id":{high},"ts":"{ts}:59.999Z","name":"customer-{high:010d}"}},'
        f'"nullCount":{{"id":0,"ts":0,"name":{i % 7}}}}}'
    )


def name_of_file(i, random_bits):
    return f"part-{i % 200:05d}-{uuid.UUID(int=random_bits)}.c000.snappy.parquet"


def make_million_files(table):
    """A log of 1,000,000 files: a classic checkpoint at version 10, one commit after it. There are no data files."""
    make_files(table, MILLION)


def make_hundred_thousand_files(table):
    """The same of 100,000 files."""
    make_files(table, MILLION // 10)


def make_files(table, files):
    import pyarrow as pa
    import pyarrow.parquet as pq

    os.makedirs(os.path.join(table, "_delta_log"))
    fields = ID_TS_NAME + [log.field("day", "date")]
    metadata = log.metadata(1, fields, ["day"])
    protocol = log.protocol()
    schema = log.checkpoint_schema()
    head = [dict(protocol=protocol["protocol"]), dict(metaData=metadata["metaData"])]
    for action in head:
        for key, value in action.items():
            for name, part in list(value.items()):
                if isinstance(part, dict) and name != "format":
                    value[name] = list(part.items())
    rng = random.Random(1)
    checkpoint = os.path.join(table, "_delta_log", f"{10:020d}.checkpoint.parquet")
    with pq.ParquetWriter(checkpoint, schema, compression="snappy") as writer:
        batches = [pa.RecordBatch.from_pylist(head, schema=schema)]
        step = 50_000
        for start in range(0, files - 1, step):
            count = min(step, files - 1 - start)
            batches.append(add_batch(schema, start, count, rng))
            if sum(batch.num_rows for batch in batches) >= CHECKPOINT_ROW_GROUP:
                writer.write_table(pa.Table.from_batches(batches, schema), row_group_size=2 * CHECKPOINT_ROW_GROUP)
                batches = []
        if batches:
            writer.write_table(pa.Table.from_batches(batches, schema), row_group_size=2 * CHECKPOINT_ROW_GROUP)
    log.write_last_checkpoint(table, 10, files + 1, files - 1)
    last = files - 1
    log.write_commit(table, 11, [log.commit_info(11), log.add(
        f"day=2026-01-01/{name_of_file(last, rng.getrandbits(128))}", 1_048_576, stats_of_file(last),
        {"day": "2026-01-01"})])


def add_batch(schema, start, count, rng):
    import pyarrow as pa

    add_type = schema.field("add").type
    days = [f"2025-{i % 12 + 1:02d}-{i // 12 % 28 + 1:02d}" for i in range(336)]
    indexes = range(start, start + count)
    values = {
        "path": pa.array([f"day={days[i // 3000 % 336]}/{name_of_file(i, rng.getrandbits(128))}" for i in indexes]),
        "partitionValues": pa.MapArray.from_arrays(
            pa.array(range(count + 1), pa.int32()),
            pa.array(["day"] * count),
            pa.array([days[i // 3000 % 336] for i in indexes]),
        ),
        "size": pa.array([1_000_000 + i * 7919 % 100_000 for i in indexes], pa.int64()),
        "modificationTime": pa.array([log.EPOCH_MS + i for i in indexes], pa.int64()),
        "dataChange": pa.array([False] * count),
        "stats": pa.array([stats_of_file(i) for i in indexes]),
    }
    columns = [values.get(part.name, pa.nulls(count, part.type)) for part in add_type]
    adds = pa.StructArray.from_arrays(columns, fields=list(add_type))
    arrays = [adds if part.name == "add" else pa.nulls(count, part.type) for part in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def make_thousand_commits(table):
    """1,000 commits of one file each, no checkpoint, no data files."""
    rng = random.Random(2)
    for version in range(1_000):
        actions = [log.commit_info(version)]
        if version == 0:
            actions += [log.protocol(), log.metadata(2, ID_TS_NAME)]
        actions.append(log.add(name_of_file(version, rng.getrandbits(128)), 1_048_576, stats_of_file(version)))
        log.write_commit(table, version, actions)


def make_ten_commits(table):
    """10 commits by delta-rs, of 100 rows each."""
    import deltalake

    from peers import hundred_rows

    for i in range(10):
        deltalake.write_deltalake(table, hundred_rows(i * 100), mode="append")


def make_ten_thousand_versions(table):
    """10,000 commits of one file each with the columns of the append benchmarks, a checkpoint by delta-rs, no data files."""
    import deltalake

    rng = random.Random(7)
    columns = [log.field("id", "long"), log.field("name", "string")]
    for version in range(10_001):
        actions = [log.commit_info(version)]
        if version == 0:
            actions += [log.protocol(), log.metadata(7, columns)]
        stats = json.dumps({"numRecords": 100, "minValues": {"id": version * 100, "name": "event 0"},
                            "maxValues": {"id": version * 100 + 99, "name": "event 99"}, "nullCount": {"id": 0, "name": 0}})
        actions.append(log.add(name_of_file(version, rng.getrandbits(128)), 2_000, stats))
        log.write_commit(table, version, actions)
    deltalake.DeltaTable(table).create_checkpoint()


def make_tpch(folder):
    """All eight tables of TPC-H at scale factor 1, made by tpchgen-cli and written by delta-rs: one Delta table a folder."""
    import deltalake
    import pyarrow.dataset as ds
    from tpch import TABLES

    raw = folder + ".raw"
    shutil.rmtree(raw, ignore_errors=True)
    subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "tpchgen-cli"), "parquet", "-s", "1", "--output-dir", raw],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for name in TABLES:
        source = ds.dataset(os.path.join(raw, name + ".parquet"))
        deltalake.write_deltalake(os.path.join(folder, name), source.scanner(batch_size=65_536).to_reader())
    shutil.rmtree(raw)


def make_changes(table):
    """1,000 versions with a change feed, by delta-rs: of ten commits seven append 1,000 rows, two update and one deletes."""
    import deltalake
    import pyarrow as pa

    def rows(first, count):
        ids = range(first, first + count)
        return pa.table({"id": pa.array(ids, pa.int64()), "name": [f"customer-{i % 977}" for i in ids],
                         "amount": pa.array([i % 1013 * 0.25 for i in ids], pa.float64())})

    deltalake.write_deltalake(table, rows(0, 1_000), configuration={"delta.enableChangeDataFeed": "true"})
    first = 1_000
    for version in range(1, 1_000):
        kind = version % 10
        if kind in (3, 6, 9):
            # Rows of one recent file: an older one would have been rewritten many times.
            latest = deltalake.DeltaTable(table)
            low = first - 500
            if kind == 9:
                latest.delete(f"id >= {low} and id < {low + 50}")
            else:
                latest.update({"amount": "amount + 1"}, predicate=f"id >= {low} and id < {low + 100}")
        else:
            deltalake.write_deltalake(table, rows(first, 1_000), mode="append")
            first += 1_000


def make_lineitem(table):
    """TPC-H lineitem at scale factor 1, made by tpchgen-cli and written by delta-rs."""
    write_lineitem(table, 1)


def make_lineitem_sf10(table):
    """The same at scale factor 10: 60 million rows."""
    write_lineitem(table, 10)


def write_lineitem(table, scale):
    import deltalake
    import pyarrow.dataset as ds

    raw = table + ".raw"
    shutil.rmtree(raw, ignore_errors=True)
    generator = os.path.join(os.path.dirname(sys.executable), "tpchgen-cli")
    subprocess.run(
        [generator, "parquet", "-s", str(scale), "--tables", "lineitem", "--output-dir", raw], check=True, stdout=subprocess.DEVNULL
    )
    source = ds.dataset(os.path.join(raw, "lineitem.parquet"))
    deltalake.write_deltalake(table, source.scanner(batch_size=65_536).to_reader())
    shutil.rmtree(raw)


def make_web_returns(table):
    """TPC-DS web_returns at scale factor 1, made by DuckDB's generator and written by delta-rs, as its own benchmark does."""
    import glob

    import deltalake
    import duckdb
    import duckdb_extension_tpcds

    folder = os.path.dirname(duckdb_extension_tpcds.__file__)
    (extension,) = glob.glob(os.path.join(folder, "extensions", "*", "tpcds.duckdb_extension"))
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"load '{extension}'")
    connection.execute("call dsdgen(sf = 1)")
    deltalake.write_deltalake(table, connection.sql("from web_returns").to_arrow_table())


def make_point(table):
    """1,000 small data files of 10,000 rows: file i holds the ids i*10,000 ... i*10,000+9,999."""
    import pyarrow.parquet as pq

    fields = [log.field("id", "long"), log.field("amount", "double"), log.field("name", "string")]
    actions = [log.commit_info(0), log.protocol(), log.metadata(3, fields)]
    for i in range(POINT_FILES):
        rows = random_rows(3, i * POINT_ROWS, POINT_ROWS).drop_columns(["quantity"])
        actions.append(write_data_file(pq, table, f"part-{i:05d}.parquet", rows))
    log.write_commit(table, 0, actions)


def make_small_300(table):
    make_small_files(table, 300)


def make_small_10000(table):
    make_small_files(table, 10_000)


def make_small_files(table, count):
    """`count` data files of 100 rows, a commit each hundred."""
    import pyarrow.parquet as pq

    fields = [log.field("id", "long"), log.field("amount", "double"), log.field("name", "string")]
    for version in range(count // 100):
        actions = [log.commit_info(version)] + ([log.protocol(), log.metadata(7, fields)] if version == 0 else [])
        for i in range(version * 100, version * 100 + 100):
            actions.append(write_data_file(pq, table, f"part-{i:05d}.parquet", random_rows(7, i * 100, 100).drop_columns(["quantity"])))
        log.write_commit(table, version, actions)


def make_dv(table):
    """4,000,000 rows in 8 files; a tenth of each file's rows, scattered at random, deleted by deletion vectors."""
    make_dv_pair(table, deleted=True)


def make_dv_plain(table):
    """The same data files as `dv`, without deletion vectors."""
    make_dv_pair(table, deleted=False)


def make_dv_pair(table, deleted):
    import pyarrow.parquet as pq
    from pyroaring import BitMap64

    rng = random.Random(4)
    fields = [
        log.field("id", "long"),
        log.field("amount", "double"),
        log.field("name", "string"),
        log.field("quantity", "integer"),
    ]
    features = ["deletionVectors"] if deleted else []
    configuration = {"delta.enableDeletionVectors": "true"} if deleted else {}
    actions = [log.commit_info(0), log.protocol(features), log.metadata(4, fields, (), configuration)]
    adds, bitmaps = [], []
    for i in range(DV_FILES):
        rows = random_rows(4, i * DV_ROWS, DV_ROWS)
        adds.append(write_data_file(pq, table, f"part-{i:05d}.parquet", rows))
        bitmaps.append(BitMap64(rng.sample(range(DV_ROWS), DV_ROWS // 10)))
    if deleted:
        for action, vector in zip(adds, log.write_deletion_vectors(table, uuid.UUID(int=44), bitmaps)):
            action["add"]["deletionVector"] = vector
            stats = json.loads(action["add"]["stats"])
            stats["tightBounds"] = False  # a bound may belong to a deleted row
            action["add"]["stats"] = json.dumps(stats, separators=(",", ":"))
    log.write_commit(table, 0, actions + adds)


def random_rows(seed, first_id, count):
    import pyarrow as pa
    import pyarrow.compute as pc

    def uniform(salt, scale, type_name):
        numbers = pc.random(count, initializer=f"{seed} {salt} {first_id}")
        return pc.cast(pc.multiply(numbers, scale), type_name, safe=False)

    numbers = pc.cast(uniform("name", 100_000, "int64"), "string")
    return pa.table({
        "id": pa.array(range(first_id, first_id + count), pa.int64()),
        "amount": uniform("amount", 1, "double"),
        "name": pc.binary_join_element_wise("name", numbers, "-"),
        "quantity": uniform("quantity", 100, "int32"),
    })


def write_data_file(pq, table, name, rows):
    import pyarrow.compute as pc

    path = os.path.join(table, name)
    pq.write_table(rows, path, compression="snappy", row_group_size=122_880)
    stats = {"numRecords": rows.num_rows, "minValues": {}, "maxValues": {}, "nullCount": {}}
    for column in rows.column_names:
        bounds = pc.min_max(rows[column]).as_py()
        stats["minValues"][column] = bounds["min"]
        stats["maxValues"][column] = bounds["max"]
        stats["nullCount"][column] = 0
    return log.add(name, os.path.getsize(path), stats)


def make_small(table):
    """Three appends of 100 rows by delta-rs."""
    import deltalake
    import pyarrow as pa

    for part in range(3):
        ids = list(range(part * 100, part * 100 + 100))
        rows = pa.table({"id": ids, "name": [f"name-{i}" for i in ids], "amount": [i / 4 for i in ids]})
        deltalake.write_deltalake(table, rows, mode="append")


TABLES = {
    "million_files": make_million_files,
    "thousand_commits": make_thousand_commits,
    "hundred_thousand_files": make_hundred_thousand_files,
    "ten_commits": make_ten_commits,
    "ten_thousand_versions": make_ten_thousand_versions,
    "lineitem": make_lineitem,
    "lineitem_sf10": make_lineitem_sf10,
    "web_returns": make_web_returns,
    "tpch": make_tpch,
    "changes": make_changes,
    "point": make_point,
    "small_300": make_small_300,
    "small_10000": make_small_10000,
    "dv": make_dv,
    "dv_plain": make_dv_plain,
    "small": make_small,
}

if __name__ == "__main__":
    main()
