// Owns the walk through a table's folder: many folders at once, on a bounded number of threads. What is asked for is
// the caller's to say; nothing is followed that is not in the store itself. Deletes nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "deltic/progress.h"
#include "deltic/result.h"
#include "storage/object_store.h"

namespace deltic {

// How many threads suit work that mostly waits for storage: as many as are wanted, or by the machine for 0.
size_t ThreadsFor(int32_t wanted);

struct TreeRequest {
  // Both are called from many threads at once.
  std::function<bool(std::string_view folder)> enters;  // "a/b/": whether to go in
  std::function<bool(const FolderEntry& file)> wants;   // whether the file belongs into the answer
  size_t threads = 1;
  CancelToken cancel;
  ProgressCallback progress;
};

struct Tree {
  std::vector<FolderEntry> files;          // in no order
  std::vector<std::string> empty_folders;  // that were entered and hold nothing at all
  int64_t files_listed = 0;                // wanted or not
  int64_t folders_listed = 0;              // the root included
};

// Any folder that cannot be listed is an error: who deletes what nobody names must have seen everything.
Result<Tree> ListTree(ObjectStore& store, const TreeRequest& request);

// Takes out the files to which a link to a folder leads: what lies behind one is somebody else's, or has another name
// that the log may know it by. For names that no listing gave; ListTree enters no links.
void DropBehindLinks(ObjectStore& store, std::vector<FolderEntry>& files);

// The sizes and times of files whose listing did not tell them. Files that are gone meanwhile are left out, and those
// whose time a far store does not tell: nobody knows whether they are old.
Result<std::vector<ObjectMeta>> AskMetas(ObjectStore& store, std::vector<FolderEntry> files, size_t threads,
                                         const CancelToken& cancel);

}  // namespace deltic
