// Tests of ALTER against a log in memory: what is committed, what is not, what a concurrent writer does to it. Changes
// that look at rows or write checkpoints need the engine and are tested with it (tests/interop).
#include "alter/alter.h"

#include <gtest/gtest.h>

#include "commit/test_commit.h"
#include "schema/edit.h"

namespace deltic {
namespace {

class AlterTest : public CommitTable {
 protected:
  std::shared_ptr<const Snapshot> Now() {
    auto snapshot = Open();
    EXPECT_TRUE(snapshot.ok()) << (snapshot.ok() ? "" : snapshot.error().message());
    return *snapshot;
  }
  Committed Alter(const Change& change) {
    auto done = AlterTable(Now(), change, Options());
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message());
    return done.ok() ? *done : Committed();
  }
  Error Refusal(const Change& change) {
    auto done = AlterTable(Now(), change, Options());
    EXPECT_FALSE(done.ok());
    return done.ok() ? Error(Code::kInternal, "done") : done.error();
  }
};

TEST_F(AlterTest, OneChangeIsOneVersionWithProtocolAndMetadata) {
  Create();
  const Committed done = Alter(SetProperties{{{"delta.enableDeletionVectors", "true"}}});
  EXPECT_EQ(done.version, 1);
  const auto after = Now();
  EXPECT_EQ(after->version(), 1);
  EXPECT_TRUE(after->config().deletion_vectors_enabled);
  EXPECT_TRUE(SupportsFeature(after->protocol(), "appendOnly"));
  const auto history = after->History(1);
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->front().commit_info->operation, "SET TBLPROPERTIES");
}

TEST_F(AlterTest, AChangeThatChangesNothingMakesNoVersion) {
  Create();
  EXPECT_EQ(Alter(UnsetProperties{.names = {"nope"}, .if_exists = true}).version, 0);
  EXPECT_EQ(Now()->version(), 0);
}

TEST_F(AlterTest, ColumnsAreAddedAndRenamedInTheLogAlone) {
  Create({Add("f")});
  Alter(SetProperties{{{"delta.columnMapping.mode", "name"}}});
  Alter(RenameColumn{{"x"}, "y"});
  StructField z;
  z.name = "z";
  z.type = DataType(TypeKind::kString);
  Alter(AddColumns{{{{}, z, {.after = "y"}}}});
  const auto after = Now();
  EXPECT_EQ(after->version(), 3);
  EXPECT_EQ(DataType::Struct(after->schema()).ToString(), "struct<y:bigint,z:string,p:string>");
  EXPECT_EQ(after->schema()[0].physical_name, "x");
  EXPECT_EQ(Files(), "f");
}

TEST_F(AlterTest, AConstraintOfAnEmptyTableNeedsNoEngine) {
  Create();
  EXPECT_EQ(Alter(AddConstraints{{{"c", "x > 0"}}}).version, 1);
  ASSERT_EQ(Now()->config().constraints.size(), 1u);
}

TEST_F(AlterTest, RowsThatCameMeanwhileAreAConflictOfAConstraint) {
  Create();
  const auto before = Now();
  Commit(1, {R"({"commitInfo":{"operation":"WRITE","isBlindAppend":true}})", Add("f")});
  const auto done = AlterTable(before, AddConstraints{{{"c", "x > 0"}}}, Options());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kConflict) << done.error().message();
  EXPECT_EQ(done.error().conflict(), ConflictKind::kConcurrentAppend);
}

TEST_F(AlterTest, RowTrackingGivesTheFilesThatAreThereTheirIds) {
  Create({Add("f"), Add("g")});
  Alter(SetProperties{{{"delta.enableRowTracking", "true"}}});
  const auto after = Now();
  EXPECT_TRUE(after->config().row_tracking_enabled);
  EXPECT_FALSE(after->config().row_id_column.empty());
  const auto files = after->LiveFiles({.all_fields = true, .prune = false});
  ASSERT_TRUE(files.ok());
  std::set<int64_t> ids;
  for (auto file = (*files)->Next(); file.ok() && *file; file = (*files)->Next()) {
    ASSERT_TRUE((**file).base_row_id.has_value());
    EXPECT_EQ((**file).default_row_commit_version, 1);
    ids.insert(*(**file).base_row_id);
  }
  EXPECT_EQ(ids, (std::set<int64_t>{0, 5}));
}

TEST_F(AlterTest, WhatTheFilesThatAreThereForbidIsRefusedAndNothingIsWritten) {
  Create({Add("f")});
  Alter(SetProperties{{{"delta.columnMapping.mode", "name"}}});
  const Error iceberg = Refusal(SetProperties{{{"delta.enableIcebergCompatV2", "true"}}});
  EXPECT_EQ(iceberg.code(), Code::kUnsupported);
  EXPECT_TRUE(Has(iceberg.message(), "there is f")) << iceberg.message();
  EXPECT_EQ(Now()->version(), 1);
}

TEST_F(AlterTest, DeletionVectorsStayWhileFilesHaveSome) {
  CreateWith({3, 7, std::vector<std::string>{"deletionVectors"}, std::vector<std::string>{"deletionVectors"}}, "",
             {Add(TestFile{.path = "f", .dv = "wi5b="})});
  const Error error = Refusal(DropFeature{"deletionVectors"});
  EXPECT_EQ(error.code(), Code::kInvalidArgument);
  EXPECT_TRUE(Has(error.message(), "purge")) << error.message();
  EXPECT_EQ(Now()->version(), 0);
}

TEST_F(AlterTest, AWritersFeatureGoesWithOneCommit) {
  CreateWith({1, 7, {}, std::vector<std::string>{"appendOnly", "inCommitTimestamp", "invariants"}}, "", {});
  EXPECT_EQ(Alter(DropFeature{"inCommitTimestamp"}).version, 1);
  EXPECT_EQ(Now()->protocol().min_writer_version, 2);
}

TEST_F(AlterTest, ClusteringColumnsAreReadBackFromTheDomain) {
  CreateWith({1, 2, {}, {}});
  const Error partitioned = Refusal(ClusterBy{{{"x"}}});
  EXPECT_TRUE(Has(partitioned.message(), "partitioned")) << partitioned.message();
}

}  // namespace
}  // namespace deltic
