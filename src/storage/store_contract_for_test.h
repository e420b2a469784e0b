// Owns the contract of ObjectStore as tests, for every store that deltic has: a store's test program includes this and
// says how one is made (INSTANTIATE_TEST_SUITE_P). Not part of the library.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "storage/object_store.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {

struct StoreMaker {
  std::string name;
  std::function<std::shared_ptr<ObjectStore>(const std::string& folder)> make;
  bool lists_beyond_ascii_from_a_name = true;  // HDFS cannot, but in as many requests as there are letters
};

class StoreContract : public testing::TestWithParam<StoreMaker> {
 protected:
  StoreContract() : store_(GetParam().make(folder_.path() + "/not/yet/there")) {}

  std::vector<std::string> ListKeys(std::string_view folder, std::string_view from = "") {
    std::vector<std::string> keys;
    const Status status = store_->List(folder, from, [&](const ObjectMeta& meta) {
      keys.push_back(meta.key);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    return keys;
  }

  void PutAll(std::initializer_list<std::string_view> keys) {
    for (std::string_view key : keys) ASSERT_TRUE(store_->Put(key, key).ok()) << key;
  }

  TempFolderForTest folder_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_P(StoreContract, WhatWasPutIsReadBackByteForByte) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes.push_back(static_cast<char>(i * 31));
  ASSERT_TRUE(store_->Put("a/b c/\xC3\xA4%20.bin", bytes).ok());
  EXPECT_EQ(*store_->Get("a/b c/\xC3\xA4%20.bin"), bytes);
  ASSERT_TRUE(store_->Put("empty", "").ok());
  EXPECT_EQ(*store_->Get("empty"), "");
  ASSERT_TRUE(store_->Put("empty", "no more").ok());
  EXPECT_EQ(*store_->Get("empty"), "no more");
}

TEST_P(StoreContract, RangesAreExactOrCorrupt) {
  ASSERT_TRUE(store_->Put("x", "0123456789").ok());
  EXPECT_EQ(*store_->GetRange("x", {.offset = 0, .length = 10}), "0123456789");
  EXPECT_EQ(*store_->GetRange("x", {.offset = 3, .length = 4}), "3456");
  EXPECT_EQ(*store_->GetRange("x", {.offset = 10, .length = 0}), "");
  for (const ByteRange range :
       {ByteRange{.offset = 0, .length = 11}, ByteRange{.offset = 11, .length = 0}, ByteRange{.offset = 9, .length = 2},
        ByteRange{.offset = 1, .length = INT64_MAX}, ByteRange{.offset = INT64_MAX, .length = INT64_MAX}}) {
    auto bytes = store_->GetRange("x", range);
    ASSERT_FALSE(bytes.ok()) << range.offset << "+" << range.length;
    EXPECT_EQ(bytes.error().code(), Code::kCorrupt);
    EXPECT_NE(bytes.error().message().find('x'), std::string::npos);
  }
  EXPECT_EQ(store_->GetRange("x", {.offset = -1, .length = 1}).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(store_->GetRange("x", {.offset = 1, .length = -1}).error().code(), Code::kInvalidArgument);
  EXPECT_EQ(store_->GetRange("y", {.offset = 0, .length = 1}).error().code(), Code::kNotFound);
}

TEST_P(StoreContract, TheEndComesWithTheSizeWhateverSizeWasExpected) {
  ASSERT_TRUE(store_->Put("x", "0123456789").ok());
  ASSERT_TRUE(store_->Put("empty", "").ok());
  for (const std::optional<int64_t> said : {std::optional<int64_t>(), std::optional<int64_t>(10),
                                            std::optional<int64_t>(4), std::optional<int64_t>(1'000'000)}) {
    for (const auto& [length, bytes] : std::map<int64_t, std::string>{
             {0, ""}, {1, "9"}, {4, "6789"}, {10, "0123456789"}, {11, "0123456789"}, {1 << 20, "0123456789"}}) {
      auto tail = store_->GetTail("x", {.length = length, .size_bytes = said});
      ASSERT_TRUE(tail.ok()) << tail.error().ToString();
      EXPECT_EQ(tail->bytes, bytes) << length << " of " << said.value_or(-1);
      EXPECT_EQ(tail->meta.size_bytes, 10);
      EXPECT_EQ(tail->meta.key, "x");
      // To the second: the headers of an HTTP answer tell no more, where a store's own documents do.
      EXPECT_EQ(tail->meta.modified_ms / 1000, store_->Head("x")->modified_ms / 1000);
    }
    auto empty = store_->GetTail("empty", {.length = 100, .size_bytes = said});
    ASSERT_TRUE(empty.ok()) << empty.error().ToString();
    EXPECT_EQ(empty->bytes, "");
    EXPECT_EQ(empty->meta.size_bytes, 0);
    EXPECT_EQ(store_->GetTail("absent", {.length = 5, .size_bytes = said}).error().code(), Code::kNotFound);
  }
}

TEST_P(StoreContract, WhatIsAbsentIsNotFoundAndNamed) {
  PutAll({"folder/file"});
  for (std::string_view key : {"nothing", "folder/nothing", "folder", "folder/file/below"}) {
    auto bytes = store_->Get(key);
    ASSERT_FALSE(bytes.ok()) << key;
    EXPECT_EQ(bytes.error().code(), Code::kNotFound) << bytes.error().ToString();
    EXPECT_NE(bytes.error().message().find(key), std::string::npos);
    EXPECT_EQ(store_->Head(key).error().code(), Code::kNotFound);
  }
}

TEST_P(StoreContract, HeadTellsSizeAndTime) {
  PutAll({"a/12345"});
  auto meta = store_->Head("a/12345");
  ASSERT_TRUE(meta.ok());
  EXPECT_EQ(meta->key, "a/12345");
  EXPECT_EQ(meta->size_bytes, 7);
  EXPECT_GT(meta->modified_ms, 1'700'000'000'000);
}

TEST_P(StoreContract, KeysThatLeadOutOfTheStoreAreRefusedBeforeAnythingIsTouched) {
  using namespace std::string_view_literals;
  for (std::string_view key :
       {""sv, "/a"sv, "a/"sv, "a//b"sv, "."sv, ".."sv, "a/../b"sv, "a/./b"sv, "../a"sv, "a/.."sv, "a\0b"sv}) {
    EXPECT_EQ(CheckKey(key).error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->Get(key).error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->GetRange(key, {}).error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->Head(key).error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->Put(key, "x").error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->PutIfAbsent(key, "x").error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->StartMultipart(key).error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->Delete(key).error().code(), Code::kInvalidArgument) << key;
    EXPECT_EQ(store_->LocalPath(key), std::nullopt) << key;
  }
  const auto never = [](const ObjectMeta&) { return true; };
  for (std::string_view folder : {"a"sv, "/"sv, "../"sv, "a/../"sv, "a//"sv}) {
    EXPECT_EQ(store_->List(folder, "", never).error().code(), Code::kInvalidArgument) << folder;
    EXPECT_EQ(store_->ListRecursive(folder, never).error().code(), Code::kInvalidArgument) << folder;
  }
  EXPECT_TRUE(CheckKey("a.b/..c/.d/...").ok());
}

TEST_P(StoreContract, ListsAreInByteOrderFromTheAskedNameAndDoNotEnterFolders) {
  PutAll(
      {"log/b", "log/a.json", "log/a", "log/B", "log/\xC3\xA4", "log/a0", "log/sub/x", "log/sub/y/z", "logs/y", "z"});
  EXPECT_EQ(ListKeys("log/"),
            (std::vector<std::string>{"log/B", "log/a", "log/a.json", "log/a0", "log/b", "log/\xC3\xA4"}));
  std::vector<std::string> later{"log/a.json", "log/a0", "log/b"};
  if (GetParam().lists_beyond_ascii_from_a_name) later.emplace_back("log/\xC3\xA4");
  EXPECT_EQ(ListKeys("log/", "a.json"), later);
  EXPECT_EQ(ListKeys("log/", "a."), later);
  EXPECT_EQ(ListKeys("log/", "\xFF"), std::vector<std::string>{});
  EXPECT_EQ(ListKeys(""), std::vector<std::string>{"z"});
  EXPECT_EQ(ListKeys("log/sub/"), std::vector<std::string>{"log/sub/x"});
}

TEST_P(StoreContract, AnAbsentFolderListsAsEmpty) {
  EXPECT_TRUE(ListKeys("").empty());
  EXPECT_TRUE(ListKeys("_delta_log/").empty());
  EXPECT_TRUE(store_->ListRecursive("_delta_log/", [](const ObjectMeta&) { return false; }).ok());
}

TEST_P(StoreContract, ListsTellSizesAndEndWhenToldTo) {
  PutAll({"a", "bb", "ccc"});
  std::vector<int64_t> sizes;
  ASSERT_TRUE(store_
                  ->List("", "",
                         [&](const ObjectMeta& meta) {
                           sizes.push_back(meta.size_bytes);
                           EXPECT_GT(meta.modified_ms, 1'700'000'000'000);
                           return sizes.size() < 2;
                         })
                  .ok());
  EXPECT_EQ(sizes, (std::vector<int64_t>{1, 2}));
}

TEST_P(StoreContract, RecursiveListsFindEverythingBelow) {
  PutAll({"a", "p=1/x", "p=1/q=2/y", "p=2/z", "pp/w"});
  const auto find = [&](std::string_view folder) {
    std::set<std::string> keys;
    EXPECT_TRUE(store_
                    ->ListRecursive(folder,
                                    [&](const ObjectMeta& meta) {
                                      EXPECT_TRUE(keys.insert(meta.key).second);
                                      EXPECT_EQ(meta.size_bytes, static_cast<int64_t>(meta.key.size()));
                                      return true;
                                    })
                    .ok());
    return keys;
  };
  EXPECT_EQ(find(""), (std::set<std::string>{"a", "p=1/x", "p=1/q=2/y", "p=2/z", "pp/w"}));
  EXPECT_EQ(find("p=1/"), (std::set<std::string>{"p=1/x", "p=1/q=2/y"}));
  int shown = 0;
  EXPECT_TRUE(store_->ListRecursive("", [&](const ObjectMeta&) { return ++shown < 2; }).ok());
  EXPECT_EQ(shown, 2);
}

TEST_P(StoreContract, EntriesAreFilesAndFoldersOrTheFilesBelow) {
  PutAll({"a", ".hidden", "p=1/x", "p=1/q=2/y", "pp/w"});
  std::set<std::string> files;
  std::vector<std::string> folders{""};
  while (!folders.empty()) {
    const std::string folder = folders.back();
    folders.pop_back();
    ASSERT_TRUE(store_
                    ->ListEntries(folder,
                                  [&](const FolderEntry& entry) {
                                    EXPECT_TRUE(entry.key.starts_with(folder)) << entry.key;
                                    if (entry.folder()) {
                                      folders.push_back(entry.key);
                                    } else {
                                      EXPECT_TRUE(files.insert(entry.key).second) << entry.key;
                                    }
                                    return true;
                                  })
                    .ok());
  }
  EXPECT_EQ(files, (std::set<std::string>{"a", ".hidden", "p=1/x", "p=1/q=2/y", "pp/w"}));
  EXPECT_TRUE(store_->ListEntries("no/such/", [](const FolderEntry&) { return false; }).ok());
  EXPECT_EQ(store_->ListEntries("p=1", [](const FolderEntry&) { return true; }).error().code(), Code::kInvalidArgument);
}

TEST_P(StoreContract, AFolderThatHoldsSomethingIsNotDeleted) {
  PutAll({"p=1/q=2/y"});
  EXPECT_FALSE(*store_->DeleteEmptyFolder("p=1/"));
  EXPECT_FALSE(*store_->DeleteEmptyFolder("no/such/"));
  EXPECT_EQ(*store_->Get("p=1/q=2/y"), "p=1/q=2/y");
  ASSERT_TRUE(store_->Delete("p=1/q=2/y").ok());
  ASSERT_TRUE(store_->DeleteEmptyFolder("p=1/q=2/").ok());
  EXPECT_FALSE(*store_->DeleteEmptyFolder("p=1/q=2/")) << "it is gone";
}

TEST_P(StoreContract, AVisitorMayUseTheStore) {
  PutAll({"a", "b"});
  ASSERT_TRUE(store_
                  ->List("", "",
                         [&](const ObjectMeta& meta) {
                           EXPECT_EQ(*store_->Get(meta.key), meta.key);
                           return store_->Delete(meta.key).ok();
                         })
                  .ok());
  EXPECT_TRUE(ListKeys("").empty());
}

TEST_P(StoreContract, PutIfAbsentWritesOnceAndChangesNothingAfter) {
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/0.json", "first"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/0.json", "second"), PutOutcome::kExists);
  EXPECT_EQ(*store_->Get("_delta_log/0.json"), "first");
  EXPECT_TRUE(store_->Delete("_delta_log/0.json").ok());
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/0.json", "third"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->Get("_delta_log/0.json"), "third");
}

TEST_P(StoreContract, OfManyThreadsThatPutOneKeyExactlyOneWins) {
  constexpr int kThreads = 16;
  constexpr int kRounds = 50;
  std::vector<std::atomic<int>> winners(kRounds);
  std::vector<std::atomic<int>> losers(kRounds);
  std::vector<std::atomic<int>> winner_of(kRounds);
  std::atomic<int> arrived = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        // All meet before each round, so that they truly race.
        ++arrived;
        while (arrived < (round + 1) * kThreads) std::this_thread::yield();
        const std::string body = std::string(3'000, static_cast<char>('a' + t));
        auto outcome = store_->PutIfAbsent("_delta_log/" + std::to_string(round) + ".json", body);
        ASSERT_TRUE(outcome.ok()) << outcome.error().ToString();
        if (*outcome == PutOutcome::kWritten) {
          ++winners[round];
          winner_of[round] = t;
        } else if (*outcome == PutOutcome::kExists) {
          ++losers[round];
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int round = 0; round < kRounds; ++round) {
    EXPECT_EQ(winners[round], 1) << round;
    EXPECT_EQ(losers[round], kThreads - 1) << round;
    EXPECT_EQ(*store_->Get("_delta_log/" + std::to_string(round) + ".json"),
              std::string(3'000, static_cast<char>('a' + winner_of[round])));
  }
  EXPECT_EQ(ListKeys("_delta_log/").size(), static_cast<size_t>(kRounds));
}

TEST_P(StoreContract, ReadersSeeTheOldOrTheNewBytesNeverAMix) {
  const std::string old_bytes(50'000, 'o'), new_bytes(70'000, 'n');
  ASSERT_TRUE(store_->Put("x", old_bytes).ok());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(store_->Put("x", i % 2 == 0 ? new_bytes : old_bytes).ok());
    stop = true;
  });
  while (!stop) {
    auto bytes = store_->Get("x");
    ASSERT_TRUE(bytes.ok());
    ASSERT_TRUE(*bytes == old_bytes || *bytes == new_bytes) << bytes->size();
  }
  writer.join();
}

TEST_P(StoreContract, AMultipartWriteIsSeenWholeOrNotAtAll) {
  {
    auto write = store_->StartMultipart("data/part-0.parquet");
    ASSERT_TRUE(write.ok()) << write.error().ToString();
    ASSERT_TRUE((*write)->Write("one ").ok());
    ASSERT_TRUE((*write)->Write("two").ok());
    EXPECT_EQ(store_->Get("data/part-0.parquet").error().code(), Code::kNotFound);
    EXPECT_TRUE(ListKeys("data/").empty());
    auto meta = (*write)->Complete();
    ASSERT_TRUE(meta.ok());
    EXPECT_EQ(meta->key, "data/part-0.parquet");
    EXPECT_EQ(meta->size_bytes, 7);
    EXPECT_FALSE((*write)->Write("three").ok());
    EXPECT_FALSE((*write)->Complete().ok());
    EXPECT_FALSE((*write)->Abort().ok());
  }
  EXPECT_EQ(*store_->Get("data/part-0.parquet"), "one two");
}

TEST_P(StoreContract, AMultipartWriteCanLeaveWhatIsThere) {
  for (const bool there : {false, true}) {
    if (there) {
      ASSERT_TRUE(store_->Put("data/x", "older").ok());
    }
    auto write = store_->StartMultipart("data/x");
    ASSERT_TRUE(write.ok());
    ASSERT_TRUE((*write)->Write("newer bytes").ok());
    const auto complete = (*write)->CompleteIfAbsent();
    EXPECT_EQ(complete.ok(), !there);
    if (there) {
      EXPECT_EQ(complete.error().code(), Code::kAlreadyExists);
    } else {
      EXPECT_EQ(complete->size_bytes, 11);
    }
    EXPECT_EQ(*store_->Get("data/x"), there ? "older" : "newer bytes");
    ASSERT_TRUE(store_->Delete("data/x").ok());
  }
}

TEST_P(StoreContract, ARelaxedPutIfAbsentWritesOnceToo) {
  EXPECT_EQ(*store_->PutIfAbsentRelaxed("a.crc", "one"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->PutIfAbsentRelaxed("a.crc", "two"), PutOutcome::kExists);
  EXPECT_EQ(*store_->Get("a.crc"), "one");
}

TEST_P(StoreContract, AnAbortedOrForgottenMultipartWriteLeavesNothing) {
  {
    auto aborted = store_->StartMultipart("data/a");
    ASSERT_TRUE((*aborted)->Write("x").ok());
    ASSERT_TRUE((*aborted)->Abort().ok());
    EXPECT_FALSE((*aborted)->Write("y").ok());
    EXPECT_FALSE((*aborted)->Complete().ok());
    auto forgotten = store_->StartMultipart("data/b");
    ASSERT_TRUE((*forgotten)->Write("x").ok());
  }
  EXPECT_TRUE(ListKeys("data/").empty());
  EXPECT_TRUE(store_
                  ->ListRecursive("",
                                  [](const ObjectMeta& meta) {
                                    ADD_FAILURE() << meta.key;
                                    return true;
                                  })
                  .ok());
}

TEST_P(StoreContract, DeletingIsTheSameWhetherTheObjectWasThereOrNot) {
  PutAll({"a", "b"});
  EXPECT_TRUE(store_->Delete("a").ok());
  EXPECT_TRUE(store_->Delete("a").ok());
  EXPECT_TRUE(store_->Delete("no/such/folder").ok());
  EXPECT_EQ(store_->Get("a").error().code(), Code::kNotFound);
  const std::vector<Status> outcomes = store_->DeleteMany({"b", "../x", "c"});
  ASSERT_EQ(outcomes.size(), 3u);
  EXPECT_TRUE(outcomes[0].ok());
  EXPECT_EQ(outcomes[1].error().code(), Code::kInvalidArgument);
  EXPECT_TRUE(outcomes[2].ok());
  EXPECT_TRUE(ListKeys("").empty());
}

TEST_P(StoreContract, TheUriEndsWithASlash) { EXPECT_TRUE(store_->uri().ends_with('/')) << store_->uri(); }

}  // namespace deltic
