// Owns the parsing of a table's properties into TableConfig. A property counts only where the protocol supports its
// feature. Protocol: "Column Mapping", "Row Tracking", "In-Commit Timestamps", "Change Data Feed", "Append-only
// Tables".
#include <charconv>

#include "base/error.h"
#include "features/features.h"

namespace deltic {
namespace {

const std::string* Find(const Metadata& metadata, const std::string& property) {
  const auto found = metadata.configuration.find(property);
  return found == metadata.configuration.end() ? nullptr : &found->second;
}

// Spark reads flags and modes without regard to case.
std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

Result<bool> Flag(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  if (value == nullptr) return false;
  const std::string text = Lower(*value);
  if (text != "true" && text != "false") {
    return Corrupt("table property {} is '{}': it must be true or false", property, *value);
  }
  return text == "true";
}

// A property that only writers obey cannot make a table unreadable.
bool WriterFlag(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  return value != nullptr && Lower(*value) == "true";
}

Result<std::optional<int64_t>> Number(const Metadata& metadata, const std::string& property) {
  const std::string* value = Find(metadata, property);
  if (value == nullptr) return std::optional<int64_t>();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size()) {
    return Corrupt("table property {} is '{}': it must be a whole number", property, *value);
  }
  return std::optional<int64_t>(number);
}

Result<MappingMode> Mapping(const Metadata& metadata) {
  const std::string property = "delta.columnMapping.mode";
  const std::string* value = Find(metadata, property);
  if (value == nullptr) return MappingMode::kNone;
  const std::string mode = Lower(*value);
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
  config.change_data_feed =
      SupportsFeature(protocol, "changeDataFeed") && WriterFlag(metadata, "delta.enableChangeDataFeed");
  config.append_only = SupportsFeature(protocol, "appendOnly") && WriterFlag(metadata, "delta.appendOnly");
  return config;
}

}  // namespace deltic
