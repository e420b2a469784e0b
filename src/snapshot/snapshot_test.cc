// Tests opening, refusing, time travel and advancing of snapshots over logs without Parquet.
#include "snapshot/snapshot.h"

#include "snapshot/test_table.h"
#include "storage/request_log.h"
#include "storage/store_around.h"

namespace deltic {
namespace {

class SnapshotTest : public TestTable {};

TEST_F(SnapshotTest, OpensTheNewestVersion) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  auto snapshot = Open();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
  EXPECT_EQ((*snapshot)->version(), 1);
  EXPECT_EQ((*snapshot)->metadata().id, "t");
  EXPECT_EQ((*snapshot)->schema().size(), 2u);
  EXPECT_EQ((*snapshot)->protocol().min_reader_version, 1);
  EXPECT_EQ(Files(**snapshot), "a b");
}

TEST_F(SnapshotTest, TheLatestProtocolAndMetadataWin) {
  Create();
  Commit(1, {MetadataLine("", "second")});
  Commit(2, {R"({"protocol":{"minReaderVersion":1,"minWriterVersion":4}})"});
  auto snapshot = Open();
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ((*snapshot)->metadata().id, "second");
  EXPECT_EQ((*snapshot)->protocol().min_writer_version, 4);
  EXPECT_EQ((*Open({.version = 0}))->metadata().id, "t");
}

TEST_F(SnapshotTest, NoTableIsNotFound) { EXPECT_EQ(OpenError().find("NotFound: memory://"), 0u) << OpenError(); }

TEST_F(SnapshotTest, AMissingProtocolOrMetadataIsCorruptAndNamed) {
  Commit(0, {MetadataLine()});
  EXPECT_TRUE(Has(OpenError(), "Corrupt") && Has(OpenError(), "no protocol action")) << OpenError();
  Commit(0, {kProtocol});
  EXPECT_TRUE(Has(OpenError(), "Corrupt") && Has(OpenError(), "no metaData action")) << OpenError();
}

TEST_F(SnapshotTest, AnUnreadableProtocolIsRefusedBeforeTheMetadataIsRead) {
  Commit(0, {R"({"protocol":{"minReaderVersion":99,"minWriterVersion":99}})", R"({"metaData":{"new":"shape"}})"});
  EXPECT_EQ(OpenError().find("Unsupported"), 0u) << OpenError();
  Commit(0, {R"({"protocol":{"minReaderVersion":99,"minWriterVersion":99}})"});
  EXPECT_EQ(OpenError().find("Unsupported"), 0u) << OpenError();
}

TEST_F(SnapshotTest, BrokenMetadataNamesFileAndLine) {
  Commit(0, {kProtocol, R"({"metaData":{"id":1}})"});
  EXPECT_TRUE(Has(OpenError(), "_delta_log/00000000000000000000.json line 2")) << OpenError();
}

TEST_F(SnapshotTest, AnotherFormatThanParquetIsUnsupported) {
  std::string metadata = MetadataLine();
  metadata.replace(metadata.find("\"parquet\""), 9, "\"orc\"");
  Commit(0, {kProtocol, metadata});
  EXPECT_TRUE(Has(OpenError(), "Unsupported") && Has(OpenError(), "'orc'")) << OpenError();
}

TEST_F(SnapshotTest, APartitionColumnThatIsNotInTheSchemaIsCorrupt) {
  std::string metadata = MetadataLine();
  metadata.replace(metadata.find("[\"p\"]"), 5, "[\"q\"]");
  Commit(0, {kProtocol, metadata});
  EXPECT_TRUE(Has(OpenError(), "partition column 'q'")) << OpenError();
}

TEST_F(SnapshotTest, ACutCommitIsCorruptEvenWhereItsLineWouldNotBeRead) {
  Create({Add("a")});
  ASSERT_TRUE(memory_->Put("_delta_log/" + VersionName(1) + ".json", "{\"add\":{\"path\":\"b\",\"si").ok());
  EXPECT_TRUE(Has(OpenError(), "Corrupt") && Has(OpenError(), "cut off")) << OpenError();
}

TEST_F(SnapshotTest, VersionsAreRefusedWithWhatThereIs) {
  Create();
  EXPECT_TRUE(Has(OpenError({.version = 7}), "newest version is 0"));
  EXPECT_EQ(OpenError({.version = -1}).find("InvalidArgument"), 0u);
  EXPECT_EQ(OpenError({.version = 0, .timestamp_ms = 5}).find("InvalidArgument"), 0u);
}

TEST_F(SnapshotTest, TimeTravelByFileTime) {
  Create({Add("a")});
  now_ms_ = 2000;
  Commit(1, {Add("b")});
  now_ms_ = 3000;
  Commit(2, {Add("c")});
  EXPECT_EQ((*Open({.timestamp_ms = 1000}))->version(), 0);
  EXPECT_EQ((*Open({.timestamp_ms = 2999}))->version(), 1);
  EXPECT_EQ((*Open({.timestamp_ms = 9999}))->version(), 2);
  EXPECT_TRUE(Has(OpenError({.timestamp_ms = 999}), "version 0 of 1970-01-01T00:00:01.000Z"));
}

TEST_F(SnapshotTest, AChecksumSparesTheOlderCommitsAndTheNewerAreStillRead) {
  Create();
  for (int v = 1; v <= 9; ++v) Commit(v, {Add("f" + std::to_string(v))});
  std::string metadata = MetadataLine("", "from-checksum");
  metadata = metadata.substr(12, metadata.size() - 13);
  Put(VersionName(8) + ".crc", {R"({"tableSizeBytes":1,"numFiles":1,"numMetadata":1,"numProtocol":1,"metadata":)" +
                                metadata + R"(,"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"});
  store_->ResetCounts();
  auto snapshot = Open();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
  EXPECT_EQ((*snapshot)->metadata().id, "from-checksum");
  EXPECT_EQ(store_->Count(StoreCall::kGet), 3) << "the hint, commit 9 and the checksum";
  Commit(9, {MetadataLine("", "newer")});
  EXPECT_EQ((*Open())->metadata().id, "newer");
}

TEST_F(SnapshotTest, ABrokenOrPartialChecksumIsIgnored) {
  Create();
  Commit(1, {Add("a")});
  for (const char* text : {"", "{", "{}", R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})"}) {
    Put(VersionName(1) + ".crc", {text});
    auto snapshot = Open();
    ASSERT_TRUE(snapshot.ok()) << text << snapshot.error().ToString();
    EXPECT_EQ((*snapshot)->metadata().id, "t");
  }
}

TEST_F(SnapshotTest, AJsonCheckpointGivesTheHeadAndTheFiles) {
  Create({Add("gone")});
  JsonCheckpoint(3, {R"({"checkpointMetadata":{"version":3}})", kProtocol, MetadataLine("", "c"), Add("a"), Add("b"),
                     Remove("gone"), R"({"txn":{"appId":"app","version":4}})"});
  Commit(4, {Remove("a"), Add("c")});
  auto snapshot = Open();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
  EXPECT_EQ((*snapshot)->metadata().id, "c");
  EXPECT_EQ(Files(**snapshot), "b c");
  EXPECT_EQ(*(*snapshot)->TransactionVersion("app"), 4);
}

TEST_F(SnapshotTest, AnUnreadableCheckpointIsPassedOverWhereTheCommitsAreStillThere) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  ASSERT_TRUE(memory_
                  ->Put("_delta_log/" + VersionName(1) + ".checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
                        "{\"checkpointMeta")
                  .ok());
  EXPECT_EQ(Files(), "a b");
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(0) + ".json").ok());
  EXPECT_TRUE(Has(OpenError(), "Corrupt") && Has(OpenError(), "checkpoint of version 1")) << OpenError();
}

