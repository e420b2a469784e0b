// Owns the facade of optimize and reorg: public requests into optimize/, outcomes back.
#include "table/optimize.h"

#include "base/error.h"
#include "optimize/optimize.h"
#include "table/commit_text.h"
#include "table/parquet_text.h"
#include "table/sources.h"

namespace deltic {
namespace {

template <class Request>
OptimizeContext ContextOf(const Request& request, const CancelToken& cancel) {
  OptimizeContext context;
  context.commit = ToCommitOptions(request.commit, cancel);
  context.transactions = ToTransactions(request.commit);
  context.write.env = RealEnv();
  context.write.cancel = cancel;
  context.write.parquet = ToParquet(request.parquet);
  return context;
}

Result<OptimizeOutcome> Finish(Table& table, Result<Optimized> done) {
  if (!done.ok()) return std::move(done).error();
  DELTIC_TRY(table, TableOf(done->snapshot));
  return std::move(done->outcome);
}

}  // namespace

Result<OptimizeOutcome> OptimizeTo(Table& table, const OptimizeRequest& request, const CancelToken& cancel) {
  DELTIC_TRY(const auto snapshot, NewestOf(table));
  DELTIC_TRY(const auto engine, GetEngine());
  return Finish(table, OptimizeTable(*engine, snapshot, request, ContextOf(request, cancel)));
}

Result<OptimizeOutcome> ReorgTo(Table& table, const ReorgRequest& request, const CancelToken& cancel) {
  DELTIC_TRY(const auto snapshot, NewestOf(table));
  DELTIC_TRY(const auto engine, GetEngine());
  return Finish(table, ReorgTable(*engine, snapshot, request, ContextOf(request, cancel)));
}

Result<OptimizeOutcome> Optimize(Table& table, const OptimizeRequest& request) {
  return OptimizeTo(table, request, CancelToken());
}

Result<OptimizeOutcome> Reorg(Table& table, const ReorgRequest& request) {
  return ReorgTo(table, request, CancelToken());
}

}  // namespace deltic
