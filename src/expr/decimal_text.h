// Owns the exact reading of a decimal number's text: digits, a point, an exponent. Rounds nothing and knows no columns;
// what does not fit is refused. Used for partition values and for bounds in statistics.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "expr/literal.h"

namespace deltic {

// The value is unscaled * 10^-scale. Trailing zeros are not part of `unscaled`, so `scale` may be negative: "1200" is
// 12 and -2. Zero is 0 and 0.
struct DecimalText {
  Int128 unscaled = 0;
  int scale = 0;
};

// [+-] digits [. digits] [e [+-] digits]. nullopt when the text is anything else, has more than 38 significant digits,
// or is so large or small that no type of Delta comes near it (|scale| > 400).
std::optional<DecimalText> ParseDecimalText(std::string_view text);

// value * 10^exponent when it fits 127 bits and, for a negative exponent, loses no digit.
std::optional<Int128> TimesPowerOfTen(Int128 value, int exponent);

// "-1.50" for -150 and 2.
std::string FormatDecimal(Int128 unscaled, int scale);

}  // namespace deltic
