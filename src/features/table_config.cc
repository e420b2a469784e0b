// Owns the parsing of a table's properties into TableConfig. A property counts only where the protocol supports its
// feature. What values are allowed is in properties.cc. Protocol: "Column Mapping", "Row Tracking", "In-Commit
// Timestamps", "Change Data Feed", "Append-only Tables", "Table Properties".
#include <algorithm>
#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "base/error.h"
#include "base/number_text.h"
#include "features/features.h"
#include "features/interval.h"
#include "features/properties.h"

namespace deltic {
namespace {

const std::string* Find(const Metadata& metadata, const std::string& property) {
  const auto found = metadata.configuration.find(property);
  return found == metadata.configuration.end() ? nullptr : &found->second;
}

// Spark reads flags and modes without regard to case.
Result<bool> Flag(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  if (value == nullptr) return false;
  const std::string text = AsciiLower(*value);
  if (text != "true" && text != "false") {
    return Corrupt("table property {} is '{}': it must be true or false", property, *value);
  }
  return text == "true";
}

// A property that only writers obey cannot make a table unreadable.
bool WriterFlag(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  return value != nullptr && AsciiLower(*value) == "true";
}

Result<std::optional<int64_t>> Number(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  if (value == nullptr) return std::optional<int64_t>();
  const auto number = ParseInt64(*value);
  if (!number) return Corrupt("table property {} is '{}': it must be a whole number", property, *value);
  return number;
}

Result<MappingMode> Mapping(const Metadata& metadata) {
  const std::string property = "delta.columnMapping.mode";
  const std::string* value = Find(metadata, property);
  if (value == nullptr) return MappingMode::kNone;
  const std::string mode = AsciiLower(*value);
  if (mode == "none") return MappingMode::kNone;
  if (mode == "name") return MappingMode::kName;
  if (mode == "id") return MappingMode::kId;
  return Corrupt("table property {} is '{}': it must be none, name or id", property, *value);
}

// Tables made during the preview carry the feature and its properties with a suffix; the format is the same.
Status ReadInCommitTimestamps(const Protocol& protocol, const Metadata& metadata, TableConfig& config) {
  for (const std::string suffix : {"", "-preview"}) {
    if (!SupportsFeature(protocol, "inCommitTimestamp" + suffix)) continue;
    DELTIC_TRY(const bool enabled, Flag(metadata, "delta.enableInCommitTimestamps" + suffix));
    if (!enabled) continue;
    config.in_commit_timestamps = true;
    DELTIC_TRY(config.in_commit_timestamp_version,
               Number(metadata, "delta.inCommitTimestampEnablementVersion" + suffix));
    DELTIC_TRY(config.in_commit_timestamp_ms, Number(metadata, "delta.inCommitTimestampEnablementTimestamp" + suffix));
    return {};
  }
  return {};
}

// A flag with a default; one that cannot be read has the default.
bool FlagOr(const Metadata& metadata, const std::string& property, bool fallback) {
  const std::string* value = Find(metadata, property);
  if (value == nullptr) return fallback;
  const std::string text = AsciiLower(*value);
  return text == "true" || (text != "false" && fallback);
}

// The value, when it is one that the property may have.
const std::string* Valid(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  const PropertyRow* row = FindProperty(property);
  return value != nullptr && row != nullptr && CheckPropertyValue(*row, *value).ok() ? value : nullptr;
}

int64_t NumberOr(const Metadata& metadata, const std::string& property, int64_t fallback) {
  const std::string* value = Valid(metadata, property);
  int64_t number = fallback;
  if (value != nullptr) std::from_chars(value->data(), value->data() + value->size(), number);
  return number;
}

// Of a retention. A text that cannot be read keeps everything: what was deleted by a guess does not come back.
int64_t Retention(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  const Result<int64_t> length = ParseIntervalMs(value != nullptr ? *value : FindProperty(property)->fallback);
  return length.ok() ? *length : std::numeric_limits<int64_t>::max();
}

// In Spark's spelling, whatever the case in the table.
std::string IsolationLevelOf(const Metadata& metadata) {
  const std::string* value = Find(metadata, "delta.isolationLevel");
  if (value == nullptr) return "";
  for (const char* level : {"Serializable", "WriteSerializable", "SnapshotIsolation"}) {
    if (AsciiLower(*value) == AsciiLower(level)) return level;
  }
  return "Serializable";  // the strictest; CheckWritableProperties refuses such a table
}

int IcebergCompatOf(const Protocol& protocol, const Metadata& metadata) {
  for (const int version : {2, 1}) {
    const std::string suffix = "V" + std::to_string(version);
    if (SupportsFeature(protocol, "icebergCompat" + suffix) &&
        WriterFlag(metadata, "delta.enableIcebergCompat" + suffix)) {
      return version;
    }
  }
  return 0;
}

void ReadFileProperties(const Metadata& metadata, TableConfig& config) {
  if (const std::string* size = Valid(metadata, "delta.targetFileSize")) config.target_file_bytes = ParseBytes(*size);
  if (const std::string* codec = Valid(metadata, "delta.parquet.compression.codec")) {
    config.compression_codec = AsciiLower(*codec);
  }
  if (const std::string* version = Valid(metadata, "delta.parquet.format.version")) {
    config.parquet_format_version = *version;
  }
  config.randomize_file_prefixes = FlagOr(metadata, "delta.randomizeFilePrefixes", false);
  config.random_prefix_length = static_cast<int32_t>(NumberOr(metadata, "delta.randomPrefixLength", 2));
  config.indexed_columns = static_cast<int32_t>(NumberOr(metadata, "delta.dataSkippingNumIndexedCols", 32));
  if (const std::string* columns = Find(metadata, "delta.dataSkippingStatsColumns")) {
    config.stats_columns = ParseColumnList(*columns);
  }
  if (Valid(metadata, "delta.dataSkippingStringPrefixLength") != nullptr) {
    const int64_t length = NumberOr(metadata, "delta.dataSkippingStringPrefixLength", 32);
    config.stats_string_prefix = static_cast<int32_t>(std::min<int64_t>(length, std::numeric_limits<int32_t>::max()));
  }
}

void ReadLogProperties(const Protocol& protocol, const Metadata& metadata, TableConfig& config) {
  config.checkpoint_interval = NumberOr(metadata, "delta.checkpointInterval", 10);
  const std::string* policy = Find(metadata, "delta.checkpointPolicy");
  config.v2_checkpoints = SupportsFeature(protocol, "v2Checkpoint") && policy != nullptr && AsciiLower(*policy) == "v2";
  config.checkpoint_stats_json = FlagOr(metadata, "delta.checkpoint.writeStatsAsJson", true);
  config.checkpoint_stats_struct = FlagOr(metadata, "delta.checkpoint.writeStatsAsStruct", true);
  config.symlink_manifests = FlagOr(metadata, "delta.compatibility.symlinkFormatManifest.enabled", false);
  config.expired_log_cleanup = FlagOr(metadata, "delta.enableExpiredLogCleanup", true);
  config.log_retention_ms = Retention(metadata, "delta.logRetentionDuration");
  config.checkpoint_retention_ms = Retention(metadata, "delta.checkpointRetentionDuration");
  config.deleted_file_retention_ms = Retention(metadata, "delta.deletedFileRetentionDuration");
  if (Find(metadata, "delta.setTransactionRetentionDuration") != nullptr) {
    config.transaction_retention_ms = Retention(metadata, "delta.setTransactionRetentionDuration");
  }
  if (SupportsFeature(protocol, "checkpointProtection")) {
    config.checkpoint_protection_version = NumberOr(metadata, "delta.requireCheckpointProtectionBeforeVersion", 0);
  }
}

void ReadWriterProperties(const Protocol& protocol, const Metadata& metadata, TableConfig& config) {
  config.change_data_feed =
      SupportsFeature(protocol, "changeDataFeed") && WriterFlag(metadata, "delta.enableChangeDataFeed");
  config.append_only = SupportsFeature(protocol, "appendOnly") && WriterFlag(metadata, "delta.appendOnly");
  config.row_tracking_supported = SupportsFeature(protocol, "rowTracking");
  config.deletion_vectors_enabled =
      config.deletion_vectors_supported && WriterFlag(metadata, "delta.enableDeletionVectors");
  config.type_widening_enabled =
      (SupportsFeature(protocol, "typeWidening") || SupportsFeature(protocol, "typeWidening-preview")) &&
      WriterFlag(metadata, "delta.enableTypeWidening");
  config.column_defaults_supported = SupportsFeature(protocol, "allowColumnDefaults");
  config.iceberg_compat = IcebergCompatOf(protocol, metadata);
  config.materialize_partition_columns = config.iceberg_compat > 0 ||
                                         SupportsFeature(protocol, "materializePartitionColumns") ||
                                         WriterFlag(metadata, "delta.writePartitionColumnsToParquet");
  config.isolation_level = IsolationLevelOf(metadata);
  constexpr std::string_view kConstraints = "delta.constraints.";
  for (const auto& [key, value] : metadata.configuration) {
    if (key.starts_with(kConstraints)) config.constraints.push_back({key.substr(kConstraints.size()), value});
  }
  ReadFileProperties(metadata, config);
  ReadLogProperties(protocol, metadata, config);
}

}  // namespace

Result<TableConfig> MakeTableConfig(const Protocol& protocol, const Metadata& metadata) {
  TableConfig config;
  if (SupportsFeature(protocol, "columnMapping")) {
    DELTIC_TRY(config.mapping_mode, Mapping(metadata));
  }
  config.deletion_vectors_supported = SupportsFeature(protocol, "deletionVectors");
  if (SupportsFeature(protocol, "rowTracking")) {
    DELTIC_TRY(config.row_tracking_enabled, Flag(metadata, "delta.enableRowTracking"));
    const auto text = [&](const char* property) {
      const std::string* value = Find(metadata, property);
      return value == nullptr ? std::string() : *value;
    };
    config.row_id_column = text("delta.rowTracking.materializedRowIdColumnName");
    config.row_commit_version_column = text("delta.rowTracking.materializedRowCommitVersionColumnName");
  }
  DELTIC_CHECK(ReadInCommitTimestamps(protocol, metadata, config));
  ReadWriterProperties(protocol, metadata, config);
  return config;
}

Status CheckWritableProperties(const Protocol& protocol, const Metadata& metadata) {
  for (const PropertyRow& row : AllProperties()) {
    const std::string* value = Find(metadata, std::string(row.name));
    if (value == nullptr) continue;
    const bool decides = !row.feature.empty() && SupportsFeature(protocol, row.feature);
    if (!decides && row.kind != PropertyKind::kIsolation && row.kind != PropertyKind::kColumns) continue;
    const Status status = CheckPropertyValue(row, *value);
    if (!status.ok()) return Corrupt("{}; set it anew before writing", status.error().message());
  }
  return {};
}

}  // namespace deltic
