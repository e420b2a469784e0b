// Owns the tests of what token services are asked by.
#include "http/token_source.h"

#include <gtest/gtest.h>

namespace deltic {
namespace {

TEST(FormBody, EncodesValuesAndKeepsTheOrder) {
  EXPECT_EQ(FormBody({{"grant_type", "client_credentials"}, {"scope", "https://x/.default"}, {"secret", "a b&c=d+%/"}}),
            "grant_type=client_credentials&scope=https%3A%2F%2Fx%2F.default&secret=a%20b%26c%3Dd%2B%25%2F");
  EXPECT_EQ(FormBody({}), "");
}

}  // namespace
}  // namespace deltic
