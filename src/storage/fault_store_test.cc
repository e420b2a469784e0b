// Owns the tests of injected faults, of their counting, and of trying again.
#include "storage/fault_store.h"

#include <gtest/gtest.h>

#include <thread>

#include <algorithm>

#include "storage/memory_store.h"
#include "storage/retry.h"
#include "storage/silent_store_for_test.h"
#include "storage/store_around.h"

namespace deltic {
namespace {

std::vector<std::string> ListKeys(ObjectStore& store, Status* outcome = nullptr) {
  std::vector<std::string> keys;
  const Status status = store.List("", "", [&](const ObjectMeta& meta) {
    keys.push_back(meta.key);
    return true;
  });
  if (outcome != nullptr) *outcome = status;
  return keys;
}

TEST(FaultStore, CallsAreCountedByKindWithTheirKeys) {
  auto store = MakeFaultStore(MakeMemoryStore());
  (void)store->Put("a", "1");
  (void)store->Get("a");
  (void)store->Get("b");
  (void)store->List("", "a", [](const ObjectMeta&) { return true; });
  EXPECT_EQ(store->Count(StoreCall::kGet), 2);
  EXPECT_EQ(store->Keys(StoreCall::kGet), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(store->Keys(StoreCall::kList), std::vector<std::string>{"a"});
  EXPECT_EQ(store->CountAll(), 4);
  store->ResetCounts();
  EXPECT_EQ(store->CountAll(), 0);
}

TEST(FaultStore, ALostAnswerSaysUnknownWhetherOrNotItWasWritten) {
  auto inner = MakeMemoryStore();
  auto store = MakeFaultStore(inner);
  store->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerAfter);
  store->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerBefore);
  EXPECT_EQ(*store->PutIfAbsent("done", "1"), PutOutcome::kUnknown);
  EXPECT_EQ(*store->PutIfAbsent("not done", "1"), PutOutcome::kUnknown);
  EXPECT_TRUE(inner->Head("done").ok());
  EXPECT_FALSE(inner->Head("not done").ok());
  EXPECT_EQ(*store->PutIfAbsent("done", "1"), PutOutcome::kExists);
}

TEST(FaultStore, ListsHideOnlyTheNewest) {
  auto store = MakeFaultStore(MakeMemoryStore(), {.seed = 7, .hide_newest = 1, .hide_at_most = 1});
  for (std::string_view key : {"0", "1", "2"}) ASSERT_TRUE(store->Put(key, "x").ok());
  EXPECT_EQ(ListKeys(*store), (std::vector<std::string>{"0", "1"}));
  EXPECT_TRUE(store->Get("2").ok());
}

TEST(FaultStore, CutBodiesAreShorterAndCutRangesFail) {
  auto store = MakeFaultStore(MakeMemoryStore(), {.seed = 7, .cut_body = 1});
  ASSERT_TRUE(store->Put("a", "0123456789").ok());
  for (int i = 0; i < 20; ++i) {
    auto bytes = store->Get("a");
    ASSERT_TRUE(bytes.ok());
    EXPECT_LT(bytes->size(), 10u);
    EXPECT_TRUE(std::string_view("0123456789").starts_with(*bytes));
  }
  EXPECT_EQ(store->GetRange("a", {.offset = 0, .length = 5}).error().code(), Code::kUnavailable);
}

TEST(FaultStore, TheSameSeedGivesTheSameFaultsAndAnotherGivesOthers) {
  const auto run = [](uint64_t seed) {
    auto store = MakeFaultStore(MakeMemoryStore(), {.seed = seed, .unavailable = 0.3, .lose_answer_after = 0.2});
    std::string history;
    for (int i = 0; i < 200; ++i) {
      auto outcome = store->PutIfAbsent("k" + std::to_string(i % 50), "x");
      history += outcome.ok() ? static_cast<char>('0' + static_cast<int>(*outcome)) : 'E';
    }
    return history;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
  const std::string history = run(3);
  const auto failed = std::count(history.begin(), history.end(), 'E');
  EXPECT_GT(failed, 30);  // about 60 of 200
  EXPECT_LT(failed, 95);
}

TEST(FaultStore, AfterACrashNothingWorks) {
  auto inner = MakeMemoryStore();
  auto store = MakeFaultStore(inner, {.crash_after_calls = 2});
  EXPECT_TRUE(store->Put("a", "1").ok());
  auto write = store->StartMultipart("b");
  ASSERT_TRUE(write.ok());
  EXPECT_EQ((*write)->Write("x").error().code(), Code::kUnavailable);
  EXPECT_EQ((*write)->Complete().error().code(), Code::kUnavailable);
  EXPECT_EQ(store->Get("a").error().code(), Code::kUnavailable);
  store->SetPlan({});
  EXPECT_TRUE(store->Get("a").ok());
  EXPECT_FALSE(inner->Head("b").ok());
}

class Retry : public testing::Test {
 protected:
  Retry() {
    RetryWorld world;
    world.sleep_ms = [this](int64_t ms) { waits_.push_back(ms); };
    world.cancel = cancel_;
    store_ = MakeRetryStore(faults_, {.attempts = 4, .first_delay_ms = 100, .max_delay_ms = 150}, world);
    for (std::string_view key : {"a", "b", "c"}) (void)inner_->Put(key, key);
  }
  std::shared_ptr<ObjectStore> inner_ = MakeMemoryStore();
  std::shared_ptr<FaultStore> faults_ = MakeFaultStore(inner_);
  CancelToken cancel_;
  std::vector<int64_t> waits_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(Retry, ReadsAreTriedAgainWithGrowingWaits) {
  for (int i = 0; i < 3; ++i) faults_->Script(StoreCall::kGet, Fault::kUnavailable);
  EXPECT_EQ(*store_->Get("a"), "a");
  EXPECT_EQ(faults_->Count(StoreCall::kGet), 4);
  ASSERT_EQ(waits_.size(), 3u);
  EXPECT_GE(waits_[0], 50);
  EXPECT_LE(waits_[0], 100);
  EXPECT_GE(waits_[1], 75);
  EXPECT_LE(waits_[2], 150);
}

TEST_F(Retry, TriesAreBoundedAndTheErrorSaysHowMany) {
  faults_->SetPlan({.unavailable = 1});
  auto bytes = store_->Get("a");
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().code(), Code::kUnavailable);
  EXPECT_TRUE(bytes.error().message().starts_with("tried 4 times: ")) << bytes.error().message();
  EXPECT_EQ(faults_->Count(StoreCall::kGet), 4);
}

TEST_F(Retry, WhatIsNotThereIsNotAskedForTwice) {
  EXPECT_EQ(store_->Get("z").error().code(), Code::kNotFound);
  EXPECT_EQ(faults_->Count(StoreCall::kGet), 1);
}

TEST_F(Retry, WritesAreNeverRepeated) {
  faults_->Script(StoreCall::kPutIfAbsent, Fault::kUnavailable);
  EXPECT_EQ(store_->PutIfAbsent("n", "1").error().code(), Code::kUnavailable);
  faults_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerAfter);
  EXPECT_EQ(*store_->PutIfAbsent("n", "1"), PutOutcome::kUnknown);
  faults_->Script(StoreCall::kPut, Fault::kUnavailable);
  EXPECT_FALSE(store_->Put("n", "2").ok());
  EXPECT_EQ(faults_->Count(StoreCall::kPutIfAbsent), 2);
  EXPECT_EQ(faults_->Count(StoreCall::kPut), 1);
  EXPECT_TRUE(waits_.empty());
}

TEST_F(Retry, CancellingEndsTheWaiting) {
  faults_->SetPlan({.unavailable = 1});
  cancel_.Cancel();
  EXPECT_EQ(store_->Head("a").error().code(), Code::kCancelled);
  EXPECT_EQ(faults_->Count(StoreCall::kHead), 1);
}

TEST_F(Retry, ACancelIsNotTriedAgainWhoeverTellsIt) {
  auto silent = std::make_shared<SilentStore>(inner_);
  silent->Silence(StoreCall::kGet);
  auto store = MakeRetryStore(silent);
  CancelToken token;
  std::thread canceller([&] {
    silent->Await(1);
    token.Cancel();
  });
  const CancelScope scope(StopSign::Here().With(token));
  EXPECT_EQ(store->Get("a").error().code(), Code::kCancelled);
  canceller.join();
  EXPECT_EQ(silent->kept(), 1);
}

TEST_F(Retry, TheSignOverTheThreadEndsTheWaiting) {
  faults_->SetPlan({.unavailable = 1});
  CancelToken token;
  const CancelScope scope(StopSign::Here().With(token));
  token.Cancel();
  EXPECT_EQ(store_->Head("a").error().code(), Code::kCancelled);
  EXPECT_EQ(faults_->Count(StoreCall::kHead), 1);
}

// Shows one object of each listing, then fails. One thread at a time.
class BrokenLists : public StoreAround {
 public:
  explicit BrokenLists(std::shared_ptr<ObjectStore> inner) : StoreAround(std::move(inner)) {}
  Status List(std::string_view folder, std::string_view from, const ListVisitor& visit) override {
    return Break([&](const ListVisitor& v) { return inner_->List(folder, from, v); }, visit);
  }
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    return Break([&](const ListVisitor& v) { return inner_->ListRecursive(folder, v); }, visit);
  }
  int lists() const { return lists_; }

