// Owns the proof that whatever call to storage fails, once or from then on, an operation that changes or maintains a
// table leaves it as it was or as it was to become, leaves no file behind that no version names, and passes when it is
// run again. Restore, clone and convert have theirs in clone/, inserts in insert/.
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "clone/restore.h"
#include "dml/rows_table_for_test.h"
#include "dv/deletion_vector.h"
#include "optimize/optimize.h"
#include "vacuum/vacuum.h"

namespace deltic {
namespace {

constexpr int64_t kHourMs = 3'600'000;

class EveryStep : public RowsTable {
 protected:
  using Run = std::function<Status(const SnapshotPtr& newest)>;
  using Keys = std::set<std::string>;

  // What storage shows, and what the newest version needs of it.
  struct Sight {
    int64_t version = 0;
    std::string live;  // files with their vectors
    Keys needed;
    Keys there;
  };

  // Whether the operation's commits change no row's file (VACUUM): then versions may come though it fails.
  void Try(const std::string& name, const Run& run, bool only_notes = false) {
    SCOPED_TRACE(name);
    const auto kept = Copied(store_);
    const Sight before = See();
    ASSERT_TRUE(run(Newest()).ok());
    const Sight after = See();
    const std::string rows = Rows();
    for (const bool goes_on : {true, false}) {
      SCOPED_TRACE(goes_on ? "one call fails" : "every further call fails");
      int64_t calls = 1;
      for (;; ++calls) {
        SCOPED_TRACE(calls);
        const auto copy = Copied(kept);
        const auto faulty = MakeFaultStore(copy);
        store_ = faulty;
        const SnapshotPtr newest = Newest();
        faulty->SetPlan(goes_on ? FaultPlan{.fail_call = calls} : FaultPlan{.crash_after_calls = calls});
        faulty->ResetCounts();
        const Status done = run(newest);
        const bool met = faulty->CountAll() >= calls;
        faulty->SetPlan({});
        store_ = copy;
        const Sight now = See();
        for (const std::string& key : now.needed) ASSERT_TRUE(now.there.count(key)) << key;
        const bool changed = only_notes ? done.ok() : now.version != before.version;
        if (only_notes) {
          ASSERT_EQ(now.live, before.live);
        } else if (changed) {
          ASSERT_EQ(now.version, after.version);
          ASSERT_EQ(Rows(), rows);
          ASSERT_TRUE(done.ok() || done.error().code() == Code::kCommitUnknown) << done.error().ToString();
        } else {
          ASSERT_FALSE(done.ok());
          ASSERT_EQ(now.live, before.live);
          if (goes_on) {  // a process that is gone cleans up nothing
            ASSERT_EQ(now.there, before.there) << done.error().ToString();
          }
        }
        if (!changed && calls % 4 == 0) {
          const Status again = run(Newest());
          ASSERT_TRUE(again.ok()) << again.error().ToString();
          ASSERT_EQ(Rows(), rows);
          if (only_notes) {
            ASSERT_EQ(See().there.size(), after.there.size());
          }
        }
        if (!met || (!goes_on && done.ok() && changed)) break;
      }
      EXPECT_GT(calls, 1);  // at least one failure was met: a delete of whole files makes few calls
    }
    store_ = kept;
  }

  static std::shared_ptr<ObjectStore> Copied(const std::shared_ptr<ObjectStore>& from) {
    auto copy = MakeMemoryStore("rows");
    EXPECT_TRUE(from->ListRecursive("",
                                    [&](const ObjectMeta& object) {
                                      EXPECT_TRUE(copy->Put(object.key, *from->Get(object.key)).ok());
                                      return true;
                                    })
                    .ok());
    return copy;
  }

