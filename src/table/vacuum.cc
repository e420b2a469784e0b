// Owns the facade of vacuum: the public request into vacuum/, the outcome back. Decides nothing about files.
#include "table/vacuum.h"

#include <utility>

#include "base/error.h"
#include "table/commit_text.h"
#include "table/sources.h"
#include "vacuum/vacuum.h"

namespace deltic {
namespace {

VacuumOrder OrderOf(const VacuumRequest& request, const CancelToken& cancel) {
  VacuumOrder order;
  order.scope = request.mode == VacuumMode::kLite ? VacuumScope::kLite : VacuumScope::kFull;
  order.retention_ms = request.retention_ms;
  order.enforce_retention = request.enforce_retention;
  order.dry_run = request.dry_run;
  order.keep_versions = request.keep_versions;
  order.inventory_sql = request.inventory_sql;
  order.log = request.log;
  TakeCommit(request.commit, cancel, order);
  order.threads = request.threads;
  order.progress = request.progress;
  return order;
}

}  // namespace

Result<VacuumOutcome> VacuumTable(Table& table, const VacuumRequest& request, const CancelToken& cancel) {
  DELTIC_TRY(const auto newest, NewestOf(table));
  DELTIC_TRY(VacuumDone done, VacuumFiles(newest, OrderOf(request, cancel)));
  DELTIC_TRY(table, TableOf(done.snapshot));
  VacuumOutcome outcome;
  outcome.dry_run = request.dry_run;
  outcome.files.reserve(done.files.size());
  for (ObjectMeta& file : done.files) {
    outcome.size_bytes += file.size_bytes;
    outcome.files.push_back({.path = std::move(file.key), .size_bytes = file.size_bytes});
  }
  outcome.folders_deleted = done.folders_deleted;
  outcome.folders_listed = done.folders_listed;
  outcome.files_listed = done.files_listed;
  outcome.failed = std::move(done.failed);
  outcome.version = table.version();
  outcome.warnings = std::move(done.warnings);
  return outcome;
}

Result<VacuumOutcome> Vacuum(Table& table, const VacuumRequest& request) {
  return VacuumTable(table, request, CancelToken());
}

}  // namespace deltic
