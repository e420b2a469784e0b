// Proves that a checkpoint holds what its version's state is, that readers see the same table through it, and that a
// crash or a race leaves the table as it was.
#include "log/checkpoint.h"
#include "log/last_checkpoint.h"
#include "storage/store_around.h"
#include "upkeep/upkeep_table_for_test.h"

namespace deltic {
namespace {

class CheckpointTest : public UpkeepTable {};

// Makes checkpoints' own files, and answers that nobody knows.
class LosesAnswers : public StoreAround {
 public:
  explicit LosesAnswers(std::shared_ptr<ObjectStore> inner) : StoreAround(std::move(inner)) {}
  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    auto inner = inner_->StartMultipart(key);
    if (!inner.ok() || key.find(".checkpoint.") == std::string_view::npos) return inner;
    return std::unique_ptr<MultipartWrite>(new Lost(std::move(*inner)));
  }

 private:
  struct Lost : MultipartWrite {
    explicit Lost(std::unique_ptr<MultipartWrite> inner) : inner(std::move(inner)) {}
    Status Write(std::string_view bytes) override { return inner->Write(bytes); }
    Result<ObjectMeta> Complete() override {
      EXPECT_TRUE(inner->Complete().ok());
      return Unavailable("no answer");
    }
    Result<ObjectMeta> CompleteIfAbsent() override {
      EXPECT_TRUE(inner->CompleteIfAbsent().ok());
      return Unavailable("no answer");
    }
    Status Abort() override { return {}; }
    std::unique_ptr<MultipartWrite> inner;
  };
};

TEST_F(CheckpointTest, AVersionReadsTheSameOutOfItsCheckpoint) {
  Create({Add("a"), Add(TestFile{.path = "b", .dv = "dv1"}), Add(TestFile{.path = "c", .p = "x y", .rows = -1})});
  Commit(1, {R"({"txn":{"appId":"app","version":7,"lastUpdated":5}})", Remove("a"), Add("d%20e")});
  Commit(2, {Remove(TestFile{.path = "b", .dv = "dv1"}), Add(TestFile{.path = "b", .dv = "dv2", .dv_rows = 3})});
  const std::string before = Files();
  const auto totals = Must()->Totals();
  const CheckpointDone done = Checkpoint();
  EXPECT_EQ(done.version, 2);
  EXPECT_EQ(done.actions, 6);  // protocol, metaData, txn, three adds; the removes of 1970 have expired
  DeleteCommits(2);
  const auto after = Must();
  EXPECT_EQ(after->segment().checkpoint_version, 2);
  EXPECT_EQ(Files(*after), before);
  EXPECT_EQ(before, "b!dv2 c d%20e");
  EXPECT_EQ(*after->TransactionVersion("app"), 7);
  EXPECT_EQ((*after->Transactions())[0].last_updated, 5);
  EXPECT_EQ(after->Totals()->size_bytes, totals->size_bytes);
  EXPECT_EQ(after->Totals()->num_deleted_rows, 3);
  EXPECT_EQ(after->metadata().schema_string, Must()->metadata().schema_string);
  EXPECT_EQ(after->metadata().partition_columns, std::vector<std::string>{"p"});
}

TEST_F(CheckpointTest, EveryFieldOfAFileIsKept) {
  Create(
      {R"({"add":{"path":"a","partitionValues":{"p":null},"size":12,"modificationTime":34,"dataChange":true,)"
       R"("stats":"{\"numRecords\":5,\"tightBounds\":false}","tags":{"k \"1\"":"v\n1","k2":""},)"
       R"("deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,)"
       R"("cardinality":2},"baseRowId":100,"defaultRowCommitVersion":3,"clusteringProvider":"liquid"}})"});
  Checkpoint();
  DeleteCommits(0);
  auto cursor = Must()->LiveFiles({.all_fields = true});
  ASSERT_TRUE(cursor.ok());
  const auto add = (*cursor)->Next();
  ASSERT_TRUE(add.ok() && add->has_value()) << (add.ok() ? "" : add.error().ToString());
  EXPECT_EQ((*add)->path, "a");
  EXPECT_EQ((*add)->partition_values.at("p"), std::nullopt);
  EXPECT_EQ((*add)->size, 12);
  EXPECT_EQ((*add)->modification_time, 34);
  EXPECT_FALSE((*add)->data_change);
  EXPECT_EQ((*add)->stats, R"({"numRecords":5,"tightBounds":false})");
  EXPECT_EQ((*add)->tags, (StringMap{{"k \"1\"", "v\n1"}, {"k2", ""}}));
  EXPECT_EQ((*add)->deletion_vector->UniqueId(), "uab^-aqEH.-t@S}K{vb[*k^@4");
  EXPECT_EQ((*add)->deletion_vector->size_in_bytes, 40);
  EXPECT_EQ((*add)->base_row_id, 100);
  EXPECT_EQ((*add)->default_row_commit_version, 3);
  EXPECT_EQ((*add)->clustering_provider, "liquid");
}

