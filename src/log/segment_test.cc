// Tests which names are log files and which of them make up a version.
#include "log/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace deltic {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
const std::string kUuid = "80a083e8-7026-4e79-81be-64bd76c43a11";

std::string V(int64_t version) { return VersionName(version); }

std::vector<LogFile> Files(const std::vector<std::string>& names) {
  std::vector<LogFile> files;
  for (const std::string& name : names) {
    auto file = ParseLogName(name);
    if (file) files.push_back(*file);
  }
  return files;
}

std::vector<std::string> Commits(int64_t from, int64_t to) {
  std::vector<std::string> names;
  for (int64_t v = from; v <= to; ++v) names.push_back(V(v) + ".json");
  return names;
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string Deltas(const LogSegment& segment) {
  std::string text;
  for (const LogFile& file : segment.deltas) {
    text += (text.empty() ? "" : " ") + std::to_string(file.from_version);
    if (file.kind == LogFile::Kind::kCompaction) text += "-" + std::to_string(file.version);
  }
  return text;
}

TEST(LogName, AllKindsOfLogFilesAreRecognised) {
  auto file = ParseLogName(V(42) + ".json");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, LogFile::Kind::kCommit);
  EXPECT_EQ(file->version, 42);
  EXPECT_EQ(file->key, "_delta_log/00000000000000000042.json");
  EXPECT_EQ(ParseLogName(V(1) + ".crc")->kind, LogFile::Kind::kChecksum);
  EXPECT_EQ(ParseLogName(V(1) + ".checkpoint.parquet")->kind, LogFile::Kind::kClassicCheckpoint);
  file = ParseLogName(V(1) + ".checkpoint.0000000002.0000000003.parquet");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, LogFile::Kind::kMultiPartCheckpoint);
  EXPECT_EQ(file->part, 2);
  EXPECT_EQ(file->parts, 3);
  file = ParseLogName(V(1) + ".checkpoint." + kUuid + ".json");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, LogFile::Kind::kUuidCheckpoint);
  EXPECT_TRUE(file->json);
  EXPECT_FALSE(ParseLogName(V(1) + ".checkpoint." + kUuid + ".parquet")->json);
  file = ParseLogName(V(4) + "." + V(6) + ".compacted.json");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, LogFile::Kind::kCompaction);
  EXPECT_EQ(file->from_version, 4);
  EXPECT_EQ(file->version, 6);
}

TEST(LogName, EverythingElseIsIgnored) {
  const std::string names[] = {"",
                               "_last_checkpoint",
                               "." + V(1) + ".json.crc",
                               V(1),
                               V(1) + ".",
                               V(1) + ".jso",
                               V(1) + ".json.tmp",
                               "0" + V(1) + ".json",
                               V(1).substr(1) + ".json",
                               V(1) + ".3a0d65cd-4056-49b8-937b-95f9e3ee90e5.json",
                               V(1) + ".checkpoint",
                               V(1) + ".checkpoint.json",
                               V(1) + ".checkpoint.1.2.parquet",
                               V(1) + ".checkpoint.0000000000.0000000002.parquet",
                               V(1) + ".checkpoint.0000000003.0000000002.parquet",
                               V(1) + ".checkpoint.0000000001.9999999999.parquet",
                               V(1) + ".checkpoint.0000000001.0000000002.json",
                               V(1) + ".checkpoint." + kUuid + ".txt",
                               V(1) + ".checkpoint." + kUuid + "x.json",
                               V(1) + ".checkpoint.80a083e8x7026-4e79-81be-64bd76c43a11.json",
                               V(6) + "." + V(4) + ".compacted.json",
                               V(4) + "." + V(4) + ".compacted.json",
                               V(4) + "." + V(6) + ".json",
                               "-0000000000000000001.json",
                               "+0000000000000000001.json",
                               "0000000000000000000a.json",
                               "99999999999999999999.json",
                               "09223372036854775808.json",
                               V(1) + ".JSON",
                               V(1) + ".crc.tmp",
                               std::string(20, '\0') + ".json"};
  for (const std::string& name : names) EXPECT_FALSE(ParseLogName(name)) << name;
}

TEST(LogName, TheLargestVersionIsTwoToThe63MinusOne) {
  auto file = ParseLogName("09223372036854775807.json");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->version, kMax);
}

TEST(Segment, WithoutACheckpointEveryCommitIsUsed) {
  auto segment = ChooseSegment(Files(Commits(0, 3)), {});
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(segment->version, 3);
  EXPECT_FALSE(segment->checkpoint_version);
  EXPECT_EQ(Deltas(*segment), "0 1 2 3");
  EXPECT_EQ(segment->commits.size(), 4u);
}

