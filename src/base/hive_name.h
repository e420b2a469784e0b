// Owns the names that Hive gives the folders of partitions, which Spark took over. Knows no table.
#pragma once

#include <string>
#include <string_view>

namespace deltic {

// What stands for NULL, and for the empty text.
inline constexpr std::string_view kHiveNull = "__HIVE_DEFAULT_PARTITION__";

// "a:b" -> "a%3Ab": characters that folders' names should not hold, as %XX. Blanks and letters beyond ASCII stay.
std::string HiveEscape(std::string_view text);

}  // namespace deltic
