// Owns the digests and text forms that request signing needs: SHA-256, HMAC, base64, hexadecimal. Signs nothing itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deltic {

std::string Sha256(std::string_view bytes);                            // 32 bytes
std::string HmacSha256(std::string_view key, std::string_view bytes);  // 32 bytes
std::string HmacSha1(std::string_view key, std::string_view bytes);    // 20 bytes
std::string Hex(std::string_view bytes);                               // lower case
std::string Base64(std::string_view bytes);                            // padded, RFC 4648 section 4
std::string Base64Url(std::string_view bytes);                         // section 5, without padding
std::optional<std::string> Base64Decode(std::string_view text);        // both alphabets; nullopt for anything else

}  // namespace deltic
