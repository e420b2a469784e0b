// Owns the one listing that opening a table makes. Protocol: "Last Checkpoint File".
#include "log/listing.h"

#include <algorithm>
#include <functional>
#include <future>

#include "base/error.h"
#include "base/parallel.h"
#include "log/last_checkpoint.h"

namespace deltic {
namespace {

constexpr std::string_view kHintKey = "_delta_log/_last_checkpoint";
// What stores answer to one request for a listing.
constexpr size_t kPage = 1'000;

// The hinted version, or nullopt for anything but a sound hint. A store that is down is an error of the listing that
// follows, not of the hint.
std::optional<int64_t> ReadHint(ObjectStore& store) {
  const Result<std::string> text = store.Get(kHintKey);
  if (!text.ok()) return std::nullopt;
  const Result<LastCheckpointHint> hint = ParseLastCheckpoint(*text);
  if (!hint.ok()) return std::nullopt;
  return hint->version;
}

// Log files, with what cannot be told of a listing that was not waited for to its end.
struct LogListing {
  std::vector<LogFile> files;
  bool whole = true;
};

// Lists; `enough`, asked after each page, ends the listing early.
Result<LogListing> List(ObjectStore& store, const ListRange& range, const std::function<bool(int64_t)>& enough) {
  LogListing listing;
  size_t seen = 0;
  const std::string from_name = VersionName(range.from);
  DELTIC_CHECK(store.List(kLogFolder, from_name, [&](const ObjectMeta& object) {
    std::string_view name = object.key;
    if (!name.starts_with(kLogFolder)) return true;
    if (++seen % kPage == 0 && enough && !listing.files.empty() && enough(listing.files.back().version)) {
      listing.whole = false;
      return false;
    }
    name.remove_prefix(kLogFolder.size());
    std::optional<LogFile> file = ParseLogName(name);
    if (!file) return true;
    if (range.until && file->from_version > *range.until) return false;
    file->size_bytes = object.size_bytes;
    file->modified_ms = object.modified_ms;
    listing.files.push_back(std::move(*file));
    return true;
  }));
  return listing;
}

// What is known of a log before its segment is chosen: the hint, and the whole listing where it is here already.
struct FirstLook {
  std::optional<int64_t> hint;
  std::optional<std::vector<LogFile>> files;
};

// Behind a network the hint and the first page of the whole log are asked for together: most logs are no longer than
// that, and a table is then found in one round trip. Of a longer log no second page is waited for when the hint says
// where to begin.
Result<FirstLook> LookFirst(ObjectStore& store) {
  FirstLook look;
  if (!store.remote()) {
    look.hint = ReadHint(store);
    return look;
  }
  std::promise<std::optional<int64_t>> promise;
  std::shared_future<std::optional<int64_t>> hint = promise.get_future().share();
  DELTIC_CHECK(ForEachParallel(2, 2, [&](size_t what) -> Status {
    if (what == 0) {
      promise.set_value(ReadHint(store));
      return {};
    }
    DELTIC_TRY(LogListing listing, List(store, {}, [&](int64_t version) { return hint.get().value_or(-1) > version; }));
    if (listing.whole) look.files = std::move(listing.files);
    return {};
  }));
  look.hint = hint.get();
  return look;
}

void LeaveOut(std::vector<LogFile>& files, const std::set<std::string>& keys) {
  if (keys.empty()) return;
  std::erase_if(files, [&](const LogFile& file) { return keys.count(file.key) > 0; });
}

}  // namespace

Result<std::vector<LogFile>> ListLog(ObjectStore& store, const ListRange& range) {
  DELTIC_TRY(LogListing listing, List(store, range, {}));
  return std::move(listing.files);
}

Result<LogSegment> FindSegment(ObjectStore& store, const SegmentRequest& request) {
  Result<FirstLook> look = LookFirst(store);
  if (!look.ok()) return std::move(look).error();
  const std::optional<int64_t> hint = look->hint;
  if (!look->files && hint && (!request.version || *request.version >= *hint)) {
    DELTIC_TRY(std::vector<LogFile> files, ListLog(store, {.from = *hint}));
    LeaveOut(files, request.unreadable);
    Result<LogSegment> segment = ChooseSegment(files, request.version);
    // Without a checkpoint the files listed are no whole log (but for a hint of 0, which lists everything anyway).
    if (segment.ok() && segment->checkpoint_version) return segment;
    // A version beyond the newest needs no second look, when the hinted checkpoint vouches for the listing.
    const std::optional<VersionRange> range = MakeableVersions(files);
    if (range && request.version && *request.version > range->newest) return segment;
  }
  if (!look->files) {
    DELTIC_TRY(look->files, ListLog(store));
  }
  LeaveOut(*look->files, request.unreadable);
  Result<LogSegment> segment = ChooseSegment(*look->files, request.version);
  if (!segment.ok()) return std::move(segment).error().Wrap(store.uri());
  return segment;
}

}  // namespace deltic
