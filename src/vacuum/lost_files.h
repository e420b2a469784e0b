// Owns the finding of live files that storage does not have, or has otherwise than the log says, and of deletion
// vectors that cannot be read. Decides nothing about them and changes nothing.
// Protocol: "Add File and Remove File", "Deletion Vector Descriptor Schema".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "base/cancel.h"
#include "deltic/progress.h"
#include "deltic/result.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct LossRequest {
  const Snapshot* table = nullptr;
  // Also whether each file begins and ends like a Parquet file: for callers that give up what is damaged, so that
  // nothing more is asked of such a file.
  bool look_inside = false;
  size_t threads = 1;
  CancelToken cancel;
  ProgressCallback progress;
  // From so many live files on, a store that is far away is listed once instead of being asked for each of them.
  size_t list_from = 1'000;
};

// A live file with what is wrong about it.
struct LostFile {
  AddFile file;
  std::string what;
};

struct Losses {
  std::vector<AddFile> missing;   // not there, when asked twice
  std::vector<LostFile> vectors;  // there, but not (as it was) the deletion vector that says which of their rows live
  std::vector<LostFile> damaged;  // there, but not as the log says
  int64_t files_checked = 0;

  bool empty() const { return missing.empty() && vectors.empty() && damaged.empty(); }
};

// Sorted by path. Only storage's answer that there is no such object makes a file or a vector lost; any other failure
// (no permission, no answer, a store that cannot be opened from here) is the error of the whole.
Result<Losses> FindLosses(const LossRequest& request);

}  // namespace deltic
