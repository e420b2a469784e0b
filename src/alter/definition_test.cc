// Tests of definitions: new tables, replaced ones, tables as writes need them. Protocols and properties expected are
// what Spark 4.2 with Delta 4.4 made of the same CREATE TABLE, typed down from a run.
#include "alter/definition.h"

#include <gtest/gtest.h>

#include "alter/clustering.h"
#include "features/feature_sets.h"
#include "schema/edit.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

using Names = std::vector<std::string>;

const DataType kInt(TypeKind::kInteger);
const DataType kLong(TypeKind::kLong);
const DataType kShort(TypeKind::kShort);
const DataType kText(TypeKind::kString);

StructField Field(const std::string& name, DataType type, bool nullable = true) {
  StructField field;
  field.name = name;
  field.type = std::move(type);
  field.nullable = nullable;
  return field;
}

StructField With(StructField field, const std::string& key, const std::string& json) {
  field.metadata[key] = json;
  return field;
}

Env TestEnv() {
  Env env;
  env.now_ms = [] { return int64_t{1700000000000}; };
  static uint64_t state = 1;  // goes on from call to call: names of columns are never the same
  env.random = [] { return state += 0x9E3779B97F4A7C15ULL; };
  return env;
}

TableDefinition Define(const TableSpec& spec, const TableDefinition* replaces = nullptr) {
  Result<TableDefinition> table = DefineTable(spec, TestEnv(), replaces);
  EXPECT_TRUE(table.ok()) << (table.ok() ? "" : table.error().message());
  return table.ok() ? *table : TableDefinition();
}

void ExpectRefused(const TableSpec& spec, Code code, const std::string& part) {
  const Result<TableDefinition> table = DefineTable(spec, TestEnv());
  ASSERT_FALSE(table.ok()) << part;
  EXPECT_EQ(table.error().code(), code) << table.error().message();
  EXPECT_NE(table.error().message().find(part), std::string::npos) << table.error().message();
}

void ExpectProtocol(const std::string& what, const Protocol& actual, const Protocol& expected) {
  std::string lists;
  if (actual.writer_features) {
    for (const std::string& name : *actual.writer_features) lists += name + " ";
  }
  EXPECT_TRUE(SameProtocol(actual, expected))
      << what << ": (" << actual.min_reader_version << "," << actual.min_writer_version << ") " << lists;
}

Protocol WriterFeatures(Names names) {
  names.insert(names.end(), {"appendOnly", "invariants"});
  return {1, 7, {}, std::move(names)};
}
Protocol Mapped(Names names) {
  names.insert(names.end(), {"appendOnly", "columnMapping", "invariants"});
  return {2, 7, {}, std::move(names)};
}
Protocol ReaderFeature(const std::string& name) { return {3, 7, Names{name}, Names{"appendOnly", "invariants", name}}; }

TEST(DefineTable, APlainTableHasTheLowestProtocolAndNoProperties) {
  TableSpec spec{.schema = {Field("a", kInt, false), Field("b", kText)}};
  spec.partition_columns = {"B"};
  spec.description = "hi";
  const TableDefinition table = Define(spec);
  ExpectProtocol("plain", table.protocol, {1, 2, {}, {}});
  EXPECT_TRUE(table.metadata.configuration.empty());
  EXPECT_EQ(table.metadata.partition_columns, Names{"b"});
  EXPECT_EQ(table.metadata.description, "hi");
  EXPECT_EQ(table.metadata.created_time, 1700000000000);
  EXPECT_EQ(table.metadata.id.size(), 36u);
  EXPECT_EQ(table.metadata.schema_string,
            R"({"type":"struct","fields":[{"name":"a","type":"integer","nullable":false,"metadata":{}},)"
            R"({"name":"b","type":"string","nullable":true,"metadata":{}}]})");
  EXPECT_EQ(DefinitionActions(nullptr, table).size(), 2u);
}

