// Owns the text of UUIDs and the making of random ones.
#include "base/uuid.h"

#include "base/error.h"

namespace deltic {
namespace {

constexpr size_t kTextSize = 36;

bool IsDashPlace(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

Error NotAUuid(std::string_view text) {
  return InvalidArgument("'{}' is not a UUID of the form d2c639aa-8816-431a-aaf6-d3fe2512ff61", text.substr(0, 64));
}

}  // namespace

Uuid MakeRandomUuid(const std::function<uint64_t()>& random) {
  Uuid uuid;
  uint64_t bits = 0;
  for (size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i % 8 == 0) bits = random();
    uuid.bytes[i] = static_cast<uint8_t>(bits >> (56 - i % 8 * 8));
  }
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0F) | 0x40);  // version 4
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);  // the variant of the RFC
  return uuid;
}

Result<Uuid> ParseUuid(std::string_view text) {
  if (text.size() != kTextSize) return NotAUuid(text);
  Uuid uuid;
  size_t nibble = 0;
  for (size_t i = 0; i < kTextSize; ++i) {
    if (IsDashPlace(i)) {
      if (text[i] != '-') return NotAUuid(text);
      continue;
    }
    const int value = HexValue(text[i]);
    if (value < 0) return NotAUuid(text);
    uint8_t& byte = uuid.bytes[nibble / 2];
    byte = static_cast<uint8_t>(byte << 4 | value);
    ++nibble;
  }
  return uuid;
}

std::string FormatUuid(const Uuid& uuid) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(kTextSize);
  for (const uint8_t byte : uuid.bytes) {
    if (IsDashPlace(text.size())) text.push_back('-');
    text.push_back(kHex[byte >> 4]);
    text.push_back(kHex[byte & 15]);
  }
  return text;
}

}  // namespace deltic
