// Owns append and overwrite as one operation: what is written, what it replaces, how the table changes for it, as one
// commit. Rows become files in write/, definitions change in alter/, versions are made in commit/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alter/definition.h"
#include "base/cancel.h"
#include "base/env.h"
#include "commit/commit.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"
#include "write/write.h"

namespace deltic {

enum class InsertMode : uint8_t {
  kAppend,         // makes the table when there is none
  kOverwrite,      // likewise; else replaces rows: all, those of replace_where, or those of the partitions written
  kErrorIfExists,  // AlreadyExists when there is a table
  kIgnore,         // does nothing when there is a table
};

struct InsertRequest {
  InsertMode mode = InsertMode::kAppend;
  SchemaMode schema_mode = SchemaMode::kStrict;
  std::string replace_where;        // kOverwrite: SQL over the table's columns; new rows must satisfy it
  bool dynamic_partitions = false;  // kOverwrite: only partitions that the new rows have are replaced
  // Of a new table, or of one whose schema is overwritten; for others it must say what the table has.
  std::optional<std::vector<std::string>> partition_columns;
  TableSpec
      table;  // of a new table: properties, name, description, clustering; schema and partitions are not looked at
  WriteOptions write;
  // Skips the write when the table has this transaction, or a later one of the application: exactly-once for retries.
  std::optional<SetTransaction> once;
  std::vector<SetTransaction> transactions;  // recorded with the commit
  // Asked after the rows were written: whether they come of this very table's newest rows (INSERT INTO t SELECT FROM
  // t), so that what others do to the table meanwhile matters. Empty: they do not.
  std::function<bool()> reads_table;
  StringMap user_metadata;
  std::optional<std::string> user_metadata_text;
  std::optional<IsolationLevel> isolation;
  CommitOptions commit;
};

struct InsertOutcome {
  bool written = false;  // false: ignored, or `once` was committed before
  int64_t version = -1;  // of the table, as it is now
  std::shared_ptr<const Snapshot> snapshot;
  int64_t rows = 0;
  int64_t files_added = 0;
  int64_t bytes_added = 0;
  int64_t files_removed = 0;
  int64_t rows_copied = 0;  // of files that hold both replaced and other rows
  int32_t retries = 0;
  std::vector<std::string> warnings;
};

// `base` is the newest snapshot known, null for no table. On every error the table is as before and no file is left (or
// it is named); Conflict and the errors of WriteRows, EvolveForWrite, DefineTable and Commit pass through.
Result<InsertOutcome> Insert(Engine& engine, const std::shared_ptr<ObjectStore>& store,
                             std::shared_ptr<const Snapshot> base, std::unique_ptr<RowInput> rows,
                             const InsertRequest& request);

}  // namespace deltic
