// Owns the drawing of bars.
#include "bars.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace deltic::cli {

std::string Bar(int64_t value, int64_t most, int width, bool utf8) {
  if (value <= 0 || most <= 0 || width <= 0) return "";
  const double share = std::min(1.0, static_cast<double>(value) / static_cast<double>(most));
  if (!utf8) return std::string(static_cast<size_t>(std::max(1L, std::lround(share * width))), '#');
  static constexpr std::array<const char*, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const long eighths = std::max(1L, std::lround(share * width * 8));
  std::string bar;
  for (long cell = 0; cell < eighths / 8; ++cell) bar += "█";
  return bar + kEighths[static_cast<size_t>(eighths % 8)];
}

}  // namespace deltic::cli
