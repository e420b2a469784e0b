// Tests of schema JSON: each type, each refusal, and every schema of the corpus there and back.
#include "schema/schema_json.h"

#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace deltic {
namespace {

std::string OneColumn(std::string_view type, std::string_view rest = R"j(,"nullable":true,"metadata":{})j") {
  return std::string(R"j({"type":"struct","fields":[{"name":"c","type":)j") + std::string(type) + std::string(rest) +
         "}]}";
}

void ExpectRefused(std::string_view json, Code code, std::string_view part_of_message) {
  const auto fields = ParseSchemaJson(json);
  ASSERT_FALSE(fields.ok()) << json;
  EXPECT_EQ(fields.error().code(), code) << fields.error().message();
  EXPECT_NE(fields.error().message().find(part_of_message), std::string::npos) << fields.error().message();
}

TEST(ParseSchemaJson, KnowsEveryPrimitiveTypeOfTheProtocol) {
  for (const auto& [name, text] : std::map<std::string, std::string>{{"string", "string"},
                                                                     {"long", "bigint"},
                                                                     {"integer", "int"},
                                                                     {"short", "smallint"},
                                                                     {"byte", "tinyint"},
                                                                     {"float", "float"},
                                                                     {"double", "double"},
                                                                     {"decimal", "decimal(10,0)"},
                                                                     {"decimal(10,2)", "decimal(10,2)"},
                                                                     {"decimal( 38 , 18 )", "decimal(38,18)"},
                                                                     {"boolean", "boolean"},
                                                                     {"binary", "binary"},
                                                                     {"date", "date"},
                                                                     {"timestamp", "timestamp"},
                                                                     {"timestamp_ntz", "timestamp_ntz"},
                                                                     {"variant", "variant"},
                                                                     {"void", "void"},
                                                                     {"null", "void"},
                                                                     {"char(5)", "string"},
                                                                     {"varchar(20)", "string"}}) {
    const auto fields = ParseSchemaJson(OneColumn("\"" + name + "\""));
    ASSERT_TRUE(fields.ok()) << fields.error().message();
    EXPECT_EQ(fields->at(0).type.ToString(), text);
  }
}

TEST(ParseSchemaJson, ReadsNestedTypesWithKeysInAnyOrder) {
  const auto fields = ParseSchemaJson(R"j( {"fields":[{"metadata":{},"nullable":false,"type":{"containsNull":false,
      "elementType":{"valueContainsNull":false,"valueType":{"type":"variant"},"keyType":"string","type":"map"},
      "type":"array"},"name":"a b"}],"type":"struct"} )j");
  ASSERT_TRUE(fields.ok()) << fields.error().message();
  const StructField& field = fields->at(0);
  EXPECT_EQ(field.name, "a b");
  EXPECT_FALSE(field.nullable);
  EXPECT_EQ(field.type.ToString(), "array<map<string,variant>>");
  EXPECT_FALSE(field.type.contains_null());
  EXPECT_FALSE(field.type.element().contains_null());
}

TEST(ParseSchemaJson, KeepsEveryMetadataValueAsItsJsonText) {
  const auto fields = ParseSchemaJson(OneColumn(
      R"j("long")j", R"j(,"nullable":true,"metadata":{"big":123456789012345678901234567890,"o":{ "b":1, "a":[1.50] } ,
      "delta.columnMapping.id":7,"delta.columnMapping.physicalName":"col-\u00e4\"","s":"x\ny","n":null,"t\u0061b":true})j"));
  ASSERT_TRUE(fields.ok()) << fields.error().message();
  const StructField& field = fields->at(0);
  EXPECT_EQ(field.metadata.at("big"), "123456789012345678901234567890");
  EXPECT_EQ(field.metadata.at("o"), R"j({ "b":1, "a":[1.50] })j");
  EXPECT_EQ(field.metadata.at("s"), R"j("x\ny")j");
  EXPECT_EQ(field.metadata.at("n"), "null");
  EXPECT_EQ(field.metadata.at("tab"), "true");
  EXPECT_EQ(field.column_mapping_id, 7);
  EXPECT_EQ(field.physical_name, "col-\xC3\xA4\"");
  const auto again = ParseSchemaJson(SchemaToJson(*fields));
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again->at(0).metadata, field.metadata);
}

