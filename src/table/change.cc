// Owns the facade of delete and update: public requests into dml/, outcomes back.
#include "table/change.h"

#include "dml/change_rows.h"
#include "table/commit_text.h"
#include "table/compact_after.h"
#include "table/parquet_text.h"
#include "table/sources.h"

namespace deltic {
namespace {

using ChangeRowsOf = Result<RowsChanged> (*)(Engine&, const std::shared_ptr<const Snapshot>&, const TableResolver&,
                                             const RowChange&);

// Runs one of the two on the newest version, and moves the table on.
Result<RowsChanged> Run(ChangeRowsOf run, Table& table, RowChange change) {
  DELTIC_TRY(const auto snapshot, NewestOf(table));
  DELTIC_TRY(const auto engine, GetEngine());
  const auto self = std::make_shared<SelfRead>(snapshot->store());
  change.reads_table = [self] { return self->seen.load(); };
  DELTIC_TRY(RowsChanged changed, run(*engine, snapshot, ResolveNoting(self), change));
  if (changed.files_added > 0) {
    CompactAfter(*engine, change.commit, {changed.version, changed.snapshot, changed.warnings});
  }
  DELTIC_TRY(table, TableOf(changed.snapshot));
  return changed;
}

template <class Request>
RowChange ToChange(const Request& request, const CancelToken& cancel) {
  RowChange change{.where = request.where, .alias = request.alias};
  change.write.target_file_bytes = request.target_file_bytes;
  change.write.parquet = ToParquet(request.parquet);
  change.write.env = RealEnv();
  change.write.cancel = cancel;
  TakeCommit(request.commit, cancel, change);
  change.progress = request.progress;
  return change;
}

// What both outcomes have.
template <class Outcome>
Outcome FromChanged(RowsChanged&& changed) {
  Outcome outcome;
  outcome.changed = changed.changed;
  outcome.version = changed.version;
  outcome.num_added_files = changed.files_added;
  outcome.num_removed_files = changed.files_removed;
  outcome.num_copied_rows = changed.rows_copied;
  outcome.num_deletion_vectors_added = changed.vectors_added;
  outcome.num_deletion_vectors_updated = changed.vectors_updated;
  outcome.num_deletion_vectors_removed = changed.vectors_removed;
  outcome.num_change_files = changed.change_files;
  outcome.num_added_bytes = changed.bytes_added;
  outcome.num_removed_bytes = changed.bytes_removed;
  outcome.execution_time_ms = changed.execution_time_ms;
  outcome.scan_time_ms = changed.scan_time_ms;
  outcome.rewrite_time_ms = changed.rewrite_time_ms;
  outcome.retries = changed.retries;
  outcome.warnings = std::move(changed.warnings);
  return outcome;
}

}  // namespace

Result<DeleteOutcome> DeleteFrom(Table& table, const DeleteRequest& request, const CancelToken& cancel) {
  DELTIC_TRY(RowsChanged changed, Run(DeleteRows, table, ToChange(request, cancel)));
  const auto rows = changed.rows;
  auto outcome = FromChanged<DeleteOutcome>(std::move(changed));
  outcome.num_deleted_rows = rows;
  return outcome;
}

Result<UpdateOutcome> UpdateIn(Table& table, const UpdateRequest& request, const CancelToken& cancel) {
  RowChange change = ToChange(request, cancel);
  for (const Assignment& one : request.set) change.set.push_back({.column = one.column, .sql = one.expression});
  DELTIC_TRY(RowsChanged changed, Run(UpdateRows, table, std::move(change)));
  const int64_t rows = changed.rows.value_or(0);
  auto outcome = FromChanged<UpdateOutcome>(std::move(changed));
  outcome.num_updated_rows = rows;
  return outcome;
}

Result<DeleteOutcome> Delete(Table& table, const DeleteRequest& request) {
  return DeleteFrom(table, request, CancelToken());
}

Result<UpdateOutcome> Update(Table& table, const UpdateRequest& request) {
  return UpdateIn(table, request, CancelToken());
}

}  // namespace deltic
