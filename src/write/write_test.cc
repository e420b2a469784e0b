// Owns the tests of writes as tables see them: rows into AddFile values, and rows that are refused.
#include "write/write.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/url.h"
#include "storage/fault_store.h"
#include "write/partition_path.h"

namespace deltic {
namespace {

StructField Field(const std::string& name, DataType type, bool nullable = true) {
  StructField field;
  field.name = name;
  field.type = std::move(type);
  field.nullable = nullable;
  return field;
}
StructField Field(const std::string& name, TypeKind kind, bool nullable = true) {
  return Field(name, DataType(kind), nullable);
}

class WriteTest : public testing::Test {
 protected:
  WriteTest() {
    target_.store = store_;
    target_.protocol.min_writer_version = 6;
    target_.config.column_defaults_supported = true;
    options_.env = RealEnv();
    options_.env.now_ms = [] { return int64_t{1700000000000}; };
  }

  Result<WrittenRows> Write(const std::string& sql) {
    auto engine = GetEngine();
    if (!engine.ok()) return std::move(engine).error();
    auto input = (*engine)->InputFromSql(sql, nullptr);
    if (!input.ok()) return std::move(input).error();
    return WriteRows(**engine, std::move(*input), target_, options_);
  }
  WrittenRows Written(const std::string& sql) {
    auto written = Write(sql);
    EXPECT_TRUE(written.ok()) << written.error().ToString();
    return written.ok() ? std::move(written).value() : WrittenRows();
  }
  Error Refused(const std::string& sql) {
    auto written = Write(sql);
    EXPECT_FALSE(written.ok());
    EXPECT_EQ(Objects(), 0) << "a refused write left files";
    return written.ok() ? Error(Code::kOk, "") : std::move(written).error();
  }
  // The rows as they are in the files, as text.
  std::string Rows(const WrittenRows& written, const std::string& select = "*") {
    std::string text;
    for (const auto& file : written.files) {
      auto engine = GetEngine();
      const auto path = folder_ + "/" + std::to_string(copies_++) + ".parquet";
      auto bytes = store_->Get(*PercentDecode(file.path));
      EXPECT_TRUE(bytes.ok());
      EXPECT_TRUE(MakeLocalStore(folder_)->Put(path.substr(folder_.size() + 1), *bytes).ok());
      auto session = (*engine)->OpenSql(nullptr);
      auto rows = (*session)->ReadText(
          "SELECT " + select + " FROM read_parquet('" + path + "') ORDER BY ALL NULLS LAST", CancelToken());
      EXPECT_TRUE(rows.ok()) << rows.error().ToString();
      if (!rows.ok()) return text;
      while (true) {
        auto batch = (*rows)->Next();
        EXPECT_TRUE(batch.ok()) << batch.error().ToString();
        if (!batch.ok() || batch->empty()) break;
        for (const auto& row : *batch) {
          for (const auto& value : row) text += value.value_or("NULL") + "|";
          text += "\n";
        }
      }
    }
    return text;
  }
  int Objects() {
    int count = 0;
    EXPECT_TRUE(store_->ListRecursive("", [&](const ObjectMeta&) { return ++count > 0; }).ok());
    return count;
  }
  static nlohmann::json Stats(const AddFile& file) { return nlohmann::json::parse(*file.stats); }

