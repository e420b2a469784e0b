// Owns the tags' texts.
#include "optimize/zcube.h"

#include <nlohmann/json.hpp>

namespace deltic {
namespace {

constexpr const char* kId = "ZCUBE_ID";
constexpr const char* kColumns = "ZCUBE_ZORDER_BY";
constexpr const char* kCurve = "ZCUBE_ZORDER_CURVE";

}  // namespace

std::optional<ZCube> ZCubeOf(const AddFile& file) {
  const auto id = file.tags.find(kId);
  const auto columns = file.tags.find(kColumns);
  if (id == file.tags.end() || columns == file.tags.end()) return std::nullopt;
  const auto json = nlohmann::json::parse(columns->second, nullptr, false);
  if (!json.is_array() || json.empty()) return std::nullopt;
  ZCube cube{.id = id->second, .columns = {}};
  for (const auto& column : json) {
    if (!column.is_string()) return std::nullopt;
    cube.columns.push_back(column.get<std::string>());
  }
  return cube;
}

void SetZCube(const ZCube& cube, AddFile& file) {
  file.clustering_provider = kLiquidProvider;
  file.tags[kId] = cube.id;
  file.tags[kColumns] = nlohmann::json(cube.columns).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  file.tags[kCurve] = "hilbert";
}

}  // namespace deltic
