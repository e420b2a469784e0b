// Owns the proof of conversions whole: files that DuckDB writes, their statistics from footers and from rows, refusals
// by name, and that nothing is left where a step fails. Files of other writers are tests/clone's.
#include "clone/convert.h"

#include <gtest/gtest.h>

#include "actions/actions_json.h"
#include "storage/fault_store.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

class ConvertTest : public testing::Test {
 protected:
  void SetUp() override {
    auto engine = GetEngine();
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = *engine;
    store_ = MakeLocalStore(folder_.path());
  }

  // A Parquet file of a query's rows.
  void Write(const std::string& key, const std::string& sql) {
    const std::string path = folder_.path() + "/" + key;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    auto session = engine_->OpenSql(TableResolver());
    ASSERT_TRUE(session.ok());
    auto rows = (*session)->ReadText("COPY (" + sql + ") TO '" + path + "' (FORMAT parquet)", CancelToken());
    ASSERT_TRUE(rows.ok()) << rows.error().ToString();
    while (!(*rows)->Next()->empty()) continue;
  }

  ConvertContext Context() {
    ConvertContext context;
    context.commit.env = RealEnv();
    context.commit.upkeep = false;
    return context;
  }
  Result<ConvertOutcome> Do(const ConvertRequest& request = {}) {
    return ConvertToTable(*engine_, store_, request, Context());
  }
  static std::string ErrorOf(const Result<ConvertOutcome>& done) {
    return done.ok() ? "converted" : done.error().ToString();
  }
  std::shared_ptr<const Snapshot> Open() { return Snapshot::Open(store_).value(); }
  std::map<std::string, AddFile> Files() {
    std::map<std::string, AddFile> files;
    const auto cursor = Open()->LiveFiles();
    while (true) {
      auto file = (*cursor)->Next();
      if (!file.ok() || !*file) return files;
      files.emplace((*file)->path, **file);
    }
  }
  std::string StatsOf(const std::string& path) { return Files()[path].stats.value_or("none"); }
  bool HasLog() { return std::filesystem::exists(folder_.path() + "/_delta_log"); }

  TempFolderForTest folder_;
  std::shared_ptr<Engine> engine_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(ConvertTest, FilesBecomeATableWithTheirFootersStatistics) {
  Write("y=2026/a b.parquet",
        "select 1::int as id, 'x' as name, {'a': 1::bigint, 'l': [1]} as s, 1.5::decimal(10,2) as d, "
        "timestamptz '2026-01-01 00:00:00.5+00' as t, 7::utinyint as u "
        "union all select 5, null, {'a': null, 'l': null}, -2::decimal(10,2), timestamptz '2026-02-01 00:00:00+00', "
        "200::utinyint");
  Write("y=__HIVE_DEFAULT_PARTITION__/b.parquet",
        "select 9::int as id, 'long' || repeat('z', 60) as name, 'new' as more");
  Write("_hidden/c.parquet", "select 'not this' as id");
  const auto done = Do({.partition_by = "y int", .configuration = {{"my", "prop"}}});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->files, 2);
  EXPECT_EQ(done->rows, 3);
  EXPECT_EQ(DataType::Struct(Open()->schema()).ToString(),
            "struct<id:int,name:string,s:struct<a:bigint,l:array<int>>,d:decimal(10,2),t:timestamp,u:smallint,"
            "more:string,y:int>");
  EXPECT_EQ(Open()->metadata().partition_columns, std::vector<std::string>{"y"});
  EXPECT_EQ(Open()->metadata().configuration, (StringMap{{"my", "prop"}}));
  EXPECT_EQ(
      StatsOf("y=2026/a%20b.parquet"),
      R"({"numRecords":2,"minValues":{"id":1,"name":"x","s":{"a":1},"d":-2.00,"t":"2026-01-01T00:00:00.500Z","u":7},)"
      R"("maxValues":{"id":5,"name":"x","s":{"a":1},"d":1.50,"t":"2026-02-01T00:00:00.000Z","u":200},)"
      R"("nullCount":{"id":0,"name":1,"s":{"a":1},"d":0,"t":0,"u":0,"more":2},"tightBounds":true})");
  const std::string other = StatsOf("y=__HIVE_DEFAULT_PARTITION__/b.parquet");
  const std::string prefix = "long" + std::string(28, 'z');
  EXPECT_NE(other.find("\"minValues\":{\"id\":9,\"name\":\"" + prefix + "\""), std::string::npos) << other;
  EXPECT_NE(other.find("\"maxValues\":{\"id\":9,\"name\":\"" + prefix + "\x7F\""), std::string::npos) << other;
  EXPECT_NE(other.find(R"("s":{"a":1})"), std::string::npos) << "a column that a file lacks is NULL in it: " << other;
  EXPECT_EQ(Files()["y=2026/a%20b.parquet"].partition_values, (PartitionValues{{"y", "2026"}}));
  EXPECT_EQ(Files()["y=__HIVE_DEFAULT_PARTITION__/b.parquet"].partition_values, (PartitionValues{{"y", std::nullopt}}));
}

TEST_F(ConvertTest, FilesBeforeTheSchemaGrewAreDescribedAgain) {
  for (int i = 0; i < 300; ++i) Write(fmt::format("{:03}.parquet", i), "select " + std::to_string(i) + "::int as id");
  Write("z.parquet", "select 1::int as id, 2::int as late");
  const auto done = Do();
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_EQ(done->rows, 301);
  const auto files = Files();
  EXPECT_EQ(files.size(), 301);
  EXPECT_EQ(files.at("007.parquet").stats, R"({"numRecords":1,"minValues":{"id":7},"maxValues":{"id":7},)"
                                           R"("nullCount":{"id":0,"late":1},"tightBounds":true})");
}

