// Owns the stream of changed files.
#include "cdf/change_files.h"

#include <map>
#include <utility>

#include "base/error.h"
#include "base/time.h"
#include "cdf/commit_changes.h"
#include "cdf/diff_mask.h"
#include "expr/prune.h"
#include "log/commit_reader.h"

namespace deltic {
namespace {

// Reading a deletion vector's rows one by one, to spare a file that has no changed row, is worth it up to here.
constexpr int64_t kMostRowsToCompare = 1 << 24;

bool IsTrue(const Predicate& predicate) {
  return predicate.kind == Predicate::Kind::kConstant && !predicate.literals[0].is_null() &&
         std::get<bool>(predicate.literals[0].value);
}

// What LoadMask needs of a file.
struct MaskToken {
  std::optional<DeletionVectorDescriptor> only;
  std::optional<DeletionVectorDescriptor> hidden;
  std::string path;
};

Result<std::shared_ptr<const DeletionVector>> ReadVector(ObjectStore& store, const std::string& path,
                                                         const std::optional<DeletionVectorDescriptor>& descriptor) {
  if (!descriptor) return std::shared_ptr<const DeletionVector>();
  auto vector = ReadDeletionVector(store, *descriptor);
  if (!vector.ok()) return std::move(vector).error().Wrap("deletion vector of data file " + path);
  return vector;
}

// Which files and commits a filter rules out. The feed's columns are partition columns to it: their values are
// constants of a file. One thread at a time.
class FeedPruner {
 public:
  FeedPruner(const ScanSpec& scan, const Predicate& predicate) {
    const auto without_type = [&] {
      auto names = scan.partition_columns;
      names.erase(names.end() - 3);
      return names;
    };
    const auto make = [&](std::vector<std::string> partition_columns) {
      return MakePruner({.schema = scan.schema,
                         .mode = scan.mode,
                         .partition_columns = std::move(partition_columns),
                         .predicate = predicate});
    };
    commits_ = make({kCommitVersionColumn, kCommitTimestampColumn});
    stored_ = make(without_type());
    others_ = make(scan.partition_columns);
  }

  Result<bool> KeepsCommit(const FeedCommit& commit) {
    PartitionValues values;
    AddConstants(commit, &values);
    DELTIC_TRY(const PruneReason reason, commits_->Check({.partition_values = &values}));
    return reason == PruneReason::kKept;
  }
  Result<bool> Keeps(const ChangedFile& file, const FeedCommit& commit) {
    PartitionValues values = file.partition_values;
    AddConstants(commit, &values);
    const bool stored = file.kind == ChangedFile::Kind::kStored;
    if (!stored) values[kChangeTypeColumn] = file.kind == ChangedFile::Kind::kInsert ? "insert" : "delete";
    Pruner& pruner = stored ? *stored_ : *others_;
    auto reason = pruner.Check({.partition_values = &values,
                                .stats_json = file.stats ? std::string_view(*file.stats) : std::string_view(),
                                .has_deletion_vector = file.only || file.hidden});
    if (!reason.ok()) return std::move(reason).error().Wrap("file " + file.path);
    return *reason == PruneReason::kKept;
  }

 private:
  static void AddConstants(const FeedCommit& commit, PartitionValues* values) {
    (*values)[kCommitVersionColumn] = std::to_string(commit.commit.version);
    (*values)[kCommitTimestampColumn] = FormatTimestampMicros(commit.timestamp_ms * 1000);
  }

  std::unique_ptr<Pruner> commits_;  // knows nothing but the commit
  std::unique_ptr<Pruner> stored_;   // for files that hold _change_type
  std::unique_ptr<Pruner> others_;
};

class ChangeCursor : public FileCursor {
 public:
  ChangeCursor(std::shared_ptr<const ChangeFeed> feed, const ScanSpec& scan, std::unique_ptr<FeedPruner> pruner)
      : feed_(std::move(feed)), pruner_(std::move(pruner)), paths_(*feed_->schema_of->store()), mode_(scan.mode) {
    for (const std::string& name : scan.partition_columns) {
      if (partitions_.size() + 3 == scan.partition_columns.size()) break;
      partitions_.push_back(*FindField(scan.schema, name));
    }
  }

