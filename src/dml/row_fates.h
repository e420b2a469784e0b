// Owns whether the fate of each row that an operation looks at follows from that row alone (ReadSet::only_touched):
// then others may delete rows meanwhile that the operation leaves as they are. Pure; in doubt it does not.
#pragma once

#include <cstdint>
#include <string_view>

#include "dml/merge_plan.h"

namespace deltic {

// Whether an expression may hold a query, which looks at rows of its own. Errs towards yes: "extract(year from d)".
bool MayQuery(std::string_view sql);

struct MergeFound {
  int64_t source_rows = 0;
  int64_t inserts = 0;     // source rows that an insert clause takes
  int64_t idle_pairs = 0;  // of a row of the table and one of the source that match, and that no clause acts on
};

// A source row is inserted because no row of the table matches it. Had others deleted a matching row that the merge
// leaves as it is, the source row would have been inserted: so with inserts every matching row must be one that the
// merge changes, or there must be none. Without inserts a row of the table is changed or not by what it and a source
// row say.
bool MergeJudgesRowsAlone(const MergeRules& rules, const MergePlan& plan, const MergeFound& found);

}  // namespace deltic
