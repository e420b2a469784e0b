// Owns which files a clone has: the source's as the clone's log names them, what must be copied for it, and what a
// table that is replaced has of it already. Pure but for reading the two snapshots' logs. Copies nothing. Protocol:
// "Add File and Remove File", "Deletion Vector Descriptor Schema".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "base/cancel.h"
#include "base/env.h"
#include "clone/copy_files.h"
#include "snapshot/snapshot.h"

namespace deltic {

// The tag of a copied file's add action: "<id of the source table>/<the file's path there>". By it a later clone of the
// same table knows the file again.
inline constexpr const char* kClonedFromTag = "deltic.clonedFrom";

struct ClonedFile {
  AddFile add;                   // its path and vector as they will be, unless they are copied
  std::optional<size_t> data;    // the copy, by index, whose key is its path
  std::optional<size_t> vector;  // likewise of its deletion vectors' file
};

struct ClonePlan {
  std::vector<ClonedFile> added;
  std::vector<AddFile> removed;   // of the replaced table
  std::vector<FileCopy> copies;   // data files and files of deletion vectors
  int64_t data_files_copied = 0;  // among the copies
  int64_t data_bytes_copied = 0;
  int64_t kept = 0;  // files of the replaced table that stay
  int64_t source_files = 0;
  int64_t source_bytes = 0;
};

struct ClonePlanRequest {
  const Snapshot* source = nullptr;
  const Snapshot* replaced = nullptr;  // null: nothing is there
  std::shared_ptr<ObjectStore> target;
  bool shallow = false;
  Env env;
  CancelToken cancel;
};
// Corrupt for a path or deletion vector of the source that is none.
Result<ClonePlan> PlanClone(const ClonePlanRequest& request);

// The add actions, once the copies have their names.
Result<std::vector<AddFile>> FinishAdds(ClonePlan& plan);

}  // namespace deltic