TEST_F(SnapshotTest, ACheckpointWithoutMetadataIsCorruptAndNotPassedOver) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  JsonCheckpoint(1, {kProtocol, Add("a"), Add("b")});
  EXPECT_TRUE(Has(OpenError(), "no metaData")) << OpenError();
}

TEST_F(SnapshotTest, AnUnreadableCompactionIsPassedOver) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  Commit(2, {Remove("b")});
  Put(VersionName(0) + "." + VersionName(2) + ".compacted.json", {"{\"add"});
  EXPECT_EQ(Files(), "a");
  Put(VersionName(0) + "." + VersionName(2) + ".compacted.json",
      {kProtocol, MetadataLine("", "compacted"), Add("a"), Remove("b")});
  EXPECT_EQ((*Open())->metadata().id, "compacted");
  EXPECT_EQ(Files(), "a");
}

TEST_F(SnapshotTest, ACommitThatVanishesOnceIsListedAgain) {
  // A store whose first answer for a commit is NotFound, as when a cleanup deletes it between list and read.
  class VanishOnce final : public StoreAround {
   public:
    explicit VanishOnce(std::shared_ptr<ObjectStore> inner, int times) : StoreAround(std::move(inner)), times_(times) {}
    Result<std::string> Get(std::string_view key) override {
      if (key.ends_with("1.json") && times_-- > 0) return Error(Code::kNotFound, "gone");
      return inner_->Get(key);
    }
    // Not in this process's memory, as the inner one: commits are read at the same time.
    bool remote() const override { return true; }

   private:
    int times_;
  };
  Create();
  Commit(1, {Add("a")});
  EXPECT_TRUE(Snapshot::Open(std::make_shared<VanishOnce>(memory_, 1)).ok());
  auto twice = Snapshot::Open(std::make_shared<VanishOnce>(memory_, 2));
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code(), Code::kUnavailable);
  EXPECT_TRUE(Has(twice.error().message(), "00000000000000000001.json")) << twice.error().message();
}

