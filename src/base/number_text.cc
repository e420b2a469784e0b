// Owns the reading; see the header.
#include "base/number_text.h"

#include <charconv>

namespace deltic {

std::optional<int64_t> ParseInt64(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

}  // namespace deltic