struct Case {
  StringMap properties;
  Protocol protocol;
};

TEST(DefineTable, EachPropertyGivesTheProtocolThatSparkGives) {
  const std::vector<Case> cases = {
      {{{"delta.appendOnly", "true"}}, {1, 2, {}, {}}},
      {{{"delta.appendOnly", "false"}}, {1, 2, {}, {}}},
      {{{"delta.enableChangeDataFeed", "true"}}, WriterFeatures({"changeDataFeed"})},
      {{{"delta.columnMapping.mode", "name"}}, Mapped({})},
      {{{"delta.columnMapping.mode", "id"}}, Mapped({})},
      {{{"delta.columnMapping.mode", "none"}}, {1, 2, {}, {}}},
      {{{"delta.enableDeletionVectors", "true"}}, ReaderFeature("deletionVectors")},
      {{{"delta.enableDeletionVectors", "false"}}, {1, 2, {}, {}}},
      {{{"delta.enableTypeWidening", "true"}}, ReaderFeature("typeWidening")},
      {{{"delta.enableRowTracking", "true"}}, WriterFeatures({"domainMetadata", "rowTracking"})},
      {{{"delta.enableInCommitTimestamps", "true"}}, WriterFeatures({"inCommitTimestamp"})},
      {{{"delta.checkpointPolicy", "v2"}}, ReaderFeature("v2Checkpoint")},
      {{{"delta.checkpointPolicy", "classic"}}, {1, 2, {}, {}}},
      {{{"delta.enableIcebergCompatV1", "true"}}, Mapped({"icebergCompatV1"})},
      {{{"delta.enableIcebergCompatV2", "true"}}, Mapped({"icebergCompatV2"})},
      {{{"delta.constraints.c1", "a > 0"}}, {1, 3, {}, {}}},
      {{{"delta.enableChangeDataFeed", "true"}, {"delta.columnMapping.mode", "name"}}, Mapped({"changeDataFeed"})},
      {{{"delta.feature.appendOnly", "enabled"}}, {1, 2, {}, {}}},
      {{{"delta.feature.DELETIONVECTORS", "Supported"}}, ReaderFeature("deletionVectors")},
      {{{"delta.feature.vacuumProtocolCheck", "supported"}}, ReaderFeature("vacuumProtocolCheck")},
      {{{"delta.feature.allowColumnDefaults", "supported"}}, WriterFeatures({"allowColumnDefaults"})},
      {{{"delta.feature.rowTracking", "supported"}}, WriterFeatures({"domainMetadata", "rowTracking"})},
      {{{"delta.ignoreProtocolDefaults", "true"}}, {1, 1, {}, {}}},
  };
  for (const Case& each : cases) {
    const TableDefinition table = Define({.schema = {Field("a", kInt)}, .configuration = each.properties});
    ExpectProtocol(each.properties.begin()->first, table.protocol, each.protocol);
    EXPECT_FALSE(table.metadata.configuration.contains("delta.ignoreProtocolDefaults"));
    for (const auto& [key, value] : table.metadata.configuration)
      EXPECT_FALSE(key.starts_with("delta.feature.")) << key;
  }
}

struct VersionsCase {
  std::string reader;
  std::string writer;
  StringMap more;
  Protocol protocol;
};

