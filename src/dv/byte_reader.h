// Owns reading fixed-width integers from the front of bytes that may be too short. Knows no format.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace deltic {

// Takes from the front; answers nullopt, and takes nothing, when too few bytes are left. One thread at a time.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  size_t left() const { return rest_.size(); }
  std::string_view rest() const { return rest_; }

  template <class T>
  std::optional<T> TakeLittle() {
    return Take<T>(std::endian::native == std::endian::big);
  }
  template <class T>
  std::optional<T> TakeBig() {
    return Take<T>(std::endian::native == std::endian::little);
  }
  std::optional<std::string_view> TakeBytes(uint64_t count) {
    if (count > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, static_cast<size_t>(count));
    rest_.remove_prefix(static_cast<size_t>(count));
    return taken;
  }

 private:
  template <class T>
  std::optional<T> Take(bool swap) {
    if (rest_.size() < sizeof(T)) return std::nullopt;
    unsigned char raw[sizeof(T)];
    for (size_t i = 0; i < sizeof(T); ++i) raw[i] = static_cast<unsigned char>(rest_[swap ? sizeof(T) - 1 - i : i]);
    T value;
    std::memcpy(&value, raw, sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view rest_;
};

}  // namespace deltic
