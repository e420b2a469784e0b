"""Owns the tables that the documentation's examples read. Makes them anew with delta-rs, the same at every run: fixed rows,
commits a month or a day apart at noon UTC. What delta-rs cannot write (deletion vectors, row tracking, damage) is put
into the log by hand, as the protocol's sections "Deletion Vector Format" and "Row Tracking" say. Does not run examples.

  orders      120,000 orders of six months, one commit a month, then a correction and a deletion
  events      partitioned by day, with a change data feed: created, two appends, an update, a delete
  clicks      24 files of ten rows: a table that wants maintenance
  countries   the names of three countries, to join with
  visits      ten rows, two of them deleted by a deletion vector
  accounts    a table with row tracking
  seen.parquet  a file of order ids
  broken/     one table for each kind of damage or refusal that the pages explain
"""
import base64
import datetime
import json
import os
import pathlib
import shutil
import struct
import sys

import deltalake
import pyarrow as pa
import pyarrow.parquet

UTC = datetime.timezone.utc


def make_all(folder):
    folder = pathlib.Path(folder)
    make_orders(folder / "orders")
    make_events(folder / "events")
    make_clicks(folder / "clicks")
    make_countries(folder / "countries")
    make_visits(folder / "visits")
    make_accounts(folder / "accounts")
    make_broken(folder / "broken")
    pyarrow.parquet.write_table(pa.table({"order_id": list(range(100))}), folder / "seen.parquet")
    (folder / "build/demo").mkdir(parents=True)
    shutil.copytree(folder / "orders", folder / "build/demo/orders")  # where `make demo` leaves the same table


def make_orders(path):
    """The table of tools/demo."""
    rows = 20_000
    for month in range(1, 7):
        start = datetime.datetime(2026, month, 1, tzinfo=UTC)
        ids = range((month - 1) * rows, month * rows)
        deltalake.write_deltalake(str(path), pa.table({
            "order_id": pa.array(ids, pa.int64()),
            "ordered_at": pa.array([start + datetime.timedelta(seconds=120 * (i % rows)) for i in ids], pa.timestamp("us", "UTC")),
            "country": pa.array([["DE", "FR", "JP", "US", None][i % 5] for i in ids]),
            "total": pa.array([round(5 + (i * 37 % 50_000) / 100, 2) for i in ids], pa.float64()),
        }), mode="append")
    table = deltalake.DeltaTable(str(path))
    table.update(predicate="order_id = 42", updates={"total": "99.99"})
    table.delete("country = 'JP' and order_id >= 100000")
    noon = [datetime.datetime(2026, month, 1, 12, tzinfo=UTC) for month in range(2, 8)]
    date_commits(path, [*noon, noon[-1] + datetime.timedelta(days=1), noon[-1] + datetime.timedelta(days=2)])


def make_events(path):
    schema = pa.schema([("id", pa.int64()), ("day", pa.date32()), ("kind", pa.string()), ("country", pa.string()), ("total", pa.float64())])
    deltalake.DeltaTable.create(str(path), schema, partition_by=["day"], configuration={"delta.enableChangeDataFeed": "true"})

    def append(*rows):
        deltalake.write_deltalake(str(path), pa.table({
            "id": [row[0] for row in rows],
            "day": [datetime.date(2026, 1, row[1]) for row in rows],
            "kind": [row[2] for row in rows],
            "country": [row[3] for row in rows],
            "total": [row[4] for row in rows],
        }, schema=schema), mode="append")

    append((1, 26, "open", "DE", 0.5), (2, 26, "click", "JP", 1.5), (3, 27, "open", "JP", 2.5), (4, 27, "buy", "US", 140.0),
           (5, 28, "open", "FR", None))
    append((6, 28, "buy", "JP", 260.0), (7, 29, "click", "DE", 3.5))
    table = deltalake.DeltaTable(str(path))
    table.update(predicate="id = 4", updates={"total": "145.0"})
    table.delete("id = 2")
    date_commits(path, [datetime.datetime(2026, 1, day, 12, tzinfo=UTC) for day in range(27, 32)])


def make_clicks(path):
    start = datetime.datetime(2026, 2, 1, 0, 30, tzinfo=UTC)
    hours = [start + datetime.timedelta(hours=hour) for hour in range(24)]
    for hour in hours:
        deltalake.write_deltalake(str(path), pa.table({"at": pa.array([hour] * 10, pa.timestamp("us", "UTC")), "page": ["/"] * 10}),
                                  mode="append")
    date_commits(path, hours)


def make_countries(path):
    deltalake.write_deltalake(str(path), pa.table({"code": ["DE", "FR", "US"], "name": ["Germany", "France", "United States"]}))
    date_commits(path, [datetime.datetime(2026, 1, 1, 12, tzinfo=UTC)])


