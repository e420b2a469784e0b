// Owns the finding of files that a vacuum may delete: by listing the table's folder, by an inventory of it, or by the
// removes in the log. Deletes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "deltic/progress.h"
#include "deltic/result.h"
#include "snapshot/snapshot.h"
#include "storage/object_store.h"
#include "vacuum/kept_files.h"

namespace deltic {

struct CandidateRequest {
  const Snapshot* table = nullptr;
  const KeptFiles* kept = nullptr;
  int64_t horizon_ms = 0;           // a file that was modified then or later stays
  int64_t leftover_horizon_ms = 0;  // the same of files in the making, which no retention makes safe to delete young
  std::string inventory_sql;
  size_t threads = 1;
  CancelToken cancel;
  ProgressCallback progress;
};

struct Candidates {
  std::vector<ObjectMeta> files;           // that are there, old enough, and not kept; in no order
  std::vector<std::string> empty_folders;  // with nothing in them when they were listed
  int64_t folders_listed = 0;              // the table's own included
  int64_t files_listed = 0;
  std::vector<std::string> warnings;
  // Of a lite vacuum: whether the log told of every file that was removed since the last vacuum.
  bool complete = true;
};

Result<Candidates> FindByListing(const CandidateRequest& request);
Result<Candidates> FindByInventory(const CandidateRequest& request);
// Of the commits after `last_done` (none: from the first) up to `last_expired`.
struct LogRange {
  std::optional<int64_t> last_done;
  std::optional<int64_t> last_expired;
};
Result<Candidates> FindByLog(const CandidateRequest& request, const LogRange& range);

}  // namespace deltic
