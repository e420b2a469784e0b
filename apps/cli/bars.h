// Owns horizontal bars made of text. Knows nothing of what they measure.
#pragma once

#include <cstdint>
#include <string>

namespace deltic::cli {

// A bar for `value`, where `most` (not less than it) would fill `width` cells: in eighths of a cell with UTF-8, else of
// '#'. What is more than zero shows; nothing does for zero, or without room.
std::string Bar(int64_t value, int64_t most, int width, bool utf8);

}  // namespace deltic::cli