  Sight See() {
    Sight sight{.version = Newest()->version(), .live = {}, .needed = {}, .there = {}};
    for (const AddFile& file : Files()) {
      sight.needed.insert(LocateFile(file.path)->key);
      sight.live += file.path + " ";
      if (!file.deletion_vector) continue;
      sight.live += file.deletion_vector->UniqueId() + " ";
      sight.needed.insert(LocateDeletionVector(*file.deletion_vector)->key);
    }
    EXPECT_TRUE(store_
                    ->ListRecursive("",
                                    [&](const ObjectMeta& object) {
                                      if (!object.key.starts_with("_delta_log/")) sight.there.insert(object.key);
                                      return true;
                                    })
                    .ok());
    return sight;
  }

  void CreateThree(StringMap properties) {
    Create(properties,
           {"select i as id, i % 3 as p from range(10) t(i)", "select i as id, i % 3 as p from range(10, 20) t(i)",
            "select i as id, i % 3 as p from range(20, 30) t(i)"});
  }
  template <class T>
  static Status Ended(const Result<T>& done) {
    return done.ok() ? Status() : Status(done.error());
  }
  static OptimizeContext Optimizing() {
    OptimizeContext context;
    context.commit = Commits();
    context.write = Writes();
    return context;
  }

  void TryChanges() {
    Try("delete", [&](const SnapshotPtr& table) { return Ended(Delete(table, "id % 5 = 1")); });
    Try("delete a whole file", [&](const SnapshotPtr& table) { return Ended(Delete(table, "id < 10")); });
    Try("update", [&](const SnapshotPtr& table) { return Ended(Update(table, "id", "id + 100", "id % 5 = 2")); });
    Try("merge", [&](const SnapshotPtr& table) {
      return Ended(Merge(table, "select i as id, 9 as p from range(8, 33, 4) t(i)",
                         {"when matched then update set *", "when not matched then insert *"}));
    });
  }
};

const StringMap kVectors = {{"delta.enableDeletionVectors", "true"}};
const StringMap kFeed = {{"delta.enableChangeDataFeed", "true"}};

TEST_F(EveryStep, OfChangesByDeletionVectorsMayFail) {
  CreateThree(kVectors);
  TryChanges();
}

TEST_F(EveryStep, OfChangesThatRewriteFilesAndTellTheFeedMayFail) {
  CreateThree(kFeed);
  TryChanges();
}

TEST_F(EveryStep, OfOptimizeAndReorgMayFail) {
  CreateThree(kVectors);
  ASSERT_TRUE(Delete(Newest(), "id % 5 = 1").ok());
  Try("optimize", [&](const SnapshotPtr& table) { return Ended(OptimizeTable(*engine_, table, {}, Optimizing())); });
  OptimizeRequest order;
  order.zorder_by = {"p", "id"};
  Try("z-order", [&](const SnapshotPtr& table) { return Ended(OptimizeTable(*engine_, table, order, Optimizing())); });
  Try("reorg", [&](const SnapshotPtr& table) { return Ended(ReorgTable(*engine_, table, {}, Optimizing())); });
}

TEST_F(EveryStep, OfRestoreAndVacuumMayFail) {
  CreateThree(kVectors);
  ASSERT_TRUE(Delete(Newest(), "id % 5 = 1").ok());
  ASSERT_TRUE(Delete(Newest(), "id < 15").ok());
  ASSERT_TRUE(Update(Newest(), "p", "p + 1", "id % 2 = 0").ok());
  Try("restore", [&](const SnapshotPtr& table) {
    RestoreContext context;
    context.commit = Commits();
    context.looks = 1;
    return Ended(RestoreTable(table, {.version = 1}, context));
  });
  for (const VacuumScope scope : {VacuumScope::kFull, VacuumScope::kLite}) {
    Try(
        scope == VacuumScope::kFull ? "vacuum" : "lite vacuum",
        [&](const SnapshotPtr& table) {
          VacuumOrder order{.scope = scope, .retention_ms = 0, .enforce_retention = false};
          order.commit = Commits();
          order.commit.env.now_ms = [] { return RealEnv().now_ms() + 48 * kHourMs; };
          order.threads = 1;
          return Ended(VacuumFiles(table, order));
        },
        /*only_notes=*/true);
  }
}

}  // namespace
}  // namespace deltic
