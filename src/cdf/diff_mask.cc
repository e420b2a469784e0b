// Owns the row mask of a change.
#include "cdf/diff_mask.h"

#include <array>

namespace deltic {
namespace {

constexpr uint64_t kMostRows = 2048;  // RowMask::Keep is asked for no more at once

class DiffMask : public RowMask {
 public:
  explicit DiffMask(DiffVectors vectors) : vectors_(std::move(vectors)) {}

  uint64_t Keep(uint64_t start, uint64_t count, uint32_t* keep) const override {
    const uint64_t visible = Visible(start, count, keep);
    if (!vectors_.only) return visible;
    // What `only` keeps is what it does not hold: of the visible rows the others stay.
    std::array<uint32_t, kMostRows> outside;
    const uint64_t num_outside = vectors_.only->Keep(start, count, outside.data());
    uint64_t kept = 0, next = 0;
    for (uint64_t i = 0; i < visible; ++i) {
      while (next < num_outside && outside[next] < keep[i]) ++next;
      if (next == num_outside || outside[next] != keep[i]) keep[kept++] = keep[i];
    }
    return kept;
  }

 private:
  uint64_t Visible(uint64_t start, uint64_t count, uint32_t* keep) const {
    if (vectors_.hidden) return vectors_.hidden->Keep(start, count, keep);
    for (uint64_t i = 0; i < count; ++i) keep[i] = static_cast<uint32_t>(i);
    return count;
  }

  const DiffVectors vectors_;
};

}  // namespace

std::shared_ptr<const RowMask> MakeDiffMask(DiffVectors vectors) {
  return std::make_shared<DiffMask>(std::move(vectors));
}

}  // namespace deltic
