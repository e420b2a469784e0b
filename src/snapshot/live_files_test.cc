// Tests reconciliation, pruning and totals over JSON logs.
#include "snapshot/live_files.h"

#include "snapshot/test_table.h"

namespace deltic {
namespace {

class LiveFilesTest : public TestTable {};

TEST_F(LiveFilesTest, TheLastWordAboutAFileWins) {
  Create({Add("a"), Add("b"), Add("c")});
  Commit(1, {Remove("a"), Remove("b")});
  Commit(2, {Add("b")});
  EXPECT_EQ(Files(0), "a b c");
  EXPECT_EQ(Files(1), "c");
  EXPECT_EQ(Files(2), "b c");
}

TEST_F(LiveFilesTest, APathThatLeavesTheTableIsCorruptByFileAndLine) {
  Create({Add("a")});
  for (const std::string& action : {Add("../x"), Remove("%2e%2e/x")}) {
    Commit(1, {R"({"commitInfo":{}})", action});
    const auto totals = (*Open())->Totals();
    ASSERT_FALSE(totals.ok());
    EXPECT_EQ(totals.error().code(), Code::kCorrupt);
    EXPECT_NE(totals.error().message().find("00000000000000000001.json line 2"), std::string::npos)
        << totals.error().message();
  }
}

TEST_F(LiveFilesTest, AReAddReplacesWhatWasSaidBefore) {
  Create({Add(TestFile{.path = "a", .size = 10})});
  Commit(1, {Add(TestFile{.path = "a", .size = 77})});
  auto totals = (*Open())->Totals();
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->num_files, 1);
  EXPECT_EQ(totals->size_bytes, 77);
}

TEST_F(LiveFilesTest, ADeletionVectorMakesAnotherLogicalFile) {
  Create({Add("a"), Add("b")});
  Commit(1, {Remove("a"), Add(TestFile{.path = "a", .dv = "v1"})});
  Commit(2, {Add(TestFile{.path = "a", .dv = "v2"}), Remove(TestFile{.path = "a", .dv = "v1"})});
  EXPECT_EQ(Files(1), "a!v1 b");
  EXPECT_EQ(Files(2), "a!v2 b");
  Commit(3, {Remove(TestFile{.path = "a", .dv = "v2"})});
  EXPECT_EQ(Files(3), "b");
}

TEST_F(LiveFilesTest, OnePathHasOneAddEvenWhereAWriterForgotTheRemove) {
  Create({Add("a")});
  Commit(1, {Add(TestFile{.path = "a", .dv = "v1"})});
  EXPECT_EQ(Files(), "a!v1");
}

TEST_F(LiveFilesTest, ARemoveOfAnotherDeletionVectorRemovesNothing) {
  Create({Add(TestFile{.path = "a", .dv = "v1"})});
  Commit(1, {Remove("a")});
  EXPECT_EQ(Files(), "a!v1");
}

TEST_F(LiveFilesTest, TheLastLineOfACommitWinsOverItsFirst) {
  Create({Remove("a"), Add("a"), Add("b"), Remove("b")});
  EXPECT_EQ(Files(), "a");
}

TEST_F(LiveFilesTest, AFileIsTheSameHoweverItsPathIsWritten) {
  Create({Add("/some/abs/path"), Add("part=a%2520b/x"), Add("q%20r"), Add("d/./e")});
  Commit(1, {Remove("file:/some/abs/path"), Remove("part%3Da%2520b/x"), Remove("q r"), Remove("d/e")});
  EXPECT_EQ(Files(), "");
  Commit(2, {Add("part=a%2520b/x")});
  Commit(3, {Remove("part=a%20b/x")});
  EXPECT_EQ(Files(), "part=a%2520b/x") << "decoded once, the two are not the same";
}

TEST_F(LiveFilesTest, ACompactionThatIsNotReconciledGivesWayToItsCommits) {
  Create({Add("a")});
  Commit(1, {Remove("a"), Add(TestFile{.path = "a", .dv = "v1"})});
  Commit(2, {Remove(TestFile{.path = "a", .dv = "v1"}), Add("b")});
  // Newest commit first: neither the first nor the last line of this file is the last word in general.
  Put(VersionName(0) + "." + VersionName(2) + ".compacted.json",
      {Remove(TestFile{.path = "a", .dv = "v1"}), Add("b"), Remove("a"), Add(TestFile{.path = "a", .dv = "v1"}),
       kProtocol, MetadataLine(), Add("a")});
  EXPECT_EQ(Files(), "b");
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(1) + ".json").ok());
  EXPECT_TRUE(Has(Files(), "Corrupt") && Has(Files(), "several actions for one file")) << Files();
}

TEST_F(LiveFilesTest, ACompactionIsReadInsteadOfItsCommits) {
  Create({Add("a")});
  Commit(1, {Remove("a"), Add("b")});
  Put(VersionName(0) + "." + VersionName(1) + ".compacted.json", {kProtocol, MetadataLine(), Remove("a"), Add("b")});
  Commit(2, {Add("c")});
  store_->ResetCounts();
  EXPECT_EQ(Files(), "b c");
  for (const std::string& key : store_->Keys(StoreCall::kGet)) EXPECT_FALSE(Has(key, VersionName(1) + ".json")) << key;
}

TEST_F(LiveFilesTest, APathOutOfTheTableIsCorruptAndNamesItsCommit) {
  Create();
  Commit(1, {Add("../x")});
  EXPECT_TRUE(Has(Files(), "Corrupt") && Has(Files(), "'../x'")) << Files();
}

