// Owns the packing of files into bins of a largest size. Pure; knows sizes only, not what the files are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace deltic {

// Indexes into `sizes`, ascending in each bin. Neighbours stay together as far as bins have room: readers skip files by
// the ranges of values that were written together. No two of the bins would fit into one, so that packing what came of
// a packing changes nothing. A size above `max_bytes` is a bin of its own.
std::vector<std::vector<size_t>> PackInOrder(const std::vector<int64_t>& sizes, int64_t max_bytes);

}  // namespace deltic
