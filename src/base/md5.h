// Owns MD5 digests, which the log uses as a checksum against damage. Not for security.
// Protocol: "Last Checkpoint File" ("JSON checksum").
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

// 32 lower-case hexadecimal digits. Unsupported where OpenSSL runs in a mode that forbids MD5 (FIPS).
Result<std::string> Md5Hex(std::string_view bytes);

}  // namespace deltic