TEST_F(LiveFilesTest, JsonCheckpointFilesAreSupersededByNewerCommits) {
  Create();
  JsonCheckpoint(1,
                 {kProtocol, MetadataLine(), Add("a"), Add(TestFile{.path = "b", .dv = "v1"}), Add("c"), Add("d%20e")});
  Commit(2, {Remove("a"), Remove(TestFile{.path = "b", .dv = "v1"}), Add(TestFile{.path = "b", .dv = "v2"}),
             Remove("d e")});
  EXPECT_EQ(Files(), "b!v2 c");
}

TEST_F(LiveFilesTest, PruningCountsWhatItDropsAndSupersededFilesCountNowhere) {
  Create({Add(TestFile{.path = "a", .p = "1", .rows = 5}), Add(TestFile{.path = "b", .p = "2", .rows = 5}),
          Add(TestFile{.path = "c", .p = "1", .rows = 50}), Add(TestFile{.path = "old", .p = "2"})});
  Commit(1, {Remove("old")});
  auto snapshot = *Open();
  Predicate p_is_1{.kind = Predicate::Kind::kCompare,
                   .column = {"p"},
                   .op = CompareOp::kEq,
                   .literals = {Literal{DataType(TypeKind::kString), std::string("1")}}};
  Predicate x_above_20{.kind = Predicate::Kind::kCompare,
                       .column = {"x"},
                       .op = CompareOp::kGt,
                       .literals = {Literal{DataType(TypeKind::kLong), int64_t{20}}}};
  LiveFilesRequest request{.predicate = {.kind = Predicate::Kind::kAnd, .children = {p_is_1, x_above_20}}};
  auto cursor = snapshot->LiveFiles(request);
  ASSERT_TRUE(cursor.ok());
  auto file = (*cursor)->Next();
  ASSERT_TRUE(file.ok() && file->has_value());
  EXPECT_EQ((*file)->path, "c");
  EXPECT_FALSE((*(*cursor)->Next()).has_value());
  EXPECT_EQ((*cursor)->counts().by_partition, 1);
  EXPECT_EQ((*cursor)->counts().by_statistics, 1);
  request.prune = false;
  EXPECT_EQ(Files(*snapshot, request), "a b c");
}

TEST_F(LiveFilesTest, StatisticsAndRareFieldsComeOnlyWhenAskedFor) {
  Create(
      {R"({"add":{"path":"a","partitionValues":{"p":null},"size":1,"modificationTime":2,"dataChange":true,"stats":"{}",)"
       R"("tags":{"k":"v"},"clusteringProvider":"liquid"}})"});
  auto snapshot = *Open();
  auto file = **(*snapshot->LiveFiles({.stats = false}))->Next();
  EXPECT_FALSE(file.stats);
  EXPECT_TRUE(file.tags.empty());
  EXPECT_FALSE(file.clustering_provider);
  file = **(*snapshot->LiveFiles({.all_fields = true}))->Next();
  EXPECT_EQ(file.stats, "{}");
  EXPECT_EQ(file.tags.at("k"), "v");
  EXPECT_EQ(file.clustering_provider, "liquid");
}

TEST_F(LiveFilesTest, TotalsAddUpRowsMinusDeletedOnes) {
  Create({Add(TestFile{.path = "a", .size = 100, .rows = 7}),
          Add(TestFile{.path = "b", .dv = "v", .dv_rows = 3, .size = 50, .rows = 8})});
  auto totals = (*Open())->Totals();
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->num_files, 2);
  EXPECT_EQ(totals->size_bytes, 150);
  EXPECT_EQ(totals->num_rows, 12);
  EXPECT_EQ(totals->num_deletion_vectors, 1);
  EXPECT_EQ(totals->num_deleted_rows, 3);
  Commit(1, {Add(TestFile{.path = "c", .rows = -1})});
  totals = (*Open())->Totals();
  EXPECT_EQ(totals->num_files, 3);
  EXPECT_FALSE(totals->num_rows) << "one file says nothing of its rows";
}

TEST_F(LiveFilesTest, TotalsThatOverflowAreCorrupt) {
  Create({Add(TestFile{.path = "a", .size = INT64_MAX}), Add(TestFile{.path = "b", .size = 1})});
  EXPECT_EQ((*Open())->Totals().error().code(), Code::kCorrupt);
}

TEST_F(LiveFilesTest, ALyingChecksumDoesNotChangeTheTotals) {
  Create({Add("a")});
  Put(VersionName(0) + ".crc", {R"({"tableSizeBytes":5,"numFiles":900,"numMetadata":1,"numProtocol":1})"});
  EXPECT_EQ((*Open())->Totals()->num_files, 1);
}

TEST_F(LiveFilesTest, ACommitCleanedUpSinceOpeningIsUnavailable) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  auto snapshot = *Open();
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(0) + ".json").ok());
  EXPECT_TRUE(Has(Files(*snapshot), "Unavailable") && Has(Files(*snapshot), "open the table again"))
      << Files(*snapshot);
}

TEST_F(LiveFilesTest, ACommitOverManyLinesIsRead) {
  Create();
  ASSERT_TRUE(
      memory_
          ->Put("_delta_log/" + VersionName(1) + ".json",
                "{\n  \"add\": {\n    \"path\": \"a\",\n    \"partitionValues\": {\"p\": \"1\"},\n    \"size\": 1,\n"
                "    \"modificationTime\": 2,\n    \"dataChange\": true\n  }\n}\n{\n  \"commitInfo\": {}\n}\n")
          .ok());
  EXPECT_EQ(Files(), "a");
}

}  // namespace
}  // namespace deltic
