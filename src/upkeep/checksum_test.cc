// Proves that a version checksum is right or absent, and that it costs no counting where the version before is known.
#include "log/checksum.h"

#include "upkeep/upkeep_table_for_test.h"

namespace deltic {
namespace {

class ChecksumWriterTest : public UpkeepTable {
 protected:
  // Commits, opens and writes the checksum as the commit loop would, with `before` known or not.
  void CommitAndSum(int64_t version, const std::vector<std::string>& lines, const Snapshot* before = nullptr) {
    Commit(version, lines);
    const Status status = WriteChecksum(*Must(version), Actions(lines), before);
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }
  std::string Crc(int64_t version) { return Text(VersionName(version) + ".crc"); }
};

const std::vector<std::string> kFirst = {kProtocol, MetadataLine(), Add(TestFile{.path = "a", .size = 10}),
                                         Add(TestFile{.path = "b", .size = 9000})};

TEST_F(ChecksumWriterTest, EveryRequiredFieldIsThere) {
  CommitAndSum(0, kFirst);
  const std::string crc = Crc(0);
  const auto parsed = ParseChecksum(crc);
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed->num_files, 2);
  EXPECT_EQ(parsed->table_size_bytes, 9010);
  EXPECT_TRUE(parsed->protocol && parsed->metadata);
  EXPECT_TRUE(Has(crc, "\"numMetadata\":1,\"numProtocol\":1")) << crc;
  EXPECT_TRUE(Has(crc, "\"setTransactions\":[],\"domainMetadata\":[]")) << crc;
  EXPECT_TRUE(Has(crc, "\"sortedBinBoundaries\":[0,8192,16384,")) << crc;
  EXPECT_TRUE(Has(crc, "\"fileCounts\":[1,1,0,")) << crc;
  EXPECT_TRUE(Has(crc, "\"totalBytes\":[10,9000,0,")) << crc;
  EXPECT_FALSE(Has(crc, "numDeletedRecordsOpt")) << crc;  // the protocol knows no deletion vectors
}

TEST_F(ChecksumWriterTest, SumsGrowFromOurOwnChecksumWithoutReadingFiles) {
  CommitAndSum(0, kFirst);
  const std::vector<std::string> second = {RemoveSized("b", 9000), Add(TestFile{.path = "c", .size = 7}),
                                           R"({"txn":{"appId":"x","version":3}})"};
  Commit(1, second);
  const auto snapshot = Must();
  store_->ResetCounts();
  ASSERT_TRUE(WriteChecksum(*snapshot, Actions(second), nullptr).ok());
  EXPECT_EQ(store_->Keys(StoreCall::kGet), std::vector<std::string>{"_delta_log/" + VersionName(0) + ".crc"});
  const auto parsed = ParseOwnChecksum(Crc(1));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->sums.num_files, 2);
  EXPECT_EQ(parsed->sums.size_bytes, 17);
  EXPECT_EQ(parsed->sums.file_counts[0], 2);
  EXPECT_EQ(parsed->sums.file_counts[1], 0);
  ASSERT_TRUE(parsed->transactions);
  EXPECT_EQ((*parsed->transactions)[0].version, 3);
}

TEST_F(ChecksumWriterTest, SumsGrowFromTheSnapshotBeforeWithoutAnyRead) {
  Commit(0, kFirst);
  auto first = Snapshot::First(store_, *Must()->segment().commit(), Actions(kFirst));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(WriteChecksum(**first, Actions(kFirst), nullptr).ok());
  const std::vector<std::string> second = {Add(TestFile{.path = "c", .size = 7})};
  Commit(1, second);
  const auto next = (*first)->After(*Must()->segment().commit(), Actions(second));
  ASSERT_TRUE(next.ok());
  store_->ResetCounts();
  ASSERT_TRUE(WriteChecksum(**next, Actions(second), first->get()).ok());
  EXPECT_EQ(store_->CountAll(), 1);  // the checksum itself
  EXPECT_EQ(ParseOwnChecksum(Crc(1))->sums.num_files, 3);
}

TEST_F(ChecksumWriterTest, AnothersChecksumIsNotBelieved) {
  Commit(0, kFirst);
  Put(VersionName(0) + ".crc", {R"({"tableSizeBytes":1,"numFiles":1,"numMetadata":1,"numProtocol":1})"});
  CommitAndSum(1, {Add(TestFile{.path = "c", .size = 7})});
  EXPECT_EQ(ParseOwnChecksum(Crc(1))->sums.num_files, 3);
  EXPECT_EQ(ParseOwnChecksum(Crc(1))->sums.size_bytes, 9017);
  EXPECT_FALSE(ParseOwnChecksum(Crc(0)));
}

TEST_F(ChecksumWriterTest, WhereTheCommitDoesNotTellTheFilesAreCounted) {
  CommitAndSum(0, kFirst);
  CommitAndSum(1, {Remove("b")});  // no size in it
  EXPECT_EQ(ParseOwnChecksum(Crc(1))->sums.num_files, 1);
  EXPECT_EQ(ParseOwnChecksum(Crc(1))->sums.size_bytes, 10);
  // New statistics of a file that is there: the add adds nothing.
  CommitAndSum(
      2, {R"({"add":{"path":"a","partitionValues":{"p":"a"},"size":10,"modificationTime":1,"dataChange":false}})"});
  EXPECT_EQ(ParseOwnChecksum(Crc(2))->sums.num_files, 1);
}

