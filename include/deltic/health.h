// Owns what Table::Health answers: how a table's files, partitions, deletions and log are, as values, and which
// maintenance would help. Does not look into data files.
//
// Example:
//   auto health = table.Health();
//   for (const auto& finding : health->findings) std::cout << finding.problem << ": " << finding.help << "\n";
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace deltic {

struct HealthOptions {
  // How large files should be. 0: delta.targetFileSize of the table, else 128 MiB. Files under a quarter of it are
  // small.
  int64_t target_file_bytes = 0;
  // What is old is judged at this time; nullopt is now. Milliseconds since the Unix epoch.
  std::optional<int64_t> now_ms;
};

// Live files of at least `from_bytes`, and less than the next bin's.
struct FileSizeBin {
  int64_t from_bytes = 0;
  int64_t num_files = 0;
  int64_t size_bytes = 0;
};

struct PartitionSummary {
  std::map<std::string, std::optional<std::string>> values;  // logical names, serialised values
  int64_t num_files = 0;
  int64_t size_bytes = 0;
};

// Something that maintenance would better. Codes are stable; texts are for people.
struct HealthFinding {
  std::string code;     // "small_files", "deleted_rows", ...: see docs/cli.md
  std::string problem;  // "1,200 of 1,234 files are smaller than 32.0 MiB, ..."
  std::string help;     // "compaction: OPTIMIZE in Spark, ..."
};

struct TableHealth {
  // Files.
  int64_t num_files = 0;
  int64_t size_bytes = 0;
  int64_t smallest_file_bytes = 0;
  int64_t largest_file_bytes = 0;
  std::vector<FileSizeBin> file_sizes;  // 0, 4 KiB, 16 KiB, ... 16 GiB: each four times the one before
  int64_t target_file_bytes = 0;
  int64_t small_file_limit_bytes = 0;
  int64_t num_small_files = 0;
  int64_t small_files_bytes = 0;
  int64_t num_files_after_compaction = 0;  // if the small files of each partition became files of the target size

  // Rows and deletion vectors.
  std::optional<int64_t> num_rows;  // live ones; nullopt when some file has no row count
  int64_t num_deletion_vectors = 0;
  int64_t num_deleted_rows = 0;
  int64_t num_files_half_deleted = 0;  // half of the file's rows are deleted, or more

  // Statistics.
  int64_t num_files_without_row_count = 0;
  int64_t num_files_without_bounds = 0;  // no minimum and maximum of any column, though there are rows

  // Partitions. nullopt, and nothing more of them, when there are more than a million.
  std::optional<int64_t> num_partitions;              // 1 for a table without partition columns
  std::optional<PartitionSummary> largest_partition;  // by bytes; none for a table without partition columns or files

  // The log.
  std::optional<int64_t> checkpoint_version;
  int64_t checkpoint_bytes = 0;  // without sidecar files
  int64_t num_commits_since_checkpoint = 0;
  int64_t commit_bytes_since_checkpoint = 0;
  bool has_checksum = false;  // the version's own version checksum

  // Files that were removed and that the log still remembers: they are on disk unless VACUUM took them. nullopt when
  // there are more than two million.
  std::optional<int64_t> num_removed_files;
  int64_t removed_files_bytes = 0;
  int64_t num_removed_files_expired = 0;  // removed longer ago than delta.deletedFileRetentionDuration (7 days)
  int64_t removed_files_expired_bytes = 0;

  std::vector<HealthFinding> findings;  // the most pressing first
};

}  // namespace deltic
