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

// Ascending numbers, repeats and all, and how many of them are below another one: by a look into a table of where they
// begin and, on average, one comparison. Immutable, safe to share.
class CountedNumbers {
 public:
  CountedNumbers() = default;
  explicit CountedNumbers(std::vector<uint64_t> ascending);

  size_t size() const { return numbers_.size(); }
  uint64_t operator[](size_t i) const { return numbers_[i]; }
  uint32_t Below(uint64_t number) const {
    if (numbers_.empty() || number <= numbers_.front()) return 0;
    if (number > numbers_.back()) return static_cast<uint32_t>(numbers_.size());
    const size_t slot = (number - numbers_.front()) >> shift_;
    uint32_t at = starts_[slot];
    const uint32_t end = starts_[slot + 1];
    if (end - at > kFewNumbers) return Search(at, end, number);
    while (at < end && numbers_[at] < number) ++at;
    return at;
  }

 private:
  static constexpr uint32_t kFewNumbers = 4;
  uint32_t Search(uint32_t at, uint32_t end, uint64_t number) const;

  std::vector<uint64_t> numbers_;
  std::vector<uint32_t> starts_;  // how many numbers are in earlier slots; one more than slots
  int shift_ = 0;                 // of a number's distance from the first one, to its slot
};

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
  std::string prefix_;    // of all bounds but empty ones
  CountedNumbers after_;  // the eight bytes after the prefix, for a first look; one for each bound
  CountedNumbers whole_;  // bounds of eight bytes as numbers
  uint32_t empty_ = 0;    // bounds that are the empty string
};

}  // namespace deltic
