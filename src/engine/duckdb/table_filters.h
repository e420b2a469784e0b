// Owns what DuckDB's table filters (those it hands to a scan) say: as predicates, for skipping files, and of a value
// that is the same in all rows of a file. Does not attach them to readers (table_scan.cc does).
#pragma once

#include <duckdb.hpp>
#include <duckdb/planner/table_filter.hpp>

#include "expr/predicate.h"

namespace deltic {

// Both, each conjunct once.
Predicate And(const Predicate& left, const Predicate& right);

// What a table filter on a column says, as far as it can be known now; kConstant true for the rest.
Predicate FilterPredicate(const ColumnPath& column, const duckdb::TableFilter& filter);

// Whether a filter on a value that is constant for the file lets its rows through. Filters that DuckDB adds for speed
// only (join and top-n filters) let everything through: what they drop is dropped again above the scan.
bool Passes(duckdb::ClientContext& context, duckdb::TableFilter& filter, const duckdb::Value& constant);

}  // namespace deltic
