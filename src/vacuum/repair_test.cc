// Owns the proof of what a repair takes out of a table: what storage has lost, and never what it could not find out,
// what came back meanwhile, or rows whose deletion vector is lost without being asked.
#include "vacuum/repair.h"

#include <gtest/gtest.h>

#include <utility>

#include "base/error.h"
#include "vacuum/vacuum_table_for_test.h"

namespace deltic {
namespace {

class RepairTest : public VacuumTable {
 protected:
  RepairOrder Repairing() {
    RepairOrder order;
    order.commit = Options();
    order.threads = 3;
    return order;
  }
  Result<RepairDone> Repair(const RepairOrder& order) {
    DELTIC_TRY(const auto table, Open());
    return RepairFiles(table, order);
  }
  Result<RepairDone> Repair() { return Repair(Repairing()); }
  // The paths that are missing, or the error as the only name.
  static Names Missing(const Result<RepairDone>& done) {
    if (!done.ok()) return {done.error().ToString()};
    Names names;
    for (const AddFile& file : done->losses.missing) names.insert(file.path);
    return names;
  }
  static Names What(const std::vector<LostFile>& losses) {
    Names names;
    for (const LostFile& lost : losses) names.insert(lost.file.path + ": " + lost.what);
    return names;
  }
  // A file of the size that Live() says.
  void Whole(const std::string& key) { ASSERT_TRUE(memory_->Put(key, "1234567890").ok()); }
  int64_t Version() { return (*Open())->version(); }
};

TEST_F(RepairTest, FilesThatStorageLostGoAndTheLogTellsOfThem) {
  CreateTable("", {Live("there"), Live("p=a%20b/gone"), Live("gone")});
  Whole("there");
  auto done = Repair();
  EXPECT_EQ(Missing(done), (Names{"gone", "p=a%20b/gone"}));
  EXPECT_TRUE(done->changed);
  EXPECT_EQ(done->losses.files_checked, 3);
  EXPECT_EQ(Files(), "there");
  EXPECT_EQ(Version(), 1);
  for (const char* part : {R"("operation":"FSCK")", R"("numRemovedFiles":"2")", R"("dataChange":true)", R"("size":10)"})
    EXPECT_TRUE(Has(CommitFile(1), part)) << part << CommitFile(1);
}

TEST_F(RepairTest, ATableThatLostNothingGetsNoVersion) {
  CreateTable("", {Live("there")});
  Whole("there");
  auto done = Repair();
  EXPECT_EQ(Missing(done), Names());
  EXPECT_FALSE(done->changed);
  EXPECT_EQ(Version(), 0);
}

TEST_F(RepairTest, ADryRunOnlyTells) {
  CreateTable("", {Live("gone")});
  RepairOrder order = Repairing();
  order.dry_run = true;
  EXPECT_EQ(Missing(Repair(order)), Names{"gone"});
  EXPECT_EQ(Version(), 0);
}

TEST_F(RepairTest, AFileThatCouldNotBeAskedForIsNotLost) {
  CreateTable("", {Live("gone"), Live("there")});
  Whole("there");
  auto table = Open();
  store_->Script(StoreCall::kHead, Fault::kUnavailable);
  RepairOrder order = Repairing();
  order.threads = 1;
  auto done = RepairFiles(*table, order);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kUnavailable);
  EXPECT_EQ(Version(), 0);
}

TEST_F(RepairTest, AStoreThatIsFarAwayIsListedOnceAndWhatItsListingLacksIsAskedFor) {
  std::vector<Action> files;
  for (int i = 0; i < 1'100; ++i) {
    files.emplace_back(Live(fmt::format("p={}/{}", i % 7, i)));
    if (i != 5) Whole(fmt::format("p={}/{}", i % 7, i));
  }
  CreateTable("", files);
  auto table = Open();
  store_->ResetCounts();
  RepairOrder order = Repairing();
  order.dry_run = true;
  auto done = RepairFiles(*table, order);
  EXPECT_EQ(Missing(done), Names{"p=5/5"});
  EXPECT_EQ(done->losses.files_checked, 1'100);
  EXPECT_EQ(store_->Count(StoreCall::kHead), 2) << "once after the listing, once at the end";
}

TEST_F(RepairTest, FilesOutsideOfTheTableAreAskedForWhereTheyAre) {
  CreateTable("", {Live("file:///no/such/folder/x.parquet"), Live("/etc/passwd")});
  EXPECT_EQ(Missing(Repair()), Names{"file:///no/such/folder/x.parquet"});
  CommitAt(0, 2, {Live("abfss://c@a.dfs.core.windows.net/x.parquet")});
  auto done = Repair();
  ASSERT_FALSE(done.ok()) << "a place that cannot be opened from here has lost nothing";
  EXPECT_EQ(Version(), 2);
}

TEST_F(RepairTest, AFileOfAnotherSizeIsToldAndGoesOnlyWhenThatIsWanted) {
  CreateTable("", {Live("cut"), Live("text"), Live("whole")});
  Object("cut");
  Whole("text");
  ASSERT_TRUE(memory_->Put("whole", "PAR1..PAR1").ok());
  auto done = Repair();
  EXPECT_EQ(What(done->losses.damaged), Names{"cut: has 5 bytes, the log says 10"});
  EXPECT_FALSE(done->changed);
  RepairOrder order = Repairing();
  order.damaged = true;
  done = Repair(order);
  EXPECT_EQ(done->losses.damaged.size(), 3U) << "ten bytes are less than any Parquet file has";
  EXPECT_EQ(Files(), "");
}

TEST_F(RepairTest, AFileThatDoesNotEndLikeParquetIsDamaged) {
  AddFile good = Live("good");
  AddFile cut = Live("cut");
  good.size = cut.size = 12;
  CreateTable("", {good, cut});
  ASSERT_TRUE(memory_->Put("good", "PAR1....PAR1").ok());
  ASSERT_TRUE(memory_->Put("cut", "PAR1........").ok());
  RepairOrder order = Repairing();
  order.damaged = true;
  ASSERT_TRUE(Repair(order).ok());
  EXPECT_EQ(Files(), "good");
}

TEST_F(RepairTest, ALostDeletionVectorIsNeverDecidedAboutUnasked) {
  CreateTable("", {Live("marked", Vector('a')), Live("gone", Vector('b')), Live("plain")});
  Whole("marked");
  Whole("plain");
  auto done = Repair();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCorrupt);
  EXPECT_TRUE(Has(done.error().message(), "marked") && Has(done.error().message(), "revive-rows"))
      << done.error().message();
  EXPECT_EQ(Version(), 0) << "not even the missing file went";

  RepairOrder order = Repairing();
  order.dry_run = true;
  done = Repair(order);
  EXPECT_EQ(done->losses.vectors.size(), 1U) << "of a file that is gone no vector is missed";
  EXPECT_EQ(Missing(done), Names{"gone"});
}

TEST_F(RepairTest, AFileWithoutItsVectorGoesOrLivesAgainAsChosen) {
  for (const VectorLoss choice : {VectorLoss::kRemoveFiles, VectorLoss::kReviveRows}) {
    CreateTable("", {Live("marked", Vector('a')), Live("plain")});
    Whole("marked");
    Whole("plain");
    RepairOrder order = Repairing();
    order.lost_vectors = choice;
    auto done = Repair(order);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    EXPECT_EQ(Files(), choice == VectorLoss::kRemoveFiles ? "plain" : "marked plain");
    EXPECT_TRUE(Has(CommitFile(1), R"("remove":{"path":"marked")"));
    ASSERT_TRUE(memory_->Delete("_delta_log/00000000000000000001.json").ok());
  }
}

TEST_F(RepairTest, ADamagedVectorIsALostOne) {
  CreateTable("", {Live("marked", Vector('a'))});
  Whole("marked");
  ASSERT_TRUE(memory_->Put(VectorKey(Vector('a')), "no deletion vector at all").ok());
  RepairOrder order = Repairing();
  order.dry_run = true;
  auto done = Repair(order);
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->losses.vectors.size(), 1U);
}

