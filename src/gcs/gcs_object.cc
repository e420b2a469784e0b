// Owns the fields of an object's resource; see the header.
#include "gcs/gcs_object.h"

#include <charconv>
#include <nlohmann/json.hpp>

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
  ObjectMeta meta{.key = *name};
  const char* const end = size->data() + size->size();
  const auto [rest, error] = std::from_chars(size->data(), end, meta.size_bytes);
  const auto modified_ms = ParseIsoTime(*updated);
  if (error != std::errc() || rest != end || meta.size_bytes < 0 || !modified_ms) return std::nullopt;
  meta.modified_ms = *modified_ms;
  return meta;
}

std::optional<ObjectMeta> ParseGcsObject(std::string_view json) {
  return ReadGcsObject(nlohmann::json::parse(json, nullptr, false));
}

}  // namespace deltic
