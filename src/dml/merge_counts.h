// Owns how many rows each clause of a merge changes or inserts: counted among the rows that were found, and what they
// add to the outcome. Finds and writes none.
#pragma once

#include <cstdint>
#include <vector>

#include "base/cancel.h"
#include "deltic/merge.h"
#include "dml/merge_plan.h"
#include "engine/work_session.h"

namespace deltic {

// Which of the session's names there are.
struct FoundRows {
  bool pairs = false;    // kMergePairs
  bool inserts = false;  // kMergeNew
};

// The rows of each clause, by its place in the plan.
Result<std::vector<int64_t>> CountClauseRows(WorkSession& session, const MergePlan& plan, const FoundRows& found,
                                             const CancelToken& cancel);

// How many of the pairs are one more for a row of the table that has one already.
Result<int64_t> CountFurtherMatches(WorkSession& session, const CancelToken& cancel);

void AddClauseRows(const MergePlan& plan, const std::vector<int64_t>& rows_of, MergeOutcome& outcome);

}  // namespace deltic
