// Owns reading DuckDB's bound expressions into Predicate values. What it does not understand becomes kOpaque, which
// never drops a file. Does not parse SQL: DuckDB does.
#pragma once

#include <duckdb.hpp>
#include <functional>

#include "expr/predicate.h"

namespace deltic {

// The column that a column reference names (its field in the table's schema), or null when it is no column of the
// table.
using ColumnLookup = std::function<const StructField*(const duckdb::Expression& reference)>;

// nullopt for what is no comparison.
std::optional<CompareOp> ComparisonOperator(duckdb::ExpressionType type);

Predicate ToPredicate(duckdb::ClientContext& context, const duckdb::Expression& expression,
                      const ColumnLookup& columns);
// The conjunction of all filters; kConstant true for none.
Predicate ToPredicate(duckdb::ClientContext& context,
                      const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters,
                      const ColumnLookup& columns);

}  // namespace deltic
