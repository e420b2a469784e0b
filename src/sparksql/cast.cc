// Owns Cast. Where the engine reads text more freely than Spark (1_000, 12.5 as an integer, ...), a regular expression
// first takes out exactly what Spark accepts; what does not match becomes '', which no engine cast accepts. Texts that
// Spark accepts and these patterns do not ("1.5d" as a double, years of five digits) fail the row: never a wrong value.
#include "sparksql/cast.h"

#include "base/error.h"
#include "base/time.h"
#include "sparksql/coercion.h"

namespace deltic::sparksql {
namespace {

// What Spark trims from a text before it casts it: bytes up to the space, and DEL.
constexpr const char* kBlank = R"([\x00-\x20\x7f]*)";
// Dates and timestamps whose text has a year of four digits: Spark and the engine write others differently.
constexpr const char* kFirstWritten = "0001-01-01";
constexpr const char* kAfterWritten = "10000-01-01";

Error NoCast(const DataType& from, const DataType& to) {
  return InvalidArgument("Spark does not cast {} to {}", from.ToString(), to.ToString());
}
Error NotExact(const DataType& from, const DataType& to) {
  return Unsupported("this build cannot cast {} to {} exactly as Spark does", from.ToString(), to.ToString());
}

// The part of the text that matches, or '' (NULL stays NULL).
std::string Extract(std::string_view text, std::string_view pattern) {
  return fmt::format("regexp_extract({}, {}, 1)", text,
                     QuoteSqlText(fmt::format("^{}({}){}$", kBlank, pattern, kBlank)));
}

Result<Typed> ToBoolean(const Typed& value, const DataType& target) {
  if (IsNumeric(value.type)) return Over("(" + value.sql + " <> 0)", target, {&value}, false);
  if (value.type.kind() != TypeKind::kString) return NoCast(value.type, target);
  const auto word = [&](std::string_view words) {
    return fmt::format("regexp_full_match({}, {})", value.sql,
                       QuoteSqlText(fmt::format("(?i){}({}){}", kBlank, words, kBlank)));
  };
  return Over(fmt::format("CASE WHEN {0} IS NULL THEN NULL WHEN {1} THEN TRUE WHEN {2} THEN FALSE ELSE {3} END",
                          value.sql, word("t|true|y|yes|1"), word("f|false|n|no|0"),
                          FailSql("a text that is no boolean is cast to boolean", target)),
              target, {&value}, true);
}

Result<Typed> ToIntegral(const Typed& value, const DataType& target) {
  switch (value.type.kind()) {
    case TypeKind::kBoolean:
      return Over(CastSql(value.sql, target), target, {&value}, false);
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong: {
      auto cast = Over(CastSql(value.sql, target), target, {&value}, target.kind() < value.type.kind());
      return cast;
    }
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      // Towards zero. 2^63 itself passes Spark's check and becomes the greatest bigint.
      if (target.kind() == TypeKind::kLong) {
        return Over(fmt::format("CASE WHEN {0} = CAST('9223372036854775808' AS DOUBLE) THEN 9223372036854775807 ELSE "
                                "CAST(trunc({0}) AS BIGINT) END",
                                value.sql),
                    target, {&value}, true);
      }
      return Over(CastSql("trunc(" + value.sql + ")", target), target, {&value}, true);
    case TypeKind::kDecimal:
      if (value.type.scale() == 0) return Over(CastSql(value.sql, target), target, {&value}, true);
      return Over(CastSql("trunc(" + value.sql + ")", target), target, {&value}, true);
    case TypeKind::kString:
      return Over(CastSql(Extract(value.sql, "[+-]?[0-9]+"), target), target, {&value}, true);
    case TypeKind::kTimestamp:
      // Whole seconds, the floor of them.
      return Over(CastSql(fmt::format("(epoch_us(date_trunc('second', {})) // 1000000)", ClockSql(value)), target),
                  target, {&value}, true);
    default:
      return NoCast(value.type, target);
  }
}

Result<Typed> ToFloating(const Typed& value, const DataType& target) {
  switch (value.type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return Over(CastSql(value.sql, target), target, {&value}, false);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      if (target.kind() == TypeKind::kFloat) return NotExact(value.type, target);
      return Over(CastSql(value.sql, target), target, {&value}, false);
    case TypeKind::kDecimal:
      // Up to 15 digits the quotient of two exact doubles is the nearest; beyond that the text is read, which rounds
      // once.
      if (value.type.precision() <= 15 && target.kind() == TypeKind::kDouble) {
        return Over(CastSql(value.sql, target), target, {&value}, false);
      }
      return Over(CastSql("CAST(" + value.sql + " AS VARCHAR)", target), target, {&value}, false);
    case TypeKind::kString: {
      const auto number =
          CastSql(Extract(value.sql, R"([+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?)"), target);
      const auto word = [&](std::string_view words) {
        return fmt::format("regexp_full_match({}, {})", value.sql,
                           QuoteSqlText(fmt::format("(?i){}(?:{}){}", kBlank, words, kBlank)));
      };
      return Over(
          fmt::format("CASE WHEN {} THEN CAST('nan' AS {}) WHEN {} THEN CAST('inf' AS {}) WHEN {} THEN CAST('-inf' "
                      "AS {}) ELSE {} END",
                      word("nan"), EngineTypeName(target), word("[+]?inf(?:inity)?"), EngineTypeName(target),
                      word("-inf(?:inity)?"), EngineTypeName(target), number),
          target, {&value}, true);
    }
    case TypeKind::kTimestamp:
      return NotExact(value.type, target);
    default:
      return NoCast(value.type, target);
  }
}

Result<Typed> ToDecimal(const Typed& value, const DataType& target) {
  const int whole = target.precision() - target.scale();
  switch (value.type.kind()) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return Over(CastSql(value.sql, target), target, {&value}, DecimalFor(value.type).precision() > whole);
    case TypeKind::kDecimal:
      return Over(CastSql(value.sql, target), target, {&value},
                  value.type.precision() - value.type.scale() > whole || value.type.scale() > target.scale());
    case TypeKind::kString:
      return Over(CastSql(Extract(value.sql, R"([+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+))"), target), target, {&value},
                  true);
    case TypeKind::kBoolean:
      return Over(CastSql("CAST(" + value.sql + " AS INTEGER)", target), target, {&value}, whole < 1);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
      return NotExact(value.type, target);
    default:
      return NoCast(value.type, target);
  }
}

// The text of a date or of a clock's time, where Spark and the engine write the same.
std::string WrittenTime(std::string_view time, std::string_view engine_type) {
  return fmt::format(
      "CASE WHEN {0} IS NULL THEN NULL WHEN {0} >= CAST('{1}' AS {2}) AND {0} < CAST('{3}' AS {2}) THEN CAST({0} AS "
      "VARCHAR) "
      "ELSE {4} END",
      time, kFirstWritten, engine_type, kAfterWritten,
      FailSql("a time outside of the years 1 to 9999 is written as text", DataType(TypeKind::kString)));
}

Result<Typed> ToText(const Typed& value, const DataType& target) {
  switch (value.type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return Over(CastSql(value.sql, target), target, {&value}, false);
    case TypeKind::kDecimal: {
      // The engine writes no zero before the point when the type has no digit there.
      const int precision = value.type.precision();
      if (precision != value.type.scale()) return Over(CastSql(value.sql, target), target, {&value}, false);
      if (precision == 38) return NotExact(value.type, target);
      return Over(CastSql(CastSql(value.sql, DataType::Decimal(precision + 1, precision)), target), target, {&value},
                  false);
    }
    case TypeKind::kBinary:
      return Over("decode(" + value.sql + ")", target, {&value}, true);
    case TypeKind::kDate:
      return Over(WrittenTime(value.sql, "DATE"), target, {&value}, true);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return Over(WrittenTime(ClockSql(value), "TIMESTAMP"), target, {&value}, true);
    default:
      return NotExact(value.type, target);
  }
}

Result<Typed> ToTime(const Typed& value, const DataType& target) {
  const auto kind = target.kind();
  if (value.type.kind() == TypeKind::kString) {
    if (value.text) return TimeLiteral(*value.text, target);
    if (kind != TypeKind::kDate) return NotExact(value.type, target);
    // yyyy, yyyy-m or yyyy-m-d, and after a whole date anything that follows a space or a T.
    const auto part = [&](int group) {
      return fmt::format("regexp_extract({}, {}, {})", value.sql,
                         QuoteSqlText(fmt::format(
                             "(?s)^{0}([0-9]{{4}})(?:-([0-9]{{1,2}})(?:-([0-9]{{1,2}})(?:[T ].*)?)?)?{0}$", kBlank)),
                         group);
    };
    return Over(
        fmt::format("make_date(CAST({} AS BIGINT), CAST(CASE {} WHEN '' THEN '1' ELSE {} END AS BIGINT), CAST(CASE {} "
                    "WHEN '' THEN '1' ELSE {} END AS BIGINT))",
                    part(1), part(2), part(2), part(3), part(3)),
        target, {&value}, true);
  }
  if (IsTime(value.type)) {
    const std::string clock =
        value.type.kind() == TypeKind::kDate ? "CAST(" + value.sql + " AS TIMESTAMP)" : ClockSql(value);
    if (kind == TypeKind::kDate) return Over("CAST(" + clock + " AS DATE)", target, {&value}, false);
    const bool far = value.type.kind() == TypeKind::kDate;  // a date beyond the years of a timestamp
    return Over(kind == TypeKind::kTimestamp ? ZonedSql(clock) : clock, target, {&value}, far);
  }
  if (IsIntegral(value.type) && kind == TypeKind::kTimestamp) {
    return Over(ZonedSql(fmt::format("make_timestamp(CAST({} AS BIGINT) * 1000000)", value.sql)), target, {&value},
                true);
  }
  if (kind == TypeKind::kTimestamp && (IsNumeric(value.type) || value.type.kind() == TypeKind::kBoolean)) {
    return NotExact(value.type, target);
  }
  return NoCast(value.type, target);
}

}  // namespace

