// Owns the fields of an object's resource; see the header.
#include "gcs/gcs_object.h"

#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "http/http_date.h"

namespace deltic {
namespace {

const std::string* Text(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() ? found->get_ptr<const std::string*>() : nullptr;
}

}  // namespace

std::optional<ObjectMeta> ReadGcsObject(const nlohmann::json& object) {
  if (!object.is_object()) return std::nullopt;
  const std::string* const name = Text(object, "name");
  const std::string* const size = Text(object, "size");  // 64 bits are texts in Google's JSON
  // The later of "timeCreated" and the last change of its metadata: what keeps a file longest.
  const std::string* const updated = Text(object, "updated");
  if (name == nullptr || size == nullptr || updated == nullptr) return std::nullopt;
  const auto size_bytes = ParseInt64(*size);
  const auto modified_ms = ParseIsoTime(*updated);
  if (!size_bytes || *size_bytes < 0 || !modified_ms) return std::nullopt;
  return ObjectMeta{.key = *name, .size_bytes = *size_bytes, .modified_ms = *modified_ms};
}

std::optional<ObjectMeta> ParseGcsObject(std::string_view json) {
  return ReadGcsObject(nlohmann::json::parse(json, nullptr, false));
}

}  // namespace deltic
