// Owns the arithmetic; see the header.
#include "engine/curve.h"

#include <algorithm>

namespace deltic {
namespace {

// Eight bytes from `at` on, most significant first, zeros where the key ends.
uint64_t Load(std::string_view key, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) {
    value = value << 8 | (at + i < key.size() ? static_cast<uint8_t>(key[at + i]) : 0U);
  }
  return value;
}

// How many of the ascending numbers are below `key`. Without branches that depend on the data: they would be guessed
// wrong half of the time.
uint32_t CountBelow(const std::vector<uint64_t>& numbers, uint64_t key) {
  const uint64_t* first = numbers.data();
  size_t count = numbers.size();
  while (count > 1) {
    const size_t half = count / 2;
    first += first[half - 1] < key ? half : 0;
    count -= half;
  }
  const bool last = count == 1 && *first < key;
  return static_cast<uint32_t>(first - numbers.data()) + (last ? 1 : 0);
}

}  // namespace

uint64_t ZOrder(const uint32_t* axes, size_t count, int bits) {
  uint64_t value = 0;
  for (int bit = bits - 1; bit >= 0; --bit) {
    for (size_t axis = 0; axis < count; ++axis) value = value << 1 | (axes[axis] >> bit & 1U);
  }
  return value;
}

uint64_t Hilbert(const uint32_t* axes, size_t count, int bits) {
  std::array<uint32_t, kMaxCurveColumns> x{};
  std::copy_n(axes, count, x.begin());
  for (int bit = bits - 1; bit > 0; --bit) {
    const uint32_t low = (1U << bit) - 1;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t set = 0U - (x[i] >> bit & 1U);  // all ones or none
      const uint32_t swap = (x[0] ^ x[i]) & low & ~set;
      x[0] ^= (low & set) ^ swap;
      x[i] ^= swap;
    }
  }
  for (size_t i = 1; i < count; ++i) x[i] ^= x[i - 1];
  uint32_t turn = 0;
  for (int bit = bits - 1; bit > 0; --bit) turn ^= (0U - (x[count - 1] >> bit & 1U)) & ((1U << bit) - 1);
  for (size_t i = 0; i < count; ++i) x[i] ^= turn;
  return ZOrder(x.data(), count, bits);
}

RangeNumbers::RangeNumbers(std::vector<std::string> bounds) : bounds_(std::move(bounds)) {
  const auto first = std::find_if(bounds_.begin(), bounds_.end(), [](const auto& bound) { return !bound.empty(); });
  empty_ = static_cast<uint32_t>(first - bounds_.begin());
  if (first != bounds_.end()) {
    const auto [end, other] = std::mismatch(first->begin(), first->end(), bounds_.back().begin(), bounds_.back().end());
    prefix_.assign(first->begin(), end);
  }
  for (auto bound = first; bound != bounds_.end(); ++bound) {
    after_.push_back(Load(*bound, prefix_.size()));
    whole_.push_back(Load(*bound, 0));
  }
}

uint32_t RangeNumbers::Of(uint64_t key) const { return empty_ + CountBelow(whole_, key); }

uint32_t RangeNumbers::Of(std::string_view key) const {
  if (key.empty()) return 0;
  const int order = key.substr(0, prefix_.size()).compare(prefix_);
  if (order != 0) return order < 0 ? empty_ : static_cast<uint32_t>(bounds_.size());
  const uint64_t next = Load(key, prefix_.size());
  const uint32_t below = CountBelow(after_, next);
  if (below == after_.size() || after_[below] != next) return empty_ + below;
  // Those that look the same so far.
  const auto first = bounds_.begin() + empty_ + below;
  const auto last = first + (std::upper_bound(after_.begin() + below, after_.end(), next) - after_.begin() - below);
  return static_cast<uint32_t>(std::lower_bound(first, last, key) - bounds_.begin());
}

}  // namespace deltic
