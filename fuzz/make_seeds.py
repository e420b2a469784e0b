#!/usr/bin/env python3
"""Owns the seeds of the fuzz targets: small inputs of each shape that a parser knows, so that a short run begins behind
the first checks. Writes fuzz/corpus/NAME/; run it again after changing it. Every byte here is made up.

    python3 fuzz/make_seeds.py
"""
import hashlib
import json
import pathlib
import struct
import zlib

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
UUID = "80a083e8-7026-4e79-81be-64bd76c43a11"


def seed(target, *inputs):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        data = data.encode() if isinstance(data, str) else data
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def z85(data):
    text = ""
    for (number,) in struct.iter_unpack(">I", data + b"\0" * (-len(data) % 4)):
        text += "".join(DIGITS[number // 85 ** power % 85] for power in (4, 3, 2, 1, 0))
    return text


def array(values):
    return struct.pack("<IIHHI", 12346, 1, 0, len(values) - 1, 16) + b"".join(struct.pack("<H", v) for v in values)


def runs(pairs):
    count = sum(length + 1 for _, length in pairs)
    return struct.pack("<HHBHHH", 12347, 0, 1, 0, count - 1, len(pairs)) + b"".join(struct.pack("<HH", *p) for p in pairs)


def bitset():
    return struct.pack("<IIHHI", 12346, 1, 0, 4999, 16) + b"\xff" * 625 + b"\0" * (8192 - 625)


def portable(*bitmaps):
    return struct.pack("<IQ", 1681511377, len(bitmaps)) + b"".join(struct.pack("<I", key) + data for key, data in bitmaps)


def native(order, *bitmaps):
    return struct.pack(order + "II", 1681511376, len(bitmaps)) + b"".join(struct.pack(order + "I", len(b)) + b for b in bitmaps)


VECTORS = [portable(), portable((0, array([1, 3, 500]))), portable((0, runs([(0, 9), (100, 0)]))), portable((0, bitset())),
           portable((0, array([7])), (5, runs([(65535, 0)]))), native("<", array([1]), array([2])), native(">", array([1, 9]))]
SCHEMA = {"type": "struct", "fields": [
    {"name": "id", "type": "long", "nullable": False, "metadata": {"delta.columnMapping.id": 1, "delta.columnMapping.physicalName": "col-1"}},
    {"name": "price", "type": "decimal(10,2)", "nullable": True, "metadata": {"comment": "in \u20ac"}},
    {"name": "when", "type": "timestamp_ntz", "nullable": True, "metadata": {"delta.typeChanges": [
        {"fromType": "date", "toType": "timestamp_ntz"}]}},
    {"name": "tags", "type": {"type": "map", "keyType": "string", "valueType": {"type": "array", "elementType": "integer",
     "containsNull": True}, "valueContainsNull": True}, "nullable": True, "metadata": {}},
    {"name": "at", "type": {"type": "struct", "fields": [{"name": "x", "type": "double", "nullable": True, "metadata": {}}]},
     "nullable": True, "metadata": {}}]}
STATS = {"numRecords": 10, "tightBounds": True, "minValues": {"b": False, "i": 1, "l": -5, "d": 0.25, "c": 1.5, "s": "a\u00e9", "t": "2020-01-01",
         "ts": "2020-01-01T00:00:00.000Z", "n": {"x": -9}}, "maxValues": {"b": True, "i": 9, "l": 1152921504606846976, "d": 1e300, "c": 99999.12345,
         "s": "z\U0001f600", "t": "2024-02-29", "ts": "2024-02-29T12:00:00.123456Z", "n": {"x": 9}}, "nullCount": {"b": 0, "i": 10, "n": {"x": 1}}}
PROTOCOL = {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors", "v2Checkpoint"],
                         "writerFeatures": ["deletionVectors", "v2Checkpoint"]}}
METADATA = {"metaData": {"id": "t", "name": "n", "description": "d", "format": {"provider": "parquet", "options": {}},
                         "schemaString": json.dumps(SCHEMA), "partitionColumns": ["price"], "configuration": {"delta.appendOnly": "true"},
                         "createdTime": 1700000000000}}
PLAIN = [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
         {"metaData": {"id": "t", "format": {"provider": "parquet", "options": {}}, "partitionColumns": [], "configuration": {}, "schemaString":
          '{"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}}]}'}}]


def add(path, **more):
    return {"add": {"path": path, "partitionValues": {}, "size": 1, "modificationTime": 2, "dataChange": True, **more}}


def remove(path):
    return {"remove": {"path": path, "deletionTimestamp": 3, "dataChange": True}}


ACTIONS = [PROTOCOL, METADATA, add("p=1/a%20b.parquet", stats=json.dumps(STATS), partitionValues={"p": "1", "q": None}, tags={"k": "v"},
                                   baseRowId=5, defaultRowCommitVersion=7, deletionVector={
                                       "storageType": "u", "pathOrInlineDv": "ab^-aqEH.-t@S}K{vb[*k^", "offset": 4, "sizeInBytes": 40, "cardinality": 6}),
           remove("x"), {"cdc": {"path": "c", "partitionValues": {}, "size": 1, "dataChange": False}}, {"txn": {"appId": "a", "version": 1}},
           {"domainMetadata": {"domain": "d", "configuration": "{}", "removed": False}}, {"commitInfo": {"timestamp": 1, "operation": "WRITE"}},
           {"sidecar": {"path": "s.parquet", "sizeInBytes": 1, "modificationTime": 1}}, {"checkpointMetadata": {"version": 1}}]


def lines(*actions):
    return "".join(json.dumps(action) + "\n" for action in actions)


def log(**files):
    return "".join(f"#{name}\n{text}" for name, text in files.items())


def name(version, suffix="json"):
    return f"{version:020}.{suffix}"


def main():
    seed("deletion_vector_fuzz", *VECTORS)
    frame = b"\x01" + struct.pack(">I", len(VECTORS[1])) + VECTORS[1] + struct.pack(">I", zlib.crc32(VECTORS[1]))
    seed("descriptor_fuzz", *(b"i" + struct.pack("<iI", len(v), 0) + z85(v).encode() for v in VECTORS[:3]),
         b"u" + struct.pack("<ii", len(VECTORS[1]), 1) + b"ab/" + z85(bytes(range(16))).encode(), b"p" + struct.pack("<ii", 9, 1) + b"/data/x.bin",
         b"p" + struct.pack("<ii", 9, 1) + b"s3://b/a%20b.bin", b"u" + struct.pack("<ii", 40, 0) + frame)
    seed("path_fuzz", "a.parquet", "p=1/a%20b.parquet", "p=a%253Ab/x", "../x", "%2e%2e/x", "a/../b", "./a//b", "/abs/x", "file:/abs/x", "file:///abs/x",
         "file://localhost/x", "s3://bucket/a/b", "S3A://b/../x", "a:b.parquet", "%00", "%zz", "http://h/x?y#z", "memory:/x")
    values = ["true", "127", "-32768", "2147483647", "-9223372036854775808", "1.5e3", "-Infinity", "12345.678", "text", "\u0001\u0002", "2024-02-29",
              "2024-02-29 12:34:56.789", "2024-02-29T12:34:56.123456Z", "NaN", "x", "+10000-01-01"]
    seed("partition_value_fuzz", *(bytes([kind]) + value.encode() for kind, value in enumerate(values)))
    seed("statistics_fuzz", json.dumps(STATS), json.dumps(STATS, ensure_ascii=False, indent=1), "{}", '{"numRecords":0}', '{"numRecords":1e2}',
         '{"minValues":{"i":null},"maxValues":{"i":[1]}}', '{"nullCount":{"l":3},"numRecords":3}')
    seed("log_names_fuzz", "\n".join(name(v) for v in range(4)),
         "\n".join([name(2, "checkpoint.parquet"), name(3), name(1, f"checkpoint.{UUID}.json"), name(2, "crc"), name(1, f"{3:020}.compacted.json")]),
         "\n".join([name(5, f"checkpoint.{part:010}.{2:010}.parquet") for part in (1, 2)] + [name(6), "_last_checkpoint"]),
         "\n".join([name(9223372036854775807), name(9223372036854775807, "checkpoint.parquet"), name(0), name(0, f"{9223372036854775807:020}.compacted.json")]))
    seed("snapshot_fuzz", log(**{name(0): lines(*PLAIN, add("a"), add("b")), name(1): lines(remove("a"), add("c"))}),
         log(**{name(0): lines(*PLAIN, add("a")), name(1): lines(add("b")), name(2): lines(remove("b"), {"txn": {"appId": "x", "version": 2}}),
                name(0, f"{2:020}.compacted.json"): lines(*PLAIN, add("a"), remove("b")), "_last_checkpoint": '{"version":1}'}),
         log(**{name(3, f"checkpoint.{UUID}.json"): lines({"checkpointMetadata": {"version": 3}}, *PLAIN, add("a"), add("b")), name(4): lines(remove("a")),
                name(4, "crc"): json.dumps({"protocol": PLAIN[0]["protocol"], "metadata": PLAIN[1]["metaData"], "numFiles": 1})}),
         log(**{name(0): lines(PROTOCOL, METADATA, ACTIONS[2])}))
    seed("actions_json_fuzz", *(lines(action) for action in ACTIONS), lines(*ACTIONS))
    seed("commit_fuzz", lines(*ACTIONS), "".join(json.dumps(action, indent=2) + "\r\n" for action in ACTIONS[:4]), "\ufeff" + lines(ACTIONS[3]))
    seed("schema_json_fuzz", json.dumps(SCHEMA), *(json.dumps({"type": "struct", "fields": [field]}) for field in SCHEMA["fields"]))
    seed("checksum_fuzz", json.dumps({"txnId": "x", "tableSizeBytes": 1, "numFiles": 1, "numMetadata": 1, "numProtocol": 1, "inCommitTimestampOpt": 5,
                                      "numDeletedRecordsOpt": 2, "metadata": METADATA["metaData"], "protocol": PROTOCOL["protocol"]}))
    seed("last_checkpoint_fuzz", '{"version":10,"size":5}', '{"version":10,"size":5,"parts":2,"sizeInBytes":9,"numOfAddFiles":1,"checkpointSchema":'
         '{"type":"struct","fields":[]},"checksum":"0123456789abcdef0123456789abcdef"}', '{"k1":"v 1","k2":[1,{"a":null}],"version":1}')
    seed("sparksql_fuzz", "i > 0 AND 10 / i > 1 OR NOT o", "s LIKE 'a!%' ESCAPE '!' AND s RLIKE '^[a-z]+(x|y){2,3}?$'", "CASE i WHEN 1 THEN 'a' ELSE s END",
         "CAST(p * 2.50 AS DECIMAL(10,1))::string", "t + INTERVAL '1 day 2 hours' >= TIMESTAMP '2020-01-01 00:00:00+01:00'", "st.i IS NOT DISTINCT FROM ar[0] % 7Y",
         "substring(s FROM -2 FOR b) || trim(LEADING 'x' FROM `s`)", "date_format(c, 'yyyy-MM-dd''T''HH')", "mp['k'] BETWEEN -1L AND 1e3", "X'00ff' = x",
         "coalesce(i, l, 0) IN (1, 2, NULL)", "'a\\u00e9\\101' \"b\" r'\\n'", "extract(year FROM t) = year(n)", "if(isnan(d), 1F, d DIV 2) <=> ~i & 3 | 4 ^ 5")


if __name__ == "__main__":
    main()