def make_visits(path):
    """Version 1 deletes the rows at positions 2 and 5 by a deletion vector that lies in the log."""
    deltalake.write_deltalake(str(path), pa.table({"visit": list(range(10)), "page": [f"/{i % 4}" for i in range(10)]}))
    first = path / "_delta_log" / f"{0:020}.json"
    lines = [json.loads(line) for line in first.read_text().splitlines()]
    features = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors"]}
    for line in lines:
        if "protocol" in line:
            line["protocol"] = features
    write_commit(path, 0, lines)
    add = next(line["add"] for line in lines if "add" in line)
    vector = roaring_bitmap_array([2, 5])
    deleted = {"storageType": "i", "pathOrInlineDv": base64.b85encode(vector, pad=True).translate(B85_TO_Z85).decode(),
               "sizeInBytes": len(vector), "cardinality": 2}
    gone = {"path": add["path"], "deletionTimestamp": 0, "dataChange": True, "extendedFileMetadata": True, "size": add["size"],
            "partitionValues": {}}
    # Statistics stay as they were, which makes them wide: bounds of the rows that are left may be narrower.
    statistics = {**json.loads(add["stats"]), "tightBounds": False}
    info = {"operation": "DELETE", "operationParameters": {"predicate": "[\"visit IN (2, 5)\"]"}}
    write_commit(path, 1, [{"commitInfo": info}, {"remove": gone},
                           {"add": {**add, "stats": json.dumps(statistics), "deletionVector": deleted}}])
    date_commits(path, [datetime.datetime(2026, 4, day, 12, tzinfo=UTC) for day in (1, 2)])


def make_accounts(path):
    deltalake.write_deltalake(str(path), pa.table({"account": ["ada", "bob"], "balance": [10, 20]}))
    deltalake.write_deltalake(str(path), pa.table({"account": ["cyd"], "balance": [30]}), mode="append")
    features = {"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": ["rowTracking", "domainMetadata"]}
    properties = {"delta.enableRowTracking": "true", "delta.rowTracking.materializedRowIdColumnName": "_row-id-col",
                  "delta.rowTracking.materializedRowCommitVersionColumnName": "_row-commit-version-col"}
    first_id = 0
    for version in (0, 1):
        lines = [json.loads(line) for line in (path / "_delta_log" / f"{version:020}.json").read_text().splitlines()]
        for line in lines:
            if "protocol" in line:
                line["protocol"] = features
            if "metaData" in line:
                line["metaData"]["configuration"] = properties
            if "add" in line:
                line["add"].update(baseRowId=first_id, defaultRowCommitVersion=version)
                first_id += json.loads(line["add"]["stats"])["numRecords"]
        mark = json.dumps({"rowIdHighWaterMark": first_id - 1})
        lines.append({"domainMetadata": {"domain": "delta.rowTracking", "configuration": mark, "removed": False}})
        write_commit(path, version, lines)
    date_commits(path, [datetime.datetime(2026, 5, day, 12, tzinfo=UTC) for day in (1, 2)])


def make_broken(folder):
    """Each table is refused, in its own way."""
    def fresh(name, commits=1):
        path = folder / name
        for commit in range(commits):
            deltalake.write_deltalake(str(path), pa.table({"id": [commit]}), mode="append")
        return path, path / "_delta_log"

    path, log = fresh("gap", commits=3)
    (log / f"{1:020}.json").unlink()

    path, log = fresh("cut")
    commit = log / f"{0:020}.json"
    commit.write_bytes(commit.read_bytes()[:-40])

    path, log = fresh("lost_file")
    next(path.glob("*.parquet")).unlink()

    path, log = fresh("damaged_file")
    file = next(path.glob("*.parquet"))
    file.write_bytes(b"not Parquet at all" * 20)

    path, log = fresh("catalog")
    lines = [json.loads(line) for line in (log / f"{0:020}.json").read_text().splitlines()]
    for line in lines:
        if "protocol" in line:
            line["protocol"] = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["catalogManaged"],
                                "writerFeatures": ["catalogManaged", "inCommitTimestamp"]}
    write_commit(path, 0, lines)

    path, log = fresh("future")
    lines = [json.loads(line) for line in (log / f"{0:020}.json").read_text().splitlines()]
    for line in lines:
        if "protocol" in line:
            line["protocol"] = {"minReaderVersion": 4, "minWriterVersion": 8, "readerFeatures": [], "writerFeatures": []}
    write_commit(path, 0, lines)

    (folder / "not_a_table").mkdir()


def write_commit(path, version, actions):
    file = path / "_delta_log" / f"{version:020}.json"
    file.write_text("".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions))


def date_commits(path, times):
    """Gives each commit its time, in the file's own time stamp and in what the commit says of itself."""
    commits = sorted((path / "_delta_log").glob("*.json"))
    if len(commits) != len(times):
        sys.exit(f"error: {path} has {len(commits)} commits, and {len(times)} times are given")
    for commit, time in zip(commits, times):
        lines = [json.loads(line) for line in commit.read_text().splitlines()]
        for line in lines:
            if "commitInfo" in line:
                line["commitInfo"]["timestamp"] = int(time.timestamp() * 1000)
        commit.write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        os.utime(commit, (time.timestamp(), time.timestamp()))


def roaring_bitmap_array(rows):
    """The protocol's "portable" format: magic number, how many bitmaps, and for each its key and a 32-bit Roaring bitmap;
    here one bitmap of one array container, without runs."""
    container = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16) + struct.pack(f"<{len(rows)}H", *rows)
    return struct.pack("<IQI", 1681511377, 1, 0) + container


B85_TO_Z85 = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#")


if __name__ == "__main__":
    make_all(sys.argv[1])