TEST(Segment, TheOrderOfTheListingDoesNotMatter) {
  auto files = Files(Commits(0, 30) + std::vector<std::string>{V(10) + ".checkpoint.parquet", V(20) + ".crc",
                                                               V(11) + "." + V(15) + ".compacted.json"});
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    std::shuffle(files.begin(), files.end(), random);
    auto segment = ChooseSegment(files, {});
    ASSERT_TRUE(segment.ok());
    EXPECT_EQ(segment->checkpoint_version, 10);
    EXPECT_EQ(Deltas(*segment), "11-15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30");
    EXPECT_EQ(segment->checksum->version, 20);
    EXPECT_EQ(segment->commits.front().version, 10);
    EXPECT_EQ(segment->commits.back().version, 30);
  }
}

TEST(Segment, TheNewestCheckpointNotAfterTheWantedVersionIsUsed) {
  const auto files =
      Files(Commits(0, 25) + std::vector<std::string>{V(10) + ".checkpoint.parquet", V(20) + ".checkpoint.parquet"});
  EXPECT_EQ(ChooseSegment(files, {})->checkpoint_version, 20);
  EXPECT_EQ(ChooseSegment(files, 20)->checkpoint_version, 20);
  EXPECT_TRUE(ChooseSegment(files, 20)->deltas.empty());
  EXPECT_EQ(ChooseSegment(files, 19)->checkpoint_version, 10);
  EXPECT_EQ(Deltas(*ChooseSegment(files, 12)), "11 12");
  EXPECT_FALSE(ChooseSegment(files, 9)->checkpoint_version);
}

TEST(Segment, MultiPartCheckpointsWithMissingPartsAreIgnored) {
  auto names = Commits(0, 5);
  names.push_back(V(2) + ".checkpoint.0000000001.0000000002.parquet");
  names.push_back(V(2) + ".checkpoint.0000000002.0000000002.parquet");
  names.push_back(V(4) + ".checkpoint.0000000001.0000000003.parquet");
  names.push_back(V(4) + ".checkpoint.0000000003.0000000003.parquet");
  names.push_back(V(4) + ".checkpoint.0000000002.0000000002.parquet");
  auto segment = ChooseSegment(Files(names), {});
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(segment->checkpoint_version, 2);
  ASSERT_EQ(segment->checkpoint.size(), 2u);
  EXPECT_EQ(segment->checkpoint[0].part, 1);
  EXPECT_EQ(segment->checkpoint[1].part, 2);
  EXPECT_EQ(Deltas(*segment), "3 4 5");
}

TEST(Segment, OneFileIsPreferredToManyPartsOfTheSameVersion) {
  auto names = Commits(0, 2);
  names.push_back(V(2) + ".checkpoint.0000000001.0000000001.parquet");
  names.push_back(V(2) + ".checkpoint." + kUuid + ".json");
  EXPECT_EQ(ChooseSegment(Files(names), {})->checkpoint[0].kind, LogFile::Kind::kUuidCheckpoint);
  names.push_back(V(2) + ".checkpoint.parquet");
  EXPECT_EQ(ChooseSegment(Files(names), {})->checkpoint[0].kind, LogFile::Kind::kClassicCheckpoint);
}

TEST(Segment, ACheckpointWithoutACommitAtItsVersionIsATable) {
  auto segment = ChooseSegment(Files({V(9999) + ".checkpoint.parquet"}), {});
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(segment->version, 9999);
  EXPECT_EQ(segment->commit_modified_ms, 0);
  EXPECT_EQ(segment->commit(), nullptr);
}

TEST(Segment, AGapBeforeTheCheckpointIsNoGap) {
  auto segment = ChooseSegment(
      Files(Commits(0, 3) + Commits(5, 12) + std::vector<std::string>{V(10) + ".checkpoint.parquet"}), {});
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(Deltas(*segment), "11 12");
}

TEST(Segment, AGapIsCorruptAndNamesTheMissingCommit) {
  auto segment = ChooseSegment(Files(Commits(0, 3) + Commits(5, 6)), {});
  ASSERT_FALSE(segment.ok());
  EXPECT_EQ(segment.error().code(), Code::kCorrupt);
  EXPECT_NE(segment.error().message().find("commit 4 (_delta_log/00000000000000000004.json) is missing"),
            std::string::npos)
      << segment.error().message();
  EXPECT_TRUE(ChooseSegment(Files(Commits(0, 3) + Commits(5, 6)), 3).ok());
  segment = ChooseSegment(Files(Commits(12, 14) + std::vector<std::string>{V(10) + ".checkpoint.parquet"}), {});
  ASSERT_FALSE(segment.ok());
  EXPECT_NE(segment.error().message().find("commit 11 "), std::string::npos) << segment.error().message();
}

