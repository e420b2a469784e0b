// Tests of the packing.
#include "optimize/bins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace deltic {
namespace {

using Bins = std::vector<std::vector<size_t>>;

TEST(BinsTest, NeighboursStayTogether) {
  EXPECT_EQ(PackInOrder({40, 40, 40, 40, 40}, 100), (Bins{{0, 1}, {2, 3}, {4}}));
}

TEST(BinsTest, AFileLargerThanABinStandsAlone) { EXPECT_EQ(PackInOrder({200, 10, 10}, 100), (Bins{{0}, {1, 2}})); }

TEST(BinsTest, SmallFilesBetweenLargeOnesMeet) {
  EXPECT_EQ(PackInOrder({10, 95, 10, 95, 10}, 100), (Bins{{0, 2, 4}, {1}, {3}}));
}

TEST(BinsTest, NothingMakesNoBin) { EXPECT_TRUE(PackInOrder({}, 100).empty()); }

TEST(BinsTest, SizesThatNobodyCanAddDoNotOverflow) {
  const int64_t huge = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(PackInOrder({huge, huge, 1}, 100).size(), 3U);
  EXPECT_EQ(PackInOrder({huge, huge, 1}, huge).size(), 3U);
}

TEST(BinsTest, OfAnyFilesEachIsInOneBinWithinTheLimitAndPackingTheResultChangesNothing) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<int64_t> sizes(random() % 40);
    for (int64_t& size : sizes) size = static_cast<int64_t>(random() % 120);
    const Bins bins = PackInOrder(sizes, 100);
    std::vector<int> seen(sizes.size(), 0);
    std::vector<int64_t> packed;
    for (const auto& bin : bins) {
      int64_t bytes = 0;
      for (const size_t i : bin) {
        seen[i]++;
        bytes += std::min<int64_t>(sizes[i], 100);
      }
      EXPECT_LE(bytes, 100);
      packed.push_back(bytes);
    }
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int count) { return count == 1; }));
    std::shuffle(packed.begin(), packed.end(), random);
    for (const auto& bin : PackInOrder(packed, 100)) EXPECT_EQ(bin.size(), 1U);
  }
}

}  // namespace
}  // namespace deltic
