// Owns the places of files outside of the table's own store.
#include "clone/file_place.h"

#include "base/error.h"
#include "base/url.h"
#include "dv/deletion_vector.h"
#include "snapshot/snapshot.h"

namespace deltic {
namespace {

// `absolute` is a local path, decoded, or a URL as the log has it.
Result<FilePlace> PlaceOfAbsolute(const std::string& absolute) {
  const size_t slash = absolute.rfind('/');
  if (slash == std::string::npos || slash + 1 == absolute.size()) return Corrupt("'{}' names no file", absolute);
  FilePlace place;
  if (absolute.front() == '/') {
    place.store = MakeLocalStore(absolute.substr(0, slash));
    place.key = absolute.substr(slash + 1);
    return place;
  }
  DELTIC_TRY(place.store, OpenStore(absolute.substr(0, slash)));
  DELTIC_TRY(place.key, PercentDecode(absolute.substr(slash + 1)));
  return place;
}

// The folder of a local store, without a '/' at its end.
std::optional<std::string> LocalRoot(const ObjectStore& store) {
  std::optional<std::string> inside = store.LocalPath("x");
  if (inside) inside->resize(inside->size() - 2);
  return inside;
}

}  // namespace

Result<FilePlace> PlaceOfDataFile(const std::shared_ptr<ObjectStore>& table, const std::string& path) {
  DELTIC_TRY(FileLocation location, LocateFile(path));
  if (!location.key.empty()) return FilePlace{.store = table, .key = std::move(location.key)};
  return PlaceOfAbsolute(location.absolute);
}

Result<std::optional<FilePlace>> PlaceOfVector(const std::shared_ptr<ObjectStore>& table,
                                               const DeletionVectorDescriptor& vector) {
  DELTIC_TRY(DeletionVectorLocation location, LocateDeletionVector(vector));
  if (location.inline_data) return std::optional<FilePlace>();
  if (!location.key.empty()) return std::optional(FilePlace{.store = table, .key = std::move(location.key)});
  // A URL of a local file is as good as its path.
  DELTIC_TRY(FileLocation file, LocateFile(vector.path_or_inline_dv));
  DELTIC_TRY(FilePlace place, PlaceOfAbsolute(file.absolute));
  return std::optional(std::move(place));
}

std::string RootUri(const ObjectStore& store) {
  if (const std::optional<std::string> root = LocalRoot(store)) return "file:" + PercentEncode(*root);
  std::string uri = store.uri();
  while (uri.ends_with('/')) uri.pop_back();
  return uri;
}

std::string RootName(const ObjectStore& store) {
  const std::optional<std::string> root = LocalRoot(store);
  return root ? "file:" + *root : RootUri(store);
}

}  // namespace deltic
