// Owns the function table. A row says what a function takes, what it gives, and how the engine says it:
//   takes   one letter for each argument:
//           s string   i int   l bigint   d double   n a number, its type kept   b boolean   x binary   D date
//           t timestamp   c the clock's time of a timestamp, timestamp_ntz or date, as the engine's TIMESTAMP   a
//           anything
//   says    the engine's SQL over $1, $2, ...; rows that need more than a pattern have a function of their own
//   fails   whether evaluating it can end in an error
// Arguments are cast as Spark's implicit casts do. A function is in the table only where tests/sparksql found every
// answer equal to Spark 4.2's over its edge values, or where the engine's answer is defined to be the same.
#include "sparksql/functions.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "sparksql/cast.h"
#include "sparksql/coercion.h"
#include "sparksql/function_forms.h"
#include "sparksql/operators.h"

namespace deltic::sparksql {
namespace {

enum class Fails : uint8_t { kNever, kMay };

struct Row {
  const char* name;
  const char* takes;
  TypeKind gives;
  const char* says;
  Fails fails = Fails::kNever;
};

constexpr auto kInt = TypeKind::kInteger;
constexpr auto kLong = TypeKind::kLong;
constexpr auto kDouble = TypeKind::kDouble;
constexpr auto kString = TypeKind::kString;
constexpr auto kBoolean = TypeKind::kBoolean;
constexpr auto kDate = TypeKind::kDate;
constexpr auto kTimestamp = TypeKind::kTimestamp;

constexpr const char* kLength = "CAST(length($1) AS INTEGER)";

const Row kRows[] = {
    // text
    {"char_length", "s", kInt, kLength},
    {"character_length", "s", kInt, kLength},
    {"octet_length", "s", kInt, "CAST(strlen($1) AS INTEGER)"},
    {"bit_length", "s", kInt, "CAST(strlen($1) * 8 AS INTEGER)"},
    {"ltrim", "s", kString, "ltrim($1, ' ')"},
    {"rtrim", "s", kString, "rtrim($1, ' ')"},
    {"trim", "s", kString, "trim($1, ' ')"},
    {"instr", "ss", kInt, "CAST(instr($1, $2) AS INTEGER)"},
    {"locate", "ss", kInt, "CAST(instr($2, $1) AS INTEGER)"},
    {"position", "ss", kInt, "CAST(instr($2, $1) AS INTEGER)"},

    {"contains", "ss", kBoolean, "contains($1, $2)"},
    {"startswith", "ss", kBoolean, "starts_with($1, $2)"},
    {"endswith", "ss", kBoolean, "ends_with($1, $2)"},
    {"repeat", "si", kString, "repeat($1, $2)"},
    {"ascii", "s", kInt, "CAST(ascii($1) AS INTEGER)"},
    {"md5", "x", kString, "md5($1)"},
    {"sha", "x", kString, "sha1($1)"},
    {"sha1", "x", kString, "sha1($1)"},
    {"base64", "x", kString, "base64($1)"},

    // numbers
    {"sqrt", "d", kDouble, "CASE WHEN $1 < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt($1) END"},
    {"sign", "d", kDouble,
     "CASE WHEN isnan($1) THEN $1 WHEN $1 > 0 THEN CAST(1 AS DOUBLE) WHEN $1 < 0 THEN CAST(-1 AS DOUBLE) ELSE $1 END"},
    {"signum", "d", kDouble,
     "CASE WHEN isnan($1) THEN $1 WHEN $1 > 0 THEN CAST(1 AS DOUBLE) WHEN $1 < 0 THEN CAST(-1 AS DOUBLE) ELSE $1 END"},
    {"isnan", "d", kBoolean, "coalesce(isnan($1), FALSE)"},

    // dates and times; fields of the proleptic Gregorian calendar, UTC's clock
    {"year", "c", kInt, "CAST(year($1) AS INTEGER)"},
    {"quarter", "c", kInt, "CAST(quarter($1) AS INTEGER)"},
    {"month", "c", kInt, "CAST(month($1) AS INTEGER)"},
    {"day", "c", kInt, "CAST(day($1) AS INTEGER)"},
    {"dayofmonth", "c", kInt, "CAST(day($1) AS INTEGER)"},
    {"dayofyear", "c", kInt, "CAST(dayofyear($1) AS INTEGER)"},
    {"dayofweek", "c", kInt, "CAST(dayofweek($1) + 1 AS INTEGER)"},
    {"weekday", "c", kInt, "CAST(isodow($1) - 1 AS INTEGER)"},
    {"weekofyear", "c", kInt, "CAST(weekofyear($1) AS INTEGER)"},
    {"hour", "c", kInt, "CAST(hour($1) AS INTEGER)"},
    {"minute", "c", kInt, "CAST(minute($1) AS INTEGER)"},
    {"second", "c", kInt, "CAST(second($1) AS INTEGER)"},
    {"date_add", "Di", kDate, "($1 + $2)", Fails::kMay},
    {"dateadd", "Di", kDate, "($1 + $2)", Fails::kMay},
    {"date_sub", "Di", kDate, "($1 - $2)", Fails::kMay},
    {"datediff", "DD", kInt, "CAST($1 - $2 AS INTEGER)"},
    {"date_diff", "DD", kInt, "CAST($1 - $2 AS INTEGER)"},
    {"add_months", "Di", kDate, "CAST($1 + to_months($2) AS DATE)", Fails::kMay},
    {"last_day", "D", kDate, "last_day($1)"},
    {"make_date", "iii", kDate, "make_date(CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT))", Fails::kMay},
    {"unix_date", "D", kInt, "CAST($1 - DATE '1970-01-01' AS INTEGER)"},
    {"date_from_unix_date", "i", kDate, "(DATE '1970-01-01' + $1)", Fails::kMay},
    {"unix_seconds", "t", kLong, "(epoch_us(date_trunc('second', timezone('UTC', $1))) // 1000000)"},
    {"unix_millis", "t", kLong, "(epoch_us(date_trunc('millisecond', timezone('UTC', $1))) // 1000)"},
    {"unix_micros", "t", kLong, "epoch_us(timezone('UTC', $1))"},
    {"timestamp_seconds", "l", kTimestamp, "timezone('UTC', make_timestamp($1 * 1000000))", Fails::kMay},
    {"timestamp_millis", "l", kTimestamp, "timezone('UTC', make_timestamp($1 * 1000))", Fails::kMay},
    {"timestamp_micros", "l", kTimestamp, "timezone('UTC', make_timestamp($1))", Fails::kMay},
    {"current_date", "", kDate, "CAST(timezone('UTC', current_timestamp) AS DATE)"},
    {"curdate", "", kDate, "CAST(timezone('UTC', current_timestamp) AS DATE)"},
    {"current_timestamp", "", kTimestamp, "current_timestamp"},
    {"now", "", kTimestamp, "current_timestamp"},

    // nulls
    {"isnull", "a", kBoolean, "($1 IS NULL)"},
    {"isnotnull", "a", kBoolean, "($1 IS NOT NULL)"},
};

// Which function has a form of its own: see function_forms.h.
struct Form {
  const char* name;
  int least;
  int most;  // -1: any number
  Result<Typed> (*say)(const std::vector<Typed>& arguments);
};

const Form kForms[] = {
    {"length", 1, 1, SayLength},
    {"len", 1, 1, SayLength},
    {"lower", 1, 1, SayLower},
    {"lcase", 1, 1, SayLower},
    {"upper", 1, 1, SayUpper},
    {"ucase", 1, 1, SayUpper},
    {"btrim", 1, 2, SayTrimBoth},
    {"trim leading", 1, 2, SayTrimLeading},
    {"trim trailing", 1, 2, SayTrimTrailing},
    {"substring", 2, 3, SaySubstring},
    {"substr", 2, 3, SaySubstring},
    {"left", 2, 2, SayLeft},
    {"right", 2, 2, SayRight},
    {"lpad", 2, 3, SayPadLeft},
    {"rpad", 2, 3, SayPadRight},
    {"concat", 0, -1, SayConcat},
    {"concat_ws", 1, -1, SayConcatWithSeparator},
    {"replace", 2, 3, SayReplace},
    {"split", 2, 2, SaySplit},
    {"hex", 1, 1, SayHex},
    {"sha2", 2, 2, SaySha2},
    {"rlike", 2, 2, SayRegexLike},
    {"regexp", 2, 2, SayRegexLike},
    {"regexp_like", 2, 2, SayRegexLike},
    {"regexp_extract", 2, 3, SayRegexExtract},
    {"like", 2, 2, SayLikeCall},
    {"abs", 1, 1, SayAbs},
    {"ceil", 1, 1, SayCeil},
    {"ceiling", 1, 1, SayCeil},
    {"floor", 1, 1, SayFloor},
    {"round", 1, 2, SayRound},
    {"mod", 2, 2, SayMod},
    {"pmod", 2, 2, SayPositiveMod},
    {"negative", 1, 1, SayNegative},
    {"positive", 1, 1, SayPositive},
    {"greatest", 2, -1, SayGreatest},
    {"least", 2, -1, SayLeast},
    {"nanvl", 2, 2, SayNanvl},
    {"coalesce", 1, -1, SayCoalesce},
    {"nvl", 2, 2, SayCoalesce},
    {"ifnull", 2, 2, SayCoalesce},
    {"nvl2", 3, 3, SayNvl2},
    {"nullif", 2, 2, SayNullIf},
    {"if", 3, 3, SayIf},
    {"equal_null", 2, 2, SayEqualNull},
    {"date_part", 2, 2, SayDatePart},
    {"datepart", 2, 2, SayDatePart},
    {"trunc", 2, 2, SayTruncDate},
    {"date_trunc", 2, 2, SayTruncTimestamp},
    {"next_day", 2, 2, SayNextDay},
    {"date_format", 2, 2, SayDateFormat},
    {"from_unixtime", 1, 2, SayFromUnixtime},
    {"unix_timestamp", 1, 1, SayUnixTimestamp},
    {"to_unix_timestamp", 1, 1, SayUnixTimestamp},
    {"to_date", 1, 2, SayToDate},
    {"to_timestamp", 1, 2, SayToTimestamp},
    {"date", 1, 1, SayCastTo<TypeKind::kDate>},
    {"timestamp", 1, 1, SayCastTo<TypeKind::kTimestamp>},
    {"boolean", 1, 1, SayCastTo<TypeKind::kBoolean>},
    {"tinyint", 1, 1, SayCastTo<TypeKind::kByte>},
    {"smallint", 1, 1, SayCastTo<TypeKind::kShort>},
    {"int", 1, 1, SayCastTo<TypeKind::kInteger>},
    {"bigint", 1, 1, SayCastTo<TypeKind::kLong>},
    {"float", 1, 1, SayCastTo<TypeKind::kFloat>},
    {"double", 1, 1, SayCastTo<TypeKind::kDouble>},
    {"string", 1, 1, SayCastTo<TypeKind::kString>},
    {"binary", 1, 1, SayCastTo<TypeKind::kBinary>},
    {"size", 1, 1, SaySize},
    {"cardinality", 1, 1, SaySize},
    {"array_size", 1, 1, SaySize},
    {"array_contains", 2, 2, SayArrayContains},
    {"element_at", 2, 2, SayElementAt},
    {"get", 2, 2, SayGet},
    {"array", 1, -1, SayArray},
    {"named_struct", 2, -1, SayNamedStruct},
};

// Known functions that a stored expression cannot have, or whose results the engine cannot give to the last digit.
std::string WhyNot(const std::string& name) {
  static const std::map<std::string, std::string> kWhy = {
      {"rand", "its value is random"},
      {"random", "its value is random"},
      {"randn", "its value is random"},
      {"uuid", "its value is random"},
      {"shuffle", "its value is random"},
      {"randstr", "its value is random"},
      {"uniform", "its value is random"},
      {"monotonically_increasing_id", "its value depends on Spark's tasks"},
      {"spark_partition_id", "its value depends on Spark's tasks"},
      {"input_file_name", "its value depends on Spark's tasks"},
      {"current_user", "it depends on Spark's session"},
      {"current_catalog", "it depends on Spark's session"},
      {"current_database", "it depends on Spark's session"},
      {"current_timezone", "it depends on Spark's session"},
      {"hash", "the engine does not have Spark's hash functions"},
      {"xxhash64", "the engine does not have Spark's hash functions"},
      {"crc32", "the engine does not have Spark's hash functions"},
      {"exp", "Java's last digit may differ"},
      {"ln", "Java's last digit may differ"},
      {"log", "Java's last digit may differ"},
      {"log10", "Java's last digit may differ"},
      {"log2", "Java's last digit may differ"},
      {"pow", "Java's last digit may differ"},
      {"power", "Java's last digit may differ"},
      {"sin", "Java's last digit may differ"},
      {"cos", "Java's last digit may differ"},
      {"tan", "Java's last digit may differ"},
      {"count", "it is an aggregate"},
      {"sum", "it is an aggregate"},
      {"avg", "it is an aggregate"},
      {"min", "it is an aggregate"},
      {"max", "it is an aggregate"},
      {"first", "it is an aggregate"},
      {"last", "it is an aggregate"},
      {"collect_list", "it is an aggregate"},
      {"collect_set", "it is an aggregate"},
      {"row_number", "it is a window function"},
      {"rank", "it is a window function"},
      {"lag", "it is a window function"},
      {"lead", "it is a window function"},
      {"explode", "it makes rows"},
      {"posexplode", "it makes rows"},
      {"inline", "it makes rows"},
  };
  const auto found = kWhy.find(name);
  return found == kWhy.end() ? "it is not among those that were proved equal" : found->second;
}

Result<Typed> TakeArgument(const Call& call, char takes, const Typed& value) {
  const auto to = [&](TypeKind kind) { return ImplicitCast(call.name, value, DataType(kind)); };
  switch (takes) {
    case 's':
      return to(TypeKind::kString);
    case 'i':
      return to(TypeKind::kInteger);
    case 'l':
      return to(TypeKind::kLong);
    case 'd':
      return to(TypeKind::kDouble);
    case 'b':
      return to(TypeKind::kBoolean);
    case 'x':
      return to(TypeKind::kBinary);
    case 'D':
      return to(TypeKind::kDate);
    case 't':
      return to(TypeKind::kTimestamp);
    case 'c':
      return AsClock(call.name, value);
    default:
      return value;
  }
}

Result<Typed> SayRow(const Row& row, const Call& call) {
  const std::string_view takes = row.takes;
  std::vector<Typed> arguments;
  std::vector<std::string> sql;
  for (size_t i = 0; i < takes.size(); ++i) {
    DELTIC_TRY(auto argument, TakeArgument(call, takes[i], call.arguments[i]));
    sql.push_back(argument.sql);
    arguments.push_back(std::move(argument));
  }
  std::vector<const Typed*> operands;
  operands.reserve(arguments.size());
  for (const auto& argument : arguments) operands.push_back(&argument);
  return Over(Fill(row.says, sql), DataType(row.gives), operands, row.fails == Fails::kMay);
}

Error WrongCount(const Call& call) {
  return InvalidArgument("the function {} does not take {} arguments", call.name, call.arguments.size());
}

}  // namespace

Result<Typed> SayCall(const Call& call) {
  for (const auto& row : kRows) {
    if (call.name != row.name) continue;
    if (call.arguments.size() != std::string_view(row.takes).size()) {
      // Spark has more forms of some of these (locate with a start, trim with characters): not in this build.
      return Unsupported("this build cannot evaluate {} with {} arguments", call.name, call.arguments.size());
    }
    return SayRow(row, call);
  }
  const auto count = static_cast<int>(call.arguments.size());
  for (const auto& form : kForms) {
    if (call.name != form.name) continue;
    if (count < form.least) return WrongCount(call);
    if (form.most >= 0 && count > form.most) {
      return Unsupported("this build cannot evaluate {} with {} arguments", call.name, count);
    }
    return form.say(call.arguments);
  }
  return Unsupported("this build cannot evaluate the function {}: {}", call.name, WhyNot(call.name));
}

bool DependsOnTheClock(std::string_view name) {
  return name == "current_date" || name == "curdate" || name == "current_timestamp" || name == "now";
}

std::vector<std::string> FunctionNames() {
  std::vector<std::string> names;
  for (const auto& row : kRows) names.emplace_back(row.name);
  for (const auto& form : kForms) {
    if (std::string_view(form.name).find(' ') == std::string_view::npos) names.emplace_back(form.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace deltic::sparksql
