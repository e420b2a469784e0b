// Owns the question what of a table would break when a column is renamed, dropped or changed. Pure.
#pragma once

#include <string>
#include <vector>

#include "alter/definition.h"

namespace deltic {

// "the CHECK constraint c (a > 0)", "the generated column g (a + 1)": all whose expressions use the column, or
// something inside it. An expression that this build cannot read is taken to use every column that it mentions by name.
std::vector<std::string> ExpressionsThatUse(const TableDefinition& table, const ColumnPath& column);

}  // namespace deltic
