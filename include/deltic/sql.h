// Owns SQL over tables: DuckDB's SELECT with Delta tables beside files, several tables and versions in one query.
// Does not write tables.
//
// Example:
//   auto sql = deltic::Sql::Open();
//   auto status = sql->Register("orders", table);
//   const std::string query =
//       "select o.id from orders o "
//       "join delta_scan('/data/users', version => 3) u on o.user = u.id";
//   ArrowArrayStream rows;
//   if (status.ok()) status = sql->Query(query, &rows);
#pragma once

#include <map>
#include <memory>
#include <string>

#include "deltic/table.h"

namespace deltic {

// One session: registered names, views and temporary tables last as long as it does. One thread at a time.
class DELTIC_EXPORT Sql {
 public:
  struct State;  // deltic's own

  // With what opens the tables that a query names by location (as OpenOptions::storage_options).
  static Result<Sql> Open(const std::map<std::string, std::string>& storage_options = {});

  // Makes a table, at the version it is open at, known by a name; the name's earlier table is forgotten.
  Status Register(const std::string& name, const Table& table);
  // The rows of the last statement in `sql`. They must be read to the end or released before the next call.
  // InvalidArgument with DuckDB's words for SQL that does not bind; errors of opening a table pass through.
  Status Query(const std::string& sql, ArrowArrayStream* out);
  // Answers rows written; on failure there is no file at `path`.
  Result<int64_t> Export(const std::string& sql, ExportFormat format, const std::string& path);

  explicit Sql(std::shared_ptr<State> state) : state_(std::move(state)) {}
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace deltic
