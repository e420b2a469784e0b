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
// delta_scan('location', version => n), opened by `opener`.
TableResolver ResolveBy(std::shared_ptr<StoreOpener> opener);

// Notes whether SQL text reads the newest version of the table that it is about to change.
struct SelfRead {
  explicit SelfRead(std::shared_ptr<ObjectStore> table_store) : store(std::move(table_store)) {}
  const std::shared_ptr<ObjectStore> store;
  std::atomic<bool> seen{false};
};
// As ResolveBy, noting; other tables are opened with the options of this one.
TableResolver ResolveNoting(std::shared_ptr<SelfRead> self);

}  // namespace deltic
