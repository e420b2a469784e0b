// Owns the tests of UUIDs, of MD5 and of the real Env.
#include "base/uuid.h"

#include <gtest/gtest.h>

#include <set>

#include "base/env.h"
#include "base/md5.h"

namespace deltic {
namespace {

TEST(Uuid, TextComesBackInLowerCase) {
  auto uuid = ParseUuid("D2C639AA-8816-431a-aaf6-d3fe2512ff61");
  ASSERT_TRUE(uuid.ok());
  EXPECT_EQ(uuid->bytes[0], 0xD2);
  EXPECT_EQ(uuid->bytes[15], 0x61);
  EXPECT_EQ(FormatUuid(*uuid), "d2c639aa-8816-431a-aaf6-d3fe2512ff61");
}

TEST(Uuid, OtherTextsAreRefused) {
  for (std::string_view text :
       {"", "d2c639aa", "d2c639aa8816431aaaf6d3fe2512ff61", "d2c639aa-8816-431a-aaf6-d3fe2512ff6",
        "d2c639aa-8816-431a-aaf6-d3fe2512ff611", "d2c639aa-8816-431a-aaf6_d3fe2512ff61",
        "g2c639aa-8816-431a-aaf6-d3fe2512ff61", "{2c639aa-8816-431a-aaf6-d3fe2512ff61"}) {
    auto uuid = ParseUuid(text);
    ASSERT_FALSE(uuid.ok()) << text;
    EXPECT_EQ(uuid.error().code(), Code::kInvalidArgument);
  }
}

TEST(Uuid, NewOnesAreOfVersion4AndFollowTheRandomSource) {
  uint64_t next = 0x0123456789ABCDEF;
  const Uuid uuid = MakeRandomUuid([&next] {
    const uint64_t bits = next;
    next = ~next;
    return bits;
  });
  EXPECT_EQ(FormatUuid(uuid), "01234567-89ab-4def-bedc-ba9876543210");
}

TEST(Env, TheRealOneGivesDifferentUuidsAndThePresent) {
  const Env env = RealEnv();
  std::set<std::string> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(FormatUuid(MakeRandomUuid(env.random)));
  EXPECT_EQ(seen.size(), 1'000u);
  EXPECT_GT(env.now_ms(), 1'700'000'000'000);  // this was written after 2023
  env.Log(LogLevel::kInfo, "nobody listens");
}

TEST(Md5, DigestsOfTheRfcAreRight) {
  EXPECT_EQ(*Md5Hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(*Md5Hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
}

}  // namespace
}  // namespace deltic
