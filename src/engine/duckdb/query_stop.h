// Owns the StopSign (base/cancel.h) that the files of a query heed. DuckDB reads and writes them on threads of its own,
// over which no operation's sign stands: so the sign is kept with the query's context, and found again by it. Stops
// nothing by itself.
#pragma once

#include <duckdb.hpp>
#include <utility>

#include "base/cancel.h"

namespace deltic {

// The sign of the context's queries; of a context without one, and without a context, that of this thread.
StopSign StopSignOf(duckdb::optional_ptr<duckdb::ClientContext> context);
// Answers the one before. From any thread.
StopSign SetStopSign(duckdb::ClientContext& context, StopSign sign);

// While it lives, the files of the context's queries heed this thread's sign, and a token too. Once it is gone, nobody
// wants what they still read.
class QueryScope {
 public:
  QueryScope(CancelToken token, duckdb::shared_ptr<duckdb::ClientContext> context)
      : context_(std::move(context)),
        outer_(SetStopSign(*context_, StopSign::Here().With(std::move(token)).With(over_))) {}
  ~QueryScope() {
    over_.Cancel();
    SetStopSign(*context_, std::move(outer_));
  }
  QueryScope(const QueryScope&) = delete;
  QueryScope& operator=(const QueryScope&) = delete;

 private:
  const duckdb::shared_ptr<duckdb::ClientContext> context_;
  CancelToken over_;
  StopSign outer_;
};

}  // namespace deltic
