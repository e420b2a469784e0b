// Proves which paths are URLs of stores, and what patterns say of keys. Reading them is tests/stores' to test.
#include "engine/duckdb/url_files.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

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
