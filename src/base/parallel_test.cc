// Owns the proof that every index is worked on once, and that an error ends the work and is told.
#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/error.h"

namespace deltic {
namespace {

TEST(ParallelTest, EveryIndexIsWorkedOnOnce) {
  for (const size_t threads : {0, 1, 4, 100}) {
    std::vector<std::atomic<int>> seen(1000);
    ASSERT_TRUE(ForEachParallel(seen.size(), threads, [&](size_t index) {
                  seen[index]++;
                  return Status();
                }).ok());
    for (const auto& count : seen) EXPECT_EQ(count, 1);
  }
  EXPECT_TRUE(ForEachParallel(0, 4, [](size_t) { return Status(Internal("called")); }).ok());
}

TEST(ParallelTest, AnErrorEndsTheWorkAndIsTold) {
  std::atomic<int> calls{0};
  const Status status = ForEachParallel(1'000'000, 4, [&](size_t index) {
    calls++;
    return index == 17 ? Status(NotFound("file {}", index)) : Status();
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message(), "file 17");
  EXPECT_LT(calls, 1'000'000);
}

}  // namespace
}  // namespace deltic
