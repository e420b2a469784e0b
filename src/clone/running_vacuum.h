// Owns what a RESTORE must know of a VACUUM that may be running: whether the log tells of one, and whether files are
// such that a vacuum may take them. docs/decisions/vacuum.md says why both together are enough. Deletes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "actions/actions.h"
#include "base/cancel.h"
#include "base/env.h"
#include "deltic/result.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct RunningVacuum {
  int64_t version = 0;       // of the newest VACUUM START that no VACUUM END may belong to
  int64_t retention_ms = 0;  // the shortest of all that may be running, or else the table's
};
// Looks at what began within kVacuumRunsMs. Of two vacuums beside each other of which one has ended, one is running.
Result<std::optional<RunningVacuum>> FindRunningVacuum(const Snapshot& table, const Env& env,
                                                       const CancelToken& cancel);

// Whether a vacuum by that retention may take one of the files, or its vectors: none of them live, and they were not
// removed just now. Half of the retention counts as its end, so that clocks may differ.
struct VacuumRisk {
  const Snapshot* table = nullptr;
  const std::vector<AddFile>* files = nullptr;
  int64_t retention_ms = 0;
  int64_t now_ms = 0;
};
Result<bool> MayBeVacuumed(const VacuumRisk& risk);

}  // namespace deltic
