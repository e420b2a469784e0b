// Owns Merge (include/deltic/merge.h) for the Python files of the package. The source comes as a PyCapsule of an Arrow
// stream or as SQL, the clauses as dicts, the outcome goes back as a dict. Decides nothing.
#include "deltic/merge.h"

#include <nanobind/nanobind.h>

#include <map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "bindings.h"
#include "requests.h"
#include "table/merge.h"

namespace deltic::python {
namespace {

MergeClause ToClause(const nb::dict& given) {
  static const std::map<Text, MergeClauseKind> kKinds = {
      {"matched_update", MergeClauseKind::kMatchedUpdate},
      {"matched_delete", MergeClauseKind::kMatchedDelete},
      {"not_matched_insert", MergeClauseKind::kNotMatchedInsert},
      {"not_matched_by_source_update", MergeClauseKind::kNotMatchedBySourceUpdate},
      {"not_matched_by_source_delete", MergeClauseKind::kNotMatchedBySourceDelete},
  };
  const auto kind = kKinds.find(Get<Text>(given, "kind").value_or(""));
  if (kind == kKinds.end()) Raise(Internal("no clause of a merge is called so"));
  MergeClause clause;
  clause.kind = kind->second;
  Set(clause.condition, given, "condition");
  for (auto& [column, expression] :
       Get<std::vector<std::pair<Text, Text>>>(given, "set").value_or(std::vector<std::pair<Text, Text>>())) {
    clause.set.push_back({.column = column, .expression = expression});
  }
  if (Get<bool>(given, "star").value_or(false)) clause.star = MergeStar::kSource;
  Set(clause.except, given, "except");
  return clause;
}

nb::dict ToDict(const MergeOutcome& outcome) {
  nb::dict out;
  out["changed"] = outcome.changed;
  out["version"] = outcome.version;
  out["num_source_rows"] = outcome.num_source_rows;
  out["num_target_rows_inserted"] = outcome.num_target_rows_inserted;
  out["num_target_rows_updated"] = outcome.num_target_rows_updated;
  out["num_target_rows_deleted"] = outcome.num_target_rows_deleted;
  out["num_target_rows_copied"] = outcome.num_target_rows_copied;
  out["num_output_rows"] = outcome.num_output_rows;
  out["num_target_rows_matched_updated"] = outcome.num_target_rows_matched_updated;
  out["num_target_rows_matched_deleted"] = outcome.num_target_rows_matched_deleted;
  out["num_target_rows_not_matched_by_source_updated"] = outcome.num_target_rows_not_matched_by_source_updated;
  out["num_target_rows_not_matched_by_source_deleted"] = outcome.num_target_rows_not_matched_by_source_deleted;
  out["num_target_files_scanned"] = outcome.num_target_files_scanned;
  out["num_target_files_skipped_during_scan"] = outcome.num_target_files_skipped_during_scan;
  out["num_target_files_added"] = outcome.num_target_files_added;
  out["num_target_files_removed"] = outcome.num_target_files_removed;
  out["num_target_bytes_added"] = outcome.num_target_bytes_added;
  out["num_target_bytes_removed"] = outcome.num_target_bytes_removed;
  out["num_deletion_vectors_added"] = outcome.num_deletion_vectors_added;
  out["num_deletion_vectors_updated"] = outcome.num_deletion_vectors_updated;
  out["num_deletion_vectors_removed"] = outcome.num_deletion_vectors_removed;
  out["num_change_files"] = outcome.num_change_files;
  out["execution_time_ms"] = outcome.execution_time_ms;
  out["source_time_ms"] = outcome.source_time_ms;
  out["scan_time_ms"] = outcome.scan_time_ms;
  out["rewrite_time_ms"] = outcome.rewrite_time_ms;
  out["retries"] = outcome.retries;
  out["warnings"] = outcome.warnings;
  return out;
}

nb::tuple MergeRows(const Table& table, const nb::object& stream, const Text& sql, const nb::dict& given) {
  MergeRequest request;
  Set(request.on, given, "on");
  Set(request.target_alias, given, "target_alias");
  Set(request.source_alias, given, "source_alias");
  for (nb::handle clause : Get<nb::list>(given, "clauses").value_or(nb::list())) {
    request.clauses.push_back(ToClause(nb::cast<nb::dict>(clause)));
  }
  if (Get<bool>(given, "merge_schema").value_or(false)) request.schema = SchemaEvolution::kMerge;
  Set(request.target_file_bytes, given, "target_file_size");
  request.parquet = ParquetOf(given);
  request.commit = CommitOf(given);
  ArrowArrayStream taken{};
  RowsToWrite source{.stream = nullptr, .sql = sql};
  if (!stream.is_none()) {
    taken = TakeStream(stream);
    source.stream = &taken;
  }
  return ChangeTable(
      table, given, std::move(request),
      [&](Table& moved, const MergeRequest& merge, const CancelToken& cancel) {
        return MergeTo(moved, source, merge, cancel);
      },
      ToDict);
}

}  // namespace

void BindMerge(nb::class_<Table>& table) {
  table.def("merge_rows", MergeRows, nb::arg("stream").none(), nb::arg("sql"), nb::arg("request"));
}

}  // namespace deltic::python
