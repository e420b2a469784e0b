// Owns the exact reading and printing of decimal numbers. Does not round.
#include "expr/decimal_text.h"

#include <algorithm>
#include <cstdlib>

namespace deltic {
namespace {

constexpr int kMaxDigits = 38;
constexpr int kMaxScale = 400;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<DecimalText> ParseDecimalText(std::string_view text) {
  size_t at = 0;
  bool negative = false;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) negative = text[at++] == '-';

  Int128 unscaled = 0;
  int digits = 0;        // in `unscaled`
  int64_t zeros = 0;     // zeros seen since the last other digit, not yet in `unscaled`
  int64_t fraction = 0;  // digits after the point
  bool any = false;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!IsDigit(c)) break;
    any = true;
    if (point) ++fraction;
    if (c == '0') {
      if (unscaled != 0) ++zeros;
      continue;
    }
    if (digits + (unscaled != 0 ? zeros : 0) + 1 > kMaxDigits) return std::nullopt;
    for (; zeros > 0; --zeros, ++digits) unscaled *= 10;
    unscaled = unscaled * 10 + (c - '0');
    ++digits;
  }
  if (!any) return std::nullopt;

  int64_t exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool down = false;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) down = text[at++] == '-';
    const size_t start = at;
    for (; at < text.size() && IsDigit(text[at]); ++at)
      exponent = std::min<int64_t>(exponent * 10 + (text[at] - '0'), 1 << 30);
    if (at == start) return std::nullopt;
    if (down) exponent = -exponent;
  }
  if (at != text.size()) return std::nullopt;
  if (unscaled == 0) return DecimalText{};
  const int64_t scale = fraction - zeros - exponent;
  if (std::abs(scale) > kMaxScale) return std::nullopt;
  return DecimalText{negative ? -unscaled : unscaled, static_cast<int>(scale)};
}

std::optional<Int128> TimesPowerOfTen(Int128 value, int exponent) {
  if (value == 0) return value;
  for (; exponent > 0; --exponent) {
    if (__builtin_mul_overflow(value, static_cast<Int128>(10), &value)) return std::nullopt;
  }
  for (; exponent < 0; ++exponent) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  return value;
}

std::string FormatDecimal(Int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  unsigned __int128 rest =
      negative ? -static_cast<unsigned __int128>(unscaled) : static_cast<unsigned __int128>(unscaled);
  std::string digits;
  for (; rest != 0; rest /= 10) digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  while (static_cast<int>(digits.size()) <= scale) digits.push_back('0');
  if (digits.empty()) digits.push_back('0');
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return negative ? "-" + digits : digits;
}

}  // namespace deltic
