// Owns the deleting: in bounded batches on a bounded number of threads, each batch held against the commits that were
// made since the files were chosen. Chooses nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "deltic/progress.h"
#include "deltic/result.h"
#include "storage/object_store.h"
#include "vacuum/needed_files.h"

namespace deltic {

struct DeleteRequest {
  std::vector<ObjectMeta> files;
  std::vector<std::string> empty_folders;
  size_t threads = 1;
  std::function<bool()> in_time;  // false ends it before the next batch
  CancelToken cancel;
  ProgressCallback progress;
};

struct Deleted {
  std::vector<ObjectMeta> files;
  int64_t folders = 0;
  std::vector<std::string> failed;  // "key: why"
  Status ended;                     // not ok: stopped on request, or the log could not be read any more
};

// Deletes the files that `commits` do not speak of, then the folders that are empty.
Deleted DeleteFiles(ObjectStore& store, NewCommits& commits, DeleteRequest request);

}  // namespace deltic
