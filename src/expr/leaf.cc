// Owns the rules by which a range of values refutes a test. See leaf.h.
#include "expr/leaf.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "expr/bounds.h"

namespace deltic {
namespace {

// What is known of a column's values. kNone: no bound on that side. An exact value has itself as both.
struct Range {
  Scalar min;
  Scalar max;
  bool max_is_cut = false;     // a string maximum stands for everything that begins with it
  bool max_skips_nan = false;  // NaN may be among the values and is above the maximum
};

bool Known(const Scalar& bound) { return bound.tag != ScalarTag::kNone; }
bool IsNan(const Scalar& value) { return value.tag == ScalarTag::kReal && std::isnan(value.real); }

bool AllBelow(const Range& range, const Scalar& literal) {
  if (!Known(range.max)) return false;
  if (range.max_is_cut) return IsAboveMax(literal.bytes, range.max.bytes);
  return Order(range.max, literal) < 0;
}

bool NoneAbove(const Range& range, const Scalar& literal) {
  if (!Known(range.max)) return false;
  if (range.max_is_cut) return IsAboveMax(literal.bytes, range.max.bytes);
  return Order(range.max, literal) <= 0;
}

// Whether no value in the range makes "value op literal" TRUE.
bool Refutes(const Range& range, CompareOp op, const Scalar& literal, bool exact) {
  switch (op) {
    case CompareOp::kLt:
      return Known(range.min) && Order(range.min, literal) >= 0;
    case CompareOp::kLe:
      return Known(range.min) && Order(range.min, literal) > 0;
    case CompareOp::kGt:
      return !range.max_skips_nan && NoneAbove(range, literal);
    case CompareOp::kGe:
      return !range.max_skips_nan && AllBelow(range, literal);
    case CompareOp::kEq:
      if (Known(range.min) && Order(range.min, literal) > 0) return true;
      return (!range.max_skips_nan || !IsNan(literal)) && AllBelow(range, literal);
    case CompareOp::kNe:
      return exact && Known(range.min) && Known(range.max) && Order(range.min, range.max) == 0 &&
             Order(range.min, literal) == 0;
    case CompareOp::kNullSafeEq:
    case CompareOp::kNullSafeNe:
      break;  // the tree holds none
  }
  return false;
}

struct Nearest {
  double below;
  double above;
};

// Doubles around a number, as an engine's cast may produce them: the cast of a decimal is not always the nearest one.
Nearest AsDouble(const Scalar& value) {
  if (value.tag == ScalarTag::kReal) return {value.real, value.real};
  if (value.tag == ScalarTag::kInteger) {
    const auto real = static_cast<double>(value.integer);
    return {real, real};
  }
  const auto real = static_cast<double>(static_cast<long double>(value.unscaled) *
                                        std::pow(10.0L, static_cast<long double>(-value.scale)));
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {std::nextafter(std::nextafter(real, -kInfinity), -kInfinity),
          std::nextafter(std::nextafter(real, kInfinity), kInfinity)};
}

Scalar Rounded(const Scalar& value, bool to_float, bool up) {
  if (!Known(value)) return value;
  const Nearest nearest = AsDouble(value);
  const double real = up ? nearest.above : nearest.below;
  return Scalar::Real(to_float ? static_cast<float>(real) : real);
}

// As Refutes, after both sides have been cast. A decimal literal becomes a small interval, all others one point.
bool RefutesRounded(const Range& range, CompareOp op, const Scalar& literal, bool to_float) {
  const Range rounded{Rounded(range.min, to_float, false), Rounded(range.max, to_float, true), false,
                      range.max_skips_nan};
  const Scalar low = Rounded(literal, to_float, false);
  const Scalar high = Rounded(literal, to_float, true);
  if (Order(low, high) == 0) return Refutes(rounded, op, low, true);
  if (op == CompareOp::kNe) return false;
  if (op == CompareOp::kEq) return Refutes(rounded, CompareOp::kLe, high, true) || AllBelow(rounded, low);
  return Refutes(rounded, op, low, true) && Refutes(rounded, op, high, true);
}

bool RefutesBothWays(const Leaf& leaf, const Range& range, CompareOp op, const Scalar& literal, bool exact) {
  return Refutes(range, op, literal, exact) && (!leaf.rounds_to_double || RefutesRounded(range, op, literal, false)) &&
         (!leaf.rounds_to_float || RefutesRounded(range, op, literal, true));
}

const auto kBefore = [](const Scalar& a, const Scalar& b) { return Order(a, b) < 0; };

bool RefutesIn(const Leaf& leaf, const Range& range) {
  if (leaf.linear) {
    return std::all_of(leaf.literals.begin(), leaf.literals.end(), [&](const Scalar& literal) {
      return RefutesBothWays(leaf, range, CompareOp::kEq, literal, false);
    });
  }
  // Literals ascend: the first that is not below the minimum decides, for the next ones are further from the maximum
  // (and those that begin with a cut maximum follow it without a gap).
  auto first = leaf.literals.begin();
  if (Known(range.min)) first = std::lower_bound(first, leaf.literals.end(), range.min, kBefore);
  return first == leaf.literals.end() || AllBelow(range, *first);
}

bool RefutesNotIn(const Leaf& leaf, const Range& range, bool exact) {
  if (!exact || !Known(range.min) || !Known(range.max) || Order(range.min, range.max) != 0) return false;
  if (leaf.linear) {
    return std::any_of(leaf.literals.begin(), leaf.literals.end(), [&](const Scalar& literal) {
      return RefutesBothWays(leaf, range, CompareOp::kNe, literal, true);
    });
  }
  return std::binary_search(leaf.literals.begin(), leaf.literals.end(), range.min, kBefore);
}

bool RefutesPrefix(const Range& range, std::string_view prefix) {
  if (Known(range.min) && range.min.bytes > prefix && !range.min.bytes.starts_with(prefix)) return true;
  return Known(range.max) && IsAboveMax(prefix, range.max.bytes);
}

bool RefutesLeaf(const Leaf& leaf, const Range& range, bool exact) {
  switch (leaf.test) {
    case Leaf::Test::kCompare:
      return RefutesBothWays(leaf, range, leaf.op, leaf.literals[0], exact);
    case Leaf::Test::kIn:
      return RefutesIn(leaf, range);
    case Leaf::Test::kNotIn:
      return RefutesNotIn(leaf, range, exact);
    case Leaf::Test::kStartsWith:
      return RefutesPrefix(range, leaf.literals[0].bytes);
    default:
      return false;
  }
}

}  // namespace

bool IsTrueFor(const Leaf& leaf, const Scalar& value) {
  const bool is_null = !Known(value);
  if (leaf.test == Leaf::Test::kIsNull) return is_null;
  if (is_null) return false;
  switch (leaf.test) {
    case Leaf::Test::kStartsWith:
      return value.bytes.starts_with(leaf.literals[0].bytes);
    case Leaf::Test::kNotStartsWith:
      return !value.bytes.starts_with(leaf.literals[0].bytes);
    default:
      return !RefutesLeaf(leaf, Range{value, value}, true);
  }
}

bool MayBeTrue(const Leaf& leaf, const ColumnStats& stats, int64_t num_records) {
  if (leaf.test == Leaf::Test::kIsNull) return !(stats.null_count == 0 && leaf.counts_nulls);
  if (num_records > 0 && stats.null_count == num_records) return false;
  const Range range{stats.min, stats.max, leaf.tag == ScalarTag::kString,
                    leaf.tag == ScalarTag::kReal && !leaf.nan_free};
  return !RefutesLeaf(leaf, range, leaf.exact_bounds);
}

}  // namespace deltic
