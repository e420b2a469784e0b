// Owns the reading of _last_checkpoint: a hint where the newest checkpoint is, with its own checksum.
// A hint that cannot be trusted is no hint: nothing here is ever an error of the table.
// Protocol: "Last Checkpoint File", "Last Checkpoint File Schema", "JSON checksum".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

struct LastCheckpointHint {
  int64_t version = 0;
  std::optional<int64_t> size;   // actions
  std::optional<int64_t> parts;  // of a multi-part checkpoint
};

// Corrupt for broken JSON, a missing or negative version, a checksum that is not the text's, or (when there is a
// checksum) a key written twice.
Result<LastCheckpointHint> ParseLastCheckpoint(std::string_view json);

// The text that the checksum is the MD5 of. Corrupt when `json` is not a JSON object or a key occurs twice in it.
// Example: {"k1": "v 1", "checksum": "...", "k2": [1]} gives "k1"="v%201","k2"+0=1
Result<std::string> CanonicalizeForChecksum(std::string_view json);

}  // namespace deltic
