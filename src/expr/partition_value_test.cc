// Proves how the log's text of a partition value becomes a value, for every type, and what is refused.
#include <gtest/gtest.h>

#include <cmath>

#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using namespace deltic::testing;

void ExpectValue(const std::string& text, const Literal& expected) {
  const auto parsed = ParsePartitionValue(text, expected.type);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message();
  EXPECT_EQ(parsed->value.index(), expected.value.index()) << text;
  EXPECT_EQ(Compare(*parsed, expected), std::optional(std::weak_ordering::equivalent))
      << text << " -> " << parsed->ToString();
}

void ExpectRefused(const std::string& text, const DataType& type) {
  const auto parsed = ParsePartitionValue(text, type);
  ASSERT_FALSE(parsed.ok()) << text << " as " << type.ToString();
  EXPECT_EQ(parsed.error().code(), Code::kInvalidArgument);
  EXPECT_NE(parsed.error().message().find("'" + text + "'"), std::string::npos) << parsed.error().message();
  EXPECT_NE(parsed.error().message().find(type.ToString()), std::string::npos) << parsed.error().message();
}

TEST(PartitionValue, AbsentEmptyAndHivesNameAreNullOfAnyType) {
  for (const DataType& type :
       {Type(TypeKind::kString), Type(TypeKind::kLong), Type(TypeKind::kBinary), Type(TypeKind::kDate)}) {
    for (const std::optional<std::string>& text : {std::optional<std::string>(), std::optional<std::string>(""),
                                                   std::optional<std::string>("__HIVE_DEFAULT_PARTITION__")}) {
      const auto parsed = ParsePartitionValue(text, type);
      ASSERT_TRUE(parsed.ok());
      EXPECT_TRUE(parsed->is_null());
      EXPECT_EQ(parsed->type, type);
    }
  }
}

TEST(PartitionValue, BooleansInAnyCase) {
  ExpectValue("true", Bool(true));
  ExpectValue("FALSE", Bool(false));
  ExpectValue("True", Bool(true));
  ExpectRefused("yes", Type(TypeKind::kBoolean));
  ExpectRefused("1", Type(TypeKind::kBoolean));
}

TEST(PartitionValue, IntegersFitTheirType) {
  ExpectValue("-128", {Type(TypeKind::kByte), int64_t{-128}});
  ExpectRefused("128", Type(TypeKind::kByte));
  ExpectValue("32767", {Type(TypeKind::kShort), int64_t{32767}});
  ExpectRefused("-32769", Type(TypeKind::kShort));
  ExpectRefused("2147483648", Type(TypeKind::kInteger));
  ExpectValue("9223372036854775807", Long(INT64_MAX));
  ExpectValue("-9223372036854775808", Long(INT64_MIN));
  ExpectRefused("9223372036854775808", Type(TypeKind::kLong));
  ExpectValue("5.0", Long(5));  // nothing is lost
  ExpectRefused("5.5", Type(TypeKind::kLong));
  ExpectRefused("five", Type(TypeKind::kLong));
  ExpectRefused(" 5", Type(TypeKind::kLong));
}

TEST(PartitionValue, DecimalsAreRescaledOnlyWithoutLoss) {
  ExpectValue("1.5", Dec(150, 10, 2));
  ExpectValue("1.500", Dec(150, 10, 2));
  ExpectValue("0E-18", Dec(0, 38, 18));
  ExpectValue("1E+3", Dec(100000, 10, 2));
  ExpectRefused("1.505", DataType::Decimal(10, 2));
  ExpectRefused("100000000", DataType::Decimal(10, 2));
  ExpectValue("99999999.99", Dec(9999999999, 10, 2));
  ExpectValue("-99999999999999999999.999999999999999999", Dec(-(Int128{99999999999999999} * 1000000000 * 1000000000000 +
                                                                Int128{999999999} * 1000000000000 + 999999999999),
                                                              38, 18));
}

TEST(PartitionValue, FloatsAreReadInTheirOwnWidth) {
  ExpectValue("0.1", Float(0.1F));
  ExpectValue("0.1", Double(0.1));
  ExpectValue("1.0E10", Double(1e10));
  ExpectValue("NaN", Double(NAN));
  ExpectValue("Infinity", Double(INFINITY));
  ExpectValue("-Infinity", Float(-INFINITY));
  ExpectValue("-inf", Double(-INFINITY));
  ExpectValue("-0.0", Double(0));
  ExpectRefused("1e999", Type(TypeKind::kDouble));
  ExpectRefused("1.5x", Type(TypeKind::kDouble));
  ExpectRefused("nan(1)", Type(TypeKind::kDouble));
  ExpectRefused("+", Type(TypeKind::kDouble));
}

TEST(PartitionValue, DatesAndTimestamps) {
  ExpectValue("1970-01-02", Date(1));
  ExpectValue("1970-01-02 00:00:00", Date(1));
  ExpectRefused("1970-01-02 00:00:01", Type(TypeKind::kDate));
  ExpectRefused("1970-13-02", Type(TypeKind::kDate));
  ExpectValue("1970-01-01 00:00:01", Timestamp(1000000));
  ExpectValue("1970-01-01 00:00:01.123456", Timestamp(1123456));
  ExpectValue("1970-01-01T00:00:01.123456Z", Timestamp(1123456));
  ExpectValue("1970-01-01T01:00:00+01:00", Timestamp(0));
  ExpectRefused("1200", Type(TypeKind::kTimestamp));
  ExpectRefused("noon", Type(TypeKind::kTimestamp));
}

TEST(PartitionValue, ALocalTimestampIgnoresAZone) {
  ExpectValue("1970-01-01 01:00:00", Ntz(3600000000));
  ExpectValue("1970-01-01T01:00:00.5+01:00", Ntz(3600500000));
  ExpectValue("1970-01-01T01:00:00Z", Ntz(3600000000));
  ExpectRefused("1970-01-01 25:00:00", Type(TypeKind::kTimestampNtz));
}

TEST(PartitionValue, StringsAndBytesAreTheirText) {
  ExpectValue("a=b/%20", Str("a=b/%20"));
  ExpectValue("\x01\x02", Bin("\x01\x02"));
  ExpectValue("\xC3\xA9", Bin("\xC3\xA9"));
}

TEST(PartitionValue, NestedTypesAreRefused) {
  const auto parsed = ParsePartitionValue("x", DataType::Array(Type(TypeKind::kLong), true));
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().message().find("array"), std::string::npos);
}

}  // namespace
}  // namespace deltic
