// Owns the proof that an insert is all or nothing: whatever storage call fails, the table is as before or as after, and
// no file is left that it does not name. What rows become is write/'s tests' matter, what conflicts commit/'s.
#include "insert/insert.h"

#include <gtest/gtest.h>

#include <set>

#include "scan/table_files.h"
#include "storage/fault_store.h"

namespace deltic {
namespace {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

class InsertTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = GetEngine();
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = *engine;
    base_ = MakeMemoryStore("insert");
    const auto made = Run(base_, nullptr, "select i as id, i % 2 as p from range(10) t(i)", Partitioned());
    ASSERT_TRUE(made.ok()) << made.error().ToString();
  }

  static InsertRequest Request() {
    InsertRequest request;
    request.write.env = request.commit.env = RealEnv();
    request.commit.sleep_ms = [](int64_t) {};
    return request;
  }
  static InsertRequest Partitioned() {
    InsertRequest request = Request();
    request.partition_columns = {"p"};
    return request;
  }

  Result<InsertOutcome> Run(const std::shared_ptr<ObjectStore>& store, SnapshotPtr base, const std::string& sql,
                            const InsertRequest& request) {
    DELTIC_TRY(auto rows, engine_->InputFromSql(sql, nullptr));
    return Insert(*engine_, store, std::move(base), std::move(rows), request);
  }
  // On a store of its own with the table's files.
  Result<InsertOutcome> Again(const std::shared_ptr<ObjectStore>& store, const std::string& sql,
                              const InsertRequest& request) {
    DELTIC_TRY(auto snapshot, Snapshot::Open(store));
    return Run(store, std::move(snapshot), sql, request);
  }

  std::shared_ptr<ObjectStore> Copy() const {
    auto copy = MakeMemoryStore("copy");
    EXPECT_TRUE(base_
                    ->ListRecursive("",
                                    [&](const ObjectMeta& object) {
                                      EXPECT_TRUE(copy->Put(object.key, *base_->Get(object.key)).ok());
                                      return true;
                                    })
                    .ok());
    return copy;
  }

  static std::set<std::string> DataFiles(ObjectStore& store) {
    std::set<std::string> keys;
    EXPECT_TRUE(store
                    .ListRecursive("",
                                   [&](const ObjectMeta& object) {
                                     if (!object.key.starts_with("_delta_log/")) keys.insert(object.key);
                                     return true;
                                   })
                    .ok());
    return keys;
  }
  static std::set<std::string> LiveFiles(const Snapshot& snapshot) {
    std::set<std::string> keys;
    auto files = snapshot.LiveFiles();
    while (true) {
      auto file = (*files)->Next();
      EXPECT_TRUE(file.ok());
      if (!file.ok() || !file->has_value()) return keys;
      keys.insert(LocateFile((*file)->path)->key);
    }
  }
  int64_t Rows(const SnapshotPtr& snapshot, const std::string& where = "") {
    auto spec = MakeReadSpec(snapshot, {.where = where});
    auto count = engine_->Count(*spec, CancelToken());
    EXPECT_TRUE(count.ok()) << count.error().ToString();
    return count.ok() ? *count : -1;
  }

  std::shared_ptr<Engine> engine_;
  std::shared_ptr<ObjectStore> base_;
};

struct Kind {
  const char* name;
  InsertMode mode;
  const char* replace_where;
  bool dynamic;
  int64_t rows;  // of the table afterwards
};
constexpr Kind kKinds[] = {{"append", InsertMode::kAppend, "", false, 13},
                           {"overwrite", InsertMode::kOverwrite, "", false, 3},
                           {"replace a partition", InsertMode::kOverwrite, "p = 1", false, 8},
                           {"replace rows", InsertMode::kOverwrite, "id >= 100 or id = 3", false, 12},
                           {"dynamic", InsertMode::kOverwrite, "", true, 8}};

InsertRequest RequestFor(const Kind& kind, InsertRequest request) {
  request.mode = kind.mode;
  request.replace_where = kind.replace_where;
  request.dynamic_partitions = kind.dynamic;
  return request;
}

constexpr const char* kNewRows = "select 100 + i as id, 1 as p from range(3) t(i)";

