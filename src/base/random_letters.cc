// Owns the alphabet of random letters.
#include "base/random_letters.h"

#include <string_view>

namespace deltic {

std::string RandomLetters(int32_t length, const std::function<uint64_t()>& random) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string text;
  for (int32_t i = 0; i < length; ++i) text += kLetters[random() % kLetters.size()];
  return text;
}

}  // namespace deltic
