// Owns what one commit changed, as files to read: its cdc actions alone when it has any, else its adds as inserts and
// its removes as deletes, and of a file whose deletion vector changed only the rows between the two. Pure over the
// commit's actions. Opens no data file. Protocol: "Add CDC File" ("Reader Requirements for AddCDCFile").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "actions/actions_json.h"
#include "deltic/result.h"
#include "snapshot/paths.h"

namespace deltic {

// One file with changed rows.
struct ChangedFile {
  enum class Kind : uint8_t {
    kInsert,
    kDelete,
    kStored
  };  // kStored: the file's _change_type column says it row by row
  Kind kind = Kind::kStored;
  std::string path;
  PartitionValues partition_values;
  std::optional<int64_t> size;
  int64_t modification_time = 0;
  std::optional<std::string> stats;
  // Of its rows those changed that `only` holds (all without it) and `hidden` does not hold.
  std::optional<DeletionVectorDescriptor> only;
  std::optional<DeletionVectorDescriptor> hidden;
};

// Which actions of a commit say something about changed rows.
ActionKinds ChangeActionKinds();

// Collects one commit's actions. Grows with that commit's file actions. One thread at a time.
class CommitChanges {
 public:
  // Corrupt for a path that cannot be decoded.
  Status Take(Action&& action, const CanonicalPaths& paths);
  // In the order of the log for cdc files; else by path.
  std::vector<ChangedFile> Finish() &&;

 private:
  struct Pair {
    std::optional<AddFile> add;
    std::optional<RemoveFile> remove;
  };
  std::vector<ChangedFile> stored_;
  std::map<std::string, Pair> pairs_;  // by canonical path
  bool changed_nothing_ = false;
};

}  // namespace deltic
