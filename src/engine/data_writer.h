// Owns what deltic asks of the engine when rows become data files: an input of rows, the columns of the files as
// expressions over it, the checks each row must pass, and what came of it. No DuckDB type, no AddFile (write/ makes
// those). Implemented in engine/duckdb/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "expr/literal.h"
#include "schema/types.h"
#include "storage/object_store.h"

namespace deltic {

// Rows on their way into files: an Arrow stream, a query, a scan. Used once. One thread at a time.
class RowInput {
 public:
  virtual ~RowInput() = default;
  // Its columns as Delta types (physical names, logical meaning; no metadata). Unsigned integers are the next wider
  // signed type, uint64 decimal(20,0); nanoseconds are microseconds; types without a Delta counterpart are refused when
  // the input is opened, by column.
  virtual const Fields& schema() const = 0;
};

// SQL text that is made here may call, besides the engine's own functions:
//   deltic_refuse(code INTEGER, message VARCHAR) -> VARCHAR   fails the write with that Code and message
//   deltic_parse_variant(VARCHAR) -> STRUCT(metadata BLOB, "value" BLOB)
//       the two binary fields of the variant that a JSON text says, as Spark's parse_json reads it

// A column that a step makes for the next one.
struct StepColumn {
  std::string name;
  std::string sql;
};

// One column of the files (or one that splits rows into files).
struct OutputColumn {
  // Named as in the file (its physical name; nested fields too), with field ids (delta.columnMapping.id) where ids are
  // to be written. Its type is exactly the file's.
  StructField field;
  // The engine's SQL over the input's columns (those of the last step, when there are steps), of exactly field.type but
  // for the names of nested fields, which are taken from field.type by position: casts are in it (write/ makes them).
  // A variant is STRUCT(metadata BLOB, "value" BLOB) here.
  std::string sql;
};

// What must be true of each row, or the whole write fails with ConstraintViolation.
struct RowCheck {
  std::string sql;                // boolean over the same columns as WriteSpec::columns; false and NULL fail
  std::string failure;            // the error's beginning: "CHECK constraint positive (a > 0) is violated"
  std::vector<StepColumn> shown;  // whose values the error shows: "name = value, ..."
};

struct ParquetOptions {
  std::string compression = "snappy";  // snappy, zstd, gzip, lz4_raw, brotli, uncompressed
  std::optional<int> compression_level;
  int64_t row_group_rows = 0;   // 0: the engine's choice (122,880)
  int64_t row_group_bytes = 0;  // 0: no limit
  std::optional<int64_t> dictionary_size_limit;
  bool bloom_filters = true;
  std::optional<double> bloom_filter_false_positive_ratio;
  bool format_v2 = false;  // Parquet's V2 encodings
};

// The order in which rows stand in the files.
struct RowOrder {
  std::string sql;  // over the table's columns, of any type that sorts; "": none is asked for
  // Given where `sql` is a UBIGINT: numbers, ascending, that cut the rows into about equal shares, as a sample of them
  // says. Rows are then sorted share by share, which is much cheaper; the order is the same.
  std::vector<uint64_t> bounds;
  int64_t expected_rows = 0;  // with `bounds`: about how many rows will come
};

struct WriteSpec {
  std::shared_ptr<ObjectStore> store;
  // Each step's columns are made from the columns of the one before it, the first step's from the input's; they replace
  // them. Empty: the input's columns are used as they are.
  std::vector<std::vector<StepColumn>> steps;
  std::vector<OutputColumn> columns;  // in file order
  std::vector<OutputColumn>
      partitions;  // in the order of partitionColumns; their values are not written into the files
  // All rows are of this partition: a value for each of `partitions`, whose SQL is not evaluated then.
  std::optional<std::vector<Literal>> one_partition;
  std::vector<RowCheck> checks;
  RowOrder order;                 // over the last step's columns; none keeps no order but for keep_order
  bool keep_order = false;        // rows stand in the files as they come (not with more than one partition)
  int64_t target_file_bytes = 0;  // 0: no limit; a file is closed at the first row group that passes it
  ParquetOptions parquet;
  // The key of a new data file for rows of these partition values. Called from any thread.
  std::function<std::string(const std::vector<Literal>& partition)> new_key;
};

// Of one column of one file, exactly as the rows have it: every field that is no struct, through structs but not into
// lists and maps (those are one entry each: their own nulls, no bounds).
struct LeafStatistics {
  ColumnPath path;             // names as in the file
  std::optional<Literal> min;  // nullopt: none known (all NULL, too long, NaN, or a type without an order). Not above
  std::optional<Literal> max;  // (not below) any value; of long strings perhaps not a value itself
  int64_t null_count = 0;      // rows in which it or a struct around it is NULL
  bool has_nan = false;        // a float or double has NaN among its values: it then has no bounds
};

struct WrittenFile {
  std::string key;
  int64_t size_bytes = 0;
  int64_t num_rows = 0;
  std::vector<Literal> partition;  // one for each of WriteSpec::partitions
  std::vector<LeafStatistics> statistics;
};

}  // namespace deltic
