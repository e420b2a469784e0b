"""Owns the small valid tables that the other files damage: one table in every layout a log can have. Each layout holds
the same rows, so one expectation serves all. Knows nothing of damages.

Version 0 adds a and b, version 1 removes a and adds c, version 2 adds d: b, c and d live, ten rows each but for those
that a deletion vector takes. The checkpoints are of version 1; "only" layouts have lost the commits before it.
"""
import json
import pathlib
import shutil
import struct
import tempfile
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

VERSIONS = [f"{version:020}" for version in range(4)]
UUID = "80a083e8-7026-4e79-81be-64bd76c43a11"
PARTITIONS = {"a": "x", "b": "x", "c": "y", "d": None}
SCHEMA = {"type": "struct", "fields": [
    {"name": "id", "type": "long", "nullable": True, "metadata": {}},
    {"name": "name", "type": "string", "nullable": True, "metadata": {}},
    {"name": "p", "type": "string", "nullable": True, "metadata": {}}]}
Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def rows_of(file, deleted=()):
    base = "abcd".index(file) * 10
    return [{"id": base + i, "name": f"{file} {i}", "p": PARTITIONS[file]} for i in range(10) if i not in deleted]


ROWS = rows_of("b") + rows_of("c") + rows_of("d")


def protocol(reader=1, writer=2, features=None):
    action = {"minReaderVersion": reader, "minWriterVersion": writer}
    if features is not None:
        action.update(readerFeatures=features, writerFeatures=features)
    return {"protocol": action}


def metadata(**changes):
    return {"metaData": {"id": "5fba94ed-9794-4965-ba6e-6ee3c0d22af9", "name": "t", "description": "a table",
                         "format": {"provider": "parquet", "options": {}}, "schemaString": json.dumps(SCHEMA),
                         "partitionColumns": ["p"], "configuration": {}, "createdTime": 1700000000000, **changes}}


def path_of(file):
    return f"p={PARTITIONS[file]}/{file}.parquet" if PARTITIONS[file] else f"p=__HIVE_DEFAULT_PARTITION__/{file}.parquet"


def add(table, file, **changes):
    base = "abcd".index(file) * 10
    stats = {"numRecords": 10, "minValues": {"id": base, "name": f"{file} 0"}, "maxValues": {"id": base + 9, "name": f"{file} 9"},
             "nullCount": {"id": 0, "name": 0}}
    return {"add": {"path": path_of(file), "partitionValues": {"p": PARTITIONS[file]},
                    "size": (table / path_of(file)).stat().st_size, "modificationTime": 1700000000000,
                    "dataChange": True, "stats": json.dumps(stats), **changes}}


def remove(file):
    return {"remove": {"path": path_of(file), "deletionTimestamp": 1700000000001, "dataChange": True,
                       "extendedFileMetadata": True, "partitionValues": {"p": PARTITIONS[file]}, "size": 900}}


def write_lines(path, actions):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions))


def commit(table, version, actions):
    write_lines(table / "_delta_log" / f"{VERSIONS[version]}.json", actions)


