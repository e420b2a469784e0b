// Tests of the feature table, of refusals, of TableConfig, and of the verdict on every protocol of the corpus.
#include "features/features.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace deltic {
namespace {

using Names = std::vector<std::string>;

Protocol Features(Names reader, Names writer = {}) { return {3, 7, std::move(reader), std::move(writer)}; }

void ExpectRefused(const Protocol& protocol, Code code, const Names& parts_of_message) {
  const Status status = CheckReadable(protocol);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), code);
  for (const std::string& part : parts_of_message) {
    EXPECT_NE(status.error().message().find(part), std::string::npos) << status.error().message();
  }
}

TEST(AllFeatures, HasEachNameOnceAndSaysWhyItRefuses) {
  std::set<std::string_view> names;
  for (const FeatureRow& row : AllFeatures()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(row.can_read, row.refusal.empty()) << row.name;
    EXPECT_EQ(FindFeature(row.name), &row);
  }
  EXPECT_EQ(FindFeature("blahabl"), nullptr);
  EXPECT_EQ(FindFeature(""), nullptr);
}

TEST(CheckReadable, AcceptsTheLegacyReaderVersionsWhateverWritersMustDo) {
  EXPECT_TRUE(CheckReadable({1, 2, {}, {}}).ok());
  EXPECT_TRUE(CheckReadable({1, 7, {}, Names{"somethingNew"}}).ok());
  EXPECT_TRUE(CheckReadable({2, 99, {}, {}}).ok());
  EXPECT_TRUE(CheckReadable({1, 7, {}, Names{"deletionVectors", "catalogManaged"}}).ok());
}

TEST(CheckReadable, AcceptsEveryFeatureThatThisReaderHonours) {
  Names names;
  for (const FeatureRow& row : AllFeatures()) {
    if (row.reader_writer && row.can_read) names.push_back(std::string(row.name));
  }
  EXPECT_EQ(names.size(), 11u);
  EXPECT_TRUE(CheckReadable(Features(names)).ok());
  EXPECT_TRUE(CheckReadable(Features({})).ok());
  EXPECT_TRUE(CheckReadable(Features({}, {"unheardOf"})).ok());
  EXPECT_TRUE(CheckReadable(Features({"appendOnly"})).ok());  // a writer's feature asks nothing of readers
}

TEST(CheckReadable, RefusesUnknownReaderFeaturesByName) {
  ExpectRefused(Features({"deletionVectors", "blahabl", "other"}), Code::kUnsupported, {"blahabl, other", "newer"});
  ExpectRefused(Features({"DeletionVectors"}), Code::kUnsupported, {"DeletionVectors"});
  ExpectRefused(Features({"geospatial", "blahabl"}), Code::kUnsupported, {"features", "geospatial (", "blahabl ("});
  ExpectRefused({1, 2, Names{"blahabl"}, {}}, Code::kUnsupported, {"blahabl"});
  ExpectRefused(Features({"collations"}), Code::kUnsupported, {"collations"});
}

TEST(CheckReadable, SendsReadersOfCatalogManagedTablesToTheCatalog) {
  for (const char* name : {"catalogManaged", "catalogOwned", "catalogOwned-preview"}) {
    ExpectRefused(Features({name}), Code::kUnsupported, {name, "through its catalog"});
  }
}

TEST(CheckReadable, RefusesReaderVersionsBeyondThree) {
  ExpectRefused({5, 7, Names{}, Names{}}, Code::kUnsupported, {"reader version 5"});
  ExpectRefused({99, 7, {}, {}}, Code::kUnsupported, {"reader version 99"});
}

TEST(CheckReadable, RefusesProtocolsThatContradictThemselves) {
  ExpectRefused({3, 7, {}, Names{}}, Code::kCorrupt, {"readerFeatures"});
  ExpectRefused({3, 6, Names{}, {}}, Code::kCorrupt, {"minWriterVersion 6"});
  ExpectRefused({0, 2, {}, {}}, Code::kCorrupt, {"minReaderVersion 0"});
  ExpectRefused({1, 0, {}, {}}, Code::kCorrupt, {"minWriterVersion 0"});
  ExpectRefused({-1, -1, {}, {}}, Code::kCorrupt, {"-1"});
}