TEST_F(SnapshotTest, AdvanceWithoutNewsIsOneListingAndTheSameSnapshot) {
  Create({Add("a")});
  auto snapshot = *Open();
  store_->ResetCounts();
  auto next = snapshot->Advance();
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->get(), snapshot.get());
  EXPECT_EQ(store_->CountAll(), 1);
  EXPECT_EQ(store_->Keys(StoreCall::kList)[0], "_delta_log/" + VersionName(0));
}

TEST_F(SnapshotTest, AdvanceReadsOnlyWhatIsNew) {
  Create({Add("a")});
  for (int v = 1; v <= 20; ++v) Commit(v, {Add("f" + std::to_string(v))});
  auto snapshot = *Open();
  Commit(21, {Remove("a")});
  Commit(22, {Add("b")});
  store_->ResetCounts();
  auto next = snapshot->Advance();
  ASSERT_TRUE(next.ok()) << next.error().ToString();
  EXPECT_EQ((*next)->version(), 22);
  EXPECT_EQ(store_->Count(StoreCall::kList), 1);
  EXPECT_EQ(store_->Keys(StoreCall::kGet), (std::vector<std::string>{"_delta_log/" + VersionName(22) + ".json",
                                                                     "_delta_log/" + VersionName(21) + ".json"}));
  EXPECT_EQ(store_->CountAll(), 3);
  EXPECT_EQ((*next)->metadata().id, "t");
  EXPECT_EQ(Files(**next), Files());
  EXPECT_EQ(snapshot->version(), 20) << "the old snapshot stays what it was";
}

TEST_F(SnapshotTest, AdvanceTakesNewMetadataAndProtocol) {
  Create();
  auto snapshot = *Open();
  Commit(1, {MetadataLine("", "new")});
  EXPECT_EQ((*snapshot->Advance())->metadata().id, "new");
  Commit(2, {R"({"protocol":{"minReaderVersion":99,"minWriterVersion":99}})"});
  auto next = snapshot->Advance();
  ASSERT_FALSE(next.ok());
  EXPECT_EQ(next.error().code(), Code::kUnsupported);
}

TEST_F(SnapshotTest, AdvanceGoesOnFromANewCheckpoint) {
  Create({Add("a")});
  auto snapshot = *Open();
  Commit(1, {MetadataLine("", "new"), Remove("a"), Add("b")});
  JsonCheckpoint(1, {kProtocol, MetadataLine("", "new"), Add("b")});
  Commit(2, {Add("c")});
  auto next = snapshot->Advance();
  ASSERT_TRUE(next.ok()) << next.error().ToString();
  EXPECT_EQ((*next)->segment().checkpoint_version, 1);
  EXPECT_EQ((*next)->metadata().id, "new");
  EXPECT_EQ(Files(**next), "b c");
}

