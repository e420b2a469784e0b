// Owns the forms of the functions of dates and times. Every clock is UTC's.
#include <algorithm>
#include <cctype>
#include <map>

#include "base/error.h"
#include "sparksql/coercion.h"
#include "sparksql/function_forms.h"
#include "sparksql/functions.h"
#include "sparksql/pattern.h"

namespace deltic::sparksql {
namespace {

const DataType kText(TypeKind::kString);
const DataType kDate(TypeKind::kDate);
const DataType kTimestamp(TypeKind::kTimestamp);
const DataType kLong(TypeKind::kLong);

// The literal in lower case; Unsupported when it is none.
Result<std::string> Word(std::string_view function, const Typed& value) {
  if (!value.text) return Unsupported("this build cannot evaluate {} with a unit that is not a literal", function);
  std::string word = *value.text;
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word;
}

// The engine's units by Spark's names; those from "day" on are for timestamps only.
const char* TruncUnit(const std::string& word, bool timestamp) {
  static const std::map<std::string, const char*> kDateUnits = {
      {"year", "year"},   {"yyyy", "year"}, {"yy", "year"},  {"quarter", "quarter"},
      {"month", "month"}, {"mon", "month"}, {"mm", "month"}, {"week", "week"}};
  static const std::map<std::string, const char*> kTimeUnits = {{"day", "day"},
                                                                {"dd", "day"},
                                                                {"hour", "hour"},
                                                                {"minute", "minute"},
                                                                {"second", "second"},
                                                                {"millisecond", "millisecond"},
                                                                {"microsecond", "microsecond"}};
  if (const auto found = kDateUnits.find(word); found != kDateUnits.end()) return found->second;
  if (!timestamp) return nullptr;
  const auto found = kTimeUnits.find(word);
  return found == kTimeUnits.end() ? nullptr : found->second;
}

Result<Typed> Format(const Typed& clock, std::string_view pattern) {
  DELTIC_TRY(const auto format, FormatFromJava(pattern));
  return Over(
      fmt::format(
          "CASE WHEN {0} IS NULL THEN NULL WHEN {0} >= TIMESTAMP '0001-01-01' AND {0} < TIMESTAMP '10000-01-01' "
          "THEN strftime({0}, {1}) ELSE {2} END",
          clock.sql, QuoteSqlText(format), FailSql("a time outside of the years 1 to 9999 is formatted", kText)),
      kText, {&clock}, true);
}

// The clock that a text shows, read by a pattern.
Result<Typed> Read(std::string_view function, const Typed& value, const Typed& pattern) {
  if (!pattern.text) return Unsupported("this build cannot evaluate {} with a pattern that is not a literal", function);
  if (value.type.kind() != TypeKind::kString && value.type.kind() != TypeKind::kVoid) {
    return Unsupported("this build cannot evaluate {} of {} with a pattern", function, value.type.ToString());
  }
  DELTIC_TRY(const auto text, Cast(value, kText));
  DELTIC_TRY(const auto reader, ReaderFromJava(*pattern.text));
  const DataType clock(TypeKind::kTimestampNtz);
  return Over(fmt::format("strptime(regexp_extract({}, {}), {})", text.sql,
                          QuoteSqlText("^(?:" + reader.re2 + R"()\z)"), QuoteSqlText(reader.format)),
              clock, {&text}, true);
}

}  // namespace

Result<Typed> SayDatePart(const Arguments& a) {
  static const std::map<std::string, std::string> kFields = {
      {"year", "year"},     {"y", "year"},           {"years", "year"},
      {"yr", "year"},       {"yrs", "year"},         {"quarter", "quarter"},
      {"qtr", "quarter"},   {"month", "month"},      {"mon", "month"},
      {"mons", "month"},    {"months", "month"},     {"week", "weekofyear"},
      {"w", "weekofyear"},  {"weeks", "weekofyear"}, {"day", "day"},
      {"d", "day"},         {"days", "day"},         {"dayofweek", "dayofweek"},
      {"dow", "dayofweek"}, {"doy", "dayofyear"},    {"hour", "hour"},
      {"h", "hour"},        {"hours", "hour"},       {"hr", "hour"},
      {"hrs", "hour"},      {"minute", "minute"},    {"m", "minute"},
      {"min", "minute"},    {"mins", "minute"},      {"minutes", "minute"}};
  DELTIC_TRY(const auto word, Word("date_part", a[0]));
  const auto found = kFields.find(word);
  if (found == kFields.end()) return Unsupported("this build cannot extract '{}' from a time", word);
  return SayCall({found->second, {a[1]}});
}

Result<Typed> SayTruncDate(const Arguments& a) {
  DELTIC_TRY(const auto word, Word("trunc", a[1]));
  const char* unit = TruncUnit(word, false);
  if (unit == nullptr) return Unsupported("this build cannot truncate a date to '{}'", word);
  DELTIC_TRY(const auto date, ImplicitCast("trunc", a[0], kDate));
  return Over(fmt::format("CAST(date_trunc('{}', {}) AS DATE)", unit, date.sql), kDate, {&date}, true);
}

Result<Typed> SayTruncTimestamp(const Arguments& a) {
  DELTIC_TRY(const auto word, Word("date_trunc", a[0]));
  const char* unit = TruncUnit(word, true);
  if (unit == nullptr) return Unsupported("this build cannot truncate a timestamp to '{}'", word);
  DELTIC_TRY(const auto time, ImplicitCast("date_trunc", a[1], kTimestamp));
  return Over(ZonedSql(fmt::format("date_trunc('{}', {})", unit, ClockSql(time))), kTimestamp, {&time}, true);
}

Result<Typed> SayNextDay(const Arguments& a) {
  // Days since 1970-01-01, a Thursday, modulo 7.
  static const std::map<std::string, int> kDays = {
      {"th", 0},     {"thu", 0},      {"thursday", 0}, {"fr", 1},      {"fri", 1},    {"friday", 1}, {"sa", 2},
      {"sat", 2},    {"saturday", 2}, {"su", 3},       {"sun", 3},     {"sunday", 3}, {"mo", 4},     {"mon", 4},
      {"monday", 4}, {"tu", 5},       {"tue", 5},      {"tuesday", 5}, {"we", 6},     {"wed", 6},    {"wednesday", 6}};
  DELTIC_TRY(const auto word, Word("next_day", a[1]));
  const auto found = kDays.find(word);
  if (found == kDays.end()) return InvalidArgument("next_day does not know the day '{}'", word);
  DELTIC_TRY(const auto date, ImplicitCast("next_day", a[0], kDate));
  return Over(fmt::format("({0} + CAST(1 + ((({1} - 1 - ({0} - DATE '1970-01-01')) % 7) + 7) % 7 AS INTEGER))",
                          date.sql, found->second),
              kDate, {&date}, true);
}

Result<Typed> SayDateFormat(const Arguments& a) {
  if (!a[1].text) return Unsupported("this build cannot evaluate date_format with a pattern that is not a literal");
  DELTIC_TRY(const auto time, ImplicitCast("date_format", a[0], kTimestamp));
  return Format(Over(ClockSql(time), DataType(TypeKind::kTimestampNtz), {&time}, false), *a[1].text);
}

Result<Typed> SayFromUnixtime(const Arguments& a) {
  const std::string pattern = a.size() > 1 ? a[1].text.value_or("") : "yyyy-MM-dd HH:mm:ss";
  if (pattern.empty())
    return Unsupported("this build cannot evaluate from_unixtime with a pattern that is not a literal");
  DELTIC_TRY(const auto seconds, ImplicitCast("from_unixtime", a[0], kLong));
  return Format(Over(fmt::format("make_timestamp({} * 1000000)", seconds.sql), DataType(TypeKind::kTimestampNtz),
                     {&seconds}, true),
                pattern);
}

Result<Typed> SayUnixTimestamp(const Arguments& a) {
  if (!IsTime(a[0].type)) return Unsupported("this build cannot evaluate unix_timestamp of {}", a[0].type.ToString());
  DELTIC_TRY(const auto time, Cast(a[0], kTimestamp));
  // Towards zero, unlike a cast to bigint.
  return Over(fmt::format("(epoch_us({}) // 1000000)", ClockSql(time)), kLong, {&time}, false);
}

Result<Typed> SayToDate(const Arguments& a) {
  if (a.size() == 1) return ImplicitCast("to_date", a[0], kDate);
  DELTIC_TRY(const auto clock, Read("to_date", a[0], a[1]));
  return Over("CAST(" + clock.sql + " AS DATE)", kDate, {&clock}, true);
}

Result<Typed> SayToTimestamp(const Arguments& a) {
  if (a.size() == 1) return ImplicitCast("to_timestamp", a[0], kTimestamp);
  DELTIC_TRY(const auto clock, Read("to_timestamp", a[0], a[1]));
  return Over(ZonedSql(clock.sql), kTimestamp, {&clock}, true);
}

}  // namespace deltic::sparksql
