// Owns the choice of log files to delete, and the order of deleting them.
//
//   cutoff      midnight (UTC) of the day that lies the retention back
//   last        the newest commit that is not younger than the cutoff: everything from it on must stay readable
//   checkpoint  the newest complete checkpoint at or before `last`, opened once to see that it is whole
//
// Everything before the checkpoint goes, oldest first, so that a crash half way leaves no gap: what is left of the
// deleted range has no beginning, and no reader asks for it. Sidecars go last, when no checkpoint that is left names
// them, and leftovers of writers that died a day ago. Protocol: "Metadata Cleanup".
#include <algorithm>
#include <set>
#include <tuple>

#include "base/error.h"
#include "log/checkpoint.h"
#include "log/listing.h"
#include "log/timestamps.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

constexpr int64_t kDayMs = 24 * 60 * 60 * 1000;
constexpr std::string_view kSidecarFolder = "_delta_log/_sidecars/";

int64_t Midnight(int64_t ms) { return ms - ((ms % kDayMs) + kDayMs) % kDayMs; }

bool IsCheckpoint(const LogFile& file) {
  return file.kind == LogFile::Kind::kClassicCheckpoint || file.kind == LogFile::Kind::kUuidCheckpoint ||
         file.kind == LogFile::Kind::kMultiPartCheckpoint;
}

// The newest commit at or before the cutoff.
std::optional<int64_t> LastExpired(const std::vector<LogFile>& files, int64_t cutoff_ms) {
  std::optional<int64_t> last;
  for (const CommitTime& time : FileTimes(files)) {
    if (time.file_ms <= cutoff_ms) last = time.commit.version;
  }
  return last;
}

// The version of the newest complete checkpoint at or before `last`; nullopt when there is none.
std::optional<int64_t> CheckpointAtOrBefore(const std::vector<LogFile>& files, int64_t last) {
  std::vector<LogFile> candidates;
  for (const LogFile& file : files) {
    if (IsCheckpoint(file) && file.version <= last) candidates.push_back(file);
  }
  const Result<LogSegment> segment = ChooseSegment(candidates, {});
  return segment.ok() ? segment->checkpoint_version : std::nullopt;
}

// Before anything is deleted on its account: the checkpoint opens, its sidecars are there, and so is the way from it.
Status CheckWhole(const Snapshot& snapshot, int64_t checkpoint) {
  DELTIC_TRY(const auto at, Snapshot::Open(snapshot.store(), {.version = checkpoint}));
  if (at->segment().checkpoint_version != checkpoint) {
    return Corrupt("the checkpoint of version {} cannot be read, so nothing before it may be deleted", checkpoint);
  }
  DELTIC_TRY(const std::vector<Action> actions, ReadCheckpointActions(snapshot.store(), at->segment().checkpoint));
  DELTIC_TRY(const auto sidecars, FindSidecars(*snapshot.store(), at->segment().checkpoint, actions));
  return {};
}

bool GoesWith(const LogFile& file, int64_t checkpoint) {
  if (file.kind == LogFile::Kind::kCompaction) return file.from_version <= checkpoint;
  return file.version < checkpoint;
}

// Of one version: the checkpoint before the commits that follow it go, and what only speeds reading up before what it
// speeds up.
int DeletionRank(const LogFile& file) {
  switch (file.kind) {
    case LogFile::Kind::kCompaction:
      return 0;
    case LogFile::Kind::kChecksum:
      return 1;
    case LogFile::Kind::kCommit:
      return 3;
    default:
      return 2;
  }
}

// One cleanup.
class Cleanup {
 public:
  Cleanup(ObjectStore& store, bool dry_run) : store_(store), dry_run_(dry_run) {}

  // Whether the file is gone (or would be).
  bool Delete(const std::string& key) {
    if (!dry_run_) {
      const Status status = store_.Delete(key);
      if (!status.ok()) {
        result_.failed.push_back(key + ": " + status.error().ToString());
        return false;
      }
    }
    result_.deleted.push_back(key);
    return true;
  }
  LogCleanup& result() { return result_; }

 private:
  ObjectStore& store_;
  const bool dry_run_;
  LogCleanup result_;
};

// The keys of the sidecars that the checkpoints among `files` name. An error when one of them cannot be read: then no
// sidecar can be told to be unused.
Result<std::set<std::string>> SidecarsInUse(const std::shared_ptr<ObjectStore>& store,
                                            const std::vector<LogFile>& files) {
  std::set<std::string> used;
  for (const LogFile& file : files) {
    if (file.kind != LogFile::Kind::kUuidCheckpoint && file.kind != LogFile::Kind::kClassicCheckpoint) continue;
    Result<std::vector<Action>> actions = ReadCheckpointActions(store, {file});
    if (!actions.ok() && actions.error().code() == Code::kNotFound) continue;  // another cleanup was quicker
    if (!actions.ok()) return std::move(actions).error();
    for (const Action& action : *actions) {
      const Sidecar* sidecar = std::get_if<Sidecar>(&action);
      if (sidecar == nullptr) continue;
      DELTIC_TRY(std::string key, SidecarKey(*sidecar));
      used.insert(std::move(key));
    }
  }
  return used;
}

