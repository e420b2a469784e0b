// Owns the tests of the gathering of parts.
#include "storage/upload_in_parts.h"

#include <gtest/gtest.h>

#include <vector>

namespace deltic {
namespace {

TEST(UploadInParts, SendsFullPartsAndKeepsTheRest) {
  UploadInParts upload("k");
  std::vector<std::string> parts;
  const auto part_bytes = [&] { return parts.empty() ? 3 : 5; };
  const auto send = [&]() -> Status {
    parts.push_back(upload.unsent());
    upload.Sent();
    return {};
  };
  ASSERT_TRUE(upload.Add("ab", part_bytes, send).ok());
  EXPECT_TRUE(parts.empty());
  ASSERT_TRUE(upload.Add("cdefghij", part_bytes, send).ok());
  EXPECT_EQ(parts, (std::vector<std::string>{"abc", "defgh"}));
  EXPECT_EQ(upload.unsent(), "ij");
  EXPECT_EQ(upload.size_bytes(), 10);
}

TEST(UploadInParts, AfterAFailureItCanOnlyBeGivenUp) {
  UploadInParts upload("k");
  const auto part_bytes = [] { return 2; };
  const auto send = []() -> Status { return Unavailable("gone"); };
  EXPECT_EQ(upload.Add("abc", part_bytes, send).error().code(), Code::kUnavailable);
  EXPECT_EQ(upload.Add("d", part_bytes, send).error().code(), Code::kInvalidArgument);
  EXPECT_FALSE(upload.CheckOpen("completing").ok());
  EXPECT_TRUE(upload.CheckNotEnded().ok());
  upload.End();
  EXPECT_FALSE(upload.CheckNotEnded().ok());
  EXPECT_TRUE(upload.unsent().empty());
}

}  // namespace
}  // namespace deltic
