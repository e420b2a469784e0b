// Owns the measuring of a table's health: one pass over the live files' log entries, after one over what the log
// remembers of removed files. Memory grows with the partitions and the removed files, both up to a limit. What the
// numbers call for is findings.cc's to say.
#include <algorithm>
#include <unordered_map>

#include "base/env.h"
#include "base/error.h"
#include "engine/engine.h"
#include "expr/stats.h"
#include "log/commit_reader.h"
#include "table/findings.h"
#include "table/state.h"

namespace deltic {
namespace {

constexpr int64_t kDefaultTargetFileBytes = 128 * 1024 * 1024;
constexpr int64_t kSmallestBin = 4096;
constexpr int64_t kLargestBin = 16LL * 1024 * 1024 * 1024;
constexpr size_t kMaxPartitions = 1'000'000;
constexpr size_t kMaxRemovedFiles = 2'000'000;

Status AddBytes(int64_t& sum, int64_t bytes) {
  if (bytes < 0 || __builtin_add_overflow(sum, bytes, &sum)) {
    return Corrupt("a file's size, or the sum of all sizes, is no possible number of bytes");
  }
  return {};
}

// ---- removed files ----

// What the log remembers of files that are no longer live, by their path as the log writes it: writers that remove a
// file copy the path of its add action. One thread at a time.
class RemovedFiles {
 public:
  // False when they cannot be told: too many, or in the sidecars of a V2 checkpoint, which are as many files again.
  Result<bool> Read(const Snapshot& snapshot) {
    const auto& segment = snapshot.segment();
    for (const LogFile& file : segment.checkpoint) {
      if (file.json || file.kind == LogFile::Kind::kUuidCheckpoint) return false;
    }
    if (!segment.checkpoint.empty()) DELTIC_CHECK(ReadCheckpoint(snapshot));
    ActionParser parser;
    ActionKinds kinds = ActionKinds::None();
    kinds.remove = true;
    for (const LogFile& delta : segment.deltas) {
      DELTIC_TRY(const auto text, LogFileText::Read(*snapshot.store(), delta));
      DELTIC_CHECK(text.Visit(parser, kinds, [&](Action&& action) -> Result<bool> {
        const auto& remove = std::get<RemoveFile>(action);
        Take(remove.path, remove.size.value_or(0), remove.deletion_timestamp.value_or(0));
        return !too_many();
      }));
    }
    return !too_many();
  }

  // A deletion vector that changed, or a restored version, leaves a remove action of a file that lives.
  void TakeLive(std::string_view path) {
    if (files_.empty()) return;
    text_.assign(path);
    files_.erase(text_);
  }

  Status Sum(int64_t expired_before_ms, TableHealth& health) const {
    health.num_removed_files = static_cast<int64_t>(files_.size());
    for (const auto& [path, file] : files_) {
      DELTIC_CHECK(AddBytes(health.removed_files_bytes, file.size_bytes));
      if (file.removed_ms >= expired_before_ms) continue;
      health.num_removed_files_expired++;
      health.removed_files_expired_bytes += file.size_bytes;
    }
    return {};
  }

 private:
  struct File {
    int64_t size_bytes = 0;
    int64_t removed_ms = 0;
  };

  bool too_many() const { return files_.size() > kMaxRemovedFiles; }

  void Take(std::string_view path, int64_t size_bytes, int64_t removed_ms) {
    text_.assign(path);
    File& file = files_[text_];
    file.size_bytes = std::max<int64_t>(size_bytes, 0);
    file.removed_ms = std::max(file.removed_ms, removed_ms);
  }

  Status ReadCheckpoint(const Snapshot& snapshot) {
    CheckpointRead read;
    read.store = snapshot.store();
    for (const LogFile& file : snapshot.segment().checkpoint) read.keys.push_back(file.key);
    read.removes = true;
    read.stats = false;
    DELTIC_TRY(const auto engine, GetEngine());
    DELTIC_TRY(const auto removes, engine->ReadCheckpointFiles(read));
    while (!too_many()) {
      DELTIC_TRY(const auto* batch, removes->Next());
      if (batch->empty()) break;
      for (const auto& remove : *batch) Take(remove.path, remove.size, remove.deletion_timestamp.value_or(0));
    }
    return {};
  }

