// Owns the counting queries; see the header.
#include "dml/merge_counts.h"

#include <string>

#include "base/error.h"
#include "dml/merge_sql.h"
#include "engine/engine.h"

namespace deltic {
namespace {

std::string PlacesCounted() { return fmt::format("count(DISTINCT ({}, {}))", kFileNumberColumn, kRowNumberColumn); }

Status CountByClause(WorkSession& session, const char* name, const std::string& what, std::vector<int64_t>& rows_of,
                     const CancelToken& cancel) {
  DELTIC_TRY(auto rows, session.ReadText(fmt::format("SELECT {0}, {1} FROM {2} WHERE {0} IS NOT NULL GROUP BY {0}",
                                                     kClauseColumn, what, name),
                                         cancel));
  while (true) {
    DELTIC_TRY(const auto batch, rows->Next());
    if (batch.empty()) return {};
    for (const auto& row : batch) {
      if (!row[0] || !row[1]) return Internal("the engine did not count");
      rows_of.at(std::stoul(*row[0])) = std::stoll(*row[1]);
    }
  }
}

void AddRows(MergeAction action, int64_t rows, MergeOutcome& o) {
  if (action == MergeAction::kNotMatchedInsert) {
    o.num_target_rows_inserted += rows;
  } else if (IsUpdate(action)) {
    o.num_target_rows_updated += rows;
    (IsMatched(action) ? o.num_target_rows_matched_updated : o.num_target_rows_not_matched_by_source_updated) += rows;
  } else {
    o.num_target_rows_deleted += rows;
    (IsMatched(action) ? o.num_target_rows_matched_deleted : o.num_target_rows_not_matched_by_source_deleted) += rows;
  }
}

}  // namespace

Result<std::vector<int64_t>> CountClauseRows(WorkSession& session, const MergePlan& plan, const FoundRows& found,
                                             const CancelToken& cancel) {
  std::vector<int64_t> rows_of(plan.clauses.size(), 0);
  if (found.pairs) {
    // Pairs of one row are the same row, deleted once.
    DELTIC_CHECK(
        CountByClause(session, kMergePairs, plan.may_match_often ? PlacesCounted() : "count(*)", rows_of, cancel));
  }
  if (found.inserts) DELTIC_CHECK(CountByClause(session, kMergeNew, "count(*)", rows_of, cancel));
  return rows_of;
}

Result<int64_t> CountFurtherMatches(WorkSession& session, const CancelToken& cancel) {
  DELTIC_TRY(auto rows, session.ReadText(fmt::format("SELECT count(*) - {} FROM {} WHERE {} IS NOT NULL",
                                                     PlacesCounted(), kMergePairs, kSourceNumber),
                                         cancel));
  DELTIC_TRY(const auto batch, rows->Next());
  if (batch.size() != 1 || !batch[0][0]) return Internal("the engine did not count");
  return std::stoll(*batch[0][0]);
}

void AddClauseRows(const MergePlan& plan, const std::vector<int64_t>& rows_of, MergeOutcome& outcome) {
  for (size_t i = 0; i < plan.clauses.size(); i++) AddRows(plan.clauses[i].action, rows_of[i], outcome);
}

}  // namespace deltic
