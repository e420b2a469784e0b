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

constexpr int64_t kLatencyMs = 60;  // long beside what the operations compute on a busy machine
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
    log_ = MakeRequestLog(memory_, {.latency_ms = kLatencyMs});
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

  // What was asked since the last time: requests, and the time they took in round trips.
  struct Cost {
    size_t requests = 0;
    int64_t round_trips = 0;
  };
  Cost Take(const char* what) {
    const auto requests = log_->Requests();
    Cost cost{.requests = requests.size()};
    for (const auto& request : requests)
      cost.round_trips = std::max(cost.round_trips, request.begin_ms / kLatencyMs + 1);
    if (std::getenv("DELTIC_ROUND_TRIPS") != nullptr) {
      std::printf("%s: %zu requests, %ld round trips\n%s", what, cost.requests, static_cast<long>(cost.round_trips),
                  log_->Text().c_str());
    }
    log_->Clear();
    return cost;
  }

  std::shared_ptr<Engine> engine_;
  std::shared_ptr<ObjectStore> memory_ = MakeMemoryStore("far");
  std::shared_ptr<RequestLog> log_;
};

TEST_F(RoundTripsTest, ATableIsOpenedInTwoRoundTrips) {
  log_->Clear();
  const auto snapshot = Open();
  auto cost = Take("open, with a checksum");
  EXPECT_EQ(cost.requests, 3U);  // the hint, the listing, the checksum
  EXPECT_LE(cost.round_trips, 2);
  ASSERT_TRUE(WriteCheckpoint(*snapshot, RealEnv(), CancelToken()).ok());
  Take("checkpoint");
  ASSERT_EQ(Open()->segment().checkpoint_version, snapshot->version());
  cost = Take("open, with a checkpoint and a checksum");
  EXPECT_EQ(cost.requests, 3U);
  ASSERT_TRUE(memory_->Delete(snapshot->segment().checksum->key).ok());
  ASSERT_EQ(Open()->version(), snapshot->version());
  cost = Take("open, with a checkpoint alone");
  EXPECT_EQ(cost.requests, 3U);  // a small checkpoint is read whole
  EXPECT_LE(cost.round_trips, 2);
}

TEST_F(RoundTripsTest, SmallFilesAreReadInOneRequestEachAndSideBySide) {
  const auto snapshot = Open();
  log_->Clear();
  EXPECT_EQ(Count(snapshot, "name = 'n7'"), kFiles);
  const auto cost = Take("read 12 files");
  EXPECT_EQ(cost.requests, static_cast<size_t>(2 * kFiles));  // commits, data files
  EXPECT_LE(cost.round_trips, 4);
}

TEST_F(RoundTripsTest, AnAppendTakesThreeRoundTrips) {
  auto snapshot = Open();
  log_->Clear();
  for (int i = 0; i < 2; ++i) {
    auto done = Append(log_, snapshot);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    const auto cost = Take("append");
    EXPECT_LE(cost.requests, 5U);  // the file, the commit, its time, the checksum; of the first also the one before
    EXPECT_LE(cost.round_trips, 4 - i);
    snapshot = done->snapshot;
  }
  EXPECT_EQ(Count(Open(), "id = 7"), kFiles + 2);
}

}  // namespace
}  // namespace deltic
