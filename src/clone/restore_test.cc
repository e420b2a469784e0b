// Owns the proof that RESTORE commits exactly what differs, refuses what is gone, meets concurrent writers, and changes
// nothing when a step fails. Interop with Spark is tests/clone's.
#include "clone/restore.h"

#include <gtest/gtest.h>

#include "actions/actions_json.h"
#include "snapshot/test_table.h"

namespace deltic {
namespace {

constexpr int64_t kDayMs = 24 * 60 * 60 * 1000;

class RestoreTest : public TestTable {
 protected:
  void SetUp() override {
    Create({Add("a"), Add("b")});
    Commit(1, {Add("c")});
    Commit(2, {Remove("a"), Add("d")});
    Commit(3, {Remove("b"), Add(TestFile{.path = "b", .dv = "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L"})});
    for (const char* key : {"a", "b", "c", "d"}) ASSERT_TRUE(memory_->Put(key, "x").ok());
  }

  RestoreContext Context() {
    RestoreContext context;
    context.commit.env = RealEnv();
    context.commit.env.now_ms = [this] { return now_ms_; };
    context.commit.sleep_ms = [](int64_t) {};
    context.commit.upkeep = false;
    return context;
  }
  Result<Restored> Do(const RestoreRequest& request) {
    DELTIC_TRY(const auto newest, Open());
    return RestoreTable(newest, request, Context());
  }
  static std::string ErrorOf(const Result<Restored>& done) { return done.ok() ? "restored" : done.error().ToString(); }
  std::string LogOf(int64_t version) {
    const auto text = memory_->Get("_delta_log/" + VersionName(version) + ".json");
    return text.ok() ? *text : text.error().ToString();
  }
};

TEST_F(RestoreTest, TheFilesOfThenAreLiveAndTheOthersRemoved) {
  // The vector above belongs to the protocol's example; without the feature a table may not have it.
  const auto before = Files(1);
  const auto done = Do({.version = 1});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_TRUE(done->outcome.changed);
  EXPECT_EQ(done->outcome.version, 4);
  EXPECT_EQ(Files(), before);
  EXPECT_EQ(done->outcome.files_restored, 2);  // a, and b without its vector
  EXPECT_EQ(done->outcome.files_removed, 2);   // d, and b with it
  EXPECT_EQ(done->outcome.files_after, 3);
  EXPECT_EQ(done->outcome.size_after_bytes, 30);
  const std::string log = LogOf(4);
  EXPECT_TRUE(Has(log, R"("operation":"RESTORE")")) << log;
  EXPECT_TRUE(Has(log, R"("operationParameters":{"timestamp":null,"version":1})")) << log;
  EXPECT_TRUE(Has(log, R"("numRestoredFiles":"2")")) << log;
  EXPECT_TRUE(Has(log, R"("isolationLevel":"Serializable")")) << log;
}

TEST_F(RestoreTest, TheVersionThatThereIsMakesNoCommit) {
  const auto done = Do({.version = 3});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_FALSE(done->outcome.changed);
  EXPECT_EQ(done->outcome.version, 3);
  EXPECT_FALSE(memory_->Head("_delta_log/" + VersionName(4) + ".json").ok());
}

TEST_F(RestoreTest, AsInSparkARestoreThatChangesNothingIsStillInTheHistory) {
  Commit(4, {R"({"txn":{"appId":"x","version":1}})"});
  const auto done = Do({.version = 3});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_TRUE(done->outcome.changed);
  EXPECT_EQ(done->outcome.version, 5);
  EXPECT_EQ(done->outcome.files_restored + done->outcome.files_removed, 0);
}

TEST_F(RestoreTest, MissingFilesAreNamedAndNothingIsCommitted) {
  ASSERT_TRUE(memory_->Delete("a").ok());
  const auto done = Do({.version = 1});
  EXPECT_TRUE(Has(ErrorOf(done), "NotFound: version 1 cannot be restored: 1 of its files is gone")) << ErrorOf(done);
  EXPECT_TRUE(Has(ErrorOf(done), ": a.")) << ErrorOf(done);
  EXPECT_EQ(Open().value()->version(), 3);
  const auto partly = Do({.version = 1, .ignore_missing_files = true});
  ASSERT_TRUE(partly.ok()) << ErrorOf(partly);
  EXPECT_EQ(partly->outcome.missing_files, std::vector<std::string>{"a"});
  EXPECT_EQ(partly->outcome.files_after, 2);
  EXPECT_EQ(Files(), "b c");
}

TEST_F(RestoreTest, AVectorThatIsGoneIsAMissingFile) {
  // The table's newest rows without the vector's file; its version cannot be read whole any more.
  Commit(4, {R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],)"
             R"("writerFeatures":["deletionVectors"]}})",
             Remove("c"),
             R"({"add":{"path":"c","partitionValues":{"p":"a"},"size":10,"modificationTime":1,"dataChange":true,)"
             R"("stats":"{\"numRecords\":5}","deletionVector":{"storageType":"u",)"
             R"("pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":2}}})"});
  Commit(5, {R"({"remove":{"path":"c","deletionTimestamp":1,"dataChange":true,"deletionVector":{"storageType":"u",)"
             R"("pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,"sizeInBytes":40,"cardinality":2}}})"});
  const auto done = Do({.version = 4});
  EXPECT_TRUE(Has(ErrorOf(done), "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin (deletion vectors of c)"))
      << ErrorOf(done);
  ASSERT_TRUE(memory_->Put("ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin", "x").ok());
  EXPECT_TRUE(Do({.version = 4}).ok());
}

