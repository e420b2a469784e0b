// Proves the one exact order of values, and their SQL text.
#include "expr/literal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "expr/decimal_text.h"
#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using namespace deltic::testing;

const auto kLess = std::optional(std::weak_ordering::less);
const auto kSame = std::optional(std::weak_ordering::equivalent);
const auto kMore = std::optional(std::weak_ordering::greater);

// The value and its negation, both ways round.
void ExpectLess(const Literal& a, const Literal& b) {
  EXPECT_EQ(Compare(a, b), kLess) << a.ToString() << " < " << b.ToString();
  EXPECT_EQ(Compare(b, a), kMore) << b.ToString() << " > " << a.ToString();
}
void ExpectSame(const Literal& a, const Literal& b) {
  EXPECT_EQ(Compare(a, b), kSame) << a.ToString() << " = " << b.ToString();
  EXPECT_EQ(Compare(b, a), kSame) << b.ToString() << " = " << a.ToString();
}

Int128 Digits(std::string_view text) { return ParseDecimalText(text)->unscaled; }

TEST(Literal, ALongAndADoubleCompareWithoutRounding) {
  constexpr int64_t k2To53 = int64_t{1} << 53;
  ExpectSame(Long(k2To53), Double(0x1p53));
  ExpectLess(Double(0x1p53), Long(k2To53 + 1));  // as doubles they would be equal
  ExpectLess(Long(k2To53 - 1), Double(0x1p53));
  ExpectLess(Long(std::numeric_limits<int64_t>::max()), Double(0x1p63));
  ExpectSame(Long(std::numeric_limits<int64_t>::min()), Double(-0x1p63));
  ExpectLess(Double(-0x1.0000000000001p63), Long(std::numeric_limits<int64_t>::min()));
  ExpectLess(Long(5), Double(5.5));
  ExpectLess(Double(-5.5), Long(-5));
  ExpectLess(Long(-6), Double(-5.5));
  ExpectSame(Long(0), Double(-0.0));
}

TEST(Literal, ADecimalAndADoubleCompareWithoutRounding) {
  ExpectLess(Dec(1, 2, 1), Double(0.1));  // the double is 0.1000000000000000055...
  ExpectLess(Double(0.3), Dec(3, 2, 1));  // the double is 0.2999999999999999888...
  ExpectSame(Dec(25, 3, 2), Double(0.25));
  ExpectSame(Dec(-25, 3, 2), Double(-0.25));
  ExpectLess(Dec(-1, 2, 1), Dec(1, 2, 1));
  ExpectLess(Double(-0.1), Dec(-1, 2, 1));
  const Int128 big = Digits("99999999999999999999999999999999999999");
  ExpectLess(Double(1e38), Dec(big, 38, 0));  // the double is 99999999999999997748809823456034029568
  ExpectSame(Double(1e38), Dec(Digits("99999999999999997748809823456034029568"), 38, 0));
  ExpectLess(Dec(big, 38, 38), Double(1.0));
  ExpectLess(Dec(0, 38, 38), Double(5e-324));
  ExpectLess(Double(-5e-324), Dec(0, 38, 38));
  ExpectLess(Double(5e-324), Dec(1, 38, 38));
  ExpectLess(Dec(big, 38, 0), Double(1e308));
  ExpectLess(Dec(big, 38, 0), Double(INFINITY));
  ExpectLess(Double(-INFINITY), Dec(-big, 38, 0));
  ExpectLess(Dec(big, 38, 0), Double(NAN));
}

TEST(Literal, DecimalsOfDifferentScalesCompareEvenWhenNeitherFitsTheOther) {
  ExpectSame(Dec(150, 5, 2), Dec(15, 5, 1));
  ExpectSame(Dec(500, 5, 2), Long(5));
  ExpectLess(Long(5), Dec(501, 5, 2));
  const Int128 big = Digits("99999999999999999999999999999999999999");
  ExpectLess(Dec(big, 38, 38), Dec(big, 38, 0));
  ExpectLess(Dec(-big, 38, 0), Dec(-big, 38, 38));
  ExpectLess(Dec(big, 38, 38), Long(std::numeric_limits<int64_t>::max()));
}

TEST(Literal, NanEqualsItselfAndIsAboveAllAndTheZerosAreOne) {
  ExpectSame(Double(NAN), Double(-NAN));
  ExpectLess(Double(INFINITY), Double(NAN));
  ExpectLess(Long(std::numeric_limits<int64_t>::max()), Double(NAN));
  ExpectSame(Double(0.0), Double(-0.0));
  ExpectSame(Float(0.5F), Double(0.5));
  ExpectLess(Double(0.1), Float(0.1F));
}