TEST_F(InsertTest, EveryKindReplacesExactlyWhatItSays) {
  for (const Kind& kind : kKinds) {
    const auto store = Copy();
    const auto done = Again(store, kNewRows, RequestFor(kind, Request()));
    ASSERT_TRUE(done.ok()) << kind.name << ": " << done.error().ToString();
    EXPECT_EQ(Rows(done->snapshot), kind.rows) << kind.name;
    EXPECT_EQ(Rows(done->snapshot, "id >= 100"), 3) << kind.name;
    EXPECT_EQ(LiveFiles(*done->snapshot), LiveFiles(**Snapshot::Open(store))) << kind.name;
  }
}

// Each storage call in turn fails once.
TEST_F(InsertTest, WhateverCallFailsTheTableIsAsBeforeOrAsAfterAndNoFileIsLeft) {
  int failed = 0;
  for (const Kind& kind : kKinds) {
    for (int call = 0; call < kStoreCallKinds; ++call) {
      for (int at = 0; at < 12; ++at) {
        const auto store = MakeFaultStore(Copy());
        auto snapshot = Snapshot::Open(store);
        ASSERT_TRUE(snapshot.ok());
        for (int i = 0; i < at; ++i) store->Script(static_cast<StoreCall>(call), Fault::kNone);
        store->Script(static_cast<StoreCall>(call), Fault::kUnavailable);
        store->ResetCounts();
        const auto done = Run(store, *snapshot, kNewRows, RequestFor(kind, Request()));
        const std::string what =
            std::string(kind.name) + ", call kind " + std::to_string(call) + " no. " + std::to_string(at);
        if (store->Count(static_cast<StoreCall>(call)) <= at) break;  // it was never reached
        store->SetPlan({});
        const auto after = Snapshot::Open(store);
        ASSERT_TRUE(after.ok()) << what << ": " << after.error().ToString();
        const bool written = (*after)->version() > (*snapshot)->version();
        EXPECT_EQ(done.ok(), written) << what;
        EXPECT_EQ(Rows(*after), written ? kind.rows : 10) << what;
        if (written) continue;
        ++failed;
        for (const std::string& key : DataFiles(*store)) {
          const bool known = LiveFiles(**snapshot).contains(key);
          EXPECT_TRUE(known || done.error().message().find(key) != std::string::npos)
              << what << " left " << key << ": " << done.error().ToString();
        }
      }
    }
  }
  EXPECT_GT(failed, 5) << "the faults reached nothing that matters";
}

TEST_F(InsertTest, ALostAnswerToTheCommitIsSettledAndTheFilesStay) {
  for (const Fault fault : {Fault::kLoseAnswerAfter, Fault::kLoseAnswerBefore}) {
    const auto store = MakeFaultStore(Copy());
    store->Script(StoreCall::kPutIfAbsent, fault);
    const auto done = Again(store, kNewRows, Request());
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    EXPECT_EQ(Rows(done->snapshot), 13);
    EXPECT_EQ(done->version, 1);
  }
}

TEST_F(InsertTest, AConflictLeavesNoFileOfTheLoser) {
  const auto store = Copy();
  const auto base = *Snapshot::Open(store);
  InsertRequest overwrite = Request();
  overwrite.mode = InsertMode::kOverwrite;
  ASSERT_TRUE(Run(store, base, kNewRows, overwrite).ok());
  const auto files = DataFiles(*store);
  const auto lost = Run(store, base, kNewRows, overwrite);
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code(), Code::kConflict);
  EXPECT_NE(lost.error().conflict(), ConflictKind::kNone);
  EXPECT_EQ(DataFiles(*store), files);
}

TEST_F(InsertTest, AppendsFromOneBaseBothSucceed) {
  const auto store = Copy();
  const auto base = *Snapshot::Open(store);
  ASSERT_TRUE(Run(store, base, kNewRows, Request()).ok());
  const auto second = Run(store, base, kNewRows, Request());
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_EQ(second->version, 2);
  EXPECT_EQ(Rows(second->snapshot), 16);
}

TEST_F(InsertTest, AnAppendThatReadTheTableConflictsWithAnotherWritersOverwrite) {
  const auto store = Copy();
  const auto base = *Snapshot::Open(store);
  InsertRequest overwrite = Request();
  overwrite.mode = InsertMode::kOverwrite;
  ASSERT_TRUE(Run(store, base, kNewRows, overwrite).ok());
  InsertRequest reading = Request();
  reading.reads_table = [] { return true; };
  const auto lost = Run(store, base, kNewRows, reading);
  ASSERT_FALSE(lost.ok());
  EXPECT_NE(lost.error().conflict(), ConflictKind::kNone) << lost.error().ToString();
}

}  // namespace
}  // namespace deltic
