// Owns the way from a location to its store: which kind of store a scheme means, and the opening of others beside it
// with the same options. Knows no requests (s3/, azure/ ... do) and no tables.
//
//   location                                            store
//   /path, path, file:///path                           the local file system
//   s3://bucket/path, s3a://, s3n://                    S3 and what speaks its protocol
//   az://container/path, azure://, adl://,
//   abfs[s]://container@account.dfs.core.windows.net/path,
//   https://account.{blob,dfs}.core.windows.net/container/path   Azure Blob storage, Data Lake Storage Gen2
//   gs://bucket/path, gcs://                            Google Cloud Storage
//   hdfs://host:8020/path, hdfs:///path, webhdfs://host:9870/path, swebhdfs://   HDFS, by WebHDFS
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "deltic/result.h"
#include "storage/object_store.h"

namespace deltic {

// Names as delta-rs and object_store have them, in any case; the process's environment stands behind them. Names that a
// store does not know are ignored.
using StorageOptions = std::map<std::string, std::string>;

// The store of a location as people write it. Asks no server. InvalidArgument for a location or an option that cannot
// be, naming it; Unsupported, naming the scheme, for one that no store has. Secrets are in no message.
Result<std::shared_ptr<ObjectStore>> OpenStore(std::string_view location, const StorageOptions& options = {});
// With no location yet: for SQL, where locations come with each query.
std::shared_ptr<StoreOpener> MakeStoreOpener(const StorageOptions& options);

enum class StoreKind : uint8_t { kLocal, kS3, kAzure, kGcs, kHdfs };
// By scheme and, for https, by host. Unsupported for others. Pure.
Result<StoreKind> ChooseStore(std::string_view location);

// "s3://bucket" and "a%20b/c" of "s3://bucket/a%20b/c": the whole of a bucket, container or file system, and the rest.
struct UrlParts {
  std::string_view root;
  std::string_view rest;
};
UrlParts SplitStoreUrl(std::string_view url, StoreKind kind);

}  // namespace deltic
