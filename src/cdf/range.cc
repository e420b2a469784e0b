// Owns the rules of a range: by version as given, by time the first version not before it to the last not after it.
#include "cdf/range.h"

#include <limits>

#include "base/error.h"
#include "base/time.h"
#include "log/timestamps.h"

namespace deltic {
namespace {

class Resolver {
 public:
  Resolver(const Snapshot& snapshot, const std::vector<LogFile>& files) : snapshot_(snapshot), files_(files) {}

  Result<int64_t> First(const ChangeRequest& request) const {
    if (request.from_version && request.from_timestamp_ms) {
      return InvalidArgument("changes are read from a version or from a timestamp, not from both");
    }
    if (request.from_version) {
      if (*request.from_version < 0) return InvalidArgument("version {} is negative", *request.from_version);
      if (*request.from_version > snapshot_.version()) return Beyond(*request.from_version);
      return *request.from_version;
    }
    if (!request.from_timestamp_ms) return InvalidArgument("changes need a version or a timestamp to begin at");
    const int64_t from_ms = *request.from_timestamp_ms;
    if (from_ms == std::numeric_limits<int64_t>::min()) return OldestFrom(from_ms);
    Result<int64_t> before = NewestAt(from_ms - 1);
    if (!before.ok()) {
      if (before.error().code() != Code::kNotFound) return std::move(before).error();
      return OldestFrom(from_ms);
    }
    if (*before < snapshot_.version()) return *before + 1;
    return NotFound("no version is as new as {}: the newest, {}, was committed before it", FormatTimestampMs(from_ms),
                    snapshot_.version());
  }

  Result<int64_t> Last(const ChangeRequest& request) const {
    if (request.to_version && request.to_timestamp_ms) {
      return InvalidArgument("changes are read to a version or to a timestamp, not to both");
    }
    if (request.to_version) {
      if (*request.to_version < 0) return InvalidArgument("version {} is negative", *request.to_version);
      if (*request.to_version > snapshot_.version()) return Beyond(*request.to_version);
      return *request.to_version;
    }
    if (request.to_timestamp_ms) return NewestAt(*request.to_timestamp_ms);
    return snapshot_.version();
  }

 private:
  Error Beyond(int64_t version) const {
    return NotFound("version {} does not exist: the newest is {}", version, snapshot_.version());
  }
  Result<int64_t> NewestAt(int64_t timestamp_ms) const {
    return FindVersionAt(*snapshot_.store(),
                         {.files = &files_, .config = &snapshot_.config(), .timestamp_ms = timestamp_ms});
  }
  // All commits are at or after the time. They are all that ever were only if version 0 is among them.
  Result<int64_t> OldestFrom(int64_t from_ms) const {
    int64_t oldest = std::numeric_limits<int64_t>::max();
    for (const LogFile& file : files_) {
      if (file.kind == LogFile::Kind::kCommit && file.version < oldest) oldest = file.version;
    }
    if (oldest == 0) return 0;
    return NotFound(
        "the changes since {} are not all there any more: the log's commits before version {} were cleaned up; begin "
        "at "
        "that version or later",
        FormatTimestampMs(from_ms), oldest);
  }

  const Snapshot& snapshot_;
  const std::vector<LogFile>& files_;
};

}  // namespace

Result<VersionSpan> ResolveRange(const Snapshot& snapshot, const std::vector<LogFile>& files,
                                 const ChangeRequest& request) {
  if (request.from_timestamp_ms && request.to_timestamp_ms && *request.from_timestamp_ms > *request.to_timestamp_ms) {
    return InvalidArgument("the range ends at {}, before it begins at {}", FormatTimestampMs(*request.to_timestamp_ms),
                           FormatTimestampMs(*request.from_timestamp_ms));
  }
  const Resolver resolver(snapshot, files);
  DELTIC_TRY(const int64_t first, resolver.First(request));
  Result<int64_t> last = resolver.Last(request);
  if (!last.ok()) return std::move(last).error();
  const bool between_commits = request.from_timestamp_ms && request.to_timestamp_ms && *last == first - 1;
  if (*last < first && !between_commits) {
    return InvalidArgument("the range ends at version {}, before it begins at version {}", *last, first);
  }
  return VersionSpan{.first = first, .last = *last};
}

}  // namespace deltic
