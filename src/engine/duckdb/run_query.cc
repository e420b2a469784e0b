// Owns that wait; see the header.
#include "engine/duckdb/run_query.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace deltic {
namespace {

// A pipeline that becomes ready is taken up by the other threads at once, and by the caller at the latest after this.
constexpr std::chrono::microseconds kShortest(20);
constexpr std::chrono::microseconds kLongest(500);

}  // namespace

duckdb::unique_ptr<duckdb::QueryResult> RunQuery(duckdb::Connection& connection, const std::string& sql) {
  auto pending = connection.PendingQuery(sql);
  if (pending->HasError()) return duckdb::make_uniq<duckdb::MaterializedQueryResult>(pending->GetErrorObject());
  auto wait = kShortest;
  while (true) {
    const auto state = pending->ExecuteTask();
    if (duckdb::PendingQueryResult::IsResultReady(state)) {
      // Execute() would answer a statement that failed meanwhile, or was interrupted, with an error of its own.
      if (pending->HasError()) {
        return duckdb::make_uniq<duckdb::MaterializedQueryResult>(pending->GetErrorObject());
      }
      return pending->Execute();
    }
    if (state == duckdb::PendingExecutionResult::RESULT_NOT_READY) {
      wait = kShortest;
      continue;
    }
    std::this_thread::sleep_for(wait);  // other threads have all the work, or it waits for something itself
    wait = std::min(wait * 2, kLongest);
  }
}

}  // namespace deltic
