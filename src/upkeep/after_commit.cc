// Owns what follows a commit, in this order: checksum, checkpoint, cleanup. Each is a help to readers, none a condition
// of the commit: what fails is told and left. Protocol: "Checkpoints" (frequency is the writer's choice).
#include "base/error.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

int64_t CheckpointInterval(const Snapshot& snapshot) {
  const bool set = snapshot.metadata().configuration.count("delta.checkpointInterval") > 0;
  return set ? snapshot.config().checkpoint_interval : kDefaultCheckpointInterval;
}

bool CheckpointIsDue(const Snapshot& snapshot) {
  const int64_t interval = CheckpointInterval(snapshot);
  return interval > 0 && snapshot.version() > 0 && snapshot.version() % interval == 0;
}

}  // namespace

UpkeepDone RunUpkeep(const Snapshot& snapshot, const std::vector<Action>& commit, const Snapshot* before,
                     const Env& env) {
  UpkeepDone done;
  const auto tell = [&](const char* what, const Error& error) {
    done.warnings.push_back(fmt::format("{} failed: {}", what, error.ToString()));
  };
  Status checksum = WriteChecksum(snapshot, commit, before);
  if (!checksum.ok()) tell("the version checksum", checksum.error());
  if (!CheckpointIsDue(snapshot)) return done;

  const bool sums_known = snapshot.KnownSums() != nullptr;
  Result<CheckpointDone> checkpoint = WriteCheckpoint(snapshot, env, CancelToken());
  if (!checkpoint.ok()) {
    tell("the checkpoint", checkpoint.error());
    return done;
  }
  if (!checkpoint->existed) {
    Result<std::shared_ptr<const Snapshot>> next = snapshot.WithCheckpoint(checkpoint->files);
    if (next.ok()) done.snapshot = std::move(*next);
  }
  // The checkpoint has seen every file, and knows now what the commit alone could not tell.
  if (!sums_known && snapshot.KnownSums() != nullptr) {
    checksum = WriteChecksum(snapshot, commit, before);
    if (!checksum.ok()) tell("the version checksum", checksum.error());
  }
  if (!snapshot.config().expired_log_cleanup) return done;
  const Result<LogCleanup> cleanup = CleanLog(snapshot, env);
  if (!cleanup.ok()) {
    tell("the cleanup of the log", cleanup.error());
    return done;
  }
  for (const std::string& failed : cleanup->failed) done.warnings.push_back("the cleanup of the log left " + failed);
  return done;
}

std::vector<std::string> AfterCommit(const Snapshot& snapshot, const std::vector<Action>& commit,
                                     const Snapshot* before, const Env& env) {
  return RunUpkeep(snapshot, commit, before, env).warnings;
}

}  // namespace deltic
