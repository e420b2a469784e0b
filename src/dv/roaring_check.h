// Owns the proof that foreign bytes are a sound 32-bit Roaring bitmap, before CRoaring sees them. Builds no bitmap.
#pragma once

#include <cstdint>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

struct CheckedRoaring {
  size_t size_bytes = 0;     // of the bitmap; more bytes may follow it
  uint64_t cardinality = 0;  // values in it
};

// The bitmap that `bytes` begin with. Corrupt, with what is wrong, when they do not.
Result<CheckedRoaring> CheckRoaring(std::string_view bytes);

}  // namespace deltic
