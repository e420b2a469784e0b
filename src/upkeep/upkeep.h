// Owns the upkeep of a log: checkpoints, _last_checkpoint, version checksums, log compactions and the cleanup of old
// log files, each as an operation of its own and together as what follows a commit. Never changes what the table is.
// Protocol: "Checkpoints", "Version Checksum File", "Log Compaction Files", "Metadata Cleanup".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "base/cancel.h"
#include "base/env.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct CheckpointDone {
  int64_t version = 0;
  int64_t size_bytes = 0;  // of all its files
  int64_t actions = 0;
  int64_t sidecars = 0;
  bool v2 = false;
  bool existed = false;        // a checkpoint of the version was there already: nothing was written
  std::vector<LogFile> files;  // what was written in _delta_log, or was there
};
// Writes the checkpoint of the snapshot's version by the table's properties (delta.checkpointPolicy,
// delta.checkpoint.writeStatsAsJson, ...WriteStatsAsStruct) and then _last_checkpoint, unless that names a newer one.
// Memory does not grow with the table. Unsupported when the table's protocol asks of writers what this build cannot do.
Result<CheckpointDone> WriteCheckpoint(const Snapshot& snapshot, const Env& env, const CancelToken& cancel);

// Writes N.crc of the snapshot's version, when it can be told for little what belongs there: from what is known of the
// version before (`before`, or its own .crc when deltic wrote it) and the commit's actions, or by counting the live
// files of a small table. A checksum is right or absent. Nothing is overwritten.
Status WriteChecksum(const Snapshot& snapshot, const std::vector<Action>& commit, const Snapshot* before);

// One file that stands for the commits from..to (inclusive). InvalidArgument for fewer than two, for versions after the
// snapshot's, or a gap. Nothing is overwritten: a compaction that is there is as good.
Status WriteCompaction(const Snapshot& snapshot, int64_t from, int64_t to);

struct LogCleanup {
  std::vector<std::string> deleted;  // keys
  std::vector<std::string> failed;   // "key: why"
  int64_t oldest_version = 0;        // that can still be opened
};
// Deletes log files that expired (delta.logRetentionDuration, from midnight UTC as Spark; a `retention_ms` of the
// caller's counts from now), always keeping the newest checkpoint at or before the oldest version kept, its commit, all
// that it needs, and sidecars in use. A table with the feature checkpointProtection is cleaned to its version in one go
// or not at all. `dry_run` only tells.
Result<LogCleanup> CleanLog(const Snapshot& snapshot, const Env& env, bool dry_run = false,
                            std::optional<int64_t> retention_ms = {});

// How many versions apart checkpoints are where delta.checkpointInterval does not say (docs/decisions: checkpoint
// interval).
inline constexpr int64_t kDefaultCheckpointInterval = 100;

// What a commit of `snapshot`'s version calls for: a checksum always, a checkpoint each delta.checkpointInterval
// versions, and cleanup after one (delta.enableExpiredLogCleanup). Never an error: what went wrong is told.
struct UpkeepDone {
  std::vector<std::string> warnings;
  // The same version out of the checkpoint that was written; null when none was.
  std::shared_ptr<const Snapshot> snapshot;
};
UpkeepDone RunUpkeep(const Snapshot& snapshot, const std::vector<Action>& commit, const Snapshot* before,
                     const Env& env);
// Its warnings.
std::vector<std::string> AfterCommit(const Snapshot& snapshot, const std::vector<Action>& commit,
                                     const Snapshot* before, const Env& env);

}  // namespace deltic
