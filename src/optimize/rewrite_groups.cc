// Owns the steps of a rewrite and that a failure between them leaves nothing behind.
//
// Every commit is checked against the snapshot that the files were read of, never against a later one of its own: what
// another writer removed meanwhile must not come back. dataChange is false everywhere and the isolation is kSnapshot:
// appends pass, who removed one of these files does not.
#include "optimize/rewrite_groups.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress_teller.h"
#include "base/uuid.h"
#include "rewrite/replace.h"
#include "scan/table_files.h"

namespace deltic {
namespace {

// Files of groups that are written and not committed.
struct Batch {
  std::vector<AddFile> removed, added;
};

int64_t TotalSize(const std::vector<AddFile>& files) {
  int64_t total = 0;
  for (const AddFile& file : files) total += file.size;
  return total;
}

// Spark's metrics.
std::map<std::string, std::string> Metrics(const Batch& batch) {
  std::vector<int64_t> sizes;
  for (const AddFile& file : batch.added) sizes.push_back(file.size);
  if (sizes.empty()) sizes.push_back(0);
  std::sort(sizes.begin(), sizes.end());
  const auto vectors = std::count_if(batch.removed.begin(), batch.removed.end(),
                                     [](const AddFile& file) { return file.deletion_vector.has_value(); });
  const auto text = [](auto number) { return std::to_string(number); };
  return {{"numAddedFiles", text(batch.added.size())},        {"numAddedBytes", text(TotalSize(batch.added))},
          {"numRemovedFiles", text(batch.removed.size())},    {"numRemovedBytes", text(TotalSize(batch.removed))},
          {"numDeletionVectorsRemoved", text(vectors)},       {"minFileSize", text(sizes.front())},
          {"p25FileSize", text(sizes[sizes.size() / 4])},     {"p50FileSize", text(sizes[sizes.size() / 2])},
          {"p75FileSize", text(sizes[sizes.size() * 3 / 4])}, {"maxFileSize", text(sizes.back())}};
}

class GroupRewriter {
 public:
  GroupRewriter(Engine& engine, std::shared_ptr<const Snapshot> table, std::vector<FileGroup> groups,
                const RewriteOptions& options, const OptimizeContext& context)
      : engine_(engine),
        table_(std::move(table)),
        groups_(std::move(groups)),
        options_(options),
        context_(context),
        target_{.store = table_->store(),
                .protocol = table_->protocol(),
                .metadata = table_->metadata(),
                .schema = table_->schema(),
                .config = table_->config()},
        teller_(options.progress, "rewriting files", "files", CountFiles(groups_)) {}

  Result<Rewritten> Run() {
    last_commit_ = std::chrono::steady_clock::now();
    Status status = ForEachParallel(groups_.size(), options_.threads, [this](size_t i) { return Rewrite(groups_[i]); });
    if (status.ok()) status = CommitPending();
    if (!status.ok()) {
      // Of several groups' errors the one that leaves a commit open is the one to tell.
      Error error = unknown_ ? *unknown_ : std::move(status).error();
      if (!pending_.added.empty()) error = DiscardFiles(*table_->store(), pending_.added, std::move(error));
      if (done_.commits == 0) return error;
      return std::move(error).Wrap(fmt::format("after {} commit(s), which stand (the last is version {})",
                                               done_.commits,
                                               done_.snapshot == nullptr ? -1 : done_.snapshot->version()));
    }
    return std::move(done_);
  }

 private:
  static int64_t CountFiles(const std::vector<FileGroup>& groups) {
    size_t files = 0;
    for (const FileGroup& group : groups) files += group.files.size();
    return static_cast<int64_t>(files);
  }

  Status Rewrite(FileGroup& group) {
    DELTIC_CHECK(context_.commit.cancel.Check());
    Result<WrittenRows> written = Write(group);
    if (!written.ok()) return std::move(written).error();
    const std::lock_guard lock(mutex_);
    for (AddFile& file : written->files) {
      file.data_change = false;
      pending_.added.push_back(std::move(file));
    }
    teller_.Add(static_cast<int64_t>(group.files.size()));
    std::move(group.files.begin(), group.files.end(), std::back_inserter(pending_.removed));
    if (!options_.min_commit_interval_ms) return {};
    const auto passed = std::chrono::steady_clock::now() - last_commit_;
    if (passed < std::chrono::milliseconds(*options_.min_commit_interval_ms)) return {};
    return CommitPending();
  }

