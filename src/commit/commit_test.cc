// Tests the loop: races, lost answers, gaps and what the new snapshot is.
#include "commit/commit.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "commit/test_commit.h"
#include "storage/silent_store_for_test.h"

namespace deltic {
namespace {

class CommitTest : public CommitTable {};

TEST_F(CommitTest, AnAppendMakesTheNextVersionAndItsSnapshot) {
  Create({Add("old")});
  const auto base = *Open();
  store_->ResetCounts();
  auto done = Do(Append(base, {NewFile("new")}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 1);
  EXPECT_EQ(done->retries, 0);
  EXPECT_EQ(store_->CountAll(), 2) << "one write, and one look at the file's time";
  EXPECT_EQ(Files(*done->snapshot), "new old");
  EXPECT_EQ(Files(), "new old");
  EXPECT_EQ(done->timestamp_ms, now_ms_);
  EXPECT_EQ(*done->snapshot->TimestampMs(), *(*Open())->TimestampMs());
}

TEST_F(CommitTest, TheNextCommitGoesOnFromTheSnapshotWithoutReading) {
  CreateWith(WithFeatures({"rowTracking", "domainMetadata", "inCommitTimestamp"}),
             R"("delta.enableInCommitTimestamps":"true")");
  Commit(0, {R"({"commitInfo":{"inCommitTimestamp":500}})",
             ToJson(Action(WithFeatures({"rowTracking", "domainMetadata", "inCommitTimestamp"}))),
             MetadataLine(R"("delta.enableInCommitTimestamps":"true")")});
  auto done = Do(Append(*Open(), {NewFile("f0"), SetTransaction{.app_id = "app", .version = 0}}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  store_->ResetCounts();
  for (int i = 1; i <= 20; ++i) {
    done =
        Do(Append(done->snapshot, {NewFile("f" + std::to_string(i)), SetTransaction{.app_id = "app", .version = i}}));
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    EXPECT_EQ(**done->snapshot->TransactionVersion("app"), i);
  }
  EXPECT_EQ(store_->Count(StoreCall::kGet), 0);
  EXPECT_EQ(store_->Count(StoreCall::kList), 0);
  EXPECT_EQ(done->snapshot->version(), 21);
  EXPECT_EQ(*done->snapshot->TimestampMs(), *(*Open())->TimestampMs());
  EXPECT_EQ((*done->snapshot->Domains())[0].configuration, (*(*Open())->Domains())[0].configuration);
}

TEST_F(CommitTest, ALoserFollowsTheWinnersAndIsNumberedAnew) {
  CreateWith(WithFeatures({"rowTracking", "domainMetadata"}));
  const auto base = *Open();
  ASSERT_TRUE(Do(Append(base, {NewFile("w1", "a", 5)})).ok());
  ASSERT_TRUE(Do(Append(*Open(), {NewFile("w2", "a", 5)})).ok());
  auto done = Do(Append(base, {NewFile("mine", "a", 5)}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 3);
  EXPECT_EQ(done->retries, 1) << "both winners were followed at once";
  EXPECT_EQ((*(*Open())->Domains())[0].configuration, R"({"rowIdHighWaterMark":14})");
  EXPECT_TRUE(Has(CommitFile(3), R"("baseRowId":10)")) << CommitFile(3);
  EXPECT_TRUE(Has(CommitFile(3), R"("readVersion":0)")) << "it read version 0, whatever it follows";
  EXPECT_EQ(Files(*done->snapshot), Files());
}

TEST_F(CommitTest, ALoserInConflictChangesNothing) {
  Create({Add("old")});
  const auto base = *Open();
  ASSERT_TRUE(Do(On(base, {OldFile("old")})).ok());
  auto done = Do(On(base, {OldFile("old"), NewFile("new")}));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().conflict(), ConflictKind::kConcurrentDeleteDelete);
  EXPECT_TRUE(Has(done.error().message(), "version 1 (WRITE) removed old")) << done.error().message();
  EXPECT_EQ((*Open())->version(), 1);
}

TEST_F(CommitTest, ALostAnswerIsReadBackAndTheCommitIsMadeOnce) {
  Create();
  store_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerAfter);
  auto done = Do(Append(*Open(), {NewFile("a")}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 1);
  EXPECT_EQ(done->retries, 0);
  EXPECT_EQ((*Open())->version(), 1);
}

TEST_F(CommitTest, AWriteThatGotLostIsWrittenAgain) {
  Create();
  store_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerBefore);
  auto done = Do(Append(*Open(), {NewFile("a")}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 1);
  EXPECT_EQ(store_->Count(StoreCall::kPutIfAbsent), 2);
}

TEST_F(CommitTest, ALostAnswerToAnothersPlaceIsNotTakenForOurs) {
  Create();
  const auto base = *Open();
  ASSERT_TRUE(Do(Append(base, {NewFile("winner")})).ok());
  store_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerBefore);
  auto done = Do(Append(base, {NewFile("mine")}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 2);
  EXPECT_EQ(Files(), "mine winner");
}

TEST_F(CommitTest, ACutAnswerIsReadAgainBeforeItIsJudged) {
  Create();
  const auto base = *Open();
  store_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerAfter);
  for (int i = 0; i < 3; ++i) store_->Script(StoreCall::kGet, Fault::kCutBody);
  auto done = Do(Append(base, {NewFile("a")}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 1);
  EXPECT_EQ((*Open())->version(), 1);
}

TEST_F(CommitTest, AnOutcomeThatCannotBeReadBackIsUnknown) {
  Create();
  const auto base = *Open();
  store_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerAfter);
  for (int i = 0; i < 8; ++i) store_->Script(StoreCall::kGet, Fault::kUnavailable);
  auto done = Do(Append(base, {NewFile("a")}));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCommitUnknown);
  EXPECT_TRUE(Has(done.error().message(), "txnId")) << done.error().message();
  EXPECT_GT(slept_ms_, 0);
}

TEST_F(CommitTest, AWriteThatFailsOutrightLeavesTheTableAsItWas) {
  Create();
  const auto base = *Open();
  for (int i = 0; i < 8; ++i) store_->Script(StoreCall::kPutIfAbsent, Fault::kUnavailable);
  auto done = Do(Append(base, {NewFile("a")}));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kUnavailable);
  EXPECT_EQ((*Open())->version(), 0);
  store_->Script(StoreCall::kPutIfAbsent, Fault::kUnavailable);
  EXPECT_TRUE(Do(Append(base, {NewFile("a")})).ok()) << "once is no reason to give up";
}

TEST_F(CommitTest, AListingThatIsBehindStillFindsTheWinner) {
  Create();
  const auto base = *Open();
  ASSERT_TRUE(Do(Append(base, {NewFile("winner")})).ok());
  for (int i = 0; i < 2; ++i) store_->Script(StoreCall::kList, Fault::kHideNewest);
  auto done = Do(Append(base, {NewFile("mine")}));
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 2);
}

TEST_F(CommitTest, AGapInTheLogIsCorrupt) {
  Create();
  const auto base = *Open();
  Commit(1, {Add("one")});
  Commit(3, {Add("three")});
  auto done = Do(Append(base, {NewFile("mine")}));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCorrupt);
  EXPECT_TRUE(Has(done.error().message(), "version 2 is missing from the log, but version 3 is there"))
      << ErrorOf(done);
  EXPECT_TRUE(Has(CommitFile(2), "NotFound"));
}