TEST(DefineTable, GivenVersionsAreWhatSparkMakesOfThem) {
  const std::vector<VersionsCase> cases = {
      {"1", "1", {}, {1, 1, {}, {}}},
      {"1", "2", {}, {1, 2, {}, {}}},
      {"1", "3", {}, {1, 3, {}, {}}},
      {"1", "4", {}, {1, 4, {}, {}}},
      {"1", "5", {}, {1, 4, {}, {}}},
      {"1", "6", {}, {1, 6, {}, {}}},
      {"2", "5", {}, {2, 5, {}, {}}},
      {"2", "6", {}, {2, 6, {}, {}}},
      {"1", "7", {}, {1, 1, {}, {}}},
      {"3", "7", {}, {1, 1, {}, {}}},
      {"2", "2", {}, {1, 2, {}, {}}},
      {"2", "3", {}, {1, 3, {}, {}}},
      {"", "1", {}, {1, 1, {}, {}}},
      {"", "5", {}, {1, 4, {}, {}}},
      {"", "7", {}, {1, 1, {}, {}}},
      {"3", "", {}, {1, 2, {}, {}}},
      {"1", "4", {{"delta.enableChangeDataFeed", "true"}}, {1, 4, {}, {}}},
      {"1", "2", {{"delta.enableChangeDataFeed", "true"}}, WriterFeatures({"changeDataFeed"})},
      {"1", "4", {{"delta.columnMapping.mode", "name"}}, {2, 5, {}, {}}},
      {"1",
       "4",
       {{"delta.enableDeletionVectors", "true"}},
       {3, 7, Names{"deletionVectors"},
        Names{"appendOnly", "changeDataFeed", "checkConstraints", "deletionVectors", "generatedColumns",
              "invariants"}}},
  };
  for (const VersionsCase& each : cases) {
    StringMap properties = each.more;
    if (!each.reader.empty()) properties["delta.minReaderVersion"] = each.reader;
    if (!each.writer.empty()) properties["delta.minWriterVersion"] = each.writer;
    const TableDefinition table = Define({.schema = {Field("a", kInt)}, .configuration = properties});
    ExpectProtocol(each.reader + "," + each.writer, table.protocol, each.protocol);
    EXPECT_FALSE(table.metadata.configuration.contains("delta.minWriterVersion"));
  }
  ExpectRefused({.schema = {Field("a", kInt)}, .configuration = {{"delta.minReaderVersion", "9"}}},
                Code::kInvalidArgument, "from 1 to 3");
}

TEST(DefineTable, ColumnsBringTheFeaturesThatTheyNeed) {
  const auto protocol = [](StructField field) {
    return Define({.schema = {std::move(field), Field("z", kInt)}}).protocol;
  };
  ExpectProtocol("ntz", protocol(Field("a", DataType(TypeKind::kTimestampNtz))), ReaderFeature("timestampNtz"));
  ExpectProtocol("variant", protocol(Field("a", DataType(TypeKind::kVariant))), ReaderFeature("variantType"));
  ExpectProtocol("generated", protocol(With(Field("a", kInt), "delta.generationExpression", "\"z + 1\"")),
                 WriterFeatures({"generatedColumns"}));
  ExpectProtocol("identity", protocol(With(Field("a", kLong), "delta.identity.start", "1")),
                 WriterFeatures({"identityColumns"}));
  ExpectProtocol("default", protocol(With(Field("a", kInt), "CURRENT_DEFAULT", "\"3\"")),
                 WriterFeatures({"allowColumnDefaults"}));
}

TEST(DefineTable, MappedColumnsGetIdsAndNamesOfTheirOwn) {
  StructField foreign = Field("a", kInt);
  SetColumnId(foreign, 77);
  SetPhysicalName(foreign, "col-of-another-table");
  const TableDefinition table = Define({.schema = {foreign, Field("s p", DataType::Struct({Field("x", kInt)}))},
                                        .configuration = {{"delta.columnMapping.mode", "name"}}});
  EXPECT_EQ(table.metadata.configuration.at("delta.columnMapping.maxColumnId"), "3");
  EXPECT_EQ(table.schema[0].column_mapping_id, 1);
  EXPECT_TRUE(table.schema[0].physical_name->starts_with("col-"));
  EXPECT_NE(*table.schema[0].physical_name, "col-of-another-table");
  EXPECT_EQ(table.schema[1].type.fields()[0].column_mapping_id, 3);
  EXPECT_EQ(table.metadata.schema_string, SchemaToJson(table.schema));
}

