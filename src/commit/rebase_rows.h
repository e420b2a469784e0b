// Owns concurrency finer than files: what a winner's change of a deletion vector means to an operation that marks rows
// of the same file, and the operation's actions made anew on top of it. Decides no other conflict (commit/conflict.h)
// and writes no version. Protocol: "Deletion Vectors", "Add File and Remove File" (one logical file a path and vector).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/env.h"
#include "commit/commit.h"
#include "commit/conflict.h"
#include "dv/deletion_vector.h"
#include "snapshot/paths.h"

namespace deltic {

// What a file's vector was, what a winner made of it, and the rows that the operation deletes.
struct VectorChange {
  const RowSet& before;
  const RowSet& after;
  const RowSet& marks;
};
RowEffect JudgeVectorChange(const VectorChange& change);

// Follows the winners of one commit. One thread at a time.
class RowRebase {
 public:
  using VectorReader = std::function<Result<std::shared_ptr<const DeletionVector>>(const DeletionVectorDescriptor&)>;
  // Whether the operation would have read rows of the file, by its predicates.
  using ReadsFile = std::function<Result<bool>(const AddFile&)>;

  // `intent` must have a base and outlive this. Internal for marks of a file that the actions do not remove and add.
  static Result<RowRebase> Make(const Intent& intent);

  // Fills in what the winner's changes of vectors mean, and follows those that leave the operation's rows alone. Reads
  // the vectors of files that matter, no other. A vector that is no longer there makes its change unknown; any other
  // failure is an error.
  Status Look(Winner& winner, const VectorReader& read, const ReadsFile& reads_file);

  // Whether winners have changed files that the actions change: they must be made anew.
  bool stale() const { return stale_; }
  // Writes the unions of our rows and theirs into a new file and makes the actions anew; the file of the time before is
  // deleted. A file that has no row left is removed outright.
  Status MakeAnew(ObjectStore& store, const Env& env);
  // The intent as it is now.
  const Intent& intent() const { return rebased_ ? *rebased_ : *intent_; }

  // Nothing was committed: deletes what MakeAnew wrote.
  void Discard(ObjectStore& store);
  // The intent was committed as it is now: deletes the operation's own vector files of which no vector is used.
  void DropReplaced(ObjectStore& store) const;

 private:
  struct Marked {
    const RowSet* rows = nullptr;
    size_t remove_at = 0;  // in the intent's actions
    size_t add_at = 0;
    AddFile live;    // as the log has it now
    RowSet deleted;  // in `live`, once known
    bool known = false;
    bool moved = false;  // a winner changed it
  };
  Result<RowEffect> LookAtMarked(Marked& file, const RemoveFile& remove, const AddFile& add, const VectorReader& read);
  static Result<std::optional<RowSet>> RowsOf(const std::optional<DeletionVectorDescriptor>& vector,
                                              const VectorReader& read);

  const Intent* intent_ = nullptr;
  CanonicalPaths paths_;
  std::map<std::string, Marked> marked_;  // by canonical path
  std::set<std::string> touched_;         // files of the actions and of the read set: never judged unless marked
  std::optional<Intent> rebased_;
  std::vector<std::string> keys_;  // of the newest MakeAnew
  bool stale_ = false;
};

}  // namespace deltic
