// Tests commit times and time travel by them.
#include "log/timestamps.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "storage/fault_store.h"

namespace deltic {
namespace {

class TimestampsTest : public ::testing::Test {
 protected:
  void Commit(int64_t version, int64_t modified_ms, std::optional<int64_t> in_commit = {}) {
    LogFile file = *ParseLogName(VersionName(version) + ".json");
    file.modified_ms = modified_ms;
    std::string text = "{\"commitInfo\":{\"operation\":\"x\"";
    if (in_commit) text += fmt::format(",\"inCommitTimestamp\":{}", *in_commit);
    text += "}}\n";
    file.size_bytes = static_cast<int64_t>(text.size());
    ASSERT_TRUE(store_->Put(file.key, text).ok());
    files_.push_back(file);
  }
  std::string At(int64_t ms) {
    auto version = FindVersionAt(*store_, {.files = &files_, .config = &config_, .timestamp_ms = ms});
    return version.ok() ? std::to_string(*version) : version.error().ToString();
  }

  std::shared_ptr<FaultStore> store_ = MakeFaultStore(MakeMemoryStore());
  std::vector<LogFile> files_;
  TableConfig config_;
};

TEST_F(TimestampsTest, FileTimesAreMadeStrictlyIncreasing) {
  Commit(2, 500);
  Commit(0, 100);
  Commit(1, 90);
  Commit(3, 500);
  std::vector<int64_t> times;
  for (const CommitTime& time : FileTimes(files_)) times.push_back(time.file_ms);
  EXPECT_EQ(times, (std::vector<int64_t>{100, 101, 500, 501}));
}

TEST_F(TimestampsTest, TheNewestVersionNotAfterTheTimeIsFound) {
  for (int i = 0; i < 10; ++i) Commit(i, 1000 + 10 * i);
  EXPECT_EQ(At(1000), "0");
  EXPECT_EQ(At(1009), "0");
  EXPECT_EQ(At(1010), "1");
  EXPECT_EQ(At(1089), "8");
  EXPECT_EQ(At(1090), "9");
  EXPECT_EQ(At(99999), "9");
  EXPECT_EQ(store_->CountAll(), 10) << "only the puts: file times need no reads";
}

TEST_F(TimestampsTest, ATimeBeforeTheOldestCommitIsNotFoundAndNamesIt) {
  Commit(0, 1000);
  EXPECT_EQ(At(999),
            "NotFound: no version is as old as 1970-01-01T00:00:00.999Z: the oldest commit that can be opened is "
            "version 0 of "
            "1970-01-01T00:00:01.000Z");
}

TEST_F(TimestampsTest, CommitsThatCannotBeMadeAnyMoreAreNoCandidates) {
  for (int i = 3; i < 10; ++i) Commit(i, 1000 + 10 * i);
  files_.push_back(*ParseLogName(VersionName(5) + ".checkpoint.parquet"));
  EXPECT_EQ(At(1050), "5");
  EXPECT_EQ(At(1049).find("NotFound"), 0u) << At(1049);
}

TEST_F(TimestampsTest, InCommitTimestampsFromTheFirstCommitOnDecideAlone) {
  config_.in_commit_timestamps = true;
  for (int i = 0; i < 20; ++i) Commit(i, 5, 1000 + 10 * i);
  store_->ResetCounts();
  EXPECT_EQ(At(1000), "0");
  EXPECT_EQ(At(1055), "5");
  EXPECT_EQ(At(5000), "19");
  EXPECT_EQ(At(999).find("NotFound"), 0u);
  EXPECT_LE(store_->Count(StoreCall::kGet), 4 * 6);
}

TEST_F(TimestampsTest, InCommitTimestampsEnabledLaterSplitTheHistory) {
  config_.in_commit_timestamps = true;
  config_.in_commit_timestamp_version = 3;
  config_.in_commit_timestamp_ms = 2000;
  Commit(0, 1000);
  Commit(1, 1100);
  Commit(2, 1900);
  Commit(3, 9999, 2000);
  Commit(4, 1, 2100);
  EXPECT_EQ(At(1000), "0");
  EXPECT_EQ(At(1999), "2");
  EXPECT_EQ(At(2000), "3");
  EXPECT_EQ(At(2100), "4");
  EXPECT_EQ(At(999).find("NotFound"), 0u);
}

TEST_F(TimestampsTest, ACommitThatLacksItsInCommitTimestampIsCorrupt) {
  config_.in_commit_timestamps = true;
  Commit(0, 5);
  EXPECT_EQ(At(1000).find("Corrupt: _delta_log/00000000000000000000.json"), 0u) << At(1000);
}

}  // namespace
}  // namespace deltic
