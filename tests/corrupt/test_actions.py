"""Owns damages to what well-formed actions say: types, missing and contradicting fields, hostile numbers, paths,
partition values, schemas, features. Damages to bytes are test_log_text.py's."""
import copy
import json
import unittest

from base import CorruptTest, edit_actions, log
from judge import EITHER, ELSEWHERE, ERROR, REFUSALS, SAME, Damage
from tables import ROWS, SCHEMA, VERSIONS, path_of, rows_of

VALUES = {"true": True, "a number": 5, "negative": -1, "2^63": 1 << 63, "-2^64": -(1 << 64), "1e400": 1.5, "text": "text",
          "a list": [], "a list of null": [None], "an object": {}, "deep": [[[[[[1]]]]]], "empty": "", "null": None}


def find(actions, name, nth=0):
    return [action for action in actions if name in action][nth][name]


def setting(name, path, value, nth=0):
    """Sets the field at `path` of the nth action of a name."""
    def change(actions):
        at = find(actions, name, nth)
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = copy.deepcopy(value)
        return actions
    return change


def dropping(name, path, nth=0):
    def change(actions):
        at = find(actions, name, nth)
        for step in path[:-1]:
            at = at[step]
        del at[path[-1]]
        return actions
    return change


# (action, field, version, may another value make another valid table?). Where it may, only crashes, hangs and messages
# that name nothing are judged against `rows`.
FIELDS = [("protocol", ["minReaderVersion"], 0), ("protocol", ["minWriterVersion"], 0), ("protocol", ["readerFeatures"], 0),
          ("protocol", ["writerFeatures"], 0), ("metaData", ["id"], 0), ("metaData", ["name"], 0),
          ("metaData", ["description"], 0), ("metaData", ["format"], 0), ("metaData", ["format", "provider"], 0),
          ("metaData", ["format", "options"], 0), ("metaData", ["schemaString"], 0), ("metaData", ["configuration"], 0),
          ("metaData", ["createdTime"], 0), ("add", ["path"], 1), ("add", ["partitionValues"], 1), ("add", ["size"], 1),
          ("add", ["modificationTime"], 1), ("add", ["dataChange"], 1), ("add", ["stats"], 1), ("add", ["tags"], 1),
          ("add", ["deletionVector"], 1), ("add", ["baseRowId"], 1), ("add", ["defaultRowCommitVersion"], 1),
          ("add", ["clusteringProvider"], 1), ("remove", ["deletionTimestamp"], 1), ("remove", ["dataChange"], 1),
          ("remove", ["extendedFileMetadata"], 1), ("remove", ["partitionValues"], 1), ("remove", ["size"], 1),
          ("txn", ["appId"], 1), ("txn", ["version"], 1), ("txn", ["lastUpdated"], 1), ("commitInfo", ["timestamp"], 1),
          ("commitInfo", ["operation"], 1)]


