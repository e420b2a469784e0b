// Owns the writing of JSON string literals. Reading JSON is simdjson's work; this knows nothing of Delta.
#pragma once

#include <string>
#include <string_view>

namespace deltic {

// Appends `text` as a JSON string with its quotes: ", \ and control characters escaped, other bytes as they are (so the
// result is valid JSON when `text` is valid UTF-8).
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace deltic
