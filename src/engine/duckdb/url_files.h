// Owns the files that SQL text names by URL: read_parquet('s3://bucket/*.parquet'), copy ... to 'az://container/x.csv'.
// Which schemes these are; who opens them is the session's (TableResolver::files). Reading and writing itself is
// store_files.h's: a URL becomes one of its names.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "engine/duckdb/registry.h"
#include "engine/duckdb/store_files.h"
#include "storage/object_store.h"

namespace deltic {

void RegisterUrlFiles(duckdb::DatabaseInstance& database);

// Whether a path is a URL of an object store. Local files, file: URLs too, are DuckDB's.
bool IsStoreUrl(std::string_view path);

// The files of one call's statements. Immutable, safe to share.
class UrlFiles {
 public:
  explicit UrlFiles(std::shared_ptr<StoreOpener> opener);

  const std::shared_ptr<StoreOpener>& opener() const { return opener_; }
  // The name by which store_files.h reads or writes what a URL names.
  std::string NameOf(const std::string& url) const { return StorePrefix(handle_.name()) + StoreName("", url); }

 private:
  std::shared_ptr<StoreOpener> opener_;
  Handle<ObjectStore> handle_;
};

// What a pattern's segments say of a path's: '*', '?' and [...] within a segment, '**' for any number of them. Pure.
bool MatchesPattern(std::string_view path, std::string_view pattern);

}  // namespace deltic
