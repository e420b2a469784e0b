// Owns the proof that manifests show the live files and nothing else, after GENERATE and after commits, and that tables
// whose readers would be misled have none.
#include "upkeep/manifest.h"

#include <gtest/gtest.h>

#include <map>

#include "upkeep/upkeep_table_for_test.h"

namespace deltic {
namespace {

using Texts = std::map<std::string, std::string>;

class ManifestTest : public UpkeepTable {
 protected:
  static std::string AddTo(const std::string& path, const std::string& p, const std::string& more = "") {
    return fmt::format(
        R"({{"add":{{"path":"{}","partitionValues":{{"p":{}}},"size":1,"modificationTime":1,"dataChange":true{}}}}})",
        path, p, more);
  }
  static std::string RemoveFrom(const std::string& path, const std::string& p) {
    return fmt::format(
        R"({{"remove":{{"path":"{}","deletionTimestamp":1,"dataChange":true,"extendedFileMetadata":true,)"
        R"("partitionValues":{{"p":{}}}}}}})",
        path, p);
  }
  void Create(const std::vector<std::string>& files, bool enabled = false, const std::string& properties = "") {
    std::vector<std::string> lines = files;
    std::string more = properties;
    if (enabled) {
      more += (more.empty() ? std::string() : std::string(",")) +
              R"("delta.compatibility.symlinkFormatManifest.enabled":"true")";
    }
    lines.insert(lines.begin(), {kProtocolLine, MetadataLine(more)});
    Commit(0, lines);
  }
  // As a writer does after its commit.
  Status CommitAndRefresh(int64_t version, const std::vector<std::string>& lines) {
    Commit(version, lines);
    return RefreshManifests(*Must(version), Actions(lines));
  }
  // Partition to the names in its manifest, without the table's place.
  Texts Manifests() {
    Texts texts;
    const std::string root = "memory://t/";
    EXPECT_TRUE(memory_
                    ->ListRecursive(kManifestFolder,
                                    [&](const ObjectMeta& object) {
                                      std::string text = *memory_->Get(object.key);
                                      for (size_t at; (at = text.find(root)) != std::string::npos;)
                                        text.erase(at, root.size());
                                      texts[object.key.substr(kManifestFolder.size())] = text;
                                      return true;
                                    })
                    .ok());
    return texts;
  }

  static constexpr const char* kProtocolLine = R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})";
};

TEST_F(ManifestTest, APartitionsFolderIsThatOfHive) {
  const std::vector<std::string> columns = {"a b", "c:d"};
  EXPECT_EQ(ManifestPartition(columns, {{"a b", "x/y"}, {"c:d", "1%"}}), "a b=x%2Fy/c%3Ad=1%25/");
  EXPECT_EQ(ManifestPartition(columns, {{"a b", std::nullopt}}),
            "a b=__HIVE_DEFAULT_PARTITION__/c%3Ad=__HIVE_DEFAULT_PARTITION__/");
  EXPECT_EQ(ManifestPartition({"p"}, {{"p", ""}}), "p=__HIVE_DEFAULT_PARTITION__/");
  EXPECT_EQ(ManifestPartition({}, {}), "");
}

TEST_F(ManifestTest, ALineIsAPathThatIsNotEncoded) {
  EXPECT_EQ(*ManifestLine("file:/data/t", "p=a%20b%253A/x.parquet"), "file:/data/t/p=a b%3A/x.parquet");
  EXPECT_EQ(*ManifestLine("file:/data/t", "file:///other/a%20b.parquet"), "file:/other/a b.parquet");
  EXPECT_EQ(*ManifestLine("file:/data/t", "/other/x.parquet"), "/other/x.parquet");
  EXPECT_EQ(*ManifestLine("s3://b/t", "s3://c/a%20b.parquet"), "s3://c/a b.parquet");
  EXPECT_FALSE(ManifestLine("file:/data/t", "%zz").ok());
}

