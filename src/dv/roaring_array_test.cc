// Owns the tests of the RoaringBitmapArray codec: what it reads, how it answers, and what it refuses.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "dv/deletion_vector.h"
#include "dv/dv_bytes_for_test.h"
#include "dv/roaring_check.h"

namespace deltic {
namespace {

constexpr uint64_t kBucket = uint64_t{1} << 32;

std::shared_ptr<const DeletionVector> Parse(std::string_view bytes) {
  auto vector = ParseDeletionVector(bytes);
  EXPECT_TRUE(vector.ok()) << vector.error().ToString();
  return vector.ok() ? *vector : nullptr;
}

void ExpectCorrupt(std::string_view bytes, std::string_view why) {
  auto vector = ParseDeletionVector(bytes);
  ASSERT_FALSE(vector.ok()) << why;
  EXPECT_EQ(vector.error().code(), Code::kCorrupt);
  EXPECT_NE(vector.error().message().find(why), std::string::npos) << vector.error().message();
}

std::vector<uint32_t> Keep(const DeletionVector& vector, uint64_t start, uint64_t count) {
  std::vector<uint32_t> keep(count + 1, 0xDEADBEEF);
  const uint64_t kept = vector.Keep(start, count, keep.data());
  EXPECT_LE(kept, count);
  EXPECT_EQ(keep[count], 0xDEADBEEF);  // nothing past the room it was given
  keep.resize(kept);
  return keep;
}

// Compares every answer with a plain set of rows.
void ExpectRows(const DeletionVector& vector, const std::vector<uint64_t>& rows) {
  const std::set<uint64_t> expected(rows.begin(), rows.end());
  EXPECT_EQ(vector.cardinality(), static_cast<int64_t>(expected.size()));
  EXPECT_EQ(vector.ToRows(), std::vector<uint64_t>(expected.begin(), expected.end()));
  const auto check = [&](uint64_t start, uint64_t count) {
    std::vector<uint32_t> living;
    auto deleted = expected.lower_bound(start);
    for (uint64_t i = 0; i < count; ++i) {
      if (deleted != expected.end() && *deleted == start + i) {
        ++deleted;
      } else {
        living.push_back(static_cast<uint32_t>(i));
      }
    }
    ASSERT_EQ(Keep(vector, start, count), living) << start << "+" << count;
  };
  std::mt19937_64 random(1);
  const uint64_t last = expected.empty() ? 0 : *expected.rbegin();
  for (uint64_t start = 0; start <= std::min<uint64_t>(last, 400'000); start += 2'048) check(start, 2'048);
  for (int i = 0; i < 300; ++i) {
    const uint64_t row = expected.empty() ? random() % 100'000 : *expected.lower_bound(random() % (last + 1));
    const uint64_t before = std::min<uint64_t>(row, random() % 3'000);
    check(row - before, 1 + random() % 2'048);
    EXPECT_EQ(vector.Contains(row), expected.count(row) == 1);
    EXPECT_EQ(vector.Contains(row + 1), expected.count(row + 1) == 1);
  }
  check(last + 1, 2'048);
  check(last, 0);
}

TEST(RoaringArray, TheProtocolsInlineExampleHasItsRows) {
  // The example of the protocol: native layout with big-endian numbers.
  auto bytes = DecodeZ85("wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(Parse(*bytes)->ToRows(), (std::vector<uint64_t>{3, 4, 7, 11, 18, 29}));
  // The same rows in the portable layout, as delta-kernel's tests have them.
  bytes = DecodeZ85("^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L");
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(Parse(*bytes)->ToRows(), (std::vector<uint64_t>{3, 4, 7, 11, 18, 29}));
}

TEST(RoaringArray, AnEmptyVectorDeletesNothing) {
  ExpectRows(*Parse(PortableRowsForTest({})), {});
  ExpectRows(*Parse(PortableForTest({{0, BitmapForTest({})}})), {});
}

TEST(RoaringArray, EveryKindOfContainerGivesTheSameAnswersAsASet) {
  std::mt19937 random(2);
  for (const uint32_t step : {1u, 2u, 3u, 10u, 17u, 500u, 2'049u, 30'000u}) {
    std::vector<uint64_t> rows;
    for (uint64_t row = random() % 100; row < 300'000; row += 1 + random() % step) rows.push_back(row);
    ExpectRows(*Parse(PortableRowsForTest(rows)), rows);
    ExpectRows(*Parse(PortableRowsForTest(rows, Runs::kYes)), rows);
  }
  // Long runs with holes, over the seams of containers.
  std::vector<uint64_t> rows;
  for (uint64_t row = 0; row < 300'000; ++row) {
    if (row % 7'001 != 0 && (row / 50'000) % 2 == 1) rows.push_back(row);
  }
  ExpectRows(*Parse(PortableRowsForTest(rows, Runs::kYes)), rows);
  ExpectRows(*Parse(PortableRowsForTest(rows)), rows);
}

TEST(RoaringArray, RowsBeyond32BitsAndWindowsOverTheSeamAreRight) {
  std::vector<uint64_t> rows{0,           5,           kBucket - 3,     kBucket - 1,     kBucket,
                             kBucket + 1, kBucket + 4, 3 * kBucket - 1, 3 * kBucket + 7, 0x7FFFFFFE * kBucket + 9};
  const auto vector = Parse(PortableRowsForTest(rows));
  ExpectRows(*vector, rows);
  EXPECT_EQ(Keep(*vector, kBucket - 4, 10), (std::vector<uint32_t>{0, 2, 6, 7, 9}));
  EXPECT_EQ(Keep(*vector, 2 * kBucket - 1, 3), (std::vector<uint32_t>{0, 1, 2}));
  EXPECT_FALSE(vector->Contains(2 * kBucket));
  EXPECT_FALSE(vector->Contains(UINT64_MAX));
  EXPECT_EQ(Keep(*vector, 0xFFFFFFFF * kBucket, 2).size(), 2u);
}

TEST(RoaringArray, WhenEveryRowIsDeletedNoneIsKept) {
  std::vector<uint64_t> rows;
  for (uint64_t row = 0; row < 200'000; ++row) rows.push_back(row);
  const auto vector = Parse(PortableRowsForTest(rows, Runs::kYes));
  for (uint64_t start = 0; start + 2'048 <= rows.size(); start += 2'048) {
    ASSERT_TRUE(Keep(*vector, start, 2'048).empty());
  }
}

TEST(RoaringArray, TheNativeLayoutIsReadInBothByteOrders) {
  const std::string first = BitmapForTest({1, 2, 70'000}), second = BitmapForTest({3});
  const auto size = [](const std::string& bytes) { return static_cast<uint32_t>(bytes.size()); };
  const std::string little = LittleForTest<uint32_t>(1'681'511'376) + LittleForTest<uint32_t>(2) +
                             LittleForTest(size(first)) + first + LittleForTest(size(second)) + second;
  ExpectRows(*Parse(little), {1, 2, 70'000, kBucket + 3});
  const std::string big = BigForTest<uint32_t>(1'681'511'376) + BigForTest<uint32_t>(2) + BigForTest(size(first)) +
                          first + BigForTest(size(second)) + second;
  ExpectRows(*Parse(big), {1, 2, 70'000, kBucket + 3});
  ExpectCorrupt(
      LittleForTest<uint32_t>(1'681'511'376) + LittleForTest<uint32_t>(1) + LittleForTest(size(first) + 1) + first,
      "its length says");
  ExpectCorrupt(LittleForTest<uint32_t>(1'681'511'376) + LittleForTest<uint32_t>(0xFFFFFFFF), "claims");
}

TEST(RoaringArray, WrongFramesAreCorrupt) {
  const std::string bitmap = BitmapForTest({1, 2, 3});
  const std::string good = PortableForTest({{0, bitmap}});
  ExpectCorrupt("", "cut");
  ExpectCorrupt("\xD1\xD3", "cut");
  ExpectCorrupt(LittleForTest<uint32_t>(1'681'511'378) + good.substr(4), "magic number");
  ExpectCorrupt(BigForTest<uint32_t>(1'681'511'377) + good.substr(4), "magic number");
  ExpectCorrupt(good + std::string(1, '\0'), "1 bytes follow");
  ExpectCorrupt(PortableForTest({{1, bitmap}, {0, bitmap}}), "does not ascend");
  ExpectCorrupt(PortableForTest({{1, bitmap}, {1, bitmap}}), "does not ascend");
  ExpectCorrupt(PortableForTest({{0x80000000, bitmap}}), "above 2^31 - 1");
  ExpectCorrupt(LittleForTest<uint32_t>(1'681'511'377) + LittleForTest<uint64_t>(UINT64_MAX) + good.substr(12),
                "claims");
  ExpectCorrupt(LittleForTest<uint32_t>(1'681'511'377) + LittleForTest<uint64_t>(2) + good.substr(12), "cut");
}

// A bitmap with one container, of which everything can be chosen.
std::string PlainBitmap(uint16_t cardinality_less_1, const std::string& container, uint32_t offset = 16) {
  return LittleForTest<uint32_t>(12'346) + LittleForTest<uint32_t>(1) + LittleForTest<uint16_t>(0) +
         LittleForTest(cardinality_less_1) + LittleForTest(offset) + container;
}
std::string RunBitmap(uint16_t cardinality_less_1, const std::vector<std::pair<uint16_t, uint16_t>>& runs) {
  std::string bytes = LittleForTest<uint16_t>(12'347) + LittleForTest<uint16_t>(0) + "\x01" +
                      LittleForTest<uint16_t>(0) + LittleForTest(cardinality_less_1) +
                      LittleForTest(static_cast<uint16_t>(runs.size()));
  for (const auto& [first, length_less_1] : runs) bytes += LittleForTest(first) + LittleForTest(length_less_1);
  return bytes;
}

void ExpectBadBitmap(const std::string& bitmap, std::string_view why) {
  ExpectCorrupt(PortableForTest({{0, bitmap}}), why);
}

TEST(RoaringArray, UnsoundContainersAreCorrupt) {
  const auto u16 = [](std::initializer_list<uint16_t> values) {
    std::string bytes;
    for (const uint16_t value : values) bytes += LittleForTest(value);
    return bytes;
  };
  ExpectRows(*Parse(PortableForTest({{0, PlainBitmap(2, u16({1, 5, 9}))}})), {1, 5, 9});
  ExpectBadBitmap(PlainBitmap(2, u16({1, 9, 5})), "do not ascend");
  ExpectBadBitmap(PlainBitmap(2, u16({1, 1, 5})), "do not ascend");
  ExpectBadBitmap(PlainBitmap(2, u16({1, 5})), "cut");
  ExpectBadBitmap(PlainBitmap(2, u16({1, 5, 9}), 17), "its offset says 17");
  ExpectBadBitmap(PlainBitmap(4'999, std::string(8'192, '\x01')), "its header says 5000");
  ExpectBadBitmap(PlainBitmap(8'191, std::string(8'191, '\x01')), "cut");
  EXPECT_EQ(Parse(PortableForTest({{0, PlainBitmap(8'191, std::string(8'192, '\x01'))}}))->cardinality(), 8'192);
  ExpectRows(*Parse(PortableForTest({{0, RunBitmap(4, {{3, 1}, {7, 2}})}})), {3, 4, 7, 8, 9});
  ExpectRows(*Parse(PortableForTest({{0, RunBitmap(4, {{3, 1}, {5, 2}})}})), {3, 4, 5, 6, 7});  // runs may touch
  ExpectBadBitmap(RunBitmap(4, {{7, 2}, {3, 1}}), "overlaps");
  ExpectBadBitmap(RunBitmap(4, {{3, 1}, {4, 2}}), "overlaps");
  ExpectBadBitmap(RunBitmap(1, {{0xFFFF, 1}}), "past its end");
  ExpectBadBitmap(RunBitmap(5, {{3, 1}, {7, 2}}), "its header says 6");
  ExpectBadBitmap(RunBitmap(0, {}), "its header says 1");
  ExpectBadBitmap(LittleForTest<uint32_t>(12'345) + LittleForTest<uint32_t>(1), "cookie");
  ExpectBadBitmap(LittleForTest<uint32_t>(12'346) + LittleForTest<uint32_t>(65'537), "65537 containers");
  ExpectBadBitmap(LittleForTest<uint32_t>(12'346) + LittleForTest<uint32_t>(65'536), "cut");
  ExpectBadBitmap(LittleForTest<uint32_t>(12'347 | 0xFFFF0000) + std::string(100, '\0'), "cut");
  // Two containers with the same key.
  ExpectBadBitmap(LittleForTest<uint32_t>(12'346) + LittleForTest<uint32_t>(2) + u16({3, 0, 3, 0}) +
                      LittleForTest<uint32_t>(24) + LittleForTest<uint32_t>(26) + u16({1, 2}),
                  "keys do not ascend");
}

// Any vector that parses must be a set of rows, whatever was done to its bytes.
void ExpectSoundOrCorrupt(std::string_view bytes) {
  auto vector = ParseDeletionVector(bytes);
  if (!vector.ok()) {
    EXPECT_EQ(vector.error().code(), Code::kCorrupt);
    return;
  }
  const std::vector<uint64_t> rows = (*vector)->ToRows();
  EXPECT_EQ(static_cast<int64_t>(rows.size()), (*vector)->cardinality());
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  EXPECT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end());
  uint64_t deleted = 0;
  for (uint64_t start = 0; start < 400'000; start += 2'048) deleted += 2'048 - Keep(**vector, start, 2'048).size();
  EXPECT_EQ(deleted, static_cast<uint64_t>(std::lower_bound(rows.begin(), rows.end(), 401'408u) - rows.begin()));
}

TEST(RoaringArray, EveryCutOfGoodBytesIsCorrupt) {
  std::vector<uint64_t> rows{1, 2, 3, 4, 5, 6, 70'000, 70'002, kBucket + 5};
  for (const Runs runs : {Runs::kNo, Runs::kYes}) {
    const std::string good = PortableRowsForTest(rows, runs);
    for (size_t size = 0; size < good.size(); ++size) {
      // A copy of exactly that size, so that the sanitizer sees a read beyond it.
      const std::vector<char> cut(good.begin(), good.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_FALSE(ParseDeletionVector({cut.data(), cut.size()}).ok()) << size;
    }
  }
}

TEST(RoaringArray, EveryFlippedBitIsRefusedOrLeavesASoundSet) {
  std::vector<uint64_t> rows{1, 2, 3, 4, 5, 6, 70'000, 70'002, 140'000, 210'000, 280'000, kBucket + 5};
  for (uint64_t row = 140'001; row < 140'100; ++row) rows.push_back(row);
  for (const Runs runs : {Runs::kNo, Runs::kYes}) {
    const std::string good = PortableRowsForTest(rows, runs);
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
      ExpectSoundOrCorrupt(bad);
    }
  }
}

TEST(RoaringArray, RandomBytesBehindGoodHeadersAreRefusedOrSound) {
  std::mt19937 random(3);
  for (int i = 0; i < 3'000; ++i) {
    std::string bitmap = random() % 2 == 0 ? LittleForTest<uint32_t>(12'346) + LittleForTest<uint32_t>(random() % 4)
                                           : LittleForTest<uint32_t>(12'347 | (random() % 4) << 16);
    const size_t size = random() % 100;
    for (size_t j = 0; j < size; ++j) bitmap.push_back(static_cast<char>(random() % 3 == 0 ? random() : random() % 4));
    ExpectSoundOrCorrupt(PortableForTest({{random() % 3, bitmap}}));
  }
}

TEST(CheckRoaring, TellsWhereTheBitmapEnds) {
  const std::string bitmap = BitmapForTest({1, 2, 3, 100'000});
  auto checked = CheckRoaring(bitmap + "more");
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(checked->size_bytes, bitmap.size());
  EXPECT_EQ(checked->cardinality, 4u);
}

}  // namespace
}  // namespace deltic
