// Owns letters of ASCII: their case, for names that protocols compare without it (HTTP headers, options, property
// names). Other bytes stay as they are: no locale, no Unicode.
#pragma once

#include <string>
#include <string_view>

namespace deltic {

std::string AsciiLower(std::string_view text);
std::string AsciiUpper(std::string_view text);

}  // namespace deltic
