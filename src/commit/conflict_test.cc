// Tests each rule of conflict, both outcomes.
#include "commit/conflict.h"

#include "commit/test_commit.h"
#include "expr/predicate_testing.h"

namespace deltic {
namespace {

using testing::Cmp;
using testing::Long;
using testing::Str;

constexpr IsolationLevel kSerial = IsolationLevel::kSerializable;
constexpr IsolationLevel kWriteSerial = IsolationLevel::kWriteSerializable;
constexpr IsolationLevel kSnapshotLevel = IsolationLevel::kSnapshot;

CommitInfo Info(const std::string& json) { return {.json = json, .operation = "MERGE"}; }
Winner Blind(std::vector<Action> actions) {
  actions.insert(actions.begin(), Info(R"({"isBlindAppend":true})"));
  return MakeWinner(7, std::move(actions));
}
Winner Seeing(std::vector<Action> actions) {
  actions.insert(actions.begin(), Info(R"({"isBlindAppend":false})"));
  return MakeWinner(7, std::move(actions));
}

class ConflictTest : public CommitTable {
 protected:
  ConflictTest() {
    Create({Add("old")});
    base_ = *Open();
  }
  Intent Deleting() {  // where p = 'a': reads old and removes it
    Intent intent = On(base_, {OldFile("old"), NewFile("rewritten")});
    intent.read.predicates = {Cmp({"p"}, CompareOp::kEq, Str("a"))};
    intent.read.files = {"old"};
    return intent;
  }
  // The kind of the conflict, "ok", or the error.
  std::string Check(const Intent& intent, IsolationLevel level, const Winner& winner) {
    const Status status = CheckConflict(intent, level, winner);
    if (status.ok()) return "ok";
    message_ = status.error().message();
    if (status.error().code() != Code::kConflict) return status.error().ToString();
    return std::string(ConflictName(status.error().conflict()));
  }

