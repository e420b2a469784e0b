// Tests row-level concurrency through the loop, on a table in memory with real vectors: each branch of the rule.
#include "commit/rebase_rows.h"

#include <map>

#include "commit/test_commit.h"
#include "dv/dv_writer.h"
#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using testing::Cmp;
using testing::Long;

RowSet Rows(const std::vector<uint64_t>& rows) {
  RowSet set;
  set.AddMany(rows.data(), rows.size());
  return set;
}

class RebaseRows : public CommitTable {
 protected:
  RebaseRows() { Make({"f", "g"}); }

  void Make(const std::vector<std::string>& files, const std::string& properties = "",
            const std::vector<std::string>& features = {"deletionVectors"}) {
    CreateWith(WithFeatures(features, {"deletionVectors"}), properties);
    std::vector<Action> actions;
    for (const std::string& file : files) actions.emplace_back(NewFile(file, "a", 10));
    const auto done = Do(Append(*Open(), std::move(actions)));
    EXPECT_TRUE(done.ok()) << ErrorOf(done);
    base_ = *Open();
  }
  AddFile Live(const Snapshot& table, const std::string& path) {
    auto cursor = table.LiveFiles({.all_fields = true});
    while (auto file = *(*cursor)->Next()) {
      if (file->path == path) return *file;
    }
    ADD_FAILURE() << path << " is not live";
    return {};
  }
  RowSet Deleted(const AddFile& file) {
    RowSet rows;
    if (file.deletion_vector) rows.Merge(**ReadDeletionVector(*memory_, *file.deletion_vector));
    return rows;
  }
  static RemoveFile Gone(const AddFile& file) {
    return {.path = file.path,
            .deletion_timestamp = 1,
            .extended_file_metadata = true,
            .partition_values = file.partition_values,
            .size = file.size,
            .tags = {},
            .deletion_vector = file.deletion_vector,
            .base_row_id = file.base_row_id,
            .default_row_commit_version = file.default_row_commit_version};
  }
  // Deletes rows of files, each marked, as DELETE does.
  Intent Marking(const std::shared_ptr<const Snapshot>& base,
                 const std::vector<std::pair<std::string, std::vector<uint64_t>>>& files) {
    Intent intent = On(base);
    intent.operation = {.name = "DELETE"};
    Env env;
    env.random = [this] { return random_ += 0x9E3779B97F4A7C15; };
    DeletionVectorWriter writer(*memory_, env, base->config());
    for (const auto& [path, rows] : files) {
      const AddFile live = Live(*base, path);
      RowSet all = Deleted(live);
      all.Merge(Rows(rows));
      intent.actions.emplace_back(Gone(live));
      intent.actions.emplace_back(*WithDeletionVector(live, *writer.Add(all)));
      intent.marks.push_back({.path = path, .rows = std::make_shared<RowSet>(Rows(rows))});
    }
    EXPECT_TRUE(writer.Finish().ok());
    intent.read.predicates = {Cmp({"x"}, CompareOp::kGe, Long(0))};
    intent.read.only_touched = true;
    return intent;
  }
  // Gives a file a vector of exactly these rows, as RESTORE may.
  Intent Setting(const std::shared_ptr<const Snapshot>& base, const std::string& path,
                 const std::vector<uint64_t>& rows) {
    Intent intent = Marking(base, {{path, {9}}});
    intent.marks.clear();
    Env env;
    env.random = [this] { return random_ += 0x9E3779B97F4A7C15; };
    DeletionVectorWriter writer(*memory_, env, base->config());
    intent.actions[1] = *WithDeletionVector(Live(*base, path), *writer.Add(Rows(rows)));
    EXPECT_TRUE(writer.Finish().ok());
    return intent;
  }
  std::vector<uint64_t> DeletedNow(const std::string& path) { return Deleted(Live(**Open(), path)).ToRows(); }
  int VectorFiles() {
    int files = 0;
    const Status listed = memory_->List("", "", [&](const ObjectMeta& file) {
      files += Has(file.key, "deletion_vector_") ? 1 : 0;
      return true;
    });
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    return files;
  }
  void Win(const Intent& intent) {
    const auto done = Do(intent);
    ASSERT_TRUE(done.ok()) << ErrorOf(done);
  }
  void ExpectConflict(const Intent& intent, ConflictKind kind, const std::string& says = "") {
    const int before = VectorFiles();
    const auto done = Do(intent);
    ASSERT_FALSE(done.ok());
    EXPECT_EQ(done.error().conflict(), kind) << ErrorOf(done);
    EXPECT_TRUE(Has(done.error().message(), says)) << ErrorOf(done);
    EXPECT_EQ(VectorFiles(), before) << "no union may stay";
  }

