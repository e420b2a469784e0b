// Owns the seam to the query engine: what deltic asks of DuckDB, in terms that hold no DuckDB type.
// The implementation (engine/duckdb/) is a shared library of its own, loaded on first use by engine/loader.cc, because
// loading DuckDB costs 10-14 ms that `deltic info` on a small table should not pay.
// Does not know the log, snapshots or deletion vector formats: it sees data files only through FileSource.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "deltic/arrow.h"
#include "engine/checkpoint_writer.h"
#include "engine/data_writer.h"
#include "engine/parquet_summary.h"
#include "engine/statistics_question.h"
#include "engine/work_session.h"
#include "expr/literal.h"
#include "expr/predicate.h"
#include "schema/types.h"
#include "storage/object_store.h"

namespace deltic {

// Which rows of one data file are deleted. Immutable, safe to share among threads.
class RowMask {
 public:
  virtual ~RowMask() = default;
  // Of the rows start, start+1, ... start+count-1 of the file: writes the offsets from start of those that live to
  // `keep` (room for count), ascending, and answers how many. count is at most 2048.
  virtual uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const = 0;
};

// One data file as a scan needs it.
struct ScanFile {
  std::string key;  // where in the store; ignored when local_path or url is set
  std::string local_path;
  std::string url;  // of a file in another store, percent-encoded: the store's opener finds it
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;
  std::vector<Literal> partition_values;  // one for each of ScanSpec::partition_columns, of that column's type
  // Which of ScanSpec::partition_columns, by index, this file holds itself: they are read from it, and their value
  // above is not looked at. Change data files hold the type of each change; data files have one type for all their
  // rows.
  std::vector<size_t> stored_partition_columns;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
  bool has_deletions = false;
  std::shared_ptr<const void> token;  // the source's own, for LoadMask
  int64_t number = 0;                 // the source's own number of the file: what RowPlace::file says
};

// One thread at a time.
class FileCursor {
 public:
  virtual ~FileCursor() = default;
  // The next file, or nullopt at the end.
  virtual Result<std::optional<ScanFile>> Next() = 0;
};

// The files of a scan. Thread-safe.
class FileSource {
 public:
  virtual ~FileSource() = default;
  // The files that may hold a row for which `filter` is true (a conjunction; kConstant true when there is none).
  virtual Result<std::unique_ptr<FileCursor>> Open(const Predicate& filter) = 0;
  // The rows deleted from a file with has_deletions. Called when the file is opened, from any thread.
  virtual Result<std::shared_ptr<const RowMask>> LoadMask(const ScanFile& file) = 0;
  // A guess for join planning.
  virtual int64_t EstimatedRows() const = 0;
  // What statistics alone say exactly, without a data file; nullopt when they do not, or when files must be read.
  virtual Result<std::optional<StatisticsAnswer>> AskStatistics(const StatisticsQuestion& /*question*/) {
    return std::optional<StatisticsAnswer>();
  }
};

// A table as the engine sees it.
struct ScanSpec {
  std::shared_ptr<FileSource> files;
  std::shared_ptr<ObjectStore> store;  // for files without a local path; its opener for those of other stores
  Fields schema;                       // logical; column mapping in its fields
  MappingMode mode = MappingMode::kNone;
  std::vector<std::string> partition_columns;  // logical names
  // The file columns of materialised row ids and row commit versions ("" when the table has none).
  std::string row_id_column;
  std::string row_commit_version_column;
};

struct ReadSpec {
  ScanSpec scan;
  std::vector<std::string> columns;  // top-level logical names, in output order; empty means all
  std::string where;                 // SQL boolean expression over the columns; "" means all rows
  std::optional<int64_t> limit;
  bool row_ids = false;  // adds BIGINT columns _row_id and _row_commit_version (see ScanSpec)
};

// Rows as text, for terminals. One thread at a time.
class TextRows {
 public:
  virtual ~TextRows() = default;
  virtual const std::vector<std::string>& names() const = 0;
  virtual const std::vector<bool>& right_aligned() const = 0;  // numbers
  // The next batch, row by row, nullopt for NULL; empty at the end.
  virtual Result<std::vector<std::vector<std::optional<std::string>>>> Next() = 0;
};

enum class FileFormat : uint8_t { kParquet, kCsv, kJsonLines };

struct ExportOptions {
  FileFormat format = FileFormat::kParquet;
  std::string path;         // a local file; "/dev/stdout" streams
  std::string compression;  // "" for the format's default: snappy for Parquet, none for text
};

// A file action of a Parquet checkpoint or sidecar. Views live until the cursor's next call.
struct FileActionView {
  bool is_remove = false;
  std::string_view path;
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> partition_values;
  int64_t size = 0;
  int64_t modification_time = 0;
  std::optional<std::string_view> stats;  // JSON: from `stats`, else made from `stats_parsed`
  bool has_deletion_vector = false;
  char dv_storage_type = 0;
  std::string_view dv_path_or_inline;
  std::optional<int32_t> dv_offset;
  int32_t dv_size_in_bytes = 0;
  int64_t dv_cardinality = 0;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
  std::optional<int64_t> deletion_timestamp;  // removes
  // Removes: whether partition_values and size are those of the file (else they are not known).
  std::optional<bool> extended_file_metadata;
  std::optional<std::string_view> tags_json;            // only when CheckpointRead::all_fields
  std::optional<std::string_view> clustering_provider;  // only when CheckpointRead::all_fields
};

// Decides, inside the engine's threads, which adds of a checkpoint go on. Clone makes one per thread.
class FileActionFilter {
 public:
  virtual ~FileActionFilter() = default;
  virtual std::unique_ptr<FileActionFilter> Clone() const = 0;
  // dv_id is the deletion vector's unique id, "" for none. Only path, partition_values, stats and
  // has_deletion_vector of `add` are set.
  virtual Result<bool> Keep(const FileActionView& add, std::string_view dv_id) = 0;
};

// One thread at a time.
class FileActionCursor {
 public:
  virtual ~FileActionCursor() = default;
  // The next batch; an empty one is the end. The rows live until the next call.
  virtual Result<const std::vector<FileActionView>*> Next() = 0;
};

struct CheckpointRead {
  std::shared_ptr<ObjectStore> store;
  std::vector<std::string> keys;  // Parquet files of one checkpoint (parts or sidecars)
  bool removes = false;           // tombstones instead of adds
  bool stats = true;
  bool all_fields = false;                         // tags and clusteringProvider too
  std::shared_ptr<const FileActionFilter> filter;  // adds only; may be null
};

struct EngineSettings {
  int threads = 0;             // 0: one per core
  std::string memory_limit;    // "4GB"; "" for the engine's own (80 % of RAM)
  std::string temp_directory;  // where to spill; "" for none but the engine's own choice
};

// A table as SQL text names it: delta_scan('location', version => 3) or delta_scan('location', timestamp => '...').
struct TableReference {
  std::string location;
  std::optional<int64_t> version;
  std::optional<int64_t> timestamp_ms;  // since the Unix epoch
};
// Opens what a reference names. Called while a query is bound, from the thread that runs it.
struct TableResolver : std::function<Result<ScanSpec>(const TableReference&)> {
  using function::function;
  // Opens the files of object stores that SQL names by URL: read_parquet('s3://...'). Null: they are refused.
  std::shared_ptr<StoreOpener> files;
};

// SQL over tables: DuckDB's whole language, with delta_scan() for Delta tables. Views, temporary tables and settings
// last as long as the session. One thread at a time.
class SqlSession {
 public:
  virtual ~SqlSession() = default;
  // Makes a table known by a name, as a temporary view; a second one of that name takes its place.
  virtual Status Register(const std::string& name, const ScanSpec& scan) = 0;
  // Runs statements up to the last one, and answers that one's rows. Rows must be read or released before the next
  // call.
  virtual Status ReadArrow(const std::string& sql, const CancelToken& cancel, ArrowArrayStream* out) = 0;
  virtual Result<std::unique_ptr<TextRows>> ReadText(const std::string& sql, const CancelToken& cancel) = 0;
  // The rows of one SELECT as a file; see Engine::Export.
  virtual Result<int64_t> Export(const std::string& sql, const ExportOptions& options, const CancelToken& cancel) = 0;
};

// Thread-safe. Every method answers errors as values; no exception of DuckDB leaves it. Messages of DuckDB are
// passed on with the file they name. CancelToken ends a running read with Cancelled.
class Engine {
 public:
  virtual ~Engine() = default;

