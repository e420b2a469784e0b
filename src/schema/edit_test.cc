// Tests of edits, column ids and merges of schemas.
#include "schema/edit.h"

#include <gtest/gtest.h>

#include "schema/column_ids.h"
#include "schema/merge.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

StructField Field(const std::string& name, DataType type) {
  StructField field;
  field.name = name;
  field.type = std::move(type);
  return field;
}
const DataType kInt(TypeKind::kInteger);
const DataType kLong(TypeKind::kLong);
const DataType kShort(TypeKind::kShort);
const DataType kText(TypeKind::kString);

Fields Sample() {
  return {Field("a", kInt), Field("s", DataType::Struct({Field("X", kInt), Field("l", DataType::Array(kInt, true))})),
          Field("m", DataType::Map(kText, DataType::Struct({Field("v", kInt)}), true))};
}

std::string Text(const Fields& fields) { return DataType::Struct(fields).ToString(); }

TEST(SchemaEdit, APathIsFoundAtEveryDepthInTheSchemasSpelling) {
  const auto x = FindPlace(Sample(), {"S", "x"});
  ASSERT_TRUE(x.ok());
  EXPECT_EQ(x->path, (ColumnPath{"s", "X"}));
  const auto v = FindPlace(Sample(), {"m", "VALUE", "v"});
  ASSERT_TRUE(v.ok());
  EXPECT_EQ(v->path, (ColumnPath{"m", "value", "v"}));
  EXPECT_TRUE(v->part.empty());
  const auto element = FindPlace(Sample(), {"s", "l", "element"});
  ASSERT_TRUE(element.ok());
  EXPECT_EQ(element->field_path, (ColumnPath{"s", "l"}));
  EXPECT_EQ(element->part, (std::vector<std::string>{"element"}));
  EXPECT_EQ(element->type, kInt);
}

TEST(SchemaEdit, APathThatLeadsNowhereNamesWhatThereIs) {
  const auto none = FindPlace(Sample(), {"s", "y"});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), Code::kInvalidArgument);
  EXPECT_NE(none.error().message().find("X, l"), std::string::npos) << none.error().message();
  EXPECT_FALSE(FindPlace(Sample(), {"a", "b"}).ok());
  EXPECT_FALSE(FindPlace(Sample(), {"m", "element"}).ok());
  EXPECT_FALSE(FindPlace(Sample(), {}).ok());
}

TEST(SchemaEdit, AFieldIsReplacedDeepInsideAndTheRestStays) {
  const auto edited = EditField(Sample(), {"m", "value", "v"}, [](const StructField& field) -> Result<StructField> {
    StructField other = field;
    other.type = kText;
    return other;
  });
  ASSERT_TRUE(edited.ok());
  EXPECT_EQ(Text(*edited), "struct<a:int,s:struct<X:int,l:array<int>>,m:map<string,struct<v:string>>>");
  const auto added = EditStruct(Sample(), {"s"}, [](const Fields& fields) -> Result<Fields> {
    Fields more = fields;
    more.push_back(Field("z", kText));
    return more;
  });
  ASSERT_TRUE(added.ok());
  EXPECT_EQ(Text(*added), "struct<a:int,s:struct<X:int,l:array<int>,z:string>,m:map<string,struct<v:int>>>");
  EXPECT_FALSE(EditStruct(Sample(), {"a"}, [](const Fields& f) -> Result<Fields> { return f; }).ok());
}

TEST(SchemaEdit, MetadataIsTheSameInItsTwoForms) {
  StructField field = Field("a", kLong);
  SetColumnId(field, 7);
  SetPhysicalName(field, "col-\"1\"");
  AddTypeChange(field, {kInt, kLong, ""});
  SetMetadataText(field, "comment", "it's");
  const auto parsed = ParseSchemaJson(SchemaToJson({field}));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message();
  EXPECT_EQ(parsed->front().column_mapping_id, 7);
  EXPECT_EQ(parsed->front().physical_name, "col-\"1\"");
  ASSERT_EQ(parsed->front().type_changes.size(), 1u);
  EXPECT_EQ(parsed->front().type_changes[0].from, kInt);
  EXPECT_EQ(MetadataText(parsed->front(), "comment"), "it's");
  EXPECT_EQ(MetadataText(parsed->front(), "delta.columnMapping.id"), std::nullopt);
  ClearColumnMapping(field);
  ClearTypeChanges(field);
  EXPECT_EQ(field.metadata.size(), 1u);
}

