// Owns the listing and reading of winners. Protocol: "Delta Log Entries".
#include "commit/winners.h"

#include <algorithm>

#include "actions/actions_json.h"
#include "base/error.h"
#include "log/commit_reader.h"
#include "log/listing.h"

namespace deltic {
namespace {

bool IsCheckpoint(const LogFile& file) {
  return file.kind == LogFile::Kind::kClassicCheckpoint || file.kind == LogFile::Kind::kMultiPartCheckpoint ||
         file.kind == LogFile::Kind::kUuidCheckpoint;
}

// Whether the listing shows a file of the snapshot's own version that is the snapshot's.
bool ShowsOwn(const LogSegment& segment, const std::vector<LogFile>& listed) {
  return std::any_of(listed.begin(), listed.end(), [&](const LogFile& file) {
    if (file.version != segment.version) return false;
    if (const LogFile* own = segment.commit()) return file.key == own->key && file.size_bytes == own->size_bytes;
    return std::any_of(segment.checkpoint.begin(), segment.checkpoint.end(),
                       [&](const LogFile& part) { return part.key == file.key; });
  });
}

}  // namespace

Result<std::vector<LogFile>> ListWinners(const Snapshot& snapshot) {
  const int64_t base = snapshot.version();
  DELTIC_TRY(const std::vector<LogFile> listed, ListLog(*snapshot.store(), {.from = base}));
  std::vector<LogFile> winners;
  const LogFile* beyond_gap = nullptr;
  bool checkpoint_after = false;
  for (const LogFile& file : listed) {
    if (file.version <= base) continue;
    checkpoint_after = checkpoint_after || IsCheckpoint(file);
    if (file.kind != LogFile::Kind::kCommit) continue;
    if (file.version == base + 1 + static_cast<int64_t>(winners.size())) {
      winners.push_back(file);
    } else {
      beyond_gap = &file;
      break;
    }
  }
  const bool own = ShowsOwn(snapshot.segment(), listed);
  const bool later = !winners.empty() || beyond_gap || checkpoint_after;
  if (!own && later) {
    return Conflict(
        "{}: version {}, which the operation read, is no longer in the log: it was cleaned up, or the table was "
        "made anew; nothing was committed; run the operation again on the newest version",
        snapshot.store()->uri(), base);
  }
  if (!beyond_gap) return winners;

  // A listing may be older than a look-up by name.
  const int64_t missing = base + 1 + static_cast<int64_t>(winners.size());
  Result<LogFile> found = FindCommit(*snapshot.store(), missing);
  if (found.ok()) {
    winners.push_back(std::move(*found));
    return winners;  // what comes after is asked for next time
  }
  if (found.error().code() != Code::kNotFound) return std::move(found).error();
  if (checkpoint_after) {
    return Conflict(
        "{}: the log was cleaned up after version {}, which the operation read; nothing was committed; run the "
        "operation again on the newest version",
        snapshot.store()->uri(), base);
  }
  return Corrupt(
      "{}: version {} is missing from the log, but version {} is there: nothing may be committed before the log "
      "is repaired",
      snapshot.store()->uri(), missing, beyond_gap->version);
}

Result<LogFile> FindCommit(ObjectStore& store, int64_t version) {
  LogFile file{.version = version, .from_version = version};
  file.key = std::string(kLogFolder) + VersionName(version) + ".json";
  DELTIC_TRY(const ObjectMeta meta, store.Head(file.key));
  file.size_bytes = meta.size_bytes;
  file.modified_ms = meta.modified_ms;
  return file;
}

Result<std::vector<Action>> ReadCommit(ObjectStore& store, const LogFile& file) {
  DELTIC_TRY(const LogFileText text, LogFileText::Read(store, file));
  if (static_cast<int64_t>(text.text().size()) != file.size_bytes) {
    return Unavailable("{}: {} of {} bytes were read", file.key, text.text().size(), file.size_bytes);
  }
  std::vector<Action> actions;
  ActionParser parser;
  DELTIC_CHECK(text.Visit(parser, {}, [&](Action&& action) -> Result<bool> {
    actions.push_back(std::move(action));
    return true;
  }));
  return actions;
}

}  // namespace deltic
