// Tests of the table of properties, of intervals, sizes and column lists, and of what writers learn from them.
#include "features/properties.h"

#include <set>

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "features/features.h"
#include "features/interval.h"

namespace deltic {
namespace {

void ExpectRefused(const std::string& name, const std::string& value, Code code, const std::string& part) {
  const auto property = CheckProperty(name, value);
  ASSERT_FALSE(property.ok()) << name << "=" << value;
  EXPECT_EQ(property.error().code(), code) << property.error().message();
  EXPECT_NE(property.error().message().find(part), std::string::npos) << property.error().message();
}

void ExpectTaken(const std::string& name, const std::string& value, const std::string& stored_name) {
  const auto property = CheckProperty(name, value);
  ASSERT_TRUE(property.ok()) << property.error().message();
  EXPECT_EQ(property->first, stored_name);
  EXPECT_EQ(property->second, value);
}

TEST(Properties, EveryRowHasOneNameAFallbackOfItsKindAndAFeatureThatExists) {
  std::set<std::string> names;
  for (const PropertyRow& row : AllProperties()) {
    EXPECT_TRUE(names.insert(AsciiLower(row.name)).second) << row.name;
    EXPECT_TRUE(row.fallback.empty() || CheckPropertyValue(row, std::string(row.fallback)).ok()) << row.name;
    EXPECT_TRUE(row.feature.empty() || FindFeature(row.feature) != nullptr) << row.name;
    EXPECT_EQ(row.use == PropertyUse::kSettable, row.why.empty()) << row.name;
  }
}

TEST(Properties, NamesAreStoredInTheirOwnSpellingWhateverTheCase) {
  ExpectTaken("delta.APPENDONLY", "true", "delta.appendOnly");
  ExpectTaken("DELTA.checkpointinterval", "7", "delta.checkpointInterval");
  ExpectTaken("delta.constraints.Positive", "a > 0", "delta.constraints.Positive");
}

TEST(Properties, NamesOutsideDeltaPassAsTheyAre) {
  ExpectTaken("foo.bar", "1", "foo.bar");
  ExpectTaken("appendOnly", "maybe", "appendOnly");
}

TEST(Properties, AnUnknownNameIsRefusedWithTheNearestOne) {
  ExpectRefused("delta.enableChangeDataFed", "true", Code::kInvalidArgument,
                "did you mean delta.enableChangeDataFeed?");
  ExpectRefused("delta.checkpointIntervall", "3", Code::kInvalidArgument, "did you mean delta.checkpointInterval?");
  ExpectRefused("delta.nonsense", "1", Code::kInvalidArgument, "there is no table property delta.nonsense");
  ExpectRefused("delta.constraints.", "1", Code::kInvalidArgument, "names no constraint");
}

TEST(Properties, AValueThatIsNoneIsRefusedWithWhatItMustBe) {
  ExpectRefused("delta.appendOnly", "maybe", Code::kInvalidArgument, "true or false");
  ExpectRefused("delta.logRetentionDuration", "30", Code::kInvalidArgument, "7 days");
  ExpectRefused("delta.logRetentionDuration", "interval 1 month", Code::kInvalidArgument, "months and years");
  ExpectRefused("delta.logRetentionDuration", "-1 day", Code::kInvalidArgument, "negative");
  ExpectRefused("delta.checkpointInterval", "0", Code::kInvalidArgument, "from 1");
  ExpectRefused("delta.checkpointInterval", "x", Code::kInvalidArgument, "from 1");
  ExpectRefused("delta.dataSkippingNumIndexedCols", "-2", Code::kInvalidArgument, "-1");
  ExpectRefused("delta.isolationLevel", "x", Code::kInvalidArgument, "WriteSerializable");
  ExpectRefused("delta.checkpointPolicy", "v3", Code::kInvalidArgument, "classic or v2");
  ExpectRefused("delta.columnMapping.mode", "nam", Code::kInvalidArgument, "none, name or id");
  ExpectRefused("delta.parquet.compression.codec", "zip", Code::kInvalidArgument, "snappy");
  ExpectRefused("delta.targetFileSize", "big", Code::kInvalidArgument, "128mb");
}

TEST(Properties, WhatWritersKeepThemselvesCannotBeSet) {
  ExpectRefused("delta.columnMapping.maxColumnId", "5", Code::kInvalidArgument, "leave it out");
  ExpectRefused("delta.rowTracking.materializedRowIdColumnName", "x", Code::kInvalidArgument, "leave it out");
  ExpectRefused("delta.inCommitTimestampEnablementVersion", "3", Code::kInvalidArgument, "leave it out");
  ExpectRefused("delta.requireCheckpointProtectionBeforeVersion", "3", Code::kInvalidArgument, "feature is dropped");
}

TEST(Properties, WhatThisBuildWouldNotDoIsRefusedByName) {
  ExpectRefused("delta.universalFormat.enabledFormats", "iceberg", Code::kUnsupported, "other table formats");
  ExpectTaken("delta.universalFormat.enabledFormats", "false", "delta.universalFormat.enabledFormats");
}

TEST(Properties, AFeatureIsTurnedOnByTheRightValueOnly) {
  EXPECT_EQ(FeatureEnabledBy("delta.enableDeletionVectors", "True"), "deletionVectors");
  EXPECT_EQ(FeatureEnabledBy("delta.enableDeletionVectors", "false"), "");
  EXPECT_EQ(FeatureEnabledBy("delta.columnMapping.mode", "ID"), "columnMapping");
  EXPECT_EQ(FeatureEnabledBy("delta.columnMapping.mode", "none"), "");
  EXPECT_EQ(FeatureEnabledBy("delta.checkpointPolicy", "v2"), "v2Checkpoint");
  EXPECT_EQ(FeatureEnabledBy("delta.checkpointPolicy", "classic"), "");
  EXPECT_EQ(FeatureEnabledBy("delta.constraints.c", "a > 0"), "checkConstraints");
  EXPECT_EQ(FeatureEnabledBy("foo", "true"), "");
}

int64_t Ms(std::string_view text) {
  const auto ms = ParseIntervalMs(text);
  EXPECT_TRUE(ms.ok()) << text;
  return ms.ok() ? *ms : -1;
}

TEST(Interval, EverySpellingOfSparkIsRead) {
  constexpr int64_t kHour = 3'600'000;
  EXPECT_EQ(Ms("interval 30 days"), 30 * 24 * kHour);
  EXPECT_EQ(Ms("INTERVAL 1 Week"), 7 * 24 * kHour);
  EXPECT_EQ(Ms("2 weeks 3 days 4 hours"), (17 * 24 + 4) * kHour);
  EXPECT_EQ(Ms("  0 hours "), 0);
  EXPECT_EQ(Ms("1 day -2 hours"), 22 * kHour);
  EXPECT_EQ(Ms("1.5 seconds"), 1500);
  EXPECT_EQ(Ms("90 minutes 5 milliseconds 999 microseconds"), 90 * 60'000 + 5);
}

TEST(Interval, WhatIsNoIntervalIsRefused) {
  for (const char* text : {"", "interval", "30", "days", "1.5 days", "1 fortnight", "interval day", "x days", "1 year",
                           "-1 days", "9223372036854775807 weeks", "1 day 2", "--1 day", "1. seconds"}) {
    EXPECT_FALSE(ParseIntervalMs(text).ok()) << text;
  }
}

TEST(Sizes, AreReadWithTheirUnits) {
  EXPECT_EQ(ParseBytes("134217728"), 134217728);
  EXPECT_EQ(ParseBytes("128mb"), 134217728);
  EXPECT_EQ(ParseBytes("1 GiB"), 1073741824);
  EXPECT_EQ(ParseBytes("104857600b"), 104857600);
  EXPECT_EQ(ParseBytes("0"), std::nullopt);
  EXPECT_EQ(ParseBytes("10 parsecs"), std::nullopt);
  EXPECT_EQ(ParseBytes("9223372036854775807g"), std::nullopt);
}

TEST(ColumnLists, AreReadWithQuotesAndWrittenAsTheyAreRead) {
  const std::vector<ColumnPath> expected{{"a"}, {"s", "x"}, {"odd,na`me", "y z"}};
  EXPECT_EQ(ParseColumnList("a, s.x,`odd,na``me`.`y z`"), expected);
  EXPECT_EQ(FormatColumnList(expected), "a,s.x,`odd,na``me`.`y z`");
  EXPECT_EQ(ParseColumnList(""), std::vector<ColumnPath>());
  for (const char* text : {"a,,b", "a.", "`a", ",", "a,", "`a`b"})
    EXPECT_EQ(ParseColumnList(text), std::nullopt) << text;
}

Metadata With(StringMap configuration) {
  Metadata metadata;
  metadata.configuration = std::move(configuration);
  return metadata;
}

TEST(TableConfig, AWriterLearnsItsPropertiesAndDefaults) {
  const auto plain = MakeTableConfig({1, 2, {}, {}}, With({}));
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->checkpoint_interval, 10);
  EXPECT_EQ(plain->log_retention_ms, 30LL * 86'400'000);
  EXPECT_EQ(plain->deleted_file_retention_ms, 7LL * 86'400'000);
  EXPECT_EQ(plain->indexed_columns, 32);
  EXPECT_TRUE(plain->checkpoint_stats_json && plain->checkpoint_stats_struct && plain->expired_log_cleanup);
  EXPECT_FALSE(plain->materialize_partition_columns || plain->v2_checkpoints || plain->stats_columns.has_value());
  const auto set = MakeTableConfig({1, 3, {}, {}}, With({{"delta.checkpointInterval", "3"},
                                                         {"delta.logRetentionDuration", "interval 2 days"},
                                                         {"delta.setTransactionRetentionDuration", "1 hour"},
                                                         {"delta.dataSkippingStatsColumns", "a,s.x"},
                                                         {"delta.dataSkippingNumIndexedCols", "-1"},
                                                         {"delta.constraints.c", "a > 0"},
                                                         {"delta.isolationLevel", "serializable"},
                                                         {"delta.targetFileSize", "1mb"},
                                                         {"delta.parquet.compression.codec", "ZSTD"},
                                                         {"delta.checkpointPolicy", "v2"}}));
  ASSERT_TRUE(set.ok());
  EXPECT_EQ(set->checkpoint_interval, 3);
  EXPECT_EQ(set->log_retention_ms, 2LL * 86'400'000);
  EXPECT_EQ(set->transaction_retention_ms, 3'600'000);
  EXPECT_EQ(set->stats_columns, (std::vector<ColumnPath>{{"a"}, {"s", "x"}}));
  EXPECT_EQ(set->indexed_columns, -1);
  ASSERT_EQ(set->constraints.size(), 1u);
  EXPECT_EQ(set->constraints[0].name, "c");
  EXPECT_EQ(set->constraints[0].expression, "a > 0");
  EXPECT_EQ(set->isolation_level, "Serializable");
  EXPECT_EQ(set->target_file_bytes, 1 << 20);
  EXPECT_EQ(set->compression_codec, "zstd");
  EXPECT_FALSE(set->v2_checkpoints) << "the protocol does not support the feature";
}

TEST(TableConfig, ARetentionThatCannotBeReadDeletesNothing) {
  const auto config = MakeTableConfig({1, 2, {}, {}}, With({{"delta.logRetentionDuration", "a while"}}));
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->log_retention_ms, INT64_MAX);
}

TEST(TableConfig, AWriterRefusesAFlagOfAFeatureThatIsNeitherTrueNorFalse) {
  const Status status = CheckWritableProperties({1, 2, {}, {}}, With({{"delta.appendOnly", "maybe"}}));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), Code::kCorrupt);
  EXPECT_NE(status.error().message().find("delta.appendOnly"), std::string::npos);
  EXPECT_FALSE(CheckWritableProperties({1, 2, {}, {}}, With({{"delta.isolationLevel", "loose"}})).ok());
  EXPECT_TRUE(CheckWritableProperties({1, 1, {}, {}}, With({{"delta.appendOnly", "maybe"}})).ok());
  EXPECT_TRUE(CheckWritableProperties({1, 2, {}, {}}, With({{"delta.autoOptimize", "maybe"}})).ok());
}

}  // namespace
}  // namespace deltic
