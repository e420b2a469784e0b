// Tests the guess at a table's rows over JSON logs.
#include "scan/row_estimate.h"

#include "snapshot/test_table.h"

namespace deltic {
namespace {

class RowEstimateTest : public TestTable {
 protected:
  int64_t Rows() { return EstimateRows(**Open()); }
};

TEST_F(RowEstimateTest, OfATableOfFewFilesItIsTheCountOfLiveRows) {
  Create({Add(TestFile{.path = "a", .rows = 7}), Add(TestFile{.path = "b", .dv = "x", .dv_rows = 2, .rows = 5})});
  EXPECT_EQ(Rows(), 10);
  Commit(1, {Remove("a")});
  EXPECT_EQ(Rows(), 3);
}

TEST_F(RowEstimateTest, OfATableWithoutFilesItIsNone) {
  Create();
  EXPECT_EQ(Rows(), 0);
}

TEST_F(RowEstimateTest, AFileThatDoesNotTellItsRowsIsJudgedByItsSize) {
  Create({Add(TestFile{.path = "a", .size = 5'000, .rows = -1})});
  EXPECT_EQ(Rows(), 100);
}

TEST_F(RowEstimateTest, OfATableOfManyFilesItIsMoreThanItsFirstFilesHold) {
  std::vector<std::string> adds;
  for (int i = 0; i < 1'500; ++i) adds.push_back(Add(TestFile{.path = "f" + std::to_string(i), .rows = 10}));
  Create(adds);
  EXPECT_GE(Rows(), 15'000);
}

TEST_F(RowEstimateTest, NumbersThatCannotBeAreNoTrouble) {
  Create({Add(TestFile{.path = "a", .dv = "x", .dv_rows = 9'000'000'000'000'000'000, .rows = 1}),
          Add(TestFile{.path = "b", .rows = 900'000'000'000'000'000}),
          Add(TestFile{.path = "c", .rows = 900'000'000'000'000'000})});
  EXPECT_EQ(Rows(), 1'000'000'000'000'000);
}

TEST_F(RowEstimateTest, ALogThatCannotBeReadIsLeftToWhoeverReadsItNext) {
  Create({Add("../x")});
  EXPECT_EQ(Rows(), 1'000'000);
}

}  // namespace
}  // namespace deltic
