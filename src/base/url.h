// Owns percent-encoding and the shape of URLs. Opens nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

// "a%20b" -> "a b". '+' stays '+'. Corrupt for a '%' that two hexadecimal digits do not follow.
Result<std::string> PercentDecode(std::string_view text);
// Encodes every byte but A-Z a-z 0-9 - . _ ~ and those in `keep` ("/" for paths).
std::string PercentEncode(std::string_view bytes, std::string_view keep = "/");
// "s3" of "s3://bucket/x", "file" of "file:/x"; nullopt when the text has no scheme (a Windows drive letter is none).
std::optional<std::string_view> UrlScheme(std::string_view text);

}  // namespace deltic