TEST(Segment, AVersionTooNewOrNoLongerKeptIsNotFoundAndSaysWhatThereIs) {
  const auto files = Files(Commits(8, 14) + std::vector<std::string>{V(10) + ".checkpoint.parquet"});
  auto segment = ChooseSegment(files, 15);
  ASSERT_FALSE(segment.ok());
  EXPECT_EQ(segment.error().code(), Code::kNotFound);
  EXPECT_NE(segment.error().message().find("newest version is 14"), std::string::npos);
  segment = ChooseSegment(files, 9);
  ASSERT_FALSE(segment.ok());
  EXPECT_EQ(segment.error().code(), Code::kNotFound);
  EXPECT_NE(segment.error().message().find("oldest version that can be made is 10"), std::string::npos);
  EXPECT_EQ(ChooseSegment(files, -1).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(ChooseSegment({}, {}).error().code(), Code::kNotFound);
  EXPECT_EQ(ChooseSegment(Files({V(0) + ".crc"}), {}).error().code(), Code::kNotFound);
}

TEST(Segment, ALogThatBeginsLateWithoutACheckpointIsCorrupt) {
  auto segment = ChooseSegment(Files(Commits(3, 5)), {});
  ASSERT_FALSE(segment.ok());
  EXPECT_EQ(segment.error().code(), Code::kCorrupt);
  EXPECT_NE(segment.error().message().find("no commit 0"), std::string::npos) << segment.error().message();
}

TEST(Segment, CompactionsAreUsedOnlyWhollyInsideAndAsFewFilesAsPossible) {
  auto names = Commits(0, 25);
  names.push_back(V(0) + "." + V(5) + ".compacted.json");
  names.push_back(V(6) + "." + V(10) + ".compacted.json");
  names.push_back(V(6) + "." + V(15) + ".compacted.json");
  EXPECT_EQ(Deltas(*ChooseSegment(Files(names), {})), "0-5 6-15 16 17 18 19 20 21 22 23 24 25");
  EXPECT_EQ(Deltas(*ChooseSegment(Files(names), 12)), "0-5 6-10 11 12");
  EXPECT_EQ(Deltas(*ChooseSegment(Files(names), 4)), "0 1 2 3 4");
  names.push_back(V(8) + ".checkpoint.parquet");
  EXPECT_EQ(Deltas(*ChooseSegment(Files(names), 12)), "9 10 11 12");
}

TEST(Segment, ACompactionStandsForCommitsThatAreGone) {
  auto names = Commits(0, 1) + Commits(5, 6);
  names.push_back(V(1) + "." + V(3) + ".compacted.json");
  names.push_back(V(2) + "." + V(4) + ".compacted.json");
  EXPECT_EQ(Deltas(*ChooseSegment(Files(names), {})), "0 1 2-4 5 6");
  EXPECT_EQ(Deltas(*ChooseSegment(Files(names), 3)), "0 1-3");
  EXPECT_EQ(ChooseSegment(Files(names), 2).error().code(), Code::kCorrupt);
}

TEST(Segment, AShortcutThatLeadsIntoAGapIsNotTaken) {
  // 1-5 is the longest from 1, but only 1-3 and then 4-9 leads on.
  auto names = Commits(0, 0);
  names.push_back(V(1) + "." + V(5) + ".compacted.json");
  names.push_back(V(1) + "." + V(3) + ".compacted.json");
  names.push_back(V(4) + "." + V(9) + ".compacted.json");
  EXPECT_EQ(Deltas(*ChooseSegment(Files(names), {})), "0 1-3 4-9");
}

TEST(Segment, VersionsNearTwoToThe63DoNotOverflow) {
  auto names = std::vector<std::string>{V(kMax) + ".json", V(kMax - 1) + ".json", V(kMax - 2) + ".checkpoint.parquet"};
  auto segment = ChooseSegment(Files(names), {});
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(segment->version, kMax);
  EXPECT_EQ(segment->deltas.size(), 2u);
  names.push_back(V(kMax) + ".checkpoint.parquet");
  segment = ChooseSegment(Files(names), kMax);
  ASSERT_TRUE(segment.ok());
  EXPECT_TRUE(segment->deltas.empty());
  // A hostile pair of names far apart must not take time or memory in proportion to the distance.
  segment = ChooseSegment(Files({V(0) + ".json", V(kMax) + ".json"}), {});
  ASSERT_FALSE(segment.ok());
  EXPECT_NE(segment.error().message().find("commit 1 "), std::string::npos);
}

TEST(Segment, ChecksumsBeforeTheCheckpointOrAfterTheVersionAreLeftOut) {
  auto names = Commits(0, 12) + std::vector<std::string>{V(10) + ".checkpoint.parquet", V(9) + ".crc", V(12) + ".crc"};
  EXPECT_FALSE(ChooseSegment(Files(names), 11)->checksum);
  EXPECT_EQ(ChooseSegment(Files(names), {})->checksum->version, 12);
}

TEST(Segment, TheRangeOfMakeableVersionsBeginsAtTheFirstCheckpointOfACleanedLog) {
  EXPECT_EQ(MakeableVersions(Files(Commits(0, 5)))->oldest, 0);
  const auto cleaned = Files(Commits(8, 14) + std::vector<std::string>{V(10) + ".checkpoint.parquet"});
  EXPECT_EQ(MakeableVersions(cleaned)->oldest, 10);
  EXPECT_EQ(MakeableVersions(cleaned)->newest, 14);
  EXPECT_FALSE(MakeableVersions({}));
}

}  // namespace
}  // namespace deltic
