// Owns the reading of the properties that people give: what is stored, which features are asked for by
// delta.feature.X, and the protocol versions. Pure. Decides no protocol (definition.cc).
// Protocol: "Table Properties", "Table Features for New and Existing Tables".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "actions/actions.h"
#include "deltic/result.h"
#include "features/feature_sets.h"

namespace deltic {

struct Settings {
  StringMap properties;  // to be stored, in their own spelling
  FeatureSet features;   // delta.feature.X = supported
  std::optional<int32_t> min_reader_version;
  std::optional<int32_t> min_writer_version;
  bool ignore_protocol_defaults = false;  // delta.ignoreProtocolDefaults: begin at (1,1), not (1,2)
};
// InvalidArgument, naming it, for a property or feature that is none (with the nearest one) or one given twice;
// Unsupported for a feature that this build cannot write.
Result<Settings> ReadSettings(const StringMap& configuration);

// The feature of this name, letter case not counting, that this build can write; errors as above.
Result<std::string> FindWritableFeature(const std::string& name);

// "delta.feature.X": X; nullopt for other properties.
std::optional<std::string> FeatureOfProperty(const std::string& name);
// delta.minReaderVersion, delta.minWriterVersion, delta.ignoreProtocolDefaults, delta.feature.*: never stored.
bool IsProtocolProperty(const std::string& name);

}  // namespace deltic
