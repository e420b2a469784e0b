// Owns the tests of Z85.
#include <gtest/gtest.h>

#include "dv/deletion_vector.h"

namespace deltic {
namespace {

TEST(Z85, TheExampleOfTheRfcComesBack) {
  const std::string bytes = "\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B";
  EXPECT_EQ(EncodeZ85(bytes), "HelloWorld");
  EXPECT_EQ(*DecodeZ85("HelloWorld"), bytes);
  EXPECT_EQ(*DecodeZ85(""), "");
}

TEST(Z85, AllKindsOfGroupsComeBack) {
  for (const std::string& bytes : {std::string(4, '\0'), std::string(4, '\xFF'), std::string("\x00\x00\x00\x01", 4),
                                   std::string("abcdefghijkl")}) {
    const std::string text = EncodeZ85(bytes);
    EXPECT_EQ(text.size(), bytes.size() / 4 * 5);
    EXPECT_EQ(*DecodeZ85(text), bytes);
  }
  EXPECT_EQ(*DecodeZ85(EncodeZ85("abcde")), std::string("abcde\0\0\0", 8));
}

TEST(Z85, TailsOfTheKernelsLibraryAreReadAtTheEndOnly) {
  EXPECT_EQ(*DecodeZ85("HelloWorld##093"), std::string("\x86\x4F\xD2\x6F\xB5\x59\xF7\x5B\x03\x00", 10));
  EXPECT_EQ(*DecodeZ85("#rr90"), "\xFF\xFF\xFF");
  EXPECT_EQ(*DecodeZ85("###30"), "\xFF");
  for (std::string_view text : {"#rr91", "##961", "###31", "####1", "##093Hello"}) {
    EXPECT_FALSE(DecodeZ85(text).ok()) << text;
  }
}

TEST(Z85, OtherTextIsCorrupt) {
  using namespace std::string_view_literals;
  for (std::string_view text : {"1"sv, "1234"sv, "123456"sv, "12 45"sv, "12\"45"sv, "12\\45"sv, "123\0005"sv,
                                "\xC3\xA4"
                                "345"sv,
                                "#####"sv, "%nSc1"sv}) {
    auto bytes = DecodeZ85(text);
    ASSERT_FALSE(bytes.ok()) << text;
    EXPECT_EQ(bytes.error().code(), Code::kCorrupt);
  }
  EXPECT_TRUE(DecodeZ85("%nSc0").ok());  // 2^32 - 1, the largest group
}

}  // namespace
}  // namespace deltic