std::string ClockSql(const Typed& time) {
  return time.type.kind() == TypeKind::kTimestamp ? "timezone('UTC', " + time.sql + ")" : time.sql;
}
std::string ZonedSql(std::string_view clock) { return fmt::format("timezone('UTC', {})", clock); }

Result<Typed> TimeLiteral(std::string_view text, const DataType& type) {
  Typed literal;
  literal.type = type;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n')) text.remove_suffix(1);
  // Years of more or fewer than four digits, and bare years and times, are written too seldom to be worth a mistake.
  const bool plain = text.size() >= 8 && text.find_first_not_of("0123456789") == 4 && text[4] == '-';
  if (!plain) return Unsupported("this build cannot read '{}' as {}", text, type.ToString());
  if (type.kind() == TypeKind::kDate) {
    const size_t end = text.find_first_of(" T");
    auto days = ParseDateDays(text.substr(0, end));
    if (!days.ok()) return InvalidArgument("'{}' is no date", text);
    literal.sql = fmt::format("CAST('{}' AS DATE)", FormatDate(*days));
    return literal;
  }
  bool has_zone = false;
  const auto micros = ParseTimestampMicros(text, &has_zone);
  if (!micros.ok()) return Unsupported("this build cannot read '{}' as {}", text, type.ToString());
  if (has_zone && type.kind() == TypeKind::kTimestampNtz) {
    return Unsupported("this build cannot read '{}', which has a time zone, as timestamp_ntz", text);
  }
  const auto clock = fmt::format("CAST('{}' AS TIMESTAMP)", FormatTimestampMicros(*micros));
  literal.sql = type.kind() == TypeKind::kTimestamp ? ZonedSql(clock) : clock;
  return literal;
}

