// Owns the forms of the functions of numbers, of NULLs and of choices, and the implicit casts of arguments.
#include <algorithm>

#include "base/error.h"
#include "sparksql/coercion.h"
#include "sparksql/function_forms.h"
#include "sparksql/operators.h"

namespace deltic::sparksql {
namespace {

const DataType kDouble(TypeKind::kDouble);

// ceil and floor: a bigint for floating numbers, bounded as Java's conversion bounds it (NaN is 0), else a decimal of
// scale 0 with room for one more digit.
Result<Typed> ToWhole(const char* engine, const Typed& value) {
  if (value.type.kind() == TypeKind::kDecimal) {
    if (value.type.scale() == 0) return value;
    const auto type = DataType::Decimal(value.type.precision() - value.type.scale() + 1, 0);
    return Over(CastSql(fmt::format("{}({})", engine, value.sql), type), type, {&value}, false);
  }
  const DataType type(TypeKind::kLong);
  if (IsIntegral(value.type)) return Cast(value, type);
  DELTIC_TRY(const auto number, ImplicitCast(engine, value, kDouble));
  return Over(
      fmt::format("CASE WHEN isnan({0}) THEN CAST(0 AS BIGINT) WHEN {0} >= CAST('9223372036854775807' AS DOUBLE) THEN "
                  "CAST(9223372036854775807 AS BIGINT) WHEN {0} <= CAST('-9223372036854775808' AS DOUBLE) THEN "
                  "CAST('-9223372036854775808' AS BIGINT) ELSE CAST({1}({0}) AS BIGINT) END",
                  number.sql, engine),
      type, {&number}, false);
}

Result<Typed> Extreme(const char* engine, const Arguments& a) {
  DELTIC_TRY(const auto together, Together(engine, a));
  if (!IsAtomic(together[0].type)) {
    return Unsupported("this build cannot evaluate {} of {}", engine, together[0].type.ToString());
  }
  std::string sql;
  std::vector<const Typed*> operands;
  for (const auto& value : together) {
    sql += (sql.empty() ? "" : ", ") + value.sql;
    operands.push_back(&value);
  }
  return Over(fmt::format("{}({})", engine, sql), together[0].type, operands, false);
}

}  // namespace

Result<Typed> ImplicitCast(std::string_view function, const Typed& value, const DataType& target) {
  if (value.type == target || value.type.kind() == TypeKind::kVoid) return Cast(value, target);
  const bool from_text = value.type.kind() == TypeKind::kString;
  const bool to_text = target.kind() == TypeKind::kString && IsAtomic(value.type);
  const bool numbers = IsNumeric(value.type) && IsNumeric(target) &&
                       !(IsIntegral(target) && !IsIntegral(value.type));  // no fraction is dropped unasked
  const bool times = IsTime(value.type) && IsTime(target);
  if (!from_text && !to_text && !numbers && !times) {
    return InvalidArgument("the function {} does not take {}", function, value.type.ToString());
  }
  return Cast(value, target);
}

Result<Typed> AsClock(std::string_view function, const Typed& value) {
  const DataType clock(TypeKind::kTimestampNtz);
  if (value.type.kind() == TypeKind::kDate) return value;
  if (value.type.kind() == TypeKind::kVoid) return NullOf(clock);
  DELTIC_TRY(auto time,
             IsTime(value.type) ? Result<Typed>(value) : ImplicitCast(function, value, DataType(TypeKind::kTimestamp)));
  return Over(ClockSql(time), clock, {&time}, false);
}

Result<Typed> SayAbs(const Arguments& a) {
  Typed value = a[0];
  if (value.type.kind() == TypeKind::kString || value.type.kind() == TypeKind::kVoid) {
    DELTIC_TRY(value, Cast(value, kDouble));
  }
  if (!IsNumeric(value.type)) return InvalidArgument("the function abs does not take {}", value.type.ToString());
  DELTIC_CHECK(CheckSignChange(value));
  return Over("abs(" + value.sql + ")", value.type, {&value}, IsIntegral(value.type));
}

Result<Typed> SayCeil(const Arguments& a) { return ToWhole("ceil", a[0]); }
Result<Typed> SayFloor(const Arguments& a) { return ToWhole("floor", a[0]); }

Result<Typed> SayRound(const Arguments& a) {
  const auto& value = a[0];
  const int64_t digits = a.size() > 1 ? a[1].whole.value_or(-1) : 0;
  if (digits < 0)
    return Unsupported("this build cannot evaluate round to a number of digits that is no literal or below 0");
  if (IsIntegral(value.type)) return value;
  if (value.type.kind() == TypeKind::kDecimal) {
    const int scale = static_cast<int>(std::min<int64_t>(value.type.scale(), digits));
    const int precision = std::min(38, value.type.precision() - value.type.scale() + 1 + scale);
    const auto type = DataType::Decimal(precision, scale);
    return Over(CastSql(value.sql, type), type, {&value},
                precision == 38);  // the engine's cast rounds half away from 0
  }
  if (!IsFloating(value.type) || digits != 0) {
    return Unsupported("this build cannot evaluate round of {} to {} digits exactly as Spark does",
                       value.type.ToString(), digits);
  }
  // Spark has no negative zero here: it goes through a decimal.
  return Over(fmt::format("(round({}) + CAST(0 AS {}))", value.sql, EngineTypeName(value.type)), value.type, {&value},
              false);
}

Result<Typed> SayMod(const Arguments& a) { return SayBinary("%", a[0], a[1]); }

Result<Typed> SayPositiveMod(const Arguments& a) {
  DELTIC_TRY(const auto together, Together("pmod", a));
  if (!IsIntegral(together[0].type))
    return Unsupported("this build cannot evaluate pmod of {}", together[0].type.ToString());
  DELTIC_TRY(const auto remainder, SayBinary("%", together[0], together[1]));
  // Spark adds the divisor to a negative remainder and takes the remainder again. Where that sum overflows, Spark goes
  // on with what Java makes of it and we fail the row.
  return Over(fmt::format("CASE WHEN {0} < 0 THEN ({0} + {1}) % {1} ELSE {0} END", remainder.sql, together[1].sql),
              together[0].type, {&remainder, &together[1]}, !together[1].whole || *together[1].whole < 0);
}

Result<Typed> SayNegative(const Arguments& a) { return SayUnary("-", a[0]); }
Result<Typed> SayPositive(const Arguments& a) { return SayUnary("+", a[0]); }
Result<Typed> SayGreatest(const Arguments& a) { return Extreme("greatest", a); }
Result<Typed> SayLeast(const Arguments& a) { return Extreme("least", a); }

Result<Typed> SayNanvl(const Arguments& a) {
  DELTIC_TRY(const auto together, Together("nanvl", a));
  if (!IsFloating(together[0].type))
    return Unsupported("this build cannot evaluate nanvl of {}", together[0].type.ToString());
  return Over(fmt::format("CASE WHEN isnan({0}) THEN {1} ELSE {0} END", together[0].sql, together[1].sql),
              together[0].type, {&together[0], &together[1]}, false);
}

Result<Typed> SayNvl2(const Arguments& a) {
  const auto there = Over("(" + a[0].sql + " IS NOT NULL)", DataType(TypeKind::kBoolean), {&a[0]}, false);
  return SayCase({{there, a[1]}}, a[2]);
}
Result<Typed> SayNullIf(const Arguments& a) {
  DELTIC_TRY(auto equal, SayBinary("=", a[0], a[1]));
  return SayCase({{std::move(equal), NullOf(DataType())}}, a[0]);
}
Result<Typed> SayIf(const Arguments& a) { return SayCase({{a[0], a[1]}}, a[2]); }
Result<Typed> SayEqualNull(const Arguments& a) { return SayBinary("<=>", a[0], a[1]); }

}  // namespace deltic::sparksql