TEST_F(ChecksumWriterTest, AVersionThatCannotBeToldForLittleHasNone) {
  std::vector<std::string> lines = {kProtocol, MetadataLine()};
  for (int i = 0; i < 30'000; ++i) lines.push_back(Add("file-" + std::to_string(i)));
  Commit(0, lines);
  const Status status = WriteChecksum(*Must(), {}, nullptr);
  EXPECT_TRUE(status.ok()) << status.error().ToString();
  EXPECT_FALSE(Exists(VersionName(0) + ".crc"));
  // A checkpoint sees all files, and then it is known.
  const auto snapshot = Must();
  ASSERT_TRUE(WriteCheckpoint(*snapshot, env_, CancelToken()).ok());
  ASSERT_TRUE(WriteChecksum(*snapshot, {}, nullptr).ok());
  EXPECT_EQ(ParseOwnChecksum(Crc(0))->sums.num_files, 30'000);
}

TEST_F(ChecksumWriterTest, NothingIsWrittenOver) {
  Commit(0, kFirst);
  Put(VersionName(0) + ".crc", {"another's"});
  ASSERT_TRUE(WriteChecksum(*Must(), Actions(kFirst), nullptr).ok());
  EXPECT_EQ(Crc(0), "another's\n");
}

TEST_F(ChecksumWriterTest, DeletionVectorsAreSummedWhereTheTableKnowsThem) {
  const std::vector<std::string> lines = {kV2Protocol, MetadataLine(),
                                          Add(TestFile{.path = "a", .dv = "d", .dv_rows = 12}), Add("b"),
                                          R"({"domainMetadata":{"domain":"d1","configuration":"{}","removed":false}})"};
  CommitAndSum(0, lines);
  EXPECT_TRUE(Has(Crc(0), "\"numDeletedRecordsOpt\":12,\"numDeletionVectorsOpt\":1")) << Crc(0);
  EXPECT_TRUE(Has(Crc(0), "\"deletedRecordCounts\":[1,0,1,0,0,0,0,0,0,0]")) << Crc(0);
  EXPECT_TRUE(Has(Crc(0), "\"domainMetadata\":[{\"domain\":\"d1\"")) << Crc(0);
  CommitAndSum(1, {R"({"domainMetadata":{"domain":"d1","configuration":"{}","removed":true}})"});
  EXPECT_TRUE(Has(Crc(1), "\"domainMetadata\":[]")) << Crc(1);
}

TEST_F(ChecksumWriterTest, TheInCommitTimestampIsThereExactlyWhenTheTableHasThem) {
  const std::vector<std::string> lines = {
      R"({"commitInfo":{"timestamp":5,"inCommitTimestamp":77,"operation":"WRITE","txnId":"id-1"}})",
      R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}})",
      MetadataLine(R"("delta.enableInCommitTimestamps":"true")")};
  CommitAndSum(0, lines);
  EXPECT_TRUE(Has(Crc(0), "\"inCommitTimestampOpt\":77")) << Crc(0);
  EXPECT_TRUE(Has(Crc(0), "\"txnId\":\"id-1\"")) << Crc(0);
}

TEST(FileSums, BinsOfSizesBeginWhereOtherWritersBeginThem) {
  const auto bins = FileSizeBins();
  const int64_t mib = 1024 * 1024;
  EXPECT_EQ(bins[0], 0);
  EXPECT_EQ(bins[1], 8192);
  EXPECT_EQ(bins[11], 8 * mib);
  EXPECT_EQ(bins[31], 128 * mib);
  EXPECT_EQ(bins[94], 256 * 1024 * mib);
  for (size_t i = 1; i < bins.size(); ++i) EXPECT_LT(bins[i - 1], bins[i]);
  FileSums sums;
  for (const int64_t size : {int64_t{0}, int64_t{8191}, int64_t{8192}, 256 * 1024 * mib, 300 * 1024 * mib}) {
    sums.Add(AddFile{.size = size});
  }
  EXPECT_EQ(sums.file_counts[0], 2);
  EXPECT_EQ(sums.file_counts[1], 1);
  EXPECT_EQ(sums.file_counts[94], 2);
}

TEST(FileSums, DeletedRecordsFallIntoTheProtocolsBins) {
  FileSums sums;
  for (const int64_t deleted : {0, 1, 9, 10, 99, 100, 9'999'999, 10'000'000, 2'147'483'646, 2'147'483'647}) {
    AddFile add;
    add.deletion_vector = DeletionVectorDescriptor{.cardinality = deleted};
    sums.Add(add);
  }
  EXPECT_EQ(sums.deleted_record_counts, (std::array<int64_t, 10>{1, 2, 2, 1, 0, 0, 0, 1, 2, 1}));
}

TEST(FileSums, ASumThatWouldGoBelowNothingIsNoSum) {
  RemoveFile remove;
  remove.path = "a";
  remove.size = 5;
  EXPECT_FALSE(SumsAfter(FileSums(), {Action(remove)}));
}

}  // namespace
}  // namespace deltic
