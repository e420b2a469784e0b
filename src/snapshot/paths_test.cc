// Tests where an action's path leads, and that one file has one key however its path is written.
#include "snapshot/paths.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

std::string Key(std::string_view path) {
  auto location = LocateFile(path);
  return location.ok() ? location->key : location.error().ToString();
}
std::string Absolute(std::string_view path) {
  auto location = LocateFile(path);
  return location.ok() ? location->absolute : location.error().ToString();
}
std::string Canonical(std::string_view path) {
  auto key = CanonicalPath(path);
  return key.ok() ? *key : key.error().ToString();
}

TEST(LocateFile, ARelativePathIsDecodedOnce) {
  EXPECT_EQ(Key("part-0.parquet"), "part-0.parquet");
  EXPECT_EQ(Key("special%20p%40%23h"), "special p@#h");
  EXPECT_EQ(Key("part=a%253A/x.parquet"), "part=a%3A/x.parquet");
  EXPECT_EQ(Key("a+b.parquet"), "a+b.parquet");
  EXPECT_EQ(Key("a:b.parquet"), "a:b.parquet");
  EXPECT_EQ(Key("d\xC3\xA9j\xC3\xA0"), "d\xC3\xA9j\xC3\xA0");
  EXPECT_EQ(Key("d%C3%A9j%C3%A0"), "d\xC3\xA9j\xC3\xA0");
}

TEST(LocateFile, DotsThatStayInsideAreNormalised) {
  EXPECT_EQ(Key("./a/./b//c.parquet"), "a/b/c.parquet");
  EXPECT_EQ(Key("a/../b.parquet"), "b.parquet");
  EXPECT_EQ(Key("a/%2e%2E/b.parquet"), "b.parquet");
  EXPECT_EQ(Key("..a/b..c/..."), "..a/b..c/...");
}

TEST(LocateFile, WhatLeavesTheTableOrNamesNothingIsCorrupt) {
  for (std::string_view path :
       {"",     "..",    "../x",   "a/../../x", "%2e%2e/x", "a/..%2f../x",        ".", "./",  "a/..", "%", "a%2",
        "a%zz", "a%00b", "file:x", "file:",     "file://",  "file://elsewhere/x", "/", "/..", "/../x"}) {
    auto location = LocateFile(path);
    ASSERT_FALSE(location.ok()) << path << " -> " << location->key << location->absolute;
    EXPECT_EQ(location.error().code(), Code::kCorrupt) << path;
    EXPECT_FALSE(CanonicalPath(path).ok()) << path;
  }
}

TEST(LocateFile, LocalAbsolutePathsAreOnePathInAllTheirSpellings) {
  for (std::string_view path :
       {"/some/abs/p%20q", "file:/some/abs/p%20q", "file:///some/abs/p%20q", "FILE:///some/abs/p%20q",
        "file://localhost/some/abs/p%20q", "file:////some//abs/./p%20q"}) {
    EXPECT_EQ(Absolute(path), "/some/abs/p q") << path;
    EXPECT_EQ(Key(path), "") << path;
    EXPECT_EQ(Canonical(path), "/some/abs/p q") << path;
  }
}

TEST(LocateFile, OtherSchemesAreKept) {
  EXPECT_EQ(Absolute("s3://bucket/a%20b"), "s3://bucket/a%20b");
  EXPECT_EQ(Canonical("s3://bucket/a%20b"), "s3://bucket/a b");
  EXPECT_EQ(Canonical("S3://bucket/a%20b"), "s3://bucket/a b");
}

// Hadoop chooses its library by the scheme: the log of one table may have several.
TEST(CanonicalPath, SchemesOfOneStoreNameOneFile) {
  EXPECT_EQ(Canonical("s3a://bucket/a"), "s3://bucket/a");
  EXPECT_EQ(Canonical("gcs://bucket/a"), "gs://bucket/a");
  EXPECT_EQ(Canonical("s3n://bucket/a"), "s3://bucket/a");
  EXPECT_EQ(Canonical("wasbs://c@account.blob.core.windows.net/a"),
            Canonical("abfs://c@account.dfs.core.windows.net/a"));
  EXPECT_NE(Canonical("s3a://bucket/a"), Canonical("s3a://other/a"));
}

TEST(LocateFile, AUrlOfAnotherStoreIsJudgedByItsPathToo) {
  for (const char* path : {"s3://bucket", "s3://bucket/..", "s3://bucket/a%00", "s3://bucket/%zz", "http:/"}) {
    const auto location = LocateFile(path);
    ASSERT_FALSE(location.ok()) << path;
    EXPECT_EQ(location.error().code(), Code::kCorrupt) << path;
  }
}

TEST(CanonicalPath, APlainPathIsItsOwnKey) {
  EXPECT_TRUE(CanonicalPaths::IsPlain("a/b=1/part-00000-0123.c000.snappy.parquet"));
  for (std::string_view path : {"", "/a", "a/", "a//b", "./a", "a/../b", "a%20b", "s3:x", ".a"}) {
    EXPECT_FALSE(CanonicalPaths::IsPlain(path)) << path;
  }
  EXPECT_EQ(Canonical(".a"), ".a");
  EXPECT_EQ(Canonical("a%62c"), Canonical("abc"));
}

TEST(CanonicalPath, AnAbsolutePathBelowTheTablesRootIsTheRelativeOne) {
  auto store = MakeLocalStore("/data/my table");
  const CanonicalPaths paths(*store);
  EXPECT_EQ(*paths.Of("file:/data/my%20table/a/b.parquet"), "a/b.parquet");
  EXPECT_EQ(*paths.Of("/data/my%20table/a/b.parquet"), "a/b.parquet");
  EXPECT_EQ(*paths.Of("a/b.parquet"), "a/b.parquet");
  EXPECT_EQ(*paths.Of("/data/my%20table2/b.parquet"), "/data/my table2/b.parquet");
  EXPECT_EQ(*paths.Of("/elsewhere/b.parquet"), "/elsewhere/b.parquet");
}

TEST(PathsTest, ANulInAUrlsHostIsCorrupt) {
  const std::string url("s3://bucke\1\0a/b", 15);
  auto location = LocateFile(url);
  ASSERT_FALSE(location.ok());
  EXPECT_EQ(location.error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace deltic
