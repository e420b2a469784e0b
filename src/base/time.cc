// Owns civil time: days and microseconds of the proleptic Gregorian calendar, and their text. Reads no clock and knows
// no named time zone but UTC.
//
//   date      = [sign] year "-" month "-" day                 year of 4 to 7 digits, month and day of 1 or 2
//   timestamp = date [("T" / " ") hour ":" minute [":" second ["." 1*9digit]] [zone]]
//   zone      = "Z" / [" "] ("UTC" / "GMT") / ("+" / "-") hour [[":"] minute]
//
// One-digit months, days and hours are read because Spark's casts, which define what old tables hold, read them.
#include "base/time.h"

#include <limits>

#include "base/error.h"

namespace deltic {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr int64_t kDaysPer400Years = 146'097;

// For b > 0: rounds towards the past, so that the remainder is never negative. Neither can overflow.
constexpr int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
constexpr int64_t FloorMod(int64_t a, int64_t b) { return a % b + (a % b < 0 ? b : 0); }

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int64_t year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Takes a text apart from the left. Every Take answers false, and takes nothing, when the text does not go on so.
// One thread at a time.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool done() const { return rest_.empty(); }
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool Take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  // All the digits that come next, when their count is from `least` to `most`.
  bool TakeNumber(size_t least, size_t most, int64_t& value) {
    const size_t count = CountDigits();
    if (count < least || count > most) return false;
    value = 0;
    for (size_t i = 0; i < count; ++i) value = value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(count);
    return true;
  }

  // Exactly two digits, whatever follows them ("0100" is two pairs).
  bool TakePair(int64_t& value) {
    if (CountDigits() < 2) return false;
    value = (rest_[0] - '0') * 10 + (rest_[1] - '0');
    rest_.remove_prefix(2);
    return true;
  }

  // The digits after a decimal point as microseconds; what lies beyond them is cut.
  bool TakeFraction(int64_t& micros) {
    const size_t count = CountDigits();
    if (count == 0 || count > 9) return false;
    micros = 0;
    for (size_t i = 0; i < 6; ++i) micros = micros * 10 + (i < count ? rest_[i] - '0' : 0);
    rest_.remove_prefix(count);
    return true;
  }

 private:
  size_t CountDigits() const {
    size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') ++count;
    return count;
  }
  std::string_view rest_;
};

bool TakeDate(Cursor& cursor, int64_t& days) {
  const bool negative = cursor.Take("-");
  if (!negative) cursor.Take("+");
  int64_t year = 0, month = 0, day = 0;
  if (!cursor.TakeNumber(4, 7, year) || !cursor.Take("-") || !cursor.TakeNumber(1, 2, month) || !cursor.Take("-") ||
      !cursor.TakeNumber(1, 2, day)) {
    return false;
  }
  if (negative) year = -year;
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, static_cast<int>(month))) return false;
  days = DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day));
  return true;
}