TEST_F(RepairTest, AWinnerThatSpeaksOfALostFileMakesTheRepairLookAgain) {
  const std::vector<Action> winners[] = {{Live("back")}, {Removed("back", 0)}, {Removed("back", 0), Live("back")}};
  for (const std::vector<Action>& winner : winners) {
    CreateTable("", {Live("gone"), Live("back")});
    ASSERT_TRUE(memory_->Delete("back").ok());
    auto table = Open();
    RepairOrder order = Repairing();
    bool raced = false;
    // The clock is asked for between the look and the commit.
    order.commit.env.now_ms = [&] {
      if (!std::exchange(raced, true)) {
        EXPECT_TRUE(memory_->Put("back", "1234567890").ok());
        CommitAt(0, 1, winner);
      }
      return now_ms_;
    };
    auto done = RepairFiles(*table, order);
    EXPECT_EQ(Missing(done), Names{"gone"});
    EXPECT_EQ(Files(), std::holds_alternative<RemoveFile>(winner.back()) ? "" : "back");
    EXPECT_EQ(Version(), 2);
    for (const char* commit : {"1", "2"}) {
      ASSERT_TRUE(memory_->Delete(std::string("_delta_log/0000000000000000000") + commit + ".json").ok());
    }
  }
}

TEST_F(RepairTest, ATableThatOnlyGrowsIsNotRepaired) {
  CreateWith({.min_reader_version = 1, .min_writer_version = 2}, R"("delta.appendOnly":"true")",
             {ToJson(Live("gone"))});
  auto done = Repair();
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(Has(done.error().message(), "delta.appendOnly")) << done.error().message();
}

}  // namespace
}  // namespace deltic
