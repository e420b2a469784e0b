// Proves the reading of statistics JSON: only what is asked for, and nothing of broken text.
#include "expr/stats.h"

#include <gtest/gtest.h>

#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using namespace deltic::testing;

StatsColumn Column(std::vector<std::string> path, TypeKind kind = TypeKind::kLong) {
  return {std::move(path), Type(kind)};
}

// What is known of one column: "min max nulls", "-" for what is not.
std::string Known(const StatsReader& reader, size_t i = 0) {
  const auto text = [](const Scalar& bound) {
    if (bound.tag == ScalarTag::kNone) return std::string("-");
    return bound.tag == ScalarTag::kString ? std::string(bound.bytes) : std::to_string(bound.integer);
  };
  const ColumnStats& stats = reader.column(i);
  return text(stats.min) + " " + text(stats.max) + " " +
         (stats.null_count < 0 ? "-" : std::to_string(stats.null_count));
}

std::string KnownOfId(std::string_view json) {
  StatsReader reader({Column({"id"})});
  reader.Read(json);
  return Known(reader);
}

TEST(Stats, ReadsTheColumnsAskedForInAnyOrderAmongOthers) {
  StatsReader reader({Column({"id"}), Column({"s", "x"}), Column({"name"}, TypeKind::kString)});
  reader.Read(R"( { "nullCount" : {"s":{"x":3,"y":[1,{"a":"}"}]},"id":1} , "other":[{"a":"]"}],
      "maxValues":{"name":"z","s":{"y":{"x":7},"x":20},"id":9}, "tightBounds":true, "numRecords":10,
      "minValues":{"id":-2,"name":"a","s":{"x":10}} } )");
  EXPECT_EQ(reader.num_records(), 10);
  EXPECT_EQ(Known(reader, 0), "-2 9 1");
  EXPECT_EQ(Known(reader, 1), "10 20 3");
  EXPECT_EQ(Known(reader, 2), "a z -");
}

TEST(Stats, AnswersAreAboutTheLastDocumentOnly) {
  StatsReader reader({Column({"id"})});
  reader.Read(R"({"numRecords":1,"minValues":{"id":1},"maxValues":{"id":2},"nullCount":{"id":0}})");
  EXPECT_EQ(Known(reader), "1 2 0");
  reader.Read(R"({"minValues":{}})");
  EXPECT_EQ(Known(reader), "- - -");
  EXPECT_EQ(reader.num_records(), -1);
}

TEST(Stats, WhatIsNotWholeJsonIsNoStatistics) {
  const std::string whole = R"({"numRecords":1,"minValues":{"id":1},"maxValues":{"id":2},"nullCount":{"id":0}})";
  for (size_t length = 0; length < whole.size(); ++length) {
    StatsReader reader({Column({"id"})});
    reader.Read(std::string_view(whole).substr(0, length));
    EXPECT_EQ(Known(reader), "- - -") << length;
    EXPECT_EQ(reader.num_records(), -1) << length;
  }
  for (const char* json :
       {"null", "5", "[]", "\"a\"", "{}x", R"({"minValues":{"id":1},"maxValues":{"id":2}}{})", "{,}",
        R"({"minValues":{"id":1,}})", R"({"minValues":{"id" 1}})", R"({"minValues":{"id":}})",
        R"({"minValues" {"id":1}})", R"({"minValues":{"id":1}"maxValues":{}})", R"({"minValues":{id:1}})"}) {
    EXPECT_EQ(KnownOfId(json), "- - -") << json;
  }
}

TEST(Stats, ValuesOfTheWrongTypeAreAbsent) {
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":"1"},"maxValues":{"id":5},"nullCount":{"id":"0"}})"), "- 5 -");
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":1.0},"maxValues":{"id":1e3},"nullCount":{"id":1.5}})"), "- - -");
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":null},"maxValues":{"id":{"a":1}},"nullCount":{"id":[0]}})"), "- - -");
  EXPECT_EQ(KnownOfId(R"({"minValues":null,"maxValues":7,"nullCount":"x"})"), "- - -");
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":-9223372036854775808},"maxValues":{"id":9223372036854775807}})"),
            "-9223372036854775808 9223372036854775807 -");
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":1},"maxValues":{"id":9223372036854775808}})"), "1 - -");
  EXPECT_EQ(KnownOfId(R"({"nullCount":{"id":-1}})"), "- - -");
}

TEST(Stats, AMinimumAboveTheMaximumDiscardsBoth) {
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":3},"maxValues":{"id":2},"nullCount":{"id":0}})"), "- - 0");
}

TEST(Stats, AFactThatIsGivenTwiceIsAbsent) {
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":3,"id":4},"maxValues":{"id":5}})"), "- 5 -");
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":3,"id":null},"maxValues":{"id":5}})"), "- 5 -");
  EXPECT_EQ(KnownOfId(R"({"minValues":{"id":3},"maxValues":{"id":5},"minValues":{"id":1}})"), "- - -");
  EXPECT_EQ(KnownOfId(R"({"nullCount":{"id":0,"id":0}})"), "- - -");
}

TEST(Stats, NamesAndStringsMayBeEscaped) {
  StatsReader reader({Column({"a\"b.c\\\xC3\xA9"}, TypeKind::kString)});
  reader.Read(R"({"minValues":{"a\"b.c\\\u00e9":"\u0041\n\ud83d\ude00"},"maxValues":{"a\"b.c\\é":"Z\/"}})");
  EXPECT_EQ(Known(reader), "A\n\xF0\x9F\x98\x80 Z/ -");
}

TEST(Stats, AStringWithABrokenEscapeIsAbsent) {
  StatsReader reader({Column({"s"}, TypeKind::kString)});
  reader.Read(R"({"minValues":{"s":"\ud83d"},"maxValues":{"s":"\x"}})");
  EXPECT_EQ(Known(reader), "- - -");
  reader.Read(R"({"minValues":{"s":"\udc00"},"maxValues":{"s":"\u12g4"}})");
  EXPECT_EQ(Known(reader), "- - -");
}

TEST(Stats, NamesMatchExactlyAndWhole) {
  EXPECT_EQ(KnownOfId(R"({"minValues":{"ID":1,"i":2,"id2":3},"maxValues":{"id":4}})"), "- 4 -");
}

TEST(Stats, NumRecordsAloneIsReadFromTheWholeDocument) {
  EXPECT_EQ(NumRecords(R"({"numRecords":42})"), 42);
  EXPECT_EQ(NumRecords(R"({"minValues":{"numRecords":1},"numRecords":42})"), 42);
  for (const char* json :
       {"", "{}", R"({"numRecords":"42"})", R"({"numRecords":-1})", R"({"numRecords":4.5})", R"({"numRecords":null})",
        R"({"numRecords":42)", R"({"numRecords":1,"numRecords":2})", "garbage"}) {
    EXPECT_EQ(NumRecords(json), std::nullopt) << json;
  }
}

}  // namespace
}  // namespace deltic
