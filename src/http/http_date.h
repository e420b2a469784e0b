// Owns the date texts of HTTP and of stores' listings. Knows no requests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace deltic {

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7, the one form that is still sent) as milliseconds since the epoch.
std::optional<int64_t> ParseHttpDate(std::string_view text);
std::string FormatHttpDate(int64_t ms);
// "2009-10-12T17:50:30.000Z", with or without fraction, in UTC or with an offset.
std::optional<int64_t> ParseIsoTime(std::string_view text);

}  // namespace deltic
