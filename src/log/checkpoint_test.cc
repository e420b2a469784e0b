// Tests sidecar paths and JSON checkpoints; Parquet checkpoints are tested through snapshots (snapshot/corpus_test.cc).
#include "log/checkpoint.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

const std::string kName = "00000000000000000001.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json";

std::string KeyOf(const std::string& path) {
  auto key = SidecarKey({.path = path});
  return key.ok() ? *key : key.error().ToString();
}

TEST(Sidecar, ItIsInTheTablesOwnFolderHoweverItIsWritten) {
  for (const char* path :
       {"a%20b.parquet", "_sidecars/a%20b.parquet", "_delta_log/_sidecars/a%20b.parquet",
        "s3://bucket/t/_delta_log/_sidecars/a%20b.parquet", "file:/t/_delta_log/_sidecars/a%20b.parquet"}) {
    EXPECT_EQ(KeyOf(path), "_delta_log/_sidecars/a b.parquet") << path;
  }
}

TEST(Sidecar, APathThatNamesNoFileIsCorrupt) {
  for (const char* path : {"", "a/", "..", "a/%2e%2e", "%2e", "a%2Fb", "%00", "%"}) {
    EXPECT_EQ(KeyOf(path).find("Corrupt"), 0u) << path << " " << KeyOf(path);
  }
}

class JsonCheckpointTest : public ::testing::Test {
 protected:
  std::vector<LogFile> Checkpoint(const std::string& text) {
    EXPECT_TRUE(store_->Put("_delta_log/" + kName, text).ok());
    return {*ParseLogName(kName)};
  }
  std::shared_ptr<ObjectStore> store_ = MakeMemoryStore();
};

TEST_F(JsonCheckpointTest, TheHeadIsFoundAndMetadataIsLeftUnread) {
  auto head = ReadCheckpointHead(store_, Checkpoint("{\"checkpointMetadata\":{\"version\":1}}\n"
                                                    "{\"protocol\":{\"minReaderVersion\":9,\"minWriterVersion\":9}}\n"
                                                    "{\"metaData\":{\"what\":\"ever\"}}\n"));
  ASSERT_TRUE(head.ok()) << head.error().ToString();
  EXPECT_EQ(head->protocol->min_reader_version, 9);
  EXPECT_EQ(head->metadata_line, "{\"metaData\":{\"what\":\"ever\"}}");
}

TEST_F(JsonCheckpointTest, AMissingSidecarIsCorruptAndNamed) {
  const auto checkpoint = Checkpoint(
      "{\"checkpointMetadata\":{\"version\":1}}\n"
      "{\"sidecar\":{\"path\":\"x.parquet\",\"sizeInBytes\":1,\"modificationTime\":1}}\n"
      "{\"sidecar\":{\"path\":\"y.parquet\",\"sizeInBytes\":1,\"modificationTime\":1}}\n");
  ASSERT_TRUE(store_->Put("_delta_log/_sidecars/x.parquet", "P").ok());
  auto actions = ReadCheckpointActions(store_, checkpoint);
  ASSERT_TRUE(actions.ok()) << actions.error().ToString();
  auto keys = FindSidecars(*store_, checkpoint, *actions);
  ASSERT_FALSE(keys.ok());
  EXPECT_EQ(keys.error().code(), Code::kCorrupt);
  EXPECT_NE(keys.error().message().find("_delta_log/_sidecars/y.parquet is missing"), std::string::npos);
  ASSERT_TRUE(store_->Put("_delta_log/_sidecars/y.parquet", "P").ok());
  keys = FindSidecars(*store_, checkpoint, *actions);
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->size(), 2u);
}

TEST_F(JsonCheckpointTest, ASidecarThatIsNamedTwiceIsCorruptForItsFilesWouldBeReadTwice) {
  const auto checkpoint = Checkpoint("{\"checkpointMetadata\":{\"version\":1}}\n");
  ASSERT_TRUE(store_->Put("_delta_log/_sidecars/x.parquet", "P").ok());
  const Result<std::vector<std::string>> keys =
      FindSidecars(*store_, checkpoint, {Sidecar{.path = "x.parquet"}, Sidecar{.path = "_sidecars/x.parquet"}});
  ASSERT_FALSE(keys.ok());
  EXPECT_EQ(keys.error().code(), Code::kCorrupt);
  EXPECT_NE(keys.error().message().find("x.parquet twice"), std::string::npos) << keys.error().message();
}

TEST_F(JsonCheckpointTest, ACutCheckpointIsCorrupt) {
  EXPECT_EQ(ReadCheckpointHead(store_, Checkpoint("{\"checkpointMetadata\":{\"ver")).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace deltic