  std::shared_ptr<const Snapshot> base_;
};

TEST_F(RebaseRows, DisjointRowsOfOneFileAreAllDeleted) {
  const Intent mine = Marking(base_, {{"f", {1, 2}}, {"g", {0}}});
  Win(Marking(base_, {{"f", {5}}}));
  const auto done = Do(mine);
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->version, 3);
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{1, 2, 5}));
  EXPECT_EQ(DeletedNow("g"), (std::vector<uint64_t>{0}));
  EXPECT_EQ(Files(*done->snapshot), Files());
  EXPECT_TRUE(Has(*Live(**Open(), "f").stats, R"("tightBounds":false)"));
}

TEST_F(RebaseRows, ThreeWritersInARowLoseNothingAndLeaveOneUnion) {
  const Intent mine = Marking(base_, {{"f", {1}}});
  Win(Marking(*Open(), {{"f", {5}}}));
  Win(Marking(*Open(), {{"f", {6}}}));
  // Between the first union and its put two more come: that union is thrown away.
  const Intent late = Marking(*Open(), {{"f", {7}}});
  CommitOptions options = Options();
  options.cancel = {};
  int calls = 0;
  options.env.random = [&]() -> uint64_t {
    if (++calls == 3) {
      const auto done = Do(late);
      EXPECT_TRUE(done.ok()) << ErrorOf(done);
    }
    return random_ += 0x9E3779B97F4A7C15;
  };
  const int before = VectorFiles();
  const auto done = deltic::Commit(mine, options);
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->version, 5);
  EXPECT_EQ(done->retries, 2);
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{1, 5, 6, 7}));
  EXPECT_EQ(VectorFiles(), before) << "of two unions one stays, and the operation's own vector is not needed any more";
}

TEST_F(RebaseRows, OneRowDeletedByBothIsAConflict) {
  Win(Marking(base_, {{"f", {4, 5}}}));
  ExpectConflict(Marking(base_, {{"f", {5, 6}}}), ConflictKind::kConcurrentDeleteDelete,
                 "version 2 (DELETE) deleted rows of f");
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{4, 5}));
}

TEST_F(RebaseRows, AMeetingInAnotherFileUndoesTheUnionOfTheFirst) {
  Win(Marking(base_, {{"f", {4}}, {"g", {1}}}));
  ExpectConflict(Marking(base_, {{"f", {5}}, {"g", {1}}}), ConflictKind::kConcurrentDeleteDelete, "rows of g");
}

TEST_F(RebaseRows, AFileOfWhichNothingIsLeftIsRemoved) {
  const Intent mine = Marking(base_, {{"f", {0, 1, 2, 3, 4}}});
  Win(Marking(base_, {{"f", {5, 6, 7, 8, 9}}}));
  const int before = VectorFiles();
  const auto done = Do(mine);
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(Files(*done->snapshot), "g");
  EXPECT_EQ(Files(), "g");
  EXPECT_EQ(VectorFiles(), before - 1) << "the operation's own vector is not needed any more";
}

TEST_F(RebaseRows, AVectorThatGivesRowsBackIsAConflict) {
  Win(Marking(base_, {{"f", {3, 4}}}));
  const auto base = *Open();
  const Intent mine = Marking(base, {{"f", {1}}});
  Win(Setting(base, "f", {4, 7, 8}));
  ExpectConflict(mine, ConflictKind::kConcurrentDeleteDelete, "back to life");
  const Intent bystander = Marking(base, {{"g", {1}}});
  ExpectConflict(bystander, ConflictKind::kConcurrentAppend, "added f");
}

TEST_F(RebaseRows, AFileThatIsGoneIsAConflict) {
  Win(On(base_, {Gone(Live(*base_, "f"))}));
  ExpectConflict(Marking(base_, {{"f", {1}}}), ConflictKind::kConcurrentDeleteDelete);
}

