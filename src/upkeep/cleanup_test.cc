// Proves that cleanup deletes what expired and nothing that a version within the retention needs, in an order that a
// crash cannot turn into a broken table.
#include "upkeep/upkeep_table_for_test.h"

namespace deltic {
namespace {

class CleanupTest : public UpkeepTable {
 protected:
  // A commit a day, the newest today at noon; checkpoints where asked for.
  void Days(int64_t versions, const std::set<int64_t>& checkpoints, const std::string& configuration = "",
            const std::string& protocol = kProtocol) {
    const int64_t today = kNow - kNow % kDay + kDay / 2;
    for (int64_t version = 0; version < versions; ++version) {
      now_ms_ = today - (versions - 1 - version) * kDay;
      if (version == 0) {
        Commit(0, {protocol, MetadataLine(configuration), Add("f0")});
      } else {
        Commit(version, {Add("f" + std::to_string(version))});
      }
      if (checkpoints.count(version) > 0) Checkpoint(version);
    }
    now_ms_ = today;
  }
  LogCleanup Clean(bool dry_run = false, std::optional<int64_t> retention_ms = {}) {
    auto cleaned = CleanLog(*Must(), env_, dry_run, retention_ms);
    EXPECT_TRUE(cleaned.ok()) << cleaned.error().ToString();
    return cleaned.ok() ? *cleaned : LogCleanup();
  }
};

TEST_F(CleanupTest, WhatExpiredBeforeTheLastCheckpointThatIsNeededGoes) {
  Days(50, {5, 12, 30});  // 30 days are kept: versions 19 (by noon: 20) and on; the checkpoint before is 12
  const LogCleanup cleaned = Clean();
  EXPECT_TRUE(cleaned.failed.empty());
  EXPECT_EQ(cleaned.oldest_version, 12);
  EXPECT_FALSE(Exists(VersionName(0) + ".json"));
  EXPECT_FALSE(Exists(VersionName(5) + ".checkpoint.parquet"));
  EXPECT_FALSE(Exists(VersionName(11) + ".json"));
  EXPECT_TRUE(Exists(VersionName(12) + ".json"));
  EXPECT_TRUE(Exists(VersionName(12) + ".checkpoint.parquet"));
  for (int64_t version = 12; version < 50; ++version) {
    EXPECT_TRUE(Open({.version = version}).ok()) << version;
  }
  EXPECT_EQ(Clean().deleted, std::vector<std::string>());
}

TEST_F(CleanupTest, WithoutACheckpointOldEnoughNothingGoes) {
  Days(50, {30});
  EXPECT_EQ(Clean().deleted, std::vector<std::string>());
}

TEST_F(CleanupTest, TheTablesRetentionCountsFromMidnight) {
  Days(10, {3, 6}, R"("delta.logRetentionDuration":"interval 3 days")");
  // Midnight three days ago: the newest commit before it is of version 5, and the checkpoint at or before that is 3.
  EXPECT_EQ(Clean().oldest_version, 3);
  EXPECT_TRUE(Exists(VersionName(3) + ".json"));
  EXPECT_FALSE(Exists(VersionName(2) + ".json"));
}

TEST_F(CleanupTest, ACallersRetentionCountsFromNow) {
  Days(10, {3, 6, 9});
  EXPECT_EQ(Clean(false, 0).oldest_version, 9);
  EXPECT_EQ(Files(), "f0 f1 f2 f3 f4 f5 f6 f7 f8 f9");
  EXPECT_FALSE(CleanLog(*Must(), env_, false, -1).ok());
}

TEST_F(CleanupTest, ADryRunOnlyTells) {
  Days(50, {5, 12, 30});
  const auto before = Keys();
  const LogCleanup told = Clean(true);
  EXPECT_EQ(Keys(), before);
  EXPECT_EQ(Clean().deleted, told.deleted);
}

TEST_F(CleanupTest, ChecksumsAndCompactionsGoWithTheirCommits) {
  Days(10, {6}, R"("delta.logRetentionDuration":"interval 1 days")");
  Put(VersionName(2) + ".crc", {"{}"});
  Put(VersionName(6) + ".crc", {"{}"});
  ASSERT_TRUE(WriteCompaction(*Must(), 4, 8).ok());
  ASSERT_TRUE(WriteCompaction(*Must(), 7, 8).ok());
  Clean();
  EXPECT_FALSE(Exists(VersionName(2) + ".crc"));
  EXPECT_TRUE(Exists(VersionName(6) + ".crc"));
  EXPECT_FALSE(Exists(VersionName(4) + "." + VersionName(8) + ".compacted.json"));
  EXPECT_TRUE(Exists(VersionName(7) + "." + VersionName(8) + ".compacted.json"));
}

TEST_F(CleanupTest, AProtectedTableIsCleanedToItsVersionInOneGoOrNotAtAll) {
  const std::string protocol =
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["checkpointProtection"]}})";
  Days(50, {5, 12, 30}, R"("delta.requireCheckpointProtectionBeforeVersion":"15")", protocol);
  EXPECT_EQ(Clean().deleted, std::vector<std::string>());
  now_ms_ += 20 * kDay;
  EXPECT_EQ(Clean().oldest_version, 30);
}

