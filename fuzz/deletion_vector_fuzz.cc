// Feeds bytes as a RoaringBitmapArray to ParseDeletionVector. What parses must agree with itself: the rows that
// Contains names, that Keep leaves out and that ToRows lists are the same, and there are as many as cardinality() says.
// Seeds: the payloads of deletion vector files, of each container kind and layout.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "dv/deletion_vector.h"

namespace {

// A few bytes of runs can claim billions of rows: what is listed is bounded, as its readers bound it by the data file.
constexpr int64_t kListedRows = 1 << 18;
constexpr uint64_t kWindow = 3'000;  // more than Keep's own portion, and no multiple of 64

void CheckWindow(const deltic::DeletionVector& vector, uint64_t start) {
  std::vector<uint32_t> keep(kWindow);
  const uint64_t kept = vector.Keep(start, kWindow, keep.data());
  if (kept > kWindow) std::abort();
  uint64_t next = 0;
  for (uint64_t offset = 0; offset < kWindow; ++offset) {
    const bool lives = next < kept && keep[next] == offset;
    if (lives == vector.Contains(start + offset)) std::abort();
    if (lives) ++next;
  }
  if (next != kept) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed = deltic::ParseDeletionVector({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) return 0;
  const deltic::DeletionVector& vector = **parsed;
  if (vector.cardinality() < 0) std::abort();
  for (const uint64_t start : {uint64_t{0}, uint64_t{65'000}, (uint64_t{1} << 32) - 1'000}) CheckWindow(vector, start);
  if (vector.cardinality() > kListedRows) return 0;
  const std::vector<uint64_t> rows = vector.ToRows();
  if (static_cast<int64_t>(rows.size()) != vector.cardinality()) std::abort();
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && rows[i] <= rows[i - 1]) std::abort();
    if (!vector.Contains(rows[i])) std::abort();
  }
  if (!rows.empty()) CheckWindow(vector, rows.back());
  return 0;
}
