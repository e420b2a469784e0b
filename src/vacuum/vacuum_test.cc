// Owns the proof of what a vacuum deletes and, above all, of what it never does.
#include "vacuum/vacuum.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "log/segment.h"
#include "vacuum/last_vacuum.h"
#include "vacuum/vacuum_table_for_test.h"

namespace deltic {
namespace {

class VacuumTest : public VacuumTable {};

TEST_F(VacuumTest, WhatNoVersionWithinTheRetentionNeedsGoes) {
  CreateTable("", {Live("live.parquet"), Live("old.parquet"), Live("young.parquet")});
  CommitAt(20, 1, {Removed("old.parquet", 20)});
  CommitAt(3, 2, {Removed("young.parquet", 3)});
  for (const char* key : {"live.parquet", "old.parquet", "young.parquet", "orphan.parquet", "p=a/orphan.txt"})
    Object(key);
  Object("of_a_running_writer.parquet", 1);
  EXPECT_EQ(Deleted(Vacuum()), (Names{"old.parquet", "orphan.parquet", "p=a/orphan.txt"}));
  EXPECT_EQ(Objects(), (Names{"live.parquet", "of_a_running_writer.parquet", "young.parquet"}));
}

// A published client's full vacuum deletes every one of these.
TEST_F(VacuumTest, DeletionVectorsOfLiveAndOfYoungRemovedFilesStay) {
  const auto live = Vector('a');
  const auto prefixed = Vector('b', "Zy");
  const auto second_in_its_file = Vector('c', "", 40);
  const auto young = Vector('d');
  const auto old = Vector('e');
  const auto nobodys = Vector('f');
  CreateTable("",
              {Live("1", live), Live("2", prefixed), Live("3", second_in_its_file), Live("4", young), Live("5", old)});
  CommitAt(3, 1, {Removed("4", 3, young)});
  CommitAt(20, 2, {Removed("5", 20, old), Removed("4", 20)});
  for (const char* key : {"1", "2", "3", "4", "5"}) Object(key);
  for (const auto& vector : {live, prefixed, second_in_its_file, young, old, nobodys}) Object(VectorKey(vector));
  EXPECT_EQ(Deleted(Vacuum()), (Names{"5", VectorKey(old), VectorKey(nobodys)}));
  EXPECT_TRUE(Objects().contains("Zy/" + VectorKey(Vector('b'))));
}

TEST_F(VacuumTest, AVectorByAbsolutePathInsideTheTableStays) {
  DeletionVectorDescriptor absolute = Vector('a');
  absolute.storage_type = 'p';
  absolute.path_or_inline_dv = store_->uri() + "sub%20folder/v.bin";
  DeletionVectorDescriptor elsewhere = Vector('a');
  elsewhere.storage_type = 'p';
  elsewhere.path_or_inline_dv = "s3://bucket/other/name/of/this/table/w.bin";
  CreateTable("", {Live("1", absolute), Live("2", elsewhere)});
  for (const char* key : {"1", "2", "sub folder/v.bin", "w.bin", "x.bin"}) Object(key);
  EXPECT_EQ(Deleted(Vacuum()), Names{"x.bin"});
}

TEST_F(VacuumTest, NamesAreTheSameFileHoweverTheLogWritesThem) {
  CreateTable("", {Live("p=a%20b/1.parquet"), Live("p=x%253Ay/2.parquet"), Live("./3.parquet"),
                   Live(store_->uri() + "4.parquet"), Live("%C3%A9.parquet"), Live("PART-6.parquet"),
                   Live("not%41encoded.parquet"), Live("/data/shared/p=1/8.parquet")});
  const Names live{"p=a b/1.parquet", "p=x%3Ay/2.parquet",     "3.parquet",    "4.parquet", "\xC3\xA9.parquet",
                   "PART-6.parquet",  "not%41encoded.parquet", "p=1/8.parquet"};
  for (const std::string& key : live) Object(key);
  for (const char* key : {"p=a%20b/1.parquet", "p=x:y/2.parquet", "p=2/8.parquet"}) Object(key);
  EXPECT_EQ(Deleted(Vacuum()), (Names{"p=x:y/2.parquet", "p=2/8.parquet"}))
      << "one that is named as the log writes it stays: its writer may not have encoded";
  for (const std::string& key : live) EXPECT_TRUE(Objects().contains(key)) << key;
}

TEST_F(VacuumTest, FilesThatDifferByLetterCaseOnlyStay) {
  CreateTable("", {Live("Region=EU/Part.parquet")});
  Object("region=EU/part.parquet");  // what a file system that knows no case may show
  EXPECT_EQ(Deleted(Vacuum()), Names{});
}

TEST_F(VacuumTest, HiddenNamesAreNoneOfItsBusiness) {
  CreateTable();
  for (const char* key :
       {"_delta_log/_sidecars/old.parquet", "_symlink_format_manifest/manifest", "_delta_index/i", ".hidden",
        "p=1/_SUCCESS", ".deltic-name-of-another", "_change_data2/x", "sub/_change_data/x"}) {
    Object(key);
  }
  const Names before = Objects();
  EXPECT_EQ(Deleted(Vacuum()), Names{});
  EXPECT_EQ(Objects(), before);
  EXPECT_TRUE(memory_->Head("_delta_log/_sidecars/old.parquet").ok());
}

TEST_F(VacuumTest, PartitionsWhoseColumnBeginsWithAnUnderscoreAreLookedAt) {
  Commit(0,
         {kProtocol,
          R"({"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",)"
          R"(\"fields\":[{\"name\":\"_p\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]}",)"
          R"("partitionColumns":["_p"],"configuration":{},"createdTime":1}})"});
  Object("_p=1/orphan");
  Object("_q=1/not_ours");
  EXPECT_EQ(Deleted(Vacuum()), Names{"_p=1/orphan"});
}

TEST_F(VacuumTest, LeftoversOfDeadWritersGoAndYoungOnesStay) {
  CreateTable();
  Object("p=1/.deltic-0123.tmp", 20);
  Object(".deltic-4567.tmp", 0.1);
  Object("_other/.deltic-89.tmp", 20);
  EXPECT_EQ(Deleted(Vacuum()), Names{"p=1/.deltic-0123.tmp"});
}

// Without the check, too: what is live, what is of commits made meanwhile, files in the making, other tables' files.
TEST_F(VacuumTest, ARetentionOfZeroDeletesNothingThatTheNewestVersionNeeds) {
  const auto live = Vector('a');
  const auto replaced = Vector('b');
  CreateTable("", {Live("1", replaced), Live("2"), Live("3"), Live("/the/source/of/a/clone/4")});
  CommitAt(2, 1, {Removed("1", 2, replaced), Live("1", live), AddCdcFile{.path = "_change_data/c"}});
  CommitAt(1, 2, {Removed("2", 1)});
  for (const std::string& key :
       {std::string("1"), std::string("2"), std::string("3"), std::string("_change_data/c"), VectorKey(live),
        VectorKey(replaced), std::string("the/source/of/a/clone/4"), std::string("restored")}) {
    Object(key);
  }
  Object("p=1/.deltic-0123.tmp", 0.1);
  Object("written_after_the_vacuum_began", 0);
  now_ms_ = kNowMs;
  const auto table = *Open();
  CommitAt(0, 3, {Live("restored")});  // after the state was read
  VacuumOrder order = Order();
  order.retention_ms = 0;
  order.enforce_retention = false;
  EXPECT_EQ(Deleted(VacuumFiles(table, order)), (Names{"2", "_change_data/c", VectorKey(replaced)}));
  EXPECT_EQ(Files(), "/the/source/of/a/clone/4 1!" + live.path_or_inline_dv + " 3 restored");
}

TEST_F(VacuumTest, ChangeFilesOfCommitsWithinTheRetentionStay) {
  CreateTable();
  const auto change = [](const std::string& path) { return AddCdcFile{.path = path, .size = 5}; };
  CommitAt(20, 1, {change("_change_data/old.parquet")});
  CommitAt(3, 2, {change("_change_data/p=1/young%20commit.parquet")});
  Object("_change_data/old.parquet", 20);
  Object("_change_data/p=1/young commit.parquet", 8);  // written by a job that took long
  Object("_change_data/orphan.parquet", 8);
  Object("_change_data/running.parquet", 1);
  EXPECT_EQ(Deleted(Vacuum()), (Names{"_change_data/old.parquet", "_change_data/orphan.parquet"}));
}

TEST_F(VacuumTest, ALongerRetentionThanTheTablesSeesPastTheCheckpoint) {
  CreateTable("", {Live("x")});
  CommitAt(20, 1, {Removed("x", 20)});
  JsonCheckpoint(1, {ToJson(Action(WithFeatures({"deletionVectors"}, {"deletionVectors"}))), MetadataLine(""),
                     R"({"checkpointMetadata":{"version":1}})"});  // the tombstone had expired when it was written
  Object("x");
  VacuumOrder order = Order();
  order.retention_ms = 25 * kDayMs;
  EXPECT_EQ(Deleted(Vacuum(order)), Names{});
  order.retention_ms = 15 * kDayMs;
  EXPECT_EQ(Deleted(Vacuum(order)), Names{"x"});
}

TEST_F(VacuumTest, VersionsToKeepStayWhole) {
  CreateTable("", {Live("a", Vector('a')), Live("b")});
  CommitAt(30, 1, {Removed("a", 30, Vector('a'))});
  CommitAt(20, 2, {Removed("b", 20)});
  for (const std::string& key : {std::string("a"), std::string("b"), VectorKey(Vector('a'))}) Object(key);
  VacuumOrder order = Order();
  order.keep_versions = {0};
  EXPECT_EQ(Deleted(Vacuum(order)), Names{});
  order.keep_versions = {1};
  order.dry_run = true;
  EXPECT_EQ(Deleted(Vacuum(order)), (Names{"a", VectorKey(Vector('a'))}));
  order.keep_versions = {7};
  EXPECT_EQ(Vacuum(order).error().code(), Code::kInvalidArgument);
}

TEST_F(VacuumTest, AShortRetentionIsRefusedUnlessTheCheckIsOff) {
  CreateTable();
  Object("orphan", 1);
  VacuumOrder order = Order();
  order.retention_ms = 0;
  const auto refused = Vacuum(order);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kInvalidArgument);
  EXPECT_TRUE(Has(refused.error().message(), "0 hours is shorter than the table's 168 hours"))
      << refused.error().message();
  order.retention_ms = -1;
  order.enforce_retention = false;
  EXPECT_FALSE(Vacuum(order).ok());
  order.retention_ms = 0;
  EXPECT_EQ(Deleted(Vacuum(order)), Names{"orphan"});
  EXPECT_EQ(*ChooseRetention(5, {}, true), 5);
  EXPECT_EQ(*ChooseRetention(5, 6, true), 6);
  EXPECT_EQ(*ChooseRetention(5, 4, false), 4);
}

