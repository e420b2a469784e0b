// Owns the tests of the rules for ranges.
#include "storage/byte_range.h"

#include <gtest/gtest.h>

#include <limits>

namespace deltic {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

TEST(ByteRange, TheLastByteIsKnownUnlessNoRequestCanNameIt) {
  EXPECT_EQ(LastByte({.offset = 5, .length = 5}), 9);
  EXPECT_EQ(LastByte({.offset = 0, .length = kMost}), kMost - 1);
  EXPECT_EQ(LastByte({.offset = 5, .length = 0}), std::nullopt);
  EXPECT_EQ(LastByte({.offset = 1, .length = kMost}), std::nullopt);
  EXPECT_EQ(LastByte({.offset = kMost, .length = kMost}), std::nullopt);
}

TEST(ByteRange, ANegativeOneIsRefused) {
  const auto store = MakeMemoryStore("r");
  EXPECT_TRUE(CheckRange(*store, "k", {.offset = 0, .length = 0}).ok());
  for (const ByteRange range : {ByteRange{.offset = -1, .length = 1}, ByteRange{.offset = 1, .length = -1}}) {
    const Status status = CheckRange(*store, "k", range);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), Code::kInvalidArgument);
    EXPECT_NE(status.error().ToString().find("memory://r/k"), std::string::npos) << status.error().ToString();
  }
}

TEST(ByteRange, TheSizeAnswersAnEmptyRangeWithinTheObjectOnly) {
  const auto store = MakeMemoryStore("r");
  ASSERT_TRUE(store->Put("k", "0123456789").ok());
  EXPECT_EQ(*AnswerBySize(*store, "k", {.offset = 10, .length = 0}), "");
  for (const ByteRange range : {ByteRange{.offset = 11, .length = 0}, ByteRange{.offset = 1, .length = kMost}}) {
    const auto answer = AnswerBySize(*store, "k", range);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code(), Code::kCorrupt);
    EXPECT_NE(answer.error().ToString().find("it has 10 bytes"), std::string::npos) << answer.error().ToString();
  }
  EXPECT_EQ(AnswerBySize(*store, "none", {.offset = 0, .length = 0}).error().code(), Code::kNotFound);
}

}  // namespace
}  // namespace deltic
