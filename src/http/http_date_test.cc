// Owns the tests of dates.
#include "http/http_date.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(HttpDate, IsReadAndWrittenAsInTheStandard) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777'000);
  EXPECT_EQ(FormatHttpDate(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (int64_t day = 0; day < 40'000; day += 17) {
    EXPECT_EQ(ParseHttpDate(FormatHttpDate(day * 86'400'000 + 3'000)), day * 86'400'000 + 3'000);
  }
  for (const char* text :
       {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Xxx 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(HttpDate, TimesOfListingsAreRead) {
  EXPECT_EQ(ParseIsoTime("2009-10-12T17:50:30.000Z"), 1'255'369'830'000);
  EXPECT_EQ(ParseIsoTime("2009-10-12T17:50:30Z"), 1'255'369'830'000);
  EXPECT_EQ(ParseIsoTime("2009-10-12T17:50:30.123456Z"), 1'255'369'830'123);
  EXPECT_EQ(ParseIsoTime("2009-10-12T19:50:30+02:00"), 1'255'369'830'000);
  for (const char* text :
       {"", "2009-10-12", "2009-10-12T17:50:30", "2009-13-12T17:50:30Z", "2009-10-12T17:50:30+0200"}) {
    EXPECT_EQ(ParseIsoTime(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace deltic