TEST_F(VacuumTest, ADryRunTellsAndTouchesNothing) {
  CreateTable();
  Object("orphan");
  VacuumOrder order = Order();
  order.dry_run = true;
  const auto done = Vacuum(order);
  EXPECT_EQ(Deleted(done), Names{"orphan"});
  EXPECT_EQ(done->files[0].size_bytes, 5);
  EXPECT_EQ(Objects(), Names{"orphan"});
  EXPECT_EQ((*Open())->version(), 0);
}

TEST_F(VacuumTest, TheLogTellsOfTheBeginningAndTheEnd) {
  CreateTable();
  Object("orphan");
  VacuumOrder order = Order();
  order.retention_ms = 8 * kDayMs;
  order.user_metadata_text = "cleaning";
  const auto done = Vacuum(order);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->snapshot->version(), 2);
  const std::string start = CommitFile(1);
  EXPECT_TRUE(Has(start, R"("operation":"VACUUM START","operationParameters":{"defaultRetentionMillis":604800000,)"
                         R"("retentionCheckEnabled":true,"specifiedRetentionMillis":691200000})"))
      << start;
  EXPECT_TRUE(Has(start, R"("operationMetrics":{"numFilesToDelete":"1","sizeOfDataToDelete":"5"})")) << start;
  EXPECT_TRUE(Has(start, R"("userMetadata":"cleaning")")) << start;
  const std::string end = CommitFile(2);
  EXPECT_TRUE(Has(end, R"("operation":"VACUUM END","operationParameters":{"status":"COMPLETED"})")) << end;
  EXPECT_TRUE(Has(end, R"("operationMetrics":{"numDeletedFiles":"1","numVacuumedDirectories":"1"})")) << end;
  EXPECT_EQ((*Vacuum()).snapshot->version(), 2) << "nothing to delete, nothing to tell";
}

