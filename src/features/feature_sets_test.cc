// Tests of sets of features. The tables of protocols are what Spark 4.2 with Delta 4.4 answered, typed down from a run.
#include "features/feature_sets.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

using Names = std::vector<std::string>;

struct Expected {
  std::string what;
  FeatureSet asked;
  Protocol protocol;
};

void ExpectProtocol(const std::string& what, const Protocol& actual, const Protocol& expected) {
  EXPECT_TRUE(SameProtocol(actual, expected))
      << what << ": (" << actual.min_reader_version << "," << actual.min_writer_version << ")";
}

// The base of a new table is (1,2): appendOnly and invariants are always there.
TEST(FeatureSets, ANewTableWithAFeatureHasTheProtocolThatSparkGivesIt) {
  const std::vector<Expected> tables = {
      {"plain", {}, {1, 2, {}, {}}},
      {"appendOnly", {"appendOnly"}, {1, 2, {}, {}}},
      {"checkConstraints", {"checkConstraints"}, {1, 3, {}, {}}},
      {"changeDataFeed", {"changeDataFeed"}, {1, 7, {}, Names{"appendOnly", "changeDataFeed", "invariants"}}},
      {"generatedColumns", {"generatedColumns"}, {1, 7, {}, Names{"appendOnly", "generatedColumns", "invariants"}}},
      {"identityColumns", {"identityColumns"}, {1, 7, {}, Names{"appendOnly", "identityColumns", "invariants"}}},
      {"all of writer version 4", {"changeDataFeed", "generatedColumns", "checkConstraints"}, {1, 4, {}, {}}},
      {"columnMapping", {"columnMapping"}, {2, 7, {}, Names{"appendOnly", "columnMapping", "invariants"}}},
      {"columnMapping and changeDataFeed",
       {"columnMapping", "changeDataFeed"},
       {2, 7, {}, Names{"appendOnly", "changeDataFeed", "columnMapping", "invariants"}}},
      {"deletionVectors",
       {"deletionVectors"},
       {3, 7, Names{"deletionVectors"}, Names{"appendOnly", "deletionVectors", "invariants"}}},
      {"timestampNtz",
       {"timestampNtz"},
       {3, 7, Names{"timestampNtz"}, Names{"appendOnly", "invariants", "timestampNtz"}}},
      {"v2Checkpoint",
       {"v2Checkpoint"},
       {3, 7, Names{"v2Checkpoint"}, Names{"appendOnly", "invariants", "v2Checkpoint"}}},
      {"vacuumProtocolCheck",
       {"vacuumProtocolCheck"},
       {3, 7, Names{"vacuumProtocolCheck"}, Names{"appendOnly", "invariants", "vacuumProtocolCheck"}}},
      {"typeWidening",
       {"typeWidening"},
       {3, 7, Names{"typeWidening"}, Names{"appendOnly", "invariants", "typeWidening"}}},
      {"variantType", {"variantType"}, {3, 7, Names{"variantType"}, Names{"appendOnly", "invariants", "variantType"}}},
      {"variantShredding",
       {"variantShredding"},
       {3, 7, Names{"variantShredding", "variantType"},
        Names{"appendOnly", "invariants", "variantShredding", "variantType"}}},
      {"allowColumnDefaults",
       {"allowColumnDefaults"},
       {1, 7, {}, Names{"allowColumnDefaults", "appendOnly", "invariants"}}},
      {"rowTracking", {"rowTracking"}, {1, 7, {}, Names{"appendOnly", "domainMetadata", "invariants", "rowTracking"}}},
      {"domainMetadata", {"domainMetadata"}, {1, 7, {}, Names{"appendOnly", "domainMetadata", "invariants"}}},
      {"clustering", {"clustering"}, {1, 7, {}, Names{"appendOnly", "clustering", "domainMetadata", "invariants"}}},
      {"clustering and columnMapping",
       {"clustering", "columnMapping"},
       {2, 7, {}, Names{"appendOnly", "clustering", "columnMapping", "domainMetadata", "invariants"}}},
      {"inCommitTimestamp", {"inCommitTimestamp"}, {1, 7, {}, Names{"appendOnly", "inCommitTimestamp", "invariants"}}},
      {"icebergCompatV1",
       {"icebergCompatV1"},
       {2, 7, {}, Names{"appendOnly", "columnMapping", "icebergCompatV1", "invariants"}}},
      {"icebergCompatV2",
       {"icebergCompatV2"},
       {2, 7, {}, Names{"appendOnly", "columnMapping", "icebergCompatV2", "invariants"}}},
      {"checkpointProtection",
       {"checkpointProtection"},
       {1, 7, {}, Names{"appendOnly", "checkpointProtection", "invariants"}}},
      {"materializePartitionColumns",
       {"materializePartitionColumns"},
       {1, 7, {}, Names{"appendOnly", "invariants", "materializePartitionColumns"}}},
  };
  for (const Expected& table : tables) {
    ExpectProtocol(table.what, WithFeatures({1, 2, {}, {}}, table.asked), table.protocol);
  }
}

