// Owns RESTORE: the files, metadata, protocol and domains of an older version as one commit on top of the newest.
// Reads no data file. Protocol: "Add File and Remove File", "Row Tracking", "Identity Columns", "Domain Metadata",
// "Column Mapping", "Checkpoint Protection".
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "actions/actions.h"
#include "alter/definition.h"
#include "commit/commit.h"
#include "deltic/clone.h"
#include "snapshot/snapshot.h"

namespace deltic {

// What the facade adds to the public request.
struct RestoreContext {
  CommitOptions commit;
  std::vector<SetTransaction> transactions;
  size_t looks = 16;  // files that are looked for at the same time
};
struct Restored {
  RestoreOutcome outcome;
  std::shared_ptr<const Snapshot> snapshot;  // the table as it is now
};

// See deltic/clone.h. `newest` is the table's newest version.
Result<Restored> RestoreTable(const std::shared_ptr<const Snapshot>& newest, const RestoreRequest& request,
                              const RestoreContext& context);

// What the table is after it was made like `then` was. Pure. `now` and `then` with all their domains.
//   protocol       now's with then's features; then's when `downgrade`
//   metadata       then's; but what has only ever counted up goes on from the higher of both: identity columns' marks,
//                  column ids, the version that checkpoints protect; and row id columns keep now's names
//   domains        then's clustering columns; none of the others, which belong to writers that are running now
Result<TableDefinition> PlanRestoredDefinition(const TableDefinition& now, const TableDefinition& then, bool downgrade,
                                               const Env& env);

}  // namespace deltic