TEST_F(RebaseRows, AFileThatGoesAfterAUnionWasMadeIsAConflict) {
  Win(Marking(base_, {{"f", {5}}}));
  Win(On(*Open(), {Gone(Live(**Open(), "f"))}));
  ExpectConflict(Marking(base_, {{"f", {1}}}), ConflictKind::kConcurrentDeleteDelete);
}

TEST_F(RebaseRows, WithoutMarksAWinnersVectorIsAConflict) {
  Win(Marking(base_, {{"f", {5}}}));
  Intent mine = Marking(base_, {{"f", {1}}});
  mine.marks.clear();
  ExpectConflict(mine, ConflictKind::kConcurrentAppend);
  Intent rewrite = On(base_, {Gone(Live(*base_, "f")), NewFile("f2")});
  ExpectConflict(rewrite, ConflictKind::kConcurrentDeleteDelete);
}

TEST_F(RebaseRows, RowsThatTheOperationLeftAloneMayGoUnderSerializableToo) {
  Intent mine = Marking(base_, {{"f", {1}}, {"g", {1}}});
  mine.isolation = IsolationLevel::kSerializable;
  Win(Marking(base_, {{"f", {5}}}));
  const auto done = Do(mine);
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{1, 5}));
}

TEST_F(RebaseRows, WhoLooksRowsUpMindsThoseThatGo) {
  Intent merge = Marking(base_, {{"g", {1}}});
  merge.read.only_touched = false;
  Win(Marking(base_, {{"f", {5}}}));
  ExpectConflict(merge, ConflictKind::kConcurrentAppend, "added f");
  Intent same_file = Marking(base_, {{"f", {1}}});
  same_file.read.only_touched = false;
  ExpectConflict(same_file, ConflictKind::kConcurrentAppend, "added f");
}

TEST_F(RebaseRows, APredicateDoesNotMindRowsThatWentFromAFileItMayHaveRead) {
  Win(Marking(base_, {{"f", {5}}}));
  Win(Marking(*Open(), {{"f", {6}}}));  // a second vector: the first is read to see that no row came back
  const auto done = Do(Marking(base_, {{"g", {1}}}));
  EXPECT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{5, 6}));
}

TEST_F(RebaseRows, WhoReadTheWholeTableAndMarksNothingMindsThem) {
  Intent mine = On(base_, {NewFile("copy")});
  mine.read.whole_table = true;
  Win(Marking(base_, {{"f", {5}}}));
  ExpectConflict(mine, ConflictKind::kConcurrentAppend);
}

TEST_F(RebaseRows, ADeleteThatReadTheWholeTableGoesOnPastOtherRows) {
  Intent mine = Marking(base_, {{"f", {1}}});
  mine.read.predicates.clear();
  mine.read.whole_table = true;
  Win(Marking(base_, {{"f", {5}}}));
  const auto done = Do(mine);
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{1, 5}));
}

TEST_F(RebaseRows, WhatAnUpdateWroteAnewIsHeldAgainstTheReadPredicates) {
  Intent update = Marking(base_, {{"f", {5}}});
  update.operation = {.name = "UPDATE"};
  update.actions.emplace_back(NewFile("updated"));
  Win(update);
  ExpectConflict(Marking(base_, {{"f", {1}}}), ConflictKind::kConcurrentAppend, "added updated");
  Intent far = Marking(base_, {{"f", {1}}});
  far.read.predicates = {Cmp({"x"}, CompareOp::kGt, Long(7))};  // the new file's rows end at 5
  const auto done = Do(far);
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{1, 5}));
}

TEST_F(RebaseRows, AFileNamedAsReadIsMinded) {
  Intent mine = Marking(base_, {{"g", {1}}});
  mine.read.files = {"f"};
  Win(Marking(base_, {{"f", {5}}}));
  EXPECT_EQ(Do(mine).error().code(), Code::kConflict);
}

TEST_F(RebaseRows, AnUnknownOutcomeKeepsTheUnion) {
  const Intent mine = Marking(base_, {{"f", {1}}});
  Win(Marking(base_, {{"f", {5}}}));
  now_ms_ += 120'000;  // an old base: the winner is met before the first put
  const int before = VectorFiles();
  store_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerAfter);
  int calls = 0;
  CommitOptions options = Options();
  options.env.random = [&]() -> uint64_t {
    if (++calls == 4) {  // the union's name: the winner has been read, and the commit is put next
      for (int i = 0; i < 8; ++i) store_->Script(StoreCall::kGet, Fault::kUnavailable);
    }
    return random_ += 0x9E3779B97F4A7C15;
  };
  const auto done = deltic::Commit(mine, options);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kCommitUnknown) << ErrorOf(done);
  EXPECT_EQ(VectorFiles(), before + 1);
  EXPECT_EQ(DeletedNow("f"), (std::vector<uint64_t>{1, 5}));
}