  // Binds SQL text against the columns. InvalidArgument with DuckDB's words when it does not bind or is not boolean.
  // With an alias, columns may be written with it in front: "t.a > 1".
  Result<Predicate> BindPredicate(const Fields& schema, const std::string& where) {
    return BindPredicate(schema, where, "");
  }
  virtual Result<Predicate> BindPredicate(const Fields& schema, const std::string& where, const std::string& alias) = 0;

  // Variant columns come as JSON text: Arrow has no variant type.
  virtual Status ReadArrow(const ReadSpec& spec, const CancelToken& cancel, ArrowArrayStream* out) = 0;
  virtual Result<std::unique_ptr<TextRows>> ReadText(const ReadSpec& spec, const CancelToken& cancel) = 0;
  virtual Result<int64_t> Count(const ReadSpec& spec, const CancelToken& cancel) = 0;
  // Answers rows written. Writes to a temporary name beside the target and renames at the end: on any failure there is
  // no output file.
  virtual Result<int64_t> Export(const ReadSpec& spec, const ExportOptions& options, const CancelToken& cancel) = 0;

  virtual Result<std::unique_ptr<SqlSession>> OpenSql(TableResolver resolver) = 0;
  // `resolver`: for delta_scan() in the session's SQL; may be empty, which refuses it.
  virtual Result<std::unique_ptr<WorkSession>> OpenWork(TableResolver resolver) = 0;

