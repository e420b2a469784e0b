// Owns the rules. Each threshold says why it is where it is.
#include "table/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace deltic {
namespace {

// Below it compaction is not worth a rewrite.
constexpr int64_t kFilesWorthSaving = 10;
// Reading a commit costs a request, and the commits after a checkpoint are read on each open: missing two checkpoints
// in a row means that nobody writes them.
constexpr int64_t kMissedCheckpoints = 2;
constexpr int64_t kLargeLogTail = 64 * 1024 * 1024;
// With 100 partitions or more, and less than a file's worth in each, the columns part the table too finely.
constexpr int64_t kManyPartitions = 100;
constexpr int64_t kSmallPartition = 16 * 1024 * 1024;
// One of at least ten partitions with half of all bytes: one task of a job does half of its work.
constexpr int64_t kPartitionsToCompare = 10;
// A tenth of the rows read only to be hidden.
constexpr double kManyDeletedRows = 0.1;
// More removed bytes on disk than live ones.
constexpr double kRemovedToLive = 1.0;

std::string Grouped(int64_t number) {
  std::string digits = fmt::format("{}", number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string Bytes(int64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1023.95 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string Percent(double share) {
  const double percent = share * 100;
  if (percent > 0 && percent < 0.1) return "less than 0.1 %";
  return percent < 10 ? fmt::format("{:.1f} %", percent) : fmt::format("{:.0f} %", percent);
}

double Share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// One thread at a time.
class Judge {
 public:
  Judge(const TableHealth& health, const HealthRules& rules) : health_(health), rules_(rules) {}

  std::vector<HealthFinding> Findings() {
    Log();
    SmallFiles();
    DeletedRows();
    RowCounts();
    Bounds();
    Partitions();
    RemovedFiles();
    return std::move(findings_);
  }

 private:
  void Add(std::string code, std::string problem, std::string help) {
    findings_.push_back({.code = std::move(code), .problem = std::move(problem), .help = std::move(help)});
  }

  void Log() {
    const int64_t commits = health_.num_commits_since_checkpoint;
    const bool many = commits > kMissedCheckpoints * std::max<int64_t>(rules_.checkpoint_interval, 1);
    if (!many && health_.commit_bytes_since_checkpoint < kLargeLogTail) return;
    Add("log_tail",
        fmt::format(
            "every open reads {} commits ({}) {}", Grouped(commits), Bytes(health_.commit_bytes_since_checkpoint),
            health_.checkpoint_version ? fmt::format("after the checkpoint of version {}", *health_.checkpoint_version)
                                       : "because there is no checkpoint"),
        "a checkpoint: DeltaTable.create_checkpoint() of delta-rs; Spark writes one by itself every "
        "delta.checkpointInterval commits");
  }

  void SmallFiles() {
    const int64_t saved = health_.num_files - health_.num_files_after_compaction;
    if (saved < kFilesWorthSaving) return;
    Add("small_files",
        fmt::format("{} of {} files ({}) are smaller than {}, {} together; compaction would leave {} files",
                    Grouped(health_.num_small_files), Grouped(health_.num_files),
                    Percent(Share(health_.num_small_files, health_.num_files)), Bytes(health_.small_file_limit_bytes),
                    Bytes(health_.small_files_bytes), Grouped(health_.num_files_after_compaction)),
        "compaction: OPTIMIZE in Spark, or DeltaTable.optimize.compact() of delta-rs");
  }

  void DeletedRows() {
    const int64_t stored = health_.num_rows.value_or(0) + health_.num_deleted_rows;
    const double share = health_.num_rows ? Share(health_.num_deleted_rows, stored) : 0;
    if (share < kManyDeletedRows && health_.num_files_half_deleted == 0) return;
    Add("deleted_rows",
        fmt::format("{} rows{} in {} files are read only to be hidden by deletion vectors; {} files are at least half "
                    "deleted",
                    Grouped(health_.num_deleted_rows),
                    health_.num_rows ? fmt::format(" ({} of all)", Percent(share)) : std::string(),
                    Grouped(health_.num_deletion_vectors), Grouped(health_.num_files_half_deleted)),
        "a purge: REORG TABLE ... APPLY (PURGE) in Spark");
  }

  void RowCounts() {
    if (health_.num_files_without_row_count == 0) return;
    Add("no_row_counts",
        fmt::format("{} of {} files have no row count in the log, so counting the table's rows reads files",
                    Grouped(health_.num_files_without_row_count), Grouped(health_.num_files)),
        "statistics: files get them when they are rewritten (OPTIMIZE in Spark), by writers that make statistics");
  }

  void Bounds() {
    const int64_t files = health_.num_files_without_bounds;
    if (files == 0) return;
    Add("no_bounds",
        fmt::format("{} of {} files have no minimum and maximum of any column, so filters cannot skip them",
                    Grouped(files), Grouped(health_.num_files)),
        "statistics: files get them when they are rewritten (OPTIMIZE in Spark); delta.dataSkippingStatsColumns and "
        "delta.dataSkippingNumIndexedCols say of which columns");
  }

  void Partitions() {
    if (!rules_.has_partition_columns || !health_.num_partitions || *health_.num_partitions == 0) return;
    const int64_t partitions = *health_.num_partitions;
    const int64_t mean = health_.size_bytes / partitions;
    if (partitions >= kManyPartitions && mean < kSmallPartition) {
      Add("small_partitions",
          fmt::format("{} partitions of {} on average: each keeps files of its own, which cannot be compacted further",
                      Grouped(partitions), Bytes(mean)),
          "fewer partition columns, or clustering in their place: rewriting the table with other PARTITIONED BY or "
          "CLUSTER BY columns in Spark");
    }
    if (partitions < kPartitionsToCompare || !health_.largest_partition) return;
    const auto& largest = *health_.largest_partition;
    if (Share(largest.size_bytes, health_.size_bytes) < 0.5) return;
    Add("partition_skew",
        fmt::format("one of {} partitions holds {} of all bytes", Grouped(partitions),
                    Percent(Share(largest.size_bytes, health_.size_bytes))),
        "partition columns whose values are more evenly spread, or clustering (CLUSTER BY in Spark)");
  }

  void RemovedFiles() {
    if (health_.num_removed_files_expired == 0) return;
    if (Share(health_.removed_files_expired_bytes, health_.size_bytes) < kRemovedToLive &&
        health_.num_removed_files_expired < health_.num_files) {
      return;
    }
    Add("removed_files",
        fmt::format("{} removed files ({}) are past their retention and may still be on disk",
                    Grouped(health_.num_removed_files_expired), Bytes(health_.removed_files_expired_bytes)),
        "a vacuum, if none was made since: VACUUM in Spark, or DeltaTable.vacuum() of delta-rs. It ends time travel to "
        "versions that need those files");
  }

  const TableHealth& health_;
  const HealthRules& rules_;
  std::vector<HealthFinding> findings_;
};

}  // namespace

std::vector<HealthFinding> FindProblems(const TableHealth& health, const HealthRules& rules) {
  return Judge(health, rules).Findings();
}

}  // namespace deltic
