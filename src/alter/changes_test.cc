// Tests of what each change makes of a table, and of what is refused. The texts of operations are those that Spark 4.2
// with Delta 4.4 wrote for the same statements, typed down from a run.
#include "alter/changes.h"

#include <gtest/gtest.h>

#include "alter/clustering.h"
#include "features/feature_sets.h"
#include "schema/edit.h"

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

Env TestEnv() {
  Env env;
  env.now_ms = [] { return int64_t{1700000000000}; };
  static uint64_t state = 1;  // goes on from call to call: names of columns are never the same
  env.random = [] { return state += 0x9E3779B97F4A7C15ULL; };
  return env;
}

TableDefinition Table(Fields schema, StringMap properties = {}, Names partitions = {}, Names cluster_by = {}) {
  Result<TableDefinition> table = DefineTable({.schema = std::move(schema),
                                               .partition_columns = std::move(partitions),
                                               .cluster_by = std::move(cluster_by),
                                               .configuration = std::move(properties)},
                                              TestEnv());
  EXPECT_TRUE(table.ok()) << (table.ok() ? "" : table.error().message());
  return table.ok() ? *table : TableDefinition();
}
const StringMap kMapped{{"delta.columnMapping.mode", "name"}};
const StringMap kWidening{{"delta.enableTypeWidening", "true"}};

Altered Apply(const TableDefinition& table, const Change& change) {
  Result<Altered> altered = ApplyChange(table, change, TestEnv());
  EXPECT_TRUE(altered.ok()) << (altered.ok() ? "" : altered.error().message());
  return altered.ok() ? *altered : Altered();
}

void ExpectRefused(const TableDefinition& table, const Change& change, Code code, const std::string& part) {
  const Result<Altered> altered = ApplyChange(table, change, TestEnv());
  ASSERT_FALSE(altered.ok()) << part;
  EXPECT_EQ(altered.error().code(), code) << altered.error().message();
  EXPECT_NE(altered.error().message().find(part), std::string::npos) << altered.error().message();
}

std::string Text(const TableDefinition& table) { return DataType::Struct(table.schema).ToString(); }

std::string Parameter(const Altered& altered, const std::string& name) {
  const auto found = altered.operation.parameters.find(name);
  return found == altered.operation.parameters.end() ? "none" : found->second;
}

