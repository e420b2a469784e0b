// Owns the reconciliation of file actions read newest first: which add is the last word about its file.
// Knows no log files and no pruning. Protocol: "Action Reconciliation", "Add File and Remove File".
//
// A logical file is (path, deletion vector). The newest word about it wins; and of the adds of one path only the newest
// lives, whatever its deletion vector, because a snapshot holds unique paths.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace deltic {

// Paths here are canonical (CanonicalPath), deletion vectors unique ids with "" for none.
// Grows with the file actions after the checkpoint, never with the checkpoint. One thread at a time while it is fed;
// Superseded alone may be called from many threads.
class NewerFiles {
 public:
  // A newer add or remove has had the last word about this add.
  bool Superseded(std::string_view path, std::string_view dv_id) const {
    const auto found = words_.find(path);
    return found != words_.end() && found->second.Covers(dv_id);
  }
  // Whether the add lives; from now on it supersedes older adds of its path.
  bool TakeAdd(std::string path, std::string_view dv_id) {
    Word& word = words_[std::move(path)];
    const bool lives = !word.Covers(dv_id);
    word.added = true;
    return lives;
  }
  void TakeRemove(std::string path, std::string_view dv_id) {
    Word& word = words_[std::move(path)];
    if (dv_id.empty()) {
      word.removed = true;
    } else {
      word.removed_with.emplace_back(dv_id);
    }
  }
  bool empty() const { return words_.empty(); }

 private:
  struct Word {
    bool added = false;
    bool removed = false;                   // without a deletion vector
    std::vector<std::string> removed_with;  // these deletion vectors
    bool Covers(std::string_view dv_id) const {
      if (added) return true;
      if (dv_id.empty()) return removed;
      for (const std::string& id : removed_with) {
        if (id == dv_id) return true;
      }
      return false;
    }
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, Word, Hash, std::equal_to<>> words_;
};

}  // namespace deltic
