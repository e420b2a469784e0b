// Owns DELETE and UPDATE as operations on a snapshot: the rows found once, marked by deletion vectors or their files
// written anew, the new versions of rows, the change feed, the commit. MERGE is merge.h's.
// Protocol: "Deletion Vectors", "Change Data Files", "Row Tracking".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "deltic/progress.h"
#include "dml/merge_clause.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"
#include "write/write.h"

namespace deltic {

struct RowChange {
  std::optional<std::string> where;  // nullopt: every row
  std::string alias = "target";
  std::vector<ColumnValue> set;  // updates
  // Asked after the rows were found and written: whether the texts read this very table's newest rows by a query of
  // their own, so that all that others do to the table meanwhile matters. Empty: they do not.
  std::function<bool()> reads_table;
  WriteOptions write;
  std::vector<SetTransaction> transactions;
  StringMap user_metadata;
  std::optional<std::string> user_metadata_text;
  CommitOptions commit;
  ProgressCallback progress;
};

struct RowsChanged {
  bool changed = false;
  int64_t version = 0;
  std::shared_ptr<const Snapshot> snapshot;
  std::optional<int64_t> rows;  // deleted or updated; nullopt where files went whose log entries do not count them
  int64_t rows_copied = 0;
  int64_t files_added = 0;
  int64_t files_removed = 0;  // for good, not those that got another vector
  int64_t bytes_added = 0;
  int64_t bytes_removed = 0;
  int64_t vectors_added = 0;    // written by this commit, the updated ones among them
  int64_t vectors_updated = 0;  // of files that had one
  int64_t vectors_removed = 0;  // likewise, and those of files that went
  int64_t change_files = 0;
  int64_t execution_time_ms = 0;
  int64_t scan_time_ms = 0;
  int64_t rewrite_time_ms = 0;
  int32_t retries = 0;
  std::vector<std::string> warnings;
};

// `table` is the newest snapshot known. Nothing is committed when no row is met. On every error but CommitUnknown no
// file is left (or it is named).
Result<RowsChanged> DeleteRows(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                               const TableResolver& resolver, const RowChange& change);
Result<RowsChanged> UpdateRows(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                               const TableResolver& resolver, const RowChange& change);

}  // namespace deltic
