// Owns the mathematics of curves that go through all cells of a cube, and of the numbers that values get along an axis
// of it. Knows no table and no SQL: engine/duckdb/curve_functions.h makes SQL functions of it.
//
// A value's number is that of its range among the quantiles of a sample (kRanges of them, so that each holds as many
// rows), counted with repeats: a value that half of the rows have takes half of the axis. Without the repeats a column
// of few values would have small numbers only, which differ in the last bits: a curve would hardly look at it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deltic {

inline constexpr int kRangeBits = 10;
inline constexpr size_t kRanges = size_t{1} << kRangeBits;
inline constexpr size_t kMaxCurveColumns = 32;

// How many bits of each axis a curve value of 64 bits holds.
constexpr int BitsPerAxis(size_t axes) { return axes * kRangeBits <= 64 ? kRangeBits : static_cast<int>(64 / axes); }

// A range's number (RangeNumbers) as a cell's place along an axis.
constexpr uint32_t AxisCell(uint32_t range, int bits) {
  return std::min<uint32_t>(range, kRanges - 1) >> (kRangeBits - bits);
}

// The bits of the axes in turns, highest first: a cell's number on the Z-order curve. Each below 1 << bits.
uint64_t ZOrder(const uint32_t* axes, size_t count, int bits);
// Its number on the Hilbert curve: the next number is always a neighbouring cell, one step along one axis. (J.
// Skilling, "Programming the Hilbert curve", 2004.)
uint64_t Hilbert(const uint32_t* axes, size_t count, int bits);

// A sample's quantiles as keys: byte strings that compare as the values do. NULL's is the empty string. Immutable, safe
// to share.
class RangeNumbers {
 public:
  // Ascending, repeats and all; at most kRanges - 1.
  explicit RangeNumbers(std::vector<std::string> bounds);

  // How many bounds are below the key.
  uint32_t Of(std::string_view key) const;
  // The same for a key of eight bytes, as a number with the most significant byte first; faster.
  uint32_t Of(uint64_t key) const;

 private:
  std::vector<std::string> bounds_;
  std::string prefix_;           // of all bounds but empty ones
  std::vector<uint64_t> after_;  // the eight bytes after the prefix, for a first look; one for each bound
  std::vector<uint64_t> whole_;  // bounds of eight bytes as numbers
  uint32_t empty_ = 0;           // bounds that are the empty string
};

}  // namespace deltic