  std::shared_ptr<ObjectStore> store_ = MakeMemoryStore();
  WriteTarget target_;
  WriteOptions options_;
  std::string folder_ = testing::TempDir() + "write_test";
  int copies_ = 0;
};

TEST_F(WriteTest, ColumnsMatchByNameInAnyOrderAndCaseAndTheMissingAreNull) {
  target_.schema = {Field("Id", TypeKind::kLong), Field("name", TypeKind::kString), Field("gone", TypeKind::kDate)};
  const auto written = Written("SELECT 'a' AS NAME, 1 AS id");
  EXPECT_EQ(written.num_rows, 1);
  EXPECT_EQ(Rows(written, "Id, name, gone"), "1|a|NULL|\n");
}

TEST_F(WriteTest, ColumnsThatTheTableLacksAreRefusedByName) {
  target_.schema = {Field("a", TypeKind::kLong)};
  EXPECT_NE(Refused("SELECT 1 AS a, 2 AS b").message().find("no column b"), std::string::npos);
  target_.schema = {Field("s", DataType::Struct({Field("x", TypeKind::kLong)}))};
  EXPECT_NE(Refused("SELECT {'x': 1, 'y': 2} AS s").message().find("no column s.y"), std::string::npos);
}

TEST_F(WriteTest, ValuesThatFitAreCastAndOthersToldWithColumnAndValue) {
  struct Case {
    DataType type;
    const char* fits;
    const char* stored;
    const char* refused;
  };
  const Case cases[] = {
      {DataType(TypeKind::kInteger), "3000::BIGINT", "3000", "3000000000"},
      {DataType(TypeKind::kByte), "100::INTEGER", "100", "128"},
      {DataType(TypeKind::kInteger), "4.0::DOUBLE", "4", "4.5::DOUBLE"},
      {DataType(TypeKind::kInteger), "4.0::DOUBLE", "4", "'NaN'::DOUBLE"},
      {DataType(TypeKind::kInteger), "'42'", "42", "'42.5'"},
      {DataType(TypeKind::kInteger), "'-7'", "-7", "' 7'"},
      {DataType(TypeKind::kLong), "5.00::DECIMAL(5,2)", "5", "5.01::DECIMAL(5,2)"},
      {DataType::Decimal(5, 1), "1.10::DECIMAL(5,2)", "1.1", "1.11::DECIMAL(5,2)"},
      {DataType::Decimal(3, 1), "12.5::DECIMAL(8,2)", "12.5", "123.5::DECIMAL(8,2)"},
      {DataType::Decimal(5, 2), "1.1::DOUBLE", "1.10", "1.111::DOUBLE"},
      {DataType::Decimal(5, 2), "'1.500'", "1.50", "'1.555'"},
      {DataType(TypeKind::kDouble), "9007199254740992", "9007199254740992.0", "9007199254740993"},
      {DataType(TypeKind::kFloat), "1.5::DOUBLE", "1.5", "1e300::DOUBLE"},
      {DataType(TypeKind::kDouble), "'1e3'", "1000.0", "'abc'"},
      {DataType(TypeKind::kDate), "'2024-02-29'", "2024-02-29", "'2023-02-29'"},
      {DataType(TypeKind::kDate), "TIMESTAMP '2024-02-29 00:00:00'", "2024-02-29", "TIMESTAMP '2024-02-29 00:00:01'"},
      {DataType(TypeKind::kTimestampNtz), "'2024-02-29 01:02:03.5'", "2024-02-29 01:02:03.5", "'2024-02-29 01:02:03Z'"},
      {DataType(TypeKind::kTimestamp), "'2024-02-29T01:02:03+01:00'", "2024-02-29 00:02:03+00", "'yesterday'"},
      {DataType(TypeKind::kTimestamp), "TIMESTAMP '2024-02-29 01:02:03'", "2024-02-29 01:02:03+00", "'x'"},
      {DataType(TypeKind::kBoolean), "'TRUE'", "true", "'yes'"},
      {DataType(TypeKind::kString), "12.50::DECIMAL(5,2)", "12.50", nullptr},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.fits);
    target_.schema = {Field("c", test.type)};
    const auto written = Written(std::string("SELECT ") + test.fits + " AS c UNION ALL SELECT NULL");
    EXPECT_EQ(Rows(written), std::string(test.stored) + "|\nNULL|\n");
    for (const auto& file : written.files) EXPECT_TRUE(store_->Delete(file.path).ok());
    if (test.refused == nullptr) continue;
    const auto error = Refused(std::string("SELECT ") + test.refused + " AS c");
    EXPECT_EQ(error.code(), Code::kInvalidArgument) << error.ToString();
    EXPECT_NE(error.message().find("column c: the value"), std::string::npos) << error.message();
  }
}

TEST_F(WriteTest, TypesWithoutACastAreRefusedBeforeAnyRow) {
  target_.schema = {Field("c", TypeKind::kInteger)};
  EXPECT_EQ(Refused("SELECT true AS c").code(), Code::kInvalidArgument);
  EXPECT_EQ(Refused("SELECT [1] AS c").code(), Code::kInvalidArgument);
  target_.schema = {Field("c", TypeKind::kBinary)};
  EXPECT_EQ(Refused("SELECT 'text' AS c").code(), Code::kInvalidArgument);
}

TEST_F(WriteTest, NestedFieldsMatchByNameAndAreCast) {
  target_.schema = {Field("s", DataType::Struct({Field("a", TypeKind::kInteger), Field("b", TypeKind::kString)})),
                    Field("l", DataType::Array(DataType::Struct({Field("x", TypeKind::kShort)}), true)),
                    Field("m", DataType::Map(DataType(TypeKind::kString), DataType(TypeKind::kInteger), true))};
  const auto written = Written(
      "SELECT {'B': 'z', 'A': 7::BIGINT} AS s, [{'X': 1::BIGINT}, NULL] AS l, MAP {'k': 5::BIGINT} AS m"
      " UNION ALL SELECT NULL, NULL, NULL");
  EXPECT_EQ(Rows(written), "{'a': 7, 'b': z}|[{'x': 1}, NULL]|{k=5}|\nNULL|NULL|NULL|\n");
  for (const auto& file : written.files) EXPECT_TRUE(store_->Delete(file.path).ok());
  const auto error = Refused("SELECT [{'x': 70000}] AS l");
  EXPECT_EQ(error.message(), "column l.element.x: the value 70000 does not fit type smallint");
}

TEST_F(WriteTest, NullsAreRefusedWhereTheTableForbidsThemAtAnyDepth) {
  target_.schema = {Field("a", TypeKind::kLong, false), Field("b", TypeKind::kLong)};
  const auto error = Refused("SELECT NULL::BIGINT AS a, 5 AS b");
  EXPECT_EQ(error.code(), Code::kConstraintViolation);
  EXPECT_EQ(error.message(), "column a may not be NULL: b = 5");
  EXPECT_EQ(Refused("SELECT 5 AS b").code(), Code::kConstraintViolation);
  target_.schema = {Field("s", DataType::Struct({Field("x", TypeKind::kLong, false)})),
                    Field("l", DataType::Array(DataType(TypeKind::kLong), false)),
                    Field("m", DataType::Map(DataType(TypeKind::kLong), DataType(TypeKind::kLong), false))};
  EXPECT_EQ(Refused("SELECT {'x': NULL::BIGINT} AS s").code(), Code::kConstraintViolation);
  EXPECT_EQ(Refused("SELECT [1, NULL] AS l").code(), Code::kConstraintViolation);
  EXPECT_EQ(Refused("SELECT MAP {1: NULL::BIGINT} AS m").code(), Code::kConstraintViolation);
  EXPECT_EQ(Refused("SELECT NULL::STRUCT(x BIGINT) AS s").code(), Code::kConstraintViolation) << "as Spark";
  EXPECT_EQ(Written("SELECT {'x': 1::BIGINT} AS s, NULL::BIGINT[] AS l, MAP {1: 2} AS m").num_rows, 1);
}

TEST_F(WriteTest, DefaultsFillMissingColumnsAndGivenNullsStay) {
  target_.schema = {Field("a", TypeKind::kInteger), Field("b", TypeKind::kLong)};
  target_.schema[0].metadata["CURRENT_DEFAULT"] = "\"40 + 2\"";
  EXPECT_EQ(Rows(Written("SELECT 1 AS b")), "42|1|\n");
  EXPECT_EQ(Rows(Written("SELECT NULL AS a, 1 AS b")), "NULL|1|\n");
}

TEST_F(WriteTest, GeneratedColumnsAreMadeWhenAbsentAndCheckedWhenGiven) {
  target_.schema = {Field("a", TypeKind::kLong), Field("g", TypeKind::kLong)};
  target_.schema[1].metadata["delta.generationExpression"] = "\"a * 2\"";
  EXPECT_EQ(Rows(Written("SELECT 4 AS a")), "4|8|\n");
  store_ = MakeMemoryStore();
  target_.store = store_;
  const auto error = Refused("SELECT 4 AS a, 9 AS g");
  EXPECT_EQ(error.code(), Code::kConstraintViolation);
  EXPECT_NE(error.message().find("g = 9"), std::string::npos) << error.message();
  EXPECT_EQ(Written("SELECT 4 AS a, 8 AS g").num_rows, 1);
}

TEST_F(WriteTest, ConstraintsAndInvariantsHoldForEachRow) {
  target_.schema = {Field("a", TypeKind::kLong), Field("b", TypeKind::kLong)};
  target_.config.constraints = {{.name = "positive", .expression = "a > 0"}};
  target_.schema[1].metadata["delta.invariants"] = R"("{\"expression\":{\"expression\":\"b < 10\"}}")";
  auto error = Refused("SELECT -1 AS a, 1 AS b");
  EXPECT_EQ(error.code(), Code::kConstraintViolation);
  EXPECT_EQ(error.message(), "CHECK constraint positive (a > 0) is violated: a = -1");
  error = Refused("SELECT NULL::BIGINT AS a, 1 AS b");
  EXPECT_EQ(error.message(), "CHECK constraint positive (a > 0) is violated: a = NULL");
  error = Refused("SELECT 1 AS a, 11 AS b");
  EXPECT_EQ(error.message(), "the invariant of column b (b < 10) is violated: b = 11");
  EXPECT_EQ(Written("SELECT 1 AS a, 1 AS b").num_rows, 1);
}

TEST_F(WriteTest, IdentityColumnsGoOnFromTheirMark) {
  target_.schema = {Field("id", TypeKind::kLong), Field("a", TypeKind::kLong)};
  target_.schema[0].metadata = {
      {"delta.identity.start", "10"}, {"delta.identity.step", "5"}, {"delta.identity.allowExplicitInsert", "false"}};
  auto written = Written("SELECT i AS a FROM range(3) t(i)");
  EXPECT_EQ(Rows(written, "id"), "10|\n15|\n20|\n");
  EXPECT_EQ(written.identity_marks.at("id"), 20);
  target_.schema[0].metadata["delta.identity.highWaterMark"] = "20";
  written = Written("SELECT i AS a FROM range(2) t(i)");
  EXPECT_EQ(Rows(written, "id"), "25|\n30|\n");
  auto refused = Write("SELECT 1 AS id, 1 AS a");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kInvalidArgument);
  target_.schema[0].metadata["delta.identity.highWaterMark"] = "9223372036854775800";
  refused = Write("SELECT i AS a FROM range(5) t(i)");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kConstraintViolation) << refused.error().ToString();
}

