// Owns the arithmetic; see the header.
#include "engine/curve.h"

#include <algorithm>
#include <bit>

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

constexpr int kSlotBits = 12;

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

CountedNumbers::CountedNumbers(std::vector<uint64_t> ascending) : numbers_(std::move(ascending)) {
  if (numbers_.empty()) return;
  const uint64_t span = numbers_.back() - numbers_.front();
  shift_ = std::max(0, static_cast<int>(std::bit_width(span)) - kSlotBits);
  starts_.resize((span >> shift_) + 2);
  for (const uint64_t number : numbers_) starts_[((number - numbers_.front()) >> shift_) + 1]++;
  for (size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
}

uint32_t CountedNumbers::Search(uint32_t at, uint32_t end, uint64_t number) const {
  return static_cast<uint32_t>(std::lower_bound(numbers_.begin() + at, numbers_.begin() + end, number) -
                               numbers_.begin());
}

RangeNumbers::RangeNumbers(std::vector<std::string> bounds) : bounds_(std::move(bounds)) {
  const auto first = std::find_if(bounds_.begin(), bounds_.end(), [](const auto& bound) { return !bound.empty(); });
  empty_ = static_cast<uint32_t>(first - bounds_.begin());
  if (first != bounds_.end()) {
    const auto [end, other] = std::mismatch(first->begin(), first->end(), bounds_.back().begin(), bounds_.back().end());
    prefix_.assign(first->begin(), end);
  }
  std::vector<uint64_t> after, whole;
  for (auto bound = first; bound != bounds_.end(); ++bound) {
    after.push_back(Load(*bound, prefix_.size()));
    whole.push_back(Load(*bound, 0));
  }
  after_ = CountedNumbers(std::move(after));
  whole_ = CountedNumbers(std::move(whole));
}

uint32_t RangeNumbers::Of(uint64_t key) const { return empty_ + whole_.Below(key); }

uint32_t RangeNumbers::Of(std::string_view key) const {
  if (key.empty()) return 0;
  const int order = key.substr(0, prefix_.size()).compare(prefix_);
  if (order != 0) return order < 0 ? empty_ : static_cast<uint32_t>(bounds_.size());
  const uint64_t next = Load(key, prefix_.size());
  const uint32_t below = after_.Below(next);
  if (below == after_.size() || after_[below] != next) return empty_ + below;
  // Those that look the same so far.
  const uint32_t end = next == ~uint64_t{0} ? static_cast<uint32_t>(after_.size()) : after_.Below(next + 1);
  const auto first = bounds_.begin() + empty_ + below;
  const auto last = bounds_.begin() + empty_ + end;
  return static_cast<uint32_t>(std::lower_bound(first, last, key) - bounds_.begin());
}

}  // namespace deltic
