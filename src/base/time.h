// Owns dates and timestamps: proleptic Gregorian civil time to days and microseconds and back, and their text.
// No time zones but UTC and fixed offsets; reads no clock (Env does).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

// Days since 1970-01-01 of a civil date, and back. Valid for years -290000 to 290000.
int64_t DaysFromCivil(int64_t year, int month, int day);
struct Civil {
  int64_t year;
  int month, day;
};
Civil CivilFromDays(int64_t days);

// "2024-02-29" (also years of more than four digits, negative ones, and one-digit months and days, as Spark's casts
// read them). InvalidArgument when it is not a date, or beyond 32 bits of days.
Result<int64_t> ParseDateDays(std::string_view text);
// "2024-02-29", "2024-02-29 12:00[:00[.123456789]]", with 'T' or ' ' between, and an optional zone "Z", "+01",
// "+01:00", "+0100" or " UTC"; without a zone it is UTC. Fractions beyond microseconds are cut. InvalidArgument
// otherwise.
// `has_zone`, when given, learns whether a zone was written.
Result<int64_t> ParseTimestampMicros(std::string_view text, bool* has_zone = nullptr);

std::string FormatDate(int64_t days);               // 2024-02-29
std::string FormatTimestampMicros(int64_t micros);  // 2024-02-29 12:00:00[.123456]: fraction of 6 digits or none
std::string FormatTimestampMs(int64_t ms);          // 2024-02-29T12:00:00.123Z

}  // namespace deltic