TEST(ParseSchemaJson, ReadsTypeChangesAndIgnoresThePreviewsTableVersion) {
  const std::string changes = R"j([{"toType":"long","fromType":"integer","tableVersion":4,"fieldPath":"element"},)j"
                              R"j({"toType":"decimal(12,2)","fromType":"decimal(10,2)"}])j";
  const auto fields = ParseSchemaJson(
      OneColumn(R"j({"type":"array","elementType":"long","containsNull":true})j",
                R"j(,"nullable":true,"metadata":{"delta.typeChanges":)j" + changes + R"j( ,"after":1})j"));
  ASSERT_TRUE(fields.ok()) << fields.error().message();
  const StructField& field = fields->at(0);
  ASSERT_EQ(field.type_changes.size(), 2u);
  EXPECT_EQ(field.type_changes[0].from.ToString(), "int");
  EXPECT_EQ(field.type_changes[0].to.ToString(), "bigint");
  EXPECT_EQ(field.type_changes[0].field_path, "element");
  EXPECT_EQ(field.type_changes[1].to.ToString(), "decimal(12,2)");
  EXPECT_EQ(field.type_changes[1].field_path, "");
  EXPECT_EQ(field.metadata.at("delta.typeChanges"), changes);
  EXPECT_EQ(field.metadata.at("after"), "1");
}

TEST(ParseSchemaJson, AcceptsMetadataAndNullableThatAreMissingOrMetadataThatIsNull) {
  for (const char* rest : {"", R"j(,"metadata":null)j", R"j(,"nullable":true)j"}) {
    const auto fields = ParseSchemaJson(OneColumn(R"j("long")j", rest));
    ASSERT_TRUE(fields.ok()) << fields.error().message();
    EXPECT_TRUE(fields->at(0).nullable);
    EXPECT_TRUE(fields->at(0).metadata.empty());
  }
  EXPECT_TRUE(ParseSchemaJson(R"j({"type":"struct","fields":[]})j").ok());
}

TEST(ParseSchemaJson, ReadsAUserDefinedTypeAsTheSqlTypeItIsStoredAs) {
  const auto fields = ParseSchemaJson(OneColumn(
      R"j({"type":"udt","class":"x.VectorUDT","pyClass":null,"sqlType":{"type":"array","elementType":"double"}})j"));
  ASSERT_TRUE(fields.ok()) << fields.error().message();
  EXPECT_EQ(fields->at(0).type.ToString(), "array<double>");
}

TEST(ParseSchemaJson, RefusesTypesThatItCannotReadByColumnAndType) {
  ExpectRefused(OneColumn(R"j("geometry(OGC:CRS84)")j"), Code::kUnsupported, "column c");
  ExpectRefused(OneColumn(R"j("geography(OGC:CRS84, spherical)")j"), Code::kUnsupported,
                "geography(OGC:CRS84, spherical)");
  ExpectRefused(OneColumn(R"j("interval day to second")j"), Code::kUnsupported, "interval day to second");
  ExpectRefused(OneColumn(R"j("interval")j"), Code::kUnsupported, "interval");
}

