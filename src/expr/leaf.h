// Owns the test of one column against literals: exactly, for a known value, and "may it be TRUE?", for a range.
// Does not resolve names (expr/predicate_tree.cc) and reads no files.
#pragma once

#include <vector>

#include "expr/predicate.h"
#include "expr/scalar.h"
#include "expr/stats.h"

namespace deltic {

// One column, one test. All tests but kIsNull are TRUE for no null. Immutable once built, safe to share.
struct Leaf {
  enum class Test : uint8_t { kCompare, kIn, kNotIn, kStartsWith, kNotStartsWith, kIsNull, kIsNotNull };
  Test test = Test::kIsNotNull;
  CompareOp op = CompareOp::kEq;  // kCompare: not one of the null-safe ones
  // Never null. kCompare and kStartsWith: one. kIn, kNotIn: sorted, unless `linear`.
  std::vector<Scalar> literals;
  ScalarTag tag = ScalarTag::kNone;  // of the column
  int partition = -1;                // index of the partition column, or
  int column = -1;                   // of the column in the statistics

  // An engine may compare after casting both sides to double or float, which rounds: then TRUE in either way counts.
  bool rounds_to_double = false;
  bool rounds_to_float = false;
  bool linear = false;        // literals hold a NaN or are rounded: no binary search
  bool nan_free = false;      // rows for which the whole predicate is TRUE hold no NaN in this column
  bool exact_bounds = false;  // a minimum that equals the maximum is the value of every row
  bool counts_nulls = true;   // nullCount 0 proves that no row is null (not so below a nullable struct)
};

// Whether the test is TRUE for this value; kNone is null. Errs towards true only where engines round differently.
bool IsTrueFor(const Leaf& leaf, const Scalar& value);

// Whether the test may be TRUE for some row of a file with these statistics.
bool MayBeTrue(const Leaf& leaf, const ColumnStats& stats, int64_t num_records);

}  // namespace deltic
