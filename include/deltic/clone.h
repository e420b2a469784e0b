// Owns the public door to tables made of others: a table as it was before (Restore), a copy (Clone), a folder of
// Parquet files (Convert); and the facts of a table as DESCRIBE DETAIL shows them (Detail). Rows are changed by
// deltic/change.h.
//
// Example:
//   auto table = deltic::Table::Open("/data/events");
//   auto restored = deltic::Restore(*table, {.version = 12});
//   if (!restored.ok()) { std::cerr << restored.error().ToString() << "\n"; return 1; }
//   std::cout << "version " << restored->version << " is as version " << restored->restored_version << " was\n";
//   auto cloned = deltic::Clone("/data/events", "/backup/events");
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deltic/progress.h"
#include "deltic/result.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

struct RestoreRequest {
  // Exactly one of the two. The timestamp (milliseconds since the Unix epoch) means the newest version at or before it.
  std::optional<int64_t> version;
  std::optional<int64_t> timestamp_ms;
  // Restores the version without the data files that are gone (vacuumed, deleted by hand), and with the rows of files
  // whose deletion vectors are gone left out likewise: those rows are lost.
  bool ignore_missing_files = false;
  // The table's protocol becomes that of the version too. By default features that were added since stay, because
  // versions in between need them.
  bool protocol_downgrade_allowed = false;
  CommitProperties commit;
  ProgressCallback progress;
};

struct RestoreOutcome {
  bool changed = false;          // false when the version asked for is the one that the table has: nothing is committed
  int64_t version = 0;           // of the table, as it is now
  int64_t restored_version = 0;  // the one that it is like
  int64_t size_after_bytes = 0;  // of its live files
  int64_t files_after = 0;
  int64_t files_restored = 0;  // that were live then and were not now, or had other deleted rows
  int64_t bytes_restored = 0;
  int64_t files_removed = 0;
  int64_t bytes_removed = 0;
  std::vector<std::string> missing_files;  // with ignore_missing_files: those that were left out
  int32_t retries = 0;
  std::vector<std::string> warnings;  // upkeep that did not work: the commit stands
};

// Makes a new version that is as an older one was: rows, schema, properties, clustering. Versions in between stay.
// Identity columns and row ids go on from where they are: no number is given twice. NotFound when the version is not in
// the log any more, or, naming them, when files of it are gone; Conflict when any other writer changed the table
// meanwhile; InvalidArgument when the table is append-only and files would go.
DELTIC_EXPORT Result<RestoreOutcome> Restore(Table& table, const RestoreRequest& request);

enum class CloneMode : uint8_t {
  kErrorIfExists,  // makes the table; AlreadyExists when there is one
  kIgnore,         // makes the table; does nothing when there is one
  kReplace,        // replaces a table that is there, whose history stays; makes it when there is none
};

struct CloneRequest {
  // A shallow clone copies no file: its log names the source's files where they are, and it breaks when they go (by
  // VACUUM of the source). A deep one copies data files and deletion vectors and needs the source no longer.
  bool shallow = false;
  CloneMode mode = CloneMode::kErrorIfExists;
  // Of the source. At most one of the two; neither means the newest.
  std::optional<int64_t> version;
  std::optional<int64_t> timestamp_ms;
  std::map<std::string, std::string> properties;  // set in the clone, over the source's
  int parallel_copies = 8;                        // files that are copied at the same time
  CommitProperties commit;
  ProgressCallback progress;  // of a deep clone: bytes copied
  // As OpenOptions has them, for source and target.
  std::map<std::string, std::string> storage_options;
};

