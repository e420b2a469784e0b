// Tests which listings opening makes, with and without a hint.
#include "log/listing.h"

#include <gtest/gtest.h>

#include "storage/fault_store.h"
#include "storage/request_log.h"

namespace deltic {
namespace {

class ListingTest : public ::testing::Test {
 protected:
  void Put(const std::string& name, const std::string& text = "{}") {
    ASSERT_TRUE(memory_->Put("_delta_log/" + name, text).ok());
  }
  void PutCommits(int64_t from, int64_t to) {
    for (int64_t v = from; v <= to; ++v) Put(VersionName(v) + ".json");
  }
  Result<LogSegment> Find(std::optional<int64_t> version = {}) { return FindSegment(*store_, {.version = version}); }

  std::shared_ptr<ObjectStore> memory_ = MakeMemoryStore();
  std::shared_ptr<FaultStore> store_ = MakeFaultStore(memory_);
};

TEST_F(ListingTest, ForeignNamesAndFoldersAreNotListed) {
  PutCommits(0, 1);
  Put("_staged_commits/" + VersionName(2) + ".3a0d65cd-4056-49b8-937b-95f9e3ee90e5.json");
  Put("_sidecars/x.parquet");
  Put("." + VersionName(0) + ".json.crc");
  Put("zz.json");
  auto files = ListLog(*store_);
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].size_bytes, 2);
}

TEST_F(ListingTest, TheListingBeginsAtTheHint) {
  PutCommits(0, 25);
  Put(VersionName(20) + ".checkpoint.parquet");
  Put("_last_checkpoint", R"({"version":20,"size":3})");
  auto segment = Find();
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(segment->checkpoint_version, 20);
  EXPECT_EQ(segment->version, 25);
  EXPECT_EQ(store_->Count(StoreCall::kList), 1);
  EXPECT_EQ(store_->Keys(StoreCall::kList)[0], "_delta_log/" + VersionName(20));
  EXPECT_EQ(store_->Count(StoreCall::kGet), 1);
}

TEST_F(ListingTest, AStaleHintStillFindsTheNewestCheckpoint) {
  PutCommits(0, 25);
  Put(VersionName(10) + ".checkpoint.parquet");
  Put(VersionName(20) + ".checkpoint.parquet");
  Put("_last_checkpoint", R"({"version":10,"size":3})");
  EXPECT_EQ(Find()->checkpoint_version, 20);
  EXPECT_EQ(store_->Count(StoreCall::kList), 1);
}

TEST_F(ListingTest, AHintThatIsWrongOrBrokenMeansAFullListing) {
  PutCommits(0, 25);
  Put(VersionName(20) + ".checkpoint.parquet");
  for (const char* hint : {"", "{\"version\":", R"({"version":"20"})", R"({"version":22,"size":3})",
                           R"({"version":900,"size":1})", R"({"version":20,"size":3,"checksum":"0123"})"}) {
    Put("_last_checkpoint", hint);
    auto segment = Find();
    ASSERT_TRUE(segment.ok()) << hint;
    EXPECT_EQ(segment->version, 25) << hint;
    EXPECT_EQ(segment->checkpoint_version, 20) << hint;
  }
}

TEST_F(ListingTest, AVersionBeforeTheHintIsFoundByAFullListing) {
  PutCommits(0, 25);
  Put(VersionName(20) + ".checkpoint.parquet");
  Put("_last_checkpoint", R"({"version":20,"size":3})");
  auto segment = Find(7);
  ASSERT_TRUE(segment.ok());
  EXPECT_FALSE(segment->checkpoint_version);
  EXPECT_EQ(segment->version, 7);
  auto beyond = Find(26);
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code(), Code::kNotFound);
}