TEST_F(CheckpointTest, TombstonesAreKeptUntilTheyExpireAndThenAreGone) {
  Create({Add("old"), Add("young"), Add("twice")});
  Commit(1, {RemoveSized("old", 10, kNow - 8 * kDay), RemoveSized("young", 10, kNow - 6 * kDay),
             RemoveSized("twice", 10, kNow - kDay)});
  Commit(2, {Add("twice")});
  Checkpoint();
  EXPECT_EQ(State(*Must()), "add twice, remove young");
  // A second checkpoint takes the first one's tombstones over, as long as they live.
  Commit(3, {Add("x")});
  Checkpoint();
  EXPECT_EQ(State(*Must()), "add twice, add x, remove young");
  now_ms_ += 2 * kDay;
  Commit(4, {Add("y")});
  Checkpoint();
  EXPECT_EQ(State(*Must()), "add twice, add x, add y");
}

TEST_F(CheckpointTest, ARemoveOfAnotherDeletionVectorOfALiveFileIsATombstone) {
  Create({Add(TestFile{.path = "a", .dv = "one"})});
  const std::string remove = fmt::format(R"({{"remove":{{"path":"a","deletionTimestamp":{},"dataChange":true{}}}}})",
                                         kNow, DvJson({.path = "a", .dv = "one"}));
  Commit(1, {remove, Add(TestFile{.path = "a", .dv = "two"})});
  Checkpoint();
  EXPECT_EQ(State(*Must()), "add a!two, remove a!one");
}

TEST_F(CheckpointTest, TransactionsExpireOnlyWhereTheTableSaysSo) {
  Commit(0, {kProtocol, MetadataLine(R"("delta.setTransactionRetentionDuration":"interval 1 days")")});
  Commit(1, {fmt::format(R"({{"txn":{{"appId":"new","version":1,"lastUpdated":{}}}}})", kNow - kDay / 2),
             fmt::format(R"({{"txn":{{"appId":"old","version":1,"lastUpdated":{}}}}})", kNow - 2 * kDay),
             R"({"txn":{"appId":"unknown","version":1}})"});
  Checkpoint();
  DeleteCommits(1);
  EXPECT_EQ(*Must()->TransactionVersion("new"), 1);
  EXPECT_EQ(*Must()->TransactionVersion("old"), std::nullopt);
  EXPECT_EQ(*Must()->TransactionVersion("unknown"), std::nullopt);
}

TEST_F(CheckpointTest, DomainsAreKeptWithoutRemovedOnes) {
  Commit(0, {kV2Protocol, MetadataLine(), R"({"domainMetadata":{"domain":"a","configuration":"{}","removed":false}})",
             R"({"domainMetadata":{"domain":"b","configuration":"x","removed":false}})"});
  Commit(1, {R"({"domainMetadata":{"domain":"a","configuration":"{}","removed":true}})"});
  Checkpoint();
  DeleteCommits(1);
  const auto domains = Must()->Domains();
  ASSERT_TRUE(domains.ok());
  ASSERT_EQ(domains->size(), 1u);
  EXPECT_EQ((*domains)[0].domain, "b");
  EXPECT_EQ((*domains)[0].configuration, "x");
}

