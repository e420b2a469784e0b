// Feeds bytes to the reader of version checksums: a value or Corrupt, never more. Seeds: any table's .crc files.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "log/checksum.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  const auto checksum = ParseChecksum(std::string_view(reinterpret_cast<const char*>(data), size));
  if (checksum.ok() && checksum->num_files.value_or(0) < 0) std::abort();
  return 0;
}
