// Owns the calendar arithmetic of the rebase.
#include "base/julian.h"

#include "base/time.h"

namespace deltic {
namespace {

bool IsGregorianLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

int64_t RebaseJulianDays(int64_t days) {
  if (days >= kFirstGregorianDay) return days;
  // Counted from 1 March of year -4800, in cycles of 1461 days (four Julian years).
  constexpr int64_t kCycle = 1461;
  const int64_t since = days + 2440588 + 32082;
  const int64_t cycles = since >= 0 ? since / kCycle : -((-since + kCycle - 1) / kCycle);
  const int64_t in_cycle = since - cycles * kCycle;
  const int64_t year_in_cycle = (4 * in_cycle + 3) / kCycle;
  const int64_t day_of_year = in_cycle - kCycle * year_in_cycle / 4;
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  const int64_t year = 4 * cycles + year_in_cycle - 4800 + (month_from_march >= 10 ? 1 : 0);
  if (month == 2 && day == 29 && !IsGregorianLeap(year)) {
    month = 3;
    day = 1;
  }
  return DaysFromCivil(year, month, day);
}

int64_t RebaseJulianMicros(int64_t micros) {
  constexpr int64_t kDay = 86'400'000'000;
  if (micros >= kFirstGregorianDay * kDay) return micros;
  const int64_t days = micros / kDay - (micros % kDay < 0 ? 1 : 0);
  return micros + (RebaseJulianDays(days) - days) * kDay;
}

}  // namespace deltic