TEST(ParseSchemaJson, RefusesWhatIsNotASchema) {
  ExpectRefused("", Code::kCorrupt, "empty");
  ExpectRefused("  ", Code::kCorrupt, "empty");
  ExpectRefused("null", Code::kCorrupt, "");
  ExpectRefused("[]", Code::kCorrupt, "");
  ExpectRefused("\"struct\"", Code::kCorrupt, "");
  ExpectRefused("{}", Code::kCorrupt, "struct");
  ExpectRefused(R"j({"type":"array","fields":[]})j", Code::kCorrupt, "struct");
  ExpectRefused(R"j({"type":"struct"})j", Code::kCorrupt, "fields");
  ExpectRefused(R"j({"type":"struct","fields":{}})j", Code::kCorrupt, "fields");
  ExpectRefused(R"j({"type":"struct","fields":[1]})j", Code::kCorrupt, "not a JSON object");
  ExpectRefused(R"j({"type":"struct","fields":[]} x)j", Code::kCorrupt, "JSON");
  ExpectRefused(R"j({"type":"struct","fields":[]}{})j", Code::kCorrupt, "JSON");
  ExpectRefused(R"j({"type":"struct","fields":[{"name":"a","type":"long")j", Code::kCorrupt, "JSON");
  ExpectRefused("{\"type\":\"struct\",\"fields\":[{\"name\":\"\xFF\",\"type\":\"long\"}]}", Code::kCorrupt, "JSON");
}

TEST(ParseSchemaJson, NamesTheColumnWhoseDefinitionIsBroken) {
  ExpectRefused(OneColumn(R"j("lnog")j"), Code::kCorrupt, "column c: 'lnog'");
  ExpectRefused(OneColumn(R"j("decimal(39,0)")j"), Code::kCorrupt, "column c");
  ExpectRefused(OneColumn(R"j("decimal(5,6)")j"), Code::kCorrupt, "column c");
  ExpectRefused(OneColumn(R"j("decimal(0,0)")j"), Code::kCorrupt, "column c");
  ExpectRefused(OneColumn(R"j("decimal(5,x)")j"), Code::kCorrupt, "column c");
  ExpectRefused(OneColumn("5"), Code::kCorrupt, "column c");
  ExpectRefused(OneColumn("null"), Code::kCorrupt, "column c");
  ExpectRefused(OneColumn(R"j({"type":"array"})j"), Code::kCorrupt, "column c: elementType is missing");
  ExpectRefused(OneColumn(R"j({"type":"map","keyType":"string"})j"), Code::kCorrupt, "column c: valueType is missing");
  ExpectRefused(OneColumn(R"j({"type":"array","elementType":{"type":"struct","fields":[{"name":"x"}]}})j"),
                Code::kCorrupt, "column c.element.x: its type is missing");
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"nullable":"yes")j"), Code::kCorrupt, "column c: nullable");
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"metadata":[])j"), Code::kCorrupt, "column c: its metadata");
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"metadata":{"delta.columnMapping.id":"x"})j"), Code::kCorrupt,
                "column c");
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"metadata":{"delta.columnMapping.id":3000000000})j"), Code::kCorrupt,
                "column c");
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"metadata":{"delta.columnMapping.physicalName":1})j"), Code::kCorrupt,
                "column c");
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"metadata":{"delta.typeChanges":[{"fromType":"integer"}]})j"),
                Code::kCorrupt, "toType");
  ExpectRefused(R"j({"type":"struct","fields":[{"type":"long"}]})j", Code::kCorrupt, "no name");
}

TEST(ParseSchemaJson, RefusesTwoColumnsOfOneStructThatDifferOnlyInCase) {
  ExpectRefused(R"j({"type":"struct","fields":[{"name":"Ab","type":"long"},{"name":"aB","type":"long"}]})j",
                Code::kCorrupt, "column aB");
  EXPECT_TRUE(ParseSchemaJson(R"j({"type":"struct","fields":[{"name":"a","type":"long"},
      {"name":"s","type":{"type":"struct","fields":[{"name":"A","type":"long"}]}}]})j")
                  .ok());
}

