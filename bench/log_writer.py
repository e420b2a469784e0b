"""Owns the hand-made parts of benchmark tables: log lines, a classic checkpoint, deletion vector files.

Does not decide what the tables hold (make_data.py does) and is no Delta writer: it writes the bytes that the protocol
describes, for tables whose log is known in advance, because a real writer would need hours for a million files.
Protocol: "Actions", "Checkpoints", "Deletion Vector Format", "Per-file Statistics".
"""

import base64
import json
import os
import struct
import uuid
import zlib

EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z: tables come out the same on every run


def commit_name(version):
    return f"{version:020d}.json"


def field(name, type_name, nullable=True):
    return {"name": name, "type": type_name, "nullable": nullable, "metadata": {}}


def protocol(reader_features=()):
    if not reader_features:
        return {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}
    features = list(reader_features)
    return {
        "protocol": {
            "minReaderVersion": 3,
            "minWriterVersion": 7,
            "readerFeatures": features,
            "writerFeatures": features,
        }
    }


def metadata(seed, fields, partition_columns=(), configuration=None):
    return {
        "metaData": {
            "id": str(uuid.UUID(int=seed)),
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}, separators=(",", ":")),
            "partitionColumns": list(partition_columns),
            "configuration": configuration or {},
            "createdTime": EPOCH_MS,
        }
    }


def commit_info(version, operation="WRITE"):
    return {
        "commitInfo": {
            "timestamp": EPOCH_MS + version * 1000,
            "operation": operation,
            "operationParameters": {"mode": "Append"},
            "engineInfo": "deltic bench",
        }
    }


def add(path, size, stats, partition_values=None, deletion_vector=None, time_ms=EPOCH_MS):
    value = {
        "path": path,
        "partitionValues": partition_values or {},
        "size": size,
        "modificationTime": time_ms,
        "dataChange": True,
        "stats": stats if isinstance(stats, str) else json.dumps(stats, separators=(",", ":")),
    }
    if deletion_vector:
        value["deletionVector"] = deletion_vector
    return {"add": value}


def write_commit(table, version, actions):
    log = os.path.join(table, "_delta_log")
    os.makedirs(log, exist_ok=True)
    with open(os.path.join(log, commit_name(version)), "w") as out:
        for action in actions:
            out.write(json.dumps(action, separators=(",", ":")))
            out.write("\n")


def write_last_checkpoint(table, version, size, num_of_add_files):
    checkpoint = os.path.join(table, "_delta_log", f"{version:020d}.checkpoint.parquet")
    body = {
        "version": version,
        "size": size,
        "sizeInBytes": os.path.getsize(checkpoint),
        "numOfAddFiles": num_of_add_files,
    }
    with open(os.path.join(table, "_delta_log", "_last_checkpoint"), "w") as out:
        json.dump(body, out, separators=(",", ":"))


def checkpoint_schema():
    """The columns of a classic checkpoint ("Checkpoint Schema"), all but stats_parsed and partitionValues_parsed."""
    import pyarrow as pa

    string_map = pa.map_(pa.string(), pa.string())
    deletion_vector = pa.struct(
        [
            pa.field("storageType", pa.string()),
            pa.field("pathOrInlineDv", pa.string()),
            pa.field("offset", pa.int32()),
            pa.field("sizeInBytes", pa.int32()),
            pa.field("cardinality", pa.int64()),
        ]
    )
    file_format = pa.struct([pa.field("provider", pa.string()), pa.field("options", string_map)])
    return pa.schema(
        [
            pa.field(
                "txn",
                pa.struct(
                    [
                        pa.field("appId", pa.string()),
                        pa.field("version", pa.int64()),
                        pa.field("lastUpdated", pa.int64()),
                    ]
                ),
            ),
            pa.field(
                "add",
                pa.struct(
                    [
                        pa.field("path", pa.string()),
                        pa.field("partitionValues", string_map),
                        pa.field("size", pa.int64()),
                        pa.field("modificationTime", pa.int64()),
                        pa.field("dataChange", pa.bool_()),
                        pa.field("tags", string_map),
                        pa.field("deletionVector", deletion_vector),
                        pa.field("baseRowId", pa.int64()),
                        pa.field("defaultRowCommitVersion", pa.int64()),
                        pa.field("clusteringProvider", pa.string()),
                        pa.field("stats", pa.string()),
                    ]
                ),
            ),
            pa.field(
                "remove",
                pa.struct(
                    [
                        pa.field("path", pa.string()),
                        pa.field("deletionTimestamp", pa.int64()),
                        pa.field("dataChange", pa.bool_()),
                        pa.field("extendedFileMetadata", pa.bool_()),
                        pa.field("partitionValues", string_map),
                        pa.field("size", pa.int64()),
                        pa.field("deletionVector", deletion_vector),
                        pa.field("baseRowId", pa.int64()),
                        pa.field("defaultRowCommitVersion", pa.int64()),
                    ]
                ),
            ),
            pa.field(
                "metaData",
                pa.struct(
                    [
                        pa.field("id", pa.string()),
                        pa.field("name", pa.string()),
                        pa.field("description", pa.string()),
                        pa.field("format", file_format),
                        pa.field("schemaString", pa.string()),
                        pa.field("partitionColumns", pa.list_(pa.string())),
                        pa.field("configuration", string_map),
                        pa.field("createdTime", pa.int64()),
                    ]
                ),
            ),
            pa.field(
                "protocol",
                pa.struct(
                    [
                        pa.field("minReaderVersion", pa.int32()),
                        pa.field("minWriterVersion", pa.int32()),
                        pa.field("readerFeatures", pa.list_(pa.string())),
                        pa.field("writerFeatures", pa.list_(pa.string())),
                    ]
                ),
            ),
            pa.field(
                "domainMetadata",
                pa.struct(
                    [
                        pa.field("domain", pa.string()),
                        pa.field("configuration", pa.string()),
                        pa.field("removed", pa.bool_()),
                    ]
                ),
            ),
        ]
    )


def write_deletion_vectors(table, file_uuid, bitmaps):
    """Writes one deletion vector file; answers the descriptor of each bitmap, in order.

    file  := version:u8=1 entry*
    entry := size:u32be data crc32(data):u32be
    data  := magic:u32le=1681511377 roaring64      -- roaring64 is CRoaring's portable 64-bit form
    """
    body = bytearray(b"\x01")
    descriptors = []
    for bitmap in bitmaps:
        data = struct.pack("<I", 1681511377) + bitmap.serialize()
        descriptors.append(
            {
                "storageType": "u",
                "pathOrInlineDv": z85(file_uuid.bytes),
                "offset": len(body),
                "sizeInBytes": len(data),
                "cardinality": len(bitmap),
            }
        )
        body += struct.pack(">I", len(data)) + data + struct.pack(">I", zlib.crc32(data))
    with open(os.path.join(table, f"deletion_vector_{file_uuid}.bin"), "wb") as out:
        out.write(body)
    return descriptors


def z85(data):
    """Z85: base 85 as ZeroMQ writes it. Python has only another alphabet, so the digits are translated."""
    python_digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
    z85_digits = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    return base64.b85encode(data).translate(bytes.maketrans(python_digits, z85_digits)).decode()
