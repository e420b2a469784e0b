// Owns the tests of signed tokens, against the vector that RFC 7515 publishes.
#include "gcs/jwt.h"

#include <gtest/gtest.h>

#include "gcs/rfc_key_for_test.h"

namespace deltic {
namespace {

TEST(Jwt, TheExampleOfRfc7515IsSignedAsItIsThere) {
  const auto token = SignJwt({.header = R"({"alg":"RS256"})",
                              .claims = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
                                        "\"http://example.com/is_root\":true}"},
                             kRfc7515Key);
  ASSERT_TRUE(token.ok()) << token.error().ToString();
  EXPECT_EQ(*token,
            "eyJhbGciOiJSUzI1NiJ9"
            "."
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
            "."
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"
            "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4"
            "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K"
            "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
            "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB"
            "p0igcN_IoypGlUPQGe77Rw");
}

TEST(Jwt, WhatIsNoKeyIsRefusedAndNotRepeated) {
  for (const char* key : {"", "secret-text", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"}) {
    const auto token = SignJwt({.header = "{}", .claims = "{}"}, key);
    ASSERT_FALSE(token.ok()) << key;
    EXPECT_EQ(token.error().code(), Code::kInvalidArgument);
    EXPECT_EQ(token.error().message().find("secret"), std::string::npos);
    EXPECT_EQ(token.error().message().find("c2Vj"), std::string::npos);
  }
}

}  // namespace
}  // namespace deltic