TEST_F(CommitTest, AnOldBaseIsHeldAgainstTheLogBeforeAnythingIsWritten) {
  Create({Add("a")});
  const auto base = *Open();
  JsonCheckpoint(5, {kProtocol, MetadataLine(), Add("b")});
  Commit(5, {Add("b")});
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(0) + ".json").ok());
  now_ms_ += 120'000;
  auto done = Do(Append(base, {NewFile("mine")}));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kConflict);
  EXPECT_EQ(done.error().conflict(), ConflictKind::kNone);
  EXPECT_TRUE(Has(done.error().message(), "cleaned up")) << done.error().message();
  EXPECT_TRUE(Has(CommitFile(1), "NotFound"));
}

TEST_F(CommitTest, AWriterThatWasSuspendedLooksAtTheLogAgainBeforeItWrites) {
  Create({Add("a")});
  const auto base = *Open();
  Intent intent = Append(base, {NewFile("mine")});
  CommitOptions options = Options();
  int calls = 0;
  options.env.now_ms = [&]() -> int64_t {
    if (++calls == 3) {  // between the first look and the write: a night, and a cleanup
      now_ms_ += 86'400'000;
      JsonCheckpoint(5, {kProtocol, MetadataLine(), Add("b")});
      Commit(5, {Add("b")});
      EXPECT_TRUE(memory_->Delete("_delta_log/" + VersionName(0) + ".json").ok());
    }
    return now_ms_;
  };
  auto done = deltic::Commit(intent, options);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kConflict);
  EXPECT_TRUE(Has(CommitFile(1), "NotFound"));
}

TEST_F(CommitTest, AnOldBaseThatIsStillNewestIsWrittenTo) {
  Create({Add("a")});
  const auto base = *Open();
  now_ms_ += 120'000;
  EXPECT_TRUE(Do(Append(base, {NewFile("mine")})).ok());
}

