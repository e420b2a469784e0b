// Owns the proof of what folders' names and many files' schemas say together. What Spark 4.2 with Delta 4.4 makes of
// the same schemas is what these tests expect.
#include <gtest/gtest.h>

#include "clone/folder_partitions.h"
#include "clone/merge_file_schemas.h"
#include "schema/ddl.h"

namespace deltic {
namespace {

std::string Merged(const std::string& a, const std::string& b) {
  const auto merged = MergeFileSchemas(*ParseDdl(a), *ParseDdl(b));
  return merged.ok() ? DataType::Struct(*merged).ToString() : merged.error().message();
}

TEST(MergeFileSchemasTest, ColumnsOfLaterFilesGoBehind) {
  EXPECT_EQ(Merged("a int, s struct<x: int>", "b string, s struct<y: int, x: int>, a int"),
            "struct<a:int,s:struct<x:int,y:int>,b:string>");
  EXPECT_EQ(Merged("a array<struct<x: int>>, m map<string, int>", "a array<struct<y: int>>, m map<string, int>"),
            "struct<a:array<struct<x:int,y:int>>,m:map<string,int>>");
}

TEST(MergeFileSchemasTest, SmallIntegersBecomeTheWidest) {
  EXPECT_EQ(Merged("a tinyint", "a smallint"), "struct<a:smallint>");
  EXPECT_EQ(Merged("a int", "a tinyint"), "struct<a:int>");
}

TEST(MergeFileSchemasTest, LetterCaseDoesNotMakeAColumn) { EXPECT_EQ(Merged("a int", "A int"), "struct<a:int>"); }

TEST(MergeFileSchemasTest, OtherDifferencesAreRefusedByColumn) {
  EXPECT_EQ(Merged("s struct<a: int>", "s struct<a: bigint>"),
            "column s.a is bigint here and int in files before it: one table cannot hold both");
  for (const char* type : {"bigint", "string", "decimal(12,2)", "double", "array<int>"}) {
    EXPECT_NE(Merged("a int", std::string("a ") + type).find("one table cannot hold both"), std::string::npos) << type;
  }
  EXPECT_NE(Merged("a decimal(10,2)", "a decimal(12,2)").find("cannot"), std::string::npos);
}

TEST(FolderPartitionsTest, TheFoldersAboveTheFileAreRead) {
  EXPECT_EQ(ReadFolderValues("x/a=1/b=%20%2F/f.parquet"), (FolderValues{{"a", "1"}, {"b", " /"}}));
  EXPECT_EQ(ReadFolderValues("a=1/x/f.parquet"), FolderValues());
  EXPECT_EQ(ReadFolderValues("f.parquet"), FolderValues());
  EXPECT_EQ(ReadFolderValues("a=__HIVE_DEFAULT_PARTITION__/b=/f"),
            (FolderValues{{"a", std::nullopt}, {"b", std::string()}}));
  EXPECT_EQ(ReadFolderValues("a=1%/b=%4/c=x=y/f"), (FolderValues{{"a", "1%"}, {"b", "%4"}, {"c", "x=y"}}));
}

TEST(FolderPartitionsTest, HiddenFilesAreTheOnesWithMarkedNames) {
  for (const char* key :
       {"_SUCCESS", ".part.crc", "_delta_log/0.json", "a/_temporary/f.parquet", ".hive/x/f.parquet"}) {
    EXPECT_TRUE(IsHidden(key)) << key;
  }
  for (const char* key : {"f.parquet", "_p=1/f.parquet", "a/b=_x/f"}) EXPECT_FALSE(IsHidden(key)) << key;
  EXPECT_TRUE(IsHidden("_p=1/_f.parquet"));
}

std::string Values(const std::string& key, const std::string& columns) {
  const auto values = PartitionValuesOf(key, *ParseDdl(columns));
  if (!values.ok()) return values.error().message();
  std::string text;
  for (const auto& [name, value] : *values) text += name + "=" + value.value_or("NULL") + ";";
  return text;
}

TEST(FolderPartitionsTest, ValuesAreWrittenAsTheirTypesAre) {
  EXPECT_EQ(Values("p=01/d=2020-01-01/f", "p int, d date"), "d=2020-01-01;p=1;");
  EXPECT_EQ(Values("t=2020-01-01 00%3A00%3A01/f", "t timestamp"), "t=2020-01-01T00:00:01.000000Z;");
  EXPECT_EQ(Values("P=__HIVE_DEFAULT_PARTITION__/f", "p int"), "p=NULL;");
  EXPECT_EQ(Values("s=01/f", "s string"), "s=01;");
}

TEST(FolderPartitionsTest, FoldersThatDoNotFitAreRefusedByName) {
  EXPECT_EQ(Values("p=x/f.parquet", "p int").substr(0, 63),
            "the folder of p=x/f.parquet is no value of the partition column");
  EXPECT_NE(Values("p=1/f", "q int").find("name the partition columns p, and those asked for are q"),
            std::string::npos);
  EXPECT_NE(Values("f", "q int").find("name the partition columns none"), std::string::npos);
  EXPECT_NE(PartitionValuesOf("p=1/f", {}).error().message().find("asked for are none"), std::string::npos);
}

TEST(FolderPartitionsTest, TypesAreInferredFromAllValues) {
  const auto inferred = [](const std::vector<std::string>& keys) {
    const auto fields = InferPartitions(keys);
    return fields.ok() ? DataType::Struct(*fields).ToString() : fields.error().message();
  };
  EXPECT_EQ(inferred({"a=1/b=x/f", "a=22/b=2/f"}), "struct<a:int,b:string>");
  EXPECT_EQ(inferred({"a=1/f", "a=3000000000/f", "a=__HIVE_DEFAULT_PARTITION__/f"}), "struct<a:bigint>");
  EXPECT_EQ(inferred({"a=1/f", "a=1.5/f"}), "struct<a:double>");
  EXPECT_EQ(inferred({"a=2020-01-01/f"}), "struct<a:date>");
  EXPECT_EQ(inferred({"a=2020-01-01/f", "a=2020-01-01 10%3A00%3A00/f"}), "struct<a:timestamp>");
  EXPECT_EQ(inferred({"f"}), "struct<>");
  EXPECT_EQ(inferred({"a=1/f", "b=1/g"}),
            "the folders do not agree on the partition columns: a for a=1/f, b for b=1/g");
}

}  // namespace
}  // namespace deltic