TEST_F(CheckpointTest, TheHintTellsTheCheckpointAndItsChecksumHolds) {
  Create({Add("a"), Add("b")});
  const CheckpointDone done = Checkpoint();
  const std::string text = Text("_last_checkpoint");
  const auto hint = ParseLastCheckpoint(text);
  ASSERT_TRUE(hint.ok()) << hint.error().ToString();
  EXPECT_EQ(hint->version, 0);
  EXPECT_EQ(hint->size, 4);
  EXPECT_NE(text.find(fmt::format("\"sizeInBytes\":{}", done.size_bytes)), text.npos) << text;
  EXPECT_NE(text.find("\"numOfAddFiles\":2"), text.npos) << text;
  EXPECT_NE(text.find("\"checksum\":\""), text.npos) << text;
}

TEST_F(CheckpointTest, TheHintNeverGoesBack) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  Checkpoint(1);
  const std::string newer = Text("_last_checkpoint");
  Checkpoint(0);
  EXPECT_TRUE(Exists(VersionName(0) + ".checkpoint.parquet"));
  EXPECT_EQ(Text("_last_checkpoint"), newer);
}

TEST_F(CheckpointTest, ACheckpointThatIsThereIsNotWrittenOver) {
  Create({Add("a")});
  const auto early = Must();
  Checkpoint();
  ASSERT_TRUE(memory_->Put("_delta_log/" + VersionName(0) + ".checkpoint.parquet", "somebody else's").ok());
  const auto done = WriteCheckpoint(*early, env_, CancelToken());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_TRUE(done->existed);
  EXPECT_EQ(Text(VersionName(0) + ".checkpoint.parquet"), "somebody else's");
}

TEST_F(CheckpointTest, V2HasSidecarsAndItsOwnActions) {
  Commit(0, {kV2Protocol, MetadataLine(R"("delta.checkpointPolicy":"v2")"), Add("a"), Add("b"),
             RemoveSized("c", 10, kNow)});
  const CheckpointDone done = Checkpoint();
  EXPECT_TRUE(done.v2);
  EXPECT_EQ(done.sidecars, 1);
  EXPECT_EQ(Keys("_delta_log/_sidecars/").size(), 1u);
  DeleteCommits(0);
  const auto snapshot = Must();
  EXPECT_EQ(snapshot->segment().checkpoint[0].kind, LogFile::Kind::kUuidCheckpoint);
  EXPECT_EQ(State(*snapshot), "add a, add b, remove c");
  const auto actions = ReadCheckpointActions(store_, snapshot->segment().checkpoint);
  ASSERT_TRUE(actions.ok());
  int versions = 0;
  for (const Action& action : *actions) {
    if (const auto* metadata = std::get_if<CheckpointMetadata>(&action)) {
      ++versions;
      EXPECT_EQ(metadata->version, 0);
    }
  }
  EXPECT_EQ(versions, 1);
  EXPECT_NE(Text("_last_checkpoint").find("\"v2Checkpoint\":{\"path\":\"00000000000000000000.checkpoint."),
            std::string::npos);
}

TEST_F(CheckpointTest, SidecarsStayThatACheckpointMayNameWhoseAnswerWasLost) {
  Commit(0, {kV2Protocol, MetadataLine(R"("delta.checkpointPolicy":"v2")"), Add("a"), Add("b")});
  const auto snapshot = Snapshot::Open(std::make_shared<LosesAnswers>(store_));
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE(WriteCheckpoint(**snapshot, env_, CancelToken()).ok());
  DeleteCommits(0);
  EXPECT_EQ(Must()->segment().checkpoint_version, 0);
  EXPECT_EQ(Files(), "a b");
}