TEST(ColumnIds, AreGivenParentsFirstAndElementsKeysAndValuesAfterAll) {
  uint64_t state = 1;
  ColumnIdRequest request;
  request.random = [&] { return state += 0x9E3779B97F4A7C15ULL; };
  request.nested_ids = true;
  const Fields fields{Field("a", kInt), Field("l", DataType::Array(kInt, true)),
                      Field("m", DataType::Map(kText, DataType::Array(kInt, true), true))};
  const NumberedColumns numbered = AssignColumnIds(fields, request);
  EXPECT_EQ(numbered.highest, 7);  // as Spark: a 1, l 2, m 3, l.element 4, m.key 5, m.value 6, m.value.element 7
  EXPECT_EQ(numbered.fields[2].column_mapping_id, 3);
  const std::string m = *numbered.fields[2].physical_name;
  EXPECT_TRUE(m.starts_with("col-"));
  EXPECT_EQ(numbered.fields[2].metadata.at("delta.columnMapping.nested.ids"),
            "{\"" + m + ".key\":5,\"" + m + ".value\":6,\"" + m + ".value.element\":7}");
  EXPECT_TRUE(CheckColumnMapping(numbered.fields, MappingMode::kId).ok());
  const NumberedColumns again = AssignColumnIds(numbered.fields, request);
  EXPECT_EQ(SchemaToJson(again.fields), SchemaToJson(numbered.fields));
  EXPECT_EQ(again.highest, 7);
}

TEST(ColumnIds, ColumnsThatAreInFilesAlreadyKeepTheirNamesThere) {
  ColumnIdRequest request;
  request.highest = 10;
  request.logical_names = true;
  const NumberedColumns numbered = AssignColumnIds(Sample(), request);
  EXPECT_EQ(numbered.fields[1].physical_name, "s");
  EXPECT_EQ(numbered.fields[0].column_mapping_id, 11);
  EXPECT_EQ(numbered.fields[1].type.fields()[0].physical_name, "X");
  EXPECT_EQ(numbered.highest, 16);
}

const WideningRule kNever = [](const ColumnPath&, const DataType&, const DataType&) { return false; };
const WideningRule kAlways = [](const ColumnPath&, const DataType&, const DataType&) { return true; };

TEST(SchemaMerge, NewColumnsComeLastInTheirStructAndAreNullable) {
  Fields incoming{Field("S", DataType::Struct({Field("y", kInt), Field("x", kInt)})), Field("new", kInt),
                  Field("A", kInt)};
  incoming[1].nullable = false;
  SetColumnId(incoming[1], 3);
  const auto merged = MergeSchemas(Sample(), incoming, kNever);
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(Text(*merged), "struct<a:int,s:struct<X:int,l:array<int>,y:int>,m:map<string,struct<v:int>>,new:int>");
  EXPECT_TRUE(merged->back().nullable);
  EXPECT_TRUE(merged->back().metadata.empty());
  EXPECT_EQ(ColumnsBeyond(Sample(), incoming), (std::vector<ColumnPath>{{"S", "y"}, {"new"}}));
}

TEST(SchemaMerge, TypesWidenOnlyWhereTheRuleAllowsAndTheChangeIsRecorded) {
  const Fields table{Field("a", kShort), Field("l", DataType::Array(kInt, true)),
                     Field("s", DataType::Struct({Field("x", kInt)}))};
  const Fields incoming{Field("a", kInt), Field("l", DataType::Array(kLong, true)),
                        Field("s", DataType::Struct({Field("x", kLong)}))};
  const auto kept = MergeSchemas(table, incoming, kNever);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(SchemaToJson(*kept), SchemaToJson(table));
  const auto widened = MergeSchemas(table, incoming, kAlways);
  ASSERT_TRUE(widened.ok());
  EXPECT_EQ(Text(*widened), "struct<a:int,l:array<bigint>,s:struct<x:bigint>>");
  EXPECT_EQ((*widened)[0].metadata.at("delta.typeChanges"), R"([{"toType":"integer","fromType":"short"}])");
  EXPECT_EQ((*widened)[1].metadata.at("delta.typeChanges"),
            R"([{"toType":"long","fromType":"integer","fieldPath":"element"}])");
  EXPECT_FALSE((*widened)[2].metadata.contains("delta.typeChanges"));
  EXPECT_EQ((*widened)[2].type.fields()[0].type_changes.size(), 1u);
  const auto narrower = MergeSchemas(incoming, table, kAlways);
  ASSERT_TRUE(narrower.ok());
  EXPECT_EQ(Text(*narrower), Text(incoming));
}

TEST(SchemaMerge, AVoidColumnTakesTheTypeOfTheFirstRowsThatHaveOne) {
  const auto merged = MergeSchemas({Field("a", DataType())}, {Field("a", kText)}, kNever);
  ASSERT_TRUE(merged.ok());
  EXPECT_EQ(Text(*merged), "struct<a:string>");
  const auto kept = MergeSchemas({Field("a", kText)}, {Field("a", DataType())}, kNever);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(Text(*kept), "struct<a:string>");
}

TEST(SchemaMerge, AStructAndANumberCannotBeMerged) {
  const auto merged = MergeSchemas(Sample(), {Field("s", kInt)}, kAlways);
  ASSERT_FALSE(merged.ok());
  EXPECT_NE(merged.error().message().find("column s"), std::string::npos);
  EXPECT_FALSE(MergeSchemas(Sample(), {Field("s", DataType::Array(kInt, true))}, kAlways).ok());
}

}  // namespace
}  // namespace deltic
