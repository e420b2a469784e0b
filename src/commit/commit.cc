// Owns the loop: assemble, put if absent, and what each answer means. Protocol: "Delta Log Entries"; DESIGN section 4.
//
//   written   the version is made
//   exists    someone's; ours, if an earlier try of this very commit got through: its first line (with txnId) tells
//   unknown   the same question, and while nothing is there the same bytes are put again: whichever of the two requests
//             arrives first, the other meets it and is told `exists`, so the commit is made once or not at all
// Nothing is believed to have failed before the version's place has been looked at.
#include "commit/commit.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/cancel.h"
#include "base/error.h"
#include "base/parallel.h"
#include "base/uuid.h"
#include "commit/assemble.h"
#include "commit/rebase_rows.h"
#include "commit/row_ids.h"
#include "commit/winners.h"
#include "log/listing.h"
#include "upkeep/manifest.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

constexpr int kTries = 8;  // of one call to storage, before it counts as not answering
constexpr int64_t kFirstDelayMs = 1;
constexpr int64_t kMaxDelayMs = 200;
constexpr int64_t kPatienceMs = 5 * 60'000;  // with one call: remote stores have been patient themselves
// How long a cancelled commit still waits for a store that does not answer: to the put that it has sent, and then to
// the question what became of it.
constexpr int64_t kPutPatienceMs = 5'000;
constexpr int64_t kReadBackPatienceMs = 5'000;
// A base older than this may have been cleaned up, and a put-if-absent of the version after it would then make a second
// history where the log once was: the log is listed first. Below it no log's cleanup can have passed it.
constexpr int64_t kTrustBaseMs = 60'000;

// Whose commit is at a version.
enum class Found { kOurs, kTheirs, kNothing };

// What is at a key, judged by our bytes. The first line holds txnId, which no other commit has; the answer may be cut.
std::optional<Found> Recognise(std::string_view text, std::string_view bytes) {
  const std::string_view first_line = bytes.substr(0, bytes.find('\n') + 1);
  if (text.starts_with(first_line)) return Found::kOurs;
  if (first_line.starts_with(text)) return std::nullopt;  // cut off before it can be told
  return Found::kTheirs;
}

// Errors by which storage says that it did not even try.
bool IsRefusal(const Error& error) {
  return error.code() == Code::kPermissionDenied || error.code() == Code::kInvalidArgument ||
         error.code() == Code::kUnsupported;
}

// One commit from its intent to its version. One thread at a time.
class CommitLoop {
 public:
  CommitLoop(const Intent& intent, const CommitOptions& options)
      : intent_(intent),
        options_(options),
        store_(intent.base ? intent.base->store() : intent.store),
        current_(intent.base),
        level_(LevelOf(intent)) {}

  Result<Committed> Run();
  // Nothing was committed, and nothing can be any more.
  void Abandon() {
    if (rows_) rows_->Discard(*store_);
  }

 private:
  // The intent as the winners so far have left it.
  const Intent& intent() const { return rows_ ? rows_->intent() : intent_; }
  Status Prepare();
  bool Trusted() const;
  Status TakeKnownWinners();
  Result<Assembled> AssembleNext();
  Result<SnapshotPtr> SnapshotWith(const Assembled& commit, const LogFile& file) const;
  Result<Found> Put(const std::string& key, const std::string& bytes);
  Result<Found> ReadBack(const std::string& key, const std::string& bytes);
  Status TakeWinners(int64_t contested);
  Status TakeWinner(const LogFile& file);
  Committed Finish(const Assembled& commit, LogFile file, SnapshotPtr snapshot);
  void Wait(int attempt);

  // Calls until it answers anything but Unavailable, a bounded number of times.
  template <class Call>
  auto Patiently(Call call) -> decltype(call()) {
    int64_t failing_since_ms = 0;
    for (int attempt = 1;; ++attempt) {
      auto answer = call();
      if (answer.ok() || answer.error().code() != Code::kUnavailable || attempt == kTries) return answer;
      const int64_t now_ms = options_.env.now_ms();
      if (attempt == 1) failing_since_ms = now_ms;
      if (StopSign::Here().up() || now_ms - failing_since_ms > kPatienceMs) return answer;
      Wait(attempt);
    }
  }

