// Owns the running of the stores' contract on a real HDFS: the one whose namenode's web address DELTIC_TEST_HDFS has
// (http://host:port; tests/stores starts one), and of what happens while namenodes change places, on the two that
// DELTIC_TEST_HDFS_HA has (with a comma between; they change when the file DELTIC_TEST_HDFS_FAILOVER appears).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "hdfs/hdfs_store.h"
#include "storage/store_contract_for_test.h"

namespace deltic {
namespace {

std::shared_ptr<ObjectStore> MakeTestStore(int64_t chunk_bytes, const char* endpoint = "DELTIC_TEST_HDFS") {
  const StoreOptions options({{"webhdfs_endpoint", std::getenv(endpoint)}, {"hdfs_user", "root"}}, nullptr);
  auto settings = MakeHdfsSettings(
      {.scheme = "hdfs", .authority = "test", .path = "/con tract/" + std::to_string(RealEnv().random())},
      HadoopConfig({}, options), options);
  if (!settings.ok()) return nullptr;
  settings->chunk_bytes = chunk_bytes;
  auto client = MakeHttpClient(settings->http);
  return client.ok() ? MakeHdfsStore(*settings, {.client = *client}) : nullptr;
}

std::vector<StoreMaker> Makers() {
  if (std::getenv("DELTIC_TEST_HDFS") == nullptr) return {};
  return {StoreMaker{"Hdfs", [](const std::string&) { return MakeTestStore(32 << 20); }, false}};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreContract);
INSTANTIATE_TEST_SUITE_P(Hdfs, StoreContract, testing::ValuesIn(Makers()),
                         [](const auto& info) { return info.param.name; });

TEST(HdfsServer, LargeFilesAreMadeOfPiecesAndSeenWhole) {
  if (std::getenv("DELTIC_TEST_HDFS") == nullptr) GTEST_SKIP() << "DELTIC_TEST_HDFS names no cluster";
  const auto store = MakeTestStore(100'000);
  std::string bytes;
  for (int i = 0; i < 450'000; ++i) bytes.push_back(static_cast<char>(i * 31 + i / 256));
  auto write = store->StartMultipart("d/large");
  ASSERT_TRUE(write.ok());
  ASSERT_TRUE((*write)->Write(std::string_view(bytes).substr(0, 250'000)).ok());
  int leftovers = 0;
  const auto count = [&](const ObjectMeta& meta) {
    EXPECT_TRUE(meta.key.starts_with("d/.deltic-")) << meta.key;
    ++leftovers;
    return true;
  };
  ASSERT_TRUE(store->ListLeftovers("d/", count).ok());
  EXPECT_EQ(leftovers, 1) << "it is in the making";
  EXPECT_EQ(store->Head("d/large").error().code(), Code::kNotFound);
  ASSERT_TRUE((*write)->Write(std::string_view(bytes).substr(250'000)).ok());
  const auto meta = (*write)->Complete();
  ASSERT_TRUE(meta.ok()) << meta.error().ToString();
  EXPECT_EQ(meta->size_bytes, 450'000);
  EXPECT_EQ(*store->Get("d/large"), bytes);
  EXPECT_EQ(*store->GetRange("d/large", {.offset = 99'990, .length = 20}), bytes.substr(99'990, 20));
  {
    auto dropped = store->StartMultipart("d/dropped");
    ASSERT_TRUE((*dropped)->Write(bytes).ok());
  }
  leftovers = 0;
  ASSERT_TRUE(store->ListLeftovers("d/", count).ok());
  EXPECT_EQ(leftovers, 0);
}

TEST(HdfsServer, AFolderOfManyPagesIsListedInOrder) {
  if (std::getenv("DELTIC_TEST_HDFS") == nullptr) GTEST_SKIP() << "DELTIC_TEST_HDFS names no cluster";
  const auto store = MakeTestStore(1 << 20);  // the server's pages have 20 files (dfs.ls.limit)
  std::vector<std::string> names;
  for (int i = 0; i < 45; ++i) names.push_back(fmt::format("l/{:03}.json", i));
  names.emplace_back("l/0\xC3\xA4");
  names.emplace_back("l/\xC3\xA4");
  for (const std::string& name : names) ASSERT_TRUE(store->Put(name, "x").ok());
  std::vector<std::string> listed;
  const auto visit = [&](const ObjectMeta& meta) {
    listed.push_back(meta.key);
    return true;
  };
  ASSERT_TRUE(store->List("l/", "", visit).ok());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(listed, names);
  listed.clear();
  ASSERT_TRUE(store->List("l/", "040", visit).ok());
  EXPECT_EQ(listed.size(), 5u);
}

TEST(HdfsServer, CommitsGoOnWhileNamenodesChangePlaces) {
  const char* failover = std::getenv("DELTIC_TEST_HDFS_FAILOVER");
  if (failover == nullptr) GTEST_SKIP() << "DELTIC_TEST_HDFS_HA and DELTIC_TEST_HDFS_FAILOVER name no cluster";
  constexpr int kWriters = 6, kFailovers = 3;
  const auto store = MakeTestStore(1 << 20, "DELTIC_TEST_HDFS_HA");
  std::mutex mutex;
  std::map<int, std::string> acknowledged;
  std::atomic<bool> enough = false;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      int version = 0;
      for (int commit = 0; commit == 0 || !enough;) {
        const std::string key = fmt::format("_delta_log/{:05}.json", version);
        const std::string body = fmt::format("writer {} commit {}", w, commit);
        auto outcome = store->PutIfAbsent(key, body);
        ASSERT_TRUE(outcome.ok()) << outcome.error().ToString();
        bool ours = *outcome == PutOutcome::kWritten;
        if (*outcome == PutOutcome::kUnknown) {
          const auto found = store->Get(key);
          if (!found.ok()) {
            ASSERT_EQ(found.error().code(), Code::kNotFound) << found.error().ToString();
            continue;
          }
          ours = *found == body;
        }
        if (ours) {
          const std::lock_guard lock(mutex);
          EXPECT_TRUE(acknowledged.emplace(version, body).second) << version << " was acknowledged twice";
          ++commit;
        }
        ++version;
      }
    });
  }
  for (int i = 0; i < kFailovers; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    std::ofstream(failover) << "now";
    for (int wait = 0; wait < 600 && std::filesystem::exists(failover); ++wait) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    EXPECT_FALSE(std::filesystem::exists(failover));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  enough = true;
  for (std::thread& writer : writers) writer.join();
  int next = 0;
  ASSERT_TRUE(store
                  ->List("_delta_log/", "",
                         [&](const ObjectMeta& meta) {
                           EXPECT_EQ(meta.key, fmt::format("_delta_log/{:05}.json", next));
                           EXPECT_EQ(*store->Get(meta.key), acknowledged[next]);
                           ++next;
                           return true;
                         })
                  .ok());
  EXPECT_EQ(static_cast<size_t>(next), acknowledged.size()) << "versions without gaps, and all of them acknowledged";
}

}  // namespace
}  // namespace deltic
