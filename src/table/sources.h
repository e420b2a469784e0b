// Owns what the files of the facade share: tables from snapshots, and tables as SQL text names them. Not part of the
// public interface.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "deltic/table.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

Result<Table> TableOf(std::shared_ptr<const Snapshot> snapshot);
// The newest version of an open table.
Result<std::shared_ptr<const Snapshot>> NewestOf(const Table& table);
// delta_scan('location', version => n): a TableResolver.
Result<ScanSpec> ResolveTable(const TableReference& reference);

// Notes whether SQL text reads the newest version of the table that it is about to change.
struct SelfRead {
  explicit SelfRead(std::string table_uri) : uri(std::move(table_uri)) {}
  const std::string uri;
  std::atomic<bool> seen{false};
};
// As ResolveTable, noting.
TableResolver ResolveNoting(std::shared_ptr<SelfRead> self);

}  // namespace deltic