TEST_F(WriteTest, CharAndVarcharAreHeldToTheirLengths) {
  target_.schema = {Field("c", TypeKind::kString), Field("v", TypeKind::kString)};
  target_.schema[0].metadata["__CHAR_VARCHAR_TYPE_STRING"] = "\"char(4)\"";
  target_.schema[1].metadata["__CHAR_VARCHAR_TYPE_STRING"] = "\"varchar(3)\"";
  EXPECT_EQ(Rows(Written("SELECT 'ab' AS c, 'abc   ' AS v")), "ab  |abc|\n");
  auto refused = Write("SELECT 'ab' AS c, 'abcd' AS v");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kConstraintViolation) << refused.error().ToString();
}

TEST_F(WriteTest, PartitionValuesAndFoldersAreThoseOfSpark) {
  target_.schema = {Field("a", TypeKind::kLong), Field("p", TypeKind::kString), Field("t", TypeKind::kTimestamp)};
  target_.metadata.partition_columns = {"p", "t"};
  auto written = Written("SELECT 1 AS a, 'a b:%/ü' AS p, TIMESTAMPTZ '2024-01-02 03:04:05+00' AS t");
  ASSERT_EQ(written.files.size(), 1u);
  const auto& file = written.files[0];
  EXPECT_EQ(file.partition_values.at("p"), "a b:%/ü");
  EXPECT_EQ(file.partition_values.at("t"), "2024-01-02T03:04:05.000000Z");
  EXPECT_TRUE(file.path.starts_with("p=a%20b%253A%2525%252F%C3%BC/t=2024-01-02%2003%253A04%253A05/part-00000-"))
      << file.path;
  EXPECT_TRUE(file.path.ends_with("-c000.snappy.parquet"));
  EXPECT_TRUE(store_->Head(*PercentDecode(file.path)).ok());
  EXPECT_EQ(Rows(written), "1|\n");
  EXPECT_FALSE(Stats(file)["minValues"].contains("p"));
  written = Written("SELECT 1 AS a, '' AS p, NULL::DATE AS t UNION ALL SELECT 2, NULL, NULL");
  ASSERT_EQ(written.files.size(), 1u);
  EXPECT_EQ(written.files[0].partition_values.at("p"), std::nullopt);
  EXPECT_TRUE(written.files[0].path.starts_with("p=__HIVE_DEFAULT_PARTITION__/t=__HIVE_DEFAULT_PARTITION__/"));
}

