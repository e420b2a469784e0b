// Owns the FileSource over a change feed: commit by commit, the files of each with its version, time and kind of change
// as constants, those left out that the filter rules out. Memory grows with the largest commit, not with the range.
// Does not decide what a commit changed (cdf/commit_changes.h).
#pragma once

#include <memory>

#include "cdf/change_feed.h"

namespace deltic {

// `scan` has the schema and the partition columns of the feed: the table's, then the three of the feed in their order.
// Thread-safe.
std::shared_ptr<FileSource> MakeChangeFiles(std::shared_ptr<const ChangeFeed> feed, const ScanSpec& scan,
                                            bool skipping);

}  // namespace deltic