TEST(SupportsFeature, KnowsFeaturesByListOrByLegacyVersion) {
  EXPECT_TRUE(SupportsFeature({2, 5, {}, {}}, "columnMapping"));
  EXPECT_TRUE(SupportsFeature({2, 7, {}, Names{}}, "columnMapping"));
  EXPECT_FALSE(SupportsFeature({1, 7, {}, Names{"columnMapping"}}, "columnMapping"));
  EXPECT_FALSE(SupportsFeature(Features({}, {"columnMapping"}), "columnMapping"));
  EXPECT_TRUE(SupportsFeature(Features({"columnMapping"}), "columnMapping"));
  EXPECT_FALSE(SupportsFeature({2, 5, {}, {}}, "deletionVectors"));
  EXPECT_TRUE(SupportsFeature({1, 4, {}, {}}, "changeDataFeed"));
  EXPECT_FALSE(SupportsFeature({1, 3, {}, {}}, "changeDataFeed"));
  EXPECT_FALSE(SupportsFeature({1, 7, {}, Names{}}, "changeDataFeed"));
  EXPECT_TRUE(SupportsFeature({1, 7, {}, Names{"rowTracking"}}, "rowTracking"));
  EXPECT_TRUE(SupportsFeature({1, 7, {}, Names{"new"}}, "new"));
  EXPECT_TRUE(SupportsFeature(Features({"new"}, {"new"}), "new"));
  EXPECT_FALSE(SupportsFeature({1, 6, {}, {}}, "new"));
}

Metadata With(StringMap configuration) {
  Metadata metadata;
  metadata.configuration = std::move(configuration);
  return metadata;
}

MappingMode ModeOf(const Protocol& protocol, const std::string& mode) {
  const auto config = MakeTableConfig(protocol, With({{"delta.columnMapping.mode", mode}}));
  EXPECT_TRUE(config.ok());
  return config.ok() ? config->mapping_mode : MappingMode::kNone;
}

TEST(MakeTableConfig, HonoursTheMappingModeOnlyWhereTheProtocolSupportsIt) {
  EXPECT_EQ(ModeOf({2, 5, {}, {}}, "name"), MappingMode::kName);
  EXPECT_EQ(ModeOf({2, 5, {}, {}}, "ID"), MappingMode::kId);
  EXPECT_EQ(ModeOf({2, 5, {}, {}}, "none"), MappingMode::kNone);
  EXPECT_EQ(ModeOf(Features({"columnMapping"}), "id"), MappingMode::kId);
  EXPECT_EQ(ModeOf({1, 2, {}, {}}, "name"), MappingMode::kNone);
  EXPECT_EQ(ModeOf(Features({}), "name"), MappingMode::kNone);
  EXPECT_EQ(ModeOf({1, 2, {}, {}}, "nonsense"), MappingMode::kNone);
}

TEST(MakeTableConfig, ReadsEachPropertyWhereItsFeatureIsSupported) {
  const Metadata metadata = With({{"delta.enableRowTracking", "True"},
                                  {"delta.rowTracking.materializedRowIdColumnName", "_row-id"},
                                  {"delta.rowTracking.materializedRowCommitVersionColumnName", "_row-version"},
                                  {"delta.enableInCommitTimestamps", "true"},
                                  {"delta.inCommitTimestampEnablementVersion", "3"},
                                  {"delta.inCommitTimestampEnablementTimestamp", "1700000000000"},
                                  {"delta.enableChangeDataFeed", "true"},
                                  {"delta.appendOnly", "TRUE"}});
  const auto on = MakeTableConfig(
      Features({"deletionVectors"}, {"rowTracking", "inCommitTimestamp", "changeDataFeed", "appendOnly"}), metadata);
  ASSERT_TRUE(on.ok()) << on.error().message();
  EXPECT_TRUE(on->deletion_vectors_supported);
  EXPECT_TRUE(on->row_tracking_enabled);
  EXPECT_EQ(on->row_id_column, "_row-id");
  EXPECT_EQ(on->row_commit_version_column, "_row-version");
  EXPECT_TRUE(on->in_commit_timestamps);
  EXPECT_EQ(on->in_commit_timestamp_version, 3);
  EXPECT_EQ(on->in_commit_timestamp_ms, 1700000000000);
  EXPECT_TRUE(on->change_data_feed);
  EXPECT_TRUE(on->append_only);
  const auto off = MakeTableConfig({1, 1, {}, {}}, metadata);
  ASSERT_TRUE(off.ok());
  EXPECT_FALSE(off->deletion_vectors_supported || off->row_tracking_enabled || off->in_commit_timestamps ||
               off->change_data_feed || off->append_only);
}

