// Owns signed JSON web tokens: RS256 over header and claims. Knows no claims.
// Source: RFC 7515 (JWS compact serialization), RFC 7518 section 3.3 (RSASSA-PKCS1-v1_5 using SHA-256).
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

struct JwtParts {
  std::string_view header;  // JSON
  std::string_view claims;  // JSON
};
// "base64url(header).base64url(claims).base64url(signature)". InvalidArgument when `private_key_pem` is no unencrypted
// RSA key in PEM (PKCS #8 or PKCS #1); nothing of it is repeated.
Result<std::string> SignJwt(const JwtParts& parts, std::string_view private_key_pem);

}  // namespace deltic
