// Owns what belongs into a checkpoint, in which order it is written, and _last_checkpoint after it. The Parquet is the
// engine's, the file actions are the snapshot's.
//
// Order of writes, so that a crash between any two leaves a table that reads as before: sidecars, the checkpoint that
// names them, _last_checkpoint. Protocol: "Checkpoints", "V2 Spec", "V1 Spec", "Sidecar Files", "Last Checkpoint File".
#include <algorithm>
#include <deque>

#include "base/error.h"
#include "base/uuid.h"
#include "engine/engine.h"
#include "features/features.h"
#include "log/last_checkpoint.h"
#include "upkeep/stats_fields.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

constexpr std::string_view kHintKey = "_delta_log/_last_checkpoint";
constexpr std::string_view kSidecarFolder = "_delta_log/_sidecars/";
// Few enough that readers share the work, many enough that a large table has few files.
constexpr int64_t kSidecarActions = 250'000;

// What a V2 checkpoint and a V1 checkpoint have in common: the actions that are not of files, and the stream of those
// that are.
class CheckpointActions {
 public:
  static Result<CheckpointActions> Make(const Snapshot& snapshot, const Env& env) {
    CheckpointActions actions;
    const TableConfig& config = snapshot.config();
    const int64_t now = env.now_ms();
    actions.others_.emplace_back(snapshot.protocol());
    actions.others_.emplace_back(snapshot.metadata());
    DELTIC_TRY(std::vector<SetTransaction> transactions, snapshot.Transactions());
    for (SetTransaction& transaction : transactions) {
      // As Spark: where a retention is set, a transaction of unknown age has expired.
      const bool expired =
          config.transaction_retention_ms &&
          (!transaction.last_updated || *transaction.last_updated <= now - *config.transaction_retention_ms);
      if (!expired) actions.others_.emplace_back(std::move(transaction));
    }
    DELTIC_TRY(std::vector<DomainMetadata> domains, snapshot.Domains());
    for (DomainMetadata& domain : domains) actions.others_.emplace_back(std::move(domain));
    DELTIC_TRY(actions.files_, snapshot.StateFiles({.tombstones_after_ms = now - config.deleted_file_retention_ms}));
    return actions;
  }

  std::vector<Action>& others() { return others_; }
  const FileSums& sums() const { return sums_; }

  // The next file action; null at the end.
  Result<const FileActionView*> NextFile() {
    while (!batch_ || at_ == batch_->size()) {
      if (ended_) return nullptr;
      DELTIC_TRY(batch_, files_->Next());
      at_ = 0;
      ended_ = batch_->empty();
    }
    const FileActionView* file = &(*batch_)[at_++];
    if (!file->is_remove) sums_.Add(*file);
    return file;
  }
  // Whether NextFile would answer one; what it answered before lives no more.
  Result<bool> HasMoreFiles() {
    while (!batch_ || at_ == batch_->size()) {
      if (ended_) return false;
      DELTIC_TRY(batch_, files_->Next());
      at_ = 0;
      ended_ = batch_->empty();
    }
    return true;
  }

 private:
  std::vector<Action> others_;
  std::unique_ptr<FileActionCursor> files_;
  const std::vector<FileActionView>* batch_ = nullptr;
  size_t at_ = 0;
  bool ended_ = false;
  FileSums sums_;
};

CheckpointWrite MakeWrite(const Snapshot& snapshot, std::string key) {
  CheckpointWrite write;
  write.store = snapshot.store();
  write.key = std::move(key);
  write.stats_as_json = snapshot.config().checkpoint_stats_json;
  // The protocol's default is not to write them; Spark's own default differs. Only what the table says is done.
  write.stats_as_struct = snapshot.config().checkpoint_stats_struct &&
                          snapshot.metadata().configuration.count("delta.checkpoint.writeStatsAsStruct") > 0;
  if (write.stats_as_struct) {
    write.stats_fields = StatsFields(snapshot);
    write.partition_fields = PartitionFields(snapshot);
  }
  return write;
}