TEST_F(VacuumTest, ATableThatThisBuildCannotWriteIsNotTouched) {
  CreateWith(WithFeatures({"deletionVectors", "somethingNew", "vacuumProtocolCheck"},
                          {"deletionVectors", "vacuumProtocolCheck"}));
  Object("orphan");
  const auto done = Vacuum();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kUnsupported);
  EXPECT_EQ(Objects(), Names{"orphan"});
}

TEST_F(VacuumTest, ALogThatCannotBeReadWhollyDeletesNothing) {
  CreateTable("", {Live("a"), Live("%zz")});  // a path that nobody can decode
  Object("orphan");
  EXPECT_EQ(Vacuum().error().code(), Code::kCorrupt);
  EXPECT_EQ(Objects(), Names{"orphan"});
}

TEST_F(VacuumTest, ATableInsideThisOneIsLeftAlone) {
  CreateTable();
  for (const char* key : {"inner/_delta_log/00000000000000000000.json", "inner/p=1/live_there", "outer/orphan"})
    Object(key);
  const auto done = Vacuum();
  EXPECT_EQ(Deleted(done), Names{"outer/orphan"});
  ASSERT_EQ(done->warnings.size(), 1u);
  EXPECT_TRUE(Has(done->warnings[0], "inner/ is a table of its own"));
}

