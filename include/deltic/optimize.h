// Owns the public door for rearranging a table's files without changing its rows: Optimize (compaction, Z-order,
// clustering) and Reorg (what was deleted or dropped leaves the files). Rows are changed by deltic/change.h and
// deltic/merge.h; files that no version needs any more are deleted by deltic/vacuum.h.
//
// Example:
//   auto table = deltic::Table::Open("/data/events");
//   auto compacted = deltic::Optimize(*table, {.where = "day = date '2026-01-31'"});
//   if (!compacted.ok()) { std::cerr << compacted.error().ToString() << "\n"; return 1; }
//   std::cout << compacted->files_removed.total_files << " files became " << compacted->files_added.total_files <<
//   "\n";
//
//   auto ordered = deltic::Optimize(*table, {.zorder_by = {"customer", "created_at"}});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deltic/progress.h"
#include "deltic/result.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

struct OptimizeRequest {
  // SQL over the table's columns; "" means all files. Over partition columns: the files of those partitions. Over
  // others: the files that may hold such rows, by the log's statistics. Refused for clustered tables.
  std::string where;
  // Columns ("a", "s.a") whose values shall stand together, by a Z-order curve, in each partition. Empty: files are
  // only made larger, or, on a table with clustering columns (CLUSTER BY), clustered by those on a Hilbert curve.
  std::vector<std::string> zorder_by;
  // Clusters every file of a clustered table anew that other columns or another program clustered. Else only files that
  // are not clustered yet are, and groups of them that are still small.
  bool full = false;

  std::optional<int64_t> target_file_bytes;  // else delta.targetFileSize, else 128 MiB
  // Compaction takes files smaller than this; else than the target.
  std::optional<int64_t> min_file_bytes;
  // Compaction also takes files of which a larger share of rows is deleted by a deletion vector.
  double max_deleted_rows_ratio = 0.05;
  // How many groups of files are worked on at the same time; else one a core, if they are small.
  std::optional<int32_t> max_concurrent_tasks;
  // Commits what is done as soon as the last commit is at least so long ago: a long run does not lose all when it
  // fails late. 0: each group of files is committed for itself. nullopt: one commit at the end.
  std::optional<int64_t> min_commit_interval_ms;

  WriterProperties parquet;
  CommitProperties commit;
  ProgressCallback progress;
};

struct ReorgRequest {
  std::string where;  // as OptimizeRequest::where, and allowed for clustered tables
  std::optional<int64_t> target_file_bytes;
  std::optional<int32_t> max_concurrent_tasks;
  std::optional<int64_t> min_commit_interval_ms;
  WriterProperties parquet;
  CommitProperties commit;
  ProgressCallback progress;
};

struct FileSizes {
  int64_t total_files = 0;
  int64_t total_size = 0;  // bytes
  int64_t min = 0;         // 0 when there is no file
  int64_t max = 0;
  double avg = 0;
};

// Files that Z-order or clustering looked at, by what they were before.
struct ClusteredFiles {
  int64_t num_files = 0;
  int64_t size_bytes = 0;
};

struct OptimizeOutcome {
  bool changed = false;  // false when there was nothing to gain: no version was made
  int64_t version = 0;   // of the table, as it is now
  int32_t commits = 0;

  FileSizes files_added;
  FileSizes files_removed;
  int64_t partitions_optimized = 0;
  int64_t num_batches = 0;               // groups of files that were rewritten together
  int64_t total_considered_files = 0;    // those that `where` chose
  int64_t total_files_skipped = 0;       // of those: left as they are
  bool preserve_insertion_order = true;  // false when rows were ordered by a curve
  std::string planner_strategy;          // "preserveLocality", "zOrder", "clustering"
  int64_t max_bin_span_files = 0;        // the largest group, from its first file to its last, in the table's order

  int64_t num_deletion_vectors_removed = 0;
  int64_t num_deletion_vector_rows_removed = 0;

  // Clustering: groups of files that were ordered together (Spark calls them ZCubes).
  ClusteredFiles input_clustered_files;  // were in such groups, of the same columns
  ClusteredFiles input_other_files;
  int64_t input_groups = 0;
  ClusteredFiles merged_files;  // those that were rewritten
  int64_t output_groups = 0;

  int32_t retries = 0;
  std::vector<std::string> warnings;  // upkeep that did not work: the commits stand
};

// Rewrites files so that there are fewer, larger ones, or so that values that are asked for together stand together.
// The rows stay what they are, and keep their row ids; deletion vectors of the files go. Never in conflict with
// appends; Conflict when a concurrent writer deleted or rewrote one of the files, and then the groups that were
// committed before stay so (min_commit_interval_ms). InvalidArgument for a predicate that does not bind, and for
// Z-order columns that are not there, are partition columns, have no statistics or cannot be ordered. Otherwise errors
// as Write: on all but CommitUnknown no file of an uncommitted group is left behind.
DELTIC_EXPORT Result<OptimizeOutcome> Optimize(Table& table, const OptimizeRequest& request = {});

// Rewrites the files that hold what the table does not show any more (REORG TABLE APPLY (PURGE)): rows marked by
// deletion vectors, and columns that were dropped. After a vacuum nothing of them is left. Errors as Optimize.
DELTIC_EXPORT Result<OptimizeOutcome> Reorg(Table& table, const ReorgRequest& request = {});

}  // namespace deltic
