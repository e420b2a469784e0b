// Owns the one listing that opening a table makes. Protocol: "Last Checkpoint File".
#include "log/listing.h"

#include <algorithm>

#include "base/error.h"
#include "log/last_checkpoint.h"

namespace deltic {
namespace {

constexpr std::string_view kHintKey = "_delta_log/_last_checkpoint";

// The hinted version, or nullopt for anything but a sound hint. A store that is down is an error of the listing that
// follows, not of the hint.
std::optional<int64_t> ReadHint(ObjectStore& store) {
  const Result<std::string> text = store.Get(kHintKey);
  if (!text.ok()) return std::nullopt;
  const Result<LastCheckpointHint> hint = ParseLastCheckpoint(*text);
  if (!hint.ok()) return std::nullopt;
  return hint->version;
}

void LeaveOut(std::vector<LogFile>& files, const std::set<std::string>& keys) {
  if (keys.empty()) return;
  std::erase_if(files, [&](const LogFile& file) { return keys.count(file.key) > 0; });
}

}  // namespace

Result<std::vector<LogFile>> ListLog(ObjectStore& store, const ListRange& range) {
  std::vector<LogFile> files;
  const std::string from_name = VersionName(range.from);
  DELTIC_CHECK(store.List(kLogFolder, from_name, [&](const ObjectMeta& object) {
    std::string_view name = object.key;
    if (!name.starts_with(kLogFolder)) return true;
    name.remove_prefix(kLogFolder.size());
    std::optional<LogFile> file = ParseLogName(name);
    if (!file) return true;
    if (range.until && file->from_version > *range.until) return false;
    file->size_bytes = object.size_bytes;
    file->modified_ms = object.modified_ms;
    files.push_back(std::move(*file));
    return true;
  }));
  return files;
}

Result<LogSegment> FindSegment(ObjectStore& store, const SegmentRequest& request) {
  const std::optional<int64_t> hint = ReadHint(store);
  if (hint && (!request.version || *request.version >= *hint)) {
    DELTIC_TRY(std::vector<LogFile> files, ListLog(store, {.from = *hint}));
    LeaveOut(files, request.unreadable);
    Result<LogSegment> segment = ChooseSegment(files, request.version);
    // Without a checkpoint the files listed are no whole log (but for a hint of 0, which lists everything anyway).
    if (segment.ok() && segment->checkpoint_version) return segment;
    // A version beyond the newest needs no second look, when the hinted checkpoint vouches for the listing.
    const std::optional<VersionRange> range = MakeableVersions(files);
    if (range && request.version && *request.version > range->newest) return segment;
  }
  DELTIC_TRY(std::vector<LogFile> files, ListLog(store));
  LeaveOut(files, request.unreadable);
  Result<LogSegment> segment = ChooseSegment(files, request.version);
  if (!segment.ok()) return std::move(segment).error().Wrap(store.uri());
  return segment;
}

}  // namespace deltic
