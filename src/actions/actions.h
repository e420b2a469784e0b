// Owns one plain value for each action of the Delta log. Knows no JSON (actions/actions_json.h) and no replay.
// Protocol: "Actions". Fields keep the protocol's names in snake_case; absent optional fields are nullopt.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace deltic {

using StringMap = std::map<std::string, std::string>;
// Partition columns (by physical name) to serialised values; nullopt is JSON null, which like "" means SQL NULL.
using PartitionValues = std::map<std::string, std::optional<std::string>>;

struct Format {
  std::string provider = "parquet";
  StringMap options;
};

struct Metadata {
  std::string id;
  std::optional<std::string> name;
  std::optional<std::string> description;
  Format format;
  std::string schema_string;
  std::vector<std::string> partition_columns;  // logical names
  std::optional<int64_t> created_time;         // ms since the epoch
  StringMap configuration;
};

struct Protocol {
  int32_t min_reader_version = 1;
  int32_t min_writer_version = 2;
  std::optional<std::vector<std::string>> reader_features;
  std::optional<std::vector<std::string>> writer_features;
};

// Protocol: "Deletion Vector Descriptor Schema".
struct DeletionVectorDescriptor {
  char storage_type = 'u';  // 'u' relative by uuid, 'i' inline, 'p' absolute path
  std::string path_or_inline_dv;
  std::optional<int32_t> offset;
  int32_t size_in_bytes = 0;
  int64_t cardinality = 0;

  // <storageType><pathOrInlineDv>[@<offset>]: the second half of a logical file's key.
  std::string UniqueId() const;
  bool operator==(const DeletionVectorDescriptor&) const = default;
};

struct AddFile {
  std::string path;  // as in the log: a percent-encoded URI reference
  PartitionValues partition_values;
  int64_t size = 0;               // bytes
  int64_t modification_time = 0;  // ms since the epoch
  bool data_change = true;
  std::optional<std::string> stats;  // JSON: protocol, "Per-file Statistics"
  StringMap tags;
  std::optional<DeletionVectorDescriptor> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
  std::optional<std::string> clustering_provider;
};

struct RemoveFile {
  std::string path;
  std::optional<int64_t> deletion_timestamp;  // ms since the epoch
  bool data_change = true;
  std::optional<bool> extended_file_metadata;
  PartitionValues partition_values;
  std::optional<int64_t> size;
  std::optional<std::string> stats;
  StringMap tags;
  std::optional<DeletionVectorDescriptor> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
};

// The tombstone of a live file, without its statistics.
RemoveFile ToRemove(const AddFile& file, int64_t now_ms);

struct AddCdcFile {
  std::string path;
  PartitionValues partition_values;
  int64_t size = 0;
  bool data_change = false;  // always: the rows of the table are told by adds and removes
  StringMap tags;
};

struct SetTransaction {
  std::string app_id;
  int64_t version = 0;
  std::optional<int64_t> last_updated;
};

struct DomainMetadata {
  std::string domain;
  std::string configuration;
  bool removed = false;
};

// Free-form: the whole JSON object is kept, and what readers ask for most is parsed beside it.
struct CommitInfo {
  std::string json;
  std::optional<int64_t> timestamp;
  std::optional<int64_t> in_commit_timestamp;
  std::optional<std::string> operation;
};

struct Sidecar {
  std::string path;
  int64_t size_in_bytes = 0;
  int64_t modification_time = 0;
};

struct CheckpointMetadata {
  int64_t version = 0;
};

using Action = std::variant<Metadata, Protocol, AddFile, RemoveFile, AddCdcFile, SetTransaction, DomainMetadata,
                            CommitInfo, Sidecar, CheckpointMetadata>;

}  // namespace deltic
