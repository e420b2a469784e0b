// Feeds bytes as the path of an add or remove action to LocateFile and CanonicalPath. What is located must be one
// place: a key that a store takes, or an absolute path without "..", and its canonical form must be the same when it is
// made of itself again. Seeds: paths as writers write them, and those that try to leave the table.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/url.h"
#include "snapshot/paths.h"
#include "storage/object_store.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace deltic;
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  const auto decoded = PercentDecode(path);
  if (decoded.ok() && PercentDecode(PercentEncode(*decoded)).value() != *decoded) std::abort();
  const auto location = LocateFile(path);
  const auto canonical = CanonicalPath(path);
  if (!location.ok()) return 0;
  if (location->key.empty() == location->absolute.empty()) std::abort();
  if (!location->key.empty() && !CheckKey(location->key).ok()) std::abort();
  if (location->absolute.find('\0') != std::string::npos) std::abort();
  if (location->absolute.starts_with('/') && (location->absolute + "/").find("/../") != std::string::npos) std::abort();
  if (!canonical.ok()) std::abort();
  // A relative key's canonical form may hold '%' or ':' of its own: encoded, it must name the same file.
  if (!location->key.empty() && *canonical == location->key) {
    const auto again = CanonicalPath(PercentEncode(*canonical));
    if (!again.ok() || *again != *canonical) std::abort();
  }
  return 0;
}
