// Proves which statistics are taken for the very minimum, maximum and count, and which are not.
#include "expr/exact.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

struct FileFactsForTest {
  int64_t deleted = 0;
  bool has_deletion_vector = false;
};

// "values min max" of the column c, "-" for what is not known, "none" for the bound of no value.
std::string Exact(std::string_view json, const DataType& type, FileFactsForTest facts = {}) {
  StatsReader reader({{.path = {"c"}, .type = type}});
  reader.Read(json);
  const ExactColumn exact = ReadExact({.num_records = reader.num_records(),
                                       .live_rows = reader.num_records() - facts.deleted,
                                       .has_deletion_vector = facts.has_deletion_vector,
                                       .tight_bounds = reader.tight_bounds()},
                                      reader.column(0), type);
  const auto text = [](const std::optional<Literal>& bound) -> std::string {
    if (!bound) return "-";
    return bound->is_null() ? "none" : bound->ToString();
  };
  return (exact.values ? std::to_string(*exact.values) : "-") + " " + text(exact.min) + " " + text(exact.max);
}

std::string Stats(std::string_view min, std::string_view max, std::string_view rest = R"("nullCount":{"c":2})") {
  return R"({"numRecords":10,"minValues":{"c":)" + std::string(min) + R"(},"maxValues":{"c":)" + std::string(max) +
         "}," + std::string(rest) + "}";
}

const DataType kLong(TypeKind::kLong);

TEST(Exact, IntegersDatesAndBooleansAreTakenAsTheyAre) {
  EXPECT_EQ(Exact(Stats("-3", "9007199254740993"), kLong), "8 -3 9007199254740993");
  EXPECT_EQ(Exact(Stats("-128", "127"), DataType(TypeKind::kByte)), "8 -128 127");
  EXPECT_EQ(Exact(Stats("\"2024-02-29\"", "\"2024-03-01\""), DataType(TypeKind::kDate)),
            "8 DATE '2024-02-29' DATE '2024-03-01'");
  EXPECT_EQ(Exact(Stats("false", "true"), DataType(TypeKind::kBoolean)), "8 false true");
}

TEST(Exact, ANumberThatIsNoIntegerOrDoesNotFitTheColumnIsNotKnown) {
  EXPECT_EQ(Exact(Stats("1.0", "1e3"), kLong), "8 - -");
  EXPECT_EQ(Exact(Stats("\"1\"", "99999999999999999999"), kLong), "8 - -");
  EXPECT_EQ(Exact(Stats("-129", "128"), DataType(TypeKind::kByte)), "8 - -");
}

TEST(Exact, StringsTimestampsAndFloatingPointHaveNoExactBounds) {
  EXPECT_EQ(Exact(Stats("\"a\"", "\"b\""), DataType(TypeKind::kString)), "8 - -");
  EXPECT_EQ(
      Exact(Stats("\"2024-01-01T00:00:00.000Z\"", "\"2024-01-01T00:00:00.001Z\""), DataType(TypeKind::kTimestamp)),
      "8 - -");
  EXPECT_EQ(Exact(Stats("\"2024-01-01\"", "\"2024-01-01\""), DataType(TypeKind::kTimestampNtz)), "8 - -");
  EXPECT_EQ(Exact(Stats("1.5", "2.5"), DataType(TypeKind::kDouble)), "8 - -");
  EXPECT_EQ(Exact(Stats("1.5", "2.5"), DataType(TypeKind::kFloat)), "8 - -");
}

TEST(Exact, DatesOfTheJulianCalendarAndBeyondTheYear9999AreNotKnown) {
  EXPECT_EQ(Exact(Stats("\"1582-10-14\"", "\"1582-10-15\""), DataType(TypeKind::kDate)), "8 - DATE '1582-10-15'");
  EXPECT_EQ(Exact(Stats("\"2024-01-01\"", "\"10000-01-01\""), DataType(TypeKind::kDate)), "8 DATE '2024-01-01' -");
}

