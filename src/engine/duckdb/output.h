// Owns the ways a query's rows leave the engine: Arrow C stream, text rows, a file. Does not know what the query reads.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/duckdb/session.h"
#include "engine/engine.h"

namespace deltic {

// All take the session with them (shared by a SqlSession, alone in a read) and hold it until the rows are released.
Status StartArrow(std::shared_ptr<Session> session, const std::string& sql, const CancelToken& cancel,
                  ArrowArrayStream* out);
// Every column of the query must be VARCHAR; `right` says which are numbers.
Result<std::unique_ptr<TextRows>> StartText(std::shared_ptr<Session> session, const std::string& sql,
                                            std::vector<std::string> names, std::vector<bool> right,
                                            const CancelToken& cancel);
// Writes beside the target and renames: no output file on any failure. Answers rows written. With `json_rows` the
// query's one column is each row's JSON already.
Result<int64_t> RunExport(Session& session, const std::string& sql, const ExportOptions& options, bool json_rows,
                          const CancelToken& cancel);

}  // namespace deltic
