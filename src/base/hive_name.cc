// Owns which characters are escaped: those of Hive's FileUtils.
#include "base/hive_name.h"

#include <fmt/format.h>

namespace deltic {
namespace {

bool IsEscaped(unsigned char c) {
  if (c < 0x20 || c == 0x7F) return true;
  return std::string_view("\"#%'*/:=?\\{[]^").find(static_cast<char>(c)) != std::string_view::npos;
}

}  // namespace

std::string HiveEscape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (IsEscaped(static_cast<unsigned char>(c))) {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace deltic
