// Owns the reading of a version checksum: what a writer says the table was at one version.
// Believed only for protocol and metadata (as the commits after it are read), never for what a scan returns.
// A broken one is as good as none. Protocol: "Version Checksum File".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "actions/actions.h"
#include "deltic/result.h"

namespace deltic {

struct VersionChecksum {
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  std::optional<int64_t> num_files;
  std::optional<int64_t> table_size_bytes;
  std::optional<int64_t> num_deletion_vectors;
  std::optional<int64_t> num_deleted_records;
  std::optional<int64_t> in_commit_timestamp;
};

// Corrupt when it is not one JSON object, or a field that is there does not have its type.
Result<VersionChecksum> ParseChecksum(std::string_view json);

}  // namespace deltic
