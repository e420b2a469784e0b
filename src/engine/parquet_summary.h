// Owns what the footer of a Parquet file says that Delta wants to know: its columns as Delta types, its rows, and
// statistics as far as they can be believed. Implemented in engine/duckdb/parquet_summary.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data_writer.h"
#include "schema/types.h"

namespace deltic {

struct ParquetSummary {
  std::string key;
  // As Spark reads such a file: every field may be NULL; unsigned integers are the next wider signed type, uint64
  // decimal(20,0); INT96 is timestamp; unannotated binary is binary; an element of a list has no name of its own.
  Fields schema;
  int64_t num_rows = 0;
  bool shredded_variants = false;              // which is a table feature of its own
  int64_t num_columns_without_statistics = 0;  // of those that could have some (see `statistics`)
  // Of fields through structs, not of lists, maps or what is in them, with exact counts of nulls. A column is left out
  // when its nulls are not told. Its bounds are left out when they cannot be believed: INT96; orders that the writer
  // may have got wrong (old fields for unsigned numbers and text); floating-point numbers of writers that leave NaN out
  // of account; dates and timestamps before 1582 of files in the hybrid calendar.
  std::vector<LeafStatistics> statistics;
};

}  // namespace deltic