  // Every action of a Parquet checkpoint that is not a file action, one log line of JSON each ({"metaData":{...}}).
  virtual Result<std::vector<std::string>> ReadCheckpointActions(const std::shared_ptr<ObjectStore>& store,
                                                                 const std::vector<std::string>& keys) = 0;
  // Only its protocol and metaData actions, which row-group statistics find fast.
  virtual Result<std::vector<std::string>> ReadCheckpointHead(const std::shared_ptr<ObjectStore>& store,
                                                              const std::vector<std::string>& keys) = 0;
  virtual Result<std::unique_ptr<FileActionCursor>> ReadCheckpointFiles(const CheckpointRead& read) = 0;

  // ---- writing ----

  // Takes the stream, also when it fails. Unsupported, naming the column, for types that Delta does not have.
  virtual Result<std::unique_ptr<RowInput>> InputFromArrow(ArrowArrayStream* stream) = 0;
  // The rows of one SELECT; delta_scan() opens by `resolver`.
  virtual Result<std::unique_ptr<RowInput>> InputFromSql(const std::string& sql, TableResolver resolver) = 0;
  virtual Result<std::unique_ptr<RowInput>> InputFromScan(const ReadSpec& spec) = 0;
  // Runs the input into files. All or nothing: on failure the files made so far are deleted, and those that could not
  // be are named in the error. The files are durable when it answers. No rows make no files.
  virtual Result<std::vector<WrittenFile>> WriteFiles(std::unique_ptr<RowInput> input, const WriteSpec& spec,
                                                      const CancelToken& cancel) = 0;
  // The type of an expression over the columns. InvalidArgument with DuckDB's words when it does not bind.
  virtual Result<DataType> ExpressionType(const Fields& schema, const std::string& sql) = 0;
  // A statistics text that is no JSON object makes no stats_parsed; a partition value that is not one of its column's
  // type is Corrupt, naming the file.
  virtual Result<CheckpointWritten> WriteCheckpoint(const CheckpointWrite& write, const CancelToken& cancel) = 0;

  // What the footers of Parquet files say, in the order of the keys. Unsupported, naming file and column, for a type
  // that Delta does not have; Corrupt for a file that is no Parquet file. Holds as many footers as threads in memory.
  virtual Result<std::vector<ParquetSummary>> ReadParquetSummaries(const std::shared_ptr<ObjectStore>& store,
                                                                   const std::vector<std::string>& keys,
                                                                   const CancelToken& cancel) = 0;
};

// Sets what the process's engine is opened with. InvalidArgument when the engine is open already with other settings.
Status ConfigureEngine(const EngineSettings& settings);
// The process's one engine, loaded on the first call. Unsupported, saying where it looked, when the library is missing.
Result<std::shared_ptr<Engine>> GetEngine();

// What engine/duckdb exports by this name, with C linkage: makes an Engine or answers null and an error text. Its code
// finds the StopSign over a thread where the program's does (`signs`).
using MakeEngineFunction = Engine* (*)(const EngineSettings* settings, CancelScope::Place signs, std::string* error);
inline constexpr const char* kMakeEngineSymbol = "deltic_make_engine";
// A text that differs between builds whose headers differ: both sides must have the same (see CMakeLists.txt).
inline constexpr const char* kEngineInterfaceSymbol = "deltic_engine_interface";

}  // namespace deltic