TEST_F(ListingTest, AHintAtAnIncompleteMultiPartCheckpointMeansAFullListing) {
  PutCommits(0, 25);
  Put(VersionName(20) + ".checkpoint.0000000001.0000000002.parquet");
  Put(VersionName(10) + ".checkpoint.parquet");
  Put("_last_checkpoint", R"({"version":20,"size":3,"parts":2})");
  EXPECT_EQ(Find()->checkpoint_version, 10);
}

TEST_F(ListingTest, UnreadableFilesAreLeftOut) {
  PutCommits(0, 25);
  Put(VersionName(20) + ".checkpoint.parquet");
  Put("_last_checkpoint", R"({"version":20,"size":3})");
  auto segment = FindSegment(*store_, {.unreadable = {"_delta_log/" + VersionName(20) + ".checkpoint.parquet"}});
  ASSERT_TRUE(segment.ok());
  EXPECT_FALSE(segment->checkpoint_version);
  EXPECT_EQ(segment->deltas.size(), 26u);
}

TEST_F(ListingTest, NoLogIsNotFoundAndNamesTheTable) {
  auto segment = Find();
  ASSERT_FALSE(segment.ok());
  EXPECT_EQ(segment.error().code(), Code::kNotFound);
  EXPECT_NE(segment.error().message().find(memory_->uri()), std::string::npos);
}

TEST_F(ListingTest, AStoreThatIsDownIsAnErrorAndNotAnEmptyTable) {
  store_->SetPlan({.unavailable = 1});
  EXPECT_EQ(Find().error().code(), Code::kUnavailable);
}

// A store behind a network.
class FarListingTest : public ListingTest {
 protected:
  Result<LogSegment> FindFar(std::optional<int64_t> version = {}) { return FindSegment(*log_, {.version = version}); }
  std::shared_ptr<RequestLog> log_ = MakeRequestLog(memory_);
};

TEST_F(FarListingTest, AShortLogIsFoundInOneRoundTrip) {
  PutCommits(0, 25);
  Put(VersionName(20) + ".checkpoint.parquet");
  for (const char* hint : {"", R"({"version":20,"size":3})", R"({"version":7,"size":3})", "rubbish"}) {
    if (*hint != '\0') Put("_last_checkpoint", hint);
    const int64_t round_trips = FewestRoundTrips(*log_, 1, [&] {
      auto segment = FindFar();
      ASSERT_TRUE(segment.ok());
      EXPECT_EQ(segment->checkpoint_version, 20);
      EXPECT_EQ(segment->version, 25);
      EXPECT_EQ(log_->Requests().size(), 2U) << log_->Text();
    });
    EXPECT_EQ(round_trips, 1) << log_->Text();
  }
  EXPECT_EQ(FindFar(3)->version, 3);
  EXPECT_EQ(FindFar(99).error().code(), Code::kNotFound);
}

TEST_F(FarListingTest, OfALongLogNoSecondPageIsReadThatTheHintSpares) {
  PutCommits(0, 3'500);
  Put(VersionName(3'000) + ".checkpoint.parquet");
  Put("_last_checkpoint", R"({"version":3000,"size":3})");
  auto segment = FindFar();
  ASSERT_TRUE(segment.ok());
  EXPECT_EQ(segment->checkpoint_version, 3'000);
  EXPECT_EQ(segment->version, 3'500);
  EXPECT_EQ(log_->Requests().size(), 3U) << log_->Text();
  // An older version is looked for in all of it.
  EXPECT_EQ(FindFar(2'999)->version, 2'999);
}

TEST_F(FarListingTest, AStoreThatIsDownIsAnError) {
  auto down = MakeFaultStore(memory_);
  auto log = MakeRequestLog(down);
  PutCommits(0, 1);
  down->Script(StoreCall::kList, Fault::kUnavailable);
  EXPECT_EQ(FindSegment(*log, {}).error().code(), Code::kUnavailable);
  down->Script(StoreCall::kGet, Fault::kUnavailable);  // of the hint: not an error by itself
  EXPECT_TRUE(FindSegment(*log, {}).ok());
}

}  // namespace
}  // namespace deltic
