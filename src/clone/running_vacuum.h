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

// The version of the newest VACUUM START within kVacuumRunsMs that no VACUUM END may belong to; nullopt for none.
// Of two vacuums beside each other that ended once, one counts as running.
Result<std::optional<int64_t>> FindRunningVacuum(const Snapshot& table, const Env& env, const CancelToken& cancel);

// Whether a vacuum by the table's own retention may take one of the files, or its vectors: none of them live, and they
// were not removed just now. Half of the retention counts as its end, so that clocks may differ.
Result<bool> MayBeVacuumed(const Snapshot& table, const std::vector<AddFile>& files, const Env& env);

}  // namespace deltic