TEST_F(VacuumTest, AFileThatARestoreMadeLiveMeanwhileStays) {
  CreateTable("", {Live("a", Vector('a')), Live("b")});
  CommitAt(20, 1, {Removed("a", 20, Vector('a')), Removed("b", 20)});
  for (const std::string& key : {std::string("a"), std::string("b"), VectorKey(Vector('a'))}) Object(key);
  now_ms_ = kNowMs;
  const auto table = *Open();
  CommitAt(0, 2, {Live("a", Vector('a'))});  // after the state was read, before the vacuum says that it begins
  const auto done = VacuumFiles(table, Order());
  EXPECT_EQ(Deleted(done), Names{"b"});
  EXPECT_EQ(done->snapshot->version(), 4);
}

TEST_F(VacuumTest, AFileThatCannotBeDeletedIsToldAndTheOthersGo) {
  CreateTable();
  Object("a");
  Object("b");
  store_->Script(StoreCall::kDelete, Fault::kUnavailable);
  const auto done = Vacuum();
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->files.size(), 1u);
  ASSERT_EQ(done->failed.size(), 1u);
  EXPECT_TRUE(Has(CommitFile(2), R"("status":"FAILED")")) << CommitFile(2);
  EXPECT_FALSE(ReadLastVacuum(*store_));
}

TEST_F(VacuumTest, WhereverItIsInterruptedEveryNeededFileIsThere) {
  for (int64_t calls = 0; calls < 60; ++calls) {
    memory_ = MakeMemoryStore("t", Env{.now_ms = [this] { return now_ms_; }, .random = {}, .log_line = {}});
    store_ = MakeFaultStore(memory_);
    CreateTable("", {Live("live", Vector('a')), Live("gone")});
    CommitAt(20, 1, {Removed("gone", 20)});
    for (const std::string& key : {std::string("live"), std::string("gone"), VectorKey(Vector('a'))}) Object(key);
    now_ms_ = kNowMs;
    const auto table = *Open();
    store_->SetPlan({.crash_after_calls = calls});
    const auto done = VacuumFiles(table, Order());
    store_->SetPlan({});
    const Names left = Objects();
    EXPECT_TRUE(left.contains("live") && left.contains(VectorKey(Vector('a')))) << calls;
    EXPECT_EQ(Files(), "live!" + Vector('a').path_or_inline_dv) << calls;
    if (done.ok() && done->failed.empty()) {
      EXPECT_FALSE(left.contains("gone")) << calls;
    }
  }
}