TEST_F(ManifestTest, AllManifestsShowTheLiveFilesAndThoseOfNoPartitionGo) {
  Create({AddTo("1", R"("a")"), AddTo("2", R"("a")"), AddTo("3", "null"), AddTo("4", R"("b")")});
  Commit(1, {RemoveFrom("4", R"("b")")});
  ASSERT_TRUE(memory_->Put("_symlink_format_manifest/p=b/manifest", "old").ok());
  ASSERT_TRUE(memory_->Put("_symlink_format_manifest/manifest", "of a table without partitions").ok());
  const auto done = WriteManifests(*Must());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(Manifests(), (Texts{{"p=a/manifest", "1\n2\n"}, {"p=__HIVE_DEFAULT_PARTITION__/manifest", "3\n"}}));
  EXPECT_EQ(done->written, 2);
  EXPECT_EQ(done->deleted, 2);
  EXPECT_EQ(done->files, 3);
  EXPECT_EQ(done->version, 1);
}

TEST_F(ManifestTest, ACommitWritesTheManifestsOfThePartitionsItTouched) {
  Create({AddTo("1", R"("a")"), AddTo("2", R"("b")"), AddTo("3", R"("c")")}, true);
  ASSERT_TRUE(RefreshManifests(*Must(), Actions({AddTo("1", R"("a")")})).ok());
  EXPECT_EQ(Manifests().size(), 3U) << "there were none, so all are written";
  ASSERT_TRUE(memory_->Put("_symlink_format_manifest/p=c/manifest", "untouched").ok());
  ASSERT_TRUE(CommitAndRefresh(1, {AddTo("4", R"("a")"), RemoveFrom("2", R"("b")")}).ok());
  EXPECT_EQ(Manifests(), (Texts{{"p=a/manifest", "1\n4\n"}, {"p=c/manifest", "untouched"}}));
  ASSERT_TRUE(CommitAndRefresh(2, {R"({"txn":{"appId":"a","version":1}})"}).ok());
  EXPECT_EQ(Manifests().at("p=c/manifest"), "untouched");
  ASSERT_TRUE(CommitAndRefresh(3, {R"({"remove":{"path":"1","deletionTimestamp":1,"dataChange":true}})"}).ok());
  EXPECT_EQ(Manifests(), (Texts{{"p=a/manifest", "4\n"}, {"p=c/manifest", "3\n"}}))
      << "a remove that tells no partition may be of any";
}

TEST_F(ManifestTest, AWriterThatIsLateShowsTheVersionsThatCameMeanwhile) {
  Create({AddTo("1", R"("a")")}, true);
  Commit(1, {AddTo("2", R"("a")")});
  const auto late = Must();
  ASSERT_TRUE(CommitAndRefresh(2, {AddTo("3", R"("a")")}).ok());
  ASSERT_TRUE(RefreshManifests(*late, Actions({AddTo("2", R"("a")")})).ok());
  EXPECT_EQ(Manifests(), (Texts{{"p=a/manifest", "1\n2\n3\n"}}));
}

TEST_F(ManifestTest, ATableThatDoesNotAskForManifestsGetsNone) {
  Create({AddTo("1", R"("a")")});
  ASSERT_TRUE(CommitAndRefresh(1, {AddTo("2", R"("a")")}).ok());
  EXPECT_EQ(Manifests(), Texts());
}

TEST_F(ManifestTest, WhatReadersOfManifestsWouldMisreadIsRefusedBeforeAnythingIsWritten) {
  Commit(0, {kV2Protocol, MetadataLine(), AddTo("1", R"("a")"),
             AddTo("2", R"("a")",
                   R"(,"deletionVector":{"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4,)"
                   R"("sizeInBytes":40,"cardinality":6})")});
  auto done = WriteManifests(*Must());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kUnsupported);
  EXPECT_NE(done.error().message().find("deletion vector"), std::string::npos) << done.error().message();
  EXPECT_EQ(Manifests(), Texts());
}

}  // namespace
}  // namespace deltic