TEST(ParseSchemaJson, RefusesTypesNestedDeeperThan200Levels) {
  const auto nested = [](int arrays) {
    std::string type = "\"long\"";
    for (int i = 0; i < arrays; ++i) type = R"j({"type":"array","elementType":)j" + type + "}";
    return OneColumn(type);
  };
  EXPECT_TRUE(ParseSchemaJson(nested(199)).ok());
  ExpectRefused(nested(200), Code::kCorrupt, "deeper than 200");
  ExpectRefused(nested(5000), Code::kCorrupt, "");
}

TEST(ParseSchemaJson, RefusesBrokenJsonInPartsThatItWouldOnlyStepOver) {
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"other":[}],"nullable":true)j"), Code::kCorrupt, "JSON");
  ExpectRefused(OneColumn(R"j("long")j", R"j(,"metadata":{"k":[1 2]})j"), Code::kCorrupt, "JSON");
  // libFuzzer found this one: a list of fields that goes on with rubbish, before a key that is looked up and missing.
  ExpectRefused(R"j({"type":"struct","fields":[{"name":"a","type":{"type":"struct","fields":[]u,"nullable":true}}]})j",
                Code::kCorrupt, "JSON");
}

TEST(SchemaToJson, WritesWhatSparkWouldWrite) {
  const std::string json =
      R"j({"type":"struct","fields":[{"name":"a\"b","type":"decimal(10,2)","nullable":false,"metadata":{"comment":"x"}},)j"
      R"j({"name":"m","type":{"type":"map","keyType":"string","valueType":{"type":"array","elementType":"variant",)j"
      R"j("containsNull":false},"valueContainsNull":true},"nullable":true,"metadata":{}}]})j";
  const auto fields = ParseSchemaJson(json);
  ASSERT_TRUE(fields.ok()) << fields.error().message();
  EXPECT_EQ(SchemaToJson(*fields), json);
}

// Where the shared test tables are: DELTIC_CORPUS, else beside the project.
std::filesystem::path CorpusFolder() {
  if (const char* folder = std::getenv("DELTIC_CORPUS")) return folder;
  return std::filesystem::path(__FILE__).parent_path() / "../../../shared/corpus";
}

TEST(Corpus, EverySchemaComesBackAsItWas) {
  if (!std::filesystem::exists(CorpusFolder())) GTEST_SKIP() << "no corpus: set DELTIC_CORPUS to its folder";
  std::set<std::string> schemas;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CorpusFolder())) {
    if (entry.path().extension() != ".json" || entry.path().parent_path().filename() != "_delta_log") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const size_t at = line.find("\"schemaString\"");
      if (at == std::string::npos) continue;
      const auto action = nlohmann::json::parse(line, nullptr, false);
      if (action.is_object() && action.contains("metaData")) schemas.insert(action["metaData"]["schemaString"]);
    }
  }
  ASSERT_GT(schemas.size(), 80u);
  for (const std::string& json : schemas) {
    const auto fields = ParseSchemaJson(json);
    if (json.find("geometry") != std::string::npos) {
      EXPECT_EQ(fields.ok() ? Code::kOk : fields.error().code(), Code::kUnsupported);
      continue;
    }
    ASSERT_TRUE(fields.ok()) << fields.error().message() << "\n" << json;
    const std::string written = SchemaToJson(*fields);
    EXPECT_EQ(nlohmann::json::parse(written), nlohmann::json::parse(json)) << json;
    const auto again = ParseSchemaJson(written);
    ASSERT_TRUE(again.ok()) << again.error().message();
    EXPECT_EQ(DataType::Struct(*again), DataType::Struct(*fields));
    EXPECT_TRUE(CheckTypeChanges(*fields).ok()) << json;
    if (json.find("delta.columnMapping.physicalName") == std::string::npos) continue;
    EXPECT_TRUE(CheckColumnMapping(*fields, MappingMode::kName).ok()) << json;
    EXPECT_TRUE(CheckColumnMapping(*fields, MappingMode::kId).ok()) << json;
  }
}

}  // namespace
}  // namespace deltic
