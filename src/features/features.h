// Owns the table of table features and the one answer to "may this build read (or write) such a table?".
// Adding a feature is a row here plus the code that honours it. Does not read logs; which features a table needs is
// decided in features/feature_sets.h, what its properties may say in features/properties.h.
// Protocol: "Table Features", "Valid Feature Names in Table Features", "Reader Version Requirements", "Writer Version
// Requirements".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "schema/types.h"

namespace deltic {

// One row: a feature by its name in readerFeatures/writerFeatures (preview names have rows of their own).
struct FeatureRow {
  std::string_view name;
  bool reader_writer = false;  // else writer-only: never an obstacle to reading
  int32_t legacy_reader = 0;   // the reader version that implies it, 0 for none
  int32_t legacy_writer = 0;   // the writer version that implies it, 0 for none
  bool can_read = false;
  std::string_view refusal;  // when !can_read: why, and what to do
  bool can_write = false;
  std::string_view write_refusal;                // when !can_write: why, and what to do
  std::array<std::string_view, 2> implies = {};  // features that a table with this one must support too
};
std::span<const FeatureRow> AllFeatures();
const FeatureRow* FindFeature(std::string_view name);

// Ok, or Unsupported naming every feature (or the reader version) that stands in the way, with what to do.
Status CheckReadable(const Protocol& protocol);

// Ok when this build may read and write such a table; else Unsupported naming every writer feature (or the writer
// version) that stands in the way, with what to do. Corrupt for a protocol that contradicts itself.
Status CheckWritable(const Protocol& protocol);

// Whether the protocol supports the feature, by its list or by its legacy version.
bool SupportsFeature(const Protocol& protocol, std::string_view name);

// One delta.constraints.NAME property: Spark's SQL, true or NULL-refusing as the CHECK it is.
struct CheckConstraint {
  std::string name;
  std::string expression;
};

// What a table's protocol and properties ask of readers and writers, parsed once. Immutable value.
struct TableConfig {
  MappingMode mapping_mode = MappingMode::kNone;
  bool deletion_vectors_supported = false;
  bool row_tracking_enabled = false;                   // delta.enableRowTracking
  std::string row_id_column;                           // delta.rowTracking.materializedRowIdColumnName
  std::string row_commit_version_column;               // delta.rowTracking.materializedRowCommitVersionColumnName
  bool in_commit_timestamps = false;                   // delta.enableInCommitTimestamps, and supported
  std::optional<int64_t> in_commit_timestamp_version;  // delta.inCommitTimestampEnablementVersion
  std::optional<int64_t> in_commit_timestamp_ms;       // delta.inCommitTimestampEnablementTimestamp
  bool change_data_feed = false;                       // delta.enableChangeDataFeed
  bool append_only = false;                            // delta.appendOnly

  // For writers. A property that cannot be parsed has its default here, or the choice that deletes nothing:
  // CheckWritableProperties says so before anything is written.
  bool row_tracking_supported = false;         // files get row ids though the table does not promise them
  bool deletion_vectors_enabled = false;       // delta.enableDeletionVectors: new ones may be written
  bool type_widening_enabled = false;          // delta.enableTypeWidening
  bool column_defaults_supported = false;      // the feature allowColumnDefaults
  int iceberg_compat = 0;                      // delta.enableIcebergCompatV1, V2: 1 or 2; 0 for neither
  bool materialize_partition_columns = false;  // data files hold the partition columns, after the others
  std::vector<CheckConstraint> constraints;    // delta.constraints.*, by name
  std::string isolation_level;                 // delta.isolationLevel as spelled by Spark; "" when it is not set
  std::optional<int64_t> target_file_bytes;    // delta.targetFileSize
  std::string compression_codec;               // delta.parquet.compression.codec, lower case; "" when it is not set
  std::string parquet_format_version;          // delta.parquet.format.version: "1.0.0", "2.12.0"; "" when not set
  bool randomize_file_prefixes = false;        // delta.randomizeFilePrefixes
  int32_t random_prefix_length = 2;            // delta.randomPrefixLength
  int32_t indexed_columns = 32;                // delta.dataSkippingNumIndexedCols; -1 for all
  std::optional<std::vector<ColumnPath>> stats_columns;  // delta.dataSkippingStatsColumns: instead of the first ones
  std::optional<int32_t> stats_string_prefix;            // delta.dataSkippingStringPrefixLength
  int64_t checkpoint_interval = 10;                      // delta.checkpointInterval
  bool v2_checkpoints = false;                           // delta.checkpointPolicy is v2, and supported
  bool symlink_manifests = false;                        // delta.compatibility.symlinkFormatManifest.enabled
  bool checkpoint_stats_json = true;                     // delta.checkpoint.writeStatsAsJson
  bool checkpoint_stats_struct = true;                   // delta.checkpoint.writeStatsAsStruct
  bool expired_log_cleanup = true;                       // delta.enableExpiredLogCleanup
  int64_t log_retention_ms = 0;                          // delta.logRetentionDuration
  int64_t checkpoint_retention_ms = 0;                   // delta.checkpointRetentionDuration
  int64_t deleted_file_retention_ms = 0;                 // delta.deletedFileRetentionDuration
  std::optional<int64_t> transaction_retention_ms;       // delta.setTransactionRetentionDuration
  int64_t checkpoint_protection_version = 0;  // delta.requireCheckpointProtectionBeforeVersion, and supported
};
// Corrupt, naming the property, when a property that readers must honour cannot be parsed.
Result<TableConfig> MakeTableConfig(const Protocol& protocol, const Metadata& metadata);

// Corrupt, naming the property and what it should be, when one that decides what a writer may do cannot be understood:
// a flag of a feature that is neither true nor false, an isolation level that nobody knows.
Status CheckWritableProperties(const Protocol& protocol, const Metadata& metadata);

}  // namespace deltic
