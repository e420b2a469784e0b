// Owns the statistics of a new data file as JSON: which columns have them, and how their bounds are written so that no
// reader is misled. Computes none (the engine does). Protocol: "Per-file Statistics".
#pragma once

#include <set>
#include <string>

#include "engine/data_writer.h"
#include "features/features.h"
#include "schema/types.h"

namespace deltic {

// The columns that have statistics, by physical path: as Spark chooses them, the first so many of the table's data
// columns (a struct's fields count one by one, a list or map counts one), or those that the table names.
std::set<ColumnPath> StatisticsColumns(const Fields& schema, const std::vector<std::string>& partition_columns,
                                       const TableConfig& config);

// {"numRecords":3,"minValues":{...},"maxValues":{...},"nullCount":{...},"tightBounds":true}
//   strings      at most `prefix` characters; a cut maximum gets a character above what was cut, or there is none
//   timestamps   milliseconds where they are whole, else exactly
//   NaN          its column has no bounds; infinite bounds are left out
// Bounds for what Spark has them for: numbers, dates, timestamps, strings.
std::string StatisticsJson(const WrittenFile& file, const std::set<ColumnPath>& columns, int prefix);

}  // namespace deltic