TEST(DefineTable, IcebergCompatV2ImpliesNamesAndNestedIds) {
  const TableDefinition table = Define({.schema = {Field("a", kInt), Field("l", DataType::Array(kInt, true))},
                                        .configuration = {{"delta.enableIcebergCompatV2", "true"}}});
  EXPECT_EQ(table.metadata.configuration.at("delta.columnMapping.mode"), "name");
  EXPECT_EQ(table.metadata.configuration.at("delta.columnMapping.maxColumnId"), "3");
  EXPECT_EQ(table.schema[1].metadata.at("delta.columnMapping.nested.ids"),
            "{\"" + *table.schema[1].physical_name + ".element\":3}");
}

TEST(DefineTable, RowTrackingNamesItsTwoColumns) {
  for (const char* property : {"delta.enableRowTracking", "delta.feature.rowTracking"}) {
    const std::string value = std::string(property).find("feature") == std::string::npos ? "true" : "supported";
    const TableDefinition table = Define({.schema = {Field("a", kInt)}, .configuration = {{property, value}}});
    const StringMap& properties = table.metadata.configuration;
    EXPECT_TRUE(properties.at("delta.rowTracking.materializedRowIdColumnName").starts_with("_row-id-col-"));
    EXPECT_TRUE(properties.at("delta.rowTracking.materializedRowCommitVersionColumnName")
                    .starts_with("_row-commit-version-col-"));
  }
}

TEST(DefineTable, ClusteringIsADomainOfPhysicalNames) {
  const TableDefinition plain = Define({.schema = {Field("a", kInt), Field("b", kInt)}, .cluster_by = {"A", "b"}});
  ExpectProtocol("clustered", plain.protocol, WriterFeatures({"clustering", "domainMetadata"}));
  ASSERT_EQ(plain.domains.size(), 1u);
  EXPECT_EQ(plain.domains[0].configuration, R"({"clusteringColumns":[["a"],["b"]],"domainName":"delta.clustering"})");
  const TableDefinition mapped = Define({.schema = {Field("a", kInt), Field("s", DataType::Struct({Field("x", kInt)}))},
                                         .cluster_by = {"s.x"},
                                         .configuration = {{"delta.columnMapping.mode", "name"}}});
  EXPECT_EQ(mapped.domains[0].configuration, R"({"clusteringColumns":[[")" + *mapped.schema[1].physical_name +
                                                 R"(",")" + *mapped.schema[1].type.fields()[0].physical_name +
                                                 R"("]],"domainName":"delta.clustering"})");
  const auto read = ReadClusteringColumns(mapped.domains, mapped.schema, MappingMode::kName);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, (std::vector<ColumnPath>{{"s", "x"}}));
}

