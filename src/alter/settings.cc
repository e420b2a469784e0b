// Owns the sorting of given properties.
#include "alter/settings.h"

#include <charconv>

#include "base/ascii.h"
#include "base/error.h"
#include "features/features.h"
#include "features/properties.h"

namespace deltic {
namespace {

constexpr std::string_view kFeaturePrefix = "delta.feature.";

Result<int32_t> ReadVersion(const std::string& name, const std::string& value, int32_t last) {
  int32_t version = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), version);
  if (error != std::errc() || end != value.data() + value.size() || version < 1 || version > last) {
    return InvalidArgument("{} is '{}': it must be a number from 1 to {}", name, value, last);
  }
  return version;
}

}  // namespace

std::optional<std::string> FeatureOfProperty(const std::string& name) {
  if (!AsciiLower(name).starts_with(kFeaturePrefix)) return std::nullopt;
  return name.substr(kFeaturePrefix.size());
}

bool IsProtocolProperty(const std::string& name) {
  const std::string lower = AsciiLower(name);
  return lower.starts_with(kFeaturePrefix) || lower == "delta.minreaderversion" || lower == "delta.minwriterversion" ||
         lower == "delta.ignoreprotocoldefaults";
}

Result<std::string> FindWritableFeature(const std::string& name) {
  std::vector<std::string_view> names;
  for (const FeatureRow& row : AllFeatures()) {
    if (row.can_write) names.push_back(row.name);
    if (AsciiLower(row.name) != AsciiLower(name)) continue;
    if (!row.can_write)
      return Unsupported("the feature {} cannot be set by this build: {}", row.name, row.write_refusal);
    return std::string(row.name);
  }
  const std::string nearest = Nearest(name, names);
  return InvalidArgument("there is no table feature {}{}", name,
                         nearest.empty() ? "" : "; did you mean " + nearest + "?");
}

Result<Settings> ReadSettings(const StringMap& configuration) {
  Settings settings;
  for (const auto& [name, value] : configuration) {
    const std::string lower = AsciiLower(name);
    if (const std::optional<std::string> feature = FeatureOfProperty(name)) {
      const std::string state = AsciiLower(value);
      if (state != "supported" && state != "enabled") {
        return InvalidArgument("table property {} is '{}': it must be supported", name, value);
      }
      DELTIC_TRY(std::string known, FindWritableFeature(*feature));
      settings.features.insert(std::move(known));
    } else if (lower == "delta.minreaderversion") {
      DELTIC_TRY(settings.min_reader_version, ReadVersion(name, value, 3));
    } else if (lower == "delta.minwriterversion") {
      DELTIC_TRY(settings.min_writer_version, ReadVersion(name, value, 7));
    } else if (lower == "delta.ignoreprotocoldefaults") {
      settings.ignore_protocol_defaults = AsciiLower(value) == "true";
    } else {
      DELTIC_TRY(auto property, CheckProperty(name, value));
      const std::string_view enabled = FeatureEnabledBy(property.first, property.second);
      if (!enabled.empty()) {
        DELTIC_TRY(const std::string writable, FindWritableFeature(std::string(enabled)));
        (void)writable;
      }
      const std::string key = property.first;
      if (!settings.properties.insert(std::move(property)).second) {
        return InvalidArgument("table property {} is given twice (letter case does not count)", key);
      }
    }
  }
  return settings;
}

}  // namespace deltic
