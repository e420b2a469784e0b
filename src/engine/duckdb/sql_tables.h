// Owns the tables that a session's SQL reads: what its names and delta_scan() stand for, and for how long.
// Does not open tables: the session's TableResolver does.
#pragma once

#include <duckdb.hpp>
#include <duckdb/main/client_context_state.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/duckdb/registry.h"
#include "engine/duckdb/store_files.h"
#include "engine/duckdb/table_scan.h"
#include "engine/engine.h"

namespace deltic {

// A scan and the columns that it has after the table's own.
struct OpenTable {
  ScanSpec spec;
  bool row_ids = false;
  bool places = false;
};

// The tables that handles stand for, with their stores.
struct OpenTables {
  std::vector<Handle<ScanTable>> tables;
  std::vector<Handle<StoreFiles>> stores;

  // Answers the handle.
  std::string Add(OpenTable open) {
    auto table = std::make_shared<ScanTable>();
    table->spec = std::move(open.spec);
    table->row_ids = open.row_ids;
    table->places = open.places;
    if (table->spec.store != nullptr) {
      table->store_files = std::make_shared<StoreFiles>(table->spec.store);
      stores.emplace_back(table->store_files);
      table->store_prefix = StoreFilesPrefix(stores.back().name());
    }
    tables.emplace_back(std::move(table));
    return tables.back().name();
  }
};

class UrlFiles;

// Where a context keeps its SqlState.
inline constexpr const char* kSqlStateKey = "deltic_sql";

// What delta_scan finds in the context it is bound in.
struct SqlState : public duckdb::ClientContextState {
  TableResolver resolver;
  OpenTables registered;                       // as long as the session
  OpenTables statement;                        // as long as one call's statements and their rows
  std::map<std::string, std::string> handles;  // of `statement`, so that a text that is bound twice sees one snapshot

  void BeginStatement() {
    handles.clear();
    statement = {};
    const std::lock_guard lock(urls_mutex_);
    urls_.reset();  // a file may have been replaced since the last statement read it
  }
  // The files that the call's statements name by URL; null when they may name none. From any thread.
  std::shared_ptr<const UrlFiles> Urls();

 private:
  std::mutex urls_mutex_;
  std::shared_ptr<const UrlFiles> urls_;
};

// can_have_nan: without it DuckDB's row-group statistics forget that NaN is above every number.
inline std::string ScanText(const std::string& handle) {
  return std::string(kTableScanName) + "(" + QuoteText(handle) + ", can_have_nan = true)";
}

}  // namespace deltic