TEST_F(SnapshotTest, AdvanceOverCommitsThatWereCleanedUpOpensAnew) {
  Create({Add("a")});
  auto snapshot = *Open();
  JsonCheckpoint(5, {kProtocol, MetadataLine("", "later"), Add("b")});
  Commit(5, {Add("b")});
  auto next = snapshot->Advance();
  ASSERT_TRUE(next.ok()) << next.error().ToString();
  EXPECT_EQ((*next)->version(), 5);
  EXPECT_EQ((*next)->metadata().id, "later");
}

TEST_F(SnapshotTest, ATableThatWasReplacedIsOpenedAnew) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  auto snapshot = *Open();
  now_ms_ = 5000;
  ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(1) + ".json").ok());
  Commit(0, {kProtocol, MetadataLine("", "other"), Add("z")});
  auto next = snapshot->Advance();
  ASSERT_TRUE(next.ok());
  EXPECT_EQ((*next)->version(), 0);
  EXPECT_EQ((*next)->metadata().id, "other");
  Commit(1, {Add("y")});
  next = snapshot->Advance();
  ASSERT_TRUE(next.ok());
  EXPECT_EQ((*next)->metadata().id, "other");
  EXPECT_EQ(Files(**next), "y z");
}

TEST_F(SnapshotTest, AdvanceFromAnOlderVersionReachesTheNewest) {
  Create({Add("a")});
  for (int v = 1; v <= 5; ++v) Commit(v, {Add("f" + std::to_string(v))});
  auto old = *Open({.version = 2});
  EXPECT_EQ((*old->Advance())->version(), 5);
}

TEST_F(SnapshotTest, AfterACommitNothingIsReadAndAllIsAsIfItWereOpened) {
  Create({Add("a")});
  const auto base = *Open();
  EXPECT_FALSE(*base->TransactionVersion("app"));
  const std::string txn = R"({"txn":{"appId":"app","version":4}})";
  Commit(1, {Remove("a"), Add("b"), txn});
  const LogFile commit = (*Open())->segment().commits.back();
  store_->ResetCounts();
  auto after = base->After(commit, {SetTransaction{.app_id = "app", .version = 4}});
  ASSERT_TRUE(after.ok()) << after.error().ToString();
  EXPECT_EQ((*after)->version(), 1);
  EXPECT_EQ(**(*after)->TransactionVersion("app"), 4);
  EXPECT_EQ(store_->CountAll(), 0);
  EXPECT_EQ(Files(**after), Files());
  EXPECT_EQ(*(*after)->TimestampMs(), *(*Open())->TimestampMs());
  store_->ResetCounts();
  EXPECT_EQ((*after)->Advance()->get(), after->get());
  EXPECT_EQ(store_->CountAll(), 1);
  EXPECT_FALSE(after->get()->After(commit, {}).ok()) << "version 1 does not follow itself";
}

TEST_F(SnapshotTest, AfterACommitThatChangesTheTableTheTableIsChanged) {
  Create({Add("a")});
  const auto base = *Open();
  EXPECT_TRUE(base->Domains()->empty());
  Metadata metadata = base->metadata();
  metadata.description = "new";
  const Protocol protocol{.min_reader_version = 1, .min_writer_version = 4};
  const LogFile commit{.version = 1, .from_version = 1, .key = "_delta_log/" + VersionName(1) + ".json"};
  auto after = base->After(commit, {metadata, protocol, DomainMetadata{.domain = "d", .configuration = "1"}});
  ASSERT_TRUE(after.ok()) << after.error().ToString();
  EXPECT_EQ((*after)->metadata().description, "new");
  EXPECT_EQ((*after)->protocol().min_writer_version, 4);
  EXPECT_EQ((*after)->Domains()->size(), 1u);
  EXPECT_FALSE(base->metadata().description) << "the old snapshot stays what it was";
  const Protocol unreadable{.min_reader_version = 99, .min_writer_version = 99};
  EXPECT_EQ(base->After(commit, {unreadable}).error().code(), Code::kUnsupported);
}

