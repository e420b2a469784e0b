// Owns the tests of answers to ranges.
#include "answers/range_answer.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

constexpr const char* kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr int64_t kDateMs = 784'111'777'000;

HttpAnswer Answer(int status, std::string body, const std::string& content_range = "") {
  HttpAnswer answer{.status = status, .headers = {{"last-modified", kDate}}, .body = std::move(body)};
  if (!content_range.empty()) answer.headers["content-range"] = content_range;
  return answer;
}

std::string Say(HttpAnswer answer, ByteRange range) {
  auto bytes = BytesOf(answer, range, "s3://b/k");
  if (!bytes) return "other";
  return bytes->ok() ? **bytes : bytes->error().ToString();
}

TEST(RangeAnswer, TheBytesAreTakenWhenTheyAreExactlyThoseThatWereAskedFor) {
  EXPECT_EQ(Say(Answer(206, "56789"), {.offset = 5, .length = 5}), "56789");
  EXPECT_EQ(Say(Answer(200, "01234"), {.offset = 0, .length = 5}), "01234");  // a server that heeds no ranges
}

TEST(RangeAnswer, AShorterOrLongerAnswerIsCorrupt) {
  for (const auto& [status, body] : {std::pair{206, "567"}, {206, "56789a"}, {206, ""}, {416, ""}, {416, "<Err>"}}) {
    const std::string said = Say(Answer(status, body), {.offset = 5, .length = 4});
    EXPECT_NE(said.find("s3://b/k: it is shorter than expected: bytes 5 to 8 are not there"), std::string::npos)
        << status << " " << said;
  }
}

TEST(RangeAnswer, OtherAnswersAreTheStoresToJudge) {
  EXPECT_EQ(Say(Answer(200, "56789"), {.offset = 5, .length = 5}), "other");  // from the beginning, not from 5
  EXPECT_EQ(Say(Answer(200, "0123456789"), {.offset = 0, .length = 5}), "other");
  EXPECT_EQ(Say(Answer(404, "01234"), {.offset = 0, .length = 5}), "other");
  EXPECT_EQ(Say(Answer(0, ""), {.offset = 0, .length = 5}), "other");
}

TEST(RangeAnswer, TheEndOfAnObjectIsTakenWhenTheAnswerSaysTheWholeSize) {
  HttpAnswer part = Answer(206, "789", "bytes 7-9/10");
  auto tail = TailOf(part, "k", 3);
  ASSERT_TRUE(tail);
  EXPECT_EQ(tail->bytes, "789");
  EXPECT_EQ(tail->meta.key, "k");
  EXPECT_EQ(tail->meta.size_bytes, 10);
  EXPECT_EQ(tail->meta.modified_ms, kDateMs);
  HttpAnswer small = Answer(206, "0123456789", "bytes 0-9/10");
  EXPECT_EQ(TailOf(small, "k", 30)->bytes, "0123456789");
  HttpAnswer everything = Answer(200, "0123456789");
  tail = TailOf(everything, "k", 3);
  ASSERT_TRUE(tail);
  EXPECT_EQ(tail->bytes, "789");
  EXPECT_EQ(tail->meta.size_bytes, 10);
}

TEST(RangeAnswer, AnUnclearEndIsNone) {
  for (const char* range : {"", "bytes 7-9/*", "bytes 7-9/", "10", "bytes 7-9/2", "bytes 7-9/-10"}) {
    HttpAnswer answer = Answer(206, "789", range);
    EXPECT_FALSE(TailOf(answer, "k", 3)) << range;
  }
  HttpAnswer cut = Answer(206, "78", "bytes 7-9/10");
  EXPECT_FALSE(TailOf(cut, "k", 3));
  HttpAnswer timeless = Answer(206, "789", "bytes 7-9/10");
  timeless.headers.erase("last-modified");
  EXPECT_FALSE(TailOf(timeless, "k", 3));
}

TEST(RangeAnswer, AnAnswerMayHoldTheRangeOrAnErrorDocument) {
  EXPECT_EQ(RangeHeader(5, 9), "bytes=5-9");
  EXPECT_EQ(MostRangeBytes({.offset = 5, .length = 100}), 100 + (64 << 10));
  EXPECT_EQ(MostRangeBytes({.offset = 5, .length = int64_t{1} << 62}), (int64_t{1} << 40) + (64 << 10));
}

}  // namespace
}  // namespace deltic
