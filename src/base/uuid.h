// Owns UUIDs: 16 bytes, their text, and new random ones (RFC 9562, version 4). Gives them no meaning.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

// In the order of the text, which is also network order. A plain value.
struct Uuid {
  std::array<uint8_t, 16> bytes{};
  bool operator==(const Uuid&) const = default;
};

// Version 4, from 128 bits of `random` (Env::random).
Uuid MakeRandomUuid(const std::function<uint64_t()>& random);
// "d2c639aa-8816-431a-aaf6-d3fe2512ff61": 36 characters, either case. InvalidArgument otherwise.
Result<Uuid> ParseUuid(std::string_view text);
std::string FormatUuid(const Uuid& uuid);  // lower case

}  // namespace deltic
