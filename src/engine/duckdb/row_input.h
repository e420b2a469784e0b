// Owns the rows that come into a write: an Arrow stream, a query or a scan, as SQL text that DuckDB can select from,
// with the Delta types of its columns. Does not decide how they fit the table (write/) and writes nothing.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/duckdb/session.h"
#include "engine/engine.h"

namespace deltic {

// What the engine gives out as RowInput. One thread at a time.
class DuckRowInput : public RowInput {
 public:
  const Fields& schema() const override { return fields; }

  std::shared_ptr<Session> session;
  Fields fields;
  std::string sql;     // a SELECT of exactly those columns, of exactly ToDuckType(type)
  bool polls = false;  // looks at `cancel` itself while it reads; else somebody must interrupt the query
  std::shared_ptr<CancelToken> cancel = std::make_shared<CancelToken>();  // set before the rows are read
};

// One column of a source: what it is called there, and what DuckDB takes it for.
struct SourceColumn {
  std::string name;        // as the write knows it
  std::string expression;  // SQL over the source
  duckdb::LogicalType type;
  bool nullable = true;
};

// The Delta type of a DuckDB type, and the SQL that makes `expression` (of the DuckDB type) one of it. Unsupported,
// naming the column, when Delta has none.
struct DeltaColumn {
  DataType type;
  std::string sql;
};
Result<DeltaColumn> ToDelta(const SourceColumn& column);

// Fills `fields` and `sql` of an input that selects from `from` (a table function, a subquery). InvalidArgument when
// two columns have names that differ in case only.
Status SetColumns(const std::vector<SourceColumn>& columns, const std::string& from, DuckRowInput* input);

// Takes the stream, also when it fails. The session must be of a database that knows deltic_arrow.
Result<std::unique_ptr<RowInput>> MakeArrowInput(std::shared_ptr<Session> session, ArrowArrayStream* stream);

void RegisterArrowInput(duckdb::DatabaseInstance& database);

}  // namespace deltic
