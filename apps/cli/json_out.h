// Owns how the commands write JSON: keys in the order given, one document, never failing on odd bytes.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace deltic::cli {

using Json = nlohmann::ordered_json;

// One line. Bytes that are not UTF-8 become U+FFFD.
inline std::string JsonLine(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <class T>
Json JsonOrNull(const std::optional<T>& value) {
  return value.has_value() ? Json(*value) : Json(nullptr);
}

}  // namespace deltic::cli
