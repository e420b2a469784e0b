// Tests reading ahead: answers are the store's whatever is foreseen, few requests, bounds, faults.
#include "storage/read_ahead.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "storage/fault_store.h"
#include "storage/request_log.h"
#include "storage/silent_store_for_test.h"

namespace deltic {
namespace {

std::string Text(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

class ReadAheadTest : public ::testing::Test {
 protected:
  void Put(const std::string& key, size_t size) {
    texts_[key] = Text(size, static_cast<uint32_t>(size));
    ASSERT_TRUE(memory_->Put(key, texts_[key]).ok());
  }
  ReadTarget Target(const std::string& key, std::optional<int64_t> size = {}) {
    return {.name = key, .place = {.store = log_, .key = key}, .size_bytes = size};
  }
  ReadTarget Known(const std::string& key) { return Target(key, static_cast<int64_t>(texts_[key].size())); }
  void ExpectRead(ReadAhead& ahead, const std::string& key, int64_t offset, int64_t length) {
    std::string into(static_cast<size_t>(length), '?');
    const auto status = ahead.Read(key, {.offset = offset, .length = length}, into.data());
    ASSERT_TRUE(status.ok()) << status.error().ToString();
    EXPECT_TRUE(into == texts_[key].substr(static_cast<size_t>(offset), into.size())) << key << " " << offset;
  }
  // Waits until the threads have nothing more to do, which shows in no new requests.
  void Settle() {
    for (size_t before = ~size_t{0}, now = 0; before != now;) {
      before = log_->Requests().size();
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      now = log_->Requests().size();
    }
  }

  std::map<std::string, std::string> texts_;
  std::shared_ptr<ObjectStore> memory_ = MakeMemoryStore();
  std::shared_ptr<FaultStore> faults_ = MakeFaultStore(memory_);
  std::shared_ptr<RequestLog> log_ = MakeRequestLog(faults_);
};

TEST_F(ReadAheadTest, ASmallObjectIsReadInOneRequest) {
  Put("a", 1000);
  ReadAhead ahead;
  auto meta = ahead.Open(Known("a"));
  ASSERT_TRUE(meta.ok());
  EXPECT_EQ(meta->size_bytes, 1000);
  ExpectRead(ahead, "a", 992, 8);
  ExpectRead(ahead, "a", 0, 500);
  ExpectRead(ahead, "a", 0, 1000);
  ExpectRead(ahead, "a", 1000, 0);
  ahead.Close("a");
  EXPECT_EQ(log_->Requests().size(), 1U);
}

TEST_F(ReadAheadTest, TheEndOfALargeObjectComesWithItsSize) {
  Put("a", 3 << 20);
  ReadAhead ahead;
  for (const auto& target : {Known("a"), Target("a")}) {
    log_->Clear();
    ASSERT_TRUE(ahead.Open(target).ok());
    ExpectRead(ahead, "a", (3 << 20) - 65536, 65536);
    EXPECT_LE(log_->Requests().size(), 1U);  // the second time it is there already
    ahead.Close("a");
  }
}

TEST_F(ReadAheadTest, AWrongSizeIsSetRight) {
  Put("a", 5000);
  ReadAhead ahead;
  for (const int64_t said : {1, 4999, 5001, 50'000'000}) {
    auto target = Target("a", said);
    target.name = std::to_string(said);
    auto meta = ahead.Open(target);
    ASSERT_TRUE(meta.ok());
    EXPECT_EQ(meta->size_bytes, 5000);
    std::string into(5000, '?');
    ASSERT_TRUE(ahead.Read(target.name, {.offset = 0, .length = 5000}, into.data()).ok());
    EXPECT_EQ(into, texts_["a"]);
  }
}

TEST_F(ReadAheadTest, ReadingBeyondTheEndNamesTheObject) {
  Put("a", 100);
  ReadAhead ahead;
  ASSERT_TRUE(ahead.Open(Known("a")).ok());
  char into[200];
  for (const ByteRange range : {ByteRange{0, 101}, ByteRange{100, 1}, ByteRange{101, 0}, ByteRange{-1, 2}}) {
    const auto status = ahead.Read("a", range, into);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kCorrupt);
    EXPECT_NE(status.error().message().find("memory://test/a"), std::string::npos) << status.error().message();
  }
  EXPECT_EQ(ahead.Open(Target("absent")).error().code(), Code::kNotFound);
  EXPECT_EQ(ahead.Read("absent", {0, 1}, into).error().code(), Code::kInternal);
}

TEST_F(ReadAheadTest, ExpectedRangesAreReadTogetherAndOnce) {
  Put("a", 30 << 20);
  ReadAhead ahead({.part_bytes = 8 << 20});
  ASSERT_TRUE(ahead.Open(Known("a")).ok());
  // Two neighbours with a small gap, one far away, one longer than a part.
  ahead.ExpectRanges("a", {{.offset = 100'000, .length = 100'000},
                           {.offset = 0, .length = 90'000},
                           {.offset = 5 << 20, .length = 1000},
                           {.offset = 10 << 20, .length = 12 << 20}});
  Settle();
  EXPECT_EQ(log_->Requests().size(), 5U) << log_->Text();
  ExpectRead(ahead, "a", 0, 90'000);
  ExpectRead(ahead, "a", 100'000, 100'000);
  ExpectRead(ahead, "a", 5 << 20, 1000);
  ExpectRead(ahead, "a", 10 << 20, 12 << 20);
  EXPECT_EQ(log_->Requests().size(), 5U) << log_->Text();
  ahead.Close("a");
}

TEST_F(ReadAheadTest, WhatNobodyForesawIsReadInParts) {
  Put("a", 30 << 20);
  ReadAhead ahead({.part_bytes = 8 << 20});
  ASSERT_TRUE(ahead.Open(Known("a")).ok());
  ExpectRead(ahead, "a", 1000, 20);
  ExpectRead(ahead, "a", 0, 20 << 20);
  EXPECT_EQ(log_->Requests().size(), 1U + 1 + 3) << log_->Text();
  ExpectRead(ahead, "a", 0, 30 << 20);  // with its end
  ahead.Close("a");
}

TEST_F(ReadAheadTest, ExpectedObjectsAreReadByThePlan) {
  for (int i = 0; i < 6; ++i) Put("f" + std::to_string(i), (4 << 20) + i);
  ReadAhead ahead;
  ahead.SetPlan([](const ObjectMeta& meta, std::string_view tail) -> std::vector<ByteRange> {
    EXPECT_LE(static_cast<int64_t>(tail.size()), meta.size_bytes);
    return {{.offset = 0, .length = 2 << 20}};
  });
  for (const auto& [key, text] : texts_) ahead.Expect(Known(key));
  Settle();
  EXPECT_EQ(log_->Requests().size(), 12U) << log_->Text();
  for (const auto& [key, text] : texts_) {
    ASSERT_TRUE(ahead.Open(Known(key)).ok());
    ExpectRead(ahead, key, 0, 2 << 20);
    ahead.Close(key);
  }
  EXPECT_EQ(log_->Requests().size(), 12U) << log_->Text();
}

TEST_F(ReadAheadTest, NoMoreIsReadAheadThanTheBudget) {
  Put("a", 64 << 20);
  ReadAhead ahead({.first_bytes = 4 << 20, .budget_bytes = 8 << 20, .part_bytes = 1 << 20});
  ASSERT_TRUE(ahead.Open(Known("a")).ok());
  ahead.ExpectRanges("a", {{.offset = 0, .length = 60 << 20}});
  Settle();
  EXPECT_EQ(log_->Requests().size(), 1U + 4);  // the first bytes
  for (int64_t at = 0; at < 30; ++at) ExpectRead(ahead, "a", at << 20, 1 << 20);
  Settle();
  EXPECT_LE(log_->Requests().size(), 1U + 30 + 8);
  EXPECT_GE(log_->Requests().size(), 1U + 30 + 7);
  ahead.Close("a");
}

TEST_F(ReadAheadTest, AFailureAheadOfTimeIsTriedAgain) {
  Put("a", 4 << 20);
  Put("b", 100);
  ReadAhead ahead;
  ASSERT_TRUE(ahead.Open(Known("a")).ok());
  faults_->Script(StoreCall::kGetRange, Fault::kUnavailable);
  ahead.ExpectRanges("a", {{.offset = 0, .length = 1000}});
  Settle();
  ExpectRead(ahead, "a", 0, 1000);
  faults_->Script(StoreCall::kGetRange, Fault::kUnavailable);
  ahead.Expect(Known("b"));
  Settle();
  ASSERT_TRUE(ahead.Open(Known("b")).ok());
  ExpectRead(ahead, "b", 0, 100);
  // One that fails when it matters is told, and leaves things as they were.
  faults_->Script(StoreCall::kGetRange, Fault::kUnavailable);
  char into[10];
  EXPECT_EQ(ahead.Read("a", {.offset = 5000, .length = 10}, into).error().code(), Code::kUnavailable);
  ExpectRead(ahead, "a", 5000, 10);
  faults_->Script(StoreCall::kGetRange, Fault::kUnavailable);
  EXPECT_EQ(ahead.Open(Target("c")).error().code(), Code::kUnavailable);
  EXPECT_EQ(ahead.Open(Target("c")).error().code(), Code::kNotFound);
}

TEST_F(ReadAheadTest, ClosedObjectsAreKeptWithinABound) {
  for (int i = 0; i < 4; ++i) Put("f" + std::to_string(i), 1000);
  ReadAhead ahead({.closed_bytes = 2500});
  for (const auto& [key, text] : texts_) {
    ASSERT_TRUE(ahead.Open(Known(key)).ok());
    ahead.Close(key);
  }
  log_->Clear();
  for (const char* key : {"f3", "f2"}) {
    ASSERT_TRUE(ahead.Open(Known(key)).ok());
    ExpectRead(ahead, key, 0, 1000);
    ahead.Close(key);
  }
  EXPECT_EQ(log_->Requests().size(), 0U);
  ASSERT_TRUE(ahead.Open(Known("f0")).ok());
  EXPECT_EQ(log_->Requests().size(), 1U);
}

TEST_F(ReadAheadTest, ItMayEndWhileEndsOfObjectsAreUnderWay) {
  for (int i = 0; i < 4; ++i) Put("f" + std::to_string(i), 4'000'000);
  log_ = MakeRequestLog(memory_);
  log_->Hold(3);
  for (int round = 0; round < 50; ++round) {
    ReadAhead ahead;
    ahead.SetPlan([](const ObjectMeta& meta, std::string_view) -> std::vector<ByteRange> {
      return {{.offset = 0, .length = meta.size_bytes / 2}};
    });
    for (int i = 0; i < 4; ++i) ahead.Expect(Known("f" + std::to_string(i)));
    std::this_thread::sleep_for(std::chrono::milliseconds(round % 5));
  }
}

TEST_F(ReadAheadTest, RangesThatADamagedFileTellsAreCutToTheObject) {
  Put("a", 3 << 20);
  ReadAhead ahead;
  ASSERT_TRUE(ahead.Open(Known("a")).ok());
  ahead.ExpectRanges("a", {{.offset = 100, .length = int64_t{1} << 60},
                           {.offset = int64_t{1} << 62, .length = int64_t{1} << 62},
                           {.offset = -5, .length = 10},
                           {.offset = 5, .length = -10}});
  ExpectRead(ahead, "a", 90, 2'000'000);
  ahead.Close("a");
  EXPECT_LE(log_->Requests().size(), 3U);
}

TEST_F(ReadAheadTest, WhatNobodyOpensAfterAllIsForgottenAndReadAgainWhenWanted) {
  Put("a", 1000);
  ReadAhead ahead;
  ahead.Expect(Known("a"));
  Settle();
  ahead.Unexpect("a");
  ahead.Unexpect("a");
  ASSERT_TRUE(ahead.Open(Known("a")).ok());
  ahead.Unexpect("a");  // open: it stays
  ExpectRead(ahead, "a", 0, 1000);
  ahead.Close("a");
  EXPECT_EQ(log_->Requests().size(), 2U);
}

TEST_F(ReadAheadTest, ManyReadersWithFaultsReadWhatIsThere) {
  FaultPlan plan;
  plan.seed = 7;
  plan.unavailable = 0.1;
  for (int i = 0; i < 8; ++i) Put("f" + std::to_string(i), static_cast<size_t>(200'000) * (i + 1));
  faults_->SetPlan(plan);
  ReadAhead ahead({.threads = 4,
                   .first_bytes = 100'000,
                   .budget_bytes = 300'000,
                   .part_bytes = 50'000,
                   .gap_bytes = 1000,
                   .small_bytes = 250'000,
                   .tail_bytes = 1000,
                   .closed_bytes = 500'000});
  ahead.SetPlan([](const ObjectMeta& meta, std::string_view) -> std::vector<ByteRange> {
    return {{.offset = 10, .length = meta.size_bytes / 2}};
  });
  std::atomic<int> wrong{0};
  std::vector<std::thread> readers;
  for (uint32_t reader = 0; reader < 4; ++reader) {
    readers.emplace_back([&, reader] {
      std::mt19937 random(reader);
      for (int round = 0; round < 150; ++round) {
        const std::string key = "f" + std::to_string(random() % 8);
        const std::string& text = texts_.at(key);
        ahead.Expect(Target("f" + std::to_string(random() % 8)));
        if (!ahead.Open({.name = key, .place = {.store = log_, .key = key}, .size_bytes = text.size()}).ok()) continue;
        if (random() % 2 == 0) {
          ahead.ExpectRanges(key, {{.offset = static_cast<int64_t>(random() % text.size()), .length = 70'000},
                                   {.offset = 5, .length = 300}});
        }
        for (int i = 0; i < 5; ++i) {
          const auto offset = static_cast<int64_t>(random() % text.size());
          const auto length = static_cast<int64_t>(random() % (text.size() - offset + 1));
          std::string into(static_cast<size_t>(length), '?');
          const auto status = ahead.Read(key, {.offset = offset, .length = length}, into.data());
          if (status.ok() ? into != text.substr(offset, length) : status.error().code() != Code::kUnavailable) ++wrong;
        }
        ahead.Close(key);
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong.load(), 0);
}

// A server that takes requests and answers none, and two readers of the same read-ahead.
class SilentReadAheadTest : public ReadAheadTest {
 protected:
  SilentReadAheadTest() { Put("a", 10'000'000); }
  ReadTarget Silent() { return {.name = "a", .place = {.store = silent_, .key = "a"}, .size_bytes = 10'000'000}; }
  std::shared_ptr<SilentStore> silent_ = std::make_shared<SilentStore>(memory_);
  CancelToken token_;
};

TEST_F(SilentReadAheadTest, WhatWasExpectedForOneWhoIsCancelledIsReadByTheOther) {
  ReadAhead ahead;
  silent_->Silence(StoreCall::kHead);
  silent_->Silence(StoreCall::kGetRange);
  {
    const CancelScope scope(StopSign::Here().With(token_));
    ahead.Expect(Silent());
  }
  silent_->Await(1);
  std::atomic<bool> begun = false;
  std::thread other([&] {
    begun = true;
    auto meta = ahead.Open(Silent());
    ASSERT_TRUE(meta.ok()) << meta.error().ToString();
    ExpectRead(ahead, "a", 100, 1000);
  });
  while (!begun) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  silent_->Answer(StoreCall::kHead);
  silent_->Answer(StoreCall::kGetRange);
  token_.Cancel();
  other.join();
}

TEST_F(SilentReadAheadTest, WhoIsCancelledDoesNotWaitForWhatWasExpectedForAnother) {
  auto ahead = std::make_unique<ReadAhead>();
  silent_->Silence(StoreCall::kHead);
  silent_->Silence(StoreCall::kGetRange);
  ahead->Expect(Silent());
  silent_->Await(1);
  {
    const CancelScope scope(StopSign::Here().With(token_));
    token_.Cancel();
    EXPECT_EQ(ahead->Open(Silent()).error().code(), Code::kCancelled);
  }
  ahead.reset();  // which ends the request that nobody wants any more
}

TEST_F(SilentReadAheadTest, ACancelEndsAReadOfRangesThatWereForeseen) {
  ReadAhead ahead;
  CancelToken other;
  ASSERT_TRUE(ahead.Open(Silent()).ok());
  silent_->Silence(StoreCall::kGetRange);
  {
    const CancelScope scope(StopSign::Here().With(other));
    ahead.ExpectRanges("a", {{.offset = 0, .length = 1000}});
  }
  silent_->Await(1);
  std::string into(1000, '?');
  {
    const CancelScope scope(StopSign::Here().With(token_));
    token_.Cancel();
    EXPECT_EQ(ahead.Read("a", {.offset = 0, .length = 1000}, into.data()).error().code(), Code::kCancelled);
  }
  silent_->Answer(StoreCall::kGetRange);
  other.Cancel();
  ExpectRead(ahead, "a", 0, 1000);  // by who was not cancelled
}

}  // namespace
}  // namespace deltic