  std::unordered_map<std::string, File> files_;
  std::string text_;
};

// ---- live files ----

// One thread at a time.
class Measuring {
 public:
  Measuring(const Snapshot& snapshot, TableHealth& health) : snapshot_(snapshot), health_(health), reader_({}) {
    health_.file_sizes.push_back({});
    for (int64_t from = kSmallestBin; from <= kLargestBin; from *= 4)
      health_.file_sizes.push_back({.from_bytes = from});
    health_.num_rows = 0;
  }

  Status Add(const FileActionView& file) {
    DELTIC_CHECK(AddBytes(health_.size_bytes, file.size));
    health_.smallest_file_bytes = health_.num_files == 0 ? file.size : std::min(health_.smallest_file_bytes, file.size);
    health_.largest_file_bytes = std::max(health_.largest_file_bytes, file.size);
    health_.num_files++;
    auto bin = std::upper_bound(health_.file_sizes.begin(), health_.file_sizes.end(), file.size,
                                [](int64_t size, const FileSizeBin& other) { return size < other.from_bytes; });
    --bin;
    bin->num_files++;
    bin->size_bytes += file.size;
    const bool is_small = file.size < health_.small_file_limit_bytes;
    if (is_small) {
      health_.num_small_files++;
      health_.small_files_bytes += file.size;
    }
    AddPartition(file, is_small);
    return AddRows(file);
  }

  void Finish() {
    health_.num_files_after_compaction = health_.num_files - health_.num_small_files;
    const Partition* largest = nullptr;
    const std::string* largest_text = nullptr;
    for (const auto& [text, partition] : partitions_) {
      health_.num_files_after_compaction += FilesFor(partition);
      if (largest == nullptr || partition.size_bytes > largest->size_bytes ||
          (partition.size_bytes == largest->size_bytes && text < *largest_text)) {
        largest = &partition;
        largest_text = &text;
      }
    }
    if (too_many_partitions_) {
      health_.num_files_after_compaction = health_.num_files;  // unknown: promise nothing
      return;
    }
    const bool partitioned = !snapshot_.metadata().partition_columns.empty();
    health_.num_partitions = partitioned ? static_cast<int64_t>(partitions_.size()) : 1;
    if (partitioned && largest != nullptr) {
      health_.largest_partition = PartitionSummary{
          .values = largest->values, .num_files = largest->num_files, .size_bytes = largest->size_bytes};
    }
  }

 private:
  struct Partition {
    std::map<std::string, std::optional<std::string>> values;
    int64_t num_files = 0;
    int64_t size_bytes = 0;
    int64_t small_files = 0;
    int64_t small_bytes = 0;
  };

  // Of the small files, once they are compacted. A single small file stays what it is.
  int64_t FilesFor(const Partition& partition) const {
    if (partition.small_files == 0) return 0;
    const int64_t files = (partition.small_bytes + health_.target_file_bytes - 1) / health_.target_file_bytes;
    return std::clamp<int64_t>(files, 1, partition.small_files);
  }

  void AddPartition(const FileActionView& file, bool is_small) {
    if (too_many_partitions_) return;
    text_.clear();
    for (const auto& [name, value] : file.partition_values) {
      text_.append(name).append(value ? "=" : "").append(value.value_or(std::string_view())).append(1, '\0');
    }
    auto found = partitions_.find(text_);
    if (found == partitions_.end()) {
      if (partitions_.size() == kMaxPartitions) {
        too_many_partitions_ = true;
        partitions_.clear();
        return;
      }
      found = partitions_.emplace(text_, Partition{.values = LogicalValues(file)}).first;
    }
    Partition& partition = found->second;
    partition.num_files++;
    partition.size_bytes += file.size;
    if (is_small) {
      partition.small_files++;
      partition.small_bytes += file.size;
    }
  }