TEST_F(WriteTest, MappedColumnsHavePhysicalNamesAndFieldIdsAtEveryDepth) {
  auto inner = Field("x", TypeKind::kLong);
  inner.physical_name = "col-x";
  inner.column_mapping_id = 2;
  auto outer = Field("s", DataType::Struct({inner}));
  outer.physical_name = "col-s";
  outer.column_mapping_id = 1;
  auto partition = Field("p", TypeKind::kLong);
  partition.physical_name = "col-p";
  partition.column_mapping_id = 3;
  target_.schema = {outer, partition};
  target_.metadata.partition_columns = {"p"};
  target_.config.mapping_mode = MappingMode::kName;
  const auto written = Written("SELECT {'x': 5} AS s, 1 AS p");
  ASSERT_EQ(written.files.size(), 1u);
  EXPECT_EQ(written.files[0].partition_values.at("col-p"), "1");
  EXPECT_EQ(written.files[0].path.find("p="), std::string::npos);
  EXPECT_EQ(written.files[0].path.find('/'), 2u);  // a random folder
  EXPECT_EQ(Stats(written.files[0])["minValues"]["col-s"]["col-x"], 5);
  EXPECT_EQ(Rows(written), "{'col-x': 5}|\n");
}

TEST_F(WriteTest, MaterialisedPartitionColumnsAreInTheFiles) {
  target_.schema = {Field("p", TypeKind::kString), Field("a", TypeKind::kLong)};
  target_.metadata.partition_columns = {"p"};
  target_.config.materialize_partition_columns = true;
  const auto written = Written("SELECT 1 AS a, 'x' AS p");
  EXPECT_EQ(written.files[0].partition_values.at("p"), "x");
  EXPECT_EQ(Rows(written, "a, p"), "1|x|\n");
  EXPECT_EQ(Stats(written.files[0])["nullCount"].dump(), R"({"a":0})");
}

