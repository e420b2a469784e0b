// Owns the tests of the probe of conditional puts.
#include "s3/conditional_probe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/error.h"

namespace deltic {
namespace {

// A store that keeps what was put, as a test says.
class Probed : public testing::Test {
 protected:
  ConditionalProbe Probe(const std::function<Result<PutOutcome>(const std::string& key)>& put) {
    return {.make_key = [this] { return "k" + std::to_string(++keys_); },
            .put_if_absent = [put](const std::string& key, std::string_view) { return put(key); },
            .remove = [this](const std::string&) { ++removed_; },
            .uri = "s3://b/t/"};
  }
  Result<PutOutcome> PutOnce(const std::string& key) {
    std::lock_guard lock(mutex_);
    return there_.insert(key).second ? PutOutcome::kWritten : PutOutcome::kExists;
  }

  std::mutex mutex_;
  std::set<std::string> there_;
  std::atomic<int> keys_ = 0;
  std::atomic<int> removed_ = 0;
};

TEST_F(Probed, AStoreThatTakesOneOfManyIsFineAndNothingStays) {
  EXPECT_TRUE(CheckConditionalPuts(Probe([this](const std::string& key) { return PutOnce(key); })).ok());
  EXPECT_EQ(keys_, 2);
  EXPECT_EQ(removed_, 2);
}

TEST_F(Probed, AStoreThatTakesEverythingIsRefusedWithWhatToDo) {
  const Status status =
      CheckConditionalPuts(Probe([](const std::string&) -> Result<PutOutcome> { return PutOutcome::kWritten; }));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnsupported);
  EXPECT_NE(status.error().message().find("s3://b/t/"), std::string::npos);
  EXPECT_NE(status.error().message().find("aws_s3_locking_provider"), std::string::npos);
  EXPECT_EQ(removed_, keys_);
}

TEST_F(Probed, AStoreThatLooksFirstAndWritesLaterIsRefused) {
  std::condition_variable changed;
  std::map<std::string, int> looked;
  const Status status = CheckConditionalPuts(Probe([&](const std::string& key) -> Result<PutOutcome> {
    std::unique_lock lock(mutex_);
    if (there_.contains(key)) return PutOutcome::kExists;
    ++looked[key];
    changed.notify_all();
    // Until another has looked too, however long the machine takes to get to it.
    changed.wait_for(lock, std::chrono::seconds(20), [&] { return looked[key] > 1; });
    there_.insert(key);
    return PutOutcome::kWritten;
  }));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnsupported);
}

TEST_F(Probed, LostAnswersAreMadeUpForByMoreRoundsUntilThereAreTooMany) {
  std::atomic<int> puts = 0;
  EXPECT_TRUE(CheckConditionalPuts(Probe([&](const std::string& key) -> Result<PutOutcome> {
                auto outcome = PutOnce(key);
                return ++puts <= 8 ? PutOutcome::kUnknown : outcome;
              })).ok());
  EXPECT_EQ(keys_, 4);
  const Status never =
      CheckConditionalPuts(Probe([](const std::string&) -> Result<PutOutcome> { return PutOutcome::kUnknown; }));
  ASSERT_FALSE(never.ok());
  EXPECT_EQ(never.error().code(), Code::kUnavailable);
}

TEST_F(Probed, AnErrorOfTheStoreIsTheAnswer) {
  const Status status = CheckConditionalPuts(
      Probe([](const std::string&) -> Result<PutOutcome> { return PermissionDenied("writing: 403"); }));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kPermissionDenied);
}

}  // namespace
}  // namespace deltic
