// Owns the way from rows to AddFile values: columns matched by name and cast, defaults, generated and identity columns,
// constraints, partitions, file names, statistics. Knows no snapshot and makes no commit.
// Protocol: "Data Files", "Per-file Statistics", "Partition Value Serialization", "Column Invariants", "CHECK
// Constraints", "Generated Columns", "Default Columns", "Identity Columns", "Writer Requirements for Column Mapping".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "base/cancel.h"
#include "base/env.h"
#include "engine/engine.h"
#include "features/features.h"
#include "schema/types.h"

namespace deltic {

// The table as it will be when the files are added (after schema evolution).
struct WriteTarget {
  std::shared_ptr<ObjectStore> store;
  Protocol protocol;
  Metadata metadata;
  Fields schema;  // parsed metadata.schema_string
  TableConfig config;
};

// Where the rows of a write come from, and so what is done to them.
enum class RowOrigin : uint8_t {
  kNew,  // from outside: defaults, generated and identity values are made, and every rule of the table is checked
  // The table's own, in a rewrite of its files: written as they are, without checks; _row_id and _row_commit_version
  // are kept where the input has both.
  kOwn,
  // The table's own after an update: nothing is defaulted or numbered, generated columns that the input lacks are
  // computed, every rule is checked. Row ids as for kOwn; a NULL _row_commit_version says that this commit changed the
  // row (protocol, "Row Tracking").
  kChanged,
};

struct WriteOptions {
  std::optional<int64_t> target_file_bytes;  // else delta.targetFileSize, else 128 MiB
  std::optional<ParquetOptions> parquet;     // else, or where its compression is "", by delta.parquet.compression.codec
  Env env;
  CancelToken cancel;
  RowOrigin rows = RowOrigin::kNew;
  // More that must be true of each row, over the table's columns, in the engine's SQL: replaceWhere.
  std::vector<RowCheck> checks;
  // All rows are of this partition: its values, in the order of the partition columns. They need not be sorted by it.
  std::optional<std::vector<Literal>> one_partition;
  // The files have the rows in this order. None: in any, or as they come.
  RowOrder order;
  bool keep_order = false;
};

struct WrittenRows {
  std::vector<AddFile> files;
  int64_t num_rows = 0;
  int64_t size_bytes = 0;
  // Identity columns whose high water mark moved: column name to the last value used. The commit must carry them in the
  // schema's metadata (delta.identity.highWaterMark).
  std::map<std::string, int64_t> identity_marks;
};

// ConstraintViolation naming rule, column and value; InvalidArgument for columns the table does not have, a value that
// does not fit, or a column that may not be written. On failure no file is left, or it is named.
Result<WrittenRows> WriteRows(Engine& engine, std::unique_ptr<RowInput> input, const WriteTarget& target,
                              const WriteOptions& options);

// Writes the rows of a change feed: the table's columns and a string column _change_type (kOwn: as they are). Files lie
// in _change_data/ below their partition's folder, or under random prefixes where data files do.
// Protocol: "Change Data Files", "Add CDC File".
Result<std::vector<AddCdcFile>> WriteChangeFiles(Engine& engine, std::unique_ptr<RowInput> input,
                                                 const WriteTarget& target, const WriteOptions& options);

// For an operation that fails after its files were written. Answers the error with the files named that could not be
// deleted.
Error DiscardFiles(ObjectStore& store, const std::vector<AddFile>& files, Error error);

}  // namespace deltic