  Result<WrittenRows> Write(const FileGroup& group) {
    const bool row_ids = target_.config.row_tracking_enabled;
    DELTIC_TRY(ReadSpec spec, MakeReadSpec(table_, {.row_ids = row_ids}));
    spec.scan.files = MakeFileSource(table_, group.files);
    WriteOptions write = context_.write;
    write.rows = RowOrigin::kOwn;
    write.one_partition = group.partition;
    write.target_file_bytes = options_.target_file_bytes;
    write.keep_order = true;
    if (options_.order) {
      DELTIC_TRY(write.order, options_.order(group));
    }
    DELTIC_TRY(std::unique_ptr<RowInput> rows, engine_.InputFromScan(spec));
    DELTIC_TRY(WrittenRows written, WriteRows(engine_, std::move(rows), target_, write));
    // The last guard of the rows: what the log says of them and what was read are told apart before anything goes.
    if (group.rows && *group.rows != written.num_rows) {
      return DiscardFiles(
          *table_->store(), written.files,
          Corrupt(
              "the statistics in the log say that {} file(s), {} first, hold {} rows, but {} were read: the table is "
              "left as it is; see whether the files are those that the log means",
              group.files.size(), group.files[0].path, *group.rows, written.num_rows));
    }
    if (group.cube) {
      ZCube cube = *group.cube;
      if (cube.id.empty()) cube.id = FormatUuid(MakeRandomUuid(context_.commit.env.random));
      for (AddFile& file : written.files) SetZCube(cube, file);
    }
    return written;
  }

  // The caller holds the mutex, or is alone.
  Status CommitPending() {
    if (pending_.removed.empty()) return {};
    Intent intent{.base = table_, .store = table_->store()};
    intent.operation = options_.operation;
    intent.operation.metrics = Metrics(pending_);
    intent.isolation = IsolationLevel::kSnapshot;
    intent.user_metadata = options_.user_metadata;
    intent.user_metadata_text = options_.user_metadata_text;
    const int64_t now = context_.commit.env.now_ms();
    if (done_.commits == 0) {
      for (SetTransaction transaction : context_.transactions) {
        if (!transaction.last_updated) transaction.last_updated = now;
        intent.read.app_ids.insert(transaction.app_id);
        intent.actions.emplace_back(std::move(transaction));
      }
    }
    for (const AddFile& file : pending_.removed) {
      RemoveFile remove = ToRemove(file, now);
      remove.data_change = false;
      intent.actions.emplace_back(std::move(remove));
      DELTIC_TRY(std::string path, CanonicalPath(file.path));
      intent.read.files.insert(std::move(path));
    }
    for (const AddFile& file : pending_.added) intent.actions.emplace_back(file);
    Result<Committed> committed = Commit(intent, context_.commit);
    if (!committed.ok()) {
      // Nobody knows whether a version names these files.
      if (committed.error().code() == Code::kCommitUnknown) {
        pending_ = {};
        unknown_ = committed.error();
      }
      return std::move(committed).error();
    }
    Account(std::move(*committed));
    return {};
  }

  void Account(Committed committed) {
    for (const AddFile& file : pending_.added) done_.added_sizes.push_back(file.size);
    for (const AddFile& file : pending_.removed) {
      done_.removed_sizes.push_back(file.size);
      if (!file.deletion_vector) continue;
      done_.vectors_removed++;
      done_.vector_rows_removed += file.deletion_vector->cardinality;
    }
    done_.commits++;
    done_.retries += committed.retries;
    done_.snapshot = std::move(committed.snapshot);
    std::move(committed.warnings.begin(), committed.warnings.end(), std::back_inserter(done_.warnings));
    pending_ = {};
    last_commit_ = std::chrono::steady_clock::now();
  }

  Engine& engine_;
  const std::shared_ptr<const Snapshot> table_;
  std::vector<FileGroup> groups_;
  const RewriteOptions& options_;
  const OptimizeContext& context_;
  const WriteTarget target_;
  ProgressTeller teller_;
  std::mutex mutex_;
  Batch pending_;
  std::optional<Error> unknown_;  // of a commit
  Rewritten done_;
  std::chrono::steady_clock::time_point last_commit_;
};

}  // namespace

Result<Rewritten> RewriteGroups(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                                std::vector<FileGroup> groups, const RewriteOptions& options,
                                const OptimizeContext& context) {
  if (table->config().row_tracking_enabled && table->config().row_id_column.empty()) {
    return Unsupported(
        "the table has row tracking but no column for row ids ({}): its files cannot be rewritten without losing them",
        "delta.rowTracking.materializedRowIdColumnName");
  }
  return GroupRewriter(engine, table, std::move(groups), options, context).Run();
}

}  // namespace deltic
