// Owns the public door for MERGE: rows of a source matched against a table's rows, which are updated, deleted and
// inserted by clauses, as one commit. Rows are changed without a source by deltic/change.h.
//
// Example:
//   auto table = deltic::Table::Open("/data/customers");
//   deltic::MergeRequest request;
//   request.on = "target.id = source.id";
//   request.clauses = {
//       {.kind = deltic::MergeClauseKind::kMatchedDelete, .condition = "source.op = 'd'"},
//       {.kind = deltic::MergeClauseKind::kMatchedUpdate, .star = deltic::MergeStar::kTable},
//       {.kind = deltic::MergeClauseKind::kNotMatchedInsert, .condition = "source.op <> 'd'",
//        .star = deltic::MergeStar::kTable}};
//   auto merged = deltic::Merge(*table, {.sql = "select * from read_parquet('/data/changes.parquet')"}, request);
//   if (!merged.ok()) { std::cerr << merged.error().ToString() << "\n"; return 1; }
//   std::cout << merged->num_target_rows_updated << " updated, version " << merged->version << "\n";
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deltic/change.h"
#include "deltic/progress.h"
#include "deltic/result.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

// A source row and a table row match when the ON condition is true of them. NULL keys match nothing under "=", and one
// another under IS NOT DISTINCT FROM.
enum class MergeClauseKind : uint8_t {
  kMatchedUpdate,             // of a table row with a source row; values and condition may read both
  kMatchedDelete,             //
  kNotMatchedInsert,          // a source row without a table row; values and condition read the source only
  kNotMatchedBySourceUpdate,  // a table row without a source row; values and condition read the table only
  kNotMatchedBySourceDelete,  //
};

// Columns that are set from the source's column of the same name (letter case ignored), as "SET *" and "INSERT *" say.
enum class MergeStar : uint8_t {
  kNone,    // only those of `set`
  kTable,   // as Spark: every column of the table; one that the source lacks is refused, unless the schema may be
            // merged: then an update leaves it as it is and an insert gives it its default. What only the source has is
            // left out, or added to the table where the schema may be merged.
  kSource,  // as delta-rs: every column of the source; one that the table lacks is refused, or added where the schema
            // may be merged. Columns that the source lacks are left as they are, or get their default.
};

struct MergeClause {
  MergeClauseKind kind = MergeClauseKind::kMatchedUpdate;
  std::string condition;        // SQL; "" is always true. Of several clauses of a kind the first one that is true acts
  std::vector<Assignment> set;  // updates and inserts: column to SQL; "DEFAULT" alone is the column's default
  MergeStar star = MergeStar::kNone;  // updates of matched rows and inserts; without `set`
  std::vector<std::string> except;    // columns that the star does not set
};

struct MergeRequest {
  std::string on;  // SQL over both sides, in the engine's dialect; columns may have an alias in front
  std::string target_alias = "target";
  std::string source_alias = "source";
  std::vector<MergeClause> clauses;
  // kMerge: columns that clauses set from a source column of the same name, and that the table does not have, are added
  // to it (nested ones too), and types are widened where the table allows it. kOverwrite is refused.
  SchemaEvolution schema = SchemaEvolution::kStrict;
  std::optional<int64_t> target_file_bytes;
  WriterProperties parquet;
  CommitProperties commit;
  ProgressCallback progress;
};

struct MergeOutcome {
  bool changed = false;  // false when no row was to be changed: no version was made
  int64_t version = 0;   // of the table, as it is now

  int64_t num_source_rows = 0;
  int64_t num_target_rows_inserted = 0;
  int64_t num_target_rows_updated = 0;
  int64_t num_target_rows_deleted = 0;
  int64_t num_target_rows_copied = 0;  // that stay as they are, and were written into other files
  int64_t num_output_rows = 0;         // inserted, updated and copied
  // Of the rows above, by what changed them.
  int64_t num_target_rows_matched_updated = 0;
  int64_t num_target_rows_matched_deleted = 0;
  int64_t num_target_rows_not_matched_by_source_updated = 0;
  int64_t num_target_rows_not_matched_by_source_deleted = 0;

  int64_t num_target_files_scanned = 0;
  int64_t num_target_files_skipped_during_scan = 0;  // by partition values and statistics
  int64_t num_target_files_added = 0;
  int64_t num_target_files_removed = 0;
  int64_t num_target_bytes_added = 0;
  int64_t num_target_bytes_removed = 0;
  int64_t num_deletion_vectors_added = 0;    // written, the updated ones among them
  int64_t num_deletion_vectors_updated = 0;  // of files that had one
  int64_t num_deletion_vectors_removed = 0;  // likewise, and those of files that went
  int64_t num_change_files = 0;              // of the change data feed

  int64_t execution_time_ms = 0;
  int64_t source_time_ms = 0;   // reading the source, once, and keeping it
  int64_t scan_time_ms = 0;     // finding the rows
  int64_t rewrite_time_ms = 0;  // writing vectors and files

  int32_t retries = 0;
  std::vector<std::string> warnings;  // upkeep that did not work: the commit stands
};

// Merges and moves `table` to the new version. With deletion vectors (delta.enableDeletionVectors) changed rows are
// marked and only their new versions written; else the files that hold them are rewritten. Table files that cannot hold
// a matching row, by their partition values and statistics and the source's keys, are not read.
// InvalidArgument for clauses that cannot be (their order, columns, types) and for SQL that does not bind; also when
// several source rows match one table row, unless a single delete without condition does not care which: which of them
// should win is not said.
// ConstraintViolation for rows that would break a rule of the table, Unsupported for tables that this build cannot
// write or, but for inserts, that are append-only; Conflict (Error::conflict() says of which kind) when a concurrent
// writer was in the way, CommitUnknown when the outcome could not be learnt. On every error but the last the table is
// as it was and no file is left behind.
DELTIC_EXPORT Result<MergeOutcome> Merge(Table& table, const RowsToWrite& source, const MergeRequest& request);

// A clause as people write it: "matched and s.op = 'd' then delete", "matched then update set a = s.a, b = default",
// "matched then update set * except (a)", "not matched [by target] then insert *", "not matched then insert (a, b)
// values (s.a, 1)", "not matched by source then delete"; a leading "when" is allowed. InvalidArgument saying what was
// expected where.
DELTIC_EXPORT Result<MergeClause> ParseMergeClause(const std::string& text);

// A whole statement: "MERGE [WITH SCHEMA EVOLUTION] INTO t [AS] x USING s [AS] y ON ... WHEN ... [WHEN ...]".
struct MergeStatement {
  std::string target;      // as written, without quotes: for the caller to find
  std::string source_sql;  // a SELECT of the source's rows
  MergeRequest request;    // on, aliases, clauses, schema
};
DELTIC_EXPORT Result<MergeStatement> ParseMergeStatement(const std::string& text);

}  // namespace deltic
