// Owns the rows of a table as text, for the command line. Not part of the public interface.
#pragma once

#include <memory>

#include "base/cancel.h"
#include "deltic/table.h"
#include "engine/engine.h"

namespace deltic {

// Variants come as JSON text, nested values as the engine writes them.
Result<std::unique_ptr<TextRows>> ReadText(const Table& table, const ScanOptions& options, const CancelToken& cancel);
// As Table::Export, stoppable; path "/dev/stdout" streams.
Result<int64_t> ExportTable(const Table& table, const ScanOptions& options, const ExportOptions& to,
                            const CancelToken& cancel);

}  // namespace deltic
