// Owns one query's life: its connection, its handles, its cancellation. Does not know what the query reads.
#pragma once

#include <condition_variable>
#include <duckdb.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "engine/duckdb/convert.h"
#include "engine/duckdb/query_stop.h"
#include "engine/duckdb/registry.h"
#include "engine/duckdb/store_files.h"
#include "engine/duckdb/table_scan.h"

namespace deltic {

// Interrupts a DuckDB query when a token is cancelled: a signal handler may only set a flag, so somebody has to look.
// While it lives the query's files heed the token too (QueryScope).
class CancelWatch {
 public:
  CancelWatch(CancelToken token, duckdb::shared_ptr<duckdb::ClientContext> context)
      : scope_(token, context), thread_([this, token, context = std::move(context)] { Run(token, *context); }) {}
  ~CancelWatch() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;

 private:
  void Run(const CancelToken& token, duckdb::ClientContext& context) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::milliseconds(20), [this] { return done_; })) {
      if (token.cancelled()) context.Interrupt();
    }
  }

  const QueryScope scope_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

class InputStream;  // an Arrow stream being read: row_input.cc

// One thread at a time. Members are in the order they must outlive each other.
struct Session {
  explicit Session(duckdb::DatabaseInstance& database) : connection(database) {
    SetStopSign(*connection.context, StopSign::Here());
  }

  std::vector<Handle<ScanTable>> tables;
  std::vector<Handle<FileNames>> files;
  std::vector<Handle<StoreFiles>> stores;
  std::vector<Handle<InputStream>> streams;
  duckdb::Connection connection;
  std::shared_ptr<CancelWatch> watch;  // while a stream is open

  // Ends the watch over a stream, unless a later stream's has taken its place.
  void EndWatch(const std::weak_ptr<CancelWatch>& of) {
    if (of.lock() == watch) watch.reset();
  }

  void Run(const std::string& sql) {
    auto result = connection.Query(sql);
    if (result->HasError()) result->ThrowError();
  }
};

}  // namespace deltic
