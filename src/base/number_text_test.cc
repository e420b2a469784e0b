// Owns the tests of numbers in texts.
#include "base/number_text.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(NumberText, ReadsWholeTextsOnly) {
  EXPECT_EQ(ParseInt64("0"), 0);
  EXPECT_EQ(ParseInt64("9223372036854775807"), 9'223'372'036'854'775'807);
  EXPECT_EQ(ParseInt64("-5"), -5);
  for (const char* text : {"", " 1", "1 ", "+1", "1.5", "0x1", "9223372036854775808", "-"}) {
    EXPECT_EQ(ParseInt64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace deltic
