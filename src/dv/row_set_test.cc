// Owns the tests of row sets: each operation against std::set, and their bytes against the reader.
#include "dv/row_set.h"

#include <gtest/gtest.h>
#include <roaring/roaring.h>

#include <algorithm>
#include <random>
#include <set>

#include "dv/deletion_vector.h"
#include "dv/dv_bytes_for_test.h"

namespace deltic {
namespace {

using Rows = std::vector<uint64_t>;
constexpr uint64_t kFar = uint64_t{5} << 32;

RowSet Of(const Rows& rows) {
  RowSet set;
  set.AddMany(rows.data(), rows.size());
  return set;
}

// Rows near each other, in runs and far apart, over three buckets and container borders.
Rows RandomRows(std::mt19937_64& random) {
  Rows rows;
  const uint64_t base = (random() % 3) * (uint64_t{1} << 32);
  for (uint64_t part = random() % 4; part > 0; --part) {
    const uint64_t start = base + random() % 200'000;
    const uint64_t shape = random() % 3;
    const uint64_t count = random() % (shape == 0 ? 10 : 9'000);
    const uint64_t step = shape == 2 ? 1 + random() % 7 : 1;
    for (uint64_t i = 0; i < count; ++i) rows.push_back(start + (shape == 0 ? random() % 70'000 : i * step));
  }
  return rows;
}

Rows Sorted(const std::set<uint64_t>& rows) { return {rows.begin(), rows.end()}; }

TEST(RowSet, AnEmptySetHoldsNothing) {
  const RowSet none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.cardinality(), 0);
  EXPECT_EQ(none.Largest(), std::nullopt);
  EXPECT_EQ(none.ToRows(), Rows{});
  EXPECT_FALSE(none.Contains(0));
  EXPECT_FALSE(none.Intersects(Of({1})));
  EXPECT_TRUE(none.ContainsAll(none));
  EXPECT_FALSE(none.ContainsAll(Of({1})));
  EXPECT_TRUE(Of({1}).ContainsAll(none));
  EXPECT_EQ(none.Minus(Of({1})), none);
  RowSet ranged;
  ranged.AddRange(7, 0);
  EXPECT_TRUE(ranged.empty());
}

TEST(RowSet, AddTellsWhetherTheRowIsNew) {
  RowSet set;
  EXPECT_TRUE(set.Add(kFar + 3));
  EXPECT_TRUE(set.Add(3));
  EXPECT_FALSE(set.Add(3));
  EXPECT_EQ(set.ToRows(), (Rows{3, kFar + 3}));
  EXPECT_EQ(set.cardinality(), 2);
  EXPECT_EQ(set.Largest(), kFar + 3);
}

TEST(RowSet, ManyRowsInAnyOrderAndTwiceAreOneEach) {
  EXPECT_EQ(Of({kFar, 9, 1, 9, kFar + 1, 0, kFar}).ToRows(), (Rows{0, 1, 9, kFar, kFar + 1}));
  const std::vector<int64_t> engine = {5, 4, 4};
  RowSet set;
  set.AddMany(engine.data(), engine.size());
  EXPECT_EQ(set.ToRows(), (Rows{4, 5}));
}

TEST(RowSet, ARangeMayGoOverTheBorderOfABucket) {
  RowSet set;
  const uint64_t border = uint64_t{1} << 32;
  set.AddRange(border - 2, 4);
  EXPECT_EQ(set.ToRows(), (Rows{border - 2, border - 1, border, border + 1}));
  EXPECT_EQ(set.buckets().size(), 2u);
}

TEST(RowSet, ACopyIsItsOwn) {
  RowSet set = Of({1, kFar});
  RowSet copy = set;
  copy.Add(2);
  EXPECT_EQ(set.ToRows(), (Rows{1, kFar}));
  set = copy;
  copy.Add(3);
  EXPECT_EQ(set.ToRows(), (Rows{1, 2, kFar}));
  set = *&set;
  EXPECT_EQ(set.cardinality(), 3);
}

TEST(RowSet, EveryOperationAgreesWithASetOfNumbers) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 60; ++round) {
    const Rows a_rows = RandomRows(random);
    const Rows b_rows = RandomRows(random);
    const std::set<uint64_t> a(a_rows.begin(), a_rows.end());
    const std::set<uint64_t> b(b_rows.begin(), b_rows.end());
    // One of them as it comes from a file, with runs.
    const auto from_file = ParseDeletionVector(SerializeRowSet(Of(a_rows)));
    ASSERT_TRUE(from_file.ok()) << from_file.error().ToString();
    const RowSet one = (*from_file)->rows();
    const RowSet other = Of(b_rows);
    ASSERT_EQ(one.ToRows(), Sorted(a));
    ASSERT_EQ(other.ToRows(), Sorted(b));

    std::set<uint64_t> both, rest, all = a;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(rest, rest.end()));
    all.insert(b.begin(), b.end());
    EXPECT_EQ(one.Intersects(other), !both.empty());
    EXPECT_EQ(one.Minus(other).ToRows(), Sorted(rest));
    EXPECT_EQ(one.ContainsAll(other), both.size() == b.size());
    EXPECT_EQ(one == other, a == b);
    RowSet merged = one;
    merged.Merge(other);
    EXPECT_EQ(merged.ToRows(), Sorted(all));
    EXPECT_EQ(merged.cardinality(), static_cast<int64_t>(all.size()));
    EXPECT_TRUE(merged.ContainsAll(one));
    EXPECT_TRUE(merged.ContainsAll(other));
    EXPECT_EQ(merged.Largest(), all.empty() ? std::nullopt : std::optional(*all.rbegin()));
    RowSet with_vector = other;
    with_vector.Merge(**from_file);
    EXPECT_EQ(with_vector, merged);
    EXPECT_EQ(one.ToRows(), Sorted(a)) << "what is only asked does not change";
  }
}

TEST(SerializeRowSet, WhatIsWrittenIsReadBack) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 60; ++round) {
    const RowSet set = Of(RandomRows(random));
    const auto read = ParseDeletionVector(SerializeRowSet(set));
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    EXPECT_EQ((*read)->rows(), set);
    EXPECT_EQ((*read)->cardinality(), set.cardinality());
  }
}

