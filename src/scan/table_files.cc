// Owns the FileSource over a snapshot's live files.
#include "scan/table_files.h"

#include <algorithm>

#include "base/error.h"
#include "dv/deletion_vector.h"
#include "expr/prune.h"
#include "scan/statistics_answer.h"

namespace deltic {
namespace {

// What LoadMask needs of a file's add action.
struct DeletionToken {
  DeletionVectorDescriptor descriptor;
  std::string path;
  std::shared_ptr<const RowMask> only;  // in place of the descriptor
};

class MaskOfVector : public RowMask {
 public:
  explicit MaskOfVector(std::shared_ptr<const DeletionVector> vector) : vector_(std::move(vector)) {}
  uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const override {
    return vector_->Keep(start, count, keep);
  }

 private:
  std::shared_ptr<const DeletionVector> vector_;
};

Result<std::vector<StructField>> PartitionColumns(const Snapshot& snapshot) {
  std::vector<StructField> columns;
  for (const auto& name : snapshot.metadata().partition_columns) {
    const auto* field = FindField(snapshot.schema(), name);
    if (field == nullptr) return Corrupt("partition column {} is not in the table's schema", name);
    columns.push_back(*field);
  }
  return columns;
}

Result<ScanFile> ToScanFile(const Snapshot& snapshot, const AddFile& add, const std::vector<StructField>& partitions) {
  DELTIC_TRY(ScanFile file, LocateScanFile(*snapshot.store(), add.path));
  file.size_bytes = add.size;
  file.modified_ms = add.modification_time;
  for (const auto& column : partitions) {
    DELTIC_TRY(auto value, PartitionLiteral(add.partition_values, column, snapshot.config().mapping_mode, add.path));
    file.partition_values.push_back(std::move(value));
  }
  file.base_row_id = add.base_row_id;
  file.default_row_commit_version = add.default_row_commit_version;
  // One that says it deletes nothing is read all the same: its bitmap must say so too.
  if (add.deletion_vector) {
    file.has_deletions = true;
    file.token = std::make_shared<const DeletionToken>(
        DeletionToken{.descriptor = *add.deletion_vector, .path = add.path, .only = nullptr});
  }
  return file;
}

class LiveScanFiles : public FileCursor {
 public:
  LiveScanFiles(std::shared_ptr<const Snapshot> snapshot, std::unique_ptr<LiveFileCursor> files,
                std::vector<StructField> partitions)
      : snapshot_(std::move(snapshot)), files_(std::move(files)), partitions_(std::move(partitions)) {}

  Result<std::optional<ScanFile>> Next() override {
    DELTIC_TRY(auto add, files_->Next());
    if (!add) return std::optional<ScanFile>();
    DELTIC_TRY(ScanFile file, ToScanFile(*snapshot_, *add, partitions_));
    return std::optional(std::move(file));
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  std::unique_ptr<LiveFileCursor> files_;
  std::vector<StructField> partitions_;
};

// Files that were chosen before; a filter may still drop some.
class ChosenFiles : public FileCursor {
 public:
  ChosenFiles(std::shared_ptr<const Snapshot> snapshot, std::shared_ptr<const std::vector<ChosenFile>> files,
              std::vector<StructField> partitions, std::unique_ptr<Pruner> pruner)
      : snapshot_(std::move(snapshot)),
        files_(std::move(files)),
        partitions_(std::move(partitions)),
        pruner_(std::move(pruner)) {}

  Result<std::optional<ScanFile>> Next() override {
    while (at_ < files_->size()) {
      const ChosenFile& chosen = (*files_)[at_++];
      const FileFacts facts{.partition_values = &chosen.file.partition_values,
                            .stats_json = chosen.file.stats ? std::string_view(*chosen.file.stats) : "",
                            .has_deletion_vector = chosen.file.deletion_vector.has_value()};
      const auto reason = pruner_->Check(facts);
      if (!reason.ok()) return Error(reason.error()).Wrap("data file " + chosen.file.path);
      if (*reason != PruneReason::kKept) continue;
      DELTIC_TRY(ScanFile file, ToScanFile(*snapshot_, chosen.file, partitions_));
      file.number = chosen.number;
      if (chosen.only != nullptr) {
        file.has_deletions = true;
        file.token = std::make_shared<const DeletionToken>(
            DeletionToken{.descriptor = {}, .path = chosen.file.path, .only = chosen.only});
      }
      return std::optional(std::move(file));
    }
    return std::optional<ScanFile>();
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  std::shared_ptr<const std::vector<ChosenFile>> files_;
  std::vector<StructField> partitions_;
  std::unique_ptr<Pruner> pruner_;
  size_t at_ = 0;
};

class SnapshotFiles : public FileSource {
 public:
  SnapshotFiles(std::shared_ptr<const Snapshot> snapshot, bool skipping,
                std::shared_ptr<const std::vector<ChosenFile>> chosen = nullptr)
      : snapshot_(std::move(snapshot)), skipping_(skipping), chosen_(std::move(chosen)) {}

  Result<std::unique_ptr<FileCursor>> Open(const Predicate& filter) override {
    DELTIC_TRY(auto partitions, PartitionColumns(*snapshot_));
    if (chosen_) {
      auto pruner = MakePruner({.schema = snapshot_->schema(),
                                .mode = snapshot_->config().mapping_mode,
                                .partition_columns = snapshot_->metadata().partition_columns,
                                .predicate = filter});
      return std::unique_ptr<FileCursor>(
          std::make_unique<ChosenFiles>(snapshot_, chosen_, std::move(partitions), std::move(pruner)));
    }
    LiveFilesRequest request;
    request.predicate = filter;
    request.stats = false;
    request.prune = skipping_;
    DELTIC_TRY(auto files, snapshot_->LiveFiles(request));
    return std::unique_ptr<FileCursor>(
        std::make_unique<LiveScanFiles>(snapshot_, std::move(files), std::move(partitions)));
  }