class Actions(CorruptTest):
    def test_a_field_of_any_other_type_is_refused_or_harmless(self):
        damages = []
        for name, path, version in FIELDS:
            for kind, value in VALUES.items():
                names = [VERSIONS[version], "data file text", "/text", "protocol", "the schema of version",
                         "reader version 5", "of format '", "c.parquet, partition column", "partition column p in its action"]
                damages.append(Damage(f"{name}.{'.'.join(path)} is {kind}",
                                      edit_actions(log(version), setting(name, path, value)), EITHER, names))
        self.check("commits_without_checksum", damages)

    def test_an_action_of_any_other_type_is_refused(self):
        def replacing(name, value):
            def change(actions):
                for action in actions:
                    if name in action:
                        action[name] = value
                return actions
            return change
        self.check("commits_without_checksum", [
            Damage(f"{name} is {kind}", edit_actions(log(version), replacing(name, value)), names=[VERSIONS[version], name])
            for name, version in (("protocol", 0), ("metaData", 0), ("add", 1), ("remove", 1))
            for kind, value in VALUES.items() if kind not in ("null",)])

    def test_a_required_field_that_is_missing_is_refused(self):
        required = [("protocol", "minReaderVersion", 0), ("protocol", "minWriterVersion", 0), ("metaData", "id", 0),
                    ("metaData", "schemaString", 0), ("metaData", "partitionColumns", 0), ("add", "path", 1),
                    ("add", "partitionValues", 1), ("add", "size", 1), ("add", "modificationTime", 1),
                    ("add", "dataChange", 1), ("remove", "path", 1), ("remove", "dataChange", 1)]
        self.check("commits_without_checksum", [
            Damage(f"{name} without {field}", edit_actions(log(version), dropping(name, [field])), names=log(version))
            for name, field, version in required])

    def test_tables_without_protocol_or_metadata_or_with_two_are_told(self):
        def without(name):
            return lambda actions: [action for action in actions if name not in action]

        def twice(name, **changes):
            def change(actions):
                second = copy.deepcopy(find(actions, name))
                second.update(changes)
                return actions + [{name: second}]
            return change

        def both(actions):
            return [{"add": find(actions, "add"), "remove": {"path": path_of("b"), "dataChange": True}}] + actions
        self.check("commits_without_checksum", [
            Damage("no protocol", edit_actions(log(0), without("protocol")), names="protocol"),
            Damage("no metaData", edit_actions(log(0), without("metaData")), names="metaData"),
            Damage("protocol twice", edit_actions(log(0), twice("protocol")), EITHER, log(0)),
            Damage("metaData twice", edit_actions(log(0), twice("metaData")), EITHER, log(0)),
            Damage("two protocols", edit_actions(log(0), twice("protocol", minReaderVersion=99)), ERROR, ["99", log(0)]),
            Damage("one line, two actions", edit_actions(log(0), both), ERROR, log(0)),
            Damage("an add that is there twice", edit_actions(log(1), lambda a: a + [{"add": find(a, "add")}]), EITHER, log(1)),
            Damage("a remove of what never was", edit_actions(log(1), setting("remove", ["path"], "no/such.parquet")),
                   EITHER, log(1), rows=rows_of("a") + ROWS)])

    def test_features_and_versions_beyond_this_build_are_refused_by_name(self):
        def to(value):
            return edit_actions(log(0), lambda actions: [{"protocol": value} if "protocol" in action else action
                                                         for action in actions])

        def features(reader, writer):
            return {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": reader, "writerFeatures": writer}
        self.check("commits_without_checksum", [
            Damage("reader feature", to(features(["timeMachine"], ["timeMachine"])), names="timeMachine"),
            Damage("reader feature of a reader only", to(features(["timeMachine"], [])), names="timeMachine"),
            Damage("reader version 4", to({"minReaderVersion": 4, "minWriterVersion": 7}), names="4"),
            Damage("reader version 2^31-1", to({"minReaderVersion": 2147483647, "minWriterVersion": 7}), names="2147483647"),
            Damage("reader version 0", to({"minReaderVersion": 0, "minWriterVersion": 2}), EITHER),
            Damage("reader 3 without a list", to({"minReaderVersion": 3, "minWriterVersion": 7}), EITHER),
            Damage("feature names that are numbers", to(features([5], [5])), names=log(0)),
            Damage("no feature name", to(features([""], [""])), ERROR, "feature"),
            Damage("a feature twice", to(features(["deletionVectors"] * 2, ["deletionVectors"] * 2)), SAME),
            Damage("writer feature", to({"minReaderVersion": 1, "minWriterVersion": 7, "writerFeatures": ["timeMachine"]}), SAME),
            Damage("writer version 99", to({"minReaderVersion": 1, "minWriterVersion": 99}), SAME)])

    def test_paths_that_leave_the_table_or_name_no_file_are_refused(self):
        paths = ["..", "../x.parquet", "../../etc/passwd", "%2e%2e/x.parquet", "%2E%2E%2Fx.parquet", "a/../../x.parquet",
                 "a/%2e%2e/..%2fx.parquet", "/etc/passwd", "/etc/shadow", "file:///etc/passwd", "file:/etc/passwd",
                 "file:etc/passwd", "file://host/x.parquet", "FILE:///etc/passwd", "", ".", "/", "//", "./", "%", "%zz",
                 "%4", "a%00b", "a\0b", "http://127.0.0.1:1/x.parquet", "https://127.0.0.1:1/x", "s3://bucket/x.parquet",
                 "s3a://b/x", "abfss://c@a.dfs/x", "gs://b/x", "hdfs://n/x", "duckdb:x", "a" * 5000, "a/" * 3000,
                 "*.parquet", "p=y/*.parquet", "p=y/[c].parquet", "p=y/?.parquet", "**/*.parquet", "p=y", "p=y/",
                 "_delta_log/00000000000000000000.json", "/dev/zero", "/dev/stdin", "/proc/self/mem", "\n", "\\..\\x",
                 "p=y/c.parquet'; DROP TABLE x; --", "x\"y", "{a,b}", "\u202e.parquet", "~/x", "$HOME/x", "`id`"]
        def names(path):
            return [VERSIONS[1], "data file", "p=y", "/etc/", "Cannot open file"] + ([path[:60]] if path.strip("/.\0\n") else [])
        self.check("commits_without_checksum", [
            Damage(f"add {number}: {path[:40]!r}", edit_actions(log(1), setting("add", ["path"], path)), names=names(path),
                   refusals=ELSEWHERE if "://" in path else REFUSALS)
            for number, path in enumerate(paths)] + [
            Damage(f"remove {number}: {path[:40]!r}", edit_actions(log(1), setting("remove", ["path"], path)), EITHER,
                   VERSIONS[1], rows=rows_of("a") + ROWS)
            for number, path in enumerate(paths)])

    def test_hostile_numbers_of_an_add_hurt_nobody(self):
        stats = ["", "{", "[]", "null", "5", '{"numRecords":-1}', '{"numRecords":9223372036854775807}', '{"numRecords":1e400}',
                 '{"numRecords":"10"}', '{"numRecords":10,"minValues":[]}', '{"minValues":{"id":{"x":1}}}',
                 '{"minValues":' * 500 + "1" + "}" * 500, "[" * 100000, '{"a":"\\ud800"}', "\0", '{"nullCount":{"id":-5}}']
        damages = [Damage(f"stats {number}, {command}", edit_actions(log(1), setting("add", ["stats"], text)),
                          SAME if command == "export" else EITHER, [VERSIONS[1], "c.parquet"], command=command)
                   for number, text in enumerate(stats) for command in ("export", "count", "info", "files")]
        for field in ("size", "modificationTime"):
            for value in (0, 1, 1 << 40, (1 << 63) - 1, -1, -(1 << 63)):
                for command in ("export", "info", "count"):
                    damages.append(Damage(f"{field} {value}, {command}", edit_actions(log(1), setting("add", [field], value)),
                                          EITHER, [VERSIONS[1], "c.parquet"], command=command))
        self.check("commits_without_checksum", damages)

    def test_partition_values_that_are_none_of_their_type_are_refused(self):
        types = {"byte": ["x", "1.5", "128", "-129", " 1", "1 ", "0x1"], "short": ["x", "32768", "--1"],
                 "integer": ["x", "2147483648", "1_000"], "long": ["x", "9223372036854775808", "∞"],
                 "float": ["x", "1,5", "0x"], "double": ["x", "1.5.5", "1e"], "boolean": ["x", "2", "truee"],
                 "decimal(5,2)": ["x", "1234.5", "1.2.3", "1e9"], "date": ["x", "2024-13-01", "2024-02-30", "2024-1", "20240101x"],
                 "timestamp": ["x", "2024-01-01 25:00:00", "2024-01-01T00:00:00+99:00", "2024-01-01 00:00:61.5x"],
                 "timestamp_ntz": ["x", "2024-01-01 24:61:00"]}
        damages = []
        for type_, values in types.items():
            def change(actions, type_=type_):
                schema = copy.deepcopy(SCHEMA)
                schema["fields"][2]["type"] = type_
                find(actions, "metaData")["schemaString"] = json.dumps(schema)
                for action in actions:
                    if "add" in action:
                        action["add"]["partitionValues"]["p"] = None
                    if "protocol" in action and type_ == "timestamp_ntz":
                        action["protocol"] = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["timestampNtz"],
                                              "writerFeatures": ["timestampNtz"]}
                return actions

            for value in values:
                def apply(table, change=change, value=value):
                    edit_actions(log(0), change)(table)
                    edit_actions(log(1), setting("add", ["partitionValues", "p"], value))(table)
                damages.append(Damage(f"{type_} {value!r}", apply, names="c.parquet"))
        for name, values in {"a list": ["x"], "an object": {"a": "b"}, "missing": {}}.items():
            value = {} if name == "missing" else {"p": values}
            damages.append(Damage(f"partition value: {name}", edit_actions(log(1), setting("add", ["partitionValues"], value)),
                                  names=[VERSIONS[1], "c.parquet"]))
        self.check("commits_without_checksum", damages)

    def test_schemas_that_are_none_are_refused(self):
        def field(**changes):
            return {"type": "struct", "fields": [{"name": "id", "type": "long", "nullable": True, "metadata": {}, **changes}]}

        def nested(depth):
            return '{"type":"struct","fields":[{"name":"id","nullable":true,"metadata":{},"type":' + \
                '{"type":"array","containsNull":true,"elementType":' * depth + '"long"' + "}" * depth + "}]}"
        schemas = {"empty": "", "blank": " ", "cut": json.dumps(SCHEMA)[:-5], "no JSON": "struct<id:long>", "a list": "[]",
                   "null": "null", "a number": "5", "a string": '"long"', "primitive": '{"type":"long"}', "an array type":
                   '{"type":"array","elementType":"long","containsNull":true}', "no fields": '{"type":"struct"}',
                   "fields is an object": '{"type":"struct","fields":{}}', "fields of numbers": '{"type":"struct","fields":[5]}',
                   "no name": '{"type":"struct","fields":[{"type":"long","nullable":true,"metadata":{}}]}',
                   "name is a number": json.dumps(field(name=5)), "no type": '{"type":"struct","fields":[{"name":"id"}]}',
                   "unknown type": json.dumps(field(type="quaternion")), "type is a number": json.dumps(field(type=5)),
                   "type is null": json.dumps(field(type=None)), "decimal(99,1)": json.dumps(field(type="decimal(99,1)")),
                   "decimal(5,9)": json.dumps(field(type="decimal(5,9)")), "decimal(-1,0)": json.dumps(field(type="decimal(-1,0)")),
                   "decimal(99999999999999999999,1)": json.dumps(field(type="decimal(99999999999999999999,1)")),
                   "nullable is text": json.dumps(field(nullable="maybe")), "metadata is a list": json.dumps(field(metadata=[1])),
                   "deep": nested(1000), "very deep": nested(100000), "brackets": "[" * 1000000,
                   "same name twice": json.dumps({"type": "struct", "fields": field()["fields"] * 2 + SCHEMA["fields"][2:]}),
                   "partition column gone": json.dumps(field()), "NUL": "\0", "map without key": json.dumps(
                       field(type={"type": "map", "valueType": "long", "valueContainsNull": True}))}
        wide = json.dumps({"type": "struct", "fields": SCHEMA["fields"] + [
            {"name": f"column {i}", "type": "long", "nullable": True, "metadata": {}} for i in range(2000)]})
        more = {f"column {i}": None for i in range(2000)}
        self.check("commits_without_checksum", [
            Damage(name, edit_actions(log(0), setting("metaData", ["schemaString"], text)),
                   names=[log(0), "schema", "partition column"]) for name, text in schemas.items()] + [
            # Wide is no damage: columns that no file has are NULL.
            Damage("wide", edit_actions(log(0), setting("metaData", ["schemaString"], wide)),
                   rows=[{**row, **more} for row in ROWS]),
            Damage("partition columns: unknown", edit_actions(log(0), setting("metaData", ["partitionColumns"], ["q"])), names="'q'"),
            Damage("partition columns: a number", edit_actions(log(0), setting("metaData", ["partitionColumns"], [5])), names=log(0)),
            Damage("partition columns: text", edit_actions(log(0), setting("metaData", ["partitionColumns"], "p")), names=log(0)),
            Damage("partition columns: twice", edit_actions(log(0), setting("metaData", ["partitionColumns"], ["p", "p"])),
                   EITHER, ["p", log(0)])])

    def test_column_mapping_that_does_not_name_columns_is_refused(self):
        def mapped(metadata, mode="name"):
            def change(actions):
                schema = copy.deepcopy(SCHEMA)
                for i, column in enumerate(schema["fields"]):
                    column["metadata"] = metadata(i, column["name"])
                found = find(actions, "metaData")
                found["schemaString"] = json.dumps(schema)
                found["configuration"] = {"delta.columnMapping.mode": mode, "delta.columnMapping.maxColumnId": "3"}
                for action in actions:
                    if "protocol" in action:
                        action["protocol"] = {"minReaderVersion": 2, "minWriterVersion": 5}
                return actions
            return change

        def entry(number, name):
            return {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": name}
        self.check("commits_without_checksum", [
            Damage("right", edit_actions(log(0), mapped(lambda i, n: entry(i + 1, n))), SAME),
            Damage("no metadata", edit_actions(log(0), mapped(lambda i, n: {})), names=["id", "schema"]),
            Damage("one physical name for two", edit_actions(log(0), mapped(lambda i, n: entry(i + 1, "x"))), names="x"),
            Damage("name is a number", edit_actions(log(0), mapped(lambda i, n: entry(i + 1, 5))), names=["schema", "id"]),
            Damage("id is text", edit_actions(log(0), mapped(lambda i, n: entry("one", n), "id")), names=["schema", "id"]),
            Damage("id of 2^40", edit_actions(log(0), mapped(lambda i, n: entry((1 << 40) + i, n), "id")), names=["schema", "id"]),
            Damage("one id for two", edit_actions(log(0), mapped(lambda i, n: entry(1, n), "id")), names=["id"]),
            Damage("mode is none of three", edit_actions(log(0), mapped(lambda i, n: entry(i + 1, n), "psychic")), names="psychic")])


if __name__ == "__main__":
    unittest.main()
