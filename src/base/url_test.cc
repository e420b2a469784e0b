// Owns the tests of percent-encoding and schemes.
#include "base/url.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(Url, DecodingUndoesEncodingForEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const std::string text = PercentEncode(bytes);
  for (char c : text) EXPECT_TRUE(c > ' ' && c < 0x7F);
  auto back = PercentDecode(text);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, bytes);
}

TEST(Url, PathsAreDecodedAsTheLogWritesThem) {
  EXPECT_EQ(*PercentDecode("a%20b"), "a b");
  EXPECT_EQ(*PercentDecode("a+b"), "a+b");
  EXPECT_EQ(*PercentDecode("p=%2525/x"), "p=%25/x");  // once, not until nothing is left
  EXPECT_EQ(*PercentDecode("%c3%A4"), "\xC3\xA4");
  EXPECT_EQ(*PercentDecode(""), "");
  EXPECT_EQ(*PercentDecode("%41"), "A");
}

TEST(Url, APercentSignWithoutTwoDigitsIsCorrupt) {
  for (std::string_view text : {"%", "a%", "a%2", "%zz", "%2g", "100%/x", "%%41"}) {
    auto bytes = PercentDecode(text);
    ASSERT_FALSE(bytes.ok()) << text;
    EXPECT_EQ(bytes.error().code(), Code::kCorrupt);
  }
}

TEST(Url, EncodingKeepsWhatItIsToldToKeep) {
  EXPECT_EQ(PercentEncode("a b/c:d%"), "a%20b/c%3Ad%25");
  EXPECT_EQ(PercentEncode("a/b", ""), "a%2Fb");
  EXPECT_EQ(PercentEncode("A-Z.a_z~0"), "A-Z.a_z~0");
}

TEST(Url, SchemesAreTakenFromUrlsOnly) {
  EXPECT_EQ(UrlScheme("s3://bucket/x"), "s3");
  EXPECT_EQ(UrlScheme("file:/x"), "file");
  EXPECT_EQ(UrlScheme("abfss://c@a/x"), "abfss");
  EXPECT_EQ(UrlScheme("git+ssh:x"), "git+ssh");
  EXPECT_EQ(UrlScheme("C:\\data"), std::nullopt);
  EXPECT_EQ(UrlScheme("/data/t:1/x"), std::nullopt);
  EXPECT_EQ(UrlScheme("t=12:00/x"), std::nullopt);
  EXPECT_EQ(UrlScheme("part-0.parquet"), std::nullopt);
  EXPECT_EQ(UrlScheme("3s://x"), std::nullopt);
  EXPECT_EQ(UrlScheme(":x"), std::nullopt);
  EXPECT_EQ(UrlScheme(""), std::nullopt);
}

}  // namespace
}  // namespace deltic
