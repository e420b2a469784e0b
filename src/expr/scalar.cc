// Owns the exact order among values of different number types. Does not round: a long against a double, a decimal of 38
// digits against a double are decided by integer arithmetic where floating point cannot.
#include "expr/scalar.h"

#include <array>
#include <cmath>

#include "expr/decimal_text.h"

namespace deltic {
namespace {

using Unsigned128 = unsigned __int128;

template <class T>
std::weak_ordering Sign(const T& a, const T& b) {
  if (a < b) return std::weak_ordering::less;
  return b < a ? std::weak_ordering::greater : std::weak_ordering::equivalent;
}

std::weak_ordering Reverse(std::weak_ordering order) {
  return order < 0 ? std::weak_ordering::greater : order > 0 ? std::weak_ordering::less : order;
}

// A non-negative integer of up to 3,072 bits: 2^1074 * 10^400 * 2^127 is the largest product that Order needs.
class BigNatural {
 public:
  explicit BigNatural(Unsigned128 value) : limbs_{} {
    for (int i = 0; i < 4; ++i, value >>= 32) limbs_[i] = static_cast<uint32_t>(value);
    used_ = 4;
  }
  void Multiply(uint32_t factor) {
    uint64_t carry = 0;
    for (size_t i = 0; i < used_; ++i) {
      carry += uint64_t{limbs_[i]} * factor;
      limbs_[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0 && used_ < limbs_.size()) limbs_[used_++] = static_cast<uint32_t>(carry);
  }
  void TimesPowerOfTen(int exponent) {
    for (; exponent >= 9; exponent -= 9) Multiply(1000000000);
    for (; exponent > 0; --exponent) Multiply(10);
  }
  void TimesPowerOfTwo(int exponent) {
    for (; exponent >= 31; exponent -= 31) Multiply(uint32_t{1} << 31);
    if (exponent > 0) Multiply(uint32_t{1} << exponent);
  }
  std::weak_ordering Compare(const BigNatural& other) const {
    for (size_t i = limbs_.size(); i-- > 0;) {
      if (limbs_[i] != other.limbs_[i]) return Sign(limbs_[i], other.limbs_[i]);
    }
    return std::weak_ordering::equivalent;
  }

 private:
  std::array<uint32_t, 96> limbs_;
  size_t used_;
};

std::weak_ordering OrderReals(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Sign(std::isnan(a), std::isnan(b));
  return Sign(a, b);
}

std::weak_ordering OrderIntegerReal(int64_t a, double b) {
  if (std::isnan(b) || b >= 0x1p63) return std::weak_ordering::less;
  if (b < -0x1p63) return std::weak_ordering::greater;
  const double whole = std::trunc(b);
  const auto order = Sign(a, static_cast<int64_t>(whole));
  return order == 0 ? Sign(0.0, b - whole) : order;
}

std::weak_ordering OrderDecimals(Int128 a, int a_scale, Int128 b, int b_scale) {
  if (a_scale == b_scale) return Sign(a, b);
  if (a_scale > b_scale) return Reverse(OrderDecimals(b, b_scale, a, a_scale));
  // a has the smaller scale. When it does not fit at b's, it is further from zero than any 127 bits of b.
  const auto scaled = TimesPowerOfTen(a, b_scale - a_scale);
  return scaled ? Sign(*scaled, b) : Sign<Int128>(a, 0);
}

std::weak_ordering OrderDecimalReal(Int128 unscaled, int scale, double b) {
  if (std::isnan(b)) return std::weak_ordering::less;
  if (std::isinf(b)) return b > 0 ? std::weak_ordering::less : std::weak_ordering::greater;
  const int sign = unscaled < 0 ? -1 : unscaled > 0 ? 1 : 0;
  const int b_sign = b < 0 ? -1 : b > 0 ? 1 : 0;
  if (sign != b_sign || sign == 0) return Sign(sign, b_sign);
  // |unscaled| * 10^-scale against mantissa * 2^exponent, each side multiplied until both are whole.
  int exponent;
  const double fraction = std::frexp(std::fabs(b), &exponent);
  const auto mantissa = static_cast<uint64_t>(std::ldexp(fraction, 53));
  exponent -= 53;
  BigNatural left(sign < 0 ? -static_cast<Unsigned128>(unscaled) : static_cast<Unsigned128>(unscaled));
  BigNatural right(mantissa);
  (scale < 0 ? left : right).TimesPowerOfTen(std::abs(scale));
  (exponent < 0 ? left : right).TimesPowerOfTwo(std::abs(exponent));
  const auto order = left.Compare(right);
  return sign > 0 ? order : Reverse(order);
}

std::weak_ordering OrderNumbers(const Scalar& a, const Scalar& b) {
  if (a.tag == ScalarTag::kReal) {
    return b.tag == ScalarTag::kReal ? OrderReals(a.real, b.real) : Reverse(OrderNumbers(b, a));
  }
  if (a.tag == ScalarTag::kInteger) {
    if (b.tag == ScalarTag::kInteger) return Sign(a.integer, b.integer);
    if (b.tag == ScalarTag::kReal) return OrderIntegerReal(a.integer, b.real);
    return OrderDecimals(a.integer, 0, b.unscaled, b.scale);
  }
  if (b.tag == ScalarTag::kReal) return OrderDecimalReal(a.unscaled, a.scale, b.real);
  if (b.tag == ScalarTag::kInteger) return OrderDecimals(a.unscaled, a.scale, b.integer, 0);
  return OrderDecimals(a.unscaled, a.scale, b.unscaled, b.scale);
}

// Microseconds; wide because a date's days may be anything that 64 bits hold.
Int128 Micros(const Scalar& value) {
  constexpr Int128 kMicrosPerDay = 86400000000;
  return value.tag == ScalarTag::kDate ? value.integer * kMicrosPerDay : Int128{value.integer};
}

}  // namespace

ScalarTag TagOf(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return ScalarTag::kBoolean;
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return ScalarTag::kInteger;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return ScalarTag::kReal;
    case TypeKind::kDecimal:
      return ScalarTag::kDecimal;
    case TypeKind::kString:
      return ScalarTag::kString;
    case TypeKind::kBinary:
      return ScalarTag::kBinary;
    case TypeKind::kDate:
      return ScalarTag::kDate;
    case TypeKind::kTimestamp:
      return ScalarTag::kTimestamp;
    case TypeKind::kTimestampNtz:
      return ScalarTag::kTimestampNtz;
    default:
      return ScalarTag::kNone;
  }
}

bool IsNumber(ScalarTag tag) {
  return tag == ScalarTag::kInteger || tag == ScalarTag::kDecimal || tag == ScalarTag::kReal;
}

bool HaveOrder(ScalarTag a, ScalarTag b) {
  if (a == ScalarTag::kNone || b == ScalarTag::kNone) return false;
  if (a == b || (IsNumber(a) && IsNumber(b))) return true;
  return (a == ScalarTag::kDate && b == ScalarTag::kTimestampNtz) ||
         (a == ScalarTag::kTimestampNtz && b == ScalarTag::kDate);
}

Scalar ViewOf(const Literal& literal) {
  const ScalarTag tag = TagOf(literal.type);
  switch (tag) {
    case ScalarTag::kNone:
      return {};
    case ScalarTag::kBoolean:
      if (const auto* value = std::get_if<bool>(&literal.value)) return Scalar::Integer(tag, *value);
      return {};
    case ScalarTag::kReal:
      if (const auto* value = std::get_if<double>(&literal.value)) {
        // A float literal is the float nearest to what was written, whatever its maker left in the double.
        return Scalar::Real(literal.type.kind() == TypeKind::kFloat ? static_cast<float>(*value) : *value);
      }
      return {};
    case ScalarTag::kDecimal:
      if (const auto* value = std::get_if<Int128>(&literal.value)) return Scalar::Decimal(*value, literal.type.scale());
      return {};
    case ScalarTag::kString:
    case ScalarTag::kBinary:
      if (const auto* value = std::get_if<std::string>(&literal.value)) return Scalar::Bytes(tag, *value);
      return {};
    default:
      if (const auto* value = std::get_if<int64_t>(&literal.value)) return Scalar::Integer(tag, *value);
      return {};
  }
}

std::weak_ordering Order(const Scalar& a, const Scalar& b) {
  if (IsNumber(a.tag)) return OrderNumbers(a, b);
  if (a.tag == ScalarTag::kString || a.tag == ScalarTag::kBinary) {
    return a.bytes.compare(b.bytes) <=> 0;  // char_traits<char> compares as unsigned bytes
  }
  if (a.tag != b.tag) return Sign(Micros(a), Micros(b));
  return Sign(a.integer, b.integer);
}

}  // namespace deltic
