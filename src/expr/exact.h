// Owns the question "is this statistic the very minimum, maximum or count, and not only a bound?", to answer queries
// without reading. Errs only towards "not known". Does not read JSON (expr/stats.h) and does not decide what a bound
// proves for skipping (expr/bounds.h). Protocol: "Per-file Statistics".
#pragma once

#include <optional>

#include "expr/stats.h"

namespace deltic {

// Whether minima and maxima of a column of this type can ever be told from statistics. False where writers cut or round
// what they write and do not say so: strings and binary (cut to a prefix), timestamps (cut to milliseconds, and to the
// writer's time zone), float and double (NaN and the sign of zero), decimals of more than 15 digits (some writers
// compute them as doubles), and all that has no order.
bool HasExactBounds(const DataType& type);
// Whether a null count of a column of this type counts its own NULLs: those of structs, arrays and maps may count
// their parts.
bool HasExactNullCount(const DataType& type);

// What one file's statistics tell of a column of live rows.
struct ExactColumn {
  std::optional<int64_t> values;  // rows that are not NULL
  std::optional<Literal> min;     // a null literal: there is no value; nullopt: not known
  std::optional<Literal> max;
};

// What is known of the file beside its statistics.
struct ExactFile {
  int64_t num_records = 0;  // from the statistics
  int64_t live_rows = 0;    // num_records without deleted rows
  bool has_deletion_vector = false;
  std::optional<bool> tight_bounds;
};

ExactColumn ReadExact(const ExactFile& file, const ColumnStats& stats, const DataType& type);

}  // namespace deltic