  Result<std::optional<ScanFile>> Next() override {
    while (true) {
      while (next_file_ < files_.size()) {
        ChangedFile& file = files_[next_file_++];
        if (pruner_) {
          DELTIC_TRY(const bool keep, pruner_->Keeps(file, commit()));
          if (!keep) continue;
        }
        DELTIC_TRY(const bool changed, HasChangedRows(file));
        if (!changed) continue;
        auto scanned = ToScanFile(std::move(file));
        if (!scanned.ok()) return std::move(scanned).error().Wrap(commit().commit.key);
        return std::optional(std::move(*scanned));
      }
      if (next_commit_ == feed_->commits.size()) return std::optional<ScanFile>();
      DELTIC_CHECK(ReadCommit(feed_->commits[next_commit_++]));
    }
  }

 private:
  const FeedCommit& commit() const { return feed_->commits[next_commit_ - 1]; }
  ObjectStore& store() const { return *feed_->schema_of->store(); }

  Status ReadCommit(const FeedCommit& commit) {
    files_.clear();
    next_file_ = 0;
    if (pruner_) {
      DELTIC_TRY(const bool keep, pruner_->KeepsCommit(commit));
      if (!keep) return {};
    }
    CommitChanges changes;
    DELTIC_TRY(const LogFileText text, LogFileText::Read(store(), commit.commit));
    DELTIC_CHECK(text.Visit(parser_, ChangeActionKinds(), [&](Action&& action) -> Result<bool> {
      DELTIC_CHECK(changes.Take(std::move(action), paths_));
      return true;
    }));
    files_ = std::move(changes).Finish();
    return CompleteRemoves(commit.commit.version);
  }

  // A remove need not say its partition values. Then the version before has the file, with them.
  Status CompleteRemoves(int64_t version) {
    std::map<std::string, ChangedFile*> incomplete;
    for (ChangedFile& file : files_) {
      if (file.kind != ChangedFile::Kind::kDelete || !LacksPartitionValues(file)) continue;
      DELTIC_TRY(std::string path, paths_.Of(file.path));
      incomplete.emplace(std::move(path), &file);
    }
    if (incomplete.empty()) return {};
    const ChangedFile& any = *incomplete.begin()->second;
    const auto cannot = [&](const std::string& why) {
      return fmt::format("the remove of {} in version {} has no partition values, and {}", any.path, version, why);
    };
    if (version == 0) return Corrupt("{}", cannot("there is no version before"));
    auto before = Snapshot::Open(feed_->schema_of->store(), {.version = version - 1, .timestamp_ms = std::nullopt});
    if (!before.ok()) return std::move(before).error().Wrap(cannot("the version before is needed for them"));
    LiveFilesRequest request;
    request.stats = false;
    DELTIC_TRY(auto live, (*before)->LiveFiles(request));
    while (!incomplete.empty()) {
      DELTIC_TRY(auto add, live->Next());
      if (!add) return Corrupt("{}", cannot("the version before does not hold the file"));
      DELTIC_TRY(const std::string path, paths_.Of(add->path));
      const auto found = incomplete.find(path);
      if (found == incomplete.end()) continue;
      found->second->partition_values = std::move(add->partition_values);
      found->second->size = add->size;
      incomplete.erase(found);
    }
    return {};
  }

  bool LacksPartitionValues(const ChangedFile& file) const {
    for (const StructField& field : partitions_) {
      if (!file.partition_values.contains(PhysicalName(field, mode_))) return true;
    }
    return false;
  }

  // Of a file between two deletion vectors. Most often no row came back: then the file need not be opened for that.
  Result<bool> HasChangedRows(const ChangedFile& file) const {
    if (!file.only || !file.hidden || file.only->cardinality > kMostRowsToCompare) return true;
    DELTIC_TRY(const auto only, ReadVector(store(), file.path, file.only));
    DELTIC_TRY(const auto hidden, ReadVector(store(), file.path, file.hidden));
    for (const uint64_t row : only->ToRows()) {
      if (!hidden->Contains(row)) return true;
    }
    return false;
  }

