// Owns the reading and writing of those dates; see the header. No locale, no time zone.
#include "http/http_date.h"

#include <fmt/format.h>

#include <array>

#include "base/time.h"

namespace deltic {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // from 1970-01-01

// Reads exactly `digits` digits at `at`.
std::optional<int64_t> Digits(std::string_view text, size_t at, size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  int64_t value = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<int64_t> TimeOfDay(std::string_view text, size_t at) {  // "08:49:37"
  const auto hour = Digits(text, at, 2), minute = Digits(text, at + 3, 2), second = Digits(text, at + 6, 2);
  if (!hour || !minute || !second || text[at + 2] != ':' || text[at + 5] != ':') return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

}  // namespace

std::optional<int64_t> ParseHttpDate(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || text.substr(25) != " GMT") return std::nullopt;
  const auto day = Digits(text, 5, 2), year = Digits(text, 12, 4);
  const auto time = TimeOfDay(text, 17);
  if (!day || !year || !time) return std::nullopt;
  for (size_t month = 0; month < kMonths.size(); ++month) {
    if (text.substr(8, 3) != kMonths[month]) continue;
    return (DaysFromCivil(*year, static_cast<int>(month) + 1, static_cast<int>(*day)) * 86'400 + *time) * 1000;
  }
  return std::nullopt;
}

std::string FormatHttpDate(int64_t ms) {
  const int64_t seconds = ms / 1000;
  const int64_t days = seconds / 86'400;
  const int64_t in_day = seconds % 86'400;
  const Civil date = CivilFromDays(days);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<size_t>(days % 7)], date.day,
                     kMonths[static_cast<size_t>(date.month - 1)], date.year, in_day / 3600, in_day / 60 % 60,
                     in_day % 60);
}

std::optional<int64_t> ParseIsoTime(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T') return std::nullopt;
  const auto year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  const auto time = TimeOfDay(text, 11);
  if (!year || !month || !day || !time || *month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  size_t at = 19;
  int64_t ms = 0;
  if (text[at] == '.') {
    int64_t scale = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      ms += (text[at] - '0') * scale;
  }
  int64_t offset_minutes = 0;
  const std::string_view zone = text.substr(at);
  if (zone != "Z") {
    const auto hours = Digits(zone, 1, 2), minutes = Digits(zone, 4, 2);
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !hours || !minutes)
      return std::nullopt;
    offset_minutes = (*hours * 60 + *minutes) * (zone[0] == '-' ? -1 : 1);
  }
  return (DaysFromCivil(*year, static_cast<int>(*month), static_cast<int>(*day)) * 86'400 + *time -
          offset_minutes * 60) *
             1000 +
         ms;
}

}  // namespace deltic
