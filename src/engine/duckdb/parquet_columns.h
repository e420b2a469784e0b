// Owns what the columns of a Parquet file are in Delta's types, as Spark reads them, and which leaf of the file each
// is. Reads no file: it is given a footer's schema.
#pragma once

#include <parquet_types.h>

#include <optional>
#include <string>
#include <vector>

#include "deltic/result.h"
#include "schema/types.h"

namespace deltic {

// A leaf that can have statistics: reached through structs only.
struct ParquetLeaf {
  ColumnPath path;
  DataType type;
  size_t column = 0;            // its place among the chunks of a row group
  size_t element = 0;           // its place in the footer's schema
  bool may_be_null = false;     // itself or a struct around it
  bool only_nulls = false;      // the writer knew no other value
  bool is_unsigned = false;     // its numbers are
  int64_t micros_per_unit = 1;  // of a timestamp
};

struct ParquetColumns {
  Fields fields;  // every one may be NULL
  std::vector<ParquetLeaf> leaves;
  bool shredded_variants = false;  // some value of a variant has columns of its own
};

// Unsupported, naming the column, for a type that Delta does not have; Corrupt for a schema that is no tree.
Result<ParquetColumns> ReadParquetColumns(const std::vector<duckdb_parquet::SchemaElement>& schema);

}  // namespace deltic