TEST(FeatureSets, UpgradingALegacyTableKeepsEveryFeatureItsVersionsImplied) {
  const Protocol with_vectors{
      3, 7, Names{"deletionVectors"},
      Names{"appendOnly", "changeDataFeed", "checkConstraints", "deletionVectors", "generatedColumns", "invariants"}};
  ExpectProtocol("1,4", WithFeatures({1, 4, {}, {}}, {"deletionVectors"}), with_vectors);
  ExpectProtocol("2,5", WithFeatures({2, 5, {}, {}}, {"deletionVectors"}),
                 {3, 7, Names{"columnMapping", "deletionVectors"},
                  Names{"appendOnly", "changeDataFeed", "checkConstraints", "columnMapping", "deletionVectors",
                        "generatedColumns", "invariants"}});
  ExpectProtocol("1,6", WithFeatures({1, 6, {}, {}}, {"inCommitTimestamp"}),
                 {1,
                  7,
                  {},
                  Names{"appendOnly", "changeDataFeed", "checkConstraints", "generatedColumns", "identityColumns",
                        "inCommitTimestamp", "invariants"}});
  ExpectProtocol("1,1", WithFeatures({1, 1, {}, {}}, {"changeDataFeed"}), {1, 7, {}, Names{"changeDataFeed"}});
  ExpectProtocol("1,4 with columnMapping", WithFeatures({1, 4, {}, {}}, {"columnMapping"}), {2, 5, {}, {}});
}

TEST(FeatureSets, AProtocolThatHasTheFeatureStaysAsItIs) {
  ExpectProtocol("1,4", WithFeatures({1, 4, {}, {}}, {"changeDataFeed"}), {1, 4, {}, {}});
  const Protocol listed{1, 7, {}, Names{"appendOnly", "invariants"}};  // not in its lowest form, and left so
  ExpectProtocol("listed", WithFeatures(listed, {"invariants"}), listed);
  const Protocol preview{3, 7, Names{"typeWidening-preview"}, Names{"typeWidening-preview"}};
  ExpectProtocol("preview", WithFeatures(preview, {"typeWidening"}), preview);
}

TEST(FeatureSets, ATableWithListsKeepsThemAndItsVersionsNeverGoDown) {
  ExpectProtocol("writer 7", WithFeatures({1, 7, {}, Names{"appendOnly", "invariants"}}, {"checkConstraints"}),
                 {1, 7, {}, Names{"appendOnly", "checkConstraints", "invariants"}});
  ExpectProtocol("reader 3", WithFeatures({3, 7, Names{}, Names{}}, {"columnMapping"}),
                 {3, 7, Names{"columnMapping"}, Names{"columnMapping"}});
}

TEST(FeatureSets, LegacyVersionsImplyWhatTheProtocolSays) {
  EXPECT_EQ(FeaturesOf({1, 1, {}, {}}), FeatureSet{});
  EXPECT_EQ(FeaturesOf({1, 2, {}, {}}), (FeatureSet{"appendOnly", "invariants"}));
  EXPECT_EQ(FeaturesOf({1, 5, {}, {}}), FeaturesOf({1, 4, {}, {}}));  // column mapping needs a reader of version 2
  EXPECT_TRUE(FeaturesOf({2, 5, {}, {}}).contains("columnMapping"));
  EXPECT_TRUE(FeaturesOf({1, 6, {}, {}}).contains("identityColumns"));
  EXPECT_EQ(FeaturesOf({3, 7, Names{"x"}, Names{"x", "y"}}), (FeatureSet{"x", "y"}));
}

