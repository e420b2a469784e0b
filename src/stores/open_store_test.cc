// Proves which store a location means, what is refused, and that other places open with the same options.
#include "stores/open_store.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

const StorageOptions kOptions = {{"aws_access_key_id", "id"},
                                 {"aws_secret_access_key", "hidden-secret"},
                                 {"azure_storage_account_name", "ours"},
                                 {"azure_storage_account_key", "aGlkZGVuLWtleQ=="}};

TEST(ChooseStore, ASchemeMeansItsStoreInAnyCase) {
  const std::pair<std::string_view, StoreKind> cases[] = {
      {"/data/t", StoreKind::kLocal},
      {"t", StoreKind::kLocal},
      {"file:/t", StoreKind::kLocal},
      {"FILE:///t", StoreKind::kLocal},
      {"s3://bucket/t", StoreKind::kS3},
      {"S3A://bucket/t", StoreKind::kS3},
      {"s3n://bucket/t", StoreKind::kS3},
      {"az://container/t", StoreKind::kAzure},
      {"azure://container/t", StoreKind::kAzure},
      {"adl://container/t", StoreKind::kAzure},
      {"abfs://container@a.dfs.core.windows.net/t", StoreKind::kAzure},
      {"abfss://container@a.dfs.core.windows.net/t", StoreKind::kAzure},
      {"https://a.blob.core.windows.net/container/t", StoreKind::kAzure},
      {"https://A.DFS.core.windows.net/container/t", StoreKind::kAzure},
      {"https://onelake.dfs.fabric.microsoft.com/w/t", StoreKind::kAzure},
      {"gs://bucket/t", StoreKind::kGcs},
      {"hdfs://host:8020/t", StoreKind::kHdfs},
      {"webhdfs://host:9870/t", StoreKind::kHdfs},
  };
  for (const auto& [location, kind] : cases) {
    const auto chosen = ChooseStore(location);
    ASSERT_TRUE(chosen.ok()) << location << ": " << chosen.error().ToString();
    EXPECT_EQ(*chosen, kind) << location;
  }
}

TEST(ChooseStore, OtherSchemesAndHostsAreRefusedWithoutRepeatingTheirSecrets) {
  for (std::string_view location :
       {"ftp://user:hidden@host/t", "s3:bucket/hidden", "s3:/bucket/hidden", "http://host/hidden",
        "https://host/hidden", "https://a.blob.core.windows.net.evil.com/container/hidden",
        "https://a.blob.core.windows.net@evil.com/hidden", "https://blob.core.windows.net/hidden"}) {
    const auto chosen = ChooseStore(location);
    ASSERT_FALSE(chosen.ok()) << location;
    EXPECT_EQ(chosen.error().code(), Code::kUnsupported) << location;
    EXPECT_EQ(chosen.error().message().find("hidden"), std::string::npos) << chosen.error().ToString();
  }
  EXPECT_EQ(ChooseStore("").error().code(), Code::kInvalidArgument);
}

TEST(SplitStoreUrl, TheRootIsTheBucketOrTheContainer) {
  const auto split = [](std::string_view url) {
    const UrlParts parts = SplitStoreUrl(url, *ChooseStore(url));
    return std::string(parts.root) + " | " + std::string(parts.rest);
  };
  EXPECT_EQ(split("s3://b/a%20b/c"), "s3://b | a%20b/c");
  EXPECT_EQ(split("s3://b"), "s3://b | ");
  EXPECT_EQ(split("abfss://c@a.dfs.core.windows.net/x/y"), "abfss://c@a.dfs.core.windows.net | x/y");
  EXPECT_EQ(split("https://a.blob.core.windows.net/c/x/y"), "https://a.blob.core.windows.net/c | x/y");
  EXPECT_EQ(split("az://c/x"), "az://c | x");
}

TEST(OpenStore, AStoreOpensOthersBesideItWithTheSameOptions) {
  auto store = OpenStore("s3://bucket/a%20table", kOptions);
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  EXPECT_EQ((*store)->uri(), "s3://bucket/a%20table/");
  auto place = PlaceBeside(**store, "s3://other/p=a%2520b/part.parquet");
  ASSERT_TRUE(place.ok()) << place.error().ToString();
  EXPECT_EQ(place->store->uri(), "s3://other/");
  EXPECT_EQ(place->key, "p=a%20b/part.parquet");
  // One store for all files of a bucket.
  EXPECT_EQ(PlaceBeside(**store, "s3://other/b.parquet")->store, place->store);
  EXPECT_NE(PlaceBeside(**store, "s3://third/b.parquet")->store, place->store);
  const auto local = PlaceBeside(**store, "/data/a b/c%20.parquet");
  ASSERT_TRUE(local.ok());
  EXPECT_EQ(*local->store->LocalPath(local->key), "/data/a b/c%20.parquet");
  EXPECT_EQ(*PlaceBeside(**store, "file:///data/a%20b/c")->store->LocalPath("c"), "/data/a b/c");
}

TEST(OpenStore, ALocalStoreOpensBucketsToo) {
  auto store = OpenStore("/data/clone", kOptions);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(PlaceBeside(**store, "s3://bucket/t/part.parquet")->Name(), "s3://bucket/t/part.parquet");
}

