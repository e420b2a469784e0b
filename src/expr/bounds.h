// Owns what a minimum or maximum in statistics proves about a column: every way in which known writers cut, round or
// misprint bounds is undone here, outwards. Knows no JSON (expr/stats.cc) and no predicates (expr/prune.cc).
// Protocol: "Per-file Statistics", footnote 1 (strings are cut, timestamps are truncated to milliseconds).
#pragma once

#include <string_view>

#include "expr/scalar.h"

namespace deltic {

enum class BoundSide : uint8_t { kMin, kMax };

// Each returns a scalar that is at or below (kMin), at or above (kMax) every value the bound was computed from, or
// kNone when the bound proves nothing. The only exception is the maximum of strings: see IsAboveMax.

// `text` is a JSON number or the content of a JSON string.
Scalar DecimalBound(std::string_view text, int precision, BoundSide side);
Scalar DateBound(std::string_view text);
// `tag` is kTimestamp or kTimestampNtz.
Scalar TimestampBound(std::string_view text, ScalarTag tag, BoundSide side);
struct RealText {
  std::string_view text;           // a JSON number
  bool column_is_float = false;    // then so is the bound, in however many digits it was printed
  bool may_be_float_text = false;  // a double column that was float: the digits may be those that a float needs
};
Scalar RealBound(const RealText& number, BoundSide side);
Scalar StringBound(std::string_view bytes, BoundSide side);

// Whether no value of a string column with this maximum can equal or exceed `value`. Writers cut the maximum, some
// without raising it, so it stands for itself and for everything that begins with it.
bool IsAboveMax(std::string_view value, std::string_view max);

// Whether min and max contradict each other: then neither means anything.
bool Contradict(const Scalar& min, const Scalar& max);

}  // namespace deltic
