// Owns how a clustered file says so in its add action: the clustering provider, and the tags of the group of files
// that were ordered together, which Spark calls a ZCube. Decides nothing. Protocol: "Clustered Table"; the tags are
// Delta Spark's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"

namespace deltic {

inline constexpr const char* kLiquidProvider = "liquid";

struct ZCube {
  std::string id;
  std::vector<std::string> columns;  // as Spark spells them: names joined by dots
  bool operator==(const ZCube&) const = default;
};

// nullopt for a file without the tags, or with columns that cannot be read: it counts as not clustered.
std::optional<ZCube> ZCubeOf(const AddFile& file);
// Of files that were ordered along a Hilbert curve.
void SetZCube(const ZCube& cube, AddFile& file);

}  // namespace deltic
