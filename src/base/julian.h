// Owns the move of dates from the hybrid calendar (Julian before 1582-10-15) to the proleptic Gregorian one, as Spark
// rebases the files that Spark 2 and "LEGACY" writers left. Knows no files. Pure.
#pragma once

#include <cstdint>

namespace deltic {

// The first day since the epoch that both calendars name alike: 1582-10-15.
inline constexpr int64_t kFirstGregorianDay = -141427;

// The day that has, in the proleptic Gregorian calendar, the year, month and day that `days` has in the hybrid one. A
// 29th of February that only the Julian calendar has becomes the 1st of March.
int64_t RebaseJulianDays(int64_t days);
// The same for microseconds since the epoch, UTC: the time of day stays.
int64_t RebaseJulianMicros(int64_t micros);

}  // namespace deltic
