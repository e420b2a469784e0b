// Owns the places of files outside of the table's own store.
#include "snapshot/file_place.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/url.h"
#include "dv/deletion_vector.h"
#include "snapshot/snapshot.h"

namespace deltic {
namespace {

// The folder of a local store, without a '/' at its end.
std::optional<std::string> LocalRoot(const ObjectStore& store) {
  std::optional<std::string> inside = store.LocalPath("x");
  if (inside) inside->resize(inside->size() - 2);
  return inside;
}

// "s3://bucket" and "/a b" of "s3://bucket/a%20b/".
std::pair<std::string, std::string> SplitUri(const std::string& uri) {
  const size_t authority = uri.find("://");
  const size_t slash = authority == uri.npos ? 0 : std::min(uri.find('/', authority + 3), uri.size());
  std::string path = uri.substr(slash);
  while (path.ends_with('/')) path.pop_back();
  // The store made its name itself: it decodes.
  if (auto decoded = PercentDecode(path); decoded.ok()) path = std::move(*decoded);
  return {uri.substr(0, slash), std::move(path)};
}

// How many bytes the character at the beginning takes; 0 when the bytes are no UTF-8 there.
size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  return size;
}

// What java.net.URI calls "other": beyond ASCII, and neither control nor space.
bool IsOther(std::string_view character) {
  if (character.size() < 2) return false;
  const auto at = [&](size_t i) { return static_cast<unsigned char>(character[i]); };
  if (at(0) == 0xC2 && at(1) <= 0xA0) return false;                              // controls, U+00A0
  if (character == "\xE1\x9A\x80" || character == "\xE3\x80\x80") return false;  // U+1680, U+3000
  if (at(0) != 0xE2) return true;
  if (at(1) == 0x80) return at(2) > 0x8A && at(2) != 0xA8 && at(2) != 0xA9 && at(2) != 0xAF;  // U+2000 .. U+202F
  return !(at(1) == 0x81 && at(2) == 0x9F);                                                   // U+205F
}

}  // namespace

std::string EncodeUriPath(std::string_view path) {
  constexpr std::string_view kKept = "/,;:$&+=@!'()*";
  std::string text;
  while (!path.empty()) {
    const size_t size = CharacterBytes(path);
    const std::string_view character = path.substr(0, std::max<size_t>(size, 1));
    if (size > 1 && IsOther(character)) {
      text += character;
    } else {
      text += PercentEncode(character, kKept);
    }
    path.remove_prefix(character.size());
  }
  return text;
}

Result<FilePlace> PlaceOfDataFile(const std::shared_ptr<ObjectStore>& table, const std::string& path) {
  DELTIC_TRY(FileLocation location, LocateFile(path));
  if (!location.key.empty()) return FilePlace{.store = table, .key = std::move(location.key)};
  return PlaceBeside(*table, location.absolute);
}

Result<std::optional<FilePlace>> PlaceOfVector(const std::shared_ptr<ObjectStore>& table,
                                               const DeletionVectorDescriptor& vector) {
  DELTIC_TRY(DeletionVectorLocation location, LocateDeletionVector(vector));
  if (location.inline_data) return std::optional<FilePlace>();
  if (!location.key.empty()) return std::optional(FilePlace{.store = table, .key = std::move(location.key)});
  // A URL of a local file is as good as its path.
  DELTIC_TRY(FileLocation file, LocateFile(vector.path_or_inline_dv));
  DELTIC_TRY(ObjectPlace place, PlaceBeside(*table, file.absolute));
  return std::optional(std::move(place));
}

std::string RootUri(const ObjectStore& store) {
  if (const std::optional<std::string> root = LocalRoot(store)) return "file:" + EncodeUriPath(*root);
  const auto [head, path] = SplitUri(store.uri());
  return head + EncodeUriPath(path);
}

std::string RootName(const ObjectStore& store) {
  const std::optional<std::string> root = LocalRoot(store);
  if (root) return "file:" + *root;
  const auto [head, path] = SplitUri(store.uri());
  return head + path;
}

}  // namespace deltic
