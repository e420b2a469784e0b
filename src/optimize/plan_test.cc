// Tests of the choice of files: what is rewritten, with what, and what is left alone.
#include "optimize/plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace deltic {
namespace {

struct TestFile {
  std::string path;
  int64_t size = 10;
  int64_t rows = 100;
  int64_t deleted = 0;
  std::string partition;
  std::string cube;  // its id; "" for none
  std::string cube_columns = R"(["a"])";
  std::string provider;
};

CandidateFile Candidate(const TestFile& test) {
  AddFile add;
  add.path = test.path;
  add.size = test.size;
  if (test.rows >= 0) add.stats = fmt::format(R"({{"numRecords":{}}})", test.rows);
  if (test.deleted > 0) {
    add.deletion_vector = DeletionVectorDescriptor{.path_or_inline_dv = "x", .offset = {}, .cardinality = test.deleted};
  }
  if (!test.cube.empty()) add.tags = {{"ZCUBE_ID", test.cube}, {"ZCUBE_ZORDER_BY", test.cube_columns}};
  if (!test.cube.empty()) add.clustering_provider = "liquid";
  if (!test.provider.empty()) add.clustering_provider = test.provider;
  std::vector<Literal> partition;
  if (!test.partition.empty()) partition.push_back({DataType(TypeKind::kString), test.partition});
  return MakeCandidate(std::move(add), std::move(partition));
}

std::vector<CandidateFile> Candidates(const std::vector<TestFile>& tests) {
  std::vector<CandidateFile> files;
  for (const TestFile& test : tests) files.push_back(Candidate(test));
  return files;
}

// "a b|c": the groups' files.
std::string Groups(const RewritePlan& plan) {
  std::string text;
  for (const FileGroup& group : plan.groups) {
    if (!text.empty()) text += "|";
    for (size_t i = 0; i < group.files.size(); ++i) text += (i > 0 ? " " : "") + group.files[i].path;
  }
  return text;
}

constexpr CompactionRules kRules{.target_bytes = 100, .min_bytes = 100, .max_deleted_ratio = 0.05};

TEST(PlanTest, SmallFilesOfAPartitionGoTogetherAndLargeOnesStay) {
  const auto plan = PlanCompaction(Candidates({{.path = "a", .partition = "p"},
                                               {.path = "b", .partition = "q"},
                                               {.path = "c", .size = 100, .partition = "p"},
                                               {.path = "d", .partition = "p"},
                                               {.path = "e", .partition = "q"}}),
                                   kRules);
  EXPECT_EQ(Groups(plan), "a d|b e");
  EXPECT_EQ(plan.considered, 5);
  EXPECT_EQ(plan.groups[0].rows, 200);
}

TEST(PlanTest, AFileAloneIsLeftUnlessManyOfItsRowsAreDeleted) {
  EXPECT_EQ(Groups(PlanCompaction(Candidates({{.path = "a"}}), kRules)), "");
  EXPECT_EQ(Groups(PlanCompaction(Candidates({{.path = "a", .deleted = 5}}), kRules)), "");
  EXPECT_EQ(Groups(PlanCompaction(Candidates({{.path = "a", .deleted = 6}}), kRules)), "a");
  EXPECT_EQ(Groups(PlanCompaction(Candidates({{.path = "a", .size = 1000, .deleted = 6}}), kRules)), "a");
  // How many rows it has is not known: the new file will say so.
  EXPECT_EQ(Groups(PlanCompaction(Candidates({{.path = "a", .rows = -1, .deleted = 1}}), kRules)), "a");
}

TEST(PlanTest, RowsOfAGroupAreKnownOnlyWhenEveryFileSaysThem) {
  const auto plan = PlanCompaction(Candidates({{.path = "a"}, {.path = "b", .rows = -1}}), kRules);
  EXPECT_EQ(plan.groups[0].rows, std::nullopt);
  const auto deleted = PlanCompaction(Candidates({{.path = "a"}, {.path = "b", .deleted = 60}}), kRules);
  EXPECT_EQ(deleted.groups[0].rows, 140);
}

TEST(PlanTest, ZOrderTakesEveryFileAPartitionAtATime) {
  const auto plan = PlanZOrder(Candidates({{.path = "a", .partition = "p"},
                                           {.path = "b", .size = 1 << 30, .partition = "q"},
                                           {.path = "c", .partition = "p"}}));
  EXPECT_EQ(Groups(plan), "a c|b");
}

ClusteringRules Rules(bool full = false) { return {.columns = {"a"}, .full = full, .max_cube_bytes = 1000}; }

TEST(PlanTest, ClusteringTakesNewFilesAndLeavesLargerGroupsAlone) {
  const auto plan = PlanClustering(
      Candidates(
          {{.path = "old1", .size = 50, .cube = "1"}, {.path = "old2", .size = 50, .cube = "1"}, {.path = "new"}}),
      Rules());
  EXPECT_EQ(Groups(plan), "new");
  EXPECT_EQ(plan.groups[0].cube->columns, std::vector<std::string>{"a"});
  EXPECT_EQ(plan.clustered.files, 2);
  EXPECT_EQ(plan.others.files, 1);
}

TEST(PlanTest, ClusteringMergesGroupsThatAreNotMuchLargerThanWhatIsNew) {
  const auto plan = PlanClustering(
      Candidates(
          {{.path = "old", .size = 20, .cube = "1"}, {.path = "new"}, {.path = "larger", .size = 70, .cube = "2"}}),
      Rules());
  EXPECT_EQ(Groups(plan), "new old");
}

TEST(PlanTest, WithoutNewFilesClusteringDoesNothing) {
  const auto files = [] { return Candidates({{.path = "a", .cube = "1"}, {.path = "b", .cube = "2"}}); };
  EXPECT_EQ(Groups(PlanClustering(files(), Rules())), "");
  EXPECT_EQ(Groups(PlanClustering(files(), Rules(true))), "a b");  // two groups become one
  EXPECT_EQ(Groups(PlanClustering(Candidates({{.path = "a", .cube = "1"}}), Rules(true))), "");
}

TEST(PlanTest, FilesClusteredByOtherColumnsOrProgramsAreTakenOnlyInFull) {
  const auto files = [] {
    return Candidates({{.path = "other", .cube = "1", .cube_columns = R"(["b"])"},
                       {.path = "foreign", .provider = "somebody"},
                       {.path = "new"}});
  };
  EXPECT_EQ(Groups(PlanClustering(files(), Rules())), "new");
  EXPECT_EQ(Groups(PlanClustering(files(), Rules(true))), "new other foreign");
}

TEST(PlanTest, GroupsOfTheLargestSizeAreNeverClusteredAnew) {
  const auto plan = PlanClustering(
      Candidates({{.path = "huge", .size = 1000, .cube = "1"}, {.path = "new", .size = 900}}), Rules(true));
  EXPECT_EQ(Groups(plan), "new");
}

TEST(PlanTest, APurgeKeepsWhatWasClusteredTogetherApartAndMarked) {
  const auto plan = PlanPurge(Candidates({{.path = "a", .deleted = 1},
                                          {.path = "b", .deleted = 1},
                                          {.path = "c", .deleted = 1, .cube = "1"},
                                          {.path = "d", .deleted = 1, .cube = "1"},
                                          {.path = "e"}}),
                              {"a", "b", "c", "d"}, 100);
  EXPECT_EQ(Groups(plan), "a b|c|d");
  EXPECT_FALSE(plan.groups[0].cube);
  EXPECT_EQ(plan.groups[2].cube->id, "1");
}

TEST(PlanTest, FilesStandInTheOrderOfTheirRowIdsElseOfTheirTimes) {
  auto files = Candidates({{.path = "newest"}, {.path = "middle"}, {.path = "oldest"}});
  files[0].add.modification_time = 3;
  files[1].add.modification_time = 2;
  files[2].add.modification_time = 1;
  SortByAge(files);
  EXPECT_EQ(files[0].add.path, "oldest");
  files[0].add.base_row_id = 20;
  files[1].add.base_row_id = 10;
  files[2].add.base_row_id = 0;
  SortByAge(files);
  EXPECT_EQ(files[0].add.path, "newest");
}

TEST(PlanTest, OnlyPartitionsWithManySmallFilesAreCrowded) {
  const auto crowded = InCrowdedPartitions(Candidates({{.path = "a", .partition = "p"},
                                                       {.path = "b", .partition = "p"},
                                                       {.path = "c", .size = 90, .partition = "p"},
                                                       {.path = "d", .partition = "q"},
                                                       {.path = "e", .size = 90, .partition = "q"}}),
                                           50, 2);
  EXPECT_EQ(crowded.size(), 3U);
}

TEST(ZCubeTest, TagsAreReadAsTheyAreWrittenAndSparksAreUnderstood) {
  AddFile file;
  EXPECT_FALSE(ZCubeOf(file));
  SetZCube({.id = "1", .columns = {"a", "s.x"}}, file);
  EXPECT_EQ(file.tags.at("ZCUBE_ZORDER_BY"), R"(["a","s.x"])");
  EXPECT_EQ(file.clustering_provider, "liquid");
  EXPECT_EQ(ZCubeOf(file), (ZCube{.id = "1", .columns = {"a", "s.x"}}));
  file.tags["ZCUBE_ZORDER_BY"] = "a,b";
  EXPECT_FALSE(ZCubeOf(file));
}

}  // namespace
}  // namespace deltic
