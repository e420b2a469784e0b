// Owns the pairing of a commit's adds and removes.
#include "cdf/commit_changes.h"

#include <nlohmann/json.hpp>

namespace deltic {
namespace {

// A MERGE that reports no changed row only wrote files anew: Spark reads no change from it, whatever its files'
// dataChange.
bool IsEmptyMerge(const CommitInfo& info) {
  if (info.operation != "MERGE") return false;
  const auto json = nlohmann::json::parse(info.json, nullptr, false);
  if (!json.is_object() || !json.contains("operationMetrics")) return false;
  const auto& metrics = json["operationMetrics"];
  if (!metrics.is_object()) return false;
  for (const char* name : {"numTargetRowsInserted", "numTargetRowsUpdated", "numTargetRowsDeleted"}) {
    const auto found = metrics.find(name);
    if (found == metrics.end() || (*found != "0" && *found != 0)) return false;
  }
  return true;
}

ChangedFile FromAdd(AddFile&& add) {
  return {.kind = ChangedFile::Kind::kInsert,
          .path = std::move(add.path),
          .partition_values = std::move(add.partition_values),
          .size = add.size,
          .modification_time = add.modification_time,
          .stats = std::move(add.stats),
          .only = std::nullopt,
          .hidden = std::move(add.deletion_vector)};
}

ChangedFile FromRemove(RemoveFile&& remove) {
  return {.kind = ChangedFile::Kind::kDelete,
          .path = std::move(remove.path),
          .partition_values = std::move(remove.partition_values),
          .size = remove.size,
          .modification_time = 0,
          .stats = std::move(remove.stats),
          .only = std::nullopt,
          .hidden = std::move(remove.deletion_vector)};
}

// A file that was removed and added again: the rows of the new deletion vector alone are gone, those of the old one
// alone are back. The add has all that is known of the file; a remove may lack its partition values.
void AppendDifference(AddFile&& add, const RemoveFile& remove, std::vector<ChangedFile>* files) {
  const auto before = remove.deletion_vector, after = add.deletion_vector;
  if (before == after) return;
  ChangedFile file = FromAdd(std::move(add));
  if (after) {
    file.kind = ChangedFile::Kind::kDelete;
    file.only = after;
    file.hidden = before;
    files->push_back(file);
  }
  if (before) {
    file.kind = ChangedFile::Kind::kInsert;
    file.only = before;
    file.hidden = after;
    files->push_back(std::move(file));
  }
}

}  // namespace

ActionKinds ChangeActionKinds() {
  ActionKinds kinds = ActionKinds::None();
  kinds.add = kinds.remove = kinds.cdc = kinds.commit_info = true;
  return kinds;
}

Status CommitChanges::Take(Action&& action, const CanonicalPaths& paths) {
  if (AddCdcFile* cdc = std::get_if<AddCdcFile>(&action)) {
    stored_.push_back({.kind = ChangedFile::Kind::kStored,
                       .path = std::move(cdc->path),
                       .partition_values = std::move(cdc->partition_values),
                       .size = cdc->size});
    pairs_.clear();
  } else if (const CommitInfo* info = std::get_if<CommitInfo>(&action)) {
    changed_nothing_ = IsEmptyMerge(*info);
  } else if (AddFile* add = std::get_if<AddFile>(&action); add != nullptr && add->data_change && stored_.empty()) {
    DELTIC_TRY(std::string path, paths.Of(add->path));
    pairs_[std::move(path)].add = std::move(*add);
  } else if (RemoveFile* remove = std::get_if<RemoveFile>(&action);
             remove != nullptr && remove->data_change && stored_.empty()) {
    DELTIC_TRY(std::string path, paths.Of(remove->path));
    pairs_[std::move(path)].remove = std::move(*remove);
  }
  return {};
}

std::vector<ChangedFile> CommitChanges::Finish() && {
  if (!stored_.empty()) return std::move(stored_);
  std::vector<ChangedFile> files;
  if (changed_nothing_) return files;
  for (auto& [path, pair] : pairs_) {
    if (pair.add && pair.remove) {
      AppendDifference(std::move(*pair.add), *pair.remove, &files);
    } else if (pair.add) {
      files.push_back(FromAdd(std::move(*pair.add)));
    } else {
      files.push_back(FromRemove(std::move(*pair.remove)));
    }
  }
  return files;
}

}  // namespace deltic
