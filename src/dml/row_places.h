// Owns the mask by which a scan gives exactly the rows of a set, or exactly those that are not in it.
#pragma once

#include <utility>

#include "dv/row_set.h"
#include "engine/engine.h"

namespace deltic {

enum class MaskSide : uint8_t { kInside, kOutside };

// Immutable, safe to share among threads.
class SetMask : public RowMask {
 public:
  SetMask(RowSet rows, MaskSide side) : rows_(std::move(rows)), inside_(side == MaskSide::kInside) {}
  uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const override {
    uint64_t kept = 0;
    for (uint64_t i = 0; i < count; i++) {
      if (rows_.Contains(start + i) == inside_) keep[kept++] = static_cast<uint32_t>(i);
    }
    return kept;
  }

 private:
  const RowSet rows_;
  const bool inside_;
};

}  // namespace deltic
