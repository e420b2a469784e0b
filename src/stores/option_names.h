// Owns the list of names that storage options may have, over all stores, and the warning about one that is nearly such
// a name. What they do is the stores'; docs/reference/storage_options.md tells it, and a test keeps both lists the
// same.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace deltic {

enum class OptionUse : uint8_t {
  kUsed,
  kIgnored,  // other libraries know it; here it changes nothing
};
// By name in any case; nullopt for one that nobody knows.
std::optional<OptionUse> UseOfOption(std::string_view name);

// A sentence for each name that nobody knows and that is one or two letters away from a known one. Others are passed
// over in silence, as other libraries do: options are often those of several programs. Values are not looked at.
std::vector<std::string> WarnOfOptions(const std::map<std::string, std::string>& options);

// All known names, for the test of the page.
std::vector<std::string> KnownOptions();

}  // namespace deltic
