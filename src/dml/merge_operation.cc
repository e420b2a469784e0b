// Owns the names; see the header.
#include "dml/merge_operation.h"

#include <nlohmann/json.hpp>

namespace deltic {

using Json = nlohmann::json;

Operation DescribeMerge(const MergeRules& rules, const MergePlan& plan, const MergeOutcome& outcome) {
  const auto text = [](const Json& value) {
    return Json(value.dump(-1, ' ', false, Json::error_handler_t::replace))
        .dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  const auto predicates = [&](auto wanted) {
    Json list = Json::array();
    for (const PlannedClause& clause : plan.clauses) {
      if (!wanted(clause.action)) continue;
      Json one = Json::object();
      if (!clause.condition.empty()) one["predicate"] = clause.condition;
      one["actionType"] = IsDelete(clause.action) ? "delete" : IsUpdate(clause.action) ? "update" : "insert";
      list.push_back(std::move(one));
    }
    return text(list);
  };
  Operation operation{.name = "MERGE"};
  operation.parameters["predicate"] = text(Json::array({rules.on}));
  operation.parameters["matchedPredicates"] = predicates(IsMatched);
  operation.parameters["notMatchedPredicates"] =
      predicates([](MergeAction action) { return action == MergeAction::kNotMatchedInsert; });
  operation.parameters["notMatchedBySourcePredicates"] = predicates(IsBySource);
  const MergeOutcome& o = outcome;
  const std::pair<const char*, int64_t> metrics[] = {
      {"numSourceRows", o.num_source_rows},
      {"numTargetRowsInserted", o.num_target_rows_inserted},
      {"numTargetRowsUpdated", o.num_target_rows_updated},
      {"numTargetRowsMatchedUpdated", o.num_target_rows_matched_updated},
      {"numTargetRowsNotMatchedBySourceUpdated", o.num_target_rows_not_matched_by_source_updated},
      {"numTargetRowsDeleted", o.num_target_rows_deleted},
      {"numTargetRowsMatchedDeleted", o.num_target_rows_matched_deleted},
      {"numTargetRowsNotMatchedBySourceDeleted", o.num_target_rows_not_matched_by_source_deleted},
      {"numTargetRowsCopied", o.num_target_rows_copied},
      {"numOutputRows", o.num_output_rows},
      {"numTargetFilesAdded", o.num_target_files_added},
      {"numTargetFilesRemoved", o.num_target_files_removed},
      {"numTargetBytesAdded", o.num_target_bytes_added},
      {"numTargetBytesRemoved", o.num_target_bytes_removed},
      {"numTargetDeletionVectorsAdded", o.num_deletion_vectors_added},
      {"numTargetDeletionVectorsUpdated", o.num_deletion_vectors_updated},
      {"numTargetDeletionVectorsRemoved", o.num_deletion_vectors_removed},
      {"numTargetChangeFilesAdded", o.num_change_files},
      {"materializeSourceTimeMs", o.source_time_ms},
      {"scanTimeMs", o.scan_time_ms},
      {"rewriteTimeMs", o.rewrite_time_ms},
      {"executionTimeMs", o.execution_time_ms}};
  for (const auto& [name, value] : metrics) operation.metrics[name] = std::to_string(value);
  return operation;
}

}  // namespace deltic
