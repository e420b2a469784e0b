// Owns the proof that files written anew hold the same rows under the new definition, and that a failure leaves the
// table and its folder as they were. Spark's view is tests/clone's.
#include "insert/write_anew.h"

#include <gtest/gtest.h>

#include <set>

#include "insert/insert.h"
#include "scan/table_files.h"
#include "schema/ddl.h"
#include "storage/fault_store.h"

namespace deltic {
namespace {

class WriteAnewTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = GetEngine();
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = *engine;
    InsertRequest request;
    request.write.env = request.commit.env = RealEnv();
    request.commit.upkeep = false;
    request.partition_columns = {"p"};
    request.table.configuration = {{"delta.columnMapping.mode", "name"}, {"delta.enableRowTracking", "true"}};
    auto rows = engine_->InputFromSql("select i as id, i % 2 as p, {'a': i} as s from range(10) t(i)", nullptr);
    ASSERT_TRUE(rows.ok());
    const auto made = Insert(*engine_, store_, nullptr, std::move(*rows), request);
    ASSERT_TRUE(made.ok()) << made.error().ToString();
    table_ = made->snapshot;
  }

  static CommitOptions Options() {
    CommitOptions options;
    options.env = RealEnv();
    options.sleep_ms = [](int64_t) {};
    options.upkeep = false;
    return options;
  }
  Result<WriteAnewRequest> Unmapped(const std::shared_ptr<const Snapshot>& table) {
    DELTIC_TRY(const TableDefinition before, DefinitionOf(*table));
    WriteAnewRequest request{.operation = {.name = "REMOVE COLUMN MAPPING"}};
    DELTIC_TRY(request.after, WithoutColumnMapping(before, false));
    return request;
  }
  std::string RowsOf(const std::shared_ptr<const Snapshot>& table) {
    const auto spec = MakeReadSpec(table, {.row_ids = true});
    auto rows = engine_->ReadText(*spec, CancelToken());
    if (!rows.ok()) return rows.error().ToString();
    std::multiset<std::string> lines;
    while (true) {
      const auto batch = (*rows)->Next();
      if (!batch.ok() || batch->empty()) break;
      for (const auto& row : *batch) {
        std::string line;
        for (const auto& cell : row) line += cell.value_or("NULL") + "|";
        lines.insert(line);
      }
    }
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
  }
  static std::set<std::string> KeysOf(ObjectStore& store) {
    std::set<std::string> keys;
    EXPECT_TRUE(store
                    .ListRecursive("",
                                   [&](const ObjectMeta& object) {
                                     keys.insert(object.key);
                                     return true;
                                   })
                    .ok());
    return keys;
  }

  std::shared_ptr<Engine> engine_;
  std::shared_ptr<ObjectStore> store_ = MakeMemoryStore("anew");
  std::shared_ptr<const Snapshot> table_;
};

TEST_F(WriteAnewTest, RowsKeepTheirValuesAndIdsWithoutMapping) {
  const std::string before = RowsOf(table_);
  const auto done = WriteAnew(*engine_, table_, *Unmapped(table_), Options());
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(done->version, 1);
  EXPECT_EQ(RowsOf(done->snapshot), before);
  EXPECT_EQ(done->snapshot->config().mapping_mode, MappingMode::kNone);
  EXPECT_EQ(done->snapshot->metadata().schema_string.find("columnMapping"), std::string::npos);
  const auto file = (*done->snapshot->LiveFiles())->Next();
  ASSERT_TRUE(file.ok() && *file);
  EXPECT_TRUE((*file)->partition_values.contains("p"));
  EXPECT_TRUE((*file)->path.starts_with("p="));
  EXPECT_FALSE((*file)->data_change);
}

TEST_F(WriteAnewTest, WhereverAStepFailsTheTableAndItsFolderAreAsBefore) {
  for (int step = 0;; ++step) {
    const auto copy = MakeMemoryStore("copy");
    for (const std::string& key : KeysOf(*store_)) ASSERT_TRUE(copy->Put(key, *store_->Get(key)).ok());
    const auto before = KeysOf(*copy);
    const auto faulty = MakeFaultStore(copy);
    const auto table = Snapshot::Open(faulty).value();
    const auto request = Unmapped(table);
    faulty->SetPlan({.crash_after_calls = step});
    const auto done = WriteAnew(*engine_, table, *request, Options());
    if (done.ok()) {
      EXPECT_GT(step, 3);
      return;
    }
    if (done.error().code() == Code::kCommitUnknown) continue;
    for (const std::string& key : KeysOf(*copy)) {
      const bool named = done.error().message().find(key) != std::string::npos;
      EXPECT_TRUE(before.contains(key) || named) << step << " " << key << " " << done.error().ToString();
    }
    EXPECT_EQ(Snapshot::Open(copy).value()->version(), 0) << step;
  }
}

TEST_F(WriteAnewTest, ConcurrentWritersAreAConflict) {
  Intent intent{.base = table_};
  intent.operation.name = "WRITE";
  intent.blind_append = true;
  AddFile add = **(*table_->LiveFiles())->Next();
  add.path = "other.parquet";
  add.base_row_id.reset();
  intent.actions = {add};
  ASSERT_TRUE(Commit(intent, Options()).ok());
  const auto before = KeysOf(*store_);
  const auto done = WriteAnew(*engine_, table_, *Unmapped(table_), Options());
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::kConflict);
  EXPECT_EQ(KeysOf(*store_), before);
}

TEST(WithoutColumnMappingTest, NamesThatOnlyMappingAllowsAreRefused) {
  TableSpec spec;
  spec.schema = *ParseDdl("`a b` int");
  spec.configuration = {{"delta.columnMapping.mode", "name"}};
  const auto table = DefineTable(spec, RealEnv());
  ASSERT_TRUE(table.ok());
  const auto plain = WithoutColumnMapping(*table, true);
  ASSERT_FALSE(plain.ok());
  EXPECT_NE(plain.error().message().find("column a b has the character ' ' in its name"), std::string::npos)
      << plain.error().message();
}

TEST(WithoutColumnMappingTest, ClusteringIsByTheColumnsNames) {
  TableSpec spec;
  spec.schema = *ParseDdl("x int, y int");
  spec.configuration = {{"delta.columnMapping.mode", "name"}};
  spec.cluster_by = {"y"};
  const auto table = DefineTable(spec, RealEnv());
  ASSERT_TRUE(table.ok());
  const auto plain = WithoutColumnMapping(*table, true);
  ASSERT_TRUE(plain.ok()) << plain.error().ToString();
  EXPECT_EQ(plain->metadata.configuration, (StringMap{{"delta.columnMapping.mode", "none"}}));
  ASSERT_EQ(plain->domains.size(), 1);
  EXPECT_EQ(plain->domains[0].configuration, R"({"clusteringColumns":[["y"]],"domainName":"delta.clustering"})");
}

}  // namespace
}  // namespace deltic
