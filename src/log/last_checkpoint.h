// Owns the text of _last_checkpoint, both ways: a hint where the newest checkpoint is, with its own checksum.
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

// What a writer says of the checkpoint it has written.
struct LastCheckpointText {
  int64_t version = 0;
  int64_t size = 0;  // actions, those of sidecars too
  int64_t size_in_bytes = 0;
  int64_t num_of_add_files = 0;
  // Of a V2 checkpoint: the name of its file, and what a listing says of it.
  struct V2 {
    std::string path;
    int64_t size_in_bytes = 0;
    int64_t modification_time = 0;
  };
  std::optional<V2> v2;
};
// With its checksum, where this machine can make one.
Result<std::string> FormatLastCheckpoint(const LastCheckpointText& text);

}  // namespace deltic
