// Owns rows of one session's query as a table of another's: the way from an input (an Arrow stream, another database's
// scan) into kept rows. Decides nothing about their types.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <string>

#include "engine/duckdb/row_input.h"

namespace deltic {

// A streaming query, read once, by one thread, in its order.
struct ForeignRows {
  std::shared_ptr<Session> session;
  duckdb::unique_ptr<duckdb::QueryResult> stream;
  duckdb::vector<duckdb::LogicalType> types;
  duckdb::vector<std::string> names;
  bool numbered = false;  // a last column, BIGINT, counts the rows from 0
  int64_t next = 0;
};

// deltic_foreign_rows('handle of a ForeignRows').
inline constexpr const char* kForeignRowsFunction = "deltic_foreign_rows";
void RegisterForeignRows(duckdb::DatabaseInstance& database);

}  // namespace deltic
