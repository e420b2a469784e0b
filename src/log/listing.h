// Owns the listing of _delta_log: which log files there are, from a version on, and the segment that one listing gives.
// Does not read log files but _last_checkpoint. Protocol: "Last Checkpoint File".
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "deltic/result.h"
#include "log/segment.h"
#include "storage/object_store.h"

namespace deltic {

struct ListRange {
  int64_t from = 0;              // names of this version and later
  std::optional<int64_t> until;  // and not of later ones than this
};
// Log files by name order. Folders (_staged_commits, _sidecars) and foreign names are not in it.
Result<std::vector<LogFile>> ListLog(ObjectStore& store, const ListRange& range = {});

struct SegmentRequest {
  std::optional<int64_t> version;
  std::set<std::string> unreadable;  // keys to leave out: checkpoints or compactions that could not be read
};
// Lists from the _last_checkpoint hint on; the whole log when the hint is missing, broken, past the wanted version, or
// names no checkpoint that is there and complete.
Result<LogSegment> FindSegment(ObjectStore& store, const SegmentRequest& request);

}  // namespace deltic
