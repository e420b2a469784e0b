// Owns the way DuckDB reads files of an ObjectStore: a file system for paths deltic-store://<handle>/<key>, read only.
// Local stores do not pass here: DuckDB opens their files itself.
#pragma once

#include <duckdb.hpp>

#include "storage/object_store.h"

namespace deltic {

void RegisterStoreFiles(duckdb::DatabaseInstance& database);

// "deltic-store://<handle>/", to put before a key.
std::string StorePrefix(const std::string& handle);

}  // namespace deltic
