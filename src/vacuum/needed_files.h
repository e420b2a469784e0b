// Owns which files a vacuum must keep by the log's word: those of the newest version, of versions that were current
// within the retention, of versions that the caller names, and of commits that are made while it runs. Deletes nothing.
// Protocol: "Action Reconciliation", "Add File and Remove File" (tombstones), "Add CDC File".
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/cancel.h"
#include "deltic/result.h"
#include "snapshot/snapshot.h"
#include "storage/object_store.h"
#include "vacuum/kept_files.h"

namespace deltic {

// Live files, and those removed at `horizon_ms` or later, each with its deletion vector.
Result<KeptFiles> NeededByState(const Snapshot& table, int64_t horizon_ms);
// The live files of older versions. InvalidArgument for one that does not open any more.
Status AddVersions(const Snapshot& table, const std::vector<int64_t>& versions, KeptFiles& kept);

// What the commits since the horizon removed, and their change files. A checkpoint holds no change files, and no
// tombstones that had expired by the table's own retention when it was written.
Status AddCommitsSince(const Snapshot& table, int64_t horizon_ms, size_t threads, const CancelToken& cancel,
                       KeptFiles& kept);

// The files that commits after a version speak of, read as they appear. Safe to share among threads.
class NewCommits {
 public:
  NewCommits(std::shared_ptr<ObjectStore> store, int64_t after_version)
      : store_(std::move(store)), version_(after_version), files_(*store_) {}

  // Reads what is new. Corrupt when a version up to `through` is not there.
  Status CatchUp(std::optional<int64_t> through = {});
  // Whether a commit that was read adds, or has just removed, the file of the key.
  bool SpeakOf(std::string_view key) const;

 private:
  std::shared_ptr<ObjectStore> store_;
  mutable std::mutex mutex_;
  int64_t version_;  // the last that was read
  KeptFiles files_;
};

}  // namespace deltic