TEST(SerializeRowSet, TheBytesAreThePortableLayout) {
  EXPECT_EQ(SerializeRowSet(Of({0, 5, 9})), PortableRowsForTest({0, 5, 9}));
  EXPECT_EQ(SerializeRowSet(Of({1, kFar + 7})), PortableRowsForTest({1, kFar + 7}));
  EXPECT_EQ(SerializeRowSet(RowSet()), PortableRowsForTest({}));
}

TEST(SerializeRowSet, RunsAreWrittenWhereTheyAreShorterAndOnlyThere) {
  RowSet run;
  run.AddRange(100, 1'000'000);
  EXPECT_LT(SerializeRowSet(run).size(), 300u);
  Rows apart;
  for (uint64_t row = 0; row < 1'000; ++row) apart.push_back(row * 3);
  EXPECT_EQ(SerializeRowSet(Of(apart)), PortableRowsForTest(apart));
}

TEST(SerializeRowSet, ASetOfBillionsInRunsStaysSmall) {
  RowSet all;
  all.AddRange(0, 5'000'000'000);
  EXPECT_EQ(all.cardinality(), 5'000'000'000);
  const std::string bytes = SerializeRowSet(all);
  EXPECT_LT(bytes.size(), 2'000'000u);
  const auto read = ParseDeletionVector(bytes);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ((*read)->cardinality(), 5'000'000'000);
  EXPECT_TRUE((*read)->Contains(4'999'999'999));
  EXPECT_FALSE((*read)->Contains(5'000'000'000));
}

}  // namespace
}  // namespace deltic