TEST(AddColumns, GoWhereTheyAreAskedToAndAreToldAsSparkDoes) {
  const TableDefinition table = Table({Field("a", kInt), Field("s", DataType::Struct({Field("x", kInt)})),
                                       Field("l", DataType::Array(DataType::Struct({Field("e", kInt)}), true))});
  StructField b = Field("b", kInt);
  SetMetadataText(b, "comment", "hi");
  const Altered altered = Apply(table, AddColumns{{{{}, b, {.after = "a"}},
                                                   {{}, Field("c", kText), {.first = true}},
                                                   {{"s"}, Field("y", kInt), {.first = true}},
                                                   {{"l", "element"}, Field("f", kInt), {}}}});
  EXPECT_EQ(Text(altered.table), "struct<c:string,a:int,b:int,s:struct<y:int,x:int>,l:array<struct<e:int,f:int>>>");
  EXPECT_EQ(altered.operation.name, "ADD COLUMNS");
  EXPECT_EQ(
      Parameter(altered, "columns"),
      R"("[{\"column\":{\"name\":\"b\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{\"comment\":\"hi\"}},)"
      R"(\"position\":\"AFTER a\"},{\"column\":{\"name\":\"c\",\"type\":\"string\",\"nullable\":true,)"
      R"(\"metadata\":{}},\"position\":\"FIRST\"},{\"column\":{\"name\":\"s.y\",\"type\":\"integer\",)"
      R"(\"nullable\":true,\"metadata\":{}},\"position\":\"FIRST\"},{\"column\":{\"name\":\"l.element.f\",)"
      R"(\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}}]")");
}

TEST(AddColumns, GetIdsWhereColumnsAreMapped) {
  const TableDefinition table = Table({Field("a", kInt)}, kMapped);
  const Altered altered = Apply(table, AddColumns{{{{}, Field("x y", DataType::Struct({Field("k", kInt)})), {}}}});
  EXPECT_EQ(altered.table.metadata.configuration.at("delta.columnMapping.maxColumnId"), "3");
  EXPECT_EQ(altered.table.schema[1].type.fields()[0].column_mapping_id, 3);
}

TEST(AddColumns, WhatRowsThatAreThereCannotHaveIsRefused) {
  const TableDefinition table = Table({Field("a", kInt)});
  ExpectRefused(table, AddColumns{{{{}, Field("d", kInt, false), {}}}}, Code::kInvalidArgument, "NOT NULL");
  ExpectRefused(table, AddColumns{{{{}, Field("A", kInt), {}}}}, Code::kAlreadyExists, "column A exists");
  ExpectRefused(table, AddColumns{{{{"q"}, Field("z", kInt), {}}}}, Code::kInvalidArgument, "no column q");
  ExpectRefused(table, AddColumns{{{{"a"}, Field("z", kInt), {}}}}, Code::kInvalidArgument, "int");
  ExpectRefused(table, AddColumns{{{{}, Field("x y", kInt), {}}}}, Code::kInvalidArgument, "column mapping");
  ExpectRefused(table, AddColumns{{{{}, Field("z", kInt), {.after = "q"}}}}, Code::kInvalidArgument, "after q");
  StructField with_default = Field("e", kInt);
  SetMetadataText(with_default, "CURRENT_DEFAULT", "3");
  ExpectRefused(table, AddColumns{{{{}, with_default, {}}}}, Code::kInvalidArgument, "default");
  ExpectRefused(table, AddColumns{{{{}, Field("t", DataType(TypeKind::kTimestampNtz)), {}}}}, Code::kUnsupported,
                "timestampNtz");
  const Altered variant = Apply(table, AddColumns{{{{}, Field("v", DataType(TypeKind::kVariant)), {}}}});
  EXPECT_TRUE(SupportsFeature(variant.table.protocol, "variantType"));
}

TEST(RenameColumn, ChangesOnlyTheNameAndWhatFollowsIt) {
  StringMap properties = kMapped;
  properties["delta.dataSkippingStatsColumns"] = "p,s";
  const TableDefinition table =
      Table({Field("a", kInt), Field("s", DataType::Struct({Field("x", kInt)})), Field("p", kInt)}, properties, {"p"});
  const Altered nested = Apply(table, RenameColumn{{"s", "x"}, "y"});
  EXPECT_EQ(Text(nested.table), "struct<a:int,s:struct<y:int>,p:int>");
  EXPECT_EQ(nested.table.schema[1].type.fields()[0].physical_name, table.schema[1].type.fields()[0].physical_name);
  EXPECT_EQ(Parameter(nested, "oldColumnPath"), "\"s.x\"");
  EXPECT_EQ(Parameter(nested, "newColumnPath"), "\"s.y\"");
  const Altered partition = Apply(table, RenameColumn{{"P"}, "q"});
  EXPECT_EQ(partition.table.metadata.partition_columns, Names{"q"});
  EXPECT_EQ(partition.table.metadata.configuration.at("delta.dataSkippingStatsColumns"), "q,s");
}

TEST(RenameColumn, NeedsMappingAndNoExpressionThatUsesTheColumn) {
  ExpectRefused(Table({Field("a", kInt)}), RenameColumn{{"a"}, "z"}, Code::kInvalidArgument,
                "delta.columnMapping.mode");
  StringMap properties = kMapped;
  properties["delta.constraints.c"] = "a > 0";
  StructField generated = Field("g", kInt);
  SetMetadataText(generated, "delta.generationExpression", "b + 1");
  const TableDefinition table = Table({Field("a", kInt), Field("b", kInt), generated, Field("d", kInt)}, properties);
  ExpectRefused(table, RenameColumn{{"a"}, "z"}, Code::kInvalidArgument, "CHECK constraint c (a > 0)");
  ExpectRefused(table, RenameColumn{{"b"}, "z"}, Code::kInvalidArgument, "generated column g");
  ExpectRefused(table, RenameColumn{{"d"}, "A"}, Code::kAlreadyExists, "A exists");
  EXPECT_EQ(Text(Apply(table, RenameColumn{{"d"}, "D"}).table), "struct<a:int,b:int,g:int,D:int>");
}

TEST(DropColumns, TakesThemOutOfTheSchemaOnly) {
  StringMap properties = kMapped;
  properties["delta.dataSkippingStatsColumns"] = "a,b";
  const TableDefinition table =
      Table({Field("a", kInt), Field("b", kInt), Field("s", DataType::Struct({Field("x", kInt), Field("y", kInt)}))},
            properties);
  const Altered altered = Apply(table, DropColumns{.columns = {{"b"}, {"s", "x"}}});
  EXPECT_EQ(Text(altered.table), "struct<a:int,s:struct<y:int>>");
  EXPECT_EQ(altered.table.metadata.configuration.at("delta.columnMapping.maxColumnId"), "5");
  EXPECT_EQ(altered.table.metadata.configuration.at("delta.dataSkippingStatsColumns"), "a");
  EXPECT_EQ(Parameter(altered, "columns"), R"("[\"b\",\"s.x\"]")");
  EXPECT_FALSE(Apply(table, DropColumns{.columns = {{"zz"}}, .if_exists = true}).Changes(table));
}

TEST(DropColumns, RefusesWhatTheTableIsBuiltOn) {
  StringMap properties = kMapped;
  properties["delta.constraints.c"] = "a > 0";
  const TableDefinition table =
      Table({Field("a", kInt), Field("p", kInt), Field("s", DataType::Struct({Field("x", kInt)}))}, properties, {"p"});
  ExpectRefused(table, DropColumns{{{"p"}}}, Code::kInvalidArgument, "partitioned");
  ExpectRefused(table, DropColumns{{{"a"}}}, Code::kInvalidArgument, "CHECK constraint c");
  ExpectRefused(table, DropColumns{{{"s", "x"}}}, Code::kInvalidArgument, "only one");
  ExpectRefused(table, DropColumns{{{"zz"}}}, Code::kInvalidArgument, "no column zz");
  ExpectRefused(Table({Field("a", kInt), Field("b", kInt)}), DropColumns{{{"a"}}}, Code::kInvalidArgument,
                "delta.columnMapping.mode");
  ExpectRefused(Table({Field("a", kInt), Field("b", kInt)}, kMapped, {}, {"a"}), DropColumns{{{"a"}}},
                Code::kInvalidArgument, "clustered by a");
}

TEST(ChangeColumnType, WidensAndRecordsTheChangeWhereItIs) {
  const TableDefinition table = Table(
      {Field("a", kShort), Field("m", DataType::Map(kInt, DataType::Array(DataType(TypeKind::kFloat), true), true)),
       Field("s", DataType::Struct({Field("x", kShort)}))},
      kWidening);
  const Altered once = Apply(table, ChangeColumnType{{"a"}, kInt});
  EXPECT_EQ(Parameter(once, "column"), R"("{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}")");
  const Altered twice = Apply(once.table, ChangeColumnType{{"a"}, kLong});
  EXPECT_EQ(twice.table.schema[0].metadata.at("delta.typeChanges"),
            R"([{"toType":"integer","fromType":"short"},{"toType":"long","fromType":"integer"}])");
  const Altered key = Apply(table, ChangeColumnType{{"m", "key"}, kLong});
  EXPECT_EQ(key.table.schema[1].metadata.at("delta.typeChanges"),
            R"([{"toType":"long","fromType":"integer","fieldPath":"key"}])");
  EXPECT_EQ(Parameter(key, "column"), R"("{\"name\":\"m.key\",\"type\":\"long\",\"nullable\":false,\"metadata\":{}}")");
  const Altered element = Apply(table, ChangeColumnType{{"m", "value", "element"}, DataType(TypeKind::kDouble)});
  EXPECT_EQ(element.table.schema[1].type_changes[0].field_path, "value.element");
  const Altered nested = Apply(table, ChangeColumnType{{"s", "x"}, kInt});
  EXPECT_EQ(nested.table.schema[2].type.fields()[0].type_changes.size(), 1u);
  EXPECT_FALSE(Apply(table, ChangeColumnType{{"a"}, kShort}).Changes(table));
}

TEST(ChangeColumnType, RefusesWhatLosesValuesOrWhatIsUsed) {
  const TableDefinition off = Table({Field("a", kShort)});
  ExpectRefused(off, ChangeColumnType{{"a"}, kInt}, Code::kInvalidArgument, "delta.enableTypeWidening");
  StringMap properties = kWidening;
  properties["delta.constraints.c"] = "a > 0";
  const TableDefinition table =
      Table({Field("a", kInt), Field("b", kLong), Field("s", DataType::Struct({Field("x", kInt)})),
             Field("t", DataType(TypeKind::kByte)), Field("d", DataType(TypeKind::kDate))},
            properties);
  ExpectRefused(table, ChangeColumnType{{"b"}, kInt}, Code::kInvalidArgument, "from bigint to int");
  ExpectRefused(table, ChangeColumnType{{"b"}, kText}, Code::kInvalidArgument, "to string");
  ExpectRefused(table, ChangeColumnType{{"s"}, kInt}, Code::kInvalidArgument, "inside it");
  ExpectRefused(table, ChangeColumnType{{"a"}, kLong}, Code::kInvalidArgument, "CHECK constraint c");
  ExpectRefused(table, ChangeColumnType{{"t"}, DataType::Decimal(4, 1)}, Code::kInvalidArgument, "decimal(4,1)");
  ExpectRefused(table, ChangeColumnType{{"d"}, DataType(TypeKind::kTimestampNtz)}, Code::kUnsupported, "timestampNtz");
}

TEST(ChangeColumnType, ATableForIcebergWidensLess) {
  const TableDefinition table = Table({Field("a", kInt), Field("d", DataType::Decimal(5, 1))},
                                      {{"delta.enableTypeWidening", "true"}, {"delta.enableIcebergCompatV2", "true"}});
  EXPECT_EQ(Apply(table, ChangeColumnType{{"a"}, kLong}).table.schema[0].type, kLong);
  EXPECT_EQ(Apply(table, ChangeColumnType{{"d"}, DataType::Decimal(10, 1)}).table.schema[1].type,
            DataType::Decimal(10, 1));
  ExpectRefused(table, ChangeColumnType{{"a"}, DataType(TypeKind::kDouble)}, Code::kInvalidArgument, "icebergCompat");
  ExpectRefused(table, ChangeColumnType{{"d"}, DataType::Decimal(12, 2)}, Code::kInvalidArgument, "icebergCompat");
}

TEST(ChangeColumn, CommentsOrderAndNullabilityAreToldAsSparkDoes) {
  const TableDefinition table =
      Table({Field("a", kInt), Field("b", kInt, false), Field("s", DataType::Struct({Field("x", kInt, false)}))});
  const Altered comment = Apply(table, SetColumnComment{{"a"}, "note"});
  EXPECT_EQ(Parameter(comment, "column"),
            R"("{\"name\":\"a\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{\"comment\":\"note\"}}")");
  EXPECT_FALSE(Apply(comment.table, SetColumnComment{{"a"}, "note"}).Changes(comment.table));
  EXPECT_TRUE(Apply(comment.table, SetColumnComment{{"a"}, std::nullopt}).table.schema[0].metadata.empty());
  const Altered moved = Apply(table, MoveColumn{{"a"}, {.after = "b"}});
  EXPECT_EQ(Text(moved.table), "struct<b:int,a:int,s:struct<x:int>>");
  EXPECT_EQ(Parameter(moved, "position"), "\"AFTER b\"");
  EXPECT_EQ(Text(Apply(table, MoveColumn{{"b"}, {.first = true}}).table), "struct<b:int,a:int,s:struct<x:int>>");
  EXPECT_TRUE(Apply(table, SetColumnNullable{{"s", "x"}, true}).table.schema[2].type.fields()[0].nullable);
  ExpectRefused(table, MoveColumn{{"a"}, {}}, Code::kInvalidArgument, "not where");
}

TEST(SetColumnNullable, NotNullIsProvedOnTheRowsThatAreThere) {
  const TableDefinition table = Table({Field("a\"b", kInt), Field("s", DataType::Struct({Field("x", kInt)}))});
  const Altered top = Apply(table, SetColumnNullable{{"a\"b"}, false});
  ASSERT_EQ(top.proofs.size(), 1u);
  EXPECT_EQ(top.proofs[0].violation, R"("a""b" IS NULL)");
  const Altered nested = Apply(table, SetColumnNullable{{"s", "x"}, false});
  EXPECT_EQ(nested.proofs[0].violation, R"("s"."x" IS NULL AND "s" IS NOT NULL)");
  EXPECT_TRUE(Apply(top.table, SetColumnNullable{{"a\"b"}, false}).proofs.empty()) << "it is NOT NULL already";
}

TEST(SetColumnDefault, NeedsTheFeatureAndAConstantThatFits) {
  const TableDefinition plain = Table({Field("a", kInt)});
  ExpectRefused(plain, SetColumnDefault{{"a"}, "3"}, Code::kUnsupported, "allowColumnDefaults");
  const TableDefinition table = Table({Field("a", kInt)}, {{"delta.feature.allowColumnDefaults", "supported"}});
  const Altered set = Apply(table, SetColumnDefault{{"a"}, "1 + 1"});
  EXPECT_EQ(MetadataText(set.table.schema[0], "CURRENT_DEFAULT"), "1 + 1");
  EXPECT_TRUE(Apply(set.table, SetColumnDefault{{"a"}, std::nullopt}).table.schema[0].metadata.empty());
  ExpectRefused(table, SetColumnDefault{{"a"}, "'x'"}, Code::kInvalidArgument, "string");
  ExpectRefused(table, SetColumnDefault{{"a"}, "a"}, Code::kInvalidArgument, "column a");
}

TEST(SetColumnMetadata, TakesWhatIsNotDeltasOwn) {
  const TableDefinition table = Table({Field("a", kInt)}, kMapped);
  const Altered set = Apply(table, SetColumnMetadata{{"a"}, {{"unit", "\"m\""}}});
  EXPECT_EQ(set.table.schema[0].metadata.at("unit"), "\"m\"");
  EXPECT_FALSE(Apply(set.table, SetColumnMetadata{{"a"}, {{"unit", ""}}}).table.schema[0].metadata.contains("unit"));
  ExpectRefused(table, SetColumnMetadata{{"a"}, {{"delta.columnMapping.id", "9"}}}, Code::kInvalidArgument, "own");
  ExpectRefused(table, SetColumnMetadata{{"a"}, {{"unit", "m"}}}, Code::kInvalidArgument, "no JSON");
}

TEST(SetProperties, TurnFeaturesOnAndAreToldAsSparkDoes) {
  const TableDefinition table =
      Table({Field("a", kInt)}, {{"delta.minReaderVersion", "1"}, {"delta.minWriterVersion", "4"}});
  const Altered vectors = Apply(table, SetProperties{{{"delta.enableDeletionVectors", "true"}}});
  EXPECT_EQ(Parameter(vectors, "properties"), R"("{\"delta.enableDeletionVectors\":\"true\"}")");
  EXPECT_TRUE(SameProtocol(vectors.table.protocol, {3, 7, Names{"deletionVectors"},
                                                    Names{"appendOnly", "changeDataFeed", "checkConstraints",
                                                          "deletionVectors", "generatedColumns", "invariants"}}));
  const Altered feature = Apply(table, SetProperties{{{"delta.feature.domainMetadata", "supported"}}});
  EXPECT_TRUE(SupportsFeature(feature.table.protocol, "domainMetadata"));
  EXPECT_TRUE(feature.table.metadata.configuration.empty());
  const Altered versions = Apply(Table({Field("a", kInt)}), SetProperties{{{"delta.minWriterVersion", "4"}}});
  EXPECT_TRUE(SameProtocol(versions.table.protocol, {1, 4, {}, {}}));
  EXPECT_FALSE(Apply(table, SetProperties{{{"delta.minWriterVersion", "2"}}}).Changes(table)) << "never down";
}

TEST(SetProperties, MappingOnATableThatIsThereKeepsTheNamesInItsFiles) {
  const TableDefinition table = Table({Field("a", kInt), Field("s", DataType::Struct({Field("x", kInt)}))});
  const Altered mapped = Apply(table, SetProperties{kMapped});
  EXPECT_EQ(mapped.table.schema[0].physical_name, "a");
  EXPECT_EQ(mapped.table.schema[1].type.fields()[0].physical_name, "x");
  EXPECT_EQ(mapped.table.metadata.configuration.at("delta.columnMapping.maxColumnId"), "3");
  ExpectRefused(table, SetProperties{{{"delta.columnMapping.mode", "id"}}}, Code::kInvalidArgument, "use name");
  ExpectRefused(mapped.table, SetProperties{{{"delta.columnMapping.mode", "none"}}}, Code::kInvalidArgument, "anew");
  ExpectRefused(mapped.table, UnsetProperties{.names = {"delta.columnMapping.mode"}}, Code::kInvalidArgument, "anew");
}

TEST(SetProperties, WhatTheFilesThatAreThereMustBeIsAsked) {
  const TableDefinition table = Table({Field("a", kInt)}, kMapped);
  EXPECT_TRUE(Apply(table, SetProperties{{{"delta.enableRowTracking", "true"}}}).backfill_row_ids);
  EXPECT_FALSE(Apply(table, SetProperties{{{"delta.enableIcebergCompatV2", "true"}}}).needs_no_files.empty());
  ExpectRefused(Table({Field("a", kInt)}), SetProperties{{{"delta.enableIcebergCompatV2", "true"}}},
                Code::kInvalidArgument, "delta.columnMapping.mode");
  ExpectRefused(Table({Field("_change_type", kInt)}), SetProperties{{{"delta.enableChangeDataFeed", "true"}}},
                Code::kInvalidArgument, "_change_type");
}

TEST(SetProperties, ConstraintsAndWhatIsKeptAreRefused) {
  const TableDefinition table = Table({Field("a", kInt)});
  ExpectRefused(table, SetProperties{{{"delta.constraints.c", "a > 0"}}}, Code::kInvalidArgument, "CHECK constraint");
  ExpectRefused(table, SetProperties{{{"delta.columnMapping.maxColumnId", "5"}}}, Code::kInvalidArgument,
                "leave it out");
  ExpectRefused(table, SetProperties{{{"delta.feature.catalogManaged", "supported"}}}, Code::kUnsupported, "catalog");
  ExpectRefused(table, SetProperties{{{"delta.nonsense", "1"}}}, Code::kInvalidArgument, "delta.nonsense");
}

TEST(UnsetProperties, TakesThemAwayAndKeepsTheFeature) {
  const TableDefinition table = Table({Field("a", kInt)}, {{"delta.enableChangeDataFeed", "true"}, {"x.y", "z"}});
  const Altered altered = Apply(table, UnsetProperties{.names = {"delta.ENABLECHANGEDATAFEED", "x.y"}});
  EXPECT_TRUE(altered.table.metadata.configuration.empty());
  EXPECT_TRUE(SupportsFeature(altered.table.protocol, "changeDataFeed"));
  EXPECT_EQ(altered.operation.name, "UNSET TBLPROPERTIES");
  ExpectRefused(table, UnsetProperties{.names = {"nope"}}, Code::kNotFound, "nope");
  EXPECT_FALSE(Apply(table, UnsetProperties{.names = {"nope"}, .if_exists = true}).Changes(table));
  ExpectRefused(table, UnsetProperties{.names = {"delta.feature.changeDataFeed"}}, Code::kInvalidArgument, "dropping");
}

TEST(Constraints, AreAddedWithAProofAndDropped) {
  const TableDefinition table = Table({Field("a", kInt), Field("b", kText)});
  const Altered added = Apply(table, AddConstraints{{{"c", "a > 0"}}});
  EXPECT_EQ(added.table.metadata.configuration.at("delta.constraints.c"), "a > 0");
  EXPECT_TRUE(SameProtocol(added.table.protocol, {1, 3, {}, {}}));
  ASSERT_EQ(added.proofs.size(), 1u);
  EXPECT_NE(added.proofs[0].violation.find("IS DISTINCT FROM TRUE"), std::string::npos) << "NULL violates it too";
  EXPECT_EQ(Parameter(added, "name"), "\"c\"");
  EXPECT_EQ(Parameter(added, "expr"), "\"a > 0\"");
  ExpectRefused(added.table, AddConstraints{{{"C", "a > 1"}}}, Code::kAlreadyExists, "constraint C exists");
  ExpectRefused(table, AddConstraints{{{"e", "zz > 1"}}}, Code::kInvalidArgument, "zz");
  ExpectRefused(table, AddConstraints{{{"e", "a + 1"}}}, Code::kInvalidArgument, "boolean");
  ExpectRefused(table, AddConstraints{{{"e", "a > year(current_date())"}}}, Code::kInvalidArgument,
                "time of the write");
  const Altered dropped = Apply(added.table, DropConstraint{.name = "C"});
  EXPECT_TRUE(dropped.table.metadata.configuration.empty());
  EXPECT_TRUE(SupportsFeature(dropped.table.protocol, "checkConstraints"));
  EXPECT_EQ(Parameter(dropped, "existed"), "\"true\"");
  EXPECT_EQ(Parameter(dropped, "expr"), "\"a > 0\"");
  ExpectRefused(added.table, DropConstraint{.name = "nope"}, Code::kNotFound, "it has c");
  EXPECT_FALSE(Apply(table, DropConstraint{.name = "nope", .if_exists = true}).Changes(table));
}

TEST(TableName, NameAndDescriptionAreMetadata) {
  const TableDefinition table = Table({Field("a", kInt)});
  EXPECT_EQ(Apply(table, SetTableName{"t"}).table.metadata.name, "t");
  EXPECT_EQ(Apply(table, SetTableDescription{"d"}).table.metadata.description, "d");
  EXPECT_FALSE(Apply(table, SetTableName{std::nullopt}).Changes(table));
}

TEST(ClusterBy, ChangesTheDomainAndIsToldAsSparkDoes) {
  const TableDefinition table =
      Table({Field("a", kInt), Field("b", kInt), Field("s", DataType::Struct({Field("x", kInt)}))}, {}, {}, {"a"});
  const Altered altered = Apply(table, ClusterBy{{{"b"}, {"S", "x"}}});
  ASSERT_EQ(altered.table.domains.size(), 1u);
  EXPECT_EQ(altered.table.domains[0].configuration,
            R"({"clusteringColumns":[["b"],["s","x"]],"domainName":"delta.clustering"})");
  EXPECT_EQ(Parameter(altered, "oldClusteringColumns"), "\"a\"");
  EXPECT_EQ(Parameter(altered, "newClusteringColumns"), "\"b,s.x\"");
  EXPECT_EQ(Apply(table, ClusterBy{}).table.domains[0].configuration,
            R"({"clusteringColumns":[],"domainName":"delta.clustering"})");
  EXPECT_FALSE(Apply(table, ClusterBy{{{"A"}}}).Changes(table));
  const TableDefinition plain = Table({Field("a", kInt), Field("b", kInt)});
  EXPECT_TRUE(SupportsFeature(Apply(plain, ClusterBy{{{"b"}}}).table.protocol, "clustering"));
  EXPECT_FALSE(Apply(plain, ClusterBy{}).Changes(plain));
  ExpectRefused(plain, ClusterBy{{{"zz"}}}, Code::kInvalidArgument, "zz");
  ExpectRefused(Table({Field("a", kInt), Field("b", kInt)}, {}, {"a"}), ClusterBy{{{"b"}}}, Code::kInvalidArgument,
                "partitioned");
}

TEST(DropFeature, OfWritersTakesItAndWhatItLeftAway) {
  const TableDefinition tracked = Table({Field("a", kInt)}, {{"delta.enableRowTracking", "true"}});
  const Altered rows = Apply(tracked, DropFeature{"rowTracking"});
  EXPECT_TRUE(rows.table.metadata.configuration.empty());
  EXPECT_TRUE(SameProtocol(rows.table.protocol, {1, 7, {}, Names{"appendOnly", "domainMetadata", "invariants"}}));
  EXPECT_TRUE(rows.drops_feature);
  EXPECT_EQ(Parameter(rows, "featureName"), "\"rowTracking\"");
  EXPECT_TRUE(SameProtocol(Apply(rows.table, DropFeature{"domainMetadata"}).table.protocol, {1, 2, {}, {}}));
  const TableDefinition timed = Table({Field("a", kInt)}, {{"delta.enableInCommitTimestamps", "true"}});
  EXPECT_TRUE(SameProtocol(Apply(timed, DropFeature{"INCOMMITTIMESTAMP"}).table.protocol, {1, 2, {}, {}}));
  TableDefinition legacy = Table({Field("a", kInt)}, {{"delta.minWriterVersion", "4"}});
  EXPECT_TRUE(SameProtocol(Apply(legacy, DropFeature{"checkConstraints"}).table.protocol,
                           {1, 7, {}, Names{"appendOnly", "changeDataFeed", "generatedColumns", "invariants"}}));
}

TEST(DropFeature, OfReadersIsProtectedByCheckpoints) {
  const TableDefinition vectors = Table({Field("a", kInt)}, {{"delta.enableDeletionVectors", "true"}});
  const Altered dropped = Apply(vectors, DropFeature{"deletionVectors"});
  EXPECT_TRUE(dropped.protect_checkpoints);
  EXPECT_FALSE(dropped.needs_no_deletion_vectors.empty());
  EXPECT_TRUE(dropped.first_unset.has_value());
  EXPECT_TRUE(
      SameProtocol(dropped.table.protocol, {1, 7, {}, Names{"appendOnly", "checkpointProtection", "invariants"}}));
  const Altered v2 = Apply(Table({Field("a", kInt)}, {{"delta.checkpointPolicy", "v2"}}), DropFeature{"v2Checkpoint"});
  EXPECT_TRUE(v2.first_set.has_value());
  EXPECT_EQ(v2.table.metadata.configuration.at("delta.checkpointPolicy"), "classic");
}

TEST(DropFeature, WhatCannotGoIsRefusedWithTheReason) {
  const auto refused = [](const TableDefinition& table, const std::string& feature, Code code,
                          const std::string& part) { ExpectRefused(table, DropFeature{feature}, code, part); };
  const TableDefinition plain = Table({Field("a", kShort)}, kWidening);
  refused(plain, "nonsense", Code::kNotFound, "does not have the feature");
  refused(plain, "deletionVectors", Code::kNotFound, "does not have the feature");
  refused(plain, "appendOnly", Code::kUnsupported, "unset delta.appendOnly");
  refused(Table({Field("a", kInt)}, kMapped), "columnMapping", Code::kInvalidArgument, "mode to none first");
  refused(Table({Field("a", kInt)}, {}, {}, {"a"}), "domainMetadata", Code::kInvalidArgument, "clustering needs it");
  refused(Apply(plain, AddConstraints{{{"c", "a > 0"}}}).table, "checkConstraints", Code::kInvalidArgument,
          "constraint c is there");
  refused(Apply(plain, ChangeColumnType{{"a"}, kInt}).table, "typeWidening", Code::kInvalidArgument,
          "column a was widened");
}

TEST(ApplyChange, ATableThatThisBuildCannotWriteIsNotChanged) {
  TableDefinition table = Table({Field("a", kInt)});
  table.protocol = {1, 7, {}, Names{"blahabl"}};
  ExpectRefused(table, SetTableName{"t"}, Code::kUnsupported, "blahabl");
  TableDefinition odd = Table({Field("a", kInt)});
  odd.metadata.configuration["delta.appendOnly"] = "maybe";
  ExpectRefused(odd, SetTableName{"t"}, Code::kCorrupt, "delta.appendOnly");
  EXPECT_EQ(
      Apply(odd, SetProperties{{{"delta.appendOnly", "false"}}}).table.metadata.configuration.at("delta.appendOnly"),
      "false");
}

}  // namespace
}  // namespace deltic
