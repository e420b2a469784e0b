// Owns what the files of the facade share: tables from snapshots, and tables as SQL text names them. Not part of the
// public interface.
#pragma once

#include <memory>

#include "deltic/table.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

Result<Table> TableOf(std::shared_ptr<const Snapshot> snapshot);
// The newest version of an open table.
Result<std::shared_ptr<const Snapshot>> NewestOf(const Table& table);
// delta_scan('location', version => n): a TableResolver.
Result<ScanSpec> ResolveTable(const TableReference& reference);

}  // namespace deltic