TEST_F(ConvertTest, WhatTheFooterDoesNotTellCanBeRead) {
  // DuckDB leaves out the bounds of columns with NaN; those of infinity it has.
  Write("a.parquet",
        "select 'nan'::double as d, 'é' as s, date '2026-01-02' as day, 1.25::float as f "
        "union all select 1, 'z', null, 2.5");
  ASSERT_TRUE(Do({.read_missing_statistics = true}).ok());
  EXPECT_EQ(StatsOf("a.parquet"),
            R"({"numRecords":2,"minValues":{"s":"z","day":"2026-01-02","f":1.25},)"
            R"("maxValues":{"s":"é","day":"2026-01-02","f":2.5},"nullCount":{"d":0,"s":0,"day":1,"f":0},)"
            R"("tightBounds":true})");
}

TEST_F(ConvertTest, StatisticsCanBeLeftOut) {
  Write("a.parquet", "select 1 as id");
  const auto done = Do({.statistics = false});
  ASSERT_TRUE(done.ok()) << ErrorOf(done);
  EXPECT_FALSE(done->rows);
  EXPECT_EQ(StatsOf("a.parquet"), "none");
}

TEST_F(ConvertTest, FeaturesThatTypesNeedAreInTheProtocol) {
  Write("a.parquet", "select timestamp '2026-01-01' as t");
  ASSERT_TRUE(Do({.configuration = {{"delta.enableRowTracking", "true"}}}).ok());
  EXPECT_TRUE(SupportsFeature(Open()->protocol(), "timestampNtz"));
  EXPECT_TRUE(SupportsFeature(Open()->protocol(), "rowTracking"));
  EXPECT_EQ(Files()["a.parquet"].base_row_id, 0);
}

TEST_F(ConvertTest, WhatCannotBeATableIsRefusedByName) {
  EXPECT_NE(ErrorOf(Do()).find("NotFound: file://" + folder_.path() + "/: there is no Parquet file"),
            std::string::npos);
  Write("a.parquet", "select 1::int as id");
  Write("b.parquet", "select 'x' as id");
  EXPECT_EQ(ErrorOf(Do()),
            "InvalidArgument: b.parquet: column id is string here and int in files before it: one table "
            "cannot hold both");
  Write("b.parquet", "select time '10:00' as id");
  EXPECT_EQ(ErrorOf(Do()),
            "Unsupported: reading the footer of b.parquet: column id is of the Parquet type INT64 (TIME), which Delta "
            "does not have");
  ASSERT_TRUE(store_->Put("b.parquet", "these are words, not Parquet").ok());
  EXPECT_NE(ErrorOf(Do()).find("Corrupt: reading the footer of b.parquet"), std::string::npos) << ErrorOf(Do());
  EXPECT_NE(ErrorOf(Do()).find("begin the name of another with _"), std::string::npos);
  ASSERT_TRUE(store_->Put("b.parquet", "").ok());
  EXPECT_NE(ErrorOf(Do()).find("b.parquet is empty and so no Parquet file"), std::string::npos) << ErrorOf(Do());
  ASSERT_TRUE(store_->Delete("b.parquet").ok());
  EXPECT_NE(ErrorOf(Do({.configuration = {{"delta.columnMapping.mode", "name"}}})).find("delta.columnMapping.mode set"),
            std::string::npos);
  EXPECT_NE(ErrorOf(Do({.partition_by = "p int"})).find("asked for are p"), std::string::npos);
  EXPECT_NE(ErrorOf(Do({.partition_by = "p int", .infer_partitions = true})).find("choose one of them"),
            std::string::npos);
  ASSERT_TRUE(store_->Put("metadata/v1.metadata.json", "{}").ok());
  EXPECT_NE(ErrorOf(Do()).find("Unsupported: file://" + folder_.path() + "/: this is an Iceberg table"),
            std::string::npos)
      << ErrorOf(Do());
  EXPECT_FALSE(HasLog());
}

TEST_F(ConvertTest, WhereverAStepFailsTheFolderIsAsItWas) {
  Write("p=1/a.parquet", "select 1::int as id");
  for (int step = 0;; ++step) {
    const auto faulty = MakeFaultStore(store_);
    faulty->SetPlan({.crash_after_calls = step});
    const auto done = ConvertToTable(*engine_, faulty, {.partition_by = "p int"}, Context());
    if (done.ok()) {
      EXPECT_GT(step, 1);
      EXPECT_EQ(Files().size(), 1);
      return;
    }
    const bool unknown = done.error().code() == Code::kCommitUnknown;
    EXPECT_EQ(store_->Head("_delta_log/00000000000000000000.json").ok() && !unknown, false) << ErrorOf(done);
    std::filesystem::remove_all(folder_.path() + "/_delta_log");
  }
}

TEST_F(ConvertTest, ATableThatAppearsMeanwhileIsNotTouched) {
  Write("a.parquet", "select 1::int as id");
  ASSERT_TRUE(Do().ok());
  EXPECT_NE(ErrorOf(Do()).find("AlreadyExists"), std::string::npos) << ErrorOf(Do());
  EXPECT_EQ(Open()->version(), 0);
}

}  // namespace
}  // namespace deltic
