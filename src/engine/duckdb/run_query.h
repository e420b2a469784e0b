// Owns the run of one statement to its end on threads that are not the caller's alone: while those have all the work,
// the caller waits. DuckDB's own Query() asks for more of it all the time meanwhile, which takes a core from whoever
// could use it. Reads no result.
#pragma once

#include <duckdb.hpp>
#include <string>

namespace deltic {

// As Connection::Query of one statement.
duckdb::unique_ptr<duckdb::QueryResult> RunQuery(duckdb::Connection& connection, const std::string& sql);

}  // namespace deltic
