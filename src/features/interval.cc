// Owns the reading of interval texts. Spark's grammar, of which tables hold many spellings:
//
//   interval = ["interval"] (number unit)+
//   number   = ["+" | "-"] digits ["." digits]      (a fraction for seconds only)
//   unit     = week | day | hour | minute | second | millisecond | microsecond, each also with "s"
#include "features/interval.h"

#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/error.h"

namespace deltic {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

struct Unit {
  std::string_view name;
  int64_t micros;
};
constexpr Unit kUnits[] = {
    {"microsecond", 1},
    {"millisecond", 1'000},
    {"second", kMicrosPerSecond},
    {"minute", 60 * kMicrosPerSecond},
    {"hour", 3'600 * kMicrosPerSecond},
    {"day", kMicrosPerDay},
    {"week", 7 * kMicrosPerDay},
};

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view NextWord(std::string_view& rest) {
  while (!rest.empty() && IsSpace(rest.front())) rest.remove_prefix(1);
  size_t end = 0;
  while (end < rest.size() && !IsSpace(rest[end])) ++end;
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(end);
  return word;
}

std::optional<int64_t> UnitMicros(std::string_view name) {
  if (name.size() > 1 && name.back() == 's') name.remove_suffix(1);
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.micros;
  }
  return std::nullopt;
}

// The number times the unit; nullopt when it is no number, or beyond 64 bits.
std::optional<int64_t> Times(std::string_view number, int64_t unit) {
  const bool negative = !number.empty() && number.front() == '-';
  if (negative || (!number.empty() && number.front() == '+')) number.remove_prefix(1);
  const size_t dot = number.find('.');
  const std::string_view whole = number.substr(0, dot);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
  if (whole.empty() || whole.front() == '-' || error != std::errc() || end != whole.data() + whole.size()) {
    return std::nullopt;
  }
  int64_t micros = 0;
  if (__builtin_mul_overflow(value, unit, &micros)) return std::nullopt;
  if (dot != std::string_view::npos) {
    const std::string_view fraction = number.substr(dot + 1);
    if (unit != kMicrosPerSecond || fraction.empty() || fraction.size() > 9) return std::nullopt;
    int64_t scale = kMicrosPerSecond / 10;
    for (const char c : fraction) {
      if (c < '0' || c > '9') return std::nullopt;
      if (__builtin_add_overflow(micros, (c - '0') * scale, &micros)) return std::nullopt;
      scale /= 10;
    }
  }
  return negative ? -micros : micros;
}

}  // namespace

Result<int64_t> ParseIntervalMs(std::string_view text) {
  const std::string lower = AsciiLower(text);
  std::string_view rest = lower;
  std::string_view number = NextWord(rest);
  if (number == "interval") number = NextWord(rest);
  if (number.empty()) return InvalidArgument("'{}' is no interval such as '7 days' or '2 weeks'", text);
  int64_t micros = 0;
  for (; !number.empty(); number = NextWord(rest)) {
    const std::string_view name = NextWord(rest);
    if (name == "month" || name == "months" || name == "year" || name == "years") {
      return InvalidArgument("'{}': months and years have no fixed length; say days, '365 days' for a year", text);
    }
    const std::optional<int64_t> unit = UnitMicros(name);
    if (!unit) return InvalidArgument("'{}' is no interval such as '7 days' or '2 weeks'", text);
    const std::optional<int64_t> part = Times(number, *unit);
    if (!part) return InvalidArgument("'{}' is no interval: '{}' is no number of {}", text, number, name);
    if (__builtin_add_overflow(micros, *part, &micros)) return InvalidArgument("'{}' is too long", text);
  }
  if (micros < 0) return InvalidArgument("'{}' is negative", text);
  return micros / 1000;
}

}  // namespace deltic