TEST(DefineTable, WhatNoTableMayBeIsRefusedByName) {
  const auto refused = [](TableSpec spec, const std::string& part) {
    ExpectRefused(spec, Code::kInvalidArgument, part);
  };
  const DataType inner = DataType::Struct({Field("x", kInt, false)});
  refused({.schema = {Field("a b", kInt)}}, "column mapping");
  refused({.schema = {Field("a", kInt), Field("A", kText)}}, "column A is there twice");
  refused({.schema = {Field("", kInt)}}, "no name");
  refused({.schema = {Field("l", DataType::Array(inner, true))}}, "NOT NULL inside an array");
  refused({.schema = {Field("a", kInt)}, .partition_columns = {"zz"}}, "partition column zz");
  refused({.schema = {Field("a", kInt)}, .partition_columns = {"a"}}, "all columns are partition columns");
  refused({.schema = {Field("a", kInt), Field("b", kInt)}, .partition_columns = {"a", "a"}}, "named twice");
  refused({.schema = {Field("a", inner), Field("b", kInt)}, .partition_columns = {"a"}}, "struct<x:int>");
  refused({.schema = {Field("a", DataType(TypeKind::kVariant)), Field("b", kInt)}, .partition_columns = {"a"}},
          "variant");
  refused({.schema = {Field("_change_type", kInt)}, .configuration = {{"delta.enableChangeDataFeed", "true"}}},
          "_change_type");
  refused({.schema = {Field("a", kInt)}, .configuration = {{"delta.nonsense", "1"}}}, "delta.nonsense");
  refused({.schema = {Field("a", kInt)}, .configuration = {{"delta.feature.nonsense", "supported"}}}, "nonsense");
  refused({.schema = {Field("a", kInt)}, .configuration = {{"delta.feature.appendOnly", "yes"}}}, "supported");
  refused({.schema = {Field("a", kInt)}, .configuration = {{"delta.feature.clustering", "supported"}}}, "clustering");
  refused(
      {.schema = {Field("a", kInt)}, .configuration = {{"delta.appendOnly", "true"}, {"delta.APPENDONLY", "false"}}},
      "twice");
  refused({.schema = {Field("a", kInt)}, .configuration = {{"delta.dataSkippingStatsColumns", "zz"}}}, "zz");
  refused({.schema = {Field("a", DataType::Array(kInt, true))}, .cluster_by = {"a"}}, "no bounds");
  refused({.schema = {Field("a", kInt), Field("b", kInt)}, .partition_columns = {"a"}, .cluster_by = {"b"}},
          "not both");
  refused({.schema = {Field("a", kInt)},
           .configuration = {{"delta.enableIcebergCompatV2", "true"}, {"delta.enableDeletionVectors", "true"}}},
          "delta.enableDeletionVectors");
  refused(
      {.schema = {Field("l", DataType::Array(kInt, true))}, .configuration = {{"delta.enableIcebergCompatV1", "true"}}},
      "icebergCompatV1 does not allow");
  refused({.schema = {With(Field("a", kInt), "delta.identity.start", "1")}}, "must be bigint");
  ExpectRefused({.schema = {Field("a", kInt)}, .configuration = {{"delta.feature.catalogManaged", "supported"}}},
                Code::kUnsupported, "catalog");
  ExpectRefused({.schema = {Field("a", kInt)}, .configuration = {{"delta.enableIcebergCompatV3", "true"}}},
                Code::kUnsupported, "icebergCompatV3");
}

TEST(DefineTable, ExpressionsThatAreNoneAreRefused) {
  ExpectRefused({.schema = {Field("a", kInt)}, .configuration = {{"delta.constraints.c", "zz > 1"}}},
                Code::kInvalidArgument, "CHECK constraint c (zz > 1)");
  ExpectRefused({.schema = {Field("a", kInt)}, .configuration = {{"delta.constraints.c", "a + 1"}}},
                Code::kInvalidArgument, "must be boolean");
  ExpectRefused({.schema = {With(Field("a", kInt), "delta.generationExpression", "\"zz + 1\"")}},
                Code::kInvalidArgument, "generated column a");
  ExpectRefused({.schema = {With(Field("a", kInt), "CURRENT_DEFAULT", "\"'x'\"")}}, Code::kInvalidArgument,
                "column a: its default");
}

TEST(DefineTable, AReplacedTableKeepsItsIdAndFeaturesButNotItsProperties) {
  const TableDefinition old = Define(
      {.schema = {Field("a", kInt), Field("b", kText)},
       .configuration = {{"delta.columnMapping.mode", "name"}, {"delta.enableRowTracking", "true"}, {"x", "1"}}});
  const TableDefinition now = Define(
      {.schema = {Field("a", kInt), Field("c", kInt)}, .configuration = {{"delta.columnMapping.mode", "name"}}}, &old);
  EXPECT_EQ(now.metadata.id, old.metadata.id);
  EXPECT_FALSE(now.metadata.configuration.contains("x"));
  EXPECT_EQ(now.metadata.configuration.at("delta.columnMapping.maxColumnId"), "4");
  EXPECT_EQ(now.schema[0].column_mapping_id, 3);
  EXPECT_EQ(now.metadata.configuration.at("delta.rowTracking.materializedRowIdColumnName"),
            old.metadata.configuration.at("delta.rowTracking.materializedRowIdColumnName"));
  ExpectProtocol("replaced", now.protocol, old.protocol);
}

