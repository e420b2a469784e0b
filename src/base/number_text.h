// Owns whole numbers as texts of protocols have them: decimal, with nothing before or after.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace deltic {

// nullopt for a text that is no number from its first letter to its last, or beyond 64 bits. "-5" is one, "+5" is not.
std::optional<int64_t> ParseInt64(std::string_view text);

}  // namespace deltic
