// Feeds a whole log: the bytes are cut into files of _delta_log in a memory store, and the table is opened, advanced
// and its live files streamed. Errors are values; whatever is listed must be a file of the table, each path once.
// Parquet is not in it: the engine plugin is not linked. Seeds: files separated by lines "#NAME".
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "snapshot/snapshot.h"
#include "storage/object_store.h"

namespace {

using namespace deltic;

constexpr int kMostFiles = 16;

void PutFiles(ObjectStore& store, std::string_view text) {
  for (int i = 0; i < kMostFiles && text.starts_with('#'); ++i) {
    const size_t line = text.find('\n');
    const std::string key =
        std::string(kLogFolder) + std::string(text.substr(1, line == std::string_view::npos ? line : line - 1));
    text = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
    const size_t next = text.find("\n#");
    const std::string_view content = text.substr(0, next == std::string_view::npos ? next : next + 1);
    text = next == std::string_view::npos ? std::string_view() : text.substr(next + 1);
    if (CheckKey(key).ok()) (void)store.Put(key, content).ok();
  }
}

void Stream(const Snapshot& snapshot) {
  auto cursor = snapshot.LiveFiles({.all_fields = true});
  if (!cursor.ok()) return;
  std::set<std::string> paths;
  while (true) {
    const auto file = (*cursor)->Next();
    if (!file.ok() || !file->has_value()) return;
    const auto location = LocateFile((*file)->path);
    if (!location.ok()) std::abort();
    // A JSON checkpoint is taken at its word that it is reconciled; commits are not.
    if (!snapshot.segment().checkpoint_version && !paths.insert(CanonicalPath((*file)->path).value()).second)
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto store = MakeMemoryStore("fuzz");
  PutFiles(*store, {reinterpret_cast<const char*>(data), size});
  const auto newest = Snapshot::Open(store);
  const auto first = Snapshot::Open(store, {.version = 0});
  if (newest.ok()) {
    Stream(**newest);
    (void)(*newest)->Totals().ok();
    (void)(*newest)->TimestampMs().ok();
    (void)(*newest)->History({}).ok();
    (void)(*newest)->Domains().ok();
  }
  if (first.ok()) {
    const auto advanced = (*first)->Advance();
    if (newest.ok() && advanced.ok() && (*advanced)->version() != (*newest)->version()) std::abort();
  }
  return 0;
}
