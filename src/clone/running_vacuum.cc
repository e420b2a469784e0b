// Owns the reading of vacuums' notes and of tombstones.
#include "clone/running_vacuum.h"

#include <set>
#include <string>
#include <utility>

#include "base/parallel.h"
#include "commit/vacuum_note.h"
#include "commit/winners.h"
#include "engine/engine.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "snapshot/paths.h"

namespace deltic {
namespace {

constexpr size_t kReads = 16;  // commits that are read at the same time

std::string KeyOf(const std::string& path, const std::optional<DeletionVectorDescriptor>& vector) {
  return path + "\n" + (vector ? vector->UniqueId() : "");
}

}  // namespace

Result<std::optional<int64_t>> FindRunningVacuum(const Snapshot& table, const Env& env, const CancelToken& cancel) {
  DELTIC_TRY(std::vector<LogFile> commits, ListLog(*table.store(), {.until = table.version()}));
  // A listing may be older than a look-up by name.
  std::erase_if(commits, [&](const LogFile& file) { return file.kind != LogFile::Kind::kCommit; });
  for (int64_t next = commits.empty() ? table.version() : commits.back().version + 1; next <= table.version(); ++next) {
    Result<LogFile> commit = FindCommit(*table.store(), next);
    if (commit.ok())
      commits.push_back(std::move(*commit));
    else if (commit.error().code() != Code::kNotFound)
      return std::move(commit).error();
  }
  const int64_t since_ms = env.now_ms() - kVacuumRunsMs;
  std::erase_if(commits, [&](const LogFile& file) { return file.modified_ms < since_ms; });
  std::vector<std::string> operations(commits.size());
  const size_t threads = table.store()->remote() ? kReads : 1;
  DELTIC_CHECK(ForEachParallel(commits.size(), threads, [&](size_t i) -> Status {
    DELTIC_CHECK(cancel.Check());
    DELTIC_TRY(const std::optional<CommitInfo> info, ReadCommitInfo(*table.store(), commits[i]));
    if (info) operations[i] = info->operation.value_or("");
    return {};
  }));
  int64_t ended = 0;  // by ENDs that no START was found for yet
  for (size_t i = commits.size(); i-- > 0;) {
    if (operations[i] == kVacuumEnd) ++ended;
    if (operations[i] == kVacuumStart && ended-- == 0) return std::optional<int64_t>(commits[i].version);
  }
  return std::optional<int64_t>();
}

Result<bool> MayBeVacuumed(const Snapshot& table, const std::vector<AddFile>& files, const Env& env) {
  const CanonicalPaths paths(*table.store());
  std::set<std::string> wanted;
  for (const AddFile& file : files) {
    DELTIC_TRY(const std::string path, paths.Of(file.path));
    wanted.insert(KeyOf(path, file.deletion_vector));
  }
  const int64_t safe_ms = env.now_ms() - table.config().deleted_file_retention_ms / 2;
  DELTIC_TRY(const auto cursor, table.StateFiles({.tombstones_after_ms = safe_ms, .names_only = true}));
  while (!wanted.empty()) {
    DELTIC_TRY(const std::vector<FileActionView>* batch, cursor->Next());
    if (batch->empty()) break;
    for (const FileActionView& file : *batch) {
      if (!file.is_remove) continue;
      DELTIC_TRY(const std::string path, paths.Of(file.path));
      std::optional<DeletionVectorDescriptor> vector;
      if (file.has_deletion_vector) {
        vector = {.storage_type = file.dv_storage_type,
                  .path_or_inline_dv = std::string(file.dv_path_or_inline),
                  .offset = file.dv_offset,
                  .size_in_bytes = file.dv_size_in_bytes,
                  .cardinality = file.dv_cardinality};
      }
      wanted.erase(KeyOf(path, vector));
    }
  }
  return !wanted.empty();
}

}  // namespace deltic
