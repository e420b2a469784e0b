// Tests what a commit holds, and what is refused before it is written.
#include "commit/assemble.h"

#include <nlohmann/json.hpp>

#include "commit/test_commit.h"

namespace deltic {
namespace {

class AssembleTest : public CommitTable {
 protected:
  Attempt Of(const Intent& intent) {
    return {
        .intent = &intent, .before = intent.base.get(), .txn_id = "txn", .engine_info = "deltic/test", .now_ms = 5000};
  }
  std::string ErrorOf(const Intent& intent) {
    const Result<Assembled> commit = Assemble(Of(intent));
    return commit.ok() ? "assembled" : commit.error().ToString();
  }
  static nlohmann::json InfoOf(const Assembled& commit) {
    return nlohmann::json::parse(std::get<CommitInfo>(commit.actions[0]).json);
  }
  template <class T>
  static const T& The(const Assembled& commit) {
    for (const Action& action : commit.actions) {
      if (const T* found = std::get_if<T>(&action)) return *found;
    }
    std::abort();
  }
};

TEST_F(AssembleTest, CommitInfoComesFirstAndIsComplete) {
  Create();
  Intent intent = Append(*Open(), {NewFile("f")});
  intent.user_metadata = {{"team", "blue"}};
  intent.user_metadata_text = "note \"1\"";
  intent.operation.parameters["partitionBy"] = "\"[]\"";
  auto commit = Assemble(Of(intent));
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  EXPECT_EQ(commit->version, 1);
  EXPECT_EQ(InfoOf(*commit), nlohmann::json::parse(R"({"timestamp":5000,"operation":"WRITE",
      "operationParameters":{"mode":"Append","partitionBy":"[]"},"readVersion":0,"isolationLevel":"WriteSerializable",
      "isBlindAppend":true,"operationMetrics":{"numFiles":"1"},"userMetadata":"note \"1\"","engineInfo":"deltic/test",
      "txnId":"txn","team":"blue"})"));
  EXPECT_EQ(CommitText(commit->actions).find(R"({"commitInfo":{)"), 0u);
}

TEST_F(AssembleTest, ActionsComeInAnOrderThatReadersFindThemSoonIn) {
  Commit(0, {ToJson(Action(WithFeatures({"domainMetadata", "appendOnly"}))), MetadataLine()});
  const auto base = *Open();
  Intent intent = On(base, {NewFile("f"), DomainMetadata{.domain = "d"}, SetTransaction{.app_id = "a"},
                            base->metadata(), base->protocol()});
  auto commit = Assemble(Of(intent));
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  std::vector<size_t> kinds;
  for (const Action& action : commit->actions) kinds.push_back(action.index());
  EXPECT_EQ(kinds, (std::vector<size_t>{7, 1, 0, 5, 6, 2}));
}

TEST_F(AssembleTest, ParametersThatAreNoJsonAndNamesOfDeltasOwnAreRefused) {
  Create();
  Intent intent = Append(*Open(), {NewFile("f")});
  intent.operation.parameters["mode"] = "Append";
  EXPECT_EQ(ErrorOf(intent), "InvalidArgument: the operation parameter 'mode' is not a JSON text: Append");
  intent.operation.parameters["mode"] = "[1,\n2]";
  EXPECT_EQ(ErrorOf(intent), "assembled");
  EXPECT_EQ(CommitText({std::get<CommitInfo>(Assemble(Of(intent))->actions[0])}).find('\n'),
            CommitText({std::get<CommitInfo>(Assemble(Of(intent))->actions[0])}).size() - 1)
      << "one action a line";
  intent.user_metadata = {{"txnId", "mine"}};
  EXPECT_TRUE(Has(ErrorOf(intent), "may not be called 'txnId'"));
}

TEST_F(AssembleTest, VersionZeroNeedsProtocolAndMetadata) {
  Intent intent = On(nullptr, {});
  intent.store = store_;
  EXPECT_TRUE(Has(ErrorOf(intent), "version 0 needs"));
}

TEST_F(AssembleTest, AFileOrPathMayComeOnce) {
  Create({Add("old")});
  const auto base = *Open();
  EXPECT_TRUE(Has(ErrorOf(On(base, {NewFile("f"), NewFile("./f")})), "which it adds or removes already"));
  EXPECT_TRUE(Has(ErrorOf(On(base, {OldFile("old"), OldFile("old")})), "the commit removes old"));
  EXPECT_TRUE(Has(ErrorOf(On(base, {OldFile("old"), NewFile("old")})), "the commit adds old"));
  EXPECT_TRUE(Has(ErrorOf(On(base, {base->metadata(), base->metadata()})), "one metaData"));
  EXPECT_TRUE(Has(ErrorOf(On(base, {base->protocol(), base->protocol()})), "one protocol"));
  EXPECT_TRUE(
      Has(ErrorOf(On(base, {SetTransaction{.app_id = "a"}, SetTransaction{.app_id = "a"}})), "two transactions"));
  EXPECT_TRUE(Has(ErrorOf(On(base, {CommitInfo{}})), "commitInfo of its own"));
}

TEST_F(AssembleTest, ADeletionVectorMakesAnotherFileOfThePathAndNeedsTheFeature) {
  Create({Add("old")});
  AddFile with = NewFile("old");
  with.deletion_vector = {.storage_type = 'i', .path_or_inline_dv = "abcd", .size_in_bytes = 4, .cardinality = 1};
  EXPECT_TRUE(Has(ErrorOf(On(*Open(), {OldFile("old"), with})), "enable the feature deletionVectors"));
  Commit(1, {ToJson(Action(WithFeatures({"deletionVectors"}, {"deletionVectors"})))});
  EXPECT_EQ(ErrorOf(On(*Open(), {OldFile("old"), with})), "assembled");
  with.stats.reset();
  EXPECT_TRUE(Has(ErrorOf(On(*Open(), {OldFile("old"), with})), "no numRecords"));
}

TEST_F(AssembleTest, PartitionValuesAreThoseOfThePartitionColumns) {
  Create();
  AddFile add = NewFile("f");
  add.partition_values.clear();
  EXPECT_TRUE(Has(ErrorOf(On(*Open(), {add})), "no value for the partition column 'p'"));
  add.partition_values = {{"p", std::nullopt}, {"q", "1"}};
  EXPECT_TRUE(Has(ErrorOf(On(*Open(), {add})), "'q', which is no partition column"));
  add.partition_values = {{"p", std::nullopt}};
  EXPECT_EQ(ErrorOf(On(*Open(), {add})), "assembled");
}

TEST_F(AssembleTest, AnAppendOnlyTableLosesNoRows) {
  Commit(0, {kProtocol, MetadataLine(R"("delta.appendOnly":"true")"), Add("old")});
  EXPECT_TRUE(Has(ErrorOf(On(*Open(), {OldFile("old")})), "append-only"));
  RemoveFile moved = OldFile("old");
  moved.data_change = false;
  EXPECT_EQ(ErrorOf(On(*Open(), {moved})), "assembled");
  EXPECT_EQ(ErrorOf(Append(*Open(), {NewFile("f")})), "assembled");
  Metadata open = (*Open())->metadata();
  open.configuration.clear();
  EXPECT_TRUE(Has(ErrorOf(On(*Open(), {open, OldFile("old")})), "append-only")) << "the table's word counts, not ours";
}

TEST_F(AssembleTest, RemovesTellWhatIsGone) {
  Create({Add("old")});
  RemoveFile remove = OldFile("old");
  remove.deletion_timestamp.reset();
  auto commit = Assemble(Of(On(*Open(), {remove})));
  ASSERT_TRUE(commit.ok());
  EXPECT_EQ(The<RemoveFile>(*commit).deletion_timestamp, 5000);
  EXPECT_EQ(The<RemoveFile>(*commit).extended_file_metadata, true);
}

TEST_F(AssembleTest, ADomainNeedsItsFeature) {
  Create();
  EXPECT_TRUE(Has(ErrorOf(On(*Open(), {DomainMetadata{.domain = "d"}})), "domainMetadata"));
}

TEST_F(AssembleTest, ATableOfUnknownWriterFeaturesIsNotWritten) {
  Commit(0, {ToJson(Action(Protocol{.min_reader_version = 1,
                                    .min_writer_version = 7,
                                    .writer_features = std::vector<std::string>{"fromTheFuture"}})),
             MetadataLine()});
  EXPECT_EQ(ErrorOf(Append(*Open(), {NewFile("f")})).find("Unsupported"), 0u);
}

TEST_F(AssembleTest, AProtocolIsNotLoweredUnlessAFeatureIsDroppedOnPurpose) {
  Commit(0, {ToJson(Action(WithFeatures({"deletionVectors", "appendOnly"}, {"deletionVectors"}))), MetadataLine()});
  Intent intent = On(*Open(), {WithFeatures({"appendOnly"})});
  EXPECT_TRUE(Has(ErrorOf(intent), "lacks features that the table has: deletionVectors")) << ErrorOf(intent);
  intent.may_drop_features = true;
  EXPECT_EQ(ErrorOf(intent), "assembled");
  Intent shapeless = On(*Open(), {Protocol{.min_reader_version = 3, .min_writer_version = 7}});
  EXPECT_FALSE(Assemble(Of(shapeless)).ok());
}

TEST_F(AssembleTest, ABlindAppendReadsNothing) {
  Create({Add("old")});
  Intent intent = Append(*Open(), {NewFile("f")});
  intent.read.whole_table = true;
  EXPECT_TRUE(Has(ErrorOf(intent), "blind append"));
  EXPECT_TRUE(Has(ErrorOf(Append(*Open(), {OldFile("old")})), "blind append"));
}

TEST_F(AssembleTest, InCommitTimestampsIncreaseWhateverTheClock) {
  CreateWith(WithFeatures({"inCommitTimestamp"}), R"("delta.enableInCommitTimestamps":"true")");
  const Intent intent = Append(*Open(), {NewFile("f")});
  Attempt attempt = Of(intent);
  attempt.before_ms = 9000;
  EXPECT_EQ(Assemble(attempt)->in_commit_timestamp, 9001);
  EXPECT_EQ(InfoOf(*Assemble(attempt))["inCommitTimestamp"], 9001);
  attempt.before_ms = 100;
  EXPECT_EQ(Assemble(attempt)->in_commit_timestamp, 5000);
  EXPECT_TRUE(NeedsOf(intent, intent.base.get())->time);
}

TEST_F(AssembleTest, EnablingInCommitTimestampsLaterTellsFromWhenOnTheyCount) {
  Create();
  Metadata metadata = (*Open())->metadata();
  metadata.configuration["delta.enableInCommitTimestamps"] = "true";
  const Intent intent = On(*Open(), {WithFeatures({"inCommitTimestamp", "appendOnly", "invariants"}), metadata});
  Attempt attempt = Of(intent);
  attempt.before_ms = 9000;
  auto commit = Assemble(attempt);
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  const StringMap& told = The<Metadata>(*commit).configuration;
  EXPECT_EQ(told.at("delta.inCommitTimestampEnablementVersion"), "1");
  EXPECT_EQ(told.at("delta.inCommitTimestampEnablementTimestamp"), "9001");
}

TEST_F(AssembleTest, LaterMetadataKeepsWhatTheEnablementTold) {
  CreateWith(WithFeatures({"inCommitTimestamp"}),
             R"("delta.enableInCommitTimestamps":"true","delta.inCommitTimestampEnablementVersion":"0",)"
             R"("delta.inCommitTimestampEnablementTimestamp":"77")");
  Metadata metadata = (*Open())->metadata();
  metadata.configuration.erase("delta.inCommitTimestampEnablementTimestamp");
  auto commit = Assemble(Of(On(*Open(), {metadata})));
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  EXPECT_EQ(The<Metadata>(*commit).configuration.at("delta.inCommitTimestampEnablementTimestamp"), "77");
}

TEST_F(AssembleTest, RowsAreNumberedFromTheHighWaterMarkOn) {
  CreateWith(WithFeatures({"rowTracking", "domainMetadata"}));
  AddFile kept = NewFile("kept");
  kept.base_row_id = 3;
  kept.default_row_commit_version = 0;
  const Intent intent = On(*Open(), {NewFile("a", "a", 5), kept, NewFile("b", "a", 0), NewFile("c", "a", 2)});
  Attempt attempt = Of(intent);
  attempt.row_id_mark = 9;
  auto commit = Assemble(attempt);
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  EXPECT_EQ(The<DomainMetadata>(*commit).configuration, R"({"rowIdHighWaterMark":16})");
  std::string ids;
  for (const Action& action : commit->actions) {
    if (const AddFile* add = std::get_if<AddFile>(&action)) {
      ids += fmt::format("{}:{}@{} ", add->path, *add->base_row_id, *add->default_row_commit_version);
    }
  }
  EXPECT_EQ(ids, "a:10@1 kept:3@0 b:15@1 c:15@1 ");
  EXPECT_TRUE(NeedsOf(intent, intent.base.get())->row_ids);
}

TEST_F(AssembleTest, RowsThatCannotBeNumberedAreRefused) {
  CreateWith(WithFeatures({"rowTracking", "domainMetadata"}));
  AddFile bare = NewFile("f");
  bare.stats.reset();
  EXPECT_TRUE(Has(ErrorOf(Append(*Open(), {bare})), "no numRecords"));
  AddFile invented = NewFile("f");
  invented.base_row_id = 1000;
  EXPECT_TRUE(Has(ErrorOf(Append(*Open(), {invented})), "base row id 1000"));
}

TEST_F(AssembleTest, OnlyMovedIdentityMarksAreTaggedForSpark) {
  Create();
  const auto base = *Open();
  auto commit = Assemble(Of(On(base, {base->metadata(), NewFile("f")})));
  ASSERT_TRUE(commit.ok());
  EXPECT_EQ(InfoOf(*commit)["tags"]["delta.identity.schemaUpdate"], "true");
  Metadata changed = base->metadata();
  changed.description = "new";
  EXPECT_FALSE(InfoOf(*Assemble(Of(On(base, {changed})))).contains("tags"));
}

TEST_F(AssembleTest, ChangesOfRowsThatAreTrackedSayThatTheirIdsStay) {
  CreateWith(WithFeatures({"rowTracking", "domainMetadata"}),
             R"("delta.enableRowTracking":"true","delta.rowTracking.materializedRowIdColumnName":"_id",)"
             R"("delta.rowTracking.materializedRowCommitVersionColumnName":"_version")");
  Intent update = On(*Open(), {NewFile("f")});
  EXPECT_FALSE(InfoOf(*Assemble(Of(update))).contains("tags"));  // a WRITE
  update.operation.name = "UPDATE";
  EXPECT_EQ(InfoOf(*Assemble(Of(update)))["tags"]["delta.rowTracking.preserved"], "true");
}

TEST_F(AssembleTest, ChangesOfRowsThatAreNotTrackedHaveNoTags) {
  Create();
  Intent update = On(*Open(), {NewFile("f")});
  update.operation.name = "UPDATE";
  EXPECT_FALSE(InfoOf(*Assemble(Of(update))).contains("tags"));
}

TEST_F(AssembleTest, DroppingAFeatureProtectsTheHistoryUpToItsOwnVersion) {
  CreateWith(WithFeatures({"deletionVectors", "appendOnly"}, {"deletionVectors"}));
  const auto base = *Open();
  Metadata metadata = base->metadata();
  metadata.configuration["delta.requireCheckpointProtectionBeforeVersion"] = "1";
  Intent intent = On(base, {WithFeatures({"checkpointProtection", "appendOnly"}), metadata});
  intent.may_drop_features = true;
  Commit(1, {Add("winner")});
  const auto later = *Open();
  Attempt attempt = Of(intent);
  attempt.before = later.get();
  auto commit = Assemble(attempt);
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  EXPECT_EQ(The<Metadata>(*commit).configuration.at("delta.requireCheckpointProtectionBeforeVersion"), "2");
}

}  // namespace
}  // namespace deltic
