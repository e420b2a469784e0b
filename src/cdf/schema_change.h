// Owns the question whether rows written under one schema of a table may be read under another one of it: what a change
// feed over several versions must ask of every schema in its range. Pure. Does not read rows (the engine does).
// Protocol: "Column Mapping", "Type Widening"; the rules are those of Delta Spark's change feed, but for widened types,
// which it refuses and which are read here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/types.h"

namespace deltic {

// What of a table's metadata says how its files are read. Values; safe to share.
struct TableShape {
  Fields schema;
  std::vector<std::string> partition_columns;  // logical names
  MappingMode mode = MappingMode::kNone;
};

struct ShapeComparison {
  const TableShape* rows = nullptr;  // under which the rows were written
  const TableShape* read = nullptr;  // under which they are to be read
  // Only what no reader could do: another type, another partitioning. For files that a range's first version removed,
  // which may lack columns or know them by other names, as Spark shows them.
  bool types_only = false;
  bool rows_are_newer = false;  // then columns that only the rows have are left out; else they were dropped
};

// Why not, naming the column ("column a is dropped"); nullopt when the rows can be read. Columns may have been added,
// types widened and NOT NULL lifted since; nothing may have been dropped, renamed, retyped or repartitioned.
std::optional<std::string> FindConflict(const ShapeComparison& comparison);

}  // namespace deltic
