// Owns SQL over tables: delta_scan(), names for tables, and the session that runs statements.
// Does not open tables: the session's TableResolver does.
#pragma once

#include <duckdb.hpp>
#include <memory>

#include "engine/duckdb/row_input.h"
#include "engine/engine.h"

namespace deltic {

// Makes delta_scan(location, version => , timestamp => ) known to the database.
void RegisterSql(duckdb::DatabaseInstance& database);

std::unique_ptr<SqlSession> MakeSqlSession(duckdb::DatabaseInstance& database, TableResolver resolver);

// The rows of one query (the last of the statements) as what comes into a write.
Result<std::unique_ptr<RowInput>> MakeSqlInput(duckdb::DatabaseInstance& database, const std::string& sql,
                                               TableResolver resolver);

}  // namespace deltic