bool TakeTimeOfDay(Cursor& cursor, int64_t& micros) {
  int64_t hour = 0, minute = 0, second = 0, fraction = 0;
  if (!cursor.TakeNumber(1, 2, hour) || !cursor.Take(":") || !cursor.TakeNumber(1, 2, minute)) return false;
  if (cursor.Take(":")) {
    if (!cursor.TakeNumber(1, 2, second)) return false;
    if (cursor.Take(".") && !cursor.TakeFraction(fraction)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
  return true;
}

// What is left must be a zone: how far it is ahead of UTC.
bool TakeZone(Cursor& cursor, int64_t& ahead_micros) {
  ahead_micros = 0;
  if (cursor.Take("Z") || cursor.Take(" UTC") || cursor.Take("UTC") || cursor.Take(" GMT") || cursor.Take("GMT")) {
    return cursor.done();
  }
  const bool behind = cursor.Take("-");
  if (!behind && !cursor.Take("+")) return false;
  int64_t hour = 0, minute = 0;
  if (!cursor.TakePair(hour)) return false;
  if (!cursor.done()) {
    cursor.Take(":");
    if (!cursor.TakePair(minute)) return false;
  }
  // 18 hours is as far as ISO offsets go in Java and SQL.
  if (!cursor.done() || minute > 59 || hour * 60 + minute > 18 * 60) return false;
  ahead_micros = (hour * 60 + minute) * 60 * kMicrosPerSecond;
  if (behind) ahead_micros = -ahead_micros;
  return true;
}

std::string FormatYear(int64_t year) { return year < 0 ? fmt::format("-{:04}", -year) : fmt::format("{:04}", year); }

Error NotADate(std::string_view text) {
  return InvalidArgument("'{}' is not a date: write it as 2024-02-29", text.substr(0, 64));
}

Error NotATimestamp(std::string_view text) {
  return InvalidArgument("'{}' is not a timestamp: write it as 2024-02-29, 2024-02-29 12:00:00 or 2024-02-29T12:00:00Z",
                         text.substr(0, 64));
}

}  // namespace

// Counts in years that begin on 1 March, so that the leap day is the last day of its year, and in eras of 400 such
// years, which all have the same length.
int64_t DaysFromCivil(int64_t year, int month, int day) {
  const int64_t march_year = month <= 2 ? year - 1 : year;
  const int64_t era = FloorDiv(march_year, 400);
  const int64_t year_of_era = march_year - era * 400;
  const int64_t month_from_march = (month + 9) % 12;
  const int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;  // 153 days in each five months from March
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPer400Years + day_of_era - 719'468;  // 0000-03-01 to 1970-01-01
}

Civil CivilFromDays(int64_t days) {
  days += 719'468;
  const int64_t era = FloorDiv(days, kDaysPer400Years);
  const int64_t day_of_era = days - era * kDaysPer400Years;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / (kDaysPer400Years - 1)) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month = static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

Result<int64_t> ParseDateDays(std::string_view text) {
  Cursor cursor(text);
  int64_t days = 0;
  if (!TakeDate(cursor, days) || !cursor.done()) return NotADate(text);
  // A date is 32 bits of days in Parquet and everywhere behind it.
  if (days < std::numeric_limits<int32_t>::min() || days > std::numeric_limits<int32_t>::max()) return NotADate(text);
  return days;
}

Result<int64_t> ParseTimestampMicros(std::string_view text, bool* has_zone) {
  if (has_zone != nullptr) *has_zone = false;
  Cursor cursor(text);
  int64_t days = 0, time_of_day = 0, ahead = 0;
  if (!TakeDate(cursor, days)) return NotATimestamp(text);
  if (!cursor.done()) {
    if (!cursor.Take("T") && !cursor.Take(" ")) return NotATimestamp(text);
    if (!TakeTimeOfDay(cursor, time_of_day)) return NotATimestamp(text);
    if (!cursor.done()) {
      if (!TakeZone(cursor, ahead)) return NotATimestamp(text);
      if (has_zone != nullptr) *has_zone = true;
    }
  }
  // The day and the time of day may have different signs at the ends of the range, so the sum is made in 128 bits.
  const __int128 wide = static_cast<__int128>(days) * kMicrosPerDay + time_of_day - ahead;
  if (wide < std::numeric_limits<int64_t>::min() || wide > std::numeric_limits<int64_t>::max()) {
    return NotATimestamp(text);
  }
  return static_cast<int64_t>(wide);
}

std::string FormatDate(int64_t days) {
  const Civil civil = CivilFromDays(days);
  return fmt::format("{}-{:02}-{:02}", FormatYear(civil.year), civil.month, civil.day);
}

std::string FormatTimestampMicros(int64_t micros) {
  const int64_t days = FloorDiv(micros, kMicrosPerDay);
  const int64_t rest = FloorMod(micros, kMicrosPerDay);
  const int64_t seconds = rest / kMicrosPerSecond;
  const int64_t fraction = rest % kMicrosPerSecond;
  std::string text =
      fmt::format("{} {:02}:{:02}:{:02}", FormatDate(days), seconds / 3'600, seconds / 60 % 60, seconds % 60);
  if (fraction != 0) text += fmt::format(".{:06}", fraction);
  return text;
}

std::string FormatTimestampMs(int64_t ms) {
  constexpr int64_t kMsPerDay = 86'400'000;
  const int64_t days = FloorDiv(ms, kMsPerDay);
  const int64_t rest = FloorMod(ms, kMsPerDay);
  return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", FormatDate(days), rest / 3'600'000, rest / 60'000 % 60,
                     rest / 1'000 % 60, rest % 1'000);
}

}  // namespace deltic
