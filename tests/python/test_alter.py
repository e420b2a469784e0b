"""Proves DeltaTable.alter and the log's upkeep by behaviour: each change by what the package deltalake reads afterwards (where it can
read such a table), each refusal by its class and the name in its message."""
import glob
import os
import unittest

import deltalake
import pyarrow as pa

from deltic import CommitProperties, DeltaTable, Field, PostCommitHookProperties, TableFeatures, write_deltalake
from deltic import exceptions
from deltic.schema import ArrayType, PrimitiveType, StructType
from tables import Tables

ROWS = pa.table({"id": pa.array([1, 2], pa.int64()), "name": ["a", None], "place": [{"x": 1}, {"x": 2}]})


class Alter(Tables):
    def new(self, **options):
        path = self.fresh()
        write_deltalake(path, ROWS, **options)
        return DeltaTable(path)

    def names(self, table):
        return [field.name for field in deltalake.DeltaTable(table.table_uri).schema().fields]

    # Columns.

    def test_columns_are_added(self):
        table = self.new()
        table.alter.add_columns(Field("city", "string", metadata={"comment": "where"}))
        table.alter.add_columns([Field("a", "integer"), Field("b", ArrayType("long", contains_null=True))], commit_properties=CommitProperties({"who": "me"}))
        table.alter.add_columns("first_of_all int", first=True)
        table.alter.add_columns("after_id decimal(10,2) comment 'c'", after="id")
        self.assertEqual(self.names(table), ["first_of_all", "id", "after_id", "name", "place", "city", "a", "b"])
        self.assertEqual((table.version(), table.history(3)[2]["who"]), (4, "me"))
        self.assertEqual(table.to_pyarrow_table(columns=["id", "city"]).num_rows, 2)

    def test_fields_of_a_struct_are_merged_into_it(self):
        table = self.new()
        table.alter.add_columns(Field("place", StructType([Field("x", "long"), Field("y", "string")])))
        place = deltalake.DeltaTable(table.table_uri).schema().fields[2]
        self.assertEqual([field.name for field in place.type.fields], ["x", "y"])
        before = table.version()
        table.alter.add_columns(Field("name", "string"))  # it is there
        self.assertEqual(table.version(), before)
        with self.assertRaisesRegex(exceptions.SchemaMismatchError, "name"):
            table.alter.add_columns(Field("name", "long"))
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.alter.add_columns(["a int", "b int"], after="id")
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.alter.add_columns("a nonsense")

    def test_fields_of_the_package_deltalake_are_understood(self):
        table = self.new()
        table.alter.add_columns([deltalake.Field("z", "long")])
        self.assertEqual(self.names(table)[-1], "z")

    def test_renaming_and_dropping_need_column_mapping(self):
        table = self.new()
        for change in (lambda: table.alter.rename_column("name", "title"), lambda: table.alter.drop_columns("name")):
            with self.assertRaisesRegex(exceptions.DeltaError, "columnMapping"):
                change()
        table.alter.set_table_properties({"delta.columnMapping.mode": "name"})
        table.alter.rename_column("name", "title")
        table.alter.rename_column("place.x", "latitude")
        table.alter.drop_columns(["id"])
        self.assertEqual([field.name for field in table.schema().fields], ["title", "place"])
        self.assertEqual(set(table.to_pyarrow_table()["title"].to_pylist()), {None, "a"})
        self.assertEqual(sorted(row["latitude"] for row in table.to_pyarrow_table()["place"].to_pylist()), [1, 2])
        write_deltalake(table, pa.table({"title": ["new"]}), mode="append")
        self.assertEqual(table.count("title = 'new'"), 1)
        with self.assertRaisesRegex(exceptions.InvalidArgumentError, "id"):
            table.alter.drop_columns("id")
        table.alter.drop_columns("id", raise_if_not_exists=False)

    def test_types_become_wider(self):
        path = self.fresh()
        write_deltalake(path, pa.table({"n": pa.array([1], pa.int32()), "m": pa.array([1], pa.int16())}), configuration={"delta.enableTypeWidening": "true"})
        table = DeltaTable(path)
        table.alter.change_column_type("n", "bigint")
        table.alter.change_column_type("m", PrimitiveType("integer"))
        self.assertEqual([field.type.type for field in table.schema().fields], ["long", "integer"])
        write_deltalake(table, pa.table({"n": [2**40], "m": [2**20]}), mode="append")
        self.assertEqual(sorted(table.to_pyarrow_table()["n"].to_pylist()), [1, 2**40])
        with self.assertRaises(exceptions.DeltaError):
            table.alter.change_column_type("n", "int")
        with self.assertRaisesRegex(exceptions.DeltaError, "enableTypeWidening|typeWidening"):
            self.new().alter.change_column_type("id", "decimal(20,0)")

    def test_nullability(self):
        table = self.new()
        table.alter.set_column_not_null("id")
        self.assertFalse(deltalake.DeltaTable(table.table_uri).schema().fields[0].nullable)
        with self.assertRaises(exceptions.ConstraintViolationError):
            table.alter.set_column_not_null("name")
        with self.assertRaises(exceptions.ConstraintViolationError):
            write_deltalake(table, pa.table({"id": pa.array([None], pa.int64())}), mode="append")
        table.alter.drop_column_not_null("id")
        write_deltalake(table, pa.table({"id": pa.array([None], pa.int64())}), mode="append")

    def test_comments_places_defaults_and_metadata_of_columns(self):
        table = self.new()
        table.alter.set_column_comment("name", "what it is called")
        table.alter.set_column_metadata("name", {"unit": "none"})
        self.assertEqual(deltalake.DeltaTable(table.table_uri).schema().fields[1].metadata, {"comment": "what it is called", "unit": "none"})
        table.alter.set_column_comment("name", None)
        table.alter.set_column_metadata("name", {"unit": None})
        self.assertEqual(table.schema().fields[1].metadata, {})
        table.alter.move_column("name", first=True)
        table.alter.move_column("id", after="place")
        self.assertEqual(self.names(table), ["name", "place", "id"])
        with self.assertRaisesRegex(exceptions.UnsupportedError, "allowColumnDefaults"):
            table.alter.set_default("name", "'x'")
        table.alter.add_feature("allowColumnDefaults", True)
        table.alter.set_default("name", "'x'")
        write_deltalake(table, pa.table({"id": [3]}), mode="append")
        self.assertEqual(table.to_pyarrow_table(columns=["name"], filters="id = 3").to_pylist(), [{"name": "x"}])
        table.alter.set_default("name", None)
        with self.assertRaisesRegex(exceptions.InvalidArgumentError, "nowhere"):
            table.alter.set_column_comment("nowhere", "x")

    # Rules.

    def test_constraints_are_checked_kept_and_dropped(self):
        table = self.new()
        table.alter.add_constraint({"positive": "id > 0", "small": "id < 100"})
        self.assertEqual(deltalake.DeltaTable(table.table_uri).metadata().configuration,
                         {"delta.constraints.positive": "id > 0", "delta.constraints.small": "id < 100"})
        with self.assertRaisesRegex(exceptions.DeltaProtocolError, "positive"):
            write_deltalake(table, pa.table({"id": [0]}), mode="append")
        with self.assertRaises(exceptions.ConstraintViolationError):
            table.alter.add_constraint({"never": "id > 50"})
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.alter.add_constraint({"what": "nowhere > 50"})
        table.alter.drop_constraint("positive")
        write_deltalake(table, pa.table({"id": [0]}), mode="append")
        with self.assertRaisesRegex(exceptions.DeltaError, "positive"):
            table.alter.drop_constraint("positive")
        table.alter.drop_constraint("positive", raise_if_not_exists=False)

    # The table.

    def test_properties_are_set_and_unset(self):
        table = self.new()
        table.alter.set_table_properties({"delta.enableChangeDataFeed": "true", "mine": "x"})
        self.assertEqual(deltalake.DeltaTable(table.table_uri).metadata().configuration, {"delta.enableChangeDataFeed": "true", "mine": "x"})
        before = table.version()
        table.alter.set_table_properties({"mine": "x"})
        self.assertEqual(table.version(), before)  # it was so already
        table.alter.unset_table_properties(["delta.enableChangeDataFeed", "mine"])
        self.assertEqual(table.metadata().configuration, {})
        with self.assertRaisesRegex(exceptions.DeltaError, "mine"):
            table.alter.unset_table_properties("mine")
        table.alter.unset_table_properties("mine", raise_if_not_exists=False)
        for name, value in (("delta.enableChangeDataFed", "true"), ("delta.enableChangeDataFeed", "perhaps")):
            with self.subTest(name), self.assertRaisesRegex(exceptions.InvalidArgumentError, name):
                table.alter.set_table_properties({name: value})
        with self.assertRaises(TypeError):
            table.alter.set_table_properties({"mine": 7})

    def test_name_and_description(self):
        table = self.new()
        table.alter.set_table_name("a name")
        table.alter.set_table_description("what it is")
        other = deltalake.DeltaTable(table.table_uri).metadata()
        self.assertEqual((other.name, other.description), ("a name", "what it is"))

    def test_clustering(self):
        table = self.new()
        table.alter.cluster_by("id")
        self.assertIn("clustering", table.protocol().writer_features)
        table.alter.cluster_by(None)
        write_deltalake(table, ROWS, mode="append")
        made = DeltaTable.create(self.fresh(), "id bigint", cluster_by=["id"])
        self.assertIn("clustering", made.protocol().writer_features)

    # Features.

    def test_features_are_added_and_dropped(self):
        table = self.new()
        with self.assertRaisesRegex(exceptions.InvalidArgumentError, "allow_protocol_versions_increase"):
            table.alter.add_feature(TableFeatures.DeletionVectors)
        table.alter.add_feature(TableFeatures.AppendOnly)  # writer version 2 has it
        self.assertEqual(table.version(), 0)
        table.alter.add_feature([TableFeatures.DeletionVectors, deltalake.TableFeatures.TimestampWithoutTimezone], True)
        table.alter.add_feature("domainMetadata")
        protocol = table.protocol()
        self.assertLessEqual({"deletionVectors", "timestampNtz", "domainMetadata", "appendOnly", "invariants"}, set(protocol.writer_features))
        self.assertEqual(sorted(protocol.reader_features), ["deletionVectors", "timestampNtz"])
        table.alter.drop_feature("domainMetadata")
        self.assertNotIn("domainMetadata", table.protocol().writer_features)
        with self.assertRaises(exceptions.DeltaError):
            table.alter.drop_feature("domainMetadata")
        with self.assertRaisesRegex(exceptions.DeltaError, "nonsense"):
            table.alter.add_feature("nonsense", True)

    def test_every_feature_of_the_class_has_a_name_that_the_protocol_knows(self):
        for feature in TableFeatures:
            if feature in (TableFeatures.GeneratedColumns, TableFeatures.IdentityColumns, TableFeatures.IcebergCompatV1):
                continue
            with self.subTest(feature):
                self.new().alter.add_feature(feature, True)

    def test_commit_arguments_by_place_still_work_and_warn(self):
        table = self.new()
        with self.assertWarns(DeprecationWarning):
            table.alter.set_table_name("n", CommitProperties({"who": "me"}))
        self.assertEqual(table.history(1)[0]["who"], "me")
        with self.assertWarns(DeprecationWarning):
            table.alter.add_constraint({"c": "id > 0"}, PostCommitHookProperties(), CommitProperties({"who": "you"}))
        self.assertEqual(table.history(1)[0]["who"], "you")
        with self.assertRaises(TypeError):
            table.alter.set_table_name("n", None, None, None)

    # Its log.

    def log(self, table):
        return {os.path.basename(name) for name in glob.glob(f"{table._uri}/_delta_log/*")}

    def test_a_checkpoint_is_of_the_version_that_the_object_is_at(self):
        table = self.new()
        write_deltalake(table._uri, ROWS, mode="append")
        table.create_checkpoint()
        self.assertIn(f"{0:020}.checkpoint.parquet", self.log(table))
        table.update_incremental()
        table.create_checkpoint()
        self.assertIn(f"{1:020}.checkpoint.parquet", self.log(table))
        self.assertEqual(deltalake.DeltaTable(table._uri).to_pyarrow_table().num_rows, 4)

    def test_the_log_is_compacted_and_cleaned(self):
        table = self.new()
        for _ in range(4):
            write_deltalake(table, ROWS, mode="append")
        table.compact_logs(1, 3)
        self.assertIn(f"{1:020}.{3:020}.compacted.json", self.log(table))
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.compact_logs(3, 3)
        self.assertEqual(table.cleanup_metadata(), [])
        table.create_checkpoint()
        told = table.cleanup_metadata(dry_run=True, retention_hours=0)
        self.assertIn(f"_delta_log/{0:020}.json", told)
        self.assertIn(f"{0:020}.json", self.log(table))
        self.assertEqual(sorted(table.cleanup_metadata(retention_hours=0)), sorted(told))
        self.assertNotIn(f"{0:020}.json", self.log(table))
        self.assertEqual(deltalake.DeltaTable(table._uri).to_pyarrow_table().num_rows, 10)
        with self.assertRaises(exceptions.InvalidArgumentError):
            table.cleanup_metadata(retention_hours=-1)


if __name__ == "__main__":
    unittest.main()
