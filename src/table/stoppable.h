// Owns reads that can be stopped while they run, for front ends that answer Ctrl-C. Not part of the public interface.
#pragma once

#include <string>

#include "base/cancel.h"
#include "deltic/sql.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

// As Table::Scan, Table::Count, Write and Sql::Query; Cancelled once `cancel` is. The token stops the stream's rows as
// well.
Status ScanTable(const Table& table, const ScanOptions& options, const CancelToken& cancel, ArrowArrayStream* out);
Result<int64_t> CountTable(const Table& table, const ScanOptions& options, const CancelToken& cancel);
Result<WriteOutcome> WriteTo(const std::string& location, const RowsToWrite& rows, const WriteRequest& request,
                             const CancelToken& cancel);
Result<WriteOutcome> WriteTo(Table& table, const RowsToWrite& rows, const WriteRequest& request,
                             const CancelToken& cancel);
Status QuerySql(const Sql& sql, const std::string& text, const CancelToken& cancel, ArrowArrayStream* out);

}  // namespace deltic
