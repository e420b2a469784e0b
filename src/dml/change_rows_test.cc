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
