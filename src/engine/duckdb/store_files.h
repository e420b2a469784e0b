// Owns the way DuckDB reads and writes files of an ObjectStore: a file system for paths deltic-store://<handle>/<key>.
// Reads of local stores do not pass here: DuckDB opens their files itself. Reads over a network pass through a
// ReadAhead (storage/read_ahead.h): a file is opened and its end read in one request, a small one whole. All writes do:
// a file appears under its name whole and durable when it is closed, and one that is never closed leaves nothing
// behind.
#pragma once

#include <duckdb.hpp>

#include "storage/object_store.h"
#include "storage/read_ahead.h"

namespace deltic {

void RegisterStoreFiles(duckdb::DatabaseInstance& database);

// The files of a store that are read together: by one session, one scan. Thread-safe.
class StoreFiles {
 public:
  explicit StoreFiles(std::shared_ptr<ObjectStore> store) : store_(std::move(store)) {}

  const std::shared_ptr<ObjectStore>& store() const { return store_; }
  // For the files of stores behind a network.
  ReadAhead& ahead() { return ahead_; }
  // Where the file is that stands behind the prefix as `name` (StoreName).
  Result<ReadTarget> Find(const std::string& name, std::optional<int64_t> size_bytes) const;

 private:
  const std::shared_ptr<ObjectStore> store_;
  ReadAhead ahead_;
};

// "deltic-store://<handle>/", to put before a key: of an ObjectStore, to write; of StoreFiles, to read.
std::string StorePrefix(const std::string& handle);
std::string StoreFilesPrefix(const std::string& handle);
// What stands behind the prefix: the key, or for a file of another store '/' (with which no key begins) and its URL.
std::string StoreName(const std::string& key, const std::string& url);

}  // namespace deltic