LogFile MakeLogFile(const std::string& key, const CheckpointWritten& written) {
  LogFile file = ParseLogName(std::string_view(key).substr(kLogFolder.size())).value_or(LogFile());
  file.size_bytes = written.size_bytes;
  file.modified_ms = written.modified_ms;
  return file;
}

struct Outcome {
  CheckpointDone done;
  int64_t adds = 0;
};

Result<Outcome> WriteClassic(const Snapshot& snapshot, CheckpointActions& actions, const CancelToken& cancel) {
  CheckpointWrite write =
      MakeWrite(snapshot, std::string(kLogFolder) + VersionName(snapshot.version()) + ".checkpoint.parquet");
  size_t next_other = 0;
  write.actions = [&]() -> Result<CheckpointRow> {
    if (next_other < actions.others().size()) return CheckpointRow{.other = &actions.others()[next_other++]};
    DELTIC_TRY(const FileActionView* file, actions.NextFile());
    return CheckpointRow{.file = file};
  };
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  DELTIC_TRY(const CheckpointWritten written, engine->WriteCheckpoint(write, cancel));
  Outcome outcome{.done = {.version = snapshot.version(),
                           .size_bytes = written.size_bytes,
                           .actions = written.actions,
                           .existed = written.existed},
                  .adds = written.adds};
  outcome.done.files.push_back(MakeLogFile(write.key, written));
  return outcome;
}

// Files that are of no use without the one that would name them: deleted again unless they were kept.
class WrittenSidecars {
 public:
  explicit WrittenSidecars(ObjectStore& store) : store_(store) {}
  WrittenSidecars(const WrittenSidecars&) = delete;
  WrittenSidecars& operator=(const WrittenSidecars&) = delete;
  ~WrittenSidecars() {
    const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
    // What cannot be deleted is cleaned up with the log: no checkpoint names it.
    for (const std::string& key : keys_) (void)store_.Delete(key).ok();
  }
  void Add(std::string key) { keys_.push_back(std::move(key)); }
  void Keep() { keys_.clear(); }

 private:
  ObjectStore& store_;
  std::vector<std::string> keys_;
};

Result<Outcome> WriteV2(const Snapshot& snapshot, CheckpointActions& actions, const Env& env,
                        const CancelToken& cancel) {
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  WrittenSidecars sidecars(*snapshot.store());
  Outcome outcome{.done = {.version = snapshot.version(), .v2 = true}};
  std::vector<Action> top = {CheckpointMetadata{.version = snapshot.version()}};
  for (Action& other : actions.others()) top.push_back(std::move(other));
  while (true) {
    DELTIC_TRY(const bool more, actions.HasMoreFiles());
    if (!more) break;
    const std::string name = FormatUuid(MakeRandomUuid(env.random)) + ".parquet";
    CheckpointWrite write = MakeWrite(snapshot, std::string(kSidecarFolder) + name);
    write.sidecar = true;
    int64_t taken = 0;
    write.actions = [&]() -> Result<CheckpointRow> {
      if (taken == kSidecarActions) return CheckpointRow();
      ++taken;
      DELTIC_TRY(const FileActionView* file, actions.NextFile());
      return CheckpointRow{.file = file};
    };
    sidecars.Add(write.key);
    DELTIC_TRY(const CheckpointWritten written, engine->WriteCheckpoint(write, cancel));
    top.emplace_back(
        Sidecar{.path = name, .size_in_bytes = written.size_bytes, .modification_time = written.modified_ms});
    outcome.done.size_bytes += written.size_bytes;
    outcome.done.actions += written.actions;
    outcome.adds += written.adds;
    ++outcome.done.sidecars;
  }
  CheckpointWrite write = MakeWrite(snapshot, std::string(kLogFolder) + VersionName(snapshot.version()) +
                                                  ".checkpoint." + FormatUuid(MakeRandomUuid(env.random)) + ".parquet");
  write.v2 = true;
  size_t next = 0;
  write.actions = [&]() -> Result<CheckpointRow> {
    if (next == top.size()) return CheckpointRow();
    return CheckpointRow{.other = &top[next++]};
  };
  // From here on the file that names them may be there, whatever is answered: its put may be done, or be done late.
  // Without its sidecars it would hide the table. Those that nothing names go when the log is cleaned up.
  sidecars.Keep();
  DELTIC_TRY(const CheckpointWritten written, engine->WriteCheckpoint(write, cancel));
  outcome.done.size_bytes += written.size_bytes;
  outcome.done.actions += written.actions;
  outcome.done.files.push_back(MakeLogFile(write.key, written));
  return outcome;
}

