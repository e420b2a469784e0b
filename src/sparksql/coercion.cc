// Owns CommonType and DecimalResult.
#include "sparksql/coercion.h"

#include <algorithm>

namespace deltic::sparksql {
namespace {

std::optional<DataType> DecimalOrNone(int precision, int scale) {
  if (precision > 38) return std::nullopt;
  return DataType::Decimal(std::max(precision, 1), scale);
}

// As above, and where the digits do not fit: decimal(38, scale) when Spark keeps the scale and lets the row fail where
// the whole part does not fit. Where it would cut the scale there is none.
std::optional<DataType> DecimalOrBounded(int precision, int scale) {
  if (precision <= 38) return DecimalOrNone(precision, scale);
  const int kept = std::max(38 - (precision - scale), std::min(scale, 6));
  if (kept != scale) return std::nullopt;
  return DataType::Decimal(38, scale);
}

// A string goes to the other's type, an integral one counting as bigint and a fractional one as double.
std::optional<DataType> PromoteString(const DataType& other) {
  if (IsIntegral(other)) return DataType(TypeKind::kLong);
  if (IsNumeric(other)) return DataType(TypeKind::kDouble);
  if (IsAtomic(other)) return other;
  return std::nullopt;
}

}  // namespace

bool IsIntegral(const DataType& type) { return type.kind() >= TypeKind::kByte && type.kind() <= TypeKind::kLong; }
bool IsFloating(const DataType& type) { return type.kind() == TypeKind::kFloat || type.kind() == TypeKind::kDouble; }
bool IsNumeric(const DataType& type) { return type.kind() >= TypeKind::kByte && type.kind() <= TypeKind::kDecimal; }
bool IsTime(const DataType& type) { return type.kind() >= TypeKind::kDate && type.kind() <= TypeKind::kTimestampNtz; }
bool IsAtomic(const DataType& type) { return type.kind() <= TypeKind::kTimestampNtz; }

DataType DecimalFor(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kByte:
      return DataType::Decimal(3, 0);
    case TypeKind::kShort:
      return DataType::Decimal(5, 0);
    case TypeKind::kInteger:
      return DataType::Decimal(10, 0);
    case TypeKind::kLong:
      return DataType::Decimal(20, 0);
    default:
      return type;
  }
}

std::optional<DataType> CommonType(const DataType& one, const DataType& two) {
  if (one == two) return one;
  if (one.kind() == TypeKind::kVoid) return two;
  if (two.kind() == TypeKind::kVoid) return one;
  if (one.kind() == TypeKind::kString) return PromoteString(two);
  if (two.kind() == TypeKind::kString) return PromoteString(one);
  if (IsNumeric(one) && IsNumeric(two)) {
    const bool decimal = one.kind() == TypeKind::kDecimal || two.kind() == TypeKind::kDecimal;
    if (IsFloating(one) || IsFloating(two)) {
      const bool both_float = one.kind() == TypeKind::kFloat && two.kind() == TypeKind::kFloat;
      return DataType(both_float ? TypeKind::kFloat : TypeKind::kDouble);
    }
    if (!decimal) return one.kind() > two.kind() ? one : two;
    const DataType left = DecimalFor(one);
    const DataType right = DecimalFor(two);
    const int scale = std::max(left.scale(), right.scale());
    return DecimalOrNone(std::max(left.precision() - left.scale(), right.precision() - right.scale()) + scale, scale);
  }
  if (IsTime(one) && IsTime(two)) {
    const bool zoned = one.kind() == TypeKind::kTimestamp || two.kind() == TypeKind::kTimestamp;
    return DataType(zoned ? TypeKind::kTimestamp : TypeKind::kTimestampNtz);
  }
  return std::nullopt;
}

std::optional<DataType> DecimalResult(char op, const DataType& one, const DataType& two) {
  const int p1 = one.precision();
  const int s1 = one.scale();
  const int p2 = two.precision();
  const int s2 = two.scale();
  switch (op) {
    case '+':
    case '-': {
      const int scale = std::max(s1, s2);
      return DecimalOrBounded(std::max(p1 - s1, p2 - s2) + scale + 1, scale);
    }
    case '*':
      return DecimalOrBounded(p1 + p2 + 1, s1 + s2);
    case '/': {
      const int scale = std::max(6, s1 + p2 + 1);
      return DecimalOrNone(p1 - s1 + s2 + scale, scale);
    }
    case '%': {
      const int scale = std::max(s1, s2);
      return DecimalOrNone(std::min(p1 - s1, p2 - s2) + scale, scale);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace deltic::sparksql