Result<Typed> Cast(const Typed& value, const DataType& target) {
  if (value.type == target) return value;
  if (value.type.kind() == TypeKind::kVoid) return NullOf(target);
  if (!IsAtomic(value.type) || !IsAtomic(target)) return NotExact(value.type, target);
  Result<Typed> cast = NoCast(value.type, target);
  switch (target.kind()) {
    case TypeKind::kBoolean:
      cast = ToBoolean(value, target);
      break;
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      cast = ToIntegral(value, target);
      break;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      cast = ToFloating(value, target);
      break;
    case TypeKind::kDecimal:
      cast = ToDecimal(value, target);
      break;
    case TypeKind::kString:
      cast = ToText(value, target);
      break;
    case TypeKind::kBinary:
      if (value.type.kind() == TypeKind::kString) {
        cast = Over("encode(" + value.sql + ")", target, {&value}, false);
      } else if (IsIntegral(value.type)) {
        cast = NotExact(value.type, target);
      }
      break;
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      cast = ToTime(value, target);
      break;
    default:
      break;
  }
  if (cast.ok() && IsIntegral(target) && value.whole) {  // a literal stays one, where it fits
    const int64_t limit = target.kind() == TypeKind::kByte      ? INT8_MAX
                          : target.kind() == TypeKind::kShort   ? INT16_MAX
                          : target.kind() == TypeKind::kInteger ? INT32_MAX
                                                                : INT64_MAX;
    if (*value.whole <= limit && *value.whole >= -limit - 1) {
      cast->whole = value.whole;
      cast->can_fail = false;
    }
  }
  return cast;
}

}  // namespace deltic::sparksql