  Result<std::shared_ptr<const RowMask>> LoadMask(const ScanFile& file) override {
    const auto& token = *static_cast<const DeletionToken*>(file.token.get());
    if (token.only != nullptr) return token.only;
    auto vector = ReadDeletionVector(*snapshot_->store(), token.descriptor);
    if (!vector.ok()) return std::move(vector).error().Wrap("deletion vector of data file " + token.path);
    return std::shared_ptr<const RowMask>(std::make_shared<MaskOfVector>(std::move(vector).value()));
  }

  // Enough to tell a table from a constant; the log's statistics are not read just to plan.
  int64_t EstimatedRows() const override { return 1'000'000; }

  Result<std::optional<StatisticsAnswer>> AskStatistics(const StatisticsQuestion& question) override {
    if (!skipping_ || chosen_) return std::optional<StatisticsAnswer>();  // every file is to be read
    return AnswerFromStatistics(*snapshot_, question);
  }

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  bool skipping_;
  std::shared_ptr<const std::vector<ChosenFile>> chosen_;  // null: the snapshot's live files
};

}  // namespace

std::shared_ptr<FileSource> MakeFileSource(std::shared_ptr<const Snapshot> snapshot, bool skipping) {
  return std::make_shared<SnapshotFiles>(std::move(snapshot), skipping);
}

std::shared_ptr<FileSource> MakeFileSource(std::shared_ptr<const Snapshot> snapshot, std::vector<AddFile> files) {
  std::vector<ChosenFile> chosen;
  chosen.reserve(files.size());
  for (auto& file : files) {
    const auto number = static_cast<int64_t>(chosen.size());
    chosen.push_back({.file = std::move(file), .number = number, .only = nullptr});
  }
  return MakeFileSource(std::move(snapshot), std::move(chosen));
}

std::shared_ptr<FileSource> MakeFileSource(std::shared_ptr<const Snapshot> snapshot, std::vector<ChosenFile> files) {
  return std::make_shared<SnapshotFiles>(std::move(snapshot), false,
                                         std::make_shared<const std::vector<ChosenFile>>(std::move(files)));
}

Result<ScanFile> LocateScanFile(const ObjectStore& store, const std::string& path) {
  ScanFile file;
  DELTIC_TRY(auto location, LocateFile(path));
  if (!location.key.empty()) {
    if (auto local = store.LocalPath(location.key)) file.local_path = std::move(*local);
    file.key = std::move(location.key);
  } else if (location.absolute[0] == '/') {
    file.local_path = std::move(location.absolute);
  } else {
    file.url = std::move(location.absolute);
  }
  return file;
}

Result<Literal> PartitionLiteral(const PartitionValues& values, const StructField& field, MappingMode mode,
                                 const std::string& path) {
  const auto& name = PhysicalName(field, mode);
  auto found = values.find(name);
  if (found == values.end()) {
    return Corrupt("data file {}: no value for partition column {} in its action", path, name);
  }
  auto value = ParsePartitionValue(found->second, field.type);
  if (!value.ok()) return Corrupt("data file {}, partition column {}: {}", path, name, value.error().message());
  return value;
}

Result<std::vector<std::string>> ChooseColumns(const Fields& schema, const std::vector<std::string>& names) {
  std::vector<std::string> chosen;
  for (const auto& name : names) {
    const auto* field = FindField(schema, name);
    if (field == nullptr) {
      std::string known;
      for (const auto& other : schema) known += (known.empty() ? "" : ", ") + other.name;
      return InvalidArgument("the table has no column {}; it has {}", name, known);
    }
    if (std::find(chosen.begin(), chosen.end(), field->name) != chosen.end()) {
      return InvalidArgument("column {} is asked for twice", field->name);
    }
    chosen.push_back(field->name);
  }
  return chosen;
}

Result<ReadSpec> MakeReadSpec(const std::shared_ptr<const Snapshot>& snapshot, const ScanRequest& request) {
  ReadSpec spec;
  spec.scan.files = MakeFileSource(snapshot, request.skipping);
  spec.scan.store = snapshot->store();
  spec.scan.schema = snapshot->schema();
  spec.scan.mode = snapshot->config().mapping_mode;
  for (const auto& name : snapshot->metadata().partition_columns) {
    // By the schema's spelling: some writers list partition columns in another case.
    const auto* field = FindField(spec.scan.schema, name);
    if (field == nullptr) return Corrupt("partition column {} is not in the table's schema", name);
    spec.scan.partition_columns.push_back(field->name);
  }
  DELTIC_TRY(spec.columns, ChooseColumns(spec.scan.schema, request.columns));
  if (request.row_ids) {
    if (!snapshot->config().row_tracking_enabled) {
      return InvalidArgument("row ids need row tracking, which this table has not enabled (delta.enableRowTracking)");
    }
    spec.row_ids = true;
    spec.scan.row_id_column = snapshot->config().row_id_column;
    spec.scan.row_commit_version_column = snapshot->config().row_commit_version_column;
  }
  spec.where = request.where;
  spec.limit = request.limit;
  return spec;
}

}  // namespace deltic