TEST(DefineTable, AReplacedTableThatWasClusteredIsSaidNotToBe) {
  const TableDefinition old = Define({.schema = {Field("a", kInt)}, .cluster_by = {"a"}});
  const TableDefinition now = Define({.schema = {Field("a", kInt)}}, &old);
  ASSERT_EQ(now.domains.size(), 1u);
  EXPECT_EQ(now.domains[0].configuration, R"({"clusteringColumns":[],"domainName":"delta.clustering"})");
}

Result<std::optional<TableDefinition>> Evolve(const TableDefinition& table, Fields incoming, SchemaMode mode,
                                              std::optional<Names> partitions = {}) {
  return EvolveForWrite(
      table, {.incoming = std::move(incoming), .mode = mode, .partition_columns = std::move(partitions)}, TestEnv());
}

TEST(EvolveForWrite, StrictNamesTheColumnsThatTheTableDoesNotHave) {
  const TableDefinition table = Define({.schema = {Field("a", kInt)}});
  const auto same = Evolve(table, {Field("A", kLong)}, SchemaMode::kStrict);
  ASSERT_TRUE(same.ok());
  EXPECT_FALSE(same->has_value());
  const auto more = Evolve(table, {Field("a", kInt), Field("b", kInt), Field("c", kInt)}, SchemaMode::kStrict);
  ASSERT_FALSE(more.ok());
  EXPECT_NE(more.error().message().find("no column b, c"), std::string::npos) << more.error().message();
}

TEST(EvolveForWrite, MergeAddsColumnsWithIdsThatGoOn) {
  const TableDefinition table = Define({.schema = {Field("a", kInt), Field("s", DataType::Struct({Field("x", kInt)}))},
                                        .configuration = {{"delta.columnMapping.mode", "name"}}});
  const auto merged =
      Evolve(table, {Field("s", DataType::Struct({Field("x", kInt), Field("y", kInt)})), Field("c", kInt)},
             SchemaMode::kMerge);
  ASSERT_TRUE(merged.ok() && merged->has_value());
  const TableDefinition& after = **merged;
  EXPECT_EQ(after.metadata.configuration.at("delta.columnMapping.maxColumnId"), "5");
  EXPECT_EQ(after.schema[1].type.fields()[1].column_mapping_id, 4);
  EXPECT_EQ(after.schema[2].column_mapping_id, 5);
  EXPECT_EQ(after.schema[0].physical_name, table.schema[0].physical_name);
  const std::vector<Action> actions = DefinitionActions(&table, after);
  ASSERT_EQ(actions.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Metadata>(actions[0]));
}

TEST(EvolveForWrite, MergeWidensOnlyWhereTheTableSaysSo) {
  const TableDefinition off = Define({.schema = {Field("a", kShort)}});
  const auto kept = Evolve(off, {Field("a", kInt)}, SchemaMode::kMerge);
  ASSERT_TRUE(kept.ok());
  EXPECT_FALSE(kept->has_value());
  const TableDefinition on = Define({.schema = {Field("a", kShort), Field("d", DataType(TypeKind::kDate))},
                                     .configuration = {{"delta.enableTypeWidening", "true"}}});
  const auto widened =
      Evolve(on, {Field("a", kInt), Field("d", DataType(TypeKind::kTimestampNtz))}, SchemaMode::kMerge);
  ASSERT_TRUE(widened.ok() && widened->has_value());
  EXPECT_EQ((**widened).schema[0].type, kInt);
  EXPECT_EQ((**widened).schema[0].type_changes.size(), 1u);
  EXPECT_EQ((**widened).schema[1].type.kind(), TypeKind::kDate) << "the table lacks the feature timestampNtz";
}

