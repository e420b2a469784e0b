// Owns the text of queries whose rows go into the same files: each with exactly the table's columns and types, so that
// a union of them finds no type of its own in which rows that stay might lose something (a bigint beside a double).
#pragma once

#include <string>
#include <vector>

#include "dml/merge_plan.h"
#include "engine/work_session.h"
#include "schema/types.h"

namespace deltic {

// Whether these are all columns that files store, and of types that a cast gives as they are read: then nothing is left
// for the write to compute, and the rows can be written with others.
bool AreAllColumns(const Fields& table, const std::vector<MadeColumn>& columns);

// A query's rows with the table's columns, in their order, then _row_id and _row_commit_version where `row_ids`: NULL
// when the query has none. The query must have all columns.
Result<std::string> RowsOfTable(WorkSession& session, const std::string& query, const Fields& table, bool row_ids);

// Rows that stay, under a name of the session, that were read as `before` says. Columns that the table did not have are
// NULL.
Result<std::string> KeptRowsOfTable(const std::string& name, const Fields& before, const Fields& table, bool row_ids);

}  // namespace deltic
