// Owns the reading of what the service says of an object: {"name", "size", "updated"}. Knows no requests.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "storage/object_store.h"

namespace deltic {

// The key is the object's name in the bucket. nullopt when a field is missing or is not what it must be.
std::optional<ObjectMeta> ReadGcsObject(const nlohmann::json& object);
std::optional<ObjectMeta> ParseGcsObject(std::string_view json);

// The fields of an object that are asked for.
inline constexpr const char* kGcsObjectFields = "name,size,updated";

}  // namespace deltic
