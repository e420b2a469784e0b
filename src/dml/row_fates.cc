// Owns that judgement; see the header.
#include "dml/row_fates.h"

#include <algorithm>

#include "dml/sql_words.h"

namespace deltic {

bool MayQuery(std::string_view sql) {
  const auto words = SplitSqlWords(sql);
  if (!words.ok()) return true;
  // What a query begins with, in this engine's SQL. VALUES and WITH read no table without one of these.
  constexpr std::string_view kBegins[] = {"select", "from",      "table",    "pivot",        "unpivot",
                                          "show",   "summarize", "describe", "pivot_longer", "pivot_wider"};
  return std::any_of(words->begin(), words->end(), [&](const SqlWord& word) {
    return std::any_of(std::begin(kBegins), std::end(kBegins),
                       [&](std::string_view keyword) { return IsKeyword(word, keyword); });
  });
}

bool MergeJudgesRowsAlone(const MergeRules& rules, const MergePlan& plan, const MergeFound& found) {
  if (MayQuery(rules.on)) return false;
  for (const MergeClauseText& clause : rules.clauses) {
    if (MayQuery(clause.condition)) return false;
    for (const ColumnValue& value : clause.set) {
      if (MayQuery(value.sql)) return false;
    }
  }
  if (!plan.has_inserts()) return true;
  const bool pairs_known = plan.has_matched() || plan.has_by_source();
  return pairs_known ? found.idle_pairs == 0 : found.inserts == found.source_rows;
}

}  // namespace deltic