  std::map<std::string, std::optional<std::string>> LogicalValues(const FileActionView& file) const {
    std::map<std::string, std::optional<std::string>> values;
    for (const auto& column : snapshot_.metadata().partition_columns) {
      const auto* field = FindField(snapshot_.schema(), column);
      if (field == nullptr) continue;
      const auto& physical = PhysicalName(*field, snapshot_.config().mapping_mode);
      for (const auto& [name, value] : file.partition_values) {
        if (name == physical) values[field->name] = value ? std::optional(std::string(*value)) : std::nullopt;
      }
    }
    return values;
  }

  Status AddRows(const FileActionView& file) {
    const int64_t deleted = file.has_deletion_vector ? file.dv_cardinality : 0;
    if (file.has_deletion_vector) {
      health_.num_deletion_vectors++;
      if (deleted < 0 || __builtin_add_overflow(health_.num_deleted_rows, deleted, &health_.num_deleted_rows)) {
        return Corrupt("a deletion vector's cardinality is no possible number of rows");
      }
    }
    const auto stats = file.stats.value_or(std::string_view());
    reader_.Read(stats);
    const int64_t records = reader_.num_records();
    if (records < 0) {
      health_.num_files_without_row_count++;
    } else if (deleted > 0 && deleted >= records - deleted) {
      health_.num_files_half_deleted++;
    }
    if (records < deleted) {
      health_.num_rows.reset();  // unknown, or statistics that cannot be right
    } else if (health_.num_rows && __builtin_add_overflow(*health_.num_rows, records - deleted, &*health_.num_rows)) {
      return Corrupt("the sum of all row counts is no possible number of rows");
    }
    // The word alone tells enough: what its members mean is for pruning to find out.
    const auto bounds = stats.find("\"minValues\"");
    const bool has_bounds = bounds != std::string_view::npos &&
                            stats.find("\":", bounds + 12) != std::string_view::npos &&
                            stats.substr(bounds + 11, 3) != ":{}";
    if (!has_bounds && records != 0) health_.num_files_without_bounds++;
    return {};
  }

  const Snapshot& snapshot_;
  TableHealth& health_;
  StatsReader reader_;
  std::unordered_map<std::string, Partition> partitions_;
  bool too_many_partitions_ = false;
  std::string text_;
};

void MeasureLog(const LogSegment& segment, TableHealth& health) {
  health.checkpoint_version = segment.checkpoint_version;
  for (const LogFile& file : segment.checkpoint) health.checkpoint_bytes += file.size_bytes;
  health.num_commits_since_checkpoint = segment.version - segment.checkpoint_version.value_or(-1);
  for (const LogFile& file : segment.deltas) health.commit_bytes_since_checkpoint += file.size_bytes;
  health.has_checksum = segment.checksum && segment.checksum->version == segment.version;
}

}  // namespace

Result<TableHealth> Table::Health(const HealthOptions& options) const {
  const Snapshot& snapshot = *state_->snapshot;
  if (options.target_file_bytes < 0) return InvalidArgument("the target size of files is negative");
  TableHealth health;
  health.target_file_bytes = options.target_file_bytes > 0
                                 ? options.target_file_bytes
                                 : snapshot.config().target_file_bytes.value_or(kDefaultTargetFileBytes);
  health.target_file_bytes = std::max<int64_t>(health.target_file_bytes, 1);
  health.small_file_limit_bytes = health.target_file_bytes / 4;
  MeasureLog(snapshot.segment(), health);

  RemovedFiles removed;
  DELTIC_TRY(const bool removed_are_known, removed.Read(snapshot));
  Measuring measuring(snapshot, health);
  DELTIC_CHECK(snapshot.VisitLiveFiles({}, [&](const FileActionView& file) -> Result<bool> {
    DELTIC_CHECK(measuring.Add(file));
    if (removed_are_known) removed.TakeLive(file.path);
    return true;
  }));
  measuring.Finish();
  if (removed_are_known) {
    const int64_t now_ms = options.now_ms ? *options.now_ms : RealEnv().now_ms();
    DELTIC_CHECK(removed.Sum(now_ms - snapshot.config().deleted_file_retention_ms, health));
  }
  health.findings = FindProblems(health, {.checkpoint_interval = snapshot.config().checkpoint_interval,
                                          .has_partition_columns = !snapshot.metadata().partition_columns.empty()});
  return health;
}

}  // namespace deltic