TEST_F(CleanupTest, SidecarsInUseStayAndOthersGo) {
  Days(10, {2, 6, 9}, R"("delta.checkpointPolicy":"v2","delta.logRetentionDuration":"interval 1 days")", kV2Protocol);
  ASSERT_EQ(Keys("_delta_log/_sidecars/").size(), 3u);
  now_ms_ += 5 * kDay;
  EXPECT_EQ(Clean().oldest_version, 9);
  EXPECT_EQ(Keys("_delta_log/_sidecars/").size(), 1u);
  EXPECT_EQ(Files(), "f0 f1 f2 f3 f4 f5 f6 f7 f8 f9");
}

TEST_F(CleanupTest, AYoungSidecarThatNothingNamesMayBelongToACheckpointInTheMaking) {
  Days(3, {2}, R"("delta.checkpointPolicy":"v2")", kV2Protocol);
  ASSERT_TRUE(memory_->Put("_delta_log/_sidecars/new.parquet", "x").ok());
  Clean(false, 0);
  EXPECT_TRUE(Exists("_sidecars/new.parquet"));
  now_ms_ += 3 * kDay;
  Clean(false, 0);
  EXPECT_FALSE(Exists("_sidecars/new.parquet"));
}

TEST_F(CleanupTest, ABrokenCheckpointIsNoReasonToDeleteWhatIsBeforeIt) {
  Days(50, {12});
  Put(VersionName(12) + ".checkpoint.parquet", {"not parquet"});
  const auto cleaned = CleanLog(*Must(), env_);
  ASSERT_FALSE(cleaned.ok());
  EXPECT_TRUE(Exists(VersionName(0) + ".json"));
  EXPECT_TRUE(Open({.version = 3}).ok());
}

TEST_F(CleanupTest, ACrashAtAnyDeletionLeavesEveryKeptVersionReadable) {
  Days(40, {3, 6}, R"("delta.logRetentionDuration":"interval 30 days")");
  for (int deletions = 0; deletions < 12; ++deletions) {
    const auto snapshot = Must();
    store_->ResetCounts();
    // Every deletion after so many fails: a crash would stop there too.
    int64_t calls = 0;
    {
      // Counted in a dry run: what comes before the first deletion.
      const auto told = CleanLog(*snapshot, env_, true);
      ASSERT_TRUE(told.ok());
      calls = store_->CountAll();
    }
    store_->SetPlan({.crash_after_calls = calls + deletions});
    (void)CleanLog(*snapshot, env_).ok();
    store_->SetPlan({});
    for (int64_t version = 6; version < 40; version += 3) {
      const auto opened = Open({.version = version});
      ASSERT_TRUE(opened.ok()) << "after " << deletions << " deletions: " << opened.error().ToString();
    }
    // What is before is there, or known to be gone; never a hole.
    for (int64_t version = 0; version < 6; ++version) {
      const std::string error = OpenError({.version = version});
      EXPECT_TRUE(error == "opened" || Has(error, "NotFound")) << error;
    }
  }
  EXPECT_EQ(Clean().oldest_version, 6);
}

TEST_F(CleanupTest, ATablesLogThatBelongsToACatalogIsLeftAlone) {
  Commit(0, {R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["catalogManaged"],)"
             R"("writerFeatures":["catalogManaged","inCommitTimestamp"]}})",
             MetadataLine()});
  auto snapshot = Open();
  if (snapshot.ok()) {
    EXPECT_FALSE(CleanLog(**snapshot, env_, false, 0).ok());
  }
}

}  // namespace
}  // namespace deltic
