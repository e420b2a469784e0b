// Tests the reading of _last_checkpoint and the protocol's canonical text.
#include "log/last_checkpoint.h"

#include <gtest/gtest.h>

#include "base/md5.h"

namespace deltic {
namespace {

// The sample that the protocol gives under "JSON checksum".
constexpr const char* kSample =
    R"({"k0":"'v 0'", "checksum": "adsaskfljadfkjadfkj", "k1":{"k2": 2, "k3": ["v3", [1, 2], {"k4": "v4", "k5": ["v5", "v6", "v7"]}]}})";

TEST(LastCheckpoint, TheProtocolsSampleCanonicalizesAsItSays) {
  auto text = CanonicalizeForChecksum(kSample);
  ASSERT_TRUE(text.ok()) << text.error().ToString();
  EXPECT_EQ(*text, R"("k0"="%27v%200%27","k1"+"k2"=2,"k1"+"k3"+0="v3","k1"+"k3"+1+0=1,"k1"+"k3"+1+1=2,)"
                   R"("k1"+"k3"+2+"k4"="v4","k1"+"k3"+2+"k5"+0="v5","k1"+"k3"+2+"k5"+1="v6","k1"+"k3"+2+"k5"+2="v7")");
}

TEST(LastCheckpoint, LiteralsAndNumbersKeepTheirOwnText) {
  auto text =
      CanonicalizeForChecksum(R"({"b": {"y": null, "x": "https://delta.io"}, "a": 1.50e1 , "t":true,"f": false })");
  ASSERT_TRUE(text.ok()) << text.error().ToString();
  EXPECT_EQ(*text, R"("a"=1.50e1,"b"+"x"="https%3A%2F%2Fdelta.io","b"+"y"=null,"f"=false,"t"=true)");
}

TEST(LastCheckpoint, TheSamplesChecksumIsTheOneTheProtocolGives) {
  auto digest = Md5Hex(*CanonicalizeForChecksum(kSample));
  ASSERT_TRUE(digest.ok()) << digest.error().ToString();
  EXPECT_EQ(*digest, "6a92d155a59bf2eecbd4b4ec7fd1f875");
}

TEST(LastCheckpoint, ARightChecksumIsTrustedAndAWrongOneIsCorrupt) {
  auto hint = ParseLastCheckpoint(R"({"version":10,"size":13})");
  ASSERT_TRUE(hint.ok());
  EXPECT_EQ(hint->version, 10);
  EXPECT_EQ(hint->size, 13);
  EXPECT_FALSE(hint->parts);
  const std::string digest = *Md5Hex(R"("size"=13,"version"=10)");
  EXPECT_TRUE(ParseLastCheckpoint(R"({"version":10,"checksum":")" + digest + R"(","size":13})").ok());
  hint = ParseLastCheckpoint(R"({"version":11,"checksum":")" + digest + R"(","size":13})");
  ASSERT_FALSE(hint.ok());
  EXPECT_EQ(hint.error().code(), Code::kCorrupt);
}

TEST(LastCheckpoint, WhatIsNotAHintIsCorrupt) {
  for (const char* text : {"", "{", "[]", "{}", "null", R"({"version":"10"})", R"({"version":-1})",
                           R"({"version":1} x)", R"({"version":1.5})", R"({"version":99999999999999999999})",
                           R"({"version":1,"a":{"b":1,"b":2},"checksum":"x"})"}) {
    EXPECT_FALSE(ParseLastCheckpoint(text).ok()) << text;
  }
}

TEST(LastCheckpoint, DeepNestingIsRefusedNotOverflowing) {
  std::string text = R"({"version":1,"checksum":"x","a":)" + std::string(900, '[') + std::string(900, ']') + "}";
  EXPECT_FALSE(ParseLastCheckpoint(text).ok());
}

TEST(LastCheckpoint, NullPartsAreNoParts) {
  auto hint = ParseLastCheckpoint(R"({"version":2,"size":15330,"parts":null})");
  ASSERT_TRUE(hint.ok());
  EXPECT_FALSE(hint->parts);
}

}  // namespace
}  // namespace deltic
