// Owns the proof of what a merge does beside others, of the files it makes, and of the matches it refuses. What each
// clause does to rows is tests/cli's and tests/differential's to prove.
#include "dml/merge.h"

#include "dml/rows_table_for_test.h"

namespace deltic {
namespace {

using testing::HasSubstr;

constexpr const char* kTen = "select i::bigint as id, 'v' || i as v from range(10) r(i)";
const std::vector<std::string> kUpsert = {"matched then update set v = s.v", "not matched then insert *"};

class MergeTest : public RowsTable {};

TEST_F(MergeTest, TwoMergesOfDifferentRowsOfOneFileBothCount) {
  Create(kVectors, {kTen});
  const auto base = Newest();
  const auto first = Merge(base, "select 1::bigint as id, 'first' as v", kUpsert);
  ASSERT_TRUE(first.ok()) << Outcome(first);
  const auto second = Merge(base, "select 8::bigint as id, 'second' as v", kUpsert);
  ASSERT_TRUE(second.ok()) << Outcome(second);
  EXPECT_EQ(second->outcome.version, 2);
  EXPECT_EQ(Rows(), "0 v0, 1 first, 2 v2, 3 v3, 4 v4, 5 v5, 6 v6, 7 v7, 8 second, 9 v9");
}

TEST_F(MergeTest, TwoMergesOfTheSameRowDoNotBothCount) {
  Create(kVectors, {kTen});
  const auto base = Newest();
  ASSERT_TRUE(Merge(base, "select 1::bigint as id, 'first' as v", kUpsert).ok());
  const auto second = Merge(base, "select 1::bigint as id, 'second' as v", kUpsert);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::kConflict) << Outcome(second);
  EXPECT_THAT(Rows(), HasSubstr("1 first"));
}

TEST_F(MergeTest, TwoMergesThatInsertTheSameKeyDoNotBothCount) {
  Create(kVectors, {kTen});
  const auto base = Newest();
  ASSERT_TRUE(Merge(base, "select 50::bigint as id, 'first' as v", kUpsert).ok());
  const auto second = Merge(base, "select 50::bigint as id, 'second' as v", kUpsert);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), Code::kConflict) << Outcome(second);
}

TEST_F(MergeTest, ARowThatKeptItsSourceRowFromBeingInsertedMayNotGoMeanwhile) {
  Create(kVectors, {kTen});
  const auto base = Newest();
  ASSERT_TRUE(Delete(base, "id = 1").ok());
  // It matched row 1 and left it alone; after the delete the row of the source would have been inserted.
  const auto merged = Merge(base, "select i::bigint as id, 's' as v from (values (1), (2)) x(i)",
                            {"matched and t.id = 2 then update set v = s.v", "not matched then insert *"});
  ASSERT_FALSE(merged.ok());
  EXPECT_EQ(merged.error().code(), Code::kConflict) << Outcome(merged);
  // Without inserts the delete does not matter.
  const auto update = Merge(base, "select i::bigint as id, 's' as v from (values (1), (2)) x(i)",
                            {"matched and t.id = 2 then update set v = s.v"});
  ASSERT_TRUE(update.ok()) << Outcome(update);
  EXPECT_EQ(Rows(), "0 v0, 2 s, 3 v3, 4 v4, 5 v5, 6 v6, 7 v7, 8 v8, 9 v9");
}

TEST_F(MergeTest, RowsThatGoBesideRowsWithoutASourceDoNotMatter) {
  Create(kVectors, {kTen});
  const auto base = Newest();
  ASSERT_TRUE(Delete(base, "id = 1").ok());
  const auto merged = Merge(base, "select i::bigint as id from range(9) r(i)", {"not matched by source then delete"});
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_EQ(Rows("id"), "0, 2, 3, 4, 5, 6, 7, 8");
}

TEST_F(MergeTest, AQueryInAConditionMindsRowsThatGo) {
  Create(kVectors, {kTen});
  const auto base = Newest();
  ASSERT_TRUE(Delete(base, "id = 1").ok());
  const auto merged = Merge(base, "select 2::bigint as id, 's' as v",
                            {"matched and (select true) then update set v = s.v"}, "t.id = s.id and t.id >= 0");
  EXPECT_FALSE(merged.ok());
}

TEST_F(MergeTest, SeveralSourceRowsForOneRowAreRefusedAlsoWhereNoClauseActs) {
  Create({}, {kTen});
  const std::string twice = "select 5::bigint as id, x as v from (values ('a'), ('b')) x(x)";
  for (const std::vector<std::string>& clauses :
       std::vector<std::vector<std::string>>{{"matched then update set v = s.v"},
                                             {"matched and s.v = 'a' then update set v = s.v"},
                                             {"matched and s.v = 'none' then delete"},
                                             {"matched and s.v = 'none' then delete", "not matched then insert *"},
                                             {"matched and s.v = 'a' then delete", "matched then delete"},
                                             {"not matched by source then delete"}}) {
    const auto merged = Merge(Newest(), twice, clauses);
    ASSERT_FALSE(merged.ok()) << clauses[0];
    EXPECT_THAT(merged.error().message(), HasSubstr("several rows of the source match one row")) << clauses[0];
  }
  EXPECT_EQ(Newest()->version(), 0);
}

