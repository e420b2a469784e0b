// Owns the rules of exactness. Each names what makes it necessary.
#include "expr/exact.h"

namespace deltic {
namespace {

// See bounds.cc: decimals of up to so many digits survive the doubles that some writers compute them with.
constexpr int kDoubleSafeDigits = 15;
constexpr Int128 kDoubleSafeLimit = 1'000'000'000'000'000;
// Before it, dates were written by two calendars.
constexpr int64_t kFirstGregorianDay = -141427;  // 1582-10-15
constexpr int64_t kFirstDayOfYear10000 = 2932897;

std::optional<Literal> ExactDecimal(const Scalar& bound, const DataType& type) {
  Int128 unscaled = bound.unscaled;
  // What DecimalBound widened has 36 digits.
  if (bound.scale < 0 || unscaled >= kDoubleSafeLimit || unscaled <= -kDoubleSafeLimit) return std::nullopt;
  for (int scale = bound.scale; scale > type.scale(); --scale) {
    if (unscaled % 10 != 0) return std::nullopt;  // more digits than the column holds
    unscaled /= 10;
  }
  for (int scale = bound.scale; scale < type.scale(); ++scale) unscaled *= 10;
  Int128 limit = 1;
  for (int digit = 0; digit < type.precision(); ++digit) limit *= 10;
  if (unscaled >= limit || unscaled <= -limit) return std::nullopt;
  return Literal{type, unscaled};
}

bool FitsInteger(int64_t value, TypeKind kind) {
  switch (kind) {
    case TypeKind::kByte:
      return value >= INT8_MIN && value <= INT8_MAX;
    case TypeKind::kShort:
      return value >= INT16_MIN && value <= INT16_MAX;
    case TypeKind::kInteger:
      return value >= INT32_MIN && value <= INT32_MAX;
    default:
      return true;
  }
}

std::optional<Literal> ExactBound(const Scalar& bound, const DataType& type) {
  if (bound.tag != TagOf(type)) return std::nullopt;
  switch (bound.tag) {
    case ScalarTag::kBoolean:
      return Literal{type, bound.integer != 0};
    case ScalarTag::kInteger:
      if (!FitsInteger(bound.integer, type.kind())) return std::nullopt;
      return Literal{type, bound.integer};
    case ScalarTag::kDate:
      if (bound.integer < kFirstGregorianDay || bound.integer >= kFirstDayOfYear10000) return std::nullopt;
      return Literal{type, bound.integer};
    case ScalarTag::kDecimal:
      return ExactDecimal(bound, type);
    default:
      return std::nullopt;
  }
}

}  // namespace

bool HasExactBounds(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
    case TypeKind::kDate:
      return true;
    case TypeKind::kDecimal:
      return type.precision() <= kDoubleSafeDigits;
    default:
      return false;
  }
}

bool HasExactNullCount(const DataType& type) {
  return !type.nested() && type.kind() != TypeKind::kVariant && type.kind() != TypeKind::kVoid;
}

ExactColumn ReadExact(const ExactFile& file, const ColumnStats& stats, const DataType& type) {
  const Literal none = Literal::Null(type);
  if (file.live_rows == 0) return {.values = 0, .min = none, .max = none};
  const int64_t nulls = HasExactNullCount(type) ? stats.null_count : -1;
  if (nulls > file.num_records) return {};  // statistics that cannot be right
  const bool bounded = stats.min.tag != ScalarTag::kNone || stats.max.tag != ScalarTag::kNone;
  if (nulls == file.num_records) {
    if (bounded) return {};
    return {.values = 0, .min = none, .max = none};
  }
  // Wide bounds are of all the rows that the file holds, deleted ones too. With a deletion vector the writer has to
  // say that they are not: older ones do not know the word.
  const bool tight = file.has_deletion_vector ? file.tight_bounds == true : file.tight_bounds != false;
  ExactColumn exact;
  // No NULL at all stays so whatever is deleted. Any other count with a deletion vector may be of all rows.
  if (nulls == 0) {
    exact.values = file.live_rows;
  } else if (nulls > 0 && tight && !file.has_deletion_vector) {
    exact.values = file.num_records - nulls;
  }
  if (tight && HasExactBounds(type)) {
    exact.min = ExactBound(stats.min, type);
    exact.max = ExactBound(stats.max, type);
  }
  return exact;
}

}  // namespace deltic
