// Proves which paths are URLs of stores, what patterns say of keys, and that DuckDB reads and writes such files whole.
#include "engine/duckdb/url_files.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/url.h"
#include "engine/duckdb/convert.h"
#include "engine/duckdb/sql_tables.h"

namespace deltic {
namespace {

// Every bucket is one memory.
class OneStore : public StoreOpener {
 public:
  Result<std::shared_ptr<ObjectStore>> Open(std::string_view) override { return store; }
  Result<ObjectPlace> Find(std::string_view url) override {
    const size_t slash = url.find('/', url.find("://") + 3);
    DELTIC_TRY(std::string key, PercentDecode(url.substr(slash + 1)));
    return ObjectPlace{.store = store, .key = std::move(key)};
  }
  const std::shared_ptr<ObjectStore> store = MakeMemoryStore("bucket");
};

class SqlUrls : public testing::Test {
 protected:
  SqlUrls() {
    RegisterStoreFiles(*database_.instance);
    RegisterUrlFiles(*database_.instance);
    state_ = duckdb::make_shared_ptr<SqlState>();
    state_->resolver.files = opener_;
    connection_.context->registered_state->Insert(kSqlStateKey, state_);
  }

  // The first value, or the error.
  std::string Run(const std::string& sql) {
    state_->BeginStatement();
    auto result = connection_.Query(sql);
    if (result->HasError()) return "error: " + result->GetError();
    return result->RowCount() == 0 ? "" : result->GetValue(0, 0).ToString();
  }
  std::string Keys() {
    std::string keys;
    EXPECT_TRUE(opener_->store
                    ->ListRecursive("",
                                    [&](const ObjectMeta& meta) {
                                      keys += meta.key + "\n";
                                      return true;
                                    })
                    .ok());
    return keys;
  }

  const std::shared_ptr<OneStore> opener_ = std::make_shared<OneStore>();
  duckdb::DuckDB database_;
  duckdb::Connection connection_{database_};
  duckdb::shared_ptr<SqlState> state_;
};

TEST_F(SqlUrls, WhatIsCopiedToAUrlIsReadByIt) {
  EXPECT_EQ(Run("copy (select range as a from range(10)) to 's3://bucket/dir/a%20b.parquet'"), "10");
  EXPECT_EQ(Keys(), "dir/a b.parquet\n");
  EXPECT_EQ(Run("select sum(a) from read_parquet('s3://bucket/dir/a%20b.parquet')"), "45");
  EXPECT_EQ(Run("select sum(a) from 's3://bucket/dir/a%20b.parquet'"), "45");
  for (const char* format : {"csv", "json"}) {
    const std::string url = std::string("'az://bucket/x.") + format + "'";
    EXPECT_EQ(Run("copy (select 1 as a, 'ü' as b) to " + url), "1");
    EXPECT_EQ(Run("select b from " + url), "ü");
  }
}

TEST_F(SqlUrls, AFileIsReplacedAndReadAnew) {
  EXPECT_EQ(Run("copy (select 1 as a) to 's3://bucket/a.csv'"), "1");
  EXPECT_EQ(Run("select a from 's3://bucket/a.csv'"), "1");
  EXPECT_EQ(Run("copy (select 22 as a) to 's3://bucket/a.csv'"), "1");
  EXPECT_EQ(Run("select a from 's3://bucket/a.csv'"), "22");
  EXPECT_EQ(Keys(), "a.csv\n");
}

TEST_F(SqlUrls, APatternNamesTheFilesThatItMatches) {
  for (const char* key : {"d/p=1/a.parquet", "d/p=2/b c.parquet", "d/p=2/c.txt.parquet2", "e.parquet"}) {
    EXPECT_EQ(Run("copy (select 1 as a) to 's3://bucket/" + std::string(key) + "' (format parquet)"), "1");
  }
  EXPECT_EQ(Run("select count(*) from read_parquet('s3://bucket/d/*/*.parquet')"), "2");
  EXPECT_EQ(Run("select count(*) from read_parquet('s3://bucket/**/*.parquet')"), "3");
  EXPECT_EQ(Run("select sum(p) from read_parquet('s3://bucket/d/*/*.parquet', hive_partitioning = true)"), "3");
  EXPECT_NE(Run("select * from read_parquet('s3://bucket/none/*.parquet')").find("No files found"), std::string::npos);
  EXPECT_NE(Run("select * from read_parquet('s3://bucket/none.parquet')").find("none.parquet"), std::string::npos);
}

TEST_F(SqlUrls, ACopyThatFailsLeavesNothing) {
  EXPECT_NE(Run("copy (select case when range < 5000 then 1 else error('stop') end as a from range(10000)) "
                "to 's3://bucket/a.parquet'")
                .find("stop"),
            std::string::npos);
  EXPECT_EQ(Keys(), "");
}

TEST_F(SqlUrls, ASessionWithoutAnOpenerRefusesThem) {
  state_->resolver.files = nullptr;
  EXPECT_NE(Run("select * from read_parquet('s3://bucket/a.parquet')").find("cannot be opened here"),
            std::string::npos);
}

TEST(UrlFiles, OnlyUrlsOfObjectStoresAreTheirs) {
  for (std::string_view path :
       {"s3://b/x", "s3a://b/x", "az://c/x", "abfss://c@a.dfs.core.windows.net/x", "gs://b/x", "hdfs://h/x"}) {
    EXPECT_TRUE(IsStoreUrl(path)) << path;
  }
  for (std::string_view path :
       {"/x", "x", "file:///x", "s3:x", "https://host/x", "deltic-store://f7/x", "a/s3://b", ""}) {
    EXPECT_FALSE(IsStoreUrl(path)) << path;
  }
}

TEST(UrlFiles, PatternsKeepToTheirSegments) {
  EXPECT_TRUE(MatchesPattern("a.parquet", "*.parquet"));
  EXPECT_FALSE(MatchesPattern("d/a.parquet", "*.parquet"));
  EXPECT_TRUE(MatchesPattern("p=1/a.parquet", "p=*/?.parquet"));
  EXPECT_FALSE(MatchesPattern("p=1/ab.parquet", "p=*/?.parquet"));
  EXPECT_TRUE(MatchesPattern("p=1/a", "p=[12]/a"));
  EXPECT_FALSE(MatchesPattern("p=3/a", "p=[12]/a"));
}

TEST(UrlFiles, TwoStarsStandForAnyNumberOfFolders) {
  EXPECT_TRUE(MatchesPattern("a.parquet", "**/*.parquet"));
  EXPECT_TRUE(MatchesPattern("x/y/a.parquet", "**/*.parquet"));
  EXPECT_FALSE(MatchesPattern("x/y/a.csv", "**/*.parquet"));
  EXPECT_TRUE(MatchesPattern("x/y/a.csv", "x/**"));
  EXPECT_FALSE(MatchesPattern("z/y/a.csv", "x/**"));
}

}  // namespace
}  // namespace deltic
