// Owns the proof of when rows are judged alone.
#include "dml/row_fates.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

MergeRules Rules(std::vector<MergeClauseText> clauses) {
  return {.on = "t.id = s.id", .target_alias = "t", .source_alias = "s", .clauses = std::move(clauses)};
}

MergePlan Plan(const MergeRules& rules) {
  MergePlan plan;
  for (const MergeClauseText& clause : rules.clauses) {
    plan.clauses.push_back({.action = clause.action, .condition = clause.condition, .columns = {}});
  }
  return plan;
}

bool Alone(const std::vector<MergeClauseText>& clauses, const MergeFound& found) {
  const MergeRules rules = Rules(clauses);
  return MergeJudgesRowsAlone(rules, Plan(rules), found);
}

const MergeClauseText kUpdate{.action = MergeAction::kMatchedUpdate, .condition = "s.v > 1", .set = {{"v", "s.v"}}};
const MergeClauseText kInsert{.action = MergeAction::kNotMatchedInsert, .star = StarColumns::kOfTable};
const MergeClauseText kGone{.action = MergeAction::kNotMatchedBySourceDelete};

TEST(RowFates, AnExpressionMayQueryWhereItHoldsAKeywordThatAQueryBeginsWith) {
  EXPECT_FALSE(MayQuery("a = 1 and selected > 2"));
  EXPECT_FALSE(MayQuery("a = 'select 1 from t'"));
  EXPECT_FALSE(MayQuery("a = 1 -- select"));
  EXPECT_TRUE(MayQuery("a = (SELECT max(b) FROM t)"));
  EXPECT_TRUE(MayQuery("a in (From t)"));
  EXPECT_TRUE(MayQuery("a in (table t)"));
  EXPECT_TRUE(MayQuery("exists (pivot t on x)"));
  EXPECT_TRUE(MayQuery("extract(year from a) = 2024"));  // in doubt
  EXPECT_TRUE(MayQuery("a = 'not closed"));
}

TEST(RowFates, AMergeWithoutInsertsJudgesRowsAlone) {
  EXPECT_TRUE(Alone({kUpdate}, {.source_rows = 5, .idle_pairs = 3}));
  EXPECT_TRUE(Alone({kUpdate, kGone}, {.source_rows = 5, .idle_pairs = 3}));
}

TEST(RowFates, AMergeThatInsertsDoesWhereItChangesEveryRowThatMatches) {
  EXPECT_TRUE(Alone({kUpdate, kInsert}, {.source_rows = 5, .inserts = 2, .idle_pairs = 0}));
  // The row that matched and stayed as it is kept its source row from being inserted.
  EXPECT_FALSE(Alone({kUpdate, kInsert}, {.source_rows = 5, .inserts = 2, .idle_pairs = 1}));
  EXPECT_FALSE(Alone({kGone, kInsert}, {.source_rows = 5, .inserts = 2, .idle_pairs = 1}));
  EXPECT_TRUE(Alone({kGone, kInsert}, {.source_rows = 5, .inserts = 5, .idle_pairs = 0}));
}

TEST(RowFates, AMergeThatOnlyInsertsDoesWhereNothingMatched) {
  EXPECT_TRUE(Alone({kInsert}, {.source_rows = 5, .inserts = 5}));
  EXPECT_FALSE(Alone({kInsert}, {.source_rows = 5, .inserts = 4}));
}

TEST(RowFates, AQueryInAnyTextLooksAtOtherRows) {
  MergeRules rules = Rules({kUpdate});
  rules.on = "t.id = s.id and t.v < (select avg(v) from x)";
  EXPECT_FALSE(MergeJudgesRowsAlone(rules, Plan(rules), {}));
  MergeClauseText clause = kUpdate;
  clause.condition = "exists (from x)";
  EXPECT_FALSE(Alone({clause}, {}));
  clause = kUpdate;
  clause.set[0].sql = "(select 1)";
  EXPECT_FALSE(Alone({clause}, {}));
}

}  // namespace
}  // namespace deltic