Status DeleteSidecars(const Snapshot& snapshot, const std::vector<LogFile>& kept, int64_t older_than_ms,
                      Cleanup& cleanup) {
  std::vector<std::string> old;
  DELTIC_CHECK(snapshot.store()->List(kSidecarFolder, "", [&](const ObjectMeta& object) {
    if (object.modified_ms < older_than_ms && object.key.ends_with(".parquet")) old.push_back(object.key);
    return true;
  }));
  if (old.empty()) return {};
  Result<std::set<std::string>> used = SidecarsInUse(snapshot.store(), kept);
  if (!used.ok()) return std::move(used).error().Wrap("no sidecar is deleted");
  for (const std::string& key : old) {
    if (used->count(key) == 0) cleanup.Delete(key);
  }
  return {};
}

void DeleteLeftovers(const Snapshot& snapshot, int64_t older_than_ms, Cleanup& cleanup) {
  for (const std::string_view folder : {kLogFolder, kSidecarFolder}) {
    std::vector<std::string> old;
    const Status listed = snapshot.store()->ListLeftovers(folder, [&](const ObjectMeta& object) {
      if (object.modified_ms < older_than_ms) old.push_back(object.key);
      return true;
    });
    if (!listed.ok()) cleanup.result().failed.push_back(std::string(folder) + ": " + listed.error().ToString());
    for (const std::string& key : old) cleanup.Delete(key);
  }
}

// Where a catalog decides which commits there are, it decides too what is cleaned up, and when.
Status CheckOwnLog(const Snapshot& snapshot) {
  for (const char* feature : {"catalogManaged", "catalogOwned-preview"}) {
    if (SupportsFeature(snapshot.protocol(), feature)) {
      return Unsupported("the table's log belongs to a catalog (feature {}): it is the catalog's to clean up", feature);
    }
  }
  return {};
}

}  // namespace

Result<LogCleanup> CleanLog(const Snapshot& snapshot, const Env& env, bool dry_run,
                            std::optional<int64_t> retention_ms) {
  if (retention_ms && *retention_ms < 0) return InvalidArgument("a retention of {} ms is negative", *retention_ms);
  DELTIC_CHECK(CheckOwnLog(snapshot));
  DELTIC_CHECK(CheckWritable(snapshot.protocol()));
  const int64_t now = env.now_ms();
  const int64_t cutoff = retention_ms ? now - *retention_ms : Midnight(now - snapshot.config().log_retention_ms);
  DELTIC_TRY(const std::vector<LogFile> files, ListLog(*snapshot.store()));
  Cleanup cleanup(*snapshot.store(), dry_run);
  const std::optional<VersionRange> makeable = MakeableVersions(files);
  cleanup.result().oldest_version = makeable ? makeable->oldest : snapshot.version();

  const std::optional<int64_t> last = LastExpired(files, cutoff);
  const std::optional<int64_t> checkpoint =
      last ? CheckpointAtOrBefore(files, std::min(*last, snapshot.version())) : std::nullopt;
  const bool is_protected = checkpoint && *checkpoint < snapshot.config().checkpoint_protection_version;
  std::vector<LogFile> kept;
  std::vector<LogFile> expired;
  for (const LogFile& file : files) {
    (checkpoint && !is_protected && GoesWith(file, *checkpoint) ? expired : kept).push_back(file);
  }
  // Without a checkpoint nothing may go but what no reader ever sees.
  bool deleted_checkpoint = false;
  if (!expired.empty()) {
    DELTIC_CHECK(CheckWhole(snapshot, *checkpoint));
    std::sort(expired.begin(), expired.end(), [](const LogFile& a, const LogFile& b) {
      return std::tuple(a.from_version, DeletionRank(a), a.key) < std::tuple(b.from_version, DeletionRank(b), b.key);
    });
    for (const LogFile& file : expired) {
      // After a file that stays, those that follow would be a gap in what it begins.
      if (!cleanup.Delete(file.key)) break;
      deleted_checkpoint |= IsCheckpoint(file);
    }
    if (cleanup.result().failed.empty()) cleanup.result().oldest_version = *checkpoint;
  }
  const int64_t a_day_ago = std::min(Midnight(now - kDayMs), cutoff);
  if (SupportsFeature(snapshot.protocol(), "v2Checkpoint") && cleanup.result().failed.empty()) {
    const Status status = DeleteSidecars(snapshot, kept, a_day_ago, cleanup);
    if (!status.ok()) cleanup.result().failed.push_back(std::string(kSidecarFolder) + ": " + status.error().ToString());
  }
  DeleteLeftovers(snapshot, now - kDayMs, cleanup);
  return std::move(cleanup.result());
}

}  // namespace deltic