// A hint goes forward only. Two writers may still cross: then an older hint costs readers a longer listing, no more.
Status WriteHint(const Snapshot& snapshot, const Outcome& outcome) {
  const Result<std::string> text = snapshot.store()->Get(kHintKey);
  if (text.ok()) {
    const Result<LastCheckpointHint> hint = ParseLastCheckpoint(*text);
    if (hint.ok() && hint->version > snapshot.version()) return {};
  }
  LastCheckpointText hint{.version = outcome.done.version,
                          .size = outcome.done.actions,
                          .size_in_bytes = outcome.done.size_bytes,
                          .num_of_add_files = outcome.adds};
  if (outcome.done.v2) {
    const LogFile& file = outcome.done.files[0];
    hint.v2 = LastCheckpointText::V2{.path = file.key.substr(kLogFolder.size()),
                                     .size_in_bytes = file.size_bytes,
                                     .modification_time = file.modified_ms};
  }
  DELTIC_TRY(const std::string json, FormatLastCheckpoint(hint));
  return snapshot.store()->Put(kHintKey, json);
}

// A checkpoint of this very version that the snapshot was made from.
std::optional<CheckpointDone> Existing(const Snapshot& snapshot) {
  const LogSegment& segment = snapshot.segment();
  if (segment.checkpoint_version != snapshot.version()) return std::nullopt;
  CheckpointDone done{.version = snapshot.version(), .existed = true, .files = segment.checkpoint};
  done.v2 = segment.checkpoint[0].kind == LogFile::Kind::kUuidCheckpoint;
  for (const LogFile& file : segment.checkpoint) done.size_bytes += file.size_bytes;
  return done;
}

}  // namespace

Result<CheckpointDone> WriteCheckpoint(const Snapshot& snapshot, const Env& env, const CancelToken& cancel) {
  const auto doing = [&](Error error) {
    return std::move(error).Wrap(fmt::format("checkpoint of version {}", snapshot.version()));
  };
  Status writable = CheckWritable(snapshot.protocol());
  if (!writable.ok()) return doing(std::move(writable).error());
  if (std::optional<CheckpointDone> existing = Existing(snapshot)) return *std::move(existing);
  Result<CheckpointActions> actions = CheckpointActions::Make(snapshot, env);
  if (!actions.ok()) return doing(std::move(actions).error());
  Result<Outcome> outcome = snapshot.config().v2_checkpoints ? WriteV2(snapshot, *actions, env, cancel)
                                                             : WriteClassic(snapshot, *actions, cancel);
  if (!outcome.ok()) return doing(std::move(outcome).error());
  if (outcome->done.existed) return std::move(outcome->done);
  snapshot.LearnSums(actions->sums());
  const Status hint = WriteHint(snapshot, *outcome);
  // The checkpoint is there and whole: readers find it by listing. An old hint is no failure.
  if (!hint.ok()) env.Log(LogLevel::kWarning, "_last_checkpoint was not written: " + hint.error().ToString());
  return std::move(outcome->done);
}

}  // namespace deltic