TEST_F(WriteTest, AStoreThatFailsIsToldAndLeavesNoFiles) {
  target_.schema = {Field("a", TypeKind::kLong)};
  auto faults = MakeFaultStore(store_);
  target_.store = faults;
  faults->Script(StoreCall::kMultipart, Fault::kUnavailable);
  EXPECT_EQ(Refused("SELECT 1 AS a").code(), Code::kUnavailable);
}

TEST_F(WriteTest, StatisticsAreThoseThatReadersExpect) {
  target_.schema = {Field("i", TypeKind::kLong),         Field("d", DataType::Decimal(20, 2)),
                    Field("s", TypeKind::kString),       Field("t", TypeKind::kTimestamp),
                    Field("n", TypeKind::kTimestampNtz), Field("dt", TypeKind::kDate),
                    Field("f", TypeKind::kDouble),       Field("b", TypeKind::kBoolean),
                    Field("x", TypeKind::kBinary),       Field("l", DataType::Array(DataType(TypeKind::kLong), true))};
  const auto written = Written(
      "SELECT 1 AS i, 123456789012345678.25::DECIMAL(20,2) AS d, repeat('a', 40) AS s,"
      " TIMESTAMPTZ '2024-01-01 00:00:00.123456+00' AS t, TIMESTAMP '2024-01-01 00:00:00' AS n, DATE '2024-01-01' AS "
      "dt,"
      " 1.5::DOUBLE AS f, true AS b, 'q'::BLOB AS x, [1] AS l"
      " UNION ALL SELECT 2, -1, repeat('b', 40), NULL, NULL, NULL, 'Infinity'::DOUBLE, NULL, NULL, NULL");
  const auto stats = Stats(written.files[0]);
  EXPECT_EQ(stats["numRecords"], 2);
  EXPECT_EQ(stats["tightBounds"], true);
  EXPECT_EQ(stats["minValues"]["i"], 1);
  EXPECT_NE(written.files[0].stats->find("\"d\":123456789012345678.25"), std::string::npos);
  EXPECT_NE(written.files[0].stats->find("\"d\":-1.00"), std::string::npos);
  EXPECT_EQ(stats["minValues"]["s"], std::string(32, 'a'));
  EXPECT_EQ(stats["maxValues"]["s"], std::string(32, 'b') + "\x7F");
  EXPECT_EQ(stats["minValues"]["t"], "2024-01-01T00:00:00.123456Z");
  EXPECT_EQ(stats["maxValues"]["n"], "2024-01-01T00:00:00.000");
  EXPECT_EQ(stats["minValues"]["dt"], "2024-01-01");
  EXPECT_EQ(stats["minValues"]["f"], 1.5);
  EXPECT_FALSE(stats["maxValues"].contains("f"));
  EXPECT_FALSE(stats["minValues"].contains("b"));
  EXPECT_FALSE(stats["minValues"].contains("x"));
  EXPECT_EQ(stats["nullCount"]["b"], 1);
  EXPECT_EQ(stats["nullCount"]["l"], 1);
  EXPECT_EQ(stats["nullCount"]["i"], 0);
}