  Result<ScanFile> ToScanFile(ChangedFile&& file) const {
    DELTIC_TRY(ScanFile scanned, LocateScanFile(store(), file.path));
    if (file.size) {
      scanned.size_bytes = *file.size;
    } else if (scanned.local_path.empty()) {
      ObjectPlace place{.store = feed_->schema_of->store(), .key = scanned.key};
      if (!scanned.url.empty()) {
        DELTIC_TRY(place, PlaceBeside(store(), scanned.url));
      }
      DELTIC_TRY(const ObjectMeta meta, place.store->Head(place.key));
      scanned.size_bytes = meta.size_bytes;
    }
    scanned.modified_ms = file.modification_time;
    for (const StructField& field : partitions_) {
      DELTIC_TRY(Literal value, PartitionLiteral(file.partition_values, field, mode_, file.path));
      scanned.partition_values.push_back(std::move(value));
    }
    const DataType text(TypeKind::kString);
    switch (file.kind) {
      case ChangedFile::Kind::kStored:
        scanned.stored_partition_columns.push_back(scanned.partition_values.size());
        scanned.partition_values.push_back(Literal::Null(text));
        break;
      case ChangedFile::Kind::kInsert:
        scanned.partition_values.push_back({text, std::string("insert")});
        break;
      case ChangedFile::Kind::kDelete:
        scanned.partition_values.push_back({text, std::string("delete")});
        break;
    }
    scanned.partition_values.push_back({DataType(TypeKind::kLong), commit().commit.version});
    scanned.partition_values.push_back({DataType(TypeKind::kTimestamp), commit().timestamp_ms * 1000});
    if (file.only || file.hidden) {
      scanned.has_deletions = true;
      scanned.token = std::make_shared<const MaskToken>(
          MaskToken{.only = std::move(file.only), .hidden = std::move(file.hidden), .path = std::move(file.path)});
    }
    return scanned;
  }

  const std::shared_ptr<const ChangeFeed> feed_;
  const std::unique_ptr<FeedPruner> pruner_;  // null: nothing is left out
  const CanonicalPaths paths_;
  const MappingMode mode_;
  std::vector<StructField> partitions_;  // the table's own
  ActionParser parser_;
  size_t next_commit_ = 0;
  std::vector<ChangedFile> files_;  // of the commit before next_commit_
  size_t next_file_ = 0;
};

class ChangeFiles : public FileSource {
 public:
  ChangeFiles(std::shared_ptr<const ChangeFeed> feed, ScanSpec scan, bool skipping)
      : feed_(std::move(feed)), scan_(std::move(scan)), skipping_(skipping) {}

  Result<std::unique_ptr<FileCursor>> Open(const Predicate& filter) override {
    std::unique_ptr<FeedPruner> pruner;
    if (skipping_ && !IsTrue(filter)) pruner = std::make_unique<FeedPruner>(scan_, filter);
    return std::unique_ptr<FileCursor>(std::make_unique<ChangeCursor>(feed_, scan_, std::move(pruner)));
  }

  Result<std::shared_ptr<const RowMask>> LoadMask(const ScanFile& file) override {
    const auto& token = *static_cast<const MaskToken*>(file.token.get());
    DiffVectors vectors;
    DELTIC_TRY(vectors.only, ReadVector(*feed_->schema_of->store(), token.path, token.only));
    DELTIC_TRY(vectors.hidden, ReadVector(*feed_->schema_of->store(), token.path, token.hidden));
    return MakeDiffMask(std::move(vectors));
  }

  // Enough to tell changes from a constant.
  int64_t EstimatedRows() const override { return 100'000; }

 private:
  const std::shared_ptr<const ChangeFeed> feed_;
  const ScanSpec scan_;
  const bool skipping_;
};

}  // namespace

std::shared_ptr<FileSource> MakeChangeFiles(std::shared_ptr<const ChangeFeed> feed, const ScanSpec& scan,
                                            bool skipping) {
  return std::make_shared<ChangeFiles>(std::move(feed), scan, skipping);
}

}  // namespace deltic
