// Proves what TranslateSparkSql refuses and how, and the shape of what it says. That the values are Spark's is for
// tests/sparksql/run.py, which asks Spark.
#include "sparksql/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deltic {
namespace {

using testing::HasSubstr;

Fields Schema() {
  Fields fields;
  const auto add = [&](const char* name, DataType type) {
    StructField field;
    field.name = name;
    field.type = std::move(type);
    fields.push_back(std::move(field));
  };
  add("Amount", DataType(TypeKind::kInteger));
  add("price", DataType::Decimal(10, 2));
  add("name", DataType(TypeKind::kString));
  add("day", DataType(TypeKind::kDate));
  add("at", DataType(TypeKind::kTimestamp));
  add("we\"ird`name", DataType(TypeKind::kInteger));
  add("ok", DataType(TypeKind::kBoolean));
  Fields inner;
  StructField field;
  field.name = "City";
  field.type = DataType(TypeKind::kString);
  inner.push_back(field);
  add("address", DataType::Struct(inner));
  return fields;
}

std::string Sql(std::string_view expression) {
  const auto engine = TranslateSparkSql(expression, Schema());
  return engine.ok() ? engine->sql : engine.error().ToString();
}
std::string TypeOf(std::string_view expression) {
  const auto engine = TranslateSparkSql(expression, Schema());
  return engine.ok() ? engine->type.ToString() : engine.error().ToString();
}
Error Refusal(std::string_view expression) {
  const auto engine = TranslateSparkSql(expression, Schema());
  return engine.ok() ? Error(Code::kOk, engine->sql) : engine.error();
}

TEST(SparkSql, ColumnsAreFoundWithoutCaseAndNamedAsInTheSchema) {
  const auto engine = TranslateSparkSql("AMOUNT + amount > ADDRESS.city", Schema());
  ASSERT_TRUE(engine.ok()) << engine.error().ToString();
  EXPECT_EQ(engine->columns, (std::vector<ColumnPath>{{"Amount"}, {"address", "City"}}));
  EXPECT_THAT(engine->sql, HasSubstr("\"Amount\""));
  EXPECT_THAT(engine->sql, HasSubstr("struct_extract(\"address\", 'City')"));
}

TEST(SparkSql, ANameInBackticksMayHoldAnything) { EXPECT_EQ(Sql("`we\"ird``name`"), "\"we\"\"ird`name\""); }

TEST(SparkSql, AColumnThatIsNotThereIsAnInvalidArgumentWithItsPlace) {
  const auto error = Refusal("1 + nothere");
  EXPECT_EQ(error.code(), Code::kInvalidArgument);
  EXPECT_THAT(error.message(), HasSubstr("no column nothere at character 5 of: 1 + nothere"));
}

TEST(SparkSql, WhatDoesNotParseIsAnInvalidArgumentWithItsPlace) {
  for (const char* text :
       {"", "1 +", "(1", "a b", "CASE END", "'open", "`open", "1 IN ()", "CAST(1 AS)", "CAST(1 AS DECIMAL(40))",
        "1 BETWEEN 2", "name LIKE", "#", "12abc", "X'0'", "/* open", "Amount IS 5"}) {
    const auto error = Refusal(text);
    EXPECT_EQ(error.code(), Code::kInvalidArgument) << text << ": " << error.message();
    EXPECT_THAT(error.message(), HasSubstr("at character ")) << text;
  }
}

TEST(SparkSql, FunctionsThatAreNotInTheTableAreRefusedByName) {
  for (const char* name : {"rand", "uuid", "hash", "exp", "sum", "row_number", "explode", "my_udf"}) {
    const auto error = Refusal(std::string(name) + "(Amount)");
    EXPECT_EQ(error.code(), Code::kUnsupported) << name;
    EXPECT_THAT(error.message(), HasSubstr(std::string("the function ") + name)) << name;
  }
}

TEST(SparkSql, SyntaxBeyondRowExpressionsIsRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {
      {"(SELECT 1)", "a subquery"},
      {"Amount IN (SELECT 1)", "a subquery"},
      {"EXISTS (SELECT 1)", "a subquery"},
      {"transform(Amount, x -> x + 1)", "a lambda function"},
      {"sum(Amount) OVER (PARTITION BY name)", "a window or aggregate function"},
      {"count(DISTINCT name)", "the aggregate function COUNT"},
      {"count(*)", "the aggregate function COUNT"},
      {"name LIKE ANY ('a')", "LIKE ANY"},
      {"Amount << 2", "a bit shift"},
      {"(1, 2)", "a row of several values"},
      {"name COLLATE UNICODE", "COLLATE"},
      {"dateadd(MONTH, 1, day)", "begins with a unit"},
      {"INTERVAL '1-2' YEAR TO MONTH", "UNIT TO UNIT"},
      {"INTERVAL 1 DAY", "intervals only added"},
      {"TIME '12:00:00'", "a literal of type TIME"},
      {"CAST(Amount AS ARRAY<INT>)", "a cast to ARRAY"}};
  for (const auto& [text, what] : cases) {
    const auto error = Refusal(text);
    EXPECT_EQ(error.code(), Code::kUnsupported) << text << ": " << error.message();
    EXPECT_THAT(error.message(), HasSubstr(what)) << text;
  }
}

TEST(SparkSql, PatternsThatJavaAndTheEngineReadDifferentlyAreRefused) {
  for (const char* text : {"name RLIKE '(?i)a'", "name RLIKE 'a++'", "name RLIKE '\\\\bx'", "name RLIKE '(a)\\\\1'",
                           "name RLIKE '[a-z&&[b]]'", "name RLIKE 'a$b'", "name RLIKE name", "name LIKE name",
                           "date_format(at, 'YYYY')", "date_format(at, 'yyyy-MM-dd XXX')", "to_date(name, 'd/M/y')",
                           "to_date(name, 'dd.MM')", "split(name, '[ab]')"}) {
    EXPECT_EQ(Refusal(text).code(), Code::kUnsupported) << text << ": " << Refusal(text).message();
  }
}

TEST(SparkSql, CastsWhoseTextOrRoundingDiffersAreRefused) {
  for (const char* text : {"CAST(1.5D AS STRING)", "CAST(1.5D AS DECIMAL(5,2))", "CAST(name AS TIMESTAMP)",
                           "TRY_CAST(name AS INT)", "CAST(1.5D AS FLOAT)"}) {
    EXPECT_EQ(Refusal(text).code(), Code::kUnsupported) << text << ": " << Refusal(text).message();
  }
}

TEST(SparkSql, ResultsHaveSparksTypes) {
  EXPECT_EQ(TypeOf("Amount / 2"), "double");
  EXPECT_EQ(TypeOf("Amount DIV 2"), "bigint");
  EXPECT_EQ(TypeOf("price * price"), "decimal(21,4)");
  EXPECT_EQ(TypeOf("price + 1"), "decimal(11,2)");
  EXPECT_EQ(TypeOf("price + Amount"), "decimal(13,2)");
  EXPECT_EQ(TypeOf("price / 3"), "decimal(14,6)");
  EXPECT_EQ(TypeOf("1Y + 1S"), "smallint");
  EXPECT_EQ(TypeOf("2147483648"), "bigint");
  EXPECT_EQ(TypeOf("1.50"), "decimal(3,2)");
  EXPECT_EQ(TypeOf("1e3"), "double");
  EXPECT_EQ(TypeOf("day + 1"), "date");
  EXPECT_EQ(TypeOf("coalesce(Amount, 1L)"), "bigint");
  EXPECT_EQ(TypeOf("NULL"), "void");
  EXPECT_EQ(TypeOf("CASE WHEN ok THEN day ELSE at END"), "timestamp");
}

TEST(SparkSql, TypesThatDoNotMeetAreInvalid) {
  for (const char* text : {"ok + 1", "day = 1", "NOT Amount", "ok AND Amount", "address.street", "Amount.x", "length()",
                           "CASE WHEN 1 THEN 2 END", "coalesce(day, 1)", "CAST(day AS INT)"}) {
    EXPECT_EQ(Refusal(text).code(), Code::kInvalidArgument) << text << ": " << Refusal(text).message();
  }
}

TEST(SparkSql, AndOrEvaluateByNeedWhereALaterPartCanFail) {
  EXPECT_THAT(Sql("Amount <> 0 AND 10 / Amount > 1"), HasSubstr("IS FALSE THEN FALSE ELSE"));
  EXPECT_THAT(Sql("Amount = 0 OR 10 / Amount > 1"), HasSubstr("IS TRUE THEN TRUE ELSE"));
  EXPECT_EQ(Sql("ok AND ok"), "(\"ok\" AND \"ok\")");
}

TEST(SparkSql, LiteralsAreQuotedForTheEngine) {
  EXPECT_EQ(Sql("'it''s'"), "'it''s'");
  EXPECT_EQ(Sql("\"it's\""), "'it''s'");
  EXPECT_EQ(Sql("'a\\'b'"), "'a''b'");
  EXPECT_EQ(Sql("'a' \"b\""), "'ab'");
  EXPECT_EQ(Sql("r'\\n'"), "'\\n'");
  EXPECT_EQ(Sql("'\\u0041\\102'"), "'AB'");
  EXPECT_EQ(Refusal("'\\0'").code(), Code::kUnsupported);
}

TEST(SparkSql, TheClockIsTold) {
  for (const char* text :
       {"current_date()", "CURRENT_DATE", "current_timestamp", "now()", "date_add(current_date(), 1)"}) {
    const auto engine = TranslateSparkSql(text, Schema());
    ASSERT_TRUE(engine.ok()) << text << engine.error().ToString();
    EXPECT_TRUE(engine->depends_on_the_clock) << text;
  }
  EXPECT_FALSE(TranslateSparkSql("Amount > 0", Schema())->depends_on_the_clock);
}

TEST(SparkSql, DeepAndLongTextsAreRefusedAndDoNotOverflowTheStack) {
  const auto repeat = [](std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
  };
  const std::string deep[] = {repeat("(", 5000) + "1" + repeat(")", 5000),
                              repeat("- ", 5000) + "Amount",
                              repeat("NOT ", 5000) + "ok",
                              "Amount" + repeat("+1", 5000),
                              repeat("x", 70000),
                              repeat("abs(", 5000) + "1" + repeat(")", 5000),
                              repeat("CASE WHEN ok THEN ", 3000) + "1" + repeat(" END", 3000),
                              "name" + repeat("[1]", 5000)};
  for (const auto& text : deep) EXPECT_EQ(Refusal(text).code(), Code::kUnsupported) << text.substr(0, 30);
  // A long flat chain is what a stored constraint may well be.
  EXPECT_EQ(Refusal("ok" + repeat(" AND Amount > 1", 2000)).code(), Code::kOk);
  // Operands are written several times: what would grow without end is refused.
  EXPECT_EQ(Refusal(repeat("1 / (", 80) + "Amount" + repeat(")", 80)).code(), Code::kUnsupported);
}

}  // namespace
}  // namespace deltic
