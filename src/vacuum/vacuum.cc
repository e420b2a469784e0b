// Owns the order of a vacuum's steps: what is needed, what could go, the commit that says so, the deleting, the commit
// that ends it. The order is what makes it safe (docs/decisions/vacuum.md):
//
//   1. the newest version's state, then the candidates: a file that is written later is younger than the horizon
//   2. VACUUM START is committed; then every commit up to it is read: what they made live again stays
//   3. before each batch the log is asked for newer commits; what they speak of stays
#include "vacuum/vacuum.h"

#include <algorithm>
#include <utility>

#include "base/cancel.h"
#include "base/error.h"
#include "commit/vacuum_note.h"
#include "features/features.h"
#include "vacuum/candidates.h"
#include "vacuum/delete_files.h"
#include "vacuum/last_vacuum.h"
#include "vacuum/list_tree.h"
#include "vacuum/name_rule.h"
#include "vacuum/needed_files.h"

namespace deltic {
namespace {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;

Status CheckOrder(const Snapshot& table, const VacuumOrder& order) {
  // "VACUUM Protocol Check" asks for this of the tables that have the feature; it is as wise for all others.
  DELTIC_CHECK(CheckWritable(table.protocol()));
  DELTIC_CHECK(CheckWritableProperties(table.protocol(), table.metadata()));
  if (order.scope == VacuumScope::kLite && !order.inventory_sql.empty()) {
    return InvalidArgument("a lite vacuum goes by the log and reads no inventory: give one of the two");
  }
  return {};
}

// One vacuum. One thread at a time.
class Vacuuming {
 public:
  Vacuuming(SnapshotPtr table, const VacuumOrder& order)
      : table_(std::move(table)), order_(order), kept_(*table_->store()), threads_(ThreadsFor(order.threads)) {}

  Result<VacuumDone> Run() {
    DELTIC_CHECK(CheckOrder(*table_, order_));
    DELTIC_TRY(retention_ms_, ChooseRetention(table_->config().deleted_file_retention_ms, order_.retention_ms,
                                              order_.enforce_retention));
    horizon_ms_ = order_.commit.env.now_ms() - retention_ms_;
    DELTIC_CHECK(Choose());
    if (order_.dry_run) return Answer({.files = std::move(found_.files)});
    return DeleteAndTell();
  }

