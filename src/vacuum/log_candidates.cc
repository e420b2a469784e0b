// Owns the finding of candidates by the log alone (VACUUM LITE): what the commits since the last vacuum removed, and
// their change files. Where those commits are gone, the tombstones of the checkpoint stand in for them as far as they
// go, and the answer says that it is not complete.
#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <variant>

#include "actions/actions_json.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"
#include "dv/deletion_vector.h"
#include "engine/engine.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "snapshot/paths.h"
#include "vacuum/candidates.h"
#include "vacuum/list_tree.h"
#include "vacuum/name_rule.h"

namespace deltic {
namespace {

// Keys in the table's own folder that removes and change files name. Files outside it are another table's.
class RemovedKeys {
 public:
  explicit RemovedKeys(const CandidateRequest& request)
      : request_(request),
        paths_(*request.table->store()),
        rule_(request.table->metadata(), request.table->schema(), request.table->config().mapping_mode) {}

  Status Take(const Action& action) {
    if (const AddCdcFile* change = std::get_if<AddCdcFile>(&action)) return Take(change->path);
    const RemoveFile* remove = std::get_if<RemoveFile>(&action);
    if (remove == nullptr || remove->deletion_timestamp.value_or(0) >= request_.horizon_ms) return {};
    DELTIC_CHECK(Take(remove->path));
    return remove->deletion_vector ? TakeVector(*remove->deletion_vector) : Status();
  }

  Status Take(const FileActionView& file) {
    if (!file.is_remove || file.deletion_timestamp.value_or(0) >= request_.horizon_ms) return {};
    DELTIC_CHECK(Take(file.path));
    if (!file.has_deletion_vector) return {};
    return TakeVector({.storage_type = file.dv_storage_type,
                       .path_or_inline_dv = std::string(file.dv_path_or_inline),
                       .offset = file.dv_offset,
                       .size_in_bytes = file.dv_size_in_bytes,
                       .cardinality = file.dv_cardinality});
  }

  std::vector<FolderEntry> Keys() && {
    std::vector<FolderEntry> entries;
    while (!keys_.empty()) entries.push_back({.key = std::move(keys_.extract(keys_.begin()).value()), .meta = {}});
    return entries;
  }
  int64_t named() const { return named_; }

 private:
  Status Take(std::string_view path) {
    DELTIC_TRY(std::string key, paths_.Of(path));
    TakeKey(std::move(key));
    return {};
  }
  Status TakeVector(const DeletionVectorDescriptor& vector) {
    DELTIC_TRY(const DeletionVectorLocation location, LocateDeletionVector(vector));
    if (!location.key.empty()) TakeKey(location.key);
    if (!location.absolute.empty()) return Take(vector.path_or_inline_dv);
    return {};
  }
  void TakeKey(std::string key) {
    ++named_;
    if (!CheckKey(key).ok() || !rule_.Looks(key) || request_.kept->Contains(key)) return;
    keys_.insert(std::move(key));
  }

  const CandidateRequest& request_;
  const CanonicalPaths paths_;
  const NameRule rule_;
  std::set<std::string> keys_;
  int64_t named_ = 0;
};

Status TakeCommits(const CandidateRequest& request, const std::vector<LogFile>& commits, RemovedKeys& removed) {
  ProgressTeller teller(request.progress, "reading the log", "commits", static_cast<int64_t>(commits.size()));
  std::mutex mutex;
  return ForEachParallel(commits.size(), request.threads, [&](size_t i) -> Status {
    DELTIC_CHECK(request.cancel.Check());
    DELTIC_TRY(const LogFileText text, LogFileText::Read(*request.table->store(), commits[i]));
    ActionKinds kinds = ActionKinds::None();
    kinds.remove = kinds.cdc = true;
    ActionParser parser;
    DELTIC_CHECK(text.Visit(parser, kinds, [&](Action&& action) -> Result<bool> {
      const std::lock_guard lock(mutex);
      DELTIC_CHECK(removed.Take(action));
      return true;
    }));
    teller.Add(1);
    return {};
  });
}

Status TakeTombstones(const Snapshot& table, RemovedKeys& removed) {
  DELTIC_TRY(const auto cursor, table.StateFiles({.tombstones_after_ms = INT64_MIN, .names_only = true}));
  while (true) {
    DELTIC_TRY(const std::vector<FileActionView>* batch, cursor->Next());
    if (batch->empty()) return {};
    for (const FileActionView& file : *batch) DELTIC_CHECK(removed.Take(file));
  }
}

}  // namespace

Result<Candidates> FindByLog(const CandidateRequest& request, const LogRange& range) {
  Candidates found;
  if (!range.last_expired) return found;  // no commit is older than the retention
  const int64_t first = range.last_done ? *range.last_done + 1 : 0;
  if (first > *range.last_expired) return found;
  DELTIC_TRY(const std::vector<LogFile> files,
             ListLog(*request.table->store(), {.from = first, .until = range.last_expired}));
  std::vector<LogFile> commits;
  for (const LogFile& file : files) {
    if (file.kind == LogFile::Kind::kCommit) commits.push_back(file);
  }
  RemovedKeys removed(request);
  DELTIC_CHECK(TakeCommits(request, commits, removed));
  if (static_cast<int64_t>(commits.size()) != *range.last_expired - first + 1) {
    found.complete = false;
    found.warnings.push_back(
        fmt::format("the log no longer has every commit from version {} to {}: files that the others removed may stay; "
                    "a full vacuum "
                    "finds them",
                    first, *range.last_expired));
    DELTIC_CHECK(TakeTombstones(*request.table, removed));
  }
  found.files_listed = removed.named();
  std::vector<FolderEntry> named = std::move(removed).Keys();
  DropBehindLinks(*request.table->store(), named);
  DELTIC_TRY(found.files, AskMetas(*request.table->store(), std::move(named), request.threads, request.cancel));
  std::erase_if(found.files, [&](const ObjectMeta& file) { return file.modified_ms >= request.horizon_ms; });
  return found;
}

}  // namespace deltic