TEST_F(RebaseRows, AFailedWriteOfTheCommitDeletesTheUnion) {
  const Intent mine = Marking(base_, {{"f", {1}}});
  Win(Marking(base_, {{"f", {5}}}));
  now_ms_ += 120'000;
  const int before = VectorFiles();
  for (int i = 0; i < 8; ++i) store_->Script(StoreCall::kPutIfAbsent, Fault::kUnavailable);
  const auto done = Do(mine);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kUnavailable) << ErrorOf(done);
  EXPECT_EQ(VectorFiles(), before);
}

TEST_F(RebaseRows, RowIdsStayThoseOfTheFile) {
  Make({"h"}, "", {"deletionVectors", "rowTracking", "domainMetadata"});
  const Intent mine = Marking(base_, {{"h", {1}}});
  Win(Marking(base_, {{"h", {5}}}));
  const AddFile theirs = Live(**Open(), "h");
  const auto done = Do(mine);
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  const AddFile now = Live(**Open(), "h");
  ASSERT_TRUE(now.base_row_id.has_value());
  EXPECT_EQ(now.base_row_id, theirs.base_row_id);
  EXPECT_EQ(now.default_row_commit_version, theirs.default_row_commit_version);
}

// Each acknowledged delete is there and each refused one is not, whatever went wrong in between.
TEST_F(RebaseRows, ManyStaleWritersLoseAndDoubleNoRow) {
  std::vector<std::string> files = {"r0", "r1", "r2"};
  std::vector<Action> actions;
  for (const std::string& file : files) actions.emplace_back(NewFile(file, "a", 200));
  Win(Append(*Open(), std::move(actions)));
  std::map<std::string, RowSet> gone;
  std::vector<std::shared_ptr<const Snapshot>> bases = {*Open()};
  uint64_t state = 42;
  const auto dice = [&](uint64_t bound) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % bound;
  };
  int committed = 0;
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    const auto base = bases[bases.size() - 1 - dice(std::min<size_t>(bases.size(), 12))];
    std::map<std::string, std::vector<uint64_t>> chosen;
    for (const std::string& file : files) {
      const RowSet before = Deleted(Live(*base, file));
      if (before.cardinality() > 190) continue;
      for (uint64_t n = dice(3); n > 0; --n) {
        const uint64_t row = dice(200);
        if (!before.Contains(row)) chosen[file].push_back(row);
      }
    }
    if (chosen.empty()) continue;
    const Intent mine = Marking(base, {chosen.begin(), chosen.end()});
    if (dice(8) == 0) store_->Script(StoreCall::kPutIfAbsent, Fault::kLoseAnswerAfter);
    if (dice(8) == 0) store_->Script(StoreCall::kPutIfAbsent, Fault::kUnavailable);
    const auto done = Do(mine);
    bool meets = false;
    for (const auto& [file, rows] : chosen) meets = meets || gone[file].Intersects(Rows(rows));
    ASSERT_EQ(done.ok(), !meets) << round << ": " << ErrorOf(done);
    if (!done.ok()) {
      ASSERT_EQ(done.error().conflict(), ConflictKind::kConcurrentDeleteDelete) << ErrorOf(done);
      ++refused;
      continue;
    }
    ++committed;
    for (const auto& [file, rows] : chosen) gone[file].Merge(Rows(rows));
    for (const std::string& file : files) {
      ASSERT_EQ(Deleted(Live(*done->snapshot, file)), gone[file]) << round << " " << file;
    }
    bases.push_back(done->snapshot);
  }
  EXPECT_GT(committed, 100);
  EXPECT_GT(refused, 5);
  for (const std::string& file : files) EXPECT_EQ(DeletedNow(file), gone[file].ToRows());
}

TEST_F(RebaseRows, MarksWithoutRowsAreRefused) {
  Intent mine = Marking(base_, {{"f", {1}}});
  mine.marks[0].rows = nullptr;
  const auto done = Do(mine);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kInternal);
}

}  // namespace
}  // namespace deltic