TEST_F(SnapshotTest, TheFirstVersionIsMadeOfItsCommit) {
  Create({Add("a")});
  const auto opened = *Open();
  store_->ResetCounts();
  auto first = Snapshot::First(store_, opened->segment().commits[0], {opened->protocol(), opened->metadata()});
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_FALSE(*(*first)->TransactionVersion("app"));
  EXPECT_EQ(store_->CountAll(), 0);
  EXPECT_EQ(Files(**first), "a");
  EXPECT_FALSE(Snapshot::First(store_, opened->segment().commits[0], {opened->protocol()}).ok());
}

TEST_F(SnapshotTest, AdvanceTakesANewCheckpointOfTheSameVersion) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  const auto before = *Open();
  JsonCheckpoint(1, {kProtocol, MetadataLine(), Add("a"), Add("b")});
  auto after = before->Advance();
  ASSERT_TRUE(after.ok()) << after.error().ToString();
  EXPECT_EQ((*after)->version(), 1);
  EXPECT_EQ((*after)->segment().checkpoint_version, 1);
  EXPECT_TRUE((*after)->segment().deltas.empty());
  EXPECT_EQ(Files(**after), "a b");
}

TEST_F(SnapshotTest, HistoryIsNewestFirstAndLimited) {
  Commit(0, {R"({"commitInfo":{"operation":"CREATE"}})", kProtocol, MetadataLine()});
  now_ms_ = 900;  // a clock that went back
  Commit(1, {Add("a"), R"({"commitInfo":{"operation":"WRITE","timestamp":5}})"});
  now_ms_ = 3000;
  Commit(2, {Add("b")});
  auto history = (*Open())->History({});
  ASSERT_TRUE(history.ok()) << history.error().ToString();
  ASSERT_EQ(history->size(), 3u);
  EXPECT_EQ((*history)[0].version, 2);
  EXPECT_FALSE((*history)[0].commit_info);
  EXPECT_EQ((*history)[1].commit_info->operation, "WRITE");
  EXPECT_EQ((*history)[1].timestamp_ms, 1001) << "made later than version 0";
  EXPECT_EQ((*history)[2].timestamp_ms, 1000);
  EXPECT_EQ(*(*Open({.version = 1}))->TimestampMs(), 1001);
  store_->ResetCounts();
  history = (*Open({.version = 1}))->History(1);
  ASSERT_EQ(history->size(), 1u);
  EXPECT_EQ((*history)[0].version, 1);
}

TEST_F(SnapshotTest, InCommitTimestampsDateVersions) {
  const std::string ict = R"("delta.enableInCommitTimestamps":"true")";
  Commit(0, {R"({"commitInfo":{"inCommitTimestamp":7000}})",
             R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}})",
             MetadataLine(ict)});
  Commit(1, {R"({"commitInfo":{"inCommitTimestamp":8000}})", Add("a")});
  auto snapshot = Open();
  ASSERT_TRUE(snapshot.ok()) << snapshot.error().ToString();
  EXPECT_EQ(*(*snapshot)->TimestampMs(), 8000);
  EXPECT_EQ((*(*snapshot)->History({}))[1].timestamp_ms, 7000);
  EXPECT_EQ((*Open({.timestamp_ms = 7500}))->version(), 0);
  Commit(2, {Add("b")});
  EXPECT_EQ((*Open())->TimestampMs().error().code(), Code::kCorrupt);
}