TEST(EvolveForWrite, MergeDoesNotWidenUnderAConstraint) {
  const TableDefinition table =
      Define({.schema = {Field("a", kShort)},
              .configuration = {{"delta.enableTypeWidening", "true"}, {"delta.constraints.c", "a > 0"}}});
  const auto kept = Evolve(table, {Field("a", kInt)}, SchemaMode::kMerge);
  ASSERT_TRUE(kept.ok());
  EXPECT_FALSE(kept->has_value());
}

TEST(EvolveForWrite, ATypeThatNeedsAFeatureIsRefusedOrBringsItAsInSpark) {
  const TableDefinition table = Define({.schema = {Field("a", kInt)}});
  const auto ntz = Evolve(table, {Field("t", DataType(TypeKind::kTimestampNtz))}, SchemaMode::kMerge);
  ASSERT_FALSE(ntz.ok());
  EXPECT_EQ(ntz.error().code(), Code::kUnsupported);
  EXPECT_NE(ntz.error().message().find("delta.feature.timestampNtz=supported"), std::string::npos);
  const auto variant = Evolve(table, {Field("t", DataType(TypeKind::kVariant))}, SchemaMode::kMerge);
  ASSERT_TRUE(variant.ok() && variant->has_value());
  ExpectProtocol("variant", (**variant).protocol, ReaderFeature("variantType"));
  EXPECT_EQ(DefinitionActions(&table, **variant).size(), 2u);
}

TEST(EvolveForWrite, OverwriteMakesTheColumnsAnewAndKeepsTheTable) {
  const TableDefinition table = Define({.schema = {Field("a", kInt), Field("b", kInt, false)},
                                        .configuration = {{"delta.columnMapping.mode", "name"}, {"x", "1"}}});
  const auto over = Evolve(table, {Field("a", kText), Field("c", kInt, false)}, SchemaMode::kOverwrite, Names{"c"});
  ASSERT_TRUE(over.ok() && over->has_value()) << (over.ok() ? "" : over.error().message());
  const TableDefinition& after = **over;
  EXPECT_EQ(after.metadata.configuration.at("delta.columnMapping.maxColumnId"), "4");
  EXPECT_EQ(after.metadata.configuration.at("x"), "1");
  EXPECT_EQ(after.metadata.partition_columns, Names{"c"});
  EXPECT_TRUE(after.schema[1].nullable);
  EXPECT_EQ(after.metadata.id, table.metadata.id);
  const auto same = Evolve(table, {Field("a", kInt), Field("b", kInt)}, SchemaMode::kOverwrite);
  ASSERT_TRUE(same.ok());
  EXPECT_FALSE(same->has_value()) << "the same columns change nothing";
}

TEST(EvolveForWrite, OverwriteRefusesAConstraintOfAColumnThatGoes) {
  const TableDefinition table =
      Define({.schema = {Field("a", kInt), Field("b", kInt)}, .configuration = {{"delta.constraints.c", "a > 0"}}});
  const auto over = Evolve(table, {Field("b", kText)}, SchemaMode::kOverwrite);
  ASSERT_FALSE(over.ok());
  EXPECT_NE(over.error().message().find("CHECK constraint c"), std::string::npos) << over.error().message();
}

TEST(EvolveForWrite, OverwriteOfAClusteredTableSaysThatItIsNoMore) {
  const TableDefinition table = Define({.schema = {Field("a", kInt), Field("b", kInt)}, .cluster_by = {"a"}});
  const auto over = Evolve(table, {Field("b", kInt)}, SchemaMode::kOverwrite);
  ASSERT_TRUE(over.ok() && over->has_value());
  ASSERT_EQ((**over).domains.size(), 1u);
  EXPECT_EQ((**over).domains[0].configuration, R"({"clusteringColumns":[],"domainName":"delta.clustering"})");
}

}  // namespace
}  // namespace deltic
