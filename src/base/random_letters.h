// Owns random letters for names that must not collide or must spread over a store's partitions. Gives them no meaning.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace deltic {

// `length` letters and digits from `random` (Env::random).
std::string RandomLetters(int32_t length, const std::function<uint64_t()>& random);

}  // namespace deltic
