// Owns the tests of civil time.
#include "base/time.h"

#include <gtest/gtest.h>

#include <limits>

namespace deltic {
namespace {

constexpr int64_t kSecond = 1'000'000;

int64_t Days(std::string_view text) {
  auto days = ParseDateDays(text);
  EXPECT_TRUE(days.ok()) << text;
  return days.ok() ? *days : -1;
}

int64_t Micros(std::string_view text) {
  auto micros = ParseTimestampMicros(text);
  EXPECT_TRUE(micros.ok()) << text;
  return micros.ok() ? *micros : -1;
}

TEST(Time, TheEpochIsDayZeroAndKnownDaysAreRight) {
  EXPECT_EQ(DaysFromCivil(1970, 1, 1), 0);
  EXPECT_EQ(DaysFromCivil(1969, 12, 31), -1);
  EXPECT_EQ(DaysFromCivil(2000, 2, 29), 11'016);
  EXPECT_EQ(DaysFromCivil(2024, 2, 29), 19'782);
  EXPECT_EQ(DaysFromCivil(1, 1, 1), -719'162);
  EXPECT_EQ(DaysFromCivil(0, 3, 1), -719'468);
}

TEST(Time, EveryDayOfNineCenturiesFollowsTheOneBefore) {
  Civil last = CivilFromDays(DaysFromCivil(1599, 12, 31));
  for (int64_t day = DaysFromCivil(1600, 1, 1); day < DaysFromCivil(2500, 1, 1); ++day) {
    const Civil now = CivilFromDays(day);
    ASSERT_EQ(DaysFromCivil(now.year, now.month, now.day), day);
    if (now.day != 1) {
      ASSERT_EQ(now.day, last.day + 1);
      ASSERT_EQ(now.month, last.month);
    } else {
      ASSERT_EQ(now.month, last.month % 12 + 1);
      ASSERT_EQ(now.year, last.year + (now.month == 1 ? 1 : 0));
    }
    last = now;
  }
}

TEST(Time, FarYearsOfBothSignsComeBack) {
  for (int64_t year : {-290'000, -400, -101, -100, -1, 0, 1, 4, 9'999, 10'000, 290'000}) {
    for (int month : {1, 2, 3, 12}) {
      const Civil civil = CivilFromDays(DaysFromCivil(year, month, 28));
      EXPECT_EQ(civil.year, year);
      EXPECT_EQ(civil.month, month);
      EXPECT_EQ(civil.day, 28);
    }
  }
}

TEST(Time, DatesAreReadAndWrittenWithTheirLeapDays) {
  EXPECT_EQ(Days("2024-02-29"), 19'782);
  EXPECT_EQ(Days("2000-02-29"), 11'016);
  EXPECT_EQ(Days("0000-02-29"), DaysFromCivil(0, 2, 29));
  EXPECT_EQ(Days("2024-2-9"), DaysFromCivil(2024, 2, 9));
  EXPECT_EQ(FormatDate(Days("-0044-03-15")), "-0044-03-15");
  EXPECT_EQ(FormatDate(Days("+12024-03-15")), "12024-03-15");
  EXPECT_EQ(FormatDate(Days("0001-01-01")), "0001-01-01");
  EXPECT_EQ(FormatDate(Days("5881580-07-11")), "5881580-07-11");  // the last day that 32 bits count
}

TEST(Time, WhatIsNotADateIsRefused) {
  for (std::string_view text : {"",
                                "-",
                                "2024",
                                "2024-02",
                                "2024-02-30",
                                "2023-02-29",
                                "1900-02-29",
                                "2024-13-01",
                                "2024-00-01",
                                "2024-01-00",
                                "2024-01-32",
                                "2024-04-31",
                                "24-01-01",
                                "2024-001-01",
                                "2024-01-01 ",
                                " 2024-01-01",
                                "2024/01/01",
                                "2024-01-01x",
                                "--2024-01-01",
                                "+-2024-01-01",
                                "20240101",
                                "99999999-01-01",
                                "5881580-07-12",
                                "2024-01-01T00:00:00",
                                "2024-0a-01",
                                "\xD9\xA2\xD9\xA0-01-01"}) {
    auto days = ParseDateDays(text);
    ASSERT_FALSE(days.ok()) << text;
    EXPECT_EQ(days.error().code(), Code::kInvalidArgument);
    EXPECT_NE(days.error().message().find(text), std::string::npos);
  }
}

TEST(Time, TimestampsAreReadWithEitherSeparatorAndAnyPrecision) {
  const int64_t noon = 19'782 * 86'400 * kSecond + 12 * 3'600 * kSecond;
  EXPECT_EQ(Micros("2024-02-29"), noon - 12 * 3'600 * kSecond);
  EXPECT_EQ(Micros("2024-02-29 12:00"), noon);
  EXPECT_EQ(Micros("2024-02-29T12:00:00"), noon);
  EXPECT_EQ(Micros("2024-02-29 12:00:00.5"), noon + 500'000);
  EXPECT_EQ(Micros("2024-02-29 12:00:00.123456"), noon + 123'456);
  EXPECT_EQ(Micros("2024-02-29 12:00:00.000001"), noon + 1);
  EXPECT_EQ(Micros("2024-02-29 12:00:00.123456789"), noon + 123'456);
  EXPECT_EQ(Micros("2024-2-29 1:2:3"), noon - 12 * 3'600 * kSecond + 3'723 * kSecond);
  EXPECT_EQ(Micros("1969-12-31 23:59:59.999999"), -1);
  EXPECT_EQ(Micros("1969-12-31 23:59:59.9999999"), -1);  // cut towards the past, as the clock would show it
}

TEST(Time, OffsetsMoveTheInstantAndAreReported) {
  const int64_t noon = Micros("2024-02-29T12:00:00");
  for (std::string_view text : {"2024-02-29T12:00:00Z", "2024-02-29 13:00:00+01", "2024-02-29 13:00:00+01:00",
                                "2024-02-29 13:00:00+0100", "2024-02-29T06:30-05:30", "2024-02-29 12:00:00 UTC",
                                "2024-03-01T06:00:00.000+18:00", "2024-02-29 12:00:00.0GMT"}) {
    bool has_zone = false;
    auto micros = ParseTimestampMicros(text, &has_zone);
    ASSERT_TRUE(micros.ok()) << text;
    EXPECT_EQ(*micros, noon) << text;
    EXPECT_TRUE(has_zone) << text;
  }
  bool has_zone = true;
  ASSERT_TRUE(ParseTimestampMicros("2024-02-29 12:00:00", &has_zone).ok());
  EXPECT_FALSE(has_zone);
}

TEST(Time, WhatIsNotATimestampIsRefused) {
  for (std::string_view text : {"",
                                "12:00:00",
                                "2024-02-29 ",
                                "2024-02-29T",
                                "2024-02-29 12",
                                "2024-02-29 12:",
                                "2024-02-29 24:00:00",
                                "2024-02-29 12:60:00",
                                "2024-02-29 12:00:60",
                                "2024-02-29 12:00:00.",
                                "2024-02-29 12:00:00,5",
                                "2024-02-29 12:00:00.1234567890",
                                "2024-02-29 12:00:00 ",
                                "2024-02-29 12:00:00+",
                                "2024-02-29 12:00:00+1",
                                "2024-02-29 12:00:00+01:",
                                "2024-02-29 12:00:00+01:60",
                                "2024-02-29 12:00:00+19",
                                "2024-02-29 12:00:00+18:01",
                                "2024-02-29 12:00:00 Europe/Berlin",
                                "2024-02-29 12:00:00Zz",
                                "2024-02-29  12:00:00",
                                "2024-02-29Z",
                                "2023-02-29 12:00:00",
                                "5881580-07-11 00:00:00",
                                "294248-01-01 00:00:00",
                                "-290309-01-01 00:00:00"}) {
    EXPECT_FALSE(ParseTimestampMicros(text).ok()) << text;
  }
}

TEST(Time, TimestampsComeBackFromTheirText) {
  for (int64_t micros :
       {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{-62'135'596'800'000'000}, int64_t{253'402'300'799'999'999},
        std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(Micros(FormatTimestampMicros(micros)), micros) << FormatTimestampMicros(micros);
  }
  EXPECT_EQ(FormatTimestampMicros(0), "1970-01-01 00:00:00");
  EXPECT_EQ(FormatTimestampMicros(-1), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(FormatTimestampMicros(1'709'208'000'100'000), "2024-02-29 12:00:00.100000");
  EXPECT_EQ(FormatTimestampMs(1'709'208'000'123), "2024-02-29T12:00:00.123Z");
  EXPECT_EQ(FormatTimestampMs(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_FALSE(FormatTimestampMs(std::numeric_limits<int64_t>::min()).empty());
}

}  // namespace
}  // namespace deltic
