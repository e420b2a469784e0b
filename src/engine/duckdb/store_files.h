// Owns the way DuckDB reads and writes files of an ObjectStore: a file system for paths deltic-store://<handle>/<key>.
// Reads of local stores do not pass here: DuckDB opens their files itself. All writes do: a file appears under its name
// whole and durable when it is closed, and one that is never closed leaves nothing behind.
#pragma once

#include <duckdb.hpp>

#include "storage/object_store.h"

namespace deltic {

void RegisterStoreFiles(duckdb::DatabaseInstance& database);

// "deltic-store://<handle>/", to put before a key.
std::string StorePrefix(const std::string& handle);
// What stands behind the prefix: the key, or for a file of another store '/' (with which no key begins) and its URL.
std::string StoreName(const std::string& key, const std::string& url);

}  // namespace deltic