TEST_F(VacuumTest, ACancelledVacuumSaysSoInTheLog) {
  CreateTable();
  for (int i = 0; i < 1'000; ++i) Object("orphan" + std::to_string(i));
  VacuumOrder order = Order();
  order.threads = 1;
  CancelToken cancel;
  order.commit.cancel = cancel;
  order.progress = [&](const Progress& progress) {
    if (progress.phase == "deleting files") cancel.Cancel();
  };
  const CancelScope scope(StopSign::Here().With(cancel));  // as a program and a binding do
  EXPECT_EQ(Vacuum(order).error().code(), Code::kCancelled);
  EXPECT_TRUE(Has(CommitFile(2), R"("status":"FAILED")")) << CommitFile(2);
}

TEST_F(VacuumTest, OneThatHasTakenHalfADayDeletesNoMore) {
  CreateTable();
  Object("orphan");
  VacuumOrder order = Order();
  order.commit.env.now_ms = [&] {
    return memory_->Head("_delta_log/00000000000000000001.json").ok() ? kNowMs + kDayMs / 2 : kNowMs;
  };
  const Names told = Deleted(Vacuum(order));
  EXPECT_TRUE(Has(*told.begin(), "half a day")) << *told.begin();
  EXPECT_EQ(Objects(), Names{"orphan"}) << "a restore no longer counts on it";
  EXPECT_TRUE(Has(CommitFile(2), R"("status":"FAILED")")) << CommitFile(2);
}

class LiteVacuum : public VacuumTable {
 protected:
  VacuumOrder Lite() {
    VacuumOrder order = Order();
    order.scope = VacuumScope::kLite;
    return order;
  }
};

TEST_F(LiteVacuum, WhatTheLogSaysWasRemovedGoesWithItsVectorAndChangeFiles) {
  CreateTable("", {Live("live"), Live("old", Vector('a')), Live("young"), Live("back")});
  CommitAt(20, 1, {Removed("old", 20, Vector('a')), Removed("back", 20), AddCdcFile{.path = "_change_data/c"}});
  CommitAt(19, 2, {Live("back")});
  CommitAt(3, 3, {Removed("young", 3), AddCdcFile{.path = "_change_data/d"}});
  for (const std::string& key :
       {std::string("live"), std::string("old"), std::string("young"), std::string("back"), std::string("orphan"),
        std::string("_change_data/c"), std::string("_change_data/d"), VectorKey(Vector('a'))}) {
    Object(key);
  }
  EXPECT_EQ(Deleted(Vacuum(Lite())), (Names{"old", "_change_data/c", VectorKey(Vector('a'))}));
  EXPECT_EQ(store_->Count(StoreCall::kListRecursive), 0);
  EXPECT_EQ(ReadLastVacuum(*store_), 2);
}

TEST_F(LiteVacuum, ItGoesOnWhereTheLastVacuumEnded) {
  CreateTable("", {Live("a"), Live("b")});
  CommitAt(20, 1, {Removed("a", 20)});
  CommitAt(19, 2, {Removed("b", 19)});
  Object("a");
  Object("b");
  ASSERT_TRUE(WriteLastVacuum(*store_, 1).ok());
  EXPECT_EQ(*memory_->Get("_delta_log/_last_vacuum_info"), "{\"latestCommitVersionOutsideOfRetentionWindow\":1}\n");
  EXPECT_EQ(Deleted(Vacuum(Lite())), Names{"b"});
  EXPECT_EQ(ReadLastVacuum(*store_), 2);
}

TEST_F(LiteVacuum, AFullVacuumTellsItWhereToGoOn) {
  CreateTable("", {Live("a")});
  CommitAt(20, 1, {Removed("a", 20)});
  Object("a");
  EXPECT_EQ(Deleted(Vacuum()), Names{"a"});
  EXPECT_EQ(ReadLastVacuum(*store_), 1);
}

TEST_F(LiteVacuum, WhereTheLogIsCutTheTombstonesHelpAndTheAnswerWarns) {
  CreateTable("", {Live("a"), Live("b")});
  CommitAt(20, 1, {Removed("a", 20)});
  JsonCheckpoint(
      1, {ToJson(Action(WithFeatures({"deletionVectors"}, {"deletionVectors"}))), MetadataLine(""),
          R"({"checkpointMetadata":{"version":1}})", ToJson(Action(Live("b"))), ToJson(Action(Removed("a", 20)))});
  CommitAt(18, 2, {Removed("b", 18)});
  for (const char* name : {"00000000000000000000.json", "00000000000000000001.json"}) {
    ASSERT_TRUE(memory_->Delete(std::string("_delta_log/") + name).ok());
  }
  Object("a");
  Object("b");
  const auto done = Vacuum(Lite());
  EXPECT_EQ(Deleted(done), (Names{"a", "b"}));
  ASSERT_EQ(done->warnings.size(), 1u);
  EXPECT_TRUE(Has(done->warnings[0], "no longer has every commit from version 0 to 2")) << done->warnings[0];
  EXPECT_FALSE(ReadLastVacuum(*store_));
}

TEST_F(LiteVacuum, FilesThatAreGoneOrYoungOrElsewhereAreNotCounted) {
  CreateTable("", {Live("gone"), Live("young"), Live("/elsewhere/x")});
  CommitAt(20, 1,
           {Removed("gone", 20), Removed("young", 20), Removed("/elsewhere/x", 20), Removed("%2Fetc/passwd", 20)});
  Object("young", 1);
  Object("elsewhere/x");
  EXPECT_EQ(Deleted(Vacuum(Lite())), Names{});
}

}  // namespace
}  // namespace deltic