TEST(Literal, StringsCompareAsUnsignedBytes) {
  ExpectLess(Str("a"), Str("b"));
  ExpectLess(Str("a"), Str("aa"));
  ExpectLess(Str("z"), Str("\xC3\xA9"));
  ExpectLess(Str("\xEF\xBF\xBD"), Str("\xF0\x9F\x98\x80"));  // UTF-16 has them the other way round
  ExpectLess(Bin(std::string("\0", 1)), Bin("\xFF"));
}

TEST(Literal, ADateComparesWithALocalTimestampAtMidnight) {
  ExpectSame(Date(1), Ntz(86400000000));
  ExpectLess(Date(-1), Ntz(-86399999999));
  ExpectLess(Ntz(std::numeric_limits<int64_t>::max()), Date(std::numeric_limits<int64_t>::max()));
}

TEST(Literal, NullsAndKindsWithoutACommonOrderDoNotCompare) {
  EXPECT_EQ(Compare(Null(), Long(1)), std::nullopt);
  EXPECT_EQ(Compare(Long(1), Null()), std::nullopt);
  EXPECT_EQ(Compare(Str("1"), Long(1)), std::nullopt);
  EXPECT_EQ(Compare(Str("a"), Bin("a")), std::nullopt);
  EXPECT_EQ(Compare(Date(1), Timestamp(1)), std::nullopt);
  EXPECT_EQ(Compare(Ntz(1), Timestamp(1)), std::nullopt);
  EXPECT_EQ(Compare(Bool(true), Long(1)), std::nullopt);
}

TEST(Literal, TextIsSql) {
  EXPECT_EQ(Null().ToString(), "NULL");
  EXPECT_EQ(Bool(true).ToString(), "true");
  EXPECT_EQ(Long(-5).ToString(), "-5");
  EXPECT_EQ(Double(5).ToString(), "5.0");
  EXPECT_EQ(Double(1e300).ToString(), "1e+300");
  EXPECT_EQ(Double(NAN).ToString(), "'NaN'::DOUBLE");
  EXPECT_EQ(Float(0.1F).ToString(), "0.1");
  EXPECT_EQ(Dec(-5, 10, 2).ToString(), "-0.05");
  EXPECT_EQ(Dec(0, 10, 2).ToString(), "0.00");
  EXPECT_EQ(Str("it's").ToString(), "'it''s'");
  EXPECT_EQ(Bin(std::string("\x00\xFF", 2)).ToString(), "X'00FF'");
  EXPECT_EQ(Date(0).ToString(), "DATE '1970-01-01'");
  EXPECT_EQ(Ntz(1).ToString(), "TIMESTAMP '1970-01-01 00:00:00.000001'");
  EXPECT_EQ(Timestamp(0).ToString(), "TIMESTAMPTZ '1970-01-01 00:00:00+00'");
}

TEST(Predicate, TextIsSql) {
  using enum CompareOp;
  EXPECT_EQ(And({Or({Cmp({"a"}, kLt, Long(1)), IsNull({"b"})}), Not(In({"c"}, {Long(1), Null()}))}).ToString(),
            "(a < 1 OR b IS NULL) AND NOT c IN (1, NULL)");
  EXPECT_EQ(Cmp({"s", "x.y"}, kNullSafeEq, Str("v")).ToString(), "s.`x.y` IS NOT DISTINCT FROM 'v'");
  EXPECT_EQ(StartsWith({"a"}, "p").ToString(), "starts_with(a, 'p')");
  EXPECT_EQ(Not(Opaque()).ToString(), "NOT (f(x))");
  EXPECT_EQ(Constant(Bool(false)).ToString(), "false");
  EXPECT_EQ(IsNotNull({"a"}).ToString(), "a IS NOT NULL");
}

TEST(DecimalText, ReadsDigitsPointsAndExponentsExactly) {
  const auto expect = [](std::string_view text, Int128 unscaled, int scale) {
    const auto parsed = ParseDecimalText(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_TRUE(parsed->unscaled == unscaled) << text;
    EXPECT_EQ(parsed->scale, scale) << text;
  };
  expect("12.50", 125, 1);
  expect("-1200", -12, -2);
  expect("0.00", 0, 0);
  expect("0E-18", 0, 0);
  expect("+1.5E+3", 15, -2);
  expect("007", 7, 0);
  expect("1e-400", 1, 400);
  EXPECT_TRUE(ParseDecimalText("99999999999999999999999999999999999999"));
}

TEST(DecimalText, RefusesWhatIsNotANumberOrDoesNotFit) {
  for (const char* text : {"", "-", ".", "1e", "1e+", "e5", "1.2.3", "1 ", " 1", "0x1", "NaN", "1_0",
                           "999999999999999999999999999999999999999", "1e9999999999999", "1e401"}) {
    EXPECT_FALSE(ParseDecimalText(text)) << text;
  }
}

}  // namespace
}  // namespace deltic
