// Owns Scalar: a value to compare, without ownership and without allocation, and the one exact order among values that
// literals, partition values and bounds share. Does not parse and knows no columns.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "expr/literal.h"

namespace deltic {

// Which values have an order in common: kInteger, kDecimal and kReal among each other, kDate with kTimestampNtz, every
// other tag only with itself.
enum class ScalarTag : uint8_t {
  kNone,
  kBoolean,
  kInteger,
  kDecimal,
  kReal,
  kString,
  kBinary,
  kDate,
  kTimestamp,
  kTimestampNtz,
};

// A value; its bytes belong to someone else. Immutable by use, safe to share.
struct Scalar {
  ScalarTag tag = ScalarTag::kNone;
  int scale = 0;           // kDecimal: the value is unscaled * 10^-scale; may be negative or above 38
  int64_t integer = 0;     // kBoolean, kInteger, kDate (days), kTimestamp and kTimestampNtz (microseconds)
  double real = 0;         // kReal
  Int128 unscaled = 0;     // kDecimal
  std::string_view bytes;  // kString, kBinary

  static Scalar Integer(ScalarTag tag, int64_t value) { return {.tag = tag, .integer = value}; }
  static Scalar Real(double value) { return {.tag = ScalarTag::kReal, .real = value}; }
  static Scalar Decimal(Int128 unscaled, int scale) {
    return {.tag = ScalarTag::kDecimal, .scale = scale, .unscaled = unscaled};
  }
  static Scalar Bytes(ScalarTag tag, std::string_view bytes) { return {.tag = tag, .bytes = bytes}; }
};

// kNone for types without an order that planning may rely on (nested types, variant, void).
ScalarTag TagOf(const DataType& type);
bool IsNumber(ScalarTag tag);
bool HaveOrder(ScalarTag a, ScalarTag b);

// A view of a literal, which must outlive it. kNone for null, or when type and value do not belong together.
Scalar ViewOf(const Literal& literal);

// The order of a and b, which must HaveOrder. Exact: 9007199254740993 is above 9007199254740992.0. NaN = NaN, above
// all.
std::weak_ordering Order(const Scalar& a, const Scalar& b);

}  // namespace deltic
