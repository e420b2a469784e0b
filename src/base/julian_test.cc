// Proves the rebase by dates that history names in both calendars, and by the switch itself.
#include "base/julian.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace deltic {
namespace {

// The day number that the hybrid calendar gives a Julian date: `behind` days after the same Gregorian name.
int64_t Hybrid(int64_t year, int month, int day, int behind) { return DaysFromCivil(year, month, day) + behind; }

TEST(JulianTest, DaysFromTheSwitchOnStay) {
  EXPECT_EQ(RebaseJulianDays(0), 0);
  EXPECT_EQ(RebaseJulianDays(DaysFromCivil(1582, 10, 15)), DaysFromCivil(1582, 10, 15));
  EXPECT_EQ(DaysFromCivil(1582, 10, 15), kFirstGregorianDay);
}

TEST(JulianTest, EarlierDatesKeepTheirName) {
  EXPECT_EQ(RebaseJulianDays(kFirstGregorianDay - 1), DaysFromCivil(1582, 10, 4));
  EXPECT_EQ(RebaseJulianDays(Hybrid(1500, 3, 1, 10)), DaysFromCivil(1500, 3, 1));
  EXPECT_EQ(RebaseJulianDays(Hybrid(1500, 2, 28, 9)), DaysFromCivil(1500, 2, 28));
  EXPECT_EQ(RebaseJulianDays(Hybrid(1000, 1, 1, 5)), DaysFromCivil(1000, 1, 1));
  EXPECT_EQ(RebaseJulianDays(Hybrid(1, 1, 1, -2)), DaysFromCivil(1, 1, 1));
}

TEST(JulianTest, ALeapDayOfTheJulianCalendarAloneIsTheFirstOfMarch) {
  EXPECT_EQ(RebaseJulianDays(Hybrid(1500, 3, 1, 9)), DaysFromCivil(1500, 3, 1));
}

TEST(JulianTest, EveryDayBeforeTheSwitchKeepsTheOrder) {
  for (int64_t day = -3'000'000; day < kFirstGregorianDay; day += 7) {
    ASSERT_LE(RebaseJulianDays(day), RebaseJulianDays(day + 7)) << day;
  }
}

TEST(JulianTest, TimesOfDayStay) {
  constexpr int64_t kDay = 86'400'000'000;
  const int64_t morning = 3'600'000'001;
  EXPECT_EQ(RebaseJulianMicros(Hybrid(1500, 3, 1, 10) * kDay + morning), DaysFromCivil(1500, 3, 1) * kDay + morning);
  EXPECT_EQ(RebaseJulianMicros(-1), -1);
}

}  // namespace
}  // namespace deltic
