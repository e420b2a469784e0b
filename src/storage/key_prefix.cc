// Owns the joining and cutting of names; see the header.
#include "storage/key_prefix.h"

#include <algorithm>

#include "base/error.h"
#include "base/url.h"
#include "storage/object_store.h"

namespace deltic {

std::string KeyPrefix::Full(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : prefix_ + "/" + std::string(key);
}

std::string KeyPrefix::Encoded() const { return prefix_.empty() ? "" : PercentEncode(prefix_) + "/"; }

std::string_view KeyPrefix::KeyOf(std::string_view full) const {
  const size_t cut = prefix_.empty() ? 0 : prefix_.size() + 1;
  return full.substr(std::min(cut, full.size()));
}

Status CheckFolder(std::string_view folder) {
  if (folder.empty()) return {};
  if (!folder.ends_with('/')) return InvalidArgument("folder '{}' must end with '/'", folder);
  return CheckKey(folder.substr(0, folder.size() - 1));
}

}  // namespace deltic