  const Intent& intent_;
  const CommitOptions& options_;
  const std::shared_ptr<ObjectStore> store_;
  SnapshotPtr current_;  // the version that the next try follows; null before version 0
  const IsolationLevel level_;
  std::string txn_id_;
  std::optional<ConflictCheck> conflicts_;
  std::optional<RowRebase> rows_;
  int64_t trusted_ms_ = 0;  // when the log was last known to go on from current_
  int32_t retries_ = 0;
};

Result<Committed> CommitLoop::Run() {
  DELTIC_CHECK(Prepare());
  bool looked_again = false;
  while (true) {
    DELTIC_CHECK(StopSign::Here().Check());
    if (!Trusted()) DELTIC_CHECK(TakeKnownWinners());
    if (rows_ && rows_->stale()) {
      DELTIC_CHECK(Patiently([&] { return rows_->MakeAnew(*store_, options_.env); }));
    }
    DELTIC_TRY(Assembled commit, AssembleNext());
    if (!Trusted() && !std::exchange(looked_again, true)) continue;  // it took too long to make
    const std::string bytes = CommitText(commit.actions);
    LogFile file{.version = commit.version,
                 .from_version = commit.version,
                 .key = std::string(kLogFolder) + VersionName(commit.version) + ".json",
                 .size_bytes = static_cast<int64_t>(bytes.size()),
                 .modified_ms = commit.timestamp_ms};
    // Made before the commit is: what we could not read ourselves must never be written.
    DELTIC_TRY(SnapshotPtr snapshot, SnapshotWith(commit, file));
    DELTIC_TRY(const Found found, Put(file.key, bytes));
    if (found == Found::kOurs) return Finish(commit, std::move(file), std::move(snapshot));
    if (!current_) return AlreadyExists("{}: another writer has just made a table here", store_->uri());
    if (retries_ == options_.max_retries) {
      return Unavailable(
          "{}: {} other writers' commits came first, {} times in a row (the last is version {}); nothing was "
          "committed; try again, or allow more retries",
          store_->uri(), retries_ + 1, retries_ + 1, commit.version);
    }
    ++retries_;
    looked_again = false;
    DELTIC_CHECK(TakeWinners(commit.version));
    if (retries_ > 2) Wait(std::min(retries_ - 2, 8));
  }
}

Status CommitLoop::Prepare() {
  if (!store_) return Internal("an intent without a base needs a store");
  txn_id_ = FormatUuid(MakeRandomUuid(options_.env.random));
  if (!current_) {
    // A log whose first commits were cleaned up has a free place at version 0, but is a table all the same.
    DELTIC_TRY(const std::vector<LogFile> log, Patiently([&] { return ListLog(*store_); }));
    if (log.empty()) return {};
    return AlreadyExists("{}: there is a table already ({})", store_->uri(), log.back().key);
  }
  DELTIC_TRY(conflicts_, ConflictCheck::Make(intent_, level_));
  DELTIC_TRY(rows_, RowRebase::Make(intent_));
  trusted_ms_ = current_->segment().commit_modified_ms;
  return {};
}

bool CommitLoop::Trusted() const {
  if (!current_) return true;
  const int64_t age_ms = options_.env.now_ms() - trusted_ms_;
  return age_ms >= 0 && age_ms < kTrustBaseMs;
}

// Whoever is known to have won before the first try costs no retry.
Status CommitLoop::TakeKnownWinners() {
  trusted_ms_ = options_.env.now_ms();
  DELTIC_TRY(const std::vector<LogFile> winners, Patiently([&] { return ListWinners(*current_); }));
  for (const LogFile& file : winners) DELTIC_CHECK(TakeWinner(file));
  return {};
}