TEST_F(CommitTest, RetriesAreBounded) {
  Create();
  const auto base = *Open();
  CommitOptions options = Options();
  options.max_retries = 0;
  ASSERT_TRUE(Do(Append(base, {NewFile("winner")})).ok());
  auto done = deltic::Commit(Append(base, {NewFile("mine")}), options);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kUnavailable);
}

TEST_F(CommitTest, AStoppedCommitWritesNothing) {
  Create();
  CommitOptions options = Options();
  options.cancel.Cancel();
  auto done = deltic::Commit(Append(*Open(), {NewFile("mine")}), options);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCancelled);
  EXPECT_EQ((*Open())->version(), 0);
}

// A commit that is cancelled while a server keeps it waiting.
class CancelledCommitTest : public CommitTest {
 protected:
  void SetUp() override {
    Create();
    auto base = Snapshot::Open(silent_);
    ASSERT_TRUE(base.ok()) << base.error().ToString();
    base_ = *base;
  }
  // Cancelled once so many calls have been kept waiting. The token is told by the scope alone, as a binding does.
  Result<Committed> CommitAndCancel(int calls) {
    CancelToken token;
    std::thread canceller([&] {
      silent_->Await(calls);
      token.Cancel();
    });
    const CancelScope scope(StopSign::Here().With(token));
    auto done = Do(Append(base_, {NewFile("mine")}));
    canceller.join();
    return done;
  }
  std::shared_ptr<SilentStore> silent_ = std::make_shared<SilentStore>(memory_);
  std::shared_ptr<const Snapshot> base_;
};

TEST_F(CancelledCommitTest, APutThatIsUnderWayIsSettledByReadingItBack) {
  silent_->Silence(StoreCall::kPutIfAbsent, true);
  auto done = CommitAndCancel(1);
  ASSERT_TRUE(done.ok()) << "it was made: " << done.error().ToString();
  EXPECT_EQ(done->version, 1);
  EXPECT_EQ((*Open())->version(), 1);
}

TEST_F(CancelledCommitTest, APutThatMayStillArriveIsUnknownAndNeverNotWritten) {
  silent_->Silence(StoreCall::kPutIfAbsent);
  auto done = CommitAndCancel(1);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCommitUnknown);
  EXPECT_EQ(silent_->kept(), 1) << "a server that was given up is not asked to write again";
}

TEST_F(CancelledCommitTest, APutThatCannotBeReadBackIsUnknown) {
  silent_->Silence(StoreCall::kPutIfAbsent, true);
  silent_->Silence(StoreCall::kGet);
  auto done = CommitAndCancel(1);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCommitUnknown);
  EXPECT_TRUE(Has(done.error().message(), "txnId")) << done.error().message();
}

TEST_F(CancelledCommitTest, BeforeThePutItWritesNothing) {
  now_ms_ += 1'000'000;  // the base is old: the log is listed first
  silent_->Silence(StoreCall::kList);
  auto done = CommitAndCancel(1);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCancelled);
  EXPECT_EQ((*Open())->version(), 0);
}

TEST_F(CommitTest, ANewTableIsVersionZeroOnce) {
  Intent intent = On(nullptr, {});
  intent.store = store_;
  intent.operation = {.name = "CREATE TABLE"};
  Metadata metadata{
      .id = "new",
      .schema_string = R"({"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{}}]})"};
  intent.actions = {Protocol{}, metadata};
  auto done = Do(intent);
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 0);
  EXPECT_EQ(done->snapshot->metadata().id, "new");
  EXPECT_FALSE(
      nlohmann::json::parse(CommitFile(0).substr(0, CommitFile(0).find('\n')))["commitInfo"].contains("readVersion"));
  auto again = Do(intent);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), Code::kAlreadyExists);
  // A log whose first commits are gone is a table too.
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(0) + ".json").ok());
  JsonCheckpoint(7, {kProtocol, MetadataLine()});
  again = Do(intent);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code(), Code::kAlreadyExists);
}

TEST_F(CommitTest, WhatCouldNotBeReadBackIsNeverWritten) {
  Create();
  Metadata broken = (*Open())->metadata();
  broken.partition_columns = {"nowhere"};
  auto done = Do(On(*Open(), {broken}));
  ASSERT_FALSE(done.ok());
  EXPECT_EQ((*Open())->version(), 0);
}

TEST_F(CommitTest, ATransactionIsCommittedOnceAmongTwoThatTryIt) {
  Create();
  const auto base = *Open();
  const auto write = [&](const std::string& file) {
    Intent intent = Append(base, {NewFile(file), SetTransaction{.app_id = "app", .version = 1}});
    intent.read.app_ids = {"app"};
    return Do(intent);
  };
  ASSERT_TRUE(write("first").ok());
  auto second = write("second");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().conflict(), ConflictKind::kConcurrentTransaction);
  EXPECT_EQ(Files(), "first");
}

}  // namespace
}  // namespace deltic