TEST_F(CheckpointTest, StructStatisticsReadAsTheirJson) {
  Commit(0,
         {kProtocol,
          MetadataLine(R"("delta.checkpoint.writeStatsAsStruct":"true","delta.checkpoint.writeStatsAsJson":"false")"),
          Add(TestFile{.path = "a", .rows = 5}), Add(TestFile{.path = "b", .rows = -1})});
  Checkpoint();
  DeleteCommits(0);
  std::map<std::string, std::string> stats;
  ASSERT_TRUE(Must()
                  ->VisitLiveFiles({},
                                   [&](const FileActionView& add) -> Result<bool> {
                                     stats[std::string(add.path)] = add.stats.value_or("none");
                                     return true;
                                   })
                  .ok());
  EXPECT_NE(stats["a"].find(R"("numRecords":5)"), std::string::npos) << stats["a"];
  EXPECT_NE(stats["a"].find(R"("maxValues":{"x":5})"), std::string::npos) << stats["a"];
  EXPECT_EQ(stats["b"], "none");
}

TEST_F(CheckpointTest, AFailureAtAnyCallOfTheStoreLeavesTheTableAsItWas) {
  Commit(0, {kV2Protocol, MetadataLine(R"("delta.checkpointPolicy":"v2")"), Add("a"), Add("b")});
  Commit(1, {Remove("a"), Add("c")});
  bool failed = true;
  int calls = 0;
  for (; failed && calls < 60; ++calls) {
    const auto snapshot = Must();
    store_->SetPlan({.crash_after_calls = calls});
    failed = !WriteCheckpoint(*snapshot, env_, CancelToken()).ok();
    store_->SetPlan({});
    EXPECT_EQ(Files(), "b c") << "after a crash at call " << calls;
    EXPECT_EQ(Files(0), "a b");
  }
  EXPECT_LT(calls, 60);
}

TEST_F(CheckpointTest, AStoppedCheckpointLeavesNothing) {
  Create({Add("a")});
  CancelToken cancel;
  cancel.Cancel();
  const auto done = WriteCheckpoint(*Must(), env_, cancel);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCancelled);
  EXPECT_EQ(Keys(), std::vector<std::string>{VersionName(0) + ".json"});
}

TEST_F(CheckpointTest, AWrongPartitionValueIsNamedAndNothingIsWritten) {
  Commit(0,
         {kProtocol,
          R"({"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",)"
          R"(\"fields\":[{\"name\":\"p\",\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}",)"
          R"("partitionColumns":["p"],"configuration":{"delta.checkpoint.writeStatsAsStruct":"true"}}})",
          Add(TestFile{.path = "bad", .p = "zwei"})});
  const auto done = WriteCheckpoint(*Must(), env_, CancelToken());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCorrupt);
  EXPECT_TRUE(Has(done.error().message(), "bad")) << done.error().message();
  EXPECT_FALSE(Exists(VersionName(0) + ".checkpoint.parquet"));
}

TEST_F(CheckpointTest, UnknownWriterFeaturesAreRefusedByName) {
  Commit(0, {R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["fromTheFuture"]}})",
             MetadataLine()});
  const auto done = WriteCheckpoint(*Must(), env_, CancelToken());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kUnsupported);
  EXPECT_TRUE(Has(done.error().message(), "fromTheFuture")) << done.error().message();
}

TEST_F(CheckpointTest, ASnapshotTakesANewCheckpointWithoutReading) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  Commit(2, {Add("c")});
  const auto snapshot = Must();
  const CheckpointDone done = Checkpoint(1);
  store_->ResetCounts();
  const auto next = snapshot->WithCheckpoint(done.files);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(store_->CountAll(), 0);
  EXPECT_EQ((*next)->segment().checkpoint_version, 1);
  EXPECT_EQ((*next)->segment().deltas.size(), 1u);
  EXPECT_EQ(Files(**next), "a b c");
  EXPECT_FALSE(Must(0)->WithCheckpoint(done.files).ok());
}

}  // namespace
}  // namespace deltic