TEST(OpenStore, AUrlThatNamesNoFileIsCorruptAndAnUnknownSchemeUnsupported) {
  auto store = OpenStore("s3://bucket/t", kOptions);
  ASSERT_TRUE(store.ok());
  for (const std::string url : {"s3://bucket/", "s3://bucket/a//b", "s3://bucket/../b", "s3://bucket/%zz"}) {
    const auto place = PlaceBeside(**store, url);
    ASSERT_FALSE(place.ok()) << url;
    EXPECT_EQ(place.error().code(), Code::kCorrupt) << url;
  }
  EXPECT_EQ(PlaceBeside(**store, "ftp://host/file").error().code(), Code::kUnsupported);
}

TEST(OpenStore, AKeyOfOneAccountIsNotSentToAnother) {
  auto store = OpenStore("abfss://container@ours.dfs.core.windows.net/t", kOptions);
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  EXPECT_TRUE(PlaceBeside(**store, "abfss://other@ours.dfs.core.windows.net/f").ok());
  EXPECT_TRUE(PlaceBeside(**store, "https://ours.blob.core.windows.net/other/f").ok());
  for (const std::string url :
       {"abfss://c@theirs.dfs.core.windows.net/f", "https://theirs.blob.core.windows.net/c/f"}) {
    const auto place = PlaceBeside(**store, url);
    ASSERT_FALSE(place.ok()) << url;
    EXPECT_EQ(place.error().code(), Code::kPermissionDenied);
    EXPECT_NE(place.error().message().find("theirs"), std::string::npos) << place.error().ToString();
  }
}

TEST(OpenStore, ATokenOfOneClusterIsNotSentToAnother) {
  const StorageOptions token{{"hdfs_delegation_token", "hidden"}, {"hdfs_user", "me"}};
  auto store = OpenStore("hdfs://ours:8020/t", token);
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  EXPECT_EQ((*store)->uri(), "hdfs://ours:8020/t/");
  EXPECT_EQ(PlaceBeside(**store, "hdfs://ours:8020/x%20y/f")->key, "x y/f");
  const auto place = PlaceBeside(**store, "hdfs://theirs:8020/f");
  EXPECT_EQ(place.error().code(), Code::kPermissionDenied);
  EXPECT_EQ(place.error().message().find("hidden"), std::string::npos);
  EXPECT_TRUE(PlaceBeside(**OpenStore("hdfs://ours/t", {{"hdfs_user", "me"}}), "hdfs://theirs/f").ok());
  for (const std::string table : {"/data/clone", "s3://bucket/t"}) {
    EXPECT_EQ(PlaceBeside(**OpenStore(table, token), "hdfs://theirs:8020/f").error().code(), Code::kPermissionDenied)
        << "a log must not choose who is told the token";
  }
  StorageOptions fixed = token;
  fixed["webhdfs_endpoint"] = "http://ours:9870";
  EXPECT_TRUE(PlaceBeside(**OpenStore("hdfs://ours/t", fixed), "hdfs://theirs/f").ok()) << "it is asked of ours";
}

TEST(OpenStore, GoogleBucketsOpenWithOneSetOfOptions) {
  auto store = OpenStore("gcs://bucket/a%20b", {{"google_bearer_token", "hidden"}});
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  EXPECT_EQ((*store)->uri(), "gs://bucket/a%20b/");
  EXPECT_EQ(PlaceBeside(**store, "gs://other/x/f")->Name(), "gs://other/x/f");
}

TEST(OpenStore, ATableOnALocalDiskDoesNotTellWhoseSignatureItIs) {
  const auto find = [](const StorageOptions& options) {
    return PlaceBeside(**OpenStore("/data/clone", options), "abfss://c@theirs.dfs.core.windows.net/f");
  };
  EXPECT_EQ(find({{"azure_storage_sas_token", "sv=1"}}).error().code(), Code::kPermissionDenied);
  EXPECT_EQ(find({{"azure_storage_sas_token", "sv=1"}, {"account_name", "ours"}}).error().code(),
            Code::kPermissionDenied);
  EXPECT_TRUE(find({{"azure_storage_sas_token", "sv=1"}, {"account_name", "theirs"}}).ok());
}

TEST(OpenStore, WhatCannotBeOpenedIsRefusedWithoutSecrets) {
  for (const std::string location :
       {"s3://key:hidden@bucket/t", "https://a.blob.core.windows.net/c/t?sv=1&sig=hidden", "az://c/t?sig=hidden"}) {
    const auto store = OpenStore(location, kOptions);
    ASSERT_FALSE(store.ok()) << location;
    EXPECT_EQ(store.error().code(), Code::kInvalidArgument) << location;
    EXPECT_EQ(store.error().ToString().find("hidden"), std::string::npos) << store.error().ToString();
  }
  const auto bad = OpenStore("s3://bucket/t", {{"aws_secret_access_key", "hidden"}, {"timeout", "soon"}});
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.error().message().find("timeout"), std::string::npos);
  EXPECT_EQ(bad.error().message().find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace deltic