TEST_F(RestoreTest, VersionsThatAreNotThereAreRefused) {
  EXPECT_TRUE(Has(ErrorOf(Do({.version = 9})), "NotFound"));
  EXPECT_TRUE(Has(ErrorOf(Do({.version = 9})), "the newest is 3"));
  EXPECT_TRUE(Has(ErrorOf(Do({})), "InvalidArgument"));
  EXPECT_TRUE(Has(ErrorOf(Do({.version = 1, .timestamp_ms = 5})), "InvalidArgument"));
}

TEST_F(RestoreTest, WhateverOthersCommitMeanwhileIsAConflict) {
  const auto newest = Open().value();
  Commit(4, {Add("e")});
  const auto done = RestoreTable(newest, {.version = 1}, Context());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kConflict) << done.error().ToString();
  EXPECT_EQ(Open().value()->version(), 4);
}

// What a vacuum may take must not be brought back while one runs: it has chosen its files already.
TEST_F(RestoreTest, FilesThatARunningVacuumMayTakeAreNotRestored) {
  const std::string start = R"({"commitInfo":{"operation":"VACUUM START","operationParameters":{}}})";
  const std::string end = R"({"commitInfo":{"operation":"VACUUM END","operationParameters":{}}})";
  now_ms_ += 30 * kDayMs;
  Commit(4, {start});
  EXPECT_TRUE(Has(ErrorOf(Do({.version = 1})), "the VACUUM that began with version 4")) << ErrorOf(Do({.version = 1}));
  Commit(5, {end});
  Commit(6, {start});
  Commit(7, {start});
  Commit(8, {end});
  EXPECT_TRUE(Has(ErrorOf(Do({.version = 1})), "the VACUUM that began with version 6")) << "one of two has ended";
  EXPECT_EQ(Open().value()->version(), 8);
  EXPECT_EQ(ErrorOf(Do({.version = 3})), "restored") << "brings nothing back";
  now_ms_ += kDayMs + 1;
  EXPECT_EQ(ErrorOf(Do({.version = 1})), "restored") << "the vacuum has died long ago";
}

TEST_F(RestoreTest, FilesRemovedWithinTheVacuumsRetentionAreRestoredBesideIt) {
  const auto removed = [&] {
    return fmt::format(R"({{"remove":{{"path":"c","deletionTimestamp":{},"dataChange":true}}}})", now_ms_);
  };
  now_ms_ += 30 * kDayMs;
  Commit(4, {removed()});
  Commit(5, {R"({"commitInfo":{"operation":"VACUUM START","operationParameters":{}}})"});
  EXPECT_EQ(ErrorOf(Do({.version = 3})), "restored");
  now_ms_ += kDayMs / 2;
  Commit(7, {removed()});
  Commit(8, {R"({"commitInfo":{"operation":"VACUUM START","operationParameters":{"specifiedRetentionMillis":"0"}}})"});
  now_ms_ += 1;
  EXPECT_TRUE(Has(ErrorOf(Do({.version = 3})), "the VACUUM that began with version 8")) << ErrorOf(Do({.version = 3}));
}

TEST_F(RestoreTest, AVacuumThatBeginsMeanwhileIsAConflict) {
  const auto newest = Open().value();
  Commit(4, {R"({"commitInfo":{"operation":"VACUUM START","operationParameters":{}}})"});
  const auto done = RestoreTable(newest, {.version = 1}, Context());
  EXPECT_TRUE(Has(ErrorOf(done), "version 4 (VACUUM START) may be deleting files")) << ErrorOf(done);
}

TEST_F(RestoreTest, AnAppendOnlyTableIsNotRestored) {
  Commit(4, {MetadataLine(R"("delta.appendOnly":"true")"), Add("e")});
  EXPECT_TRUE(Has(ErrorOf(Do({.version = 1})), "append-only")) << ErrorOf(Do({.version = 1}));
}

TEST_F(RestoreTest, WhereverAStepFailsTheTableIsAsBeforeOrAsAfter) {
  const std::string before = Files();
  for (int step = 0;; ++step) {
    auto copy = MakeMemoryStore("copy");
    ASSERT_TRUE(memory_
                    ->ListRecursive("",
                                    [&](const ObjectMeta& object) {
                                      EXPECT_TRUE(copy->Put(object.key, *memory_->Get(object.key)).ok());
                                      return true;
                                    })
                    .ok());
    auto faulty = MakeFaultStore(copy);
    const auto newest = Snapshot::Open(faulty);
    ASSERT_TRUE(newest.ok());
    faulty->SetPlan({.crash_after_calls = step});
    const auto done = RestoreTable(*newest, {.version = 1}, Context());
    faulty->SetPlan({});
    const auto after = Snapshot::Open(copy);
    ASSERT_TRUE(after.ok()) << after.error().ToString();
    const bool unknown = !done.ok() && done.error().code() == Code::kCommitUnknown;
    if (!unknown || Files(**after) != before) {
      EXPECT_EQ(Files(**after), done.ok() || unknown ? "a b c" : before) << step << " " << ErrorOf(done);
    }
    if (done.ok()) {
      EXPECT_GT(step, 3);
      return;
    }
  }
}

}  // namespace
}  // namespace deltic