struct CloneOutcome {
  bool cloned = false;         // false: kIgnore, and there is a table
  int64_t version = 0;         // of the clone
  int64_t source_version = 0;  // that it is like
  int64_t source_size_bytes = 0;
  int64_t source_files = 0;
  int64_t files_copied = 0;  // data files; 0 for a shallow clone
  int64_t bytes_copied = 0;
  int64_t files_kept = 0;     // that the replaced clone had copied before (deep) or named already (shallow)
  int64_t files_removed = 0;  // of the table that was replaced
  int64_t bytes_removed = 0;
  int32_t retries = 0;
  std::vector<std::string> warnings;  // upkeep that did not work: the commit stands
};

// Makes a table at `target` with the rows, schema, partitioning, properties and clustering of `source`, and a history
// and an id of its own. A deep clone that replaces an earlier clone of the same table copies only what is new. Row ids
// of tables with row tracking are given anew, as by Spark. On every error but CommitUnknown there is no clone (or the
// replaced table is as it was) and copied files are deleted, or named.
DELTIC_EXPORT Result<CloneOutcome> Clone(const std::string& source, const std::string& target,
                                         const CloneRequest& request = {});

enum class ConvertMode : uint8_t {
  kErrorIfExists,  // AlreadyExists when the folder is a Delta table already
  kIgnore,         // does nothing then
};

struct ConvertRequest {
  ConvertMode mode = ConvertMode::kErrorIfExists;
  // The columns that the folders' names hold (year=2026/month=1/...), in their order, with types: "year int, month
  // int". Empty for a folder without partitions.
  std::string partition_by;
  // Takes partition columns and their types from the folders' names instead: integer types, double, date, timestamp,
  // else string.
  bool infer_partitions = false;
  // Statistics come from the files' footers; no rows are read. Without them there are none, not even numbers of rows.
  bool statistics = true;
  // Reads the rows of files whose footers have no usable statistics, for their minima, maxima and null counts.
  bool read_missing_statistics = false;
  std::map<std::string, std::string> configuration;  // table properties
  std::optional<std::string> name;
  std::optional<std::string> description;
  CommitProperties commit;
  ProgressCallback progress;                           // files whose footers were read
  std::map<std::string, std::string> storage_options;  // as OpenOptions has them
};

struct ConvertOutcome {
  bool converted = false;  // false: kIgnore, and it is a Delta table already
  int64_t version = 0;
  int64_t files = 0;
  int64_t size_bytes = 0;
  std::optional<int64_t> rows;  // nullopt without statistics
  std::vector<std::string> partition_columns;
  std::vector<std::string> warnings;  // upkeep that did not work: the commit stands
};

// Makes a Delta table of a folder of Parquet files, in place: the files stay as they are and become the table's.
// Names that begin with _ or . are not looked at. The schema is that of all files together. NotFound when there is no
// Parquet file; InvalidArgument, naming file and column, for schemas that do not go together and folders whose names do
// not say the partition columns; Unsupported for a type that Delta does not have. Iceberg tables are not converted:
// Unsupported.
DELTIC_EXPORT Result<ConvertOutcome> Convert(const std::string& folder, const ConvertRequest& request = {});

// What Spark's DESCRIBE DETAIL shows, in its order, and the sums over files.
struct TableDetail {
  std::string format = "delta";
  std::string id;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::string location;
  std::optional<int64_t> created_at_ms;
  int64_t last_modified_ms = 0;  // the time of the version's commit
  std::vector<std::string> partition_columns;
  std::vector<std::string> clustering_columns;
  int64_t num_files = 0;
  int64_t size_bytes = 0;
  std::map<std::string, std::string> properties;
  int32_t min_reader_version = 1;
  int32_t min_writer_version = 2;
  std::vector<std::string> table_features;  // sorted; those that the versions imply too
  // Databricks' "statistics" column.
  std::optional<int64_t> num_rows;  // live rows; nullopt when some file does not tell
  int64_t num_deletion_vectors = 0;
  int64_t num_deleted_rows = 0;
};
// Of the version that the table is open at. Reads every live file's entry of the log, as Totals does.
DELTIC_EXPORT Result<TableDetail> Detail(const Table& table);

}  // namespace deltic
