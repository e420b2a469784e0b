// Owns the public door for changing rows in place: Delete and Update. Rows are added by deltic/write.h, matched against
// other rows by deltic/merge.h.
//
// Example:
//   auto table = deltic::Table::Open("/data/events");
//   auto deleted = deltic::Delete(*table, {.where = "day < date '2026-01-01'"});
//   if (!deleted.ok()) { std::cerr << deleted.error().ToString() << "\n"; return 1; }
//   std::cout << deleted->num_deleted_rows.value_or(-1) << " rows, version " << deleted->version << "\n";
//
//   deltic::UpdateRequest request;
//   request.set = {{.column = "price", .expression = "price * 1.1"}, {.column = "s.seen", .expression = "true"}};
//   request.where = "item in (select item from read_parquet('/data/items.parquet'))";
//   auto updated = deltic::Update(*table, request);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deltic/progress.h"
#include "deltic/result.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

// Predicates and expressions are SQL of the engine (DuckDB's dialect) over the table's columns, which may be written
// with the alias in front (`target.a`). They may read other tables: delta_scan(), read_parquet(), read_csv().
// A row for which a predicate is NULL is not changed.

struct DeleteRequest {
  std::optional<std::string> where;  // nullopt: every row
  std::string alias = "target";
  std::optional<int64_t> target_file_bytes;
  WriterProperties parquet;  // of files that are rewritten
  CommitProperties commit;
  ProgressCallback progress;
};

struct DeleteOutcome {
  bool changed = false;  // false when no row was to be deleted: no version was made
  int64_t version = 0;   // of the table, as it is now

  int64_t num_added_files = 0;    // written anew with the rows that stay; none where rows are marked
  int64_t num_removed_files = 0;  // with all their rows, or rewritten
  // Rows that are gone. Of files that go as a whole by their log entry alone, what the log says of their rows; nullopt
  // when it says nothing of one of them.
  std::optional<int64_t> num_deleted_rows;
  int64_t num_copied_rows = 0;               // that stay, and were written into other files
  int64_t num_deletion_vectors_added = 0;    // written, the updated ones among them
  int64_t num_deletion_vectors_updated = 0;  // of files that had one
  int64_t num_deletion_vectors_removed = 0;  // likewise, and those of files that went
  int64_t num_change_files = 0;              // of the change data feed
  int64_t num_added_bytes = 0;
  int64_t num_removed_bytes = 0;

  int64_t execution_time_ms = 0;
  int64_t scan_time_ms = 0;     // finding the rows
  int64_t rewrite_time_ms = 0;  // writing vectors or files

  int32_t retries = 0;
  std::vector<std::string> warnings;  // upkeep that did not work: the commit stands
};

// Deletes rows and moves `table` to the new version. With deletion vectors (delta.enableDeletionVectors) rows are
// marked; else the files that hold them are rewritten. InvalidArgument for a predicate that does not bind, Unsupported
// for tables that this build cannot write or that are append-only (delta.appendOnly), Conflict (Error::conflict() says
// of which kind) when a concurrent writer was in the way, CommitUnknown when the outcome could not be learnt. On every
// error but the last the table is as it was and no file is left behind.
DELTIC_EXPORT Result<DeleteOutcome> Delete(Table& table, const DeleteRequest& request);

struct Assignment {
  std::string column;  // "a", "s.a" for a field of a struct, "`odd.name`"
  // Over the values as they were before; "DEFAULT" alone is the column's default, or NULL where it has none.
  std::string expression;
};

struct UpdateRequest {
  std::vector<Assignment> set;
  std::optional<std::string> where;  // nullopt: every row
  std::string alias = "target";
  std::optional<int64_t> target_file_bytes;
  WriterProperties parquet;
  CommitProperties commit;
  ProgressCallback progress;
};

struct UpdateOutcome {
  bool changed = false;  // false when no row matched: no version was made
  int64_t version = 0;

  int64_t num_added_files = 0;
  int64_t num_removed_files = 0;
  int64_t num_updated_rows = 0;
  int64_t num_copied_rows = 0;               // that stay as they are, and were written into other files
  int64_t num_deletion_vectors_added = 0;    // written, the updated ones among them
  int64_t num_deletion_vectors_updated = 0;  // of files that had one
  int64_t num_deletion_vectors_removed = 0;  // likewise, and those of files that went
  int64_t num_change_files = 0;
  int64_t num_added_bytes = 0;
  int64_t num_removed_bytes = 0;

  int64_t execution_time_ms = 0;
  int64_t scan_time_ms = 0;
  int64_t rewrite_time_ms = 0;

  int32_t retries = 0;
  std::vector<std::string> warnings;
};

// Changes rows and moves `table` to the new version; errors as Delete, and InvalidArgument for a value that does not
// fit its column, a column that is set twice or may not be set (identity and generated columns), ConstraintViolation
// for rows that would break a rule of the table. Generated columns follow what they are made from; rows keep their row
// ids.
DELTIC_EXPORT Result<UpdateOutcome> Update(Table& table, const UpdateRequest& request);

}  // namespace deltic
