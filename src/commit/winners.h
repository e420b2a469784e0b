// Owns the finding and reading of what others committed after a version: the commits in order, and whether the log
// still goes on from there. Judges no conflict. Protocol: "Delta Log Entries" (versions are contiguous).
#pragma once

#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"
#include "log/segment.h"
#include "snapshot/snapshot.h"
#include "storage/object_store.h"

namespace deltic {

// The commit files after the snapshot's version, ascending and without a gap; empty when the listing shows none (which
// a store that lists late may do though there are some). Conflict, without a kind, when the log has been cleaned up
// past the snapshot or is another table's; Corrupt when a version is missing.
Result<std::vector<LogFile>> ListWinners(const Snapshot& snapshot);

// The commit file of the version, found by its name; NotFound when there is none.
Result<LogFile> FindCommit(ObjectStore& store, int64_t version);

// Every action of a commit. Unavailable when the answer is shorter than the file, as a broken connection leaves it.
Result<std::vector<Action>> ReadCommit(ObjectStore& store, const LogFile& file);

}  // namespace deltic
