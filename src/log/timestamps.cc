// Owns commit times and the search for a version by time. Protocol: "In-Commit Timestamps".
#include "log/timestamps.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>

#include "base/error.h"
#include "base/time.h"
#include "log/commit_reader.h"

namespace deltic {
namespace {

// The index of the last commit at or before the time, or nullopt when all are later. The times increase.
Result<std::optional<size_t>> LastNotAfter(ObjectStore& store, const TimeTravel& travel,
                                           std::span<const CommitTime> commits) {
  size_t low = 0, high = commits.size();  // commits before low are not after the time; those from high on are
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    DELTIC_TRY(const int64_t ms, ReadCommitTime(store, *travel.config, commits[middle]));
    if (ms <= travel.timestamp_ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return std::optional<size_t>();
  return std::optional<size_t>(low - 1);
}

}  // namespace

std::vector<CommitTime> FileTimes(const std::vector<LogFile>& files) {
  std::map<int64_t, const LogFile*> commits;
  for (const LogFile& file : files) {
    if (file.kind == LogFile::Kind::kCommit) commits[file.version] = &file;
  }
  std::vector<CommitTime> times;
  times.reserve(commits.size());
  for (const auto& [version, file] : commits) {
    int64_t ms = file->modified_ms;
    if (!times.empty() && ms <= times.back().file_ms && times.back().file_ms < std::numeric_limits<int64_t>::max()) {
      ms = times.back().file_ms + 1;
    }
    times.push_back({*file, ms});
  }
  return times;
}

bool UsesInCommitTimestamp(const TableConfig& config, int64_t version) {
  return config.in_commit_timestamps && version >= config.in_commit_timestamp_version.value_or(0);
}

Result<int64_t> ReadCommitTime(ObjectStore& store, const TableConfig& config, const CommitTime& commit) {
  if (!UsesInCommitTimestamp(config, commit.commit.version)) return commit.file_ms;
  DELTIC_TRY(const std::optional<CommitInfo> info, ReadCommitInfo(store, commit.commit));
  if (info && info->in_commit_timestamp) return *info->in_commit_timestamp;
  return Corrupt(
      "{}: the table has in-commit timestamps, but this commit's commitInfo has no inCommitTimestamp; open the "
      "table by version instead of by time",
      commit.commit.key);
}

Result<int64_t> FindVersionAt(ObjectStore& store, const TimeTravel& travel) {
  const std::vector<CommitTime> times = FileTimes(*travel.files);
  const std::optional<VersionRange> range = MakeableVersions(*travel.files);
  std::span<const CommitTime> commits(times);
  while (!commits.empty() && (!range || commits.front().commit.version < range->oldest)) commits = commits.subspan(1);
  if (commits.empty()) {
    return NotFound(
        "the log holds no commit that can be opened, so no version can be found by time; open it by version");
  }
  // Where in-commit timestamps were enabled later, each point in time belongs to the versions before or to those after.
  std::span<const CommitTime> candidates = commits;
  const TableConfig& config = *travel.config;
  if (config.in_commit_timestamps) {
    const auto first = std::find_if(commits.begin(), commits.end(), [&](const CommitTime& commit) {
      return UsesInCommitTimestamp(config, commit.commit.version);
    });
    const size_t before = static_cast<size_t>(first - commits.begin());
    const bool after_enablement =
        travel.timestamp_ms >= config.in_commit_timestamp_ms.value_or(std::numeric_limits<int64_t>::min());
    candidates = after_enablement ? commits.subspan(before) : commits.first(before);
  }
  DELTIC_TRY(const std::optional<size_t> found, LastNotAfter(store, travel, candidates));
  if (found) return candidates[*found].commit.version;
  DELTIC_TRY(const int64_t oldest_ms, ReadCommitTime(store, config, commits.front()));
  return NotFound("no version is as old as {}: the oldest commit that can be opened is version {} of {}",
                  FormatTimestampMs(travel.timestamp_ms), commits.front().commit.version, FormatTimestampMs(oldest_ms));
}

}  // namespace deltic
