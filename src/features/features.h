// Owns the table of table features and the one answer to "may this build read (or write) such a table?".
// Adding a feature is a row here plus the code that honours it. Does not read logs.
// Protocol: "Table Features", "Valid Feature Names in Table Features", "Reader Version Requirements".
#pragma once

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
};
std::span<const FeatureRow> AllFeatures();
const FeatureRow* FindFeature(std::string_view name);

// Ok, or Unsupported naming every feature (or the reader version) that stands in the way, with what to do.
Status CheckReadable(const Protocol& protocol);

// Whether the protocol supports the feature, by its list or by its legacy version.
bool SupportsFeature(const Protocol& protocol, std::string_view name);

// What a table's protocol and properties ask of readers and (later) writers, parsed once. Immutable value.
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
};
// Corrupt, naming the property, when a property that readers must honour cannot be parsed.
Result<TableConfig> MakeTableConfig(const Protocol& protocol, const Metadata& metadata);

}  // namespace deltic