 private:
  // 1. kept_ and found_.
  Status Choose() {
    DELTIC_TRY(kept_, NeededByState(*table_, horizon_ms_));
    DELTIC_CHECK(AddVersions(*table_, order_.keep_versions, kept_));
    const CandidateRequest request{.table = table_.get(),
                                   .kept = &kept_,
                                   .horizon_ms = horizon_ms_,
                                   .leftover_horizon_ms = std::min(horizon_ms_, order_.commit.env.now_ms() - kDayMs),
                                   .inventory_sql = order_.inventory_sql,
                                   .threads = threads_,
                                   .cancel = order_.commit.cancel,
                                   .progress = order_.progress};
    DELTIC_TRY(last_expired_, LastVersionAt(*table_, horizon_ms_));
    if (order_.scope == VacuumScope::kLite) {
      last_done_ = ReadLastVacuum(*table_->store());
      DELTIC_TRY(found_, FindByLog(request, {.last_done = last_done_, .last_expired = last_expired_}));
    } else if (!order_.inventory_sql.empty()) {
      DELTIC_TRY(found_, FindByInventory(request));
    } else {
      DELTIC_TRY(found_, FindByListing(request));
    }
    if (NeedsCommits()) {
      DELTIC_CHECK(AddCommitsSince(*table_, horizon_ms_, threads_, order_.commit.cancel, kept_));
      std::erase_if(found_.files, [&](const ObjectMeta& file) { return kept_.Contains(file.key); });
    }
    std::sort(found_.files.begin(), found_.files.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return {};
  }

  // Whether the state alone may know too little of what the retention keeps: it never knows change files, and where
  // the retention is (or may once have been) shorter than the one asked for, tombstones may be missing from it.
  bool NeedsCommits() const {
    if (found_.files.empty()) return false;
    if (retention_ms_ > table_->config().deleted_file_retention_ms) return true;
    if (table_->metadata().configuration.count("delta.deletedFileRetentionDuration") > 0) return true;
    return std::any_of(found_.files.begin(), found_.files.end(),
                       [](const ObjectMeta& file) { return NameRule::IsChangeFile(file.key); });
  }

  // 2. and 3.
  Result<VacuumDone> DeleteAndTell() {
    DELTIC_CHECK(order_.commit.cancel.Check());
    const bool logs = order_.log && !found_.files.empty();
    const int64_t until_ms = order_.commit.env.now_ms() + kVacuumRunsMs / 2;
    NewCommits commits(table_->store(), table_->version());
    newest_ = table_;
    if (logs) {
      DELTIC_CHECK(CommitStart());
      const Status read = commits.CatchUp(newest_->version());
      if (!read.ok()) {
        (void)CommitEnd({});  // it has deleted nothing, and says so
        return read.error();
      }
    }
    Deleted deleted = DeleteFiles(*table_->store(), commits,
                                  {.files = std::move(found_.files),
                                   .empty_folders = std::move(found_.empty_folders),
                                   .threads = threads_,
                                   .in_time = [&] { return order_.commit.env.now_ms() < until_ms; },
                                   .cancel = order_.commit.cancel,
                                   .progress = order_.progress});
    const bool whole = deleted.ended.ok() && deleted.failed.empty();
    if (logs) {
      Status end = CommitEnd({.completed = whole, .files = static_cast<int64_t>(deleted.files.size())});
      if (!end.ok()) warnings_.push_back("VACUUM END was not committed: " + end.error().ToString());
    }
    if (!deleted.ended.ok()) {
      return Error(deleted.ended.error())
          .Wrap(fmt::format("the vacuum ended early, after deleting {} files", deleted.files.size()));
    }
    if (whole) Remember();
    return Answer(
        {.files = std::move(deleted.files), .folders_deleted = deleted.folders, .failed = std::move(deleted.failed)});
  }

  Status CommitStart() {
    int64_t bytes = 0;
    for (const ObjectMeta& file : found_.files) bytes += file.size_bytes;
    Operation operation{.name = std::string(kVacuumStart)};
    operation.parameters = {{"retentionCheckEnabled", order_.enforce_retention ? "true" : "false"},
                            {"defaultRetentionMillis", std::to_string(table_->config().deleted_file_retention_ms)}};
    if (order_.retention_ms) operation.parameters["specifiedRetentionMillis"] = std::to_string(*order_.retention_ms);
    operation.metrics = {{"numFilesToDelete", std::to_string(found_.files.size())},
                         {"sizeOfDataToDelete", std::to_string(bytes)}};
    Status status = CommitNote(std::move(operation), order_.commit, {});
    if (!status.ok()) return std::move(status).error().Wrap("VACUUM START: nothing was deleted");
    return {};
  }

  struct End {
    bool completed = false;
    int64_t files = 0;
  };
  Status CommitEnd(const End& end) {
    Operation operation{.name = std::string(kVacuumEnd)};
    operation.parameters = {{"status", end.completed ? "\"COMPLETED\"" : "\"FAILED\""}};
    operation.metrics = {{"numDeletedFiles", std::to_string(end.files)},
                         {"numVacuumedDirectories", std::to_string(found_.folders_listed)}};
    // Who asked for a stop wants the end of this told, too: a restore waits for it.
    const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
    CommitOptions options = order_.commit;
    options.cancel = CancelToken();
    return CommitNote(std::move(operation), options, order_.transactions);
  }

  // A commit that changes nothing.
  Status CommitNote(Operation operation, const CommitOptions& options,
                    const std::vector<SetTransaction>& transactions) {
    Intent intent{.base = newest_, .store = {}, .operation = std::move(operation)};
    for (const SetTransaction& transaction : transactions) {
      intent.read.app_ids.insert(transaction.app_id);
      intent.actions.emplace_back(transaction);
    }
    intent.isolation = IsolationLevel::kSnapshot;
    intent.blind_append = true;
    intent.user_metadata = order_.user_metadata;
    intent.user_metadata_text = order_.user_metadata_text;
    DELTIC_TRY(Committed committed, Commit(intent, options));
    newest_ = std::move(committed.snapshot);
    for (std::string& warning : committed.warnings) warnings_.push_back(std::move(warning));
    return {};
  }

  // Where a lite vacuum can go on from: everything that was removed up to there is gone.
  void Remember() {
    const bool all = order_.scope == VacuumScope::kLite ? found_.complete : order_.inventory_sql.empty();
    if (!all || !order_.keep_versions.empty() || !last_expired_) return;
    if (order_.scope == VacuumScope::kLite && last_done_ && *last_done_ >= *last_expired_) return;
    const Status status = WriteLastVacuum(*table_->store(), *last_expired_);
    if (!status.ok()) warnings_.push_back("_last_vacuum_info was not written: " + status.error().ToString());
  }

  VacuumDone Answer(VacuumDone done) {
    done.snapshot = newest_ ? newest_ : table_;
    done.folders_listed = found_.folders_listed;
    done.files_listed = found_.files_listed;
    done.warnings = std::move(found_.warnings);
    done.warnings.insert(done.warnings.end(), warnings_.begin(), warnings_.end());
    return done;
  }

  const SnapshotPtr table_;
  const VacuumOrder& order_;
  KeptFiles kept_;
  const size_t threads_;
  int64_t retention_ms_ = 0;
  int64_t horizon_ms_ = 0;
  std::optional<int64_t> last_done_;     // by _last_vacuum_info
  std::optional<int64_t> last_expired_;  // the newest version outside of the retention
  Candidates found_;
  SnapshotPtr newest_;
  std::vector<std::string> warnings_;
};

}  // namespace

Result<int64_t> ChooseRetention(int64_t table_ms, std::optional<int64_t> wanted_ms, bool enforce) {
  if (!wanted_ms) return table_ms;
  if (*wanted_ms < 0) return InvalidArgument("a retention of {} ms is negative", *wanted_ms);
  if (enforce && *wanted_ms < table_ms) {
    return InvalidArgument(
        "a retention of {} hours is shorter than the table's {} hours (delta.deletedFileRetentionDuration): it may "
        "delete files that a writer has not committed yet, and those that readers of older versions need. If nothing "
        "else works on the table, turn the check off",
        *wanted_ms / kHourMs, table_ms / kHourMs + (table_ms % kHourMs > 0 ? 1 : 0));
  }
  return *wanted_ms;
}

Result<VacuumDone> VacuumFiles(const std::shared_ptr<const Snapshot>& table, const VacuumOrder& order) {
  return Vacuuming(table, order).Run();
}

}  // namespace deltic