TEST_F(MergeTest, ASingleDeleteWithoutConditionAndInsertsAloneMayMatchOften) {
  Create({}, {kTen});
  const std::string twice = "select i::bigint as id, 'a' as v from (values (5), (5), (20), (20)) x(i)";
  auto merged = Merge(Newest(), twice, {"not matched then insert *"});
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_EQ(merged->outcome.num_target_rows_inserted, 2);
  merged = Merge(Newest(), "select 5::bigint as id, 'a' as v union all select 5, 'b'",
                 {"matched then delete", "not matched by source and t.id = 20 then delete"});
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_EQ(merged->outcome.num_target_rows_deleted, 3);
  EXPECT_EQ(merged->outcome.num_target_rows_matched_deleted, 1);
  EXPECT_EQ(Rows("id"), "0, 1, 2, 3, 4, 6, 7, 8, 9");
}

TEST_F(MergeTest, AConditionThatIsNullHoldsForNoRow) {
  Create({}, {kTen});
  auto merged = Merge(Newest(), "select 1::bigint as id, 'a' as v", {"matched and null then delete"});
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_FALSE(merged->outcome.changed);
  merged = Merge(Newest(), "select 1::bigint as id, 'a' as v", {"matched then delete"}, "null");
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_FALSE(merged->outcome.changed);
}

constexpr const char* kChanges = "select i::bigint as id, 's' || i as v from (values (1), (2), (3), (20), (21)) x(i)";
const std::vector<std::string> kMany = {
    "matched and t.id = 1 then delete", "matched and t.id = 2 then update set v = 'two'",
    "matched then update set v = s.v", "not matched and s.id = 20 then insert (id, v) values (s.id, 'twenty')",
    "not matched then insert *"};

TEST_F(MergeTest, UpdatedInsertedAndCopiedRowsMakeOneFile) {
  for (const StringMap& properties : {StringMap{}, kVectors}) {
    store_ = MakeMemoryStore("rows");
    Create(properties, {kTen});
    const auto merged = Merge(Newest(), kChanges, kMany);
    ASSERT_TRUE(merged.ok()) << Outcome(merged);
    EXPECT_EQ(Rows(), "0 v0, 2 two, 3 s3, 4 v4, 5 v5, 6 v6, 7 v7, 8 v8, 9 v9, 20 twenty, 21 s21");
    const MergeOutcome& outcome = merged->outcome;
    EXPECT_EQ(outcome.num_target_files_added, 1);
    EXPECT_EQ(outcome.num_target_rows_updated, 2);
    EXPECT_EQ(outcome.num_target_rows_deleted, 1);
    EXPECT_EQ(outcome.num_target_rows_inserted, 2);
    EXPECT_EQ(outcome.num_target_rows_copied, properties.empty() ? 7 : 0);
  }
}

TEST_F(MergeTest, RowsKeepTheirIdsWhereUpdatedInsertedAndCopiedOnesShareAFile) {
  Create({{"delta.enableRowTracking", "true"}}, {kTen});
  const auto merged = Merge(Newest(), kChanges, kMany);
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_EQ(Files().size(), 1U);
  auto session = engine_->OpenWork(nullptr);
  auto spec = MakeReadSpec(Newest(), {.row_ids = true});
  ASSERT_TRUE(session.ok() && spec.ok());
  ASSERT_TRUE((*session)->AddScan("rows", spec->scan, {.row_ids = true}).ok());
  auto rows = (*session)->ReadText(
      "SELECT count(*) FILTER (id < 10 AND _row_id = id), count(*) FILTER (id >= 20 AND _row_id >= 10), "
      "count(DISTINCT _row_id), string_agg(id::varchar, ' ' ORDER BY id) FILTER (_row_commit_version = 1) FROM rows",
      CancelToken());
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  const auto row = (*(*rows)->Next())[0];
  EXPECT_EQ(row[0], "9");
  EXPECT_EQ(row[1], "2");
  EXPECT_EQ(row[2], "11");
  EXPECT_EQ(row[3], "2 3 20 21");
}

TEST_F(MergeTest, TheChangeFeedKeepsUpdatedAndInsertedRowsApart) {
  Create({{"delta.enableChangeDataFeed", "true"}}, {kTen});
  const auto merged = Merge(Newest(), kChanges, kMany);
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_EQ(Rows("id"), "0, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21");
  EXPECT_EQ(merged->outcome.num_change_files, 1);
  EXPECT_EQ(merged->outcome.num_target_rows_copied, 7);
}

TEST_F(MergeTest, RowsOfEachPartitionMakeOneFile) {
  Create({}, {"select i::bigint as id, 'v' || i as v, i % 2 as p from range(10) r(i)"}, {"p"});
  const auto merged =
      Merge(Newest(), "select i::bigint as id, 's' as v, i % 2 as p from (values (1), (2), (21)) x(i)", kUpsert);
  ASSERT_TRUE(merged.ok()) << Outcome(merged);
  EXPECT_EQ(merged->outcome.num_target_files_added, 2);
  EXPECT_EQ(merged->outcome.num_target_files_removed, 2);
  EXPECT_EQ(Rows("id, p"), "0 0, 1 1, 2 0, 3 1, 4 0, 5 1, 6 0, 7 1, 8 0, 9 1, 21 1");
}

}  // namespace
}  // namespace deltic
