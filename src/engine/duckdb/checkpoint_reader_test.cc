// Proves that checkpoints are read whatever columns their writer left out, and that only asked-for adds come back.
#include <gtest/gtest.h>

#include <filesystem>

#include <duckdb.hpp>

#include "engine/duckdb/duckdb_engine.h"

namespace deltic {
namespace {

constexpr const char* kAdd =
    "struct_pack(path := 'f' || i, partitionValues := MAP {'p': CASE WHEN i % 2 = 0 THEN 'even' END}, size := "
    "i::BIGINT, "
    "modificationTime := 5::BIGINT, dataChange := true, stats := '{\"numRecords\":' || i || '}')";

class CheckpointReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    engine_ = MakeDuckDbEngine({});
    folder_ = std::filesystem::temp_directory_path() / ("deltic_checkpoint_[*]" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    store_ = MakeLocalStore(folder_.string());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& query) {
    duckdb::DuckDB database(nullptr);
    duckdb::Connection connection(database);
    // The folder's name holds glob characters: reading must take it as it is; writing goes by a plain name.
    const auto plain = std::filesystem::temp_directory_path() / ("deltic_plain_" + std::to_string(getpid()));
    auto result = connection.Query("COPY (" + query + ") TO '" + plain.string() + "' (FORMAT parquet)");
    if (result->HasError()) ADD_FAILURE() << result->GetError();
    std::filesystem::rename(plain, folder_ / name);
  }

  std::vector<std::string> Paths(CheckpointRead read) {
    read.store = store_;
    auto cursor = engine_->ReadCheckpointFiles(read);
    std::vector<std::string> paths;
    if (!cursor.ok()) return {cursor.error().ToString()};
    while (true) {
      auto rows = (*cursor)->Next();
      if (!rows.ok()) return {rows.error().ToString()};
      if ((*rows)->empty()) break;
      for (const auto& row : **rows) paths.push_back(std::string(row.path));
    }
    return paths;
  }

