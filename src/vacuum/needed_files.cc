// Owns the reading of state and commits into KeptFiles. Whatever cannot be read is an error: nothing may be deleted
// then.
#include "vacuum/needed_files.h"

#include <variant>

#include "actions/actions_json.h"
#include "base/error.h"
#include "base/parallel.h"
#include "commit/winners.h"
#include "engine/engine.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "log/timestamps.h"

namespace deltic {
namespace {

Status AddNamed(const FileActionView& file, KeptFiles& kept) {
  Status status = kept.AddFileAndVector(file);
  if (!status.ok()) return std::move(status).error().Wrap(std::string(file.path));
  return {};
}

}  // namespace

Result<KeptFiles> NeededByState(const Snapshot& table, int64_t horizon_ms) {
  KeptFiles kept(*table.store());
  DELTIC_TRY(const auto cursor, table.StateFiles({.tombstones_after_ms = horizon_ms - 1, .names_only = true}));
  while (true) {
    DELTIC_TRY(const std::vector<FileActionView>* batch, cursor->Next());
    if (batch->empty()) return kept;
    for (const FileActionView& file : *batch) DELTIC_CHECK(AddNamed(file, kept));
  }
}

Status AddVersions(const Snapshot& table, const std::vector<int64_t>& versions, KeptFiles& kept) {
  for (const int64_t version : versions) {
    Result<std::shared_ptr<const Snapshot>> snapshot = Snapshot::Open(table.store(), {.version = version});
    if (!snapshot.ok() && snapshot.error().code() == Code::kNotFound) {
      return InvalidArgument("version {}, whose files should be kept, cannot be opened: {}", version,
                             snapshot.error().message());
    }
    if (!snapshot.ok()) return std::move(snapshot).error().Wrap(fmt::format("version {} to keep", version));
    DELTIC_CHECK((*snapshot)->VisitLiveFiles({.stats = false}, [&](const FileActionView& file) -> Result<bool> {
      DELTIC_CHECK(kept.AddFileAndVector(file));
      return true;
    }));
  }
  return {};
}

Status AddCommitsSince(const Snapshot& table, int64_t horizon_ms, size_t threads, const CancelToken& cancel,
                       KeptFiles& kept) {
  DELTIC_TRY(const std::vector<LogFile> files, ListLog(*table.store(), {.until = table.version()}));
  std::vector<LogFile> commits;
  for (CommitTime& time : FileTimes(files)) {
    if (time.file_ms >= horizon_ms) commits.push_back(std::move(time.commit));
  }
  std::mutex mutex;
  return ForEachParallel(commits.size(), threads, [&](size_t i) -> Status {
    DELTIC_CHECK(cancel.Check());
    DELTIC_TRY(const LogFileText text, LogFileText::Read(*table.store(), commits[i]));
    ActionKinds kinds = ActionKinds::None();
    kinds.remove = kinds.cdc = true;
    ActionParser parser;
    return text.Visit(parser, kinds, [&](Action&& action) -> Result<bool> {
      const std::lock_guard lock(mutex);
      DELTIC_CHECK(kept.AddAction(action));
      return true;
    });
  });
}

Status NewCommits::CatchUp(std::optional<int64_t> through) {
  const std::lock_guard lock(mutex_);
  while (true) {
    Result<LogFile> commit = FindCommit(*store_, version_ + 1);
    if (!commit.ok() && commit.error().code() == Code::kNotFound) {
      if (!through || version_ >= *through) return {};
      return Corrupt("version {} is missing from the log, but version {} is there: nothing more is deleted",
                     version_ + 1, *through);
    }
    if (!commit.ok()) return std::move(commit).error();
    DELTIC_TRY(const std::vector<Action> actions, ReadCommit(*store_, *commit));
    for (const Action& action : actions) DELTIC_CHECK(files_.AddAction(action));
    ++version_;
  }
}

bool NewCommits::SpeakOf(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  return files_.Contains(key);
}

}  // namespace deltic
