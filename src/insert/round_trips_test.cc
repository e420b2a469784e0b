// Proves how many requests, and how many of them one after another, the everyday operations cost on a store behind a
// network: an operation that begins to cost more fails here. With DELTIC_ROUND_TRIPS set, prints each request.
// docs/decisions/round-trips.md says why they are what they are.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "insert/insert.h"
#include "scan/table_files.h"
#include "storage/request_log.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

constexpr int kFiles = 12;

class RoundTripsTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = GetEngine();
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = *engine;
    SnapshotPtr snapshot;
    for (int i = 0; i < kFiles; ++i) {
      auto done = Append(memory_, snapshot);
      ASSERT_TRUE(done.ok()) << done.error().ToString();
      snapshot = done->snapshot;
    }
    log_ = MakeRequestLog(memory_);
  }

  Result<InsertOutcome> Append(const std::shared_ptr<ObjectStore>& store, SnapshotPtr base) {
    InsertRequest request;
    request.write.env = request.commit.env = RealEnv();
    DELTIC_TRY(auto rows, engine_->InputFromSql("select i as id, 'n' || i as name from range(1000) t(i)", nullptr));
    return Insert(*engine_, store, std::move(base), std::move(rows), request);
  }
  SnapshotPtr Open() {
    auto snapshot = Snapshot::Open(log_);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().ToString();
    return *snapshot;
  }
  int64_t Count(const SnapshotPtr& snapshot, const std::string& where) {
    auto spec = MakeReadSpec(snapshot, {.where = where});
    auto count = engine_->Count(*spec, CancelToken());
    EXPECT_TRUE(count.ok()) << count.error().ToString();
    return count.ok() ? *count : -1;
  }

  // Does the work and answers the requests that it sent. It must take no more round trips than `most`.
  size_t Requests(const char* what, int64_t most, const std::function<void()>& work) {
    const int64_t round_trips = FewestRoundTrips(*log_, most, work);
    EXPECT_LE(round_trips, most) << what << "\n" << log_->Text();
    const size_t requests = log_->Requests().size();
    if (std::getenv("DELTIC_ROUND_TRIPS") != nullptr) {
      std::printf("%s: %zu requests, %ld round trips\n%s", what, requests, static_cast<long>(round_trips),
                  log_->Text().c_str());
    }
    return requests;
  }

  std::shared_ptr<Engine> engine_;
  std::shared_ptr<ObjectStore> memory_ = MakeMemoryStore("far");
  std::shared_ptr<RequestLog> log_;
};

TEST_F(RoundTripsTest, ATableIsOpenedInTwoRoundTrips) {
  SnapshotPtr snapshot;
  // The hint, the listing, the checksum.
  EXPECT_EQ(Requests("open, with a checksum", 2, [&] { snapshot = Open(); }), 3U);
  ASSERT_TRUE(WriteCheckpoint(*snapshot, RealEnv(), CancelToken()).ok());
  const auto open_at_checkpoint = [&] { EXPECT_EQ(Open()->segment().checkpoint_version, snapshot->version()); };
  EXPECT_EQ(Requests("open, with a checkpoint and a checksum", 2, open_at_checkpoint), 3U);
  ASSERT_TRUE(memory_->Delete(snapshot->segment().checksum->key).ok());
  // A small checkpoint is read whole.
  EXPECT_EQ(Requests("open, with a checkpoint alone", 2, open_at_checkpoint), 3U);
}

TEST_F(RoundTripsTest, SmallFilesAreReadInOneRequestEachAndSideBySide) {
  SnapshotPtr snapshot;
  const size_t opening = Requests("open", 2, [&] { snapshot = Open(); });
  const size_t reading = Requests("open and read 12 files", 2 + 4, [&] {
    snapshot = Open();
    EXPECT_EQ(Count(snapshot, "name = 'n7'"), kFiles);
  });
  EXPECT_EQ(reading, opening + 2 * kFiles);  // commits, data files
}

TEST_F(RoundTripsTest, AnAppendTakesThreeRoundTrips) {
  SnapshotPtr snapshot;
  int64_t rows = kFiles;
  const auto append = [&] {
    auto done = Append(log_, snapshot);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    snapshot = done->snapshot;
    ++rows;
  };
  // The file, the commit, its time, the checksum; of the first also the checksum before it, for which it is opened
  // anew.
  const size_t first = Requests("open and append", 2 + 4, [&] {
    snapshot = Open();
    append();
  });
  EXPECT_LE(first, 3U + 5);
  EXPECT_LE(Requests("append", 3, append), 5U);
  EXPECT_EQ(Count(Open(), "id = 7"), rows);
}

}  // namespace
}  // namespace deltic