StructField Field(const std::string& name, DataType type, std::map<std::string, std::string> metadata = {}) {
  StructField field;
  field.name = name;
  field.type = std::move(type);
  field.metadata = std::move(metadata);
  return field;
}

TEST(FeatureSets, ColumnsNeedFeaturesAtEveryDepth) {
  const Fields schema{
      Field("t", DataType::Array(DataType(TypeKind::kTimestampNtz), true)),
      Field("m", DataType::Map(DataType(TypeKind::kString), DataType(TypeKind::kVariant), true)),
      Field("g", DataType(TypeKind::kInteger), {{"delta.generationExpression", "\"a+1\""}}),
      Field("i", DataType(TypeKind::kLong), {{"delta.identity.start", "1"}}),
      Field("s", DataType::Struct({Field("d", DataType(TypeKind::kInteger), {{"CURRENT_DEFAULT", "\"3\""}})})),
      Field("v", DataType(TypeKind::kInteger), {{"delta.invariants", "\"{}\""}}),
  };
  EXPECT_EQ(FeaturesNeeded(schema, {}), (FeatureSet{"timestampNtz", "variantType", "generatedColumns",
                                                    "identityColumns", "allowColumnDefaults", "invariants"}));
  EXPECT_EQ(FeaturesNeeded({Field("a", DataType(TypeKind::kInteger))}, {{"foo", "true"}}), FeatureSet{});
}

TEST(CheckWritable, AcceptsEveryFeatureThatThisWriterHonours) {
  FeatureSet features;
  for (const FeatureRow& row : AllFeatures()) {
    if (row.can_write) features.insert(std::string(row.name));
    EXPECT_EQ(row.can_write, row.write_refusal.empty()) << row.name;
    EXPECT_TRUE(row.can_read || !row.can_write) << row.name;
    for (const auto implied : row.implies) EXPECT_TRUE(implied.empty() || FindFeature(implied) != nullptr) << row.name;
  }
  EXPECT_TRUE(CheckWritable(ProtocolOf(features)).ok());
  EXPECT_TRUE(CheckWritable({1, 1, {}, {}}).ok());
  EXPECT_TRUE(CheckWritable({2, 6, {}, {}}).ok());
}

void ExpectNotWritable(const Protocol& protocol, Code code, const Names& parts) {
  const Status status = CheckWritable(protocol);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), code);
  for (const std::string& part : parts) {
    EXPECT_NE(status.error().message().find(part), std::string::npos) << status.error().message();
  }
}

TEST(CheckWritable, NamesEveryWriterFeatureThatItCannotHonour) {
  ExpectNotWritable({1, 7, {}, Names{"appendOnly", "blahabl", "other"}}, Code::kUnsupported,
                    {"features blahabl, other", "newer deltic"});
  ExpectNotWritable({1, 7, {}, Names{"blahabl"}}, Code::kUnsupported, {"feature blahabl"});
  ExpectNotWritable({1, 7, {}, Names{"collations", "icebergCompatV3"}}, Code::kUnsupported,
                    {"collations (", "icebergCompatV3 ("});
  ExpectNotWritable({1, 7, {}, Names{"coordinatedCommits-preview"}}, Code::kUnsupported, {"coordinator"});
  ExpectNotWritable({3, 7, Names{"catalogManaged"}, Names{"catalogManaged"}}, Code::kUnsupported, {"catalog"});
}

TEST(CheckWritable, RefusesWriterVersionsBeyondSevenAndProtocolsThatContradictThemselves) {
  ExpectNotWritable({1, 8, {}, Names{}}, Code::kUnsupported, {"writer version 8"});
  ExpectNotWritable({1, 7, {}, {}}, Code::kCorrupt, {"writerFeatures"});
  ExpectNotWritable({3, 7, Names{"deletionVectors"}, Names{}}, Code::kCorrupt, {"deletionVectors"});
}

}  // namespace
}  // namespace deltic
