// Owns the tests of changes of case.
#include "base/ascii.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(Ascii, ChangesLettersOfAsciiAndNothingElse) {
  EXPECT_EQ(AsciiLower("X-Amz-Date_@[`{09"), "x-amz-date_@[`{09");
  EXPECT_EQ(AsciiUpper("aws_Region@[`{09"), "AWS_REGION@[`{09");
  EXPECT_EQ(AsciiLower("ÄÉ\xC3"), "ÄÉ\xC3");
  EXPECT_EQ(AsciiUpper("äé\xE9"), "äé\xE9");
  EXPECT_EQ(AsciiLower(""), "");
}

}  // namespace
}  // namespace deltic