def write_data(table):
    for file in "abcd":
        path = table / path_of(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = rows_of(file)
        pq.write_table(pa.table({"id": pa.array([row["id"] for row in rows], pa.int64()),
                                 "name": pa.array([row["name"] for row in rows], pa.string())}), path)


TEXT_MAP = pa.map_(pa.string(), pa.string())
DV = pa.struct([("storageType", pa.string()), ("pathOrInlineDv", pa.string()), ("offset", pa.int32()),
                ("sizeInBytes", pa.int32()), ("cardinality", pa.int64())])
ACTION_TYPES = {
    "txn": pa.struct([("appId", pa.string()), ("version", pa.int64()), ("lastUpdated", pa.int64())]),
    "add": pa.struct([("path", pa.string()), ("partitionValues", TEXT_MAP), ("size", pa.int64()),
                      ("modificationTime", pa.int64()), ("dataChange", pa.bool_()), ("stats", pa.string()),
                      ("tags", TEXT_MAP), ("deletionVector", DV)]),
    "remove": pa.struct([("path", pa.string()), ("deletionTimestamp", pa.int64()), ("dataChange", pa.bool_())]),
    "metaData": pa.struct([("id", pa.string()), ("name", pa.string()), ("description", pa.string()),
                           ("format", pa.struct([("provider", pa.string()), ("options", TEXT_MAP)])),
                           ("schemaString", pa.string()), ("partitionColumns", pa.list_(pa.string())),
                           ("configuration", TEXT_MAP), ("createdTime", pa.int64())]),
    "protocol": pa.struct([("minReaderVersion", pa.int32()), ("minWriterVersion", pa.int32()),
                           ("readerFeatures", pa.list_(pa.string())), ("writerFeatures", pa.list_(pa.string()))]),
    "sidecar": pa.struct([("path", pa.string()), ("sizeInBytes", pa.int64()), ("modificationTime", pa.int64())]),
    "checkpointMetadata": pa.struct([("version", pa.int64())]),
}


def _to_arrow(value, type_):
    """JSON objects as pyarrow wants them: maps as pairs."""
    if value is None:
        return None
    if pa.types.is_map(type_):
        return list(value.items())
    if pa.types.is_struct(type_):
        return {field.name: _to_arrow(value.get(field.name), field.type) for field in type_}
    return value


def write_checkpoint(path, actions, types=ACTION_TYPES, columns=None):
    """A Parquet checkpoint of these actions; `columns` takes the place of some columns' Arrow arrays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for name, type_ in types.items():
        arrays[name] = pa.array([_to_arrow(action.get(name), type_) for action in actions], type_)
    arrays.update(columns or {})
    pq.write_table(pa.table(arrays), path)


def z85(data):
    data += b"\0" * (-len(data) % 4)
    text = ""
    for (number,) in struct.iter_unpack(">I", data):
        group = ""
        for _ in range(5):
            group = Z85[number % 85] + group
            number //= 85
        text += group
    return text


def bitmap_array(rows):
    """A RoaringBitmapArray with one array container: rows below 65536."""
    rows = sorted(rows)
    bitmap = struct.pack("<II", 12346, 1) + struct.pack("<HH", 0, len(rows) - 1) + struct.pack("<I", 16)
    bitmap += b"".join(struct.pack("<H", row) for row in rows)
    return struct.pack("<IQI", 1681511377, 1, 0) + bitmap


def dv_file(payload):
    return b"\x01" + struct.pack(">I", len(payload)) + payload + struct.pack(">I", zlib.crc32(payload))


DV_UUID = bytes(range(16))
DV_NAME = "deletion_vector_00010203-0405-0607-0809-0a0b0c0d0e0f.bin"


def dv_on_disk(payload, cardinality):
    return {"storageType": "u", "pathOrInlineDv": z85(DV_UUID), "offset": 1, "sizeInBytes": len(payload),
            "cardinality": cardinality}


def dv_inline(payload, cardinality):
    return {"storageType": "i", "pathOrInlineDv": z85(payload), "sizeInBytes": len(payload), "cardinality": cardinality}


def state_actions(table, features=None):
    """What the table is at version 1, but for its files."""
    return [protocol(3, 7, features) if features else protocol(), metadata(), {"txn": {"appId": "app", "version": 7}}]


class Tables:
    """Every layout in one folder, made once. Not changed by anyone: damages are done to copies."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="deltic-corrupt-tables-"))
        for layout in ("commits", "commits_without_checksum", "classic", "classic_only", "multipart_only", "v2_json_only", "v2_parquet_only",
                       "compacted", "dv"):
            getattr(self, "_make_" + layout)(self._start(layout))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def __getitem__(self, layout):
        return self.folder / layout

    def _start(self, layout, features=None):
        table = self.folder / layout
        write_data(table)
        if layout.startswith("v2"):
            features = ["v2Checkpoint"]
        if layout == "dv":
            features = ["deletionVectors"]
        commit(table, 0, [{"commitInfo": {"operation": "WRITE", "timestamp": 1700000000000}},
                          protocol(3, 7, features) if features else protocol(), metadata(), add(table, "a"), add(table, "b")])
        commit(table, 1, [{"commitInfo": {"operation": "MERGE", "timestamp": 1700000000001}},
                          {"txn": {"appId": "app", "version": 7, "lastUpdated": 1700000000001}}, remove("a"), add(table, "c")])
        commit(table, 2, [{"commitInfo": {"operation": "WRITE", "timestamp": 1700000000002}}, add(table, "d")])
        return table

    def _make_commits(self, table):
        checksum = {"txnId": "x", "tableSizeBytes": 2700, "numFiles": 3, "numMetadata": 1, "numProtocol": 1,
                    "metadata": metadata()["metaData"], "protocol": protocol()["protocol"]}
        (table / "_delta_log" / f"{VERSIONS[2]}.crc").write_text(json.dumps(checksum))

    def _make_commits_without_checksum(self, table):
        """What a checksum says of protocol and metadata spares a reader the commits that hold them."""

    def _forget(self, table):
        for version in (0, 1):
            (table / "_delta_log" / f"{VERSIONS[version]}.json").unlink()

    def _hint(self, table, **more):
        (table / "_delta_log" / "_last_checkpoint").write_text(json.dumps({"version": 1, "size": 6, **more}))

    def _files(self, table):
        return [add(table, "b"), add(table, "c"), remove("a")]

    def _make_classic(self, table):
        write_checkpoint(table / "_delta_log" / f"{VERSIONS[1]}.checkpoint.parquet",
                         state_actions(table) + self._files(table))
        self._hint(table)

    def _make_classic_only(self, table):
        self._make_classic(table)
        self._forget(table)

    def _make_multipart_only(self, table):
        for part, actions in enumerate((state_actions(table) + [add(table, "b")], [add(table, "c"), remove("a")]), 1):
            write_checkpoint(table / "_delta_log" / f"{VERSIONS[1]}.checkpoint.{part:010}.{2:010}.parquet", actions)
        self._hint(table, parts=2)
        self._forget(table)

    def _v2_actions(self, table):
        sidecars = []
        for name, actions in (("one.parquet", [add(table, "b")]), ("two.parquet", [add(table, "c"), remove("a")])):
            path = table / "_delta_log" / "_sidecars" / name
            write_checkpoint(path, actions, {kind: ACTION_TYPES[kind] for kind in ("add", "remove")})
            sidecars.append({"sidecar": {"path": name, "sizeInBytes": path.stat().st_size, "modificationTime": 1700000000000}})
        return [{"checkpointMetadata": {"version": 1}}] + state_actions(table, ["v2Checkpoint"]) + sidecars

    def _make_v2_json_only(self, table):
        write_lines(table / "_delta_log" / f"{VERSIONS[1]}.checkpoint.{UUID}.json", self._v2_actions(table))
        self._forget(table)

    def _make_v2_parquet_only(self, table):
        write_checkpoint(table / "_delta_log" / f"{VERSIONS[1]}.checkpoint.{UUID}.parquet", self._v2_actions(table))
        self._forget(table)

    def _make_compacted(self, table):
        write_lines(table / "_delta_log" / f"{VERSIONS[0]}.{VERSIONS[1]}.compacted.json",
                    [protocol(), metadata(), remove("a"), add(table, "b"), add(table, "c")])

    def _make_dv(self, table):
        """Rows 1 and 3 of b are deleted by a file, rows 0 and 9 of c inline."""
        on_disk, inline = bitmap_array([1, 3]), bitmap_array([0, 9])
        (table / DV_NAME).write_bytes(dv_file(on_disk))
        commit(table, 3, [remove("b"), add(table, "b", deletionVector=dv_on_disk(on_disk, 2)),
                          remove("c"), add(table, "c", deletionVector=dv_inline(inline, 2))])


DV_ROWS = rows_of("b", (1, 3)) + rows_of("c", (0, 9)) + rows_of("d")
