// Owns matching a table's columns with the columns of one Parquet file, by name or by field id, all the way down.
// Pure. Protocol: "Reader Requirements for Column Mapping".
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>

#include "schema/types.h"

namespace deltic {

using ColumnDefinitions = duckdb::vector<duckdb::MultiFileColumnDefinition>;

// The table's columns as DuckDB's multi-file reader wants them; identifiers are filled per file by MatchColumns.
ColumnDefinitions MakeColumns(const Fields& fields);

// Gives list elements and map entries of a file's columns the names that DuckDB's mapper goes by, whatever the writer
// called them ("bag", "array", "entries", ...): those names carry no meaning.
void UseStandardNames(ColumnDefinitions& file_columns);

// `columns` (one for each of `fields`, then perhaps more, matched by their own names) with each part's identifier set
// to the name that this file uses for it, or to a name that no column has where the file lacks it (it is then NULL).
// Throws Corrupt when a file's column has a type that the table's column cannot be read from, naming file and column.
ColumnDefinitions MatchColumns(const ColumnDefinitions& columns, const Fields& fields, MappingMode mode,
                               const ColumnDefinitions& file_columns, const std::string& file);

}  // namespace deltic
