// Owns the Z85 text of bytes (ZeroMQ RFC 32): four bytes, as a big-endian number, are five digits of base 85.
//
//   text  = *group [tail]
//   group = 5digit                most significant first; at most 2^32 - 1
//   tail  = 1*3"#" digits         5 characters; each '#' is a byte that the last group lacks
//   digit = one of kDigits, worth its place in it
//
// `tail` is not in the RFC, which leaves padding to the application. The library that delta-kernel-rs uses writes it
// for inline deletion vectors whose size is no multiple of 4. No group begins with '#', for it would overflow, so
// reading tails cannot change the meaning of other text. We never write them.
//
// Protocol: "Deletion Vector Descriptor Schema" (the concrete Base85 variant).
#include <array>

#include "base/error.h"
#include "dv/deletion_vector.h"

namespace deltic {
namespace {

constexpr std::string_view kDigits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static_assert(kDigits.size() == 85);

constexpr uint8_t kNoDigit = 0xFF;

constexpr std::array<uint8_t, 256> MakeValues() {
  std::array<uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (size_t i = 0; i < kDigits.size(); ++i) values[static_cast<unsigned char>(kDigits[i])] = static_cast<uint8_t>(i);
  return values;
}
constexpr std::array<uint8_t, 256> kValues = MakeValues();

struct Group {
  uint64_t number = 0;
  int size_bytes = 4;
};

Result<Group> DecodeGroup(std::string_view text, size_t begin) {
  Group group;
  size_t i = begin;
  const bool is_last = begin + 5 == text.size();
  while (is_last && text[i] == '#' && group.size_bytes > 1) {
    --group.size_bytes;
    ++i;
  }
  for (; i < begin + 5; ++i) {
    const uint8_t value = kValues[static_cast<unsigned char>(text[i])];
    if (value == kNoDigit) return Corrupt("character {} of the text is not a digit of Z85", i);
    group.number = group.number * 85 + value;
  }
  if (group.number >> (8 * group.size_bytes) != 0) {
    return Corrupt("characters {} to {} of the Z85 text overflow {} bytes", begin, begin + 4, group.size_bytes);
  }
  return group;
}

}  // namespace

Result<std::string> DecodeZ85(std::string_view text) {
  if (text.size() % 5 != 0) {
    return Corrupt("Z85 text must have a multiple of 5 characters, this has {}", text.size());
  }
  std::string bytes;
  bytes.reserve(text.size() / 5 * 4);
  for (size_t begin = 0; begin < text.size(); begin += 5) {
    DELTIC_TRY(const Group group, DecodeGroup(text, begin));
    for (int i = group.size_bytes; i-- > 0;) bytes.push_back(static_cast<char>(group.number >> (8 * i) & 0xFF));
  }
  return bytes;
}

// Bytes that do not fill the last group are followed by zeros, as inline deletion vectors are.
std::string EncodeZ85(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 3) / 4 * 5);
  for (size_t begin = 0; begin < bytes.size(); begin += 4) {
    uint32_t number = 0;
    for (size_t i = begin; i < begin + 4; ++i) {
      number = number << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0);
    }
    std::array<char, 5> group{};
    for (size_t i = group.size(); i-- > 0; number /= 85) group[i] = kDigits[number % 85];
    text.append(group.data(), group.size());
  }
  return text;
}

}  // namespace deltic
