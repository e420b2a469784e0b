// Proves what a minimum or maximum of the statistics says, read outwards for each writer's way of cutting.
#include "expr/bounds.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/time.h"
#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using enum BoundSide;

bool Known(const Scalar& s) { return s.tag != ScalarTag::kNone; }
Scalar Exactly(Int128 unscaled, int scale) { return Scalar::Decimal(unscaled, scale); }

TEST(Bounds, AShortDecimalIsExact) {
  EXPECT_TRUE(Order(DecimalBound("1.50", 10, kMin), Exactly(15, 1)) == 0);
  EXPECT_TRUE(Order(DecimalBound("1.50", 10, kMax), Exactly(15, 1)) == 0);
}

TEST(Bounds, ADecimalThatMayHaveBeenADoubleIsWidenedBothWays) {
  // decimal(38,18): 0.100000000000000005 printed by way of a double is 0.1.
  const Scalar truth = Exactly(100000000000000005, 18);
  EXPECT_TRUE(Order(DecimalBound("0.1", 38, kMax), truth) > 0);
  EXPECT_TRUE(Order(DecimalBound("0.1", 38, kMin), truth) < 0);
  EXPECT_TRUE(Order(DecimalBound("-0.1", 38, kMax), Exactly(-1, 1)) > 0);
  EXPECT_TRUE(Order(DecimalBound("-0.1", 38, kMin), Exactly(-1, 1)) < 0);
  EXPECT_TRUE(Order(DecimalBound("1.5E3", 10, kMin), Exactly(1500, 0)) < 0);
  // But not by much.
  EXPECT_TRUE(Order(DecimalBound("0.1", 38, kMax), Exactly(10000000000001, 14)) < 0);
  EXPECT_TRUE(Order(DecimalBound("0E-18", 38, kMax), Exactly(0, 0)) == 0);
}

TEST(Bounds, ADecimalOfManyDigitsStaysInRange) {
  EXPECT_TRUE(Known(DecimalBound("99999999999999999999999999999999999999", 38, kMax)));
  EXPECT_TRUE(Known(DecimalBound("-99999999999999999999999999999999999999", 38, kMin)));
  EXPECT_FALSE(Known(DecimalBound("999999999999999999999999999999999999999", 38, kMax)));
  EXPECT_FALSE(Known(DecimalBound("true", 38, kMax)));
}

TEST(Bounds, ADecimalBoundAtTheEndOfLongsProvesNothingBeyondIt) {
  EXPECT_FALSE(Known(DecimalBound("9223372036854775807", 38, kMax)));
  EXPECT_FALSE(Known(DecimalBound("-9223372036854775808", 38, kMin)));
  EXPECT_TRUE(Known(DecimalBound("9223372036854775807", 38, kMin)));
  EXPECT_TRUE(Known(DecimalBound("-9223372036854775808", 38, kMax)));
}

TEST(Bounds, AFloatIsTheFloatHoweverManyDigitsWerePrinted) {
  const RealText brief{.text = "0.1", .column_is_float = true};
  const RealText full{.text = "0.10000000149011612", .column_is_float = true};
  EXPECT_EQ(RealBound(brief, kMin).real, static_cast<double>(0.1F));
  EXPECT_EQ(RealBound(full, kMax).real, static_cast<double>(0.1F));
}

TEST(Bounds, ADoubleThatWasFloatIsReadBothWays) {
  const RealText text{.text = "0.1", .may_be_float_text = true};
  EXPECT_EQ(RealBound(text, kMin).real, 0.1);
  EXPECT_EQ(RealBound(text, kMax).real, static_cast<double>(0.1F));
  EXPECT_EQ(RealBound({.text = "1e300", .may_be_float_text = true}, kMax).real, 1e300);
}

TEST(Bounds, RealsThatAreNotFiniteProveNothing) {
  for (const char* text : {"NaN", "inf", "-Infinity", "1e999", "", "abc", "1.0x"}) {
    EXPECT_FALSE(Known(RealBound({.text = text}, kMin))) << text;
  }
}