 private:
  Status Break(const std::function<Status(const ListVisitor&)>& list, const ListVisitor& visit) {
    ++lists_;
    int shown = 0;
    const int shows = lists_ == 1 ? 1 : 2;  // a later listing begins with the one that was shown before
    bool broken = false;
    DELTIC_CHECK(list([&](const ObjectMeta& meta) {
      if (shown++ == shows) {
        broken = true;
        return false;
      }
      return visit(meta);
    }));
    if (broken) return Error(Code::kUnavailable, "the connection broke");
    return {};
  }

  int lists_ = 0;
};

TEST_F(Retry, AListThatBreaksGoesOnWhereItWasWithoutShowingAnythingTwice) {
  RetryWorld world;
  world.sleep_ms = [](int64_t) {};
  auto broken = std::make_shared<BrokenLists>(inner_);
  auto store = MakeRetryStore(broken, {}, world);
  Status status;
  EXPECT_EQ(ListKeys(*store, &status), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(broken->lists(), 3);
}

TEST_F(Retry, ARecursiveListThatShowedSomethingIsNotRepeated) {
  RetryWorld world;
  world.sleep_ms = [](int64_t) {};
  auto broken = std::make_shared<BrokenLists>(inner_);
  auto store = MakeRetryStore(broken, {}, world);
  int shown = 0;
  const Status status = store->ListRecursive("", [&](const ObjectMeta&) { return ++shown > 0; });
  EXPECT_EQ(status.error().code(), Code::kUnavailable);
  EXPECT_EQ(shown, 1);
  faults_->Script(StoreCall::kListRecursive, Fault::kUnavailable);
  EXPECT_TRUE(store_->ListRecursive("", [](const ObjectMeta&) { return true; }).ok());
}

TEST(MemoryStore, TimesComeFromTheClockThatItWasGiven) {
  Env env = RealEnv();
  env.now_ms = [] { return int64_t{1'234}; };
  auto store = MakeMemoryStore("t", env);
  ASSERT_TRUE(store->Put("a", "x").ok());
  EXPECT_EQ(store->Head("a")->modified_ms, 1'234);
  EXPECT_EQ(store->uri(), "memory://t/");
}

}  // namespace
}  // namespace deltic
