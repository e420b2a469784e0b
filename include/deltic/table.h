// Owns the public door to a Delta table for readers: open, snapshots, files, history, scans. Values in and out, Arrow C
// streams for rows. Tables are written by deltic/write.h and deltic/manage.h. Shows no internal type.
//
// Example:
//   auto table = deltic::Table::Open("/data/events");
//   if (!table.ok()) { std::cerr << table.error().ToString() << "\n"; return 1; }
//   deltic::ScanOptions options;
//   options.columns = {"id", "created_at"};
//   options.where = "created_at >= timestamp '2026-01-01' and id in (1, 2, 3)";
//   ArrowArrayStream stream;
//   auto status = table->Scan(options, &stream);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deltic/arrow.h"
#include "deltic/health.h"
#include "deltic/result.h"

namespace deltic {

// Which version to open. At most one of the two; neither means the latest.
struct OpenOptions {
  std::optional<int64_t> version;
  // Milliseconds since the Unix epoch: the newest version committed at or before it. Later than the newest commit gives
  // the newest version; earlier than the oldest commit still there is NotFound, and the message names that commit.
  std::optional<int64_t> timestamp_ms;
  // Credentials, endpoints and settings of object stores, by the names that delta-rs and object_store have, in any
  // case; the process's environment stands behind them. Unknown names are ignored. Unused by local tables.
  std::map<std::string, std::string> storage_options;
};

struct ProtocolInfo {
  int32_t min_reader_version = 1;
  int32_t min_writer_version = 2;
  std::vector<std::string> reader_features;
  std::vector<std::string> writer_features;
};

struct TableInfo {
  std::string uri;
  std::string id;
  std::optional<std::string> name;
  std::optional<std::string> description;
  int64_t version = 0;
  int64_t timestamp_ms = 0;  // of this version's commit
  std::optional<int64_t> created_time_ms;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  ProtocolInfo protocol;
  std::string schema_json;
};

struct TableTotals {
  int64_t num_files = 0;
  int64_t size_bytes = 0;
  // Live rows; nullopt when some file has no numRecords statistic.
  std::optional<int64_t> num_rows;
  int64_t num_deletion_vectors = 0;
  int64_t num_deleted_rows = 0;
};

struct DeletionVectorInfo {
  std::string storage_type;  // "u", "i" or "p"
  std::string path_or_inline_dv;
  std::optional<int32_t> offset;
  int32_t size_in_bytes = 0;
  int64_t cardinality = 0;
};

struct FileInfo {
  std::string path;                                                    // as in the log
  std::string full_path;                                               // where it is: a local path or a URL
  std::map<std::string, std::optional<std::string>> partition_values;  // logical names, serialised values
  int64_t size_bytes = 0;
  int64_t modification_time_ms = 0;
  std::optional<std::string> stats_json;
  std::optional<DeletionVectorInfo> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
  std::map<std::string, std::string> tags;
};

struct HistoryEntry {
  int64_t version = 0;
  int64_t timestamp_ms = 0;
  std::string commit_info_json;  // "" when the commit has no commitInfo
  std::optional<std::string> operation;
};

struct ScanOptions {
  std::vector<std::string> columns;  // top-level names in output order; empty means all
  std::string where;                 // SQL boolean expression; "" means all rows
  std::optional<int64_t> limit;
  bool row_ids = false;  // adds _row_id and _row_commit_version (row tracking)
  bool skipping = true;  // false reads every file: for tests
};

// How planning went, file by file.
struct PlanInfo {
  std::string predicate;  // what pruning understood of the filter
  int64_t files_total = 0;
  int64_t files_dropped_by_partition = 0;
  int64_t files_dropped_by_statistics = 0;
  int64_t files_kept = 0;
  int64_t bytes_kept = 0;
  std::vector<std::string> kept_paths;  // at most PlanOptions-many, in log order
};

enum class ExportFormat : uint8_t { kParquet, kCsv, kJsonLines };

// A table at one version. Cheap to copy; copies share the same immutable snapshot. Safe to share among threads, but for
// Refresh, which changes this copy only.
class DELTIC_EXPORT Table {
 public:
  struct State;  // deltic's own

  // Opens by location: a path, file:///path, s3://bucket/path, az://container/path and what else
  // docs/tasks/object_stores.md names. NotFound when there is no Delta table; Unsupported, naming the features,
  // when it needs a reader that this is not; Corrupt, naming the file, when the log breaks the protocol.
  static Result<Table> Open(const std::string& location, const OpenOptions& options = {});

  TableInfo Info() const;
  int64_t version() const;
  // Reads the live files' sizes and counts (from the version checksum when it has them).
  Result<TableTotals> Totals() const;

  // How the table is kept, and which maintenance would help. Reads every live file's entry of the log, as Totals does,
  // and what the log remembers of removed files.
  Result<TableHealth> Health(const HealthOptions& options = {}) const;

  // Calls `visit` for each live file that may hold a row for which `where` is true; visit answers false to stop.
  Status VisitFiles(const std::string& where, const std::function<bool(const FileInfo&)>& visit) const;
  Result<std::vector<FileInfo>> Files(const std::string& where = "") const;

  // Newest first, at most `limit` entries.
  Result<std::vector<HistoryEntry>> History(std::optional<int64_t> limit = {}) const;

  // The latest version that a streaming application committed (a txn action); nullopt when it never did.
  Result<std::optional<int64_t>> TransactionVersion(const std::string& app_id) const;
  // The rows of a file, counted from 0 in the Parquet file, that its deletion vector deletes, ascending; none without
  // one.
  Result<std::vector<uint64_t>> DeletedRows(const FileInfo& file) const;

  // Rows as an Arrow C stream, which the caller releases. The stream keeps the table alive.
  Status Scan(const ScanOptions& options, ArrowArrayStream* out) const;
  Result<int64_t> Count(const ScanOptions& options = {}) const;
  Result<PlanInfo> Explain(const ScanOptions& options, int64_t max_paths = 20) const;
  // Answers rows written; on failure there is no file at `path`.
  Result<int64_t> Export(const ScanOptions& options, ExportFormat format, const std::string& path) const;

  // Moves to the newest version, reading only what is new. Answers whether the version changed.
  Result<bool> Refresh();

  explicit Table(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  const std::shared_ptr<const State>& state() const { return state_; }

 private:
  std::shared_ptr<const State> state_;
};

// A sentence for each name among storage options that no store knows and that is nearly one that is known
// ("aws_regoin"). Values are not looked at, and not repeated.
DELTIC_EXPORT std::vector<std::string> CheckStorageOptions(const std::map<std::string, std::string>& options);

// "0.1.0".
DELTIC_EXPORT std::string Version();

}  // namespace deltic