TEST(Exact, DecimalsOfUpTo15DigitsAreTakenAtTheColumnsScale) {
  EXPECT_EQ(Exact(Stats("-1.5", "\"2.25\""), DataType::Decimal(10, 2)), "8 -1.50 2.25");
  EXPECT_EQ(Exact(Stats("1", "9999999999999.99"), DataType::Decimal(15, 2)), "8 1.00 9999999999999.99");
  // Digits that the column has no room for, an exponent, and digits that no 15-digit decimal has, are no decimals of
  // it.
  EXPECT_EQ(Exact(Stats("1.005", "1E+2"), DataType::Decimal(10, 2)), "8 - -");
  EXPECT_EQ(Exact(Stats("0.10000000000000001", "1.1"), DataType::Decimal(15, 2)), "8 - 1.10");
  EXPECT_EQ(Exact(Stats("1", "100000000"), DataType::Decimal(10, 2)), "8 1.00 -");
  EXPECT_EQ(Exact(Stats("1.5", "2.5"), DataType::Decimal(16, 2)), "8 - -");
}

TEST(Exact, AColumnOfNullsOnlyHasNoBoundsAndNoValues) {
  const std::string all_null = R"({"numRecords":10,"minValues":{},"maxValues":{},"nullCount":{"c":10}})";
  EXPECT_EQ(Exact(all_null, kLong), "0 none none");
  EXPECT_EQ(Exact(all_null, DataType(TypeKind::kString)), "0 none none");
  EXPECT_EQ(Exact(all_null, kLong, {.deleted = 3, .has_deletion_vector = true}), "0 none none");
}

TEST(Exact, WhatIsMissingOrContradictsItselfIsNotKnown) {
  EXPECT_EQ(Exact(R"({"numRecords":10})", kLong), "- - -");
  EXPECT_EQ(Exact(R"({"numRecords":10,"nullCount":{"c":2}})", kLong), "8 - -");
  EXPECT_EQ(Exact(Stats("1", "2", R"("nullCount":{})"), kLong), "- 1 2");
  EXPECT_EQ(Exact(Stats("1", "2", R"("nullCount":{"c":11})"), kLong), "- - -");
  EXPECT_EQ(Exact(Stats("1", "2", R"("nullCount":{"c":10})"), kLong), "- - -");
  EXPECT_EQ(Exact(Stats("2", "1"), kLong), "8 - -");
}

TEST(Exact, AnEmptyFileHasNoValuesWhateverElseItSays) {
  EXPECT_EQ(Exact(R"({"numRecords":0})", kLong), "0 none none");
  EXPECT_EQ(Exact(Stats("1", "2"), kLong, {.deleted = 10, .has_deletion_vector = true}), "0 none none");
}

TEST(Exact, WithADeletionVectorBoundsNeedTheWordTight) {
  const FileFactsForTest deleted{.deleted = 3, .has_deletion_vector = true};
  const std::string no_nulls = R"("nullCount":{"c":0})";
  EXPECT_EQ(Exact(Stats("1", "2", no_nulls), kLong, deleted), "7 - -");
  EXPECT_EQ(Exact(Stats("1", "2", no_nulls + R"(,"tightBounds":false)"), kLong, deleted), "7 - -");
  EXPECT_EQ(Exact(Stats("1", "2", no_nulls + R"(,"tightBounds":true)"), kLong, deleted), "7 1 2");
  EXPECT_EQ(Exact(Stats("1", "2", R"("nullCount":{"c":4},"tightBounds":true)"), kLong, deleted), "- 1 2");
}

TEST(Exact, WideBoundsWithoutADeletionVectorAreNotExact) {
  EXPECT_EQ(Exact(Stats("1", "2", R"("nullCount":{"c":4},"tightBounds":false)"), kLong), "- - -");
  EXPECT_EQ(Exact(Stats("1", "2", R"("nullCount":{"c":4},"tightBounds":"true")"), kLong), "- - -");
  EXPECT_EQ(Exact(Stats("1", "2", R"("nullCount":{"c":4},"tightBounds":null)"), kLong), "6 1 2");
}

TEST(Exact, NullCountsOfNestedColumnsAreNotTheirOwn) {
  const DataType list = DataType::Array(kLong, true);
  EXPECT_FALSE(HasExactNullCount(list));
  EXPECT_EQ(Exact(R"({"numRecords":10,"nullCount":{"c":2}})", list), "- - -");
  EXPECT_EQ(Exact(R"({"numRecords":10,"nullCount":{"c":10}})", list), "- - -");
}

}  // namespace
}  // namespace deltic
