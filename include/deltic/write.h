// Owns the public door to a Delta table for writers: create, append, overwrite, and what every commit may carry. Values
// in and out, Arrow C streams or SQL for rows. Changes of what a table is (alter) and its log's upkeep are in
// deltic/manage.h.
//
// Example:
//   deltic::WriteRequest request;
//   request.mode = deltic::WriteMode::kOverwrite;
//   request.replace_where = "day = date '2026-01-31'";
//   auto written = deltic::Write("/data/events", {.stream = &stream}, request);
//   if (!written.ok()) { std::cerr << written.error().ToString() << "\n"; return 1; }
//   std::cout << "version " << written->version << ", " << written->rows << " rows\n";
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deltic/arrow.h"
#include "deltic/result.h"
#include "deltic/table.h"

namespace deltic {

enum class WriteMode : uint8_t {
  kAppend,         // adds rows; makes the table when there is none
  kOverwrite,      // replaces all rows, or those that replace_where or dynamic_partitions say; makes the table likewise
  kErrorIfExists,  // makes the table; AlreadyExists when there is one
  kIgnore,         // makes the table; does nothing when there is one
};

enum class SchemaEvolution : uint8_t {
  kStrict,     // columns that the table does not have are refused
  kMerge,      // they are added to the table, and types are widened where the table allows it
  kOverwrite,  // the table's schema becomes that of the rows (with kOverwrite of all rows)
};

// What a commit carries beside its actions.
struct CommitProperties {
  std::optional<std::string> user_metadata;                    // commitInfo.userMetadata
  std::map<std::string, std::string> custom_metadata;          // more members of commitInfo
  std::map<std::string, int64_t> app_transactions;             // application id to version, recorded as txn actions
  std::map<std::string, int64_t> app_transactions_updated_ms;  // by application id: txn.lastUpdated, where it is wanted
  int32_t max_retries = 100;                                   // how often other writers may be first
  bool upkeep = true;                                          // checksum, and by interval checkpoint and log cleanup
};

// How Parquet files are written. What is not given follows the table's properties, then deltic's defaults.
struct WriterProperties {
  std::optional<std::string> compression;  // snappy (default), zstd, gzip, lz4_raw, brotli, uncompressed
  std::optional<int> compression_level;
  std::optional<int64_t> max_row_group_rows;
  std::optional<int64_t> max_row_group_bytes;
  std::optional<int64_t> dictionary_size_limit;
  std::optional<bool> bloom_filters;
  std::optional<double> bloom_filter_false_positive_ratio;
};

// What a new table is made of, beside its columns.
struct TableProperties {
  std::vector<std::string> partition_by;
  std::vector<std::string> cluster_by;
  std::map<std::string, std::string> configuration;  // "delta.enableDeletionVectors": "true", ...
  std::optional<std::string> name;
  std::optional<std::string> description;
};

struct WriteRequest {
  WriteMode mode = WriteMode::kAppend;
  SchemaEvolution schema = SchemaEvolution::kStrict;
  std::string replace_where;        // with kOverwrite: SQL over the columns; the new rows must satisfy it
  bool dynamic_partitions = false;  // with kOverwrite: replaces the partitions that the rows have
  // For a new table. partition_by, when given, must be what an existing table has, unless its schema is overwritten.
  TableProperties table;
  bool no_partitions = false;  // with SchemaEvolution::kOverwrite: the table is partitioned no longer
  // Application id and version: the write is skipped when the table has recorded this version or a later one.
  std::optional<std::pair<std::string, int64_t>> once;
  std::optional<int64_t> target_file_bytes;
  WriterProperties parquet;
  CommitProperties commit;
  // As OpenOptions::storage_options, where the table is given by location.
  std::map<std::string, std::string> storage_options;
};

// Where rows come from: exactly one of the two.
struct RowsToWrite {
  ArrowArrayStream* stream = nullptr;  // taken: released in any case
  std::string sql;                     // a SELECT; delta_scan(), read_parquet() and all of DuckDB's are at hand
};

struct WriteOutcome {
  bool written = false;  // false when there was nothing to do: kIgnore, or `once` was recorded before
  int64_t version = -1;  // of the table, as it is now
  int64_t rows = 0;
  int64_t files_added = 0;
  int64_t bytes_added = 0;
  int64_t files_removed = 0;
  int64_t rows_copied = 0;  // of other rows in files that replace_where touched
  int32_t retries = 0;
  std::vector<std::string> warnings;  // upkeep that did not work: the commit stands
};

// Writes to a location. InvalidArgument for columns that do not fit (naming column and value), ConstraintViolation for
// rows that break a rule of the table (naming rule and row), Conflict (Error::conflict() says of which kind) when a
// concurrent writer was in the way, Unsupported for tables with features that this build cannot write, CommitUnknown
// when the outcome could not be learnt. On every error but the last the table is as it was and no file is left behind.
DELTIC_EXPORT Result<WriteOutcome> Write(const std::string& location, const RowsToWrite& rows,
                                         const WriteRequest& request = {});
// As above, with what `table` knows as a start, and `table` at the new version afterwards: the way to write often.
DELTIC_EXPORT Result<WriteOutcome> Write(Table& table, const RowsToWrite& rows, const WriteRequest& request = {});

enum class CreateMode : uint8_t {
  kErrorIfExists,
  kIgnore,     // an existing table is opened
  kOverwrite,  // an existing table is replaced: its rows go, its history stays
};
struct CreateRequest {
  std::string schema_json;  // the protocol's schema JSON; exactly one of the two
  std::string schema_ddl;   // "id bigint not null, name string comment 'x', s struct<a: int>"
  CreateMode mode = CreateMode::kErrorIfExists;
  TableProperties table;
  CommitProperties commit;
  std::map<std::string, std::string> storage_options;  // as OpenOptions has them
};
// Makes a table without rows. AlreadyExists by mode; InvalidArgument naming what is wrong with a column or property.
DELTIC_EXPORT Result<Table> Create(const std::string& location, const CreateRequest& request);

}  // namespace deltic
