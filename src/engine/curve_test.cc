// Tests of the curves' properties and of the numbers along an axis.
#include "engine/curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

namespace deltic {
namespace {

// Calls `visit` for every cell of a cube.
template <class Visit>
void ForEachCell(size_t axes, int bits, const Visit& visit) {
  const uint64_t cells = uint64_t{1} << (axes * static_cast<size_t>(bits));
  for (uint64_t cell = 0; cell < cells; ++cell) {
    std::vector<uint32_t> at(axes);
    for (size_t axis = 0; axis < axes; ++axis) {
      at[axis] = static_cast<uint32_t>(cell >> (axis * static_cast<size_t>(bits))) & ((1U << bits) - 1);
    }
    visit(at);
  }
}

TEST(CurveTest, HilbertNumbersEveryCellOnceAndNeighboursDifferInOneStep) {
  for (const auto& [axes, bits] : std::vector<std::pair<size_t, int>>{{1, 6}, {2, 5}, {3, 4}, {4, 3}, {5, 2}, {2, 1}}) {
    std::map<uint64_t, std::vector<uint32_t>> cells;
    ForEachCell(axes, bits, [&](const auto& at) { cells[Hilbert(at.data(), at.size(), bits)] = at; });
    ASSERT_EQ(cells.size(), size_t{1} << (axes * static_cast<size_t>(bits))) << axes << " axes";
    EXPECT_EQ(cells.begin()->first, 0U);
    EXPECT_EQ(cells.rbegin()->first, cells.size() - 1);
    const std::vector<uint32_t>* before = nullptr;
    for (const auto& [number, at] : cells) {
      int64_t steps = 0;
      for (size_t i = 0; before != nullptr && i < axes; ++i) {
        steps += std::abs(static_cast<int64_t>(at[i]) - static_cast<int64_t>((*before)[i]));
      }
      if (before != nullptr) {
        ASSERT_EQ(steps, 1) << axes << " axes, cell " << number;
      }
      before = &at;
    }
  }
}

TEST(CurveTest, ZOrderTakesTheBitsInTurnsHighestFirst) {
  const std::vector<uint32_t> axes = {0b10, 0b11};
  EXPECT_EQ(ZOrder(axes.data(), 2, 2), 0b1101U);
  std::map<uint64_t, int> seen;
  ForEachCell(3, 3, [&](const auto& at) { seen[ZOrder(at.data(), at.size(), 3)]++; });
  EXPECT_EQ(seen.size(), 512U);
}

TEST(CurveTest, TheBitsOfManyAxesFitIntoOneNumber) {
  for (size_t axes = 1; axes <= kMaxCurveColumns; ++axes) {
    EXPECT_LE(static_cast<int>(axes) * BitsPerAxis(axes), 64);
    const std::vector<uint32_t> last(axes, (1U << BitsPerAxis(axes)) - 1);
    const int used = static_cast<int>(axes) * BitsPerAxis(axes);
    EXPECT_EQ(ZOrder(last.data(), axes, BitsPerAxis(axes)), used == 64 ? ~uint64_t{0} : (uint64_t{1} << used) - 1);
  }
}

TEST(RangeNumbersTest, AKeysNumberIsHowManyBoundsAreBelowIt) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    const std::string prefix = round % 3 == 0 ? "Customer#0000" : "";
    const auto text = [&] {
      std::string key = random() % 8 == 0 ? "" : prefix;
      const size_t length = random() % 12;
      for (size_t i = 0; i < length; ++i) key += static_cast<char>(random() % 3 == 0 ? 255 : 'a' + random() % 2);
      return key;
    };
    std::vector<std::string> bounds(random() % 60);
    for (std::string& bound : bounds) bound = text();
    std::sort(bounds.begin(), bounds.end());
    const RangeNumbers ranges(bounds);
    for (int i = 0; i < 100; ++i) {
      const std::string key = text();
      const auto below = std::lower_bound(bounds.begin(), bounds.end(), key) - bounds.begin();
      ASSERT_EQ(ranges.Of(key), static_cast<uint32_t>(below)) << key;
    }
  }
}

TEST(RangeNumbersTest, NumbersAndTheirBytesGetTheSame) {
  std::mt19937_64 random(9);
  const auto bytes = [](uint64_t number) {
    std::string key;
    for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(number >> shift & 0xff);
    return key;
  };
  std::vector<std::string> bounds = {"", ""};  // of NULLs
  for (int i = 0; i < 500; ++i) bounds.push_back(bytes(random() % 1000));
  std::sort(bounds.begin(), bounds.end());
  const RangeNumbers ranges(bounds);
  for (uint64_t number = 0; number < 1001; ++number) ASSERT_EQ(ranges.Of(number), ranges.Of(bytes(number)));
  EXPECT_EQ(ranges.Of(std::string_view()), 0U);
}

TEST(RangeNumbersTest, AValueOfManyRowsTakesItsShareOfTheAxis) {
  const RangeNumbers ranges({"a", "a", "a", "b", "b", "b"});
  EXPECT_EQ(ranges.Of(std::string_view("a")), 0U);
  EXPECT_EQ(ranges.Of(std::string_view("b")), 3U);
  EXPECT_EQ(ranges.Of(std::string_view("c")), 6U);
}

TEST(CurveTest, CountedNumbersAreCountedAsByASearch) {
  std::mt19937_64 random(7);
  for (const uint64_t span : {uint64_t{1}, uint64_t{50}, uint64_t{1} << 20, ~uint64_t{0}}) {
    for (const size_t count : {size_t{0}, size_t{1}, size_t{2}, size_t{63}, size_t{1023}}) {
      std::vector<uint64_t> numbers;
      for (size_t i = 0; i < count; ++i) numbers.push_back(i % 3 == 0 ? span / 2 : random() % span);
      if (count > 2) numbers.back() = span;
      std::sort(numbers.begin(), numbers.end());
      const CountedNumbers counted(numbers);
      std::vector<uint64_t> asked = {0, 1, span / 2, span - 1, span, ~uint64_t{0}};
      for (int i = 0; i < 200; ++i) asked.push_back(random() % span);
      asked.insert(asked.end(), numbers.begin(), numbers.end());
      for (const uint64_t number : asked) {
        ASSERT_EQ(counted.Below(number), std::lower_bound(numbers.begin(), numbers.end(), number) - numbers.begin());
      }
    }
  }
}

}  // namespace
}  // namespace deltic
