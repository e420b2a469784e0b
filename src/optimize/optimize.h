// Owns optimize and reorg as operations on a snapshot: which files, in which groups, by which order, in which commits.
// The requests and outcomes are deltic/optimize.h's. Rows become files in write/, versions are made in commit/.
#pragma once

#include <memory>
#include <vector>

#include "commit/commit.h"
#include "deltic/optimize.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"
#include "write/write.h"

namespace deltic {

// What a request's own members become, and what it does not say.
struct OptimizeContext {
  CommitOptions commit;
  std::vector<SetTransaction> transactions;  // recorded with the first commit
  WriteOptions write;
  bool automatic = false;  // after a write, by a property of the table: the history says so
  // Partitions with fewer files below the request's min_file_bytes are left alone.
  int64_t min_small_files = 0;
};

struct Optimized {
  OptimizeOutcome outcome;
  std::shared_ptr<const Snapshot> snapshot;  // the newest version that is known
};

// `table` is the newest snapshot known. Files of groups that are not committed are deleted on every error but
// CommitUnknown.
Result<Optimized> OptimizeTable(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                                const OptimizeRequest& request, const OptimizeContext& context);
Result<Optimized> ReorgTable(Engine& engine, const std::shared_ptr<const Snapshot>& table, const ReorgRequest& request,
                             const OptimizeContext& context);

}  // namespace deltic