TEST_F(WriteTest, OnlyTheFirstLeavesOrTheNamedColumnsHaveStatistics) {
  target_.schema = {Field("s", DataType::Struct({Field("a", TypeKind::kLong), Field("b", TypeKind::kLong)})),
                    Field("c", TypeKind::kLong)};
  target_.config.indexed_columns = 1;
  auto stats = Stats(Written("SELECT {'a': 1, 'b': 2} AS s, 3 AS c").files[0]);
  EXPECT_EQ(stats["nullCount"].dump(), R"({"s":{"a":0}})");
  target_.config.stats_columns = std::vector<ColumnPath>{{"C"}, {"s", "b"}};
  stats = Stats(Written("SELECT {'a': 1, 'b': 2} AS s, 3 AS c").files[0]);
  EXPECT_EQ(stats["maxValues"].dump(), R"({"c":3,"s":{"b":2}})");
}

TEST_F(WriteTest, JsonTextBecomesAVariantAndBrokenTextIsRefused) {
  target_.schema = {Field("v", TypeKind::kVariant)};
  const auto written = Written(R"(SELECT '{"b":[1,2.50,"x",null,true],"a":12345678901234567890}' AS v)");
  ASSERT_EQ(written.num_rows, 1);
  EXPECT_TRUE(store_->Delete(written.files[0].path).ok());
  EXPECT_EQ(Refused("SELECT '{\"a\":1' AS v").code(), Code::kInvalidArgument);
}

TEST_F(WriteTest, TheTablesOwnRowsAreWrittenAsTheyAre) {
  target_.schema = {Field("a", TypeKind::kLong, false), Field("g", TypeKind::kLong)};
  target_.schema[1].metadata["delta.generationExpression"] = "\"a * 2\"";
  target_.config.constraints = {{.name = "positive", .expression = "a > 0"}};
  options_.rows = RowOrigin::kOwn;
  EXPECT_EQ(Rows(Written("SELECT -4 AS a, 7 AS g")), "-4|7|\n");
}

TEST_F(WriteTest, AReplacedSliceIsHeldToItsPredicate) {
  target_.schema = {Field("a", TypeKind::kLong)};
  options_.checks = {{.sql = "a < 5", .failure = "outside", .shown = {{"a", "a"}}}};
  EXPECT_EQ(Refused("SELECT 7 AS a").message(), "outside: a = 7");
}

TEST_F(WriteTest, DiscardedFilesAreGone) {
  target_.schema = {Field("a", TypeKind::kLong), Field("p", TypeKind::kString)};
  target_.metadata.partition_columns = {"p"};
  const auto written = Written("SELECT 1 AS a, 'x y' AS p");
  EXPECT_EQ(Objects(), 1);
  const auto error = DiscardFiles(*store_, written.files, Error(Code::kConflict, "lost"));
  EXPECT_EQ(error.message(), "lost");
  EXPECT_EQ(Objects(), 0);
}

TEST_F(WriteTest, AnUnwritableCompressionIsRefusedByName) {
  target_.schema = {Field("a", TypeKind::kLong)};
  target_.config.compression_codec = "lz4";
  EXPECT_EQ(Refused("SELECT 1 AS a").code(), Code::kUnsupported);
  target_.config.compression_codec = "zstd";
  EXPECT_TRUE(Written("SELECT 1 AS a").files[0].path.ends_with("-c000.zstd.parquet"));
}

// Spark 4.2 made these names of partitions.
TEST(PartitionText, FloatingPointNumbersAreWrittenAsJavaWritesThem) {
  const auto text = [](TypeKind kind, double number) { return *PartitionText({DataType(kind), number}).value(); };
  EXPECT_EQ(text(TypeKind::kDouble, 1.5), "1.5");
  EXPECT_EQ(text(TypeKind::kDouble, 9999999.0), "9999999.0");
  EXPECT_EQ(text(TypeKind::kDouble, 1e7), "1.0E7");
  EXPECT_EQ(text(TypeKind::kDouble, 12345678.9), "1.23456789E7");
  EXPECT_EQ(text(TypeKind::kDouble, 0.001), "0.001");
  EXPECT_EQ(text(TypeKind::kDouble, 0.00012), "1.2E-4");
  EXPECT_EQ(text(TypeKind::kDouble, 1e-300), "1.0E-300");
  EXPECT_EQ(text(TypeKind::kDouble, -0.0), "-0.0");
  EXPECT_EQ(text(TypeKind::kFloat, 123456.0), "123456.0");
  EXPECT_EQ(text(TypeKind::kFloat, static_cast<double>(1e20F)), "1.0E20");
}

}  // namespace
}  // namespace deltic
