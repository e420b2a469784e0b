// Owns the proof of how clauses and statements are read.
#include "dml/merge_clause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace deltic {
namespace {

using testing::HasSubstr;

MergeClauseText Clause(std::string_view text) {
  auto clause = ParseClauseText(text);
  EXPECT_TRUE(clause.ok()) << clause.error().ToString();
  return clause.ok() ? *clause : MergeClauseText();
}
std::string Refusal(std::string_view text) {
  const auto clause = ParseClauseText(text);
  return clause.ok() ? "read" : clause.error().message();
}

TEST(MergeClause, EachKindIsReadWithAndWithoutWhen) {
  EXPECT_EQ(Clause("matched then delete").action, MergeAction::kMatchedDelete);
  EXPECT_EQ(Clause("WHEN MATCHED THEN UPDATE SET a = s.a").action, MergeAction::kMatchedUpdate);
  EXPECT_EQ(Clause("not matched then insert *").action, MergeAction::kNotMatchedInsert);
  EXPECT_EQ(Clause("not matched by target then insert *").action, MergeAction::kNotMatchedInsert);
  EXPECT_EQ(Clause("not matched by source then delete").action, MergeAction::kNotMatchedBySourceDelete);
  EXPECT_EQ(Clause("not matched by source then update set a = 1").action, MergeAction::kNotMatchedBySourceUpdate);
}

TEST(MergeClause, AConditionEndsAtTheThenThatIsNotInACase) {
  const MergeClauseText clause = Clause("matched and case when s.a then 'then' else \"then\" end = 'x' then delete");
  EXPECT_EQ(clause.condition, "case when s.a then 'then' else \"then\" end = 'x'");
}

TEST(MergeClause, AssignmentsEndAtCommasOutsideOfBrackets) {
  const MergeClauseText clause = Clause("matched then update set a = f(s.a, 1), s.b.c = [1, 2], \"x y\" = DEFAULT");
  ASSERT_EQ(clause.set.size(), 3U);
  EXPECT_EQ(clause.set[0].sql, "f(s.a, 1)");
  EXPECT_EQ(clause.set[1].column, "s.b.c");
  EXPECT_EQ(clause.set[1].sql, "[1, 2]");
  EXPECT_EQ(clause.set[2].sql, "DEFAULT");
}

TEST(MergeClause, AStarMayLeaveColumnsOut) {
  const MergeClauseText clause = Clause("matched then update set * except (a, \"B c\")");
  EXPECT_EQ(clause.star, StarColumns::kOfTable);
  EXPECT_EQ(clause.except, (std::vector<std::string>{"a", "B c"}));
}

TEST(MergeClause, AnInsertHasAsManyValuesAsColumns) {
  const MergeClauseText clause = Clause("not matched then insert (a, b) values (s.a, coalesce(s.b, 0))");
  ASSERT_EQ(clause.set.size(), 2U);
  EXPECT_EQ(clause.set[1].column, "b");
  EXPECT_EQ(clause.set[1].sql, "coalesce(s.b, 0)");
  EXPECT_NE(Refusal("not matched then insert (a, b) values (s.a)"), "read");
}

TEST(MergeClause, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_THAT(Refusal("matched delete"), HasSubstr("expected AND or THEN"));
  for (const char* text : {"", "matched", "matched then", "matched then insert *", "not matched then delete",
                           "not matched then update set a = 1", "not matched by source then insert *",
                           "matched then delete x", "matched and then delete", "matched then update set a",
                           "matched then update set a = ", "not matched by nobody then delete"}) {
    EXPECT_NE(Refusal(text), "read") << text;
  }
}

TEST(MergeClause, AStatementGivesNamesSourceConditionAndClausesInOrder) {
  const auto read = ParseStatementText(
      "MERGE WITH SCHEMA EVOLUTION INTO delta.`/t` AS t USING (select 1 as id) s ON t.id = s.id "
      "WHEN MATCHED AND s.id > 1 THEN DELETE WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *;");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_TRUE(read->schema_evolution);
  EXPECT_EQ(read->target_alias, "t");
  EXPECT_EQ(read->source_alias, "s");
  EXPECT_EQ(read->on, "t.id = s.id");
  ASSERT_EQ(read->clauses.size(), 3U);
  EXPECT_EQ(read->clauses[0].condition, "s.id > 1");
  EXPECT_EQ(read->clauses[2].action, MergeAction::kNotMatchedInsert);
}

}  // namespace
}  // namespace deltic