TEST(Bounds, ATimestampStandsForItsWholeMillisecond) {
  const auto bound = [](const char* text, BoundSide side) {
    return TimestampBound(text, ScalarTag::kTimestamp, side).integer;
  };
  const int64_t at = *ParseTimestampMicros("2021-09-08T11:11:11.123Z");
  EXPECT_EQ(bound("2021-09-08T11:11:11.123Z", kMin), at);
  EXPECT_EQ(bound("2021-09-08T11:11:11.123Z", kMax), at + 999);
  EXPECT_EQ(bound("2021-09-08T11:11:11.123+00:00", kMax), at + 999);
  EXPECT_EQ(bound("2021-09-08T04:11:11.123-07:00", kMin), at);
  EXPECT_EQ(bound("2021-09-08 11:11:11", kMin), at - 123000);
  EXPECT_EQ(bound("2021-09-08 11:11:11", kMax), at - 123000 + 999999);  // perhaps cut to seconds
  EXPECT_EQ(bound("2021-09-08", kMin), *ParseTimestampMicros("2021-09-08"));
}

TEST(Bounds, AnOldTimestampMayBeOffByTheSecondsOfItsZone) {
  // 1883-11-18 12:03:58 in Los Angeles is 07:52:58 behind UTC; Spark prints "-07:52".
  const int64_t truth = *ParseTimestampMicros("1883-11-18T19:56:56Z");
  EXPECT_LE(TimestampBound("1883-11-18T12:03:58.000-07:52", ScalarTag::kTimestamp, kMin).integer, truth);
  EXPECT_GE(TimestampBound("1883-11-18T12:03:58.000-07:52", ScalarTag::kTimestamp, kMax).integer, truth);
}

TEST(Bounds, TextThatIsNoDateOrTimestampProvesNothing) {
  EXPECT_FALSE(Known(DateBound("yesterday")));
  EXPECT_FALSE(Known(DateBound("")));
  EXPECT_FALSE(Known(TimestampBound("", ScalarTag::kTimestamp, kMin)));
  EXPECT_FALSE(Known(TimestampBound("1631099471", ScalarTag::kTimestamp, kMin)));
}

TEST(Bounds, AMinimumCutWithinACharacterLosesTheReplacement) {
  EXPECT_EQ(StringBound("abc\xEF\xBF\xBD", kMin).bytes, "abc");
  EXPECT_EQ(StringBound("abc\xEF\xBF\xBD", kMax).bytes, "abc");
  EXPECT_EQ(StringBound("abc?", kMin).bytes, "abc?");
  EXPECT_EQ(StringBound("abc?", kMax).bytes, "abc");
}

TEST(Bounds, AStringMaximumStandsForAllThatBeginsWithIt) {
  EXPECT_FALSE(IsAboveMax("abcd", "abc"));
  EXPECT_FALSE(IsAboveMax("abc", "abc"));
  EXPECT_FALSE(IsAboveMax("abb", "abc"));
  EXPECT_TRUE(IsAboveMax("abd", "abc"));
  EXPECT_FALSE(IsAboveMax("anything", ""));
}

TEST(Bounds, AMinimumAboveTheMaximumContradictsIt) {
  const auto whole = [](int64_t i) { return Scalar::Integer(ScalarTag::kInteger, i); };
  const auto text = [](std::string_view s) { return Scalar::Bytes(ScalarTag::kString, s); };
  EXPECT_TRUE(Contradict(whole(2), whole(1)));
  EXPECT_FALSE(Contradict(whole(1), whole(1)));
  EXPECT_FALSE(Contradict(Scalar{}, whole(1)));
  EXPECT_FALSE(Contradict(text("abcd"), text("abc")));
  EXPECT_TRUE(Contradict(text("b"), text("a")));
}

}  // namespace
}  // namespace deltic
