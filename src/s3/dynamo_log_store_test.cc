// Owns the tests of locked commits, with a commit table in memory and an inner store that takes every put, as S3 did
// before it knew conditions.
#include "s3/dynamo_log_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/error.h"
#include "s3/memory_commit_table_for_test.h"
#include "storage/store_around.h"

namespace deltic {
namespace {

constexpr const char* kZero = "_delta_log/00000000000000000000.json";
constexpr const char* kOne = "_delta_log/00000000000000000001.json";
constexpr const char* kTwo = "_delta_log/00000000000000000002.json";
constexpr const char* kUrl = MemoryTable::kUrl;

std::string NameOf(std::string_view key) { return std::string(key.substr(key.rfind('/') + 1)); }

// A store in memory that forgets the condition of a put, or dies before the put of a commit.
class CarelessStore : public StoreAround {
 public:
  CarelessStore() : StoreAround(MakeMemoryStore("careless")) {}
  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    if (dies_before_commit) return Unavailable("the process died");
    if (heeds_conditions) return inner_->PutIfAbsent(key, bytes);
    DELTIC_CHECK(inner_->Put(key, bytes));
    return PutOutcome::kWritten;
  }

  bool dies_before_commit = false;
  bool heeds_conditions = false;
};

class Locked : public testing::Test {
 protected:
  Locked() { store_ = Open(kUrl); }
  std::shared_ptr<ObjectStore> Open(std::string_view url) { return MakeDynamoLogStore(inner_, table_, url, RealEnv()); }
  std::vector<std::string> Keys(ObjectStore& store, std::string_view folder) {
    std::vector<std::string> keys;
    EXPECT_TRUE(store
                    .ListRecursive(folder,
                                   [&](const ObjectMeta& meta) {
                                     keys.push_back(meta.key);
                                     return true;
                                   })
                    .ok());
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::vector<std::string> Listed() {
    std::vector<std::string> keys;
    EXPECT_TRUE(store_
                    ->List("_delta_log/", "",
                           [&](const ObjectMeta& meta) {
                             keys.push_back(meta.key);
                             return true;
                           })
                    .ok());
    return keys;
  }
  // A commit that was claimed by someone who died before its bytes came to their place.
  void ClaimByTheDead(const char* key, const std::string& bytes, const std::string& url = kUrl) {
    const CommitEntry entry{.file_name = NameOf(key), .temp_path = ".tmp/" + NameOf(key) + ".dead"};
    ASSERT_TRUE(inner_->Put("_delta_log/" + entry.temp_path, bytes).ok());
    table_->Add(entry, url);
  }

  std::shared_ptr<CarelessStore> inner_ = std::make_shared<CarelessStore>();
  std::shared_ptr<MemoryTable> table_ = std::make_shared<MemoryTable>();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(Locked, ACommitIsClaimedCopiedCompletedAndLeavesNoTemporaryFile) {
  const int64_t now_s = RealEnv().now_ms() / 1000;
  EXPECT_EQ(*store_->PutIfAbsent(kZero, "zero"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->PutIfAbsent(kZero, "other"), PutOutcome::kExists);
  EXPECT_EQ(*store_->PutIfAbsent(kOne, "one"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->Get(kZero), "zero");
  EXPECT_TRUE(table_->Of(NameOf(kZero)).complete);
  EXPECT_TRUE(table_->Of(NameOf(kZero)).temp_path.starts_with(".tmp/00000000000000000000.json."));
  EXPECT_GE(table_->last_expire_s, now_s + 86'400);
  EXPECT_EQ(Keys(*inner_, "_delta_log/"), (std::vector<std::string>{kZero, kOne}));
}

TEST_F(Locked, OfManyThatCommitOneVersionOneWinsAlthoughTheStoreTakesEveryPut) {
  for (int version = 0; version < 20; ++version) {
    const std::string key = fmt::format("_delta_log/{:020}.json", version);
    std::atomic<int> winners = 0;
    std::atomic<int> winner = -1;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        const auto store = Open(kUrl);
        const auto outcome = store->PutIfAbsent(key, std::to_string(t));
        ASSERT_TRUE(outcome.ok()) << outcome.error().ToString();
        if (*outcome != PutOutcome::kWritten) return;
        ++winners;
        winner = t;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(winners, 1) << version;
    EXPECT_EQ(*store_->Get(key), std::to_string(winner)) << version;
  }
}

TEST_F(Locked, WhatTheDeadClaimedIsFinishedByWhoeverLists) {
  ASSERT_TRUE(store_->PutIfAbsent(kZero, "zero").ok());
  ClaimByTheDead(kOne, "dead's");
  EXPECT_EQ(Listed(), (std::vector<std::string>{kZero, kOne}));
  EXPECT_EQ(*store_->Get(kOne), "dead's");
  EXPECT_TRUE(table_->Of(NameOf(kOne)).complete);
}

TEST_F(Locked, WhatTheDeadClaimedIsFinishedByWhoeverReadsIt) {
  for (const int way : {0, 1, 2, 3}) {
    const std::string key = fmt::format("_delta_log/{:020}.json", way);
    ClaimByTheDead(key.c_str(), "dead's");
    if (way == 0) {
      EXPECT_EQ(*store_->Get(key), "dead's");
    }
    if (way == 1) {
      EXPECT_EQ(*store_->GetRange(key, {.offset = 0, .length = 4}), "dead");
    }
    if (way == 2) {
      EXPECT_EQ(store_->Head(key)->size_bytes, 6);
    }
    if (way == 3) {
      EXPECT_EQ(store_->GetTail(key, {.length = 2})->bytes, "'s");
    }
    EXPECT_TRUE(table_->Of(NameOf(key)).complete);
  }
  EXPECT_EQ(store_->Get("_delta_log/00000000000000000009.json").error().code(), Code::kNotFound);
}

TEST_F(Locked, WhatTheDeadClaimedIsFinishedByWhoeverCommitsNext) {
  ASSERT_TRUE(store_->PutIfAbsent(kZero, "zero").ok());
  ClaimByTheDead(kOne, "dead's");
  EXPECT_EQ(*store_->PutIfAbsent(kOne, "mine"), PutOutcome::kExists);
  EXPECT_EQ(*store_->PutIfAbsent(kTwo, "mine"), PutOutcome::kWritten);
  EXPECT_EQ(*inner_->Get(kOne), "dead's");
}

TEST_F(Locked, ACommitWhoseWriterDiesAfterTheClaimIsUnknownAndThenThere) {
  ASSERT_TRUE(store_->PutIfAbsent(kZero, "zero").ok());
  inner_->dies_before_commit = true;
  EXPECT_EQ(*store_->PutIfAbsent(kOne, "one"), PutOutcome::kUnknown);
  inner_->dies_before_commit = false;
  EXPECT_EQ(*store_->Get(kOne), "one");
  table_->dies_before_complete = true;
  EXPECT_EQ(*store_->PutIfAbsent(kTwo, "two"), PutOutcome::kWritten);
  table_->dies_before_complete = false;
  EXPECT_EQ(Listed(), (std::vector<std::string>{kZero, kOne, kTwo}));
  EXPECT_TRUE(table_->Of(NameOf(kTwo)).complete);
}

TEST_F(Locked, ALostAnswerToAClaimIsSettledByReadingItBack) {
  table_->lose_claims = 2;
  EXPECT_EQ(*store_->PutIfAbsent(kZero, "zero"), PutOutcome::kWritten);
  ClaimByTheDead(kOne, "dead's");
  EXPECT_EQ(*store_->PutIfAbsent(kOne, "one"), PutOutcome::kExists);
  EXPECT_EQ(*store_->Get(kOne), "dead's");
}

TEST_F(Locked, AClaimThatWasSentTwiceOnItsWayIsStillOurs) {
  table_->send_twice = true;
  EXPECT_EQ(*store_->PutIfAbsent(kZero, "zero"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->Get(kZero), "zero");
  ClaimByTheDead(kOne, "dead's");
  EXPECT_EQ(*store_->PutIfAbsent(kOne, "one"), PutOutcome::kExists);
}

TEST_F(Locked, AWriterWhoAsksNoLocksIsNotReplacedOnAStoreThatHeedsConditions) {
  inner_->heeds_conditions = true;
  ASSERT_TRUE(store_->PutIfAbsent(kZero, "zero").ok());
  // The other one's commit arrives between our look and our put: as if it were there, and Head did not see it.
  ClaimByTheDead(kOne, "dead's");
  ASSERT_TRUE(inner_->Put(kOne, "foreign").ok());
  EXPECT_EQ(*store_->Get(kOne), "foreign");
  EXPECT_EQ(Listed(), (std::vector<std::string>{kZero, kOne}));
  EXPECT_EQ(*store_->Get(kOne), "foreign");
  EXPECT_TRUE(table_->Of(NameOf(kOne)).complete);
}

TEST_F(Locked, ACommitWithoutTheOneBeforeIsRefused) {
  const auto outcome = store_->PutIfAbsent(kTwo, "two");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kCorrupt);
  EXPECT_NE(outcome.error().message().find("00000000000000000001.json"), std::string::npos);
  EXPECT_TRUE(table_->Empty());
}

TEST_F(Locked, ATableIsNotMadeOverTheEntriesOfADeletedOne) {
  ASSERT_TRUE(store_->PutIfAbsent(kZero, "zero").ok());
  ASSERT_TRUE(inner_->Delete(kZero).ok());
  const auto outcome = Open(kUrl)->PutIfAbsent(kZero, "anew");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kAlreadyExists);
  EXPECT_NE(outcome.error().message().find("s3://b/t"), std::string::npos);
}

TEST_F(Locked, AClaimWhoseBytesAreGoneIsCorruptAndNotSkipped) {
  table_->Add({.file_name = NameOf(kZero), .temp_path = ".tmp/gone"});
  Status status = store_->List("_delta_log/", "", [](const ObjectMeta&) { return true; });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kCorrupt);
  table_->Add({.file_name = NameOf(kZero), .temp_path = "../../secret"});
  EXPECT_EQ(store_->Get(kZero).error().code(), Code::kCorrupt);
}

TEST_F(Locked, WithoutDynamoDBNothingIsReadOrWritten) {
  table_->down = true;
  EXPECT_EQ(store_->PutIfAbsent(kZero, "zero").error().code(), Code::kUnavailable);
  EXPECT_EQ(store_->List("_delta_log/", "", [](const ObjectMeta&) { return true; }).error().code(), Code::kUnavailable);
  EXPECT_EQ(store_->Get(kZero).error().code(), Code::kUnavailable);
}

TEST_F(Locked, AReaderWhoMayNotWriteEntriesSeesWhatWasClaimed) {
  ClaimByTheDead(kZero, "dead's");
  table_->read_only = true;
  EXPECT_EQ(*store_->Get(kZero), "dead's");
}

TEST_F(Locked, TheSpellingThatOtherWritersUseIsTaken) {
  const auto spark = Open("s3a://b/t");
  ASSERT_EQ(*spark->PutIfAbsent(kZero, "zero"), PutOutcome::kWritten);
  EXPECT_TRUE(table_->Of(NameOf(kZero), "s3a://b/t").complete);
  ASSERT_EQ(*store_->PutIfAbsent(kOne, "one"), PutOutcome::kWritten);
  EXPECT_TRUE(table_->Of(NameOf(kOne), "s3a://b/t").complete);
  ClaimByTheDead(kTwo, "dead's", "s3a://b/t");
  EXPECT_EQ(*Open("s3://b/t/")->Get(kTwo), "dead's");
}

TEST_F(Locked, TwoSpellingsInUseAreRefused) {
  table_->Add({.file_name = NameOf(kZero), .temp_path = "x", .complete = true}, "s3a://b/t");
  table_->Add({.file_name = NameOf(kZero), .temp_path = "x", .complete = true}, "s3a://b/t/");
  const Status status = store_->List("_delta_log/", "", [](const ObjectMeta&) { return true; });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kUnsupported);
  EXPECT_NE(status.error().message().find("s3a://b/t/"), std::string::npos);
}

TEST(TablePaths, AreSpelledAsSparkAndDeltaRsDo) {
  EXPECT_EQ(TablePathSpellings("s3a://b/t/"),
            (std::vector<std::string>{"s3a://b/t", "s3a://b/t/", "s3://b/t", "s3://b/t/"}));
  EXPECT_EQ(TablePathSpellings("s3://b/a%20b"),
            (std::vector<std::string>{"s3://b/a b", "s3://b/a b/", "s3://b/a%20b", "s3://b/a%20b/", "s3a://b/a b",
                                      "s3a://b/a b/", "s3a://b/a%20b", "s3a://b/a%20b/"}));
}

}  // namespace
}  // namespace deltic
