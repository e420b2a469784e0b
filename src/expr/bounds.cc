// Owns the outward reading of bounds. Each rule names the writer that made it necessary.
#include "expr/bounds.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/time.h"
#include "expr/decimal_text.h"

namespace deltic {
namespace {

// A decimal of up to 15 digits survives a double unharmed. A longer one may have been rounded on its way into the
// statistics even when its text is short (0.1000000000000000055 becomes 0.1): delta-rs divides an integer by a power of
// ten as doubles, four roundings of at most 2^-53 each. Taken together 2^-51; twice that is allowed for.
constexpr int kDoubleSafeDigits = 15;
constexpr int kLossyShift = 50;

constexpr int64_t kMicrosPerMilli = 1000;
constexpr int64_t kMicrosPerSecond = 1000000;
// Before 1972 some zones were off UTC by odd seconds. Spark prints statistics in its session's zone and cuts the
// seconds of the offset ("-07:52" for -07:52:58), so what is read back can be off by up to a minute.
constexpr int64_t kFirstWholeMinuteZones = 2 * 365 * 86400 * kMicrosPerSecond;
constexpr int64_t kZoneSlack = 60 * kMicrosPerSecond;

int DigitsOf(Int128 value) {
  int digits = 0;
  for (; value != 0; value /= 10) ++digits;
  return digits;
}

int64_t AddSaturated(int64_t value, int64_t delta) {
  int64_t sum;
  if (!__builtin_add_overflow(value, delta, &sum)) return sum;
  return delta < 0 ? INT64_MIN : INT64_MAX;
}

// A cut in the middle of a character leaves U+FFFD in its place, which is above the character in a minimum and may be
// below it in a maximum; and older Spark raised a cut maximum by U+FFFD, which UTF-16 puts above every other character
// and UTF-8 below U+10000.
std::string_view WithoutReplacement(std::string_view bytes) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  while (bytes.ends_with(kReplacement)) bytes.remove_suffix(kReplacement.size());
  return bytes;
}

constexpr std::string_view kLongMin = "-9223372036854775808";
constexpr std::string_view kLongMax = "9223372036854775807";

template <class Real>
std::optional<Real> Finite(std::string_view text) {
  Real value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

Scalar DecimalBound(std::string_view text, int precision, BoundSide side) {
  auto parsed = ParseDecimalText(text);
  if (!parsed) return {};
  // delta-rs (1.6.6) writes a bound of decimal(p,0) through a 64-bit integer, at whose ends it stops: beyond them lies
  // anything.
  if (text == (side == BoundSide::kMin ? kLongMin : kLongMax)) return {};
  const bool has_exponent = text.find_first_of("eE") != std::string_view::npos;
  if (precision <= kDoubleSafeDigits && !has_exponent && DigitsOf(parsed->unscaled) <= kDoubleSafeDigits) {
    return Scalar::Decimal(parsed->unscaled, parsed->scale);
  }
  // More digits first, so that the slack is as small as it can be.
  while (DigitsOf(parsed->unscaled) < 36 && parsed->unscaled != 0) {
    parsed->unscaled *= 10;
    ++parsed->scale;
  }
  const Int128 size = parsed->unscaled < 0 ? -parsed->unscaled : parsed->unscaled;
  const Int128 slack = size == 0 ? 0 : (size >> kLossyShift) + 1;
  return Scalar::Decimal(side == BoundSide::kMin ? parsed->unscaled - slack : parsed->unscaled + slack, parsed->scale);
}

Scalar DateBound(std::string_view text) {
  const auto days = ParseDateDays(text);
  return days.ok() ? Scalar::Integer(ScalarTag::kDate, *days) : Scalar{};
}

Scalar TimestampBound(std::string_view text, ScalarTag tag, BoundSide side) {
  const auto parsed = ParseTimestampMicros(text);
  if (!parsed.ok()) return {};
  int64_t micros = *parsed;
  // Truncated to milliseconds, or to seconds if the writer printed no fraction; towards zero before 1970 for all we
  // know.
  const int64_t unit = text.find('.') == std::string_view::npos ? kMicrosPerSecond : kMicrosPerMilli;
  if (side == BoundSide::kMax) micros = AddSaturated(micros, unit - 1);
  if (side == BoundSide::kMin && micros < 0) micros = AddSaturated(micros, 1 - unit);
  if (*parsed < kFirstWholeMinuteZones)
    micros = AddSaturated(micros, side == BoundSide::kMax ? kZoneSlack : -kZoneSlack);
  return Scalar::Integer(tag, micros);
}

Scalar RealBound(const RealText& number, BoundSide side) {
  const auto narrow = Finite<float>(number.text);
  if (number.column_is_float) return narrow ? Scalar::Real(*narrow) : Scalar{};
  const auto wide = Finite<double>(number.text);
  if (!wide) return {};
  if (!number.may_be_float_text || !narrow) return Scalar::Real(*wide);
  return Scalar::Real(side == BoundSide::kMin ? std::min<double>(*wide, *narrow) : std::max<double>(*wide, *narrow));
}

Scalar StringBound(std::string_view bytes, BoundSide side) {
  bytes = WithoutReplacement(bytes);
  // Java writes '?' for half a surrogate pair, below what stood there.
  if (side == BoundSide::kMax && bytes.ends_with('?')) bytes.remove_suffix(1);
  return Scalar::Bytes(ScalarTag::kString, bytes);
}

bool IsAboveMax(std::string_view value, std::string_view max) { return value > max && !value.starts_with(max); }

bool Contradict(const Scalar& min, const Scalar& max) {
  if (min.tag == ScalarTag::kNone || max.tag == ScalarTag::kNone) return false;
  if (min.tag == ScalarTag::kString) return IsAboveMax(min.bytes, max.bytes);
  return Order(min, max) > 0;
}

}  // namespace deltic