  std::unique_ptr<Engine> engine_;
  std::filesystem::path folder_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(CheckpointReaderTest, TheHeadIsProtocolAndMetadataWithoutNullRows) {
  Write(
      "c.parquet",
      "SELECT CASE WHEN i = 7 THEN struct_pack(minReaderVersion := 1::INTEGER, minWriterVersion := 2::INTEGER) END AS "
      "protocol, CASE WHEN i = 3 THEN struct_pack(id := 'x', schemaString := '{}', configuration := MAP {'k': 'v'}) "
      "END "
      "AS metaData, CASE WHEN i NOT IN (3, 7) THEN " +
          std::string(kAdd) + " END AS add FROM range(10) t(i)");
  auto head = engine_->ReadCheckpointHead(store_, {"c.parquet"});
  ASSERT_TRUE(head.ok()) << head.error().ToString();
  ASSERT_EQ(head->size(), 2u);
  EXPECT_EQ((*head)[0], R"({"protocol":{"minReaderVersion":1,"minWriterVersion":2}})");
  EXPECT_EQ((*head)[1], R"({"metaData":{"id":"x","schemaString":"{}","configuration":{"k":"v"}}})");
}

TEST_F(CheckpointReaderTest, AddsComeWithTheirPartitionValuesStatisticsAndNulls) {
  Write("c.parquet", "SELECT " + std::string(kAdd) + " AS add FROM range(3) t(i)");
  auto cursor = engine_->ReadCheckpointFiles({.store = store_, .keys = {"c.parquet"}});
  ASSERT_TRUE(cursor.ok()) << cursor.error().ToString();
  auto rows = (*cursor)->Next();
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ((*rows)->size(), 3u);
  const auto& one = (**rows)[1];
  EXPECT_EQ(one.path, "f1");
  EXPECT_EQ(one.size, 1);
  EXPECT_EQ(one.modification_time, 5);
  EXPECT_EQ(one.stats, R"({"numRecords":1})");
  EXPECT_FALSE(one.has_deletion_vector);
  ASSERT_EQ(one.partition_values.size(), 1u);
  EXPECT_EQ(one.partition_values[0].first, "p");
  EXPECT_EQ(one.partition_values[0].second, std::nullopt);
  EXPECT_EQ((**rows)[2].partition_values[0].second, "even");
  auto end = (*cursor)->Next();
  ASSERT_TRUE(end.ok());
  EXPECT_TRUE((*end)->empty());
}

TEST_F(CheckpointReaderTest, StructStatisticsComeAsJsonAndDeletionVectorsAsTheirFields) {
  Write("c.parquet",
        "SELECT struct_pack(path := 'f', partitionValues := MAP {}::MAP(VARCHAR, VARCHAR), size := 1::BIGINT, "
        "modificationTime := 1::BIGINT, stats_parsed := {'numRecords': 4, 'minValues': {'a': 1}}, deletionVector := "
        "{'storageType': 'u', 'pathOrInlineDv': 'abc', 'offset': 1::INTEGER, 'sizeInBytes': 9::INTEGER, 'cardinality': "
        "2::BIGINT}) AS add");
  auto cursor = engine_->ReadCheckpointFiles({.store = store_, .keys = {"c.parquet"}});
  ASSERT_TRUE(cursor.ok()) << cursor.error().ToString();
  auto rows = (*cursor)->Next();
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  const auto& file = (**rows)[0];
  EXPECT_EQ(file.stats, R"({"numRecords":4,"minValues":{"a":1}})");
  EXPECT_TRUE(file.has_deletion_vector);
  EXPECT_EQ(file.dv_storage_type, 'u');
  EXPECT_EQ(file.dv_path_or_inline, "abc");
  EXPECT_EQ(file.dv_offset, 1);
  EXPECT_EQ(file.dv_size_in_bytes, 9);
  EXPECT_EQ(file.dv_cardinality, 2);
}

TEST_F(CheckpointReaderTest, TheFilterSeesEachAddAndDecides) {
  class Even : public FileActionFilter {
   public:
    explicit Even(std::shared_ptr<std::atomic<int>> seen) : seen_(std::move(seen)) {}
    std::unique_ptr<FileActionFilter> Clone() const override { return std::make_unique<Even>(seen_); }
    Result<bool> Keep(const FileActionView& add, std::string_view dv_id) override {
      (*seen_)++;
      if (!dv_id.empty() || !add.stats) return Error(Code::kInternal, "views are wrong");
      return add.partition_values[0].second == "even";
    }

   private:
    std::shared_ptr<std::atomic<int>> seen_;
  };
  Write("c.parquet", "SELECT " + std::string(kAdd) + " AS add FROM range(50000) t(i)");
  auto seen = std::make_shared<std::atomic<int>>(0);
  EXPECT_EQ(Paths({.keys = {"c.parquet"}, .filter = std::make_shared<Even>(seen)}).size(), 25000u);
  EXPECT_EQ(*seen, 50000);
}

TEST_F(CheckpointReaderTest, AFiltersErrorEndsTheReadWithItsCode) {
  class Broken : public FileActionFilter {
   public:
    std::unique_ptr<FileActionFilter> Clone() const override { return std::make_unique<Broken>(); }
    Result<bool> Keep(const FileActionView&, std::string_view) override {
      return Error(Code::kCorrupt, "bad value: x");
    }
  };
  Write("c.parquet", "SELECT " + std::string(kAdd) + " AS add FROM range(3) t(i)");
  const auto paths = Paths({.keys = {"c.parquet"}, .filter = std::make_shared<Broken>()});
  ASSERT_EQ(paths.size(), 1u);
  EXPECT_EQ(paths[0], "Corrupt: checkpoint c.parquet: bad value: x");
}

TEST_F(CheckpointReaderTest, ColumnsThatAreNotWhatActionsAreMadeOfAreCorruptAndNotNoFiles) {
  const auto refused = [&](const std::string& query, const std::string& why) {
    Write("c.parquet", query);
    const auto paths = Paths({.keys = {"c.parquet"}});
    ASSERT_EQ(paths.size(), 1u) << query;
    EXPECT_EQ(paths[0].find("Corrupt"), 0u) << paths[0];
    EXPECT_NE(paths[0].find("c.parquet"), std::string::npos) << paths[0];
    EXPECT_NE(paths[0].find(why), std::string::npos) << paths[0];
  };
  refused("SELECT 5 AS id, 'x' AS name", "none of the columns");
  refused("SELECT 'text' AS add", "column add is VARCHAR, not a struct");
  refused("SELECT [struct_pack(path := 'f')] AS add", "not a struct");
  refused("SELECT struct_pack(size := 5) AS add", "no text field path");
  refused("SELECT struct_pack(path := 5) AS add", "no text field path");
  refused("SELECT struct_pack(path := 'f', partitionValues := 'x') AS add", "not a map");
  refused("SELECT struct_pack(path := NULL::VARCHAR, dataChange := true) AS add", "has no path");
  refused("SELECT struct_pack(path := 'f', size := 'many') AS add", "many");
}

TEST_F(CheckpointReaderTest, ADeletionVectorThatLacksAFieldIsCorruptAndNotNoDeletionVector) {
  const auto read = [&](const std::string& vector) {
    Write("c.parquet", "SELECT struct_pack(path := 'f', deletionVector := " + vector + ") AS add");
    return Paths({.keys = {"c.parquet"}})[0];
  };
  EXPECT_EQ(read("struct_pack(storageType := 'u', pathOrInlineDv := 'x', sizeInBytes := 1, cardinality := 1::BIGINT)"),
            "f");
  for (const char* vector :
       {"struct_pack(storageType := NULL::VARCHAR, pathOrInlineDv := 'x', sizeInBytes := 1, cardinality := 1::BIGINT)",
        "struct_pack(storageType := 'u', pathOrInlineDv := 'x', sizeInBytes := 1, cardinality := NULL::BIGINT)",
        "struct_pack(storageType := 'u', pathOrInlineDv := 'x', cardinality := 1::BIGINT)"}) {
    EXPECT_NE(read(vector).find("the deletion vector of f lacks"), std::string::npos) << read(vector);
  }
}

TEST_F(CheckpointReaderTest, AnotherParquetFileAmongThePartsIsCorruptByName) {
  Write("1.parquet", "SELECT " + std::string(kAdd) + " AS add FROM range(2) t(i)");
  Write("2.parquet", "SELECT 5 AS id");
  const auto paths = Paths({.keys = {"1.parquet", "2.parquet"}});
  EXPECT_EQ(paths[0].find("Corrupt"), 0u) << paths[0];
  EXPECT_NE(paths[0].find("2.parquet"), std::string::npos) << paths[0];
}

TEST_F(CheckpointReaderTest, PartsWithDifferentColumnsAreOneCheckpoint) {
  Write("1.parquet", "SELECT " + std::string(kAdd) + " AS add FROM range(2) t(i)");
  Write("2.parquet", "SELECT struct_pack(path := 'gone', deletionTimestamp := 3::BIGINT) AS remove");
  EXPECT_EQ(Paths({.keys = {"1.parquet", "2.parquet"}}), (std::vector<std::string>{"f0", "f1"}));
  EXPECT_EQ(Paths({.keys = {"1.parquet", "2.parquet"}, .removes = true}), (std::vector<std::string>{"gone"}));
}

TEST_F(CheckpointReaderTest, OtherActionsComeAsLogLines) {
  Write("c.parquet",
        "SELECT CASE WHEN i = 0 THEN struct_pack(appId := 'a', version := 4::BIGINT) END AS txn, CASE WHEN i = 1 THEN "
        "struct_pack(path := 's.parquet', sizeInBytes := 1::BIGINT, modificationTime := 2::BIGINT) END AS sidecar FROM "
        "range(3) t(i)");
  auto lines = engine_->ReadCheckpointActions(store_, {"c.parquet"});
  ASSERT_TRUE(lines.ok()) << lines.error().ToString();
  EXPECT_EQ(*lines,
            (std::vector<std::string>{R"({"txn":{"appId":"a","version":4}})",
                                      R"({"sidecar":{"path":"s.parquet","sizeInBytes":1,"modificationTime":2}})"}));
}

TEST_F(CheckpointReaderTest, ABrokenFileIsCorruptByName) {
  ASSERT_TRUE(store_->Put("c.parquet", "PAR1 this is no parquet PAR1").ok());
  auto head = engine_->ReadCheckpointHead(store_, {"c.parquet"});
  ASSERT_FALSE(head.ok());
  EXPECT_EQ(head.error().code(), Code::kCorrupt);
  EXPECT_NE(head.error().message().find("c.parquet"), std::string::npos) << head.error().message();
}

TEST_F(CheckpointReaderTest, StoresWithoutLocalPathsAreReadThroughTheirRanges) {
  Write("c.parquet", "SELECT " + std::string(kAdd) + " AS add FROM range(3) t(i)");
  auto memory = MakeMemoryStore("m");
  auto bytes = store_->Get("c.parquet");
  ASSERT_TRUE(bytes.ok());
  ASSERT_TRUE(memory->Put("deep/c.parquet", *bytes).ok());
  store_ = memory;
  EXPECT_EQ(Paths({.keys = {"deep/c.parquet"}}).size(), 3u);
}

}  // namespace
}  // namespace deltic
