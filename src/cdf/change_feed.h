// Owns the change feed of a table: which versions a request means, whether they can be read as one, under which schema,
// and the way from there to the engine. Does not read rows and does not follow a table as it grows. Protocol: "Change
// Data Files", "Add CDC File", "In-Commit Timestamps".
//
//   request -> ResolveRange (versions) -> PlanChangeFeed (commits, their times, one schema for all) ->
//   MakeChangeReadSpec
//   -> the engine pulls files commit by commit: each has its version, its time and its kind of change as constants
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "scan/table_files.h"
#include "snapshot/snapshot.h"

namespace deltic {

inline constexpr const char* kChangeTypeColumn = "_change_type";
inline constexpr const char* kCommitVersionColumn = "_commit_version";
inline constexpr const char* kCommitTimestampColumn = "_commit_timestamp";

// The first and the last version, both included; see ChangesOptions in deltic/changes.h.
struct ChangeRequest {
  std::optional<int64_t> from_version;
  std::optional<int64_t> from_timestamp_ms;
  std::optional<int64_t> to_version;
  std::optional<int64_t> to_timestamp_ms;
  std::optional<int64_t> schema_version;
};

struct FeedCommit {
  LogFile commit;
  int64_t timestamp_ms = 0;
};

// Immutable, safe to share among threads.
struct ChangeFeed {
  std::shared_ptr<const Snapshot> schema_of;  // the version whose schema the rows are read under
  int64_t first_version = 0;
  int64_t last_version = 0;         // first - 1 when no commit lies in a range of time
  std::vector<FeedCommit> commits;  // of these versions, ascending
};

// Reads the commits of the range, for what they say of schema and settings; no file actions.
// InvalidArgument for a range that is none, or when the change feed was off somewhere in it (naming the version).
// NotFound for versions that are not there or not there any more. Unsupported, naming the version and the column, when
// the schema changes in a way that one set of rows cannot show.
Result<std::shared_ptr<const ChangeFeed>> PlanChangeFeed(const std::shared_ptr<const Snapshot>& snapshot,
                                                         const ChangeRequest& request);

// The table's columns, then _change_type, _commit_version and _commit_timestamp. Row ids are InvalidArgument: changes
// have none.
Result<ReadSpec> MakeChangeReadSpec(const std::shared_ptr<const ChangeFeed>& feed, const ScanRequest& request);

}  // namespace deltic
