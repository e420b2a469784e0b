// Proves that column definitions in SQL become the fields that Spark would make of them, and that others are refused.
#include "schema/ddl.h"

#include <gtest/gtest.h>

#include "schema/schema_json.h"

namespace deltic {
namespace {

std::string JsonOf(std::string_view ddl) {
  const Result<Fields> fields = ParseDdl(ddl);
  return fields.ok() ? SchemaToJson(*fields) : fields.error().ToString();
}
std::string TypeOf(std::string_view ddl) {
  const Result<DataType> type = ParseDdlType(ddl);
  return type.ok() ? type->ToString() : type.error().message();
}

TEST(Ddl, SqlNamesAndProtocolNamesAreTheSameTypes) {
  EXPECT_EQ(TypeOf("BIGINT"), "bigint");
  EXPECT_EQ(TypeOf("long"), "bigint");
  EXPECT_EQ(TypeOf("Int"), "int");
  EXPECT_EQ(TypeOf("tinyint"), "tinyint");
  EXPECT_EQ(TypeOf("real"), "float");
  EXPECT_EQ(TypeOf("decimal"), "decimal(10,0)");
  EXPECT_EQ(TypeOf("NUMERIC ( 12 , 3 )"), "decimal(12,3)");
  EXPECT_EQ(TypeOf("timestamp_ntz"), "timestamp_ntz");
}

TEST(Ddl, NestedTypesTakeColonsOrSpaces) {
  EXPECT_EQ(TypeOf("array<struct<a: int, `b c` map<string, date>>>"),
            TypeOf("ARRAY < STRUCT < a INT , `b c`: MAP<STRING,DATE> > >"));
  EXPECT_EQ(JsonOf("s struct<a: int not null comment 'x''y'>"),
            R"({"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[{"name":"a","type":"integer",)"
            R"("nullable":false,"metadata":{"comment":"x'y"}}]},"nullable":true,"metadata":{}}]})");
}

TEST(Ddl, ColumnOptionsBecomeTheirMetadata) {
  const Result<Fields> fields = ParseDdl(
      "id bigint generated always as identity (start with 10 increment by -5) comment 'key', "
      "d date not null, y int generated always as (year(d) + coalesce(1, 2)), "
      "n int default coalesce(7, 8) not null comment 'n', name varchar(3)");
  ASSERT_TRUE(fields.ok()) << fields.error().ToString();
  EXPECT_EQ((*fields)[0].metadata.at("delta.identity.start"), "10");
  EXPECT_EQ((*fields)[0].metadata.at("delta.identity.step"), "-5");
  EXPECT_EQ((*fields)[0].metadata.at("delta.identity.allowExplicitInsert"), "false");
  EXPECT_EQ((*fields)[0].metadata.at("comment"), "\"key\"");
  EXPECT_FALSE((*fields)[1].nullable);
  EXPECT_EQ((*fields)[2].metadata.at("delta.generationExpression"), "\"year(d) + coalesce(1, 2)\"");
  EXPECT_EQ((*fields)[3].metadata.at("CURRENT_DEFAULT"), "\"coalesce(7, 8)\"");
  EXPECT_FALSE((*fields)[3].metadata.contains("EXISTS_DEFAULT")) << "Spark's CREATE TABLE leaves none in a Delta table";
  EXPECT_FALSE((*fields)[3].nullable);
  EXPECT_EQ((*fields)[4].metadata.at("__CHAR_VARCHAR_TYPE_STRING"), "\"varchar(3)\"");
}

TEST(Ddl, WhatIsNoColumnListIsRefusedWithThePlace) {
  EXPECT_EQ(JsonOf("id bigint,"),
            "InvalidArgument: column definitions: expected a column name at the end of \"id bigint,\"");
  EXPECT_EQ(
      JsonOf("id biggint"),
      "InvalidArgument: column definitions: expected a type (such as bigint, string or array<int>) at character 4, "
      "before \"biggint\"");
  for (const char* bad :
       {"", "id", "a int b int", "a array<int", "a decimal(39,0)", "a decimal(2,3)", "a varchar(0)", "a int not",
        "a int comment x", "a string comment 'open", "a int generated as identity",
        "a int generated always as identity", "a bigint generated always as identity(increment by 0)"}) {
    const Result<Fields> fields = ParseDdl(bad);
    ASSERT_FALSE(fields.ok()) << bad;
    EXPECT_EQ(fields.error().code(), Code::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace deltic
