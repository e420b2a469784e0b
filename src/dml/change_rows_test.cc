// Owns the proof of how DELETE and UPDATE choose what they read and remove. What they do to rows of every kind is
// tests/cli's and tests/differential's to prove.
#include "dml/change_rows.h"

#include "dml/rows_table_for_test.h"

namespace deltic {
namespace {

using testing::HasSubstr;

constexpr const char* kTen = "select i::bigint as id, 'v' || i as v from range(10) r(i)";

class ChangeTest : public RowsTable {};

TEST_F(ChangeTest, APredicateThatIsNullMeetsNoRow) {
  Create({}, {kTen});
  const auto deleted = Delete(Newest(), "NULL");
  ASSERT_TRUE(deleted.ok()) << Outcome(deleted);
  EXPECT_FALSE(deleted->changed);
  const auto updated = Update(Newest(), "v", "'x'", "null");
  ASSERT_TRUE(updated.ok()) << Outcome(updated);
  EXPECT_FALSE(updated->changed);
  EXPECT_EQ(Newest()->version(), 0);
}

TEST_F(ChangeTest, APredicateOfAnotherTypeIsRefused) {
  Create({}, {kTen});
  EXPECT_THAT(Outcome(Delete(Newest(), "id")), HasSubstr("of type bigint, not boolean"));
}

// Deletes where some files cannot be read any more: only by their log entries can they go.
class SureFiles : public ChangeTest {
 protected:
  // A file for each query; those that `lost` names, by their order, are taken away.
  void CreateAndLose(const StringMap& properties, const std::vector<std::string>& files,
                     const std::vector<std::string>& lost) {
    Create(properties, files);
    for (const AddFile& file : Files()) {
      for (const std::string& mark : lost) {
        if (file.stats->find(mark) != std::string::npos) {
          ASSERT_TRUE(store_->Delete(file.path).ok());
        }
      }
    }
  }
};

TEST_F(SureFiles, AFileAllOfWhoseRowsMatchByItsStatisticsGoesWithoutBeingRead) {
  CreateAndLose({}, {kTen, "select i::bigint as id, 'w' as v from range(100, 110) r(i)"}, {R"("id":100)"});
  const auto deleted = Delete(Newest(), "id >= 100 and v is not null");
  ASSERT_TRUE(deleted.ok()) << Outcome(deleted);
  EXPECT_EQ(deleted->rows, 10);
  EXPECT_EQ(deleted->files_removed, 1);
  EXPECT_EQ(Rows("id"), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
}

TEST_F(SureFiles, OtherFilesAreReadAndLoseTheirRows) {
  for (const StringMap& properties : {StringMap{}, kVectors}) {
    store_ = MakeMemoryStore("rows");
    CreateAndLose(properties, {kTen, "select i::bigint as id, 'w' as v from range(100, 110) r(i)"}, {R"("id":100)"});
    const auto deleted = Delete(Newest(), "id in (7, 8) or id between 100 and 200");
    ASSERT_TRUE(deleted.ok()) << Outcome(deleted);
    EXPECT_EQ(deleted->rows, 12);
    EXPECT_EQ(Rows("id"), "0, 1, 2, 3, 4, 5, 6, 9");
  }
}

TEST_F(SureFiles, WhatStatisticsCannotProveIsRead) {
  const std::string text = "a text of more than thirty-two characters: ";
  Create({}, {"select 1::bigint as id, NULL::varchar as s, 1::double as d union all select 2, 'x', 2",
              "select 11::bigint as id, 'y' as s, 'NaN'::double as d union all select 12, 'y', 3",
              "select 21::bigint as id, '" + text + "1' as s, 5::double as d union all select 22, '" + text + "9', 6"});
  EXPECT_EQ(Delete(Newest(), "id < 10 and s >= ''")->rows, 1);  // one is NULL
  EXPECT_EQ(Rows("id"), "1, 11, 12, 21, 22");
  EXPECT_EQ(Delete(Newest(), "id between 10 and 19 and d <= 100")->rows, 1);  // NaN is above all
  EXPECT_EQ(Rows("id"), "1, 11, 21, 22");
  EXPECT_EQ(Delete(Newest(), "s <= '" + text + "5'")->rows, 1);  // the bounds are cut
  EXPECT_EQ(Rows("id"), "1, 11, 22");
  EXPECT_EQ(Delete(Newest(), "id > 20 and random() < 0")->rows, 0);
}

TEST_F(SureFiles, WhatAQueryWithinThePredicateSaysIsAskedOfEachRow) {
  Create({}, {kTen});
  EXPECT_EQ(Delete(Newest(), "id in (select 3)")->rows, 1);
  EXPECT_EQ(Delete(Newest(), "id >= 0 and id = any([4, 5])")->rows, 2);
  EXPECT_EQ(Delete(Newest(), "id > 8 or id in (select 1 where false)")->rows, 1);
  EXPECT_EQ(Delete(Newest(), "id > 7 and not exists (select 1 where false)")->rows, 1);
  EXPECT_EQ(Rows("id"), "0, 1, 2, 6, 7");
}

TEST_F(SureFiles, TheNegationOfNullIsNotTrue) {
  Create({}, {kTen});
  EXPECT_EQ(Delete(Newest(), "not (id > 6 and null)")->rows, 7);
  EXPECT_EQ(Rows("id"), "7, 8, 9");
}

TEST_F(SureFiles, RowsThatAreDeletedAlreadyDoNotCount) {
  Create(kVectors, {kTen});
  ASSERT_TRUE(Delete(Newest(), "id = 3").ok());
  ASSERT_TRUE(store_->Delete(Files()[0].path).ok());
  const auto deleted = Delete(Newest(), "id >= 0");
  ASSERT_TRUE(deleted.ok()) << Outcome(deleted);
  EXPECT_EQ(deleted->rows, 9);
  EXPECT_EQ(deleted->vectors_removed, 1);
}

TEST_F(SureFiles, TheFeedHasAllRowsOrNeedsNone) {
  Create({{"delta.enableChangeDataFeed", "true"}},
         {kTen, "select i::bigint as id, 'w' as v from range(100, 110) r(i)"});
  auto deleted = Delete(Newest(), "id = 7 or id >= 100");
  ASSERT_TRUE(deleted.ok()) << Outcome(deleted);
  EXPECT_EQ(deleted->change_files, 1);
  EXPECT_EQ(deleted->rows, 11);
  deleted = Delete(Newest(), "id >= 0");
  ASSERT_TRUE(deleted.ok()) << Outcome(deleted);
  EXPECT_EQ(deleted->change_files, 0);
  EXPECT_EQ(deleted->rows, 9);
}

TEST_F(ChangeTest, TwoUpdatesOfDifferentRowsOfOneFileBothCount) {
  Create(kVectors, {kTen});
  const auto base = Newest();
  ASSERT_TRUE(Update(base, "v", "'a'", "id = 1").ok());
  const auto second = Update(base, "v", "'b'", "id = 8");
  ASSERT_TRUE(second.ok()) << Outcome(second);
  EXPECT_THAT(Rows(), HasSubstr("1 a, "));
  EXPECT_THAT(Rows(), HasSubstr("8 b, "));
}

TEST_F(ChangeTest, AnUpdateOfSomeRowsOfAFileMakesOneFileOfIt) {
  Create({}, {kTen});
  const auto updated = Update(Newest(), "v", "'a'", "id % 2 = 1");
  ASSERT_TRUE(updated.ok()) << Outcome(updated);
  EXPECT_EQ(updated->files_added, 1);
  EXPECT_EQ(updated->rows, 5);
  EXPECT_EQ(updated->rows_copied, 5);
}

TEST_F(ChangeTest, RowsThatStayKeepWhatTheUpdatesTypeWouldLose) {
  // 2^53 + 1 is no double: a union of both would have made one of it.
  Create({}, {"select 9007199254740993::bigint as id, 1 as k union all select 1, 2"});
  const auto updated = Update(Newest(), "id", "2.0::double", "k = 2");
  ASSERT_TRUE(updated.ok()) << Outcome(updated);
  EXPECT_EQ(Rows("id"), "2, 9007199254740993");
}

TEST_F(ChangeTest, NullFieldsOfAStructThatIsSetNeedNoCast) {
  Create({}, {"select 1::bigint as id, {'a': 'x', 'b': 2::bigint, 'c': [1::bigint]} as s"});
  const auto updated = Update(Newest(), "s", "{'a': NULL, 'b': 3, 'c': [NULL]}", "id = 1");
  ASSERT_TRUE(updated.ok()) << Outcome(updated);
  EXPECT_EQ(Rows("s.a, s.b, s.c[1]"), "NULL 3 NULL");
}

}  // namespace
}  // namespace deltic
