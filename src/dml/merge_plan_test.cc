// Owns the proof of what clauses mean for a table and a source: their order, stars, assignments, evolution, queries.
#include "dml/merge_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dml/merge_operation.h"
#include "dml/merge_sql.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

using testing::HasSubstr;

StructField Field(const std::string& name, DataType type) {
  StructField field;
  field.name = name;
  field.type = std::move(type);
  return field;
}
const DataType kLong(TypeKind::kLong);
const DataType kInteger(TypeKind::kInteger);
const DataType kText(TypeKind::kString);

TableDefinition Table(Fields schema) {
  TableDefinition table;
  table.schema = std::move(schema);
  table.metadata.schema_string = SchemaToJson(table.schema);
  return table;
}
TableDefinition Table() { return Table({Field("id", kLong), Field("v", kText)}); }
const Fields kSource = {Field("id", kLong), Field("v", kText), Field("extra", kInteger)};

MergeRules Rules(const std::vector<std::string>& clauses, bool evolve = false) {
  MergeRules rules{.on = "t.id = s.id", .target_alias = "t", .source_alias = "s", .clauses = {}, .evolve = evolve};
  for (const std::string& text : clauses) {
    auto clause = ParseClauseText(text);
    EXPECT_TRUE(clause.ok()) << clause.error().ToString();
    if (clause.ok()) rules.clauses.push_back(*clause);
  }
  return rules;
}

Result<MergePlan> Plan(const MergeRules& rules, const TableDefinition& table = Table()) {
  return PlanMerge(table, kSource, rules, RealEnv());
}
std::string Refusal(const std::vector<std::string>& clauses, bool evolve = false) {
  const auto plan = Plan(Rules(clauses, evolve));
  return plan.ok() ? "planned" : plan.error().message();
}
std::string Columns(const PlannedClause& clause) {
  std::string all;
  for (const MadeColumn& column : clause.columns) all += column.name + " := " + column.sql + "; ";
  return all;
}

TEST(MergePlan, OnlyTheLastClauseOfAKindMayHaveNoCondition) {
  EXPECT_THAT(Refusal({"matched then delete", "matched then update set v = s.v"}), HasSubstr("it never acts"));
  EXPECT_THAT(Refusal({"not matched then insert *", "not matched and s.id > 1 then insert *"}),
              HasSubstr("never acts"));
  EXPECT_EQ(Refusal({"matched and s.id > 1 then delete", "matched then update set v = s.v", "not matched then insert *",
                     "not matched by source then delete"}),
            "planned");
}

TEST(MergePlan, AMergeWithoutClausesConditionOrNamesIsRefused) {
  EXPECT_THAT(Refusal({}), HasSubstr("needs a clause"));
  MergeRules rules = Rules({"matched then delete"});
  rules.on = " \n";
  EXPECT_FALSE(Plan(rules).ok());
  rules = Rules({"matched then delete"});
  rules.source_alias = "T";
  EXPECT_THAT(Plan(rules).error().message(), HasSubstr("both called"));
}

TEST(MergePlan, AnUpdateGivesEveryColumnAndAStarReadsTheSourceAlone) {
  auto plan = Plan(Rules({"matched then update set v = upper(s.v)"}));
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_EQ(Columns(plan->clauses[0]), "id := \"t\".\"id\"; v := (upper(s.v)\n); ");
  EXPECT_FALSE(plan->clauses[0].from_source_alone);
  plan = Plan(Rules({"matched then update set *"}));
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(Columns(plan->clauses[0]), "id := (\"s\".\"id\"\n); v := (\"s\".\"v\"\n); ");
  EXPECT_TRUE(plan->clauses[0].from_source_alone);
}

TEST(MergePlan, AStarMakesColumnsOfTheSourceOnlyWhereTheSchemaMayBeMerged) {
  auto plan = Plan(Rules({"not matched then insert *"}));
  ASSERT_TRUE(plan.ok());
  EXPECT_FALSE(plan->evolved);
  plan = Plan(Rules({"not matched then insert *"}, true));
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->evolved);
  EXPECT_NE(FindField(plan->table.schema, "extra"), nullptr);
  // Nobody uses it: nothing is added.
  plan = Plan(Rules({"not matched then insert (id) values (s.id)"}, true));
  ASSERT_TRUE(plan.ok());
  EXPECT_FALSE(plan->evolved);
}

TEST(MergePlan, AStarWhoseSourceLacksAColumnIsRefusedUnlessTheSchemaMayBeMerged) {
  const TableDefinition wide = Table({Field("id", kLong), Field("v", kText), Field("w", kText)});
  EXPECT_THAT(Plan(Rules({"matched then update set *"}), wide).error().message(), HasSubstr("no column w"));
  const auto plan = Plan(Rules({"matched then update set *"}, true), wide);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(Columns(plan->clauses[0]), HasSubstr("w := \"t\".\"w\""));
  EXPECT_FALSE(plan->clauses[0].from_source_alone);
}