  std::shared_ptr<const Snapshot> base_;
  std::string message_;
};

TEST_F(ConflictTest, ABlindAppendMeetsNoChangeOfData) {
  const Intent intent = Append(base_, {NewFile("new")});
  for (const IsolationLevel level : {kSerial, kWriteSerial, kSnapshotLevel}) {
    EXPECT_EQ(Check(intent, level, Blind({NewFile("b")})), "ok");
    EXPECT_EQ(Check(intent, level, Seeing({NewFile("b"), OldFile("old")})), "ok");
  }
}

TEST_F(ConflictTest, AFileThatTheOperationWouldHaveReadIsAConcurrentAppend) {
  EXPECT_EQ(Check(Deleting(), kWriteSerial, Seeing({NewFile("b", "a")})), "ConcurrentAppend");
  EXPECT_TRUE(Has(message_, "version 7 (MERGE) added b [p=a]")) << message_;
  EXPECT_TRUE(Has(message_, "WriteSerializable")) << message_;
  EXPECT_TRUE(Has(message_, "run the operation again")) << message_;
}

TEST_F(ConflictTest, AFileOfAnotherPartitionIsNone) {
  EXPECT_EQ(Check(Deleting(), kSerial, Seeing({NewFile("b", "other")})), "ok");
}

TEST_F(ConflictTest, AFileWhoseStatisticsExcludeTheReadRowsIsNone) {
  Intent intent = On(base_, {NewFile("new")});
  intent.read.predicates = {Cmp({"x"}, CompareOp::kGt, Long(100))};
  EXPECT_EQ(Check(intent, kSerial, Seeing({NewFile("b", "a", 100)})), "ok");
  EXPECT_EQ(Check(intent, kSerial, Seeing({NewFile("b", "a", 101)})), "ConcurrentAppend");
  AddFile unknown = NewFile("b");
  unknown.stats.reset();
  EXPECT_EQ(Check(intent, kSerial, Seeing({unknown})), "ConcurrentAppend") << "without statistics it may hold them";
}

TEST_F(ConflictTest, ABlindAppendIsOrderedBeforeAReaderUnlessThatIsSerializable) {
  const Winner winner = Blind({NewFile("b")});
  EXPECT_EQ(Check(Deleting(), kWriteSerial, winner), "ok");
  EXPECT_EQ(Check(Deleting(), kSerial, winner), "ConcurrentAppend");
  EXPECT_EQ(Check(Deleting(), kSnapshotLevel, winner), "ok");
}

TEST_F(ConflictTest, ABlindAppendMeetsAReaderThatChangesTheMetadata) {
  Intent intent = On(base_, {base_->metadata()});
  intent.read.whole_table = true;  // a new constraint was held against every row
  EXPECT_EQ(Check(intent, kWriteSerial, Blind({NewFile("b")})), "ConcurrentAppend");
}

TEST_F(ConflictTest, ACommitThatRemovesIsNoBlindAppendWhateverItSays) {
  EXPECT_EQ(Check(Deleting(), kWriteSerial, Blind({NewFile("b"), OldFile("x", "z")})), "ConcurrentAppend");
}

TEST_F(ConflictTest, ACommitWithoutCommitInfoIsNoBlindAppend) {
  EXPECT_EQ(Check(Deleting(), kWriteSerial, MakeWinner(7, {NewFile("b")})), "ConcurrentAppend");
  EXPECT_TRUE(Has(message_, "version 7 added")) << message_;
}

TEST_F(ConflictTest, TheWholeTableIsReadWhereverTheFileIs) {
  Intent intent = On(base_, {NewFile("new")});
  intent.read.whole_table = true;
  EXPECT_EQ(Check(intent, kWriteSerial, Seeing({NewFile("b", "any")})), "ConcurrentAppend");
  EXPECT_EQ(Check(intent, kSnapshotLevel, Seeing({NewFile("b", "any")})), "ok");
  EXPECT_EQ(Check(intent, kWriteSerial, Seeing({OldFile("c", "any")})), "ConcurrentDeleteRead");
}

TEST_F(ConflictTest, ARemovedFileThatWasReadIsAConcurrentDeleteReadAtEveryLevel) {
  Intent intent = On(base_, {NewFile("new")});
  intent.read.files = {"old"};
  for (const IsolationLevel level : {kSerial, kWriteSerial, kSnapshotLevel}) {
    EXPECT_EQ(Check(intent, level, Seeing({OldFile("old")})), "ConcurrentDeleteRead");
    EXPECT_EQ(Check(intent, level, Seeing({OldFile("another")})), "ok");
  }
  Intent twice_spelled = intent;
  twice_spelled.read.files = {"a b"};
  EXPECT_EQ(Check(twice_spelled, kWriteSerial, Seeing({OldFile("a%20b")})), "ConcurrentDeleteRead");
}

TEST_F(ConflictTest, ARemovedFileThatMayHoldReadRowsIsAConcurrentDeleteRead) {
  Intent intent = On(base_, {NewFile("new")});
  intent.read.predicates = {Cmp({"p"}, CompareOp::kEq, Str("a"))};
  EXPECT_EQ(Check(intent, kWriteSerial, Seeing({OldFile("b", "a")})), "ConcurrentDeleteRead");
  EXPECT_EQ(Check(intent, kWriteSerial, Seeing({OldFile("b", "z")})), "ok");
  RemoveFile bare{.path = "b"};
  EXPECT_EQ(Check(intent, kWriteSerial, Seeing({bare})), "ConcurrentDeleteRead") << "its partition is not told";
}

TEST_F(ConflictTest, AFileThatBothRemoveIsAConcurrentDeleteDelete) {
  const Intent intent = On(base_, {OldFile("old")});
  for (const IsolationLevel level : {kSerial, kWriteSerial, kSnapshotLevel}) {
    EXPECT_EQ(Check(intent, level, Seeing({OldFile("old")})), "ConcurrentDeleteDelete");
    EXPECT_EQ(Check(intent, level, Seeing({OldFile("new")})), "ok");
  }
  EXPECT_EQ(Check(intent, kWriteSerial, Seeing({OldFile("./old")})), "ConcurrentDeleteDelete");
  RemoveFile other_vector = OldFile("old");
  other_vector.deletion_vector = {
      .storage_type = 'i', .path_or_inline_dv = "abcd", .size_in_bytes = 4, .cardinality = 1};
  EXPECT_EQ(Check(intent, kWriteSerial, Seeing({other_vector})), "ConcurrentDeleteDelete");
}

TEST_F(ConflictTest, ARearrangementIsInTheWayLikeAnyRemove) {
  RemoveFile moved = OldFile("old");
  moved.data_change = false;
  EXPECT_EQ(Check(Deleting(), kWriteSerial, Seeing({moved})), "ConcurrentDeleteDelete");
}

TEST_F(ConflictTest, AFileThatIsAddedAgainMayBeNeitherRemovedNorAddedByTheWinner) {
  const Intent intent = On(base_, {NewFile("old")});  // new statistics
  EXPECT_EQ(Check(intent, kSnapshotLevel, Seeing({OldFile("old")})), "ConcurrentDeleteRead");
  EXPECT_EQ(Check(intent, kSnapshotLevel, Seeing({NewFile("old")})), "ConcurrentAppend");
  EXPECT_EQ(Check(intent, kSnapshotLevel, Seeing({NewFile("b")})), "ok");
}

TEST_F(ConflictTest, ChangedMetadataIsInEverybodysWay) {
  Metadata changed = base_->metadata();
  changed.configuration["delta.appendOnly"] = "true";
  EXPECT_EQ(Check(Append(base_, {NewFile("new")}), kSnapshotLevel, Seeing({changed})), "MetadataChanged");
  EXPECT_TRUE(Has(message_, "the property delta.appendOnly")) << message_;
  changed = base_->metadata();
  changed.partition_columns.clear();
  EXPECT_EQ(Check(Append(base_, {NewFile("new")}), kSnapshotLevel, Seeing({changed})), "MetadataChanged");
  EXPECT_TRUE(Has(message_, "the partition columns")) << message_;
}

TEST_F(ConflictTest, MetadataThatSaysTheSameIsInTheWayOfAnotherChangeOnly) {
  EXPECT_EQ(Check(Append(base_, {NewFile("new")}), kWriteSerial, Seeing({base_->metadata()})), "ok");
  EXPECT_EQ(Check(On(base_, {base_->metadata()}), kWriteSerial, Seeing({base_->metadata()})), "MetadataChanged");
}

TEST_F(ConflictTest, IdentityColumnsThatCountedOnAreInTheWayOfAnotherChangeOnly) {
  const auto with_mark = [&](const std::string& mark) {
    Metadata metadata = base_->metadata();
    metadata.schema_string =
        R"({"type":"struct","fields":[{"name":"x","type":"long","nullable":true,"metadata":{"delta.identity.start":1,)"
        R"("delta.identity.highWaterMark":)" +
        mark + R"(}},{"name":"p","type":"string","nullable":true,"metadata":{}}]})";
    return metadata;
  };
  Commit(1, {ToJson(Action(with_mark("5")))});
  base_ = *Open();
  EXPECT_EQ(Check(Append(base_, {NewFile("new")}), kWriteSerial, Seeing({with_mark("9")})), "ok");
  EXPECT_EQ(Check(On(base_, {with_mark("7")}), kWriteSerial, Seeing({with_mark("9")})), "MetadataChanged");
  Metadata more = with_mark("9");
  more.description = "changed too";
  EXPECT_EQ(Check(Append(base_, {NewFile("new")}), kWriteSerial, Seeing({more})), "MetadataChanged");
}

TEST_F(ConflictTest, ADroppedFeatureIsInEverybodysWay) {
  Commit(1, {ToJson(Action(WithFeatures({"deletionVectors", "appendOnly"}, {"deletionVectors"})))});
  base_ = *Open();
  EXPECT_EQ(Check(Append(base_, {NewFile("n")}), kWriteSerial, Seeing({WithFeatures({"appendOnly"})})),
            "ProtocolChanged");
  EXPECT_TRUE(Has(message_, "dropped the feature deletionVectors")) << message_;
}

TEST_F(ConflictTest, AFeatureThatAsksNothingOfFilesIsInNobodysWayAndAnotherIs) {
  const Intent append = Append(base_, {NewFile("n")});
  const Protocol harmless = WithFeatures({"appendOnly", "invariants", "deletionVectors", "v2Checkpoint"},
                                         {"deletionVectors", "v2Checkpoint"});
  EXPECT_EQ(Check(append, kWriteSerial, Seeing({harmless})), "ok");
  EXPECT_EQ(Check(append, kWriteSerial, Seeing({base_->protocol()})), "ok");
  const Protocol harmful = WithFeatures({"appendOnly", "invariants", "icebergCompatV2"});
  EXPECT_EQ(Check(append, kWriteSerial, Seeing({harmful})), "ProtocolChanged");
  EXPECT_TRUE(Has(message_, "icebergCompatV2")) << message_;
  const Protocol unknown = WithFeatures({"appendOnly", "invariants", "fromTheFuture"});
  EXPECT_EQ(Check(append, kWriteSerial, Seeing({unknown})), "ProtocolChanged");
}

TEST_F(ConflictTest, AnyProtocolIsInTheWayOfAChangeOfProtocolOrMetadata) {
  EXPECT_EQ(Check(On(base_, {base_->metadata()}), kWriteSerial, Seeing({base_->protocol()})), "ProtocolChanged");
  EXPECT_EQ(Check(On(base_, {base_->protocol()}), kWriteSerial, Seeing({base_->protocol()})), "ProtocolChanged");
}

TEST_F(ConflictTest, ATransactionOfTheSameApplicationIsInTheWayWhetherReadOrWritten) {
  const Winner winner = Blind({SetTransaction{.app_id = "app", .version = 3}, NewFile("b")});
  Intent writes = Append(base_, {NewFile("n"), SetTransaction{.app_id = "app", .version = 3}});
  EXPECT_EQ(Check(writes, kSnapshotLevel, winner), "ConcurrentTransaction");
  EXPECT_TRUE(Has(message_, "'app'")) << message_;
  Intent reads = Append(base_, {NewFile("n")});
  reads.read.app_ids = {"app"};
  EXPECT_EQ(Check(reads, kSnapshotLevel, winner), "ConcurrentTransaction");
  reads.read.app_ids = {"another"};
  EXPECT_EQ(Check(reads, kSnapshotLevel, winner), "ok");
}

TEST_F(ConflictTest, AMetadataDomainIsInTheWayWhetherReadOrWrittenButNotRowTrackings) {
  const Winner winner = Seeing({DomainMetadata{.domain = "delta.clustering", .configuration = "{}"}});
  EXPECT_EQ(Check(On(base_, {DomainMetadata{.domain = "delta.clustering"}}), kWriteSerial, winner),
            "ConcurrentTransaction");
  Intent reads = On(base_, {NewFile("n")});
  reads.read.domains = {"delta.clustering"};
  EXPECT_EQ(Check(reads, kWriteSerial, winner), "ConcurrentTransaction");
  EXPECT_EQ(Check(On(base_, {DomainMetadata{.domain = "other"}}), kWriteSerial, winner), "ok");
  const Winner counting = Seeing({DomainMetadata{.domain = "delta.rowTracking", .configuration = "{}"}});
  EXPECT_EQ(Check(On(base_, {DomainMetadata{.domain = "delta.rowTracking"}}), kWriteSerial, counting), "ok");
}

TEST_F(ConflictTest, WhoeverChangesABlindAppendThatTheOperationDidNotSeeIsInTheWay) {
  Intent intent = Deleting();
  intent.read.only_touched = true;
  const auto after_append = [&](const Winner& later) {
    ConflictCheck check = *ConflictCheck::Make(intent, kWriteSerial);
    EXPECT_TRUE(check.Check(Blind({NewFile("fresh", "a"), NewFile("beside", "b")})).ok());
    const Status status = check.Check(later);
    return status.ok() ? "ok" : std::string(ConflictName(status.error().conflict()));
  };
  // The later one saw the append and not this operation; this operation saw neither: no order has room for all three.
  EXPECT_EQ(after_append(Seeing({OldFile("fresh")})), "ConcurrentAppend");
  EXPECT_EQ(after_append(Seeing({OldFile("beside", "b")})), "ConcurrentAppend") << "of the same append";
  Winner marks = Seeing({OldFile("fresh"), NewFile("fresh", "a")});
  marks.row_effects["fresh"] = RowEffect::kApart;
  EXPECT_EQ(after_append(marks), "ConcurrentAppend") << "rows apart of those that the operation deletes";
  EXPECT_EQ(after_append(Seeing({OldFile("elsewhere", "b")})), "ok");
  RemoveFile compacted = OldFile("beside", "b");
  compacted.data_change = false;
  EXPECT_EQ(after_append(Seeing({compacted})), "ok") << "who changes no row may be anywhere in the order";
  EXPECT_EQ(after_append(Blind({NewFile("more", "a")})), "ok");
  intent.read.predicates = {Cmp({"p"}, CompareOp::kEq, Str("z"))};
  EXPECT_EQ(after_append(Seeing({OldFile("fresh")})), "ok") << "of an append that it would not have read";
}

TEST_F(ConflictTest, AVacuumThatBeginsIsInTheWayOfWhoeverBringsFilesBack) {
  const Winner vacuum = MakeWinner(7, {CommitInfo{.json = "{}", .operation = "VACUUM START"}});
  Intent intent = On(base_, {NewFile("back")});
  EXPECT_EQ(Check(intent, kSerial, vacuum), "ok");
  intent.read.deleted_files = true;
  EXPECT_EQ(Check(intent, kSerial, vacuum), "ConcurrentDeleteRead");
  EXPECT_EQ(Check(intent, kSerial, MakeWinner(7, {CommitInfo{.json = "{}", .operation = "VACUUM END"}})), "ok");
}

TEST_F(ConflictTest, AWinnersFileThatCannotBeJudgedIsCorrupt) {
  EXPECT_EQ(Check(Deleting(), kWriteSerial, Seeing({RemoveFile{.path = "../outside"}})).find("Corrupt"), 0u);
}

TEST_F(ConflictTest, TheLevelIsTheOperationsElseTheTablesElseWriteSerializable) {
  EXPECT_EQ(LevelOf(Deleting()), kWriteSerial);
  Intent asked = Deleting();
  asked.isolation = kSnapshotLevel;
  EXPECT_EQ(LevelOf(asked), kSnapshotLevel);
  Commit(1, {MetadataLine(R"("delta.isolationLevel":"serializable")")});
  base_ = *Open();
  EXPECT_EQ(LevelOf(Deleting()), kSerial);
  Commit(2, {MetadataLine(R"("delta.isolationLevel":"nonsense")")});
  base_ = *Open();
  EXPECT_EQ(LevelOf(Deleting()), kSerial) << "what is not understood is taken for the strictest";
}

TEST_F(ConflictTest, AnOperationThatOnlyRearrangesFilesReadsASnapshot) {
  Intent intent = On(base_, {OldFile("old"), NewFile("new")});
  std::get<RemoveFile>(intent.actions[0]).data_change = false;
  EXPECT_EQ(LevelOf(intent), kWriteSerial);
  std::get<AddFile>(intent.actions[1]).data_change = false;
  EXPECT_EQ(LevelOf(intent), kSnapshotLevel);
  intent.actions.push_back(base_->metadata());
  EXPECT_EQ(LevelOf(intent), kWriteSerial);
}

}  // namespace
}  // namespace deltic
