// Owns which versions a request for changes means. Reads commit times only. Protocol: "In-Commit Timestamps".
#pragma once

#include <cstdint>
#include <vector>

#include "cdf/change_feed.h"
#include "log/segment.h"

namespace deltic {

struct VersionSpan {
  int64_t first = 0;
  int64_t last = 0;  // first - 1: nothing
};

// `files` is the log up to the snapshot's version, which is the newest that can be meant.
// Example: commits 4 and 5 at 100 and 200. From time 101 means from version 5, to time 199 means to version 4; both
// together mean nothing, which is an answer and no error.
Result<VersionSpan> ResolveRange(const Snapshot& snapshot, const std::vector<LogFile>& files,
                                 const ChangeRequest& request);

}  // namespace deltic