TEST(MergePlan, FieldsOfAStructAreSetOneByOneAndTheOthersStay) {
  const DataType place = DataType::Struct({Field("x", kLong), Field("y", kLong)});
  const TableDefinition table = Table({Field("id", kLong), Field("at", place)});
  const auto plan = Plan(Rules({"matched then update set t.at.x = 1"}), table);
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_THAT(Columns(plan->clauses[0]), HasSubstr("\"x\" := (1\n), \"y\" := struct_extract(\"t\".\"at\", 'y')"));
  EXPECT_THAT(Plan(Rules({"matched then update set at = null, at.x = 1"}), table).error().message(),
              HasSubstr("set twice"));
  EXPECT_THAT(Plan(Rules({"matched then update set at.z = 1"}), table).error().message(), HasSubstr("no column at.z"));
}

TEST(MergePlan, ColumnsThatAreNotThereOrSetTwiceAreRefusedByName) {
  EXPECT_THAT(Refusal({"matched then update set nope = 1"}), HasSubstr("no column nope"));
  EXPECT_THAT(Refusal({"matched then update set v = 1, V = 2"}), HasSubstr("set twice"));
  EXPECT_THAT(Refusal({"matched then update set * except (nope)"}), HasSubstr("EXCEPT names nope"));
}

TEST(MergePlan, OnlyASingleDeleteWithoutConditionMayMatchOften) {
  EXPECT_TRUE(Plan(Rules({"matched then delete", "not matched then insert *"}))->may_match_often);
  EXPECT_FALSE(Plan(Rules({"matched and s.id > 1 then delete"}))->may_match_often);
  EXPECT_FALSE(Plan(Rules({"matched and s.id > 1 then delete", "matched then delete"}))->may_match_often);
  EXPECT_FALSE(Plan(Rules({"matched then update set v = 'x'"}))->may_match_often);
  EXPECT_FALSE(Plan(Rules({"not matched by source then delete"}))->may_match_often);
}

TEST(MergeSql, TheFirstClauseWhoseConditionHoldsActs) {
  const MergeRules rules = Rules({"matched and s.a then delete", "not matched then insert *",
                                  "matched and s.b then delete", "matched then update set v = s.v"});
  const auto plan = Plan(rules);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(MergeSql(rules, *plan).Pairs(), HasSubstr("CASE WHEN (s.a\n) THEN 0 WHEN (s.b\n) THEN 2 ELSE 3 END"));
  EXPECT_THAT(MergeSql(rules, *plan).New(), HasSubstr("ANTI JOIN deltic_pairs"));
}

TEST(MergeSql, InsertsAloneLookTheTableUpWithoutPairs) {
  const MergeRules rules = Rules({"not matched then insert *"});
  const auto plan = Plan(rules);
  ASSERT_TRUE(plan.ok());
  EXPECT_THAT(MergeSql(rules, *plan).New(), HasSubstr("ANTI JOIN deltic_target AS \"t\" ON (t.id = s.id\n)"));
}

TEST(MergeSql, RowsThatNoSourceRowMatchesKeepTheirTableRow) {
  const MergeRules rules = Rules({"matched and s.v = 'd' then delete", "not matched by source then delete"});
  const auto plan = Plan(rules);
  ASSERT_TRUE(plan.ok());
  const std::string pairs = MergeSql(rules, *plan).Pairs();
  EXPECT_THAT(pairs, HasSubstr("LEFT JOIN"));
  // Pairs that no clause acts on are kept too: two of one row are an error all the same.
  EXPECT_THAT(pairs, HasSubstr("IS NOT NULL OR __deltic_source IS NOT NULL"));
}

TEST(MergeOperation, HistorySaysEachClauseWithItsConditionAndKind) {
  const MergeRules rules =
      Rules({"matched and s.v = 'd' then delete", "matched then update set v = s.v", "not matched then insert *"});
  const auto plan = Plan(rules);
  ASSERT_TRUE(plan.ok());
  MergeOutcome outcome;
  outcome.num_target_rows_updated = 3;
  const Operation operation = DescribeMerge(rules, *plan, outcome);
  EXPECT_EQ(operation.name, "MERGE");
  EXPECT_EQ(operation.parameters.at("predicate"), R"("[\"t.id = s.id\"]")");
  EXPECT_EQ(operation.parameters.at("matchedPredicates"),
            R"("[{\"actionType\":\"delete\",\"predicate\":\"s.v = 'd'\"},{\"actionType\":\"update\"}]")");
  EXPECT_EQ(operation.parameters.at("notMatchedBySourcePredicates"), R"("[]")");
  EXPECT_EQ(operation.metrics.at("numTargetRowsUpdated"), "3");
}

}  // namespace
}  // namespace deltic
