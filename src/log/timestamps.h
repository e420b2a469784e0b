// Owns when a commit happened: file times made strictly increasing, or in-commit timestamps, by the table's rules; and
// which version a point in time means. Protocol: "In-Commit Timestamps" ("Recommendations for Readers").
#pragma once

#include <cstdint>
#include <vector>

#include "deltic/result.h"
#include "features/features.h"
#include "log/segment.h"
#include "storage/object_store.h"

namespace deltic {

struct CommitTime {
  LogFile commit;
  int64_t file_ms = 0;  // the file's time, or one more than the commit before when that is not earlier
};
// Of the plain commits among `files`, ascending by version. A copied table's files have any times; history must still
// run forward, as in Spark.
// Example: files of version 0 at 100, 1 at 90, 2 at 500 give 100, 101, 500.
std::vector<CommitTime> FileTimes(const std::vector<LogFile>& files);

// Whether a version's time is its commit's inCommitTimestamp (else its file's).
bool UsesInCommitTimestamp(const TableConfig& config, int64_t version);

// By the table's rules. Corrupt when the commit must have an in-commit timestamp and does not; may read the commit.
Result<int64_t> ReadCommitTime(ObjectStore& store, const TableConfig& config, const CommitTime& commit);

struct TimeTravel {
  const std::vector<LogFile>* files = nullptr;  // the whole log
  const TableConfig* config = nullptr;          // of the newest version
  int64_t timestamp_ms = 0;
};
// The newest version committed at or before the time. Later than the newest commit means the newest version. NotFound,
// naming the oldest commit that can be opened, when the time is before that. Reads about log2(commits) commits when
// the table has in-commit timestamps, and none otherwise.
Result<int64_t> FindVersionAt(ObjectStore& store, const TimeTravel& travel);

}  // namespace deltic