Result<Assembled> CommitLoop::AssembleNext() {
  Attempt attempt{.intent = &intent(),
                  .before = current_.get(),
                  .isolation = level_,
                  .txn_id = txn_id_,
                  .engine_info = options_.engine_info.empty() ? "deltic/" DELTIC_VERSION : options_.engine_info,
                  .now_ms = options_.env.now_ms()};
  DELTIC_TRY(const AttemptNeeds needs, NeedsOf(intent(), current_.get()));
  if (needs.time) {
    DELTIC_TRY(attempt.before_ms, Patiently([&] { return current_->TimestampMs(); }));
  }
  if (needs.row_ids) {
    DELTIC_TRY(const std::vector<DomainMetadata> domains, Patiently([&] { return current_->Domains(); }));
    DELTIC_TRY(attempt.row_id_mark, RowIdMark(domains));
  }
  return Assemble(attempt);
}

Result<SnapshotPtr> CommitLoop::SnapshotWith(const Assembled& commit, const LogFile& file) const {
  return current_ ? current_->After(file, commit.actions) : Snapshot::First(store_, file, commit.actions);
}

// Never answers kNothing. CommitUnknown when the outcome cannot be told; any other error means that nothing was
// written.
Result<Found> CommitLoop::Put(const std::string& key, const std::string& bytes) {
  // A cancel is heeded before the put, and after one that did nothing. In between it is too late: the version may be
  // made already. So the put and its read-back are given their time, and a store that takes longer leaves the outcome
  // open.
  const CancelScope patient(StopSign::Here().Patient(kPutPatienceMs));
  bool in_doubt = false;  // a try may still take effect, however late
  for (int attempt = 1;; ++attempt) {
    const Result<PutOutcome> outcome = store_->PutIfAbsent(key, bytes);
    if (outcome.ok() && *outcome == PutOutcome::kWritten) return Found::kOurs;
    in_doubt = in_doubt || (outcome.ok() && *outcome == PutOutcome::kUnknown);
    if (!outcome.ok() && IsRefusal(outcome.error()) && !in_doubt) return Error(outcome.error()).Wrap("writing " + key);
    const Result<Found> found = ReadBack(key, bytes);
    if (!found.ok()) {
      // Of a place that was taken at the first try nothing can be ours.
      if (outcome.ok() && *outcome == PutOutcome::kExists && attempt == 1) return Found::kTheirs;
      return CommitUnknown(
          "{}{}: the answer to writing this commit was lost, and it could not be read back ({}): look "
          "there for txnId {} before running the operation again",
          store_->uri(), key, found.error().message(), txn_id_);
    }
    if (*found != Found::kNothing) return *found;
    const bool again = outcome.ok() || outcome.error().code() == Code::kUnavailable;
    if (again && attempt < kTries) {
      Wait(attempt);
      continue;
    }
    if (in_doubt) {
      return CommitUnknown(
          "{}{}: the answers to writing this commit were lost, and it is not there yet: look there for "
          "txnId {} before running the operation again",
          store_->uri(), key, txn_id_);
    }
    if (!outcome.ok()) return Error(outcome.error()).Wrap("writing " + key);
    return Unavailable(
        "{}{}: storage says that the commit exists, but does not show it; nothing was committed; try again",
        store_->uri(), key);
  }
}

Result<Found> CommitLoop::ReadBack(const std::string& key, const std::string& bytes) {
  const CancelScope patient(StopSign::Here().Patient(kReadBackPatienceMs));
  return Patiently([&]() -> Result<Found> {
    const Result<std::string> text = store_->Get(key);
    if (!text.ok() && text.error().code() == Code::kNotFound) return Found::kNothing;
    if (!text.ok()) return text.error();
    const std::optional<Found> found = Recognise(*text, bytes);
    if (!found) return Unavailable("{}: {} bytes were read, which do not tell whose commit it is", key, text->size());
    return *found;
  });
}

// Someone has made the contested version: hold the operation against it and all that came after, and follow them.
Status CommitLoop::TakeWinners(int64_t contested) {
  trusted_ms_ = options_.env.now_ms();
  DELTIC_TRY(std::vector<LogFile> winners, Patiently([&] { return ListWinners(*current_); }));
  if (winners.empty()) {  // a listing that is behind
    DELTIC_TRY(LogFile file, Patiently([&] { return FindCommit(*store_, contested); }));
    winners.push_back(std::move(file));
  }
  for (const LogFile& file : winners) DELTIC_CHECK(TakeWinner(file));
  return {};
}