TEST_F(SnapshotTest, TransactionsAndDomainsAreReconciled) {
  Create({R"({"txn":{"appId":"a","version":1}})",
          R"({"domainMetadata":{"domain":"d1","configuration":"1","removed":false}})",
          R"({"domainMetadata":{"domain":"d2","configuration":"1","removed":false}})"});
  Commit(1, {R"({"txn":{"appId":"a","version":9}})", R"({"txn":{"appId":"b","version":2}})"});
  Commit(2, {R"({"txn":{"appId":"a","version":3}})",
             R"({"domainMetadata":{"domain":"d1","configuration":"","removed":true}})",
             R"({"domainMetadata":{"domain":"d2","configuration":"2","removed":false}})"});
  auto snapshot = *Open();
  EXPECT_EQ(*snapshot->TransactionVersion("a"), 3) << "the latest, not the largest";
  EXPECT_EQ(*snapshot->TransactionVersion("b"), 2);
  EXPECT_EQ(*snapshot->TransactionVersion("c"), std::nullopt);
  auto domains = snapshot->Domains();
  ASSERT_TRUE(domains.ok());
  ASSERT_EQ(domains->size(), 1u);
  EXPECT_EQ((*domains)[0].domain, "d2");
  EXPECT_EQ((*domains)[0].configuration, "2");
}

TEST_F(SnapshotTest, AStoreThatIsDownIsUnavailable) {
  Create();
  store_->SetPlan({.unavailable = 1});
  EXPECT_EQ(OpenError().find("Unavailable"), 0u) << OpenError();
}

// A table of a store behind a network: what opening and reading it costs.
class FarSnapshotTest : public SnapshotTest {
 protected:
  std::shared_ptr<RequestLog> log_ = MakeRequestLog(memory_);
};

TEST_F(FarSnapshotTest, OpeningTakesTwoRoundTripsAndReadingTheFilesNoMore) {
  Create({Add("a")});
  for (int v = 1; v <= 30; ++v) Commit(v, {Add("f" + std::to_string(v))});
  std::shared_ptr<const Snapshot> snapshot;
  const int64_t round_trips = FewestRoundTrips(*log_, 2, [&] {
    snapshot = *Snapshot::Open(log_);
    EXPECT_EQ(snapshot->version(), 30);
    EXPECT_EQ(log_->Requests().size(), 2U + 31) << log_->Text();
  });
  EXPECT_EQ(round_trips, 2) << log_->Text();
  log_->Clear();
  auto totals = snapshot->Totals();
  ASSERT_TRUE(totals.ok());
  EXPECT_EQ(totals->num_files, 31);
  EXPECT_EQ(log_->Requests().size(), 0U) << log_->Text();
}

TEST_F(FarSnapshotTest, AChecksumIsReadBesideTheCommitsAfterIt) {
  Create({Add("a")});
  for (int v = 1; v <= 30; ++v) Commit(v, {Add("f" + std::to_string(v))});
  Put(VersionName(28) + ".crc", {R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2},"metadata":)" +
                                 MetadataLine().substr(12, MetadataLine().size() - 13) + "}"});
  int64_t round_trips = FewestRoundTrips(*log_, 2, [&] {
    EXPECT_EQ((*Snapshot::Open(log_))->version(), 30);
    EXPECT_EQ(log_->Requests().size(), 2U + 3) << log_->Text();
  });
  EXPECT_EQ(round_trips, 2) << log_->Text();
  // One that is broken costs another round trip, and nothing else.
  Put(VersionName(28) + ".crc", {"rubbish"});
  round_trips = FewestRoundTrips(*log_, 3, [&] { EXPECT_EQ((*Snapshot::Open(log_))->version(), 30); });
  EXPECT_EQ(round_trips, 3) << log_->Text();
}

TEST_F(FarSnapshotTest, WhetherItIsNewestIsOneListing) {
  Create({Add("a")});
  Commit(1, {Add("b")});
  auto snapshot = Snapshot::Open(log_);
  ASSERT_TRUE(snapshot.ok());
  log_->Clear();
  EXPECT_TRUE((*snapshot)->IsNewest());
  EXPECT_EQ(log_->Requests().size(), 1U) << log_->Text();
  Commit(2, {Add("c")});
  EXPECT_FALSE((*snapshot)->IsNewest());
  log_->Clear();
  auto next = (*snapshot)->Advance();
  ASSERT_TRUE(next.ok());
  EXPECT_EQ((*next)->version(), 2);
  EXPECT_EQ(log_->Requests().size(), 2U) << log_->Text();
}

}  // namespace
}  // namespace deltic
