// Owns REPAIR: live files that storage has lost go out of the table, so that the rest of it can be read. Looks at
// storage through vacuum/lost_files.h; deletes no file and touches no row of a file that is whole.
// docs/decisions/repair.md says what is decided about lost deletion vectors and the change feed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "deltic/progress.h"
#include "snapshot/snapshot.h"
#include "vacuum/lost_files.h"

namespace deltic {

// What becomes of a file whose deletion vector is lost: nobody knows any more which of its rows live.
enum class VectorLoss : uint8_t {
  kRefuse,       // the repair, naming it
  kRemoveFiles,  // its rows go, the live ones with the deleted ones
  kReviveRows,   // its rows stay, the deleted ones with the live ones
};

// The fields mean what those of RepairRequest (deltic/repair.h) mean.
struct RepairOrder {
  bool dry_run = false;
  VectorLoss lost_vectors = VectorLoss::kRefuse;
  bool damaged = false;
  std::vector<SetTransaction> transactions;
  StringMap user_metadata;
  std::optional<std::string> user_metadata_text;
  CommitOptions commit;  // its cancel token is the repair's too
  int32_t threads = 0;
  ProgressCallback progress;
};

struct RepairDone {
  std::shared_ptr<const Snapshot> snapshot;  // of the newest version
  Losses losses;                             // that were found
  bool changed = false;                      // a version was made
  std::vector<std::string> warnings;
};

// `table` must be the newest version. Corrupt, with nothing committed, for lost vectors without a choice; Conflict
// after several rounds in which others changed the very files that are lost.
Result<RepairDone> RepairFiles(const std::shared_ptr<const Snapshot>& table, const RepairOrder& order);

// Pure. The actions of a repair, and the files that they take out of the table.
struct RepairPlan {
  std::vector<Action> actions;
  std::vector<std::string> removed;  // paths as in the log
  std::vector<std::string> revived;
};
Result<RepairPlan> PlanRepair(const Losses& losses, const RepairOrder& order, int64_t now_ms);

}  // namespace deltic