TEST(MakeTableConfig, ReadsInCommitTimestampsOfThePreview) {
  const auto config = MakeTableConfig({1, 7, {}, Names{"inCommitTimestamp-preview"}},
                                      With({{"delta.enableInCommitTimestamps-preview", "true"},
                                            {"delta.inCommitTimestampEnablementVersion-preview", "2"}}));
  ASSERT_TRUE(config.ok());
  EXPECT_TRUE(config->in_commit_timestamps);
  EXPECT_EQ(config->in_commit_timestamp_version, 2);
}

TEST(MakeTableConfig, NamesThePropertyThatCannotBeParsed) {
  const auto refused = [](const Protocol& protocol, StringMap properties, const std::string& property) {
    const auto config = MakeTableConfig(protocol, With(std::move(properties)));
    ASSERT_FALSE(config.ok());
    EXPECT_EQ(config.error().code(), Code::kCorrupt);
    EXPECT_NE(config.error().message().find(property), std::string::npos) << config.error().message();
  };
  refused({2, 5, {}, {}}, {{"delta.columnMapping.mode", "nmae"}}, "delta.columnMapping.mode");
  refused({1, 7, {}, Names{"rowTracking"}}, {{"delta.enableRowTracking", "yes"}}, "delta.enableRowTracking");
  refused({1, 7, {}, Names{"inCommitTimestamp"}},
          {{"delta.enableInCommitTimestamps", "true"}, {"delta.inCommitTimestampEnablementVersion", "3x"}},
          "delta.inCommitTimestampEnablementVersion");
  EXPECT_TRUE(MakeTableConfig({1, 4, {}, {}}, With({{"delta.enableChangeDataFeed", "maybe"}})).ok());
}

// Where the shared test tables are: DELTIC_CORPUS, else beside the project.
std::filesystem::path CorpusFolder() {
  if (const char* folder = std::getenv("DELTIC_CORPUS")) return folder;
  return std::filesystem::path(__FILE__).parent_path() / "../../../shared/corpus";
}

std::optional<Names> NamesIn(const nlohmann::json& protocol, const char* key) {
  if (!protocol.contains(key) || protocol[key].is_null()) return std::nullopt;
  return protocol[key].get<Names>();
}

TEST(Corpus, EveryTableIsReadOrRefusedAsExpected) {
  if (!std::filesystem::exists(CorpusFolder())) GTEST_SKIP() << "no corpus: set DELTIC_CORPUS to its folder";
  int read = 0, refused = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CorpusFolder())) {
    if (entry.path().filename() != "meta.json") continue;
    std::ifstream file(entry.path());
    const auto meta = nlohmann::json::parse(file, nullptr, false);
    if (!meta.is_object() || !meta.contains("protocol") || meta["protocol"].is_null()) continue;
    const auto& json = meta["protocol"];
    const Protocol protocol{json["minReaderVersion"], json["minWriterVersion"], NamesIn(json, "readerFeatures"),
                            NamesIn(json, "writerFeatures")};
    const Status status = CheckReadable(protocol);
    if (meta["expected_outcome"] == "refused") {
      ASSERT_FALSE(status.ok()) << entry.path();
      EXPECT_EQ(status.error().code(), Code::kUnsupported) << entry.path();
      ++refused;
    } else {
      EXPECT_TRUE(status.ok()) << entry.path() << ": " << status.error().message();
      ++read;
    }
  }
  EXPECT_GT(read, 140);
  EXPECT_GE(refused, 7);
}

}  // namespace
}  // namespace deltic
