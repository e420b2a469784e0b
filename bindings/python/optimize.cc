// Owns Optimize and Reorg (include/deltic/optimize.h) for the Python files of the package. Requests come as dicts of
// plain values, outcomes go back as dicts, beside the table as it is then. Decides nothing.
#include "deltic/optimize.h"

#include <nanobind/nanobind.h>

#include <utility>
#include <vector>

#include "alter/clustering.h"
#include "base/error.h"
#include "bindings.h"
#include "requests.h"
#include "table/optimize.h"
#include "table/state.h"

namespace deltic::python {
namespace {

// By the names that operationMetrics have for them.
nb::dict ToDict(const FileSizes& sizes) {
  nb::dict out;
  out["avg"] = sizes.avg;
  out["max"] = sizes.max;
  out["min"] = sizes.min;
  out["totalFiles"] = sizes.total_files;
  out["totalSize"] = sizes.total_size;
  return out;
}

nb::dict ToDict(const OptimizeOutcome& outcome) {
  nb::dict out;
  out["changed"] = outcome.changed;
  out["version"] = outcome.version;
  out["commits"] = outcome.commits;
  out["files_added"] = ToDict(outcome.files_added);
  out["files_removed"] = ToDict(outcome.files_removed);
  out["partitions_optimized"] = outcome.partitions_optimized;
  out["num_batches"] = outcome.num_batches;
  out["total_considered_files"] = outcome.total_considered_files;
  out["total_files_skipped"] = outcome.total_files_skipped;
  out["preserve_insertion_order"] = outcome.preserve_insertion_order;
  out["planner_strategy"] = outcome.planner_strategy;
  out["max_bin_span_files"] = outcome.max_bin_span_files;
  out["num_deletion_vectors_removed"] = outcome.num_deletion_vectors_removed;
  out["num_deletion_vector_rows_removed"] = outcome.num_deletion_vector_rows_removed;
  out["retries"] = outcome.retries;
  out["warnings"] = outcome.warnings;
  return out;
}

// What requests of both have.
template <class Request>
Request Started(const nb::dict& given) {
  Request request;
  Set(request.where, given, "where");
  Set(request.target_file_bytes, given, "target_file_size");
  Set(request.max_concurrent_tasks, given, "max_concurrent_tasks");
  Set(request.min_commit_interval_ms, given, "min_commit_interval_ms");
  request.parquet = ParquetOf(given);
  request.commit = CommitOf(given);
  return request;
}

nb::tuple OptimizeFiles(const Table& table, const nb::dict& given) {
  auto request = Started<OptimizeRequest>(given);
  Set(request.zorder_by, given, "zorder_by");
  Set(request.full, given, "full");
  return ChangeTable(table, given, std::move(request), OptimizeTo, ToDict);
}

nb::tuple ReorganizeFiles(const Table& table, const nb::dict& given) {
  return ChangeTable(table, given, Started<ReorgRequest>(given), ReorgTo, ToDict);
}

// By what the log says of the version; reads no list of files.
std::vector<Text> ClusteringColumns(const Table& table) {
  const auto& snapshot = *table.state()->snapshot;
  const auto columns = Unwrap(Interruptible([&]() -> Result<std::vector<ColumnPath>> {
    DELTIC_TRY(const auto domains, snapshot.Domains());
    return ReadClusteringColumns(domains, snapshot.schema(), snapshot.config().mapping_mode);
  }));
  std::vector<Text> names;
  for (const auto& column : columns) names.push_back(ToString(column));
  return names;
}

}  // namespace

void BindOptimize(nb::class_<Table>& table) {
  table.def("optimize", OptimizeFiles, nb::arg("request"));
  table.def("clustering_columns", ClusteringColumns);
  table.def("reorganize", ReorganizeFiles, nb::arg("request"));
}

}  // namespace deltic::python
