// Owns what all stores share: the rule for keys, deleting one by one, and choosing a store for a location.
#include "storage/object_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/url.h"

namespace deltic {
namespace {

// Prefixes the working folder, drops "." and empty segments and the '/' at the end. ".." stays for the kernel to
// resolve: `link/../t` is not `t` when `link` leads elsewhere.
Result<std::string> AbsolutePath(std::string_view path) {
  std::string whole(path);
  if (path.front() != '/') {
    std::error_code error;
    const auto here = std::filesystem::current_path(error);
    if (error) return Unavailable("'{}' is relative, and the working folder is not known: {}", path, error.message());
    whole = here.string() + "/" + whole;
  }
  std::string clean;
  size_t begin = 0;
  while (begin < whole.size()) {
    size_t end = whole.find('/', begin);
    if (end == std::string::npos) end = whole.size();
    const std::string_view segment = std::string_view(whole).substr(begin, end - begin);
    if (!segment.empty() && segment != ".") clean.append("/").append(segment);
    begin = end + 1;
  }
  return clean;
}

// The path of "file:/x", "file:///x" and "file://localhost/x".
Result<std::string> FileUrlPath(std::string_view location) {
  std::string_view rest = location.substr(location.find(':') + 1);
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const size_t slash = rest.find('/');
    const std::string_view host = rest.substr(0, slash);
    if (slash == std::string_view::npos || (!host.empty() && host != "localhost")) {
      return InvalidArgument("'{}' names another machine: write file:///path for a path of this one", location);
    }
    rest.remove_prefix(slash);
  }
  if (!rest.starts_with('/')) {
    return InvalidArgument("'{}' is a file URL without an absolute path: write file:///path", location);
  }
  auto path = PercentDecode(rest);
  if (!path.ok()) return InvalidArgument("{}", path.error().message());
  return path;
}

bool IsFileScheme(std::string_view scheme) {
  constexpr std::string_view kFile = "file";
  if (scheme.size() != kFile.size()) return false;
  for (size_t i = 0; i < kFile.size(); ++i) {
    if ((scheme[i] | 0x20) != kFile[i]) return false;
  }
  return true;
}

}  // namespace

Status CheckKey(std::string_view key) {
  if (key.empty()) return InvalidArgument("a key in a store must not be empty");
  if (key.find('\0') != std::string_view::npos) return InvalidArgument("key '{}' holds a NUL byte", key);
  size_t begin = 0;
  while (begin <= key.size()) {
    size_t end = key.find('/', begin);
    if (end == std::string_view::npos) end = key.size();
    const std::string_view segment = key.substr(begin, end - begin);
    if (segment.empty()) {
      return InvalidArgument("key '{}' is absolute or has an empty segment: keys are relative to the store", key);
    }
    if (segment == "." || segment == "..") {
      return InvalidArgument("key '{}' has a '{}' segment: keys must not lead out of the store", key, segment);
    }
    begin = end + 1;
  }
  return {};
}

Result<ObjectTail> ObjectStore::GetTail(std::string_view key, const TailRange& tail) {
  DELTIC_TRY(ObjectMeta meta, Head(key));
  const int64_t length = std::min(std::max<int64_t>(tail.length, 0), meta.size_bytes);
  DELTIC_TRY(std::string bytes, GetRange(key, {.offset = meta.size_bytes - length, .length = length}));
  return ObjectTail{.meta = std::move(meta), .bytes = std::move(bytes)};
}

std::vector<Status> ObjectStore::DeleteMany(const std::vector<std::string>& keys) {
  std::vector<Status> outcomes;
  outcomes.reserve(keys.size());
  for (const std::string& key : keys) outcomes.push_back(Delete(key));
  return outcomes;
}

Result<ObjectPlace> PlaceBeside(const ObjectStore& store, const std::string& absolute) {
  const size_t slash = absolute.rfind('/');
  if (slash == std::string::npos || slash + 1 == absolute.size()) return Corrupt("'{}' names no file", absolute);
  const auto scheme = UrlScheme(absolute);
  if (!scheme || IsFileScheme(*scheme)) {
    DELTIC_TRY(auto folder, OpenLocalStore(absolute.substr(0, slash + 1)));
    ObjectPlace place{.store = std::move(folder), .key = absolute.substr(slash + 1)};
    if (scheme) {
      DELTIC_TRY(place.key, PercentDecode(place.key));
    }
    return place;
  }
  if (store.opener() == nullptr) {
    return Unsupported("file {} cannot be opened from {}, which has no options for scheme '{}'", absolute, store.uri(),
                       *scheme);
  }
  return store.opener()->Find(absolute);
}

Result<std::shared_ptr<ObjectStore>> OpenLocalStore(std::string_view location) {
  if (location.empty()) return InvalidArgument("the location of a table must not be empty");
  if (location.find('\0') != std::string_view::npos) return InvalidArgument("location '{}' holds a NUL byte", location);
  std::string path(location);
  if (const auto scheme = UrlScheme(location)) {
    if (!IsFileScheme(*scheme)) {
      // The rest of the location is not repeated: URLs of stores may hold secrets.
      return Unsupported(
          "locations of scheme '{0}' cannot be opened as local folders (for a relative path that begins with '{0}:', "
          "write ./{0}:...)",
          *scheme);
    }
    DELTIC_TRY(path, FileUrlPath(location));
  }
  DELTIC_TRY(auto root, AbsolutePath(path));
  return MakeLocalStore(std::move(root));
}

}  // namespace deltic