Status CommitLoop::TakeWinner(const LogFile& file) {
  Result<std::vector<Action>> actions = Patiently([&] { return ReadCommit(*store_, file); });
  if (!actions.ok()) return std::move(actions).error().Wrap("reading what another writer committed");
  Winner winner = MakeWinner(file.version, std::move(*actions));
  const auto read = [&](const DeletionVectorDescriptor& vector) {
    return Patiently([&] { return ReadDeletionVector(*store_, vector); });
  };
  DELTIC_CHECK(conflicts_->CheckTable(winner));
  DELTIC_CHECK(rows_->Look(winner, read, [&](const AddFile& file) { return conflicts_->ReadsFile(file); }));
  DELTIC_CHECK(conflicts_->CheckFiles(winner));
  DELTIC_TRY(current_, current_->After(file, winner.actions));
  return {};
}

Committed CommitLoop::Finish(const Assembled& commit, LogFile file, SnapshotPtr snapshot) {
  const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));  // a cancel comes too late
  Committed done{.version = commit.version, .retries = retries_};
  // The time that storage gave the file, which is the version's time without in-commit timestamps. Not worth an error.
  const auto set_time = [&] {
    const Result<LogFile> stored = FindCommit(*store_, commit.version);
    if (stored.ok()) file.modified_ms = stored->modified_ms;
  };
  const SnapshotPtr untimed = snapshot;
  const auto take_time = [&] {
    if (file.modified_ms == untimed->segment().commit_modified_ms) return;
    Result<SnapshotPtr> timed = SnapshotWith(commit, file);
    if (!timed.ok()) return;
    (*timed)->LearnFrom(*untimed);
    snapshot = std::move(*timed);
  };
  UpkeepDone upkeep;
  if (options_.upkeep && store_->remote()) {  // a round trip less: neither needs the other
    (void)ForEachParallel(2, 2, [&](size_t what) -> Status {
      if (what == 0) set_time();
      if (what == 1) upkeep = RunUpkeep(*untimed, commit.actions, current_.get(), options_.env);
      return {};
    });
    take_time();
    if (upkeep.snapshot) {
      Result<SnapshotPtr> timed = snapshot->WithCheckpoint(upkeep.snapshot->segment().checkpoint);
      if (timed.ok()) upkeep.snapshot = std::move(*timed);
    }
  } else {
    set_time();
    take_time();
    if (options_.upkeep) upkeep = RunUpkeep(*snapshot, commit.actions, current_.get(), options_.env);
  }
  done.timestamp_ms = commit.in_commit_timestamp.value_or(file.modified_ms);
  done.warnings = std::move(upkeep.warnings);
  // Where upkeep made a checkpoint, whoever goes on from this snapshot should go on from there: else each commit of a
  // long-lived writer would carry along all that it made before.
  if (upkeep.snapshot) snapshot = std::move(upkeep.snapshot);
  Status manifests = RefreshManifests(*snapshot, commit.actions);
  if (!manifests.ok()) {
    done.warnings.push_back("the symlink manifests are not those of this version: " + manifests.error().ToString());
  }
  done.snapshot = std::move(snapshot);
  if (rows_) rows_->DropReplaced(*store_);
  return done;
}

// Half of an exponential delay, and a random part of the other half, so that losers do not return together.
void CommitLoop::Wait(int attempt) {
  const int64_t most = std::min(kMaxDelayMs, kFirstDelayMs << std::min(attempt, 20));
  const int64_t delay = most / 2 + static_cast<int64_t>(options_.env.random() % static_cast<uint64_t>(most / 2 + 1));
  if (options_.sleep_ms) {
    options_.sleep_ms(delay);
  } else {
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
  }
}

}  // namespace

Result<Committed> Commit(const Intent& intent, const CommitOptions& options) {
  CommitOptions complete = options;
  const Env real = RealEnv();
  if (!complete.env.now_ms) complete.env.now_ms = real.now_ms;
  if (!complete.env.random) complete.env.random = real.random;
  const CancelScope scope(StopSign::Here().With(complete.cancel));
  CommitLoop loop(intent, complete);
  Result<Committed> done = loop.Run();
  if (!done.ok() && done.error().code() != Code::kCommitUnknown) loop.Abandon();
  return done;
}

}  // namespace deltic
