// Proves what one commit's actions mean to a change feed, and which rows lie between two deletion vectors.
#include "cdf/commit_changes.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "cdf/diff_mask.h"

namespace deltic {
namespace {

DeletionVectorDescriptor Vector(const std::string& name, int64_t cardinality = 1) {
  return {.storage_type = 'u', .path_or_inline_dv = name, .offset = 1, .size_in_bytes = 40, .cardinality = cardinality};
}
AddFile Add(const std::string& path, std::optional<DeletionVectorDescriptor> vector = {}) {
  AddFile add;
  add.path = path;
  add.size = 7;
  add.deletion_vector = std::move(vector);
  return add;
}
RemoveFile Remove(const std::string& path, std::optional<DeletionVectorDescriptor> vector = {}) {
  RemoveFile remove;
  remove.path = path;
  remove.deletion_vector = std::move(vector);
  return remove;
}
AddCdcFile Cdc(const std::string& path) {
  AddCdcFile cdc;
  cdc.path = path;
  return cdc;
}
CommitInfo Merge(const std::string& metrics) {
  CommitInfo info;
  info.operation = "MERGE";
  info.json = R"({"operation":"MERGE","operationMetrics":)" + metrics + "}";
  return info;
}

// "+a -b[only v1 hidden v0] ~c": inserted, deleted and stored files.
std::string Changes(std::vector<Action> actions) {
  CommitChanges changes;
  for (Action& action : actions) {
    auto taken = changes.Take(std::move(action), CanonicalPaths());
    if (!taken.ok()) return taken.error().ToString();
  }
  std::string text;
  for (const ChangedFile& file : std::move(changes).Finish()) {
    text += text.empty() ? "" : " ";
    text += file.kind == ChangedFile::Kind::kInsert ? "+" : file.kind == ChangedFile::Kind::kDelete ? "-" : "~";
    text += file.path;
    if (file.only) text += " only " + file.only->path_or_inline_dv;
    if (file.hidden) text += " hidden " + file.hidden->path_or_inline_dv;
  }
  return text;
}

TEST(CommitChanges, AddsAreInsertsAndRemovesAreDeletes) {
  EXPECT_EQ(Changes({Add("a"), Remove("b", Vector("v"))}), "+a -b hidden v");
  EXPECT_EQ(Changes({}), "");
}

TEST(CommitChanges, CdcFilesAloneCountWhereverTheyStandInTheCommit) {
  EXPECT_EQ(Changes({Add("a"), Cdc("_change_data/x"), Remove("b"), Cdc("_change_data/y")}),
            "~_change_data/x ~_change_data/y");
}

TEST(CommitChanges, ActionsThatOnlyRearrangeDataAreNoChange) {
  AddFile add = Add("a");
  RemoveFile remove = Remove("b");
  add.data_change = remove.data_change = false;
  EXPECT_EQ(Changes({add, remove}), "");
}

TEST(CommitChanges, OfANewDeletionVectorOnlyItsOwnRowsAreDeleted) {
  EXPECT_EQ(Changes({Remove("a"), Add("a", Vector("v1"))}), "-a only v1");
  EXPECT_EQ(Changes({Add("a", Vector("v1")), Remove("a")}), "-a only v1");
}

TEST(CommitChanges, OfALiftedDeletionVectorTheRowsAreInserted) {
  EXPECT_EQ(Changes({Remove("a", Vector("v1")), Add("a")}), "+a only v1");
}

TEST(CommitChanges, BetweenTwoDeletionVectorsRowsGoAndComeBack) {
  EXPECT_EQ(Changes({Remove("a", Vector("v1")), Add("a", Vector("v2"))}), "-a only v2 hidden v1 +a only v1 hidden v2");
}

TEST(CommitChanges, AFileAddedAgainUnchangedIsNoChange) {
  EXPECT_EQ(Changes({Remove("a", Vector("v1")), Add("a", Vector("v1"))}), "");
  EXPECT_EQ(Changes({Remove("a"), Add("a")}), "");
}

TEST(CommitChanges, OnePathIsOneFileInAllItsSpellings) {
  EXPECT_EQ(Changes({Remove("p%3D1/a"), Add("p=1/a", Vector("v1"))}), "-p=1/a only v1");
}

TEST(CommitChanges, AMergeThatReportsNoChangedRowChangedNothing) {
  EXPECT_EQ(Changes({Merge(R"({"numTargetRowsInserted":"0","numTargetRowsUpdated":"0","numTargetRowsDeleted":"0"})"),
                     Add("a"), Remove("b")}),
            "");
  EXPECT_EQ(Changes({Merge(R"({"numTargetRowsInserted":"0","numTargetRowsUpdated":"1","numTargetRowsDeleted":"0"})"),
                     Add("a")}),
            "+a");
  EXPECT_EQ(Changes({Merge(R"({"numTargetRowsInserted":"0"})"), Add("a")}), "+a");
  EXPECT_EQ(Changes({Merge("null"), Add("a")}), "+a");
}

TEST(CommitChanges, APathThatCannotBeDecodedIsCorrupt) {
  EXPECT_NE(Changes({Add("a%zz")}).find("Corrupt"), std::string::npos);
}

// Holds the rows it was given.
class Rows : public DeletionVector {
 public:
  explicit Rows(std::set<uint64_t> rows) : rows_(std::move(rows)) {
    for (const uint64_t row : rows_) set_.Add(row);
  }
  int64_t cardinality() const override { return static_cast<int64_t>(rows_.size()); }
  bool Contains(uint64_t row) const override { return rows_.contains(row); }
  uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const override {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; ++i) {
      if (!rows_.contains(start + i)) keep[kept++] = static_cast<uint32_t>(i);
    }
    return kept;
  }
  std::vector<uint64_t> ToRows() const override { return {rows_.begin(), rows_.end()}; }
  const RowSet& rows() const override { return set_; }

 private:
  RowSet set_;
  std::set<uint64_t> rows_;
};

std::vector<uint32_t> Kept(DiffVectors vectors, uint64_t start, uint64_t count) {
  std::array<uint32_t, 2048> keep;
  const uint64_t kept = MakeDiffMask(std::move(vectors))->Keep(start, count, keep.data());
  return {keep.begin(), keep.begin() + static_cast<ptrdiff_t>(kept)};
}

TEST(DiffMask, KeepsTheRowsOfOneVectorThatTheOtherDoesNotHold) {
  const auto some = std::make_shared<Rows>(std::set<uint64_t>{1, 5, 2047, 3000});
  const auto more = std::make_shared<Rows>(std::set<uint64_t>{0, 1, 5, 6, 3000, 3001});
  using Offsets = std::vector<uint32_t>;
  EXPECT_EQ(Kept({.only = more, .hidden = some}, 0, 2048), (Offsets{0, 6}));
  EXPECT_EQ(Kept({.only = some, .hidden = more}, 0, 2048), (Offsets{2047}));
  EXPECT_EQ(Kept({.only = some, .hidden = nullptr}, 0, 2048), (Offsets{1, 5, 2047}));
  EXPECT_EQ(Kept({.only = more, .hidden = some}, 2999, 3), (Offsets{2}));
  EXPECT_EQ(Kept({.only = nullptr, .hidden = some}, 0, 4), (Offsets{0, 2, 3}));
  EXPECT_EQ(Kept({.only = some, .hidden = some}, 0, 2048), Offsets{});
}

}  // namespace
}  // namespace deltic
