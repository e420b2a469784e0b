// Proves that a compaction stands for its commits, for every version that can be made out of it.
#include "upkeep/upkeep_table_for_test.h"

namespace deltic {
namespace {

class CompactionTest : public UpkeepTable {
 protected:
  std::string Compact(int64_t from, int64_t to) {
    const Status status = WriteCompaction(*Must(), from, to);
    return status.ok() ? "" : status.error().ToString();
  }
};

TEST_F(CompactionTest, AVersionReadsTheSameOutOfACompaction) {
  Create({Add("a"), Add("b"), Add(TestFile{.path = "v", .dv = "one"})});
  Commit(1, {Remove("a"), Add("c"), R"({"txn":{"appId":"x","version":1}})"});
  Commit(2, {R"({"commitInfo":{"operation":"WRITE"}})", Remove(TestFile{.path = "v", .dv = "one"}),
             Add(TestFile{.path = "v", .dv = "two"}), R"({"txn":{"appId":"x","version":2}})"});
  Commit(3, {Remove("c"), Add("a"), MetadataLine("", "other")});
  const std::string before = Files();
  ASSERT_EQ(Compact(1, 3), "");
  const std::string name = VersionName(1) + "." + VersionName(3) + ".compacted.json";
  ASSERT_TRUE(Exists(name));
  EXPECT_FALSE(Has(Text(name), "commitInfo"));
  EXPECT_FALSE(Has(Text(name), "\"dataChange\":true"));
  for (int64_t version = 1; version <= 3; ++version) {
    ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(version) + ".json").ok());
  }
  EXPECT_EQ(Files(), before);
  EXPECT_EQ(before, "a b v!two");
  EXPECT_EQ(Must()->metadata().id, "other");
  EXPECT_EQ(*Must()->TransactionVersion("x"), 2);
  // The remove of a file of version 0 that is added again: the add is the last word.
  EXPECT_TRUE(Has(Text(name), "\"remove\":{\"path\":\"c\""));
}

TEST_F(CompactionTest, RemovesOfOlderFilesStayWhateverTheirAge) {
  Create({Add("a"), Add("b")});
  Commit(1, {Remove("a")});
  Commit(2, {Add("c")});
  ASSERT_EQ(Compact(1, 2), "");
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(1) + ".json").ok());
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(2) + ".json").ok());
  EXPECT_EQ(Files(), "b c");
}

TEST_F(CompactionTest, RangesThatAreNoneAreRefused) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  EXPECT_TRUE(Has(Compact(1, 1), "InvalidArgument"));
  EXPECT_TRUE(Has(Compact(1, 0), "InvalidArgument"));
  EXPECT_TRUE(Has(Compact(-1, 1), "InvalidArgument"));
  EXPECT_TRUE(Has(Compact(0, 2), "InvalidArgument"));
  Checkpoint();
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(0) + ".json").ok());
  EXPECT_TRUE(Has(Compact(0, 1), "commit of version 0 is not in the log"));
}

TEST_F(CompactionTest, ACompactionThatIsThereIsNotWrittenOver) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  const std::string name = VersionName(0) + "." + VersionName(1) + ".compacted.json";
  const auto snapshot = Must();
  Put(name, {"there"});
  EXPECT_TRUE(WriteCompaction(*snapshot, 0, 1).ok());
  EXPECT_EQ(Text(name), "there\n");
}

class AfterCommitTest : public UpkeepTable {};

TEST_F(AfterCommitTest, AChecksumEachVersionAndACheckpointEachInterval) {
  Commit(0, {kProtocol, MetadataLine(R"("delta.checkpointInterval":"3")"), Add("f0")});
  EXPECT_TRUE(AfterCommit(*Must(), Actions({kProtocol, MetadataLine(), Add("f0")}), nullptr, env_).empty());
  for (int64_t version = 1; version <= 6; ++version) {
    const std::vector<std::string> lines = {Add("f" + std::to_string(version))};
    Commit(version, lines);
    EXPECT_EQ(AfterCommit(*Must(), Actions(lines), nullptr, env_), std::vector<std::string>());
  }
  for (int64_t version = 0; version <= 6; ++version) EXPECT_TRUE(Exists(VersionName(version) + ".crc")) << version;
  std::vector<std::string> checkpoints;
  for (const std::string& key : Keys()) {
    if (Has(key, "checkpoint.")) checkpoints.push_back(key);
  }
  EXPECT_EQ(checkpoints,
            (std::vector<std::string>{VersionName(3) + ".checkpoint.parquet", VersionName(6) + ".checkpoint.parquet"}));
}

TEST_F(AfterCommitTest, AFailureIsToldAndNeverMore) {
  Commit(0, {kProtocol, MetadataLine(R"("delta.checkpointInterval":"1")"), Add("f0")});
  Commit(1, {Add("f1")});
  const auto snapshot = Must();
  store_->SetPlan({.crash_after_calls = 0});
  const auto warnings = AfterCommit(*snapshot, Actions({Add("f1")}), nullptr, env_);
  store_->SetPlan({});
  EXPECT_EQ(warnings.size(), 2u);
  EXPECT_EQ(Files(), "f0 f1");
}

TEST_F(AfterCommitTest, TheSnapshotThatComesBackReadsFromTheNewCheckpoint) {
  Commit(0, {kProtocol, MetadataLine(R"("delta.checkpointInterval":"1")"), Add("f0")});
  Commit(1, {Add("f1")});
  const UpkeepDone done = RunUpkeep(*Must(), Actions({Add("f1")}), nullptr, env_);
  ASSERT_NE(done.snapshot, nullptr);
  EXPECT_TRUE(done.snapshot->segment().deltas.empty());
  EXPECT_EQ(Files(*done.snapshot), "f0 f1");
}

}  // namespace
}  // namespace deltic
