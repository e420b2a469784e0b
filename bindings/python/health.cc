// Owns Table::Health and SummarizeHistory (include/deltic/{health,history}.h) for the Python files of the package, as
// dicts of plain values.
#include "deltic/health.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <optional>
#include <string>

#include "bindings.h"
#include "deltic/history.h"

namespace deltic::python {
namespace {

nb::dict ToDict(const TableHealth& health) {
  nb::dict out;
  out["num_files"] = health.num_files;
  out["size_bytes"] = health.size_bytes;
  out["smallest_file_bytes"] = health.smallest_file_bytes;
  out["largest_file_bytes"] = health.largest_file_bytes;
  nb::list bins;
  for (const auto& bin : health.file_sizes) {
    nb::dict each;
    each["from_bytes"] = bin.from_bytes;
    each["num_files"] = bin.num_files;
    each["size_bytes"] = bin.size_bytes;
    bins.append(each);
  }
  out["file_sizes"] = bins;
  out["target_file_bytes"] = health.target_file_bytes;
  out["small_file_limit_bytes"] = health.small_file_limit_bytes;
  out["num_small_files"] = health.num_small_files;
  out["small_files_bytes"] = health.small_files_bytes;
  out["num_files_after_compaction"] = health.num_files_after_compaction;
  out["num_rows"] = health.num_rows;
  out["num_deletion_vectors"] = health.num_deletion_vectors;
  out["num_deleted_rows"] = health.num_deleted_rows;
  out["num_files_half_deleted"] = health.num_files_half_deleted;
  out["num_files_without_row_count"] = health.num_files_without_row_count;
  out["num_files_without_bounds"] = health.num_files_without_bounds;
  out["num_partitions"] = health.num_partitions;
  out["largest_partition"] = nb::none();
  if (health.largest_partition) {
    nb::dict largest;
    largest["values"] = health.largest_partition->values;
    largest["num_files"] = health.largest_partition->num_files;
    largest["size_bytes"] = health.largest_partition->size_bytes;
    out["largest_partition"] = largest;
  }
  out["checkpoint_version"] = health.checkpoint_version;
  out["checkpoint_bytes"] = health.checkpoint_bytes;
  out["num_commits_since_checkpoint"] = health.num_commits_since_checkpoint;
  out["commit_bytes_since_checkpoint"] = health.commit_bytes_since_checkpoint;
  out["has_checksum"] = health.has_checksum;
  out["num_removed_files"] = health.num_removed_files;
  out["removed_files_bytes"] = health.removed_files_bytes;
  out["num_removed_files_expired"] = health.num_removed_files_expired;
  out["removed_files_expired_bytes"] = health.removed_files_expired_bytes;
  nb::list findings;
  for (const auto& finding : health.findings) {
    nb::dict each;
    each["code"] = finding.code;
    each["problem"] = finding.problem;
    each["help"] = finding.help;
    findings.append(each);
  }
  out["findings"] = findings;
  return out;
}

nb::dict HealthOf(const Table& table, int64_t target_file_bytes, std::optional<int64_t> now_ms) {
  CancelToken cancel;
  const HealthOptions options{.target_file_bytes = target_file_bytes, .now_ms = now_ms};
  return ToDict(Unwrap(Interruptible(cancel, [&] { return table.Health(options); })));
}

nb::dict ToDict(const CommitSummary& commit) {
  nb::dict out;
  out["version"] = commit.version;
  out["timestamp"] = commit.timestamp_ms;
  out["operation"] = commit.operation;
  out["mode"] = commit.mode;
  out["files_added"] = commit.files_added;
  out["files_removed"] = commit.files_removed;
  out["bytes_added"] = commit.bytes_added;
  out["bytes_removed"] = commit.bytes_removed;
  out["rows_added"] = commit.rows_added;
  out["rows_removed"] = commit.rows_removed;
  out["rows_updated"] = commit.rows_updated;
  out["changes_schema"] = commit.changes_schema;
  out["changes_protocol"] = commit.changes_protocol;
  out["has_checkpoint"] = commit.has_checkpoint;
  return out;
}

nb::list CommitsOf(const Table& table, std::optional<int64_t> limit) {
  CancelToken cancel;
  const auto commits = Unwrap(Interruptible(cancel, [&] { return SummarizeHistory(table, limit); }));
  nb::list out;
  for (const auto& commit : commits) out.append(ToDict(commit));
  return out;
}

}  // namespace

void BindHealth(nb::class_<Table>& table) {
  table.def("health", HealthOf, nb::arg("target_file_bytes"), nb::arg("now_ms").none());
  table.def("commits", CommitsOf, nb::arg("limit").none());
}

}  // namespace deltic::python
