// Feeds bytes to the reader of _last_checkpoint and to the canonical form under its checksum, which must not depend on
// anything but the bytes. Seeds: any table's _last_checkpoint.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "log/last_checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto hint = ParseLastCheckpoint(text);
  if (hint.ok() && hint->version < 0) std::abort();
  const auto once = CanonicalizeForChecksum(text);
  const auto twice = CanonicalizeForChecksum(text);
  if (once.ok() != twice.ok() || (once.ok() && *once != *twice)) std::abort();
  return 0;
}
