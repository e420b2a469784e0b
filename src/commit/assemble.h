// Owns the making of one commit's actions from an Intent and the version it follows: commitInfo, in-commit timestamp,
// row ids, and every check that stands between an operation and the log. Pure: no I/O, no retry (commit/commit.cc).
// Protocol: "Delta Log Entries", "Actions", "In-Commit Timestamps", "Row Tracking", "Append-only Tables",
// "Domain Metadata", "Deletion Vectors".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "commit/commit.h"
#include "commit/conflict.h"

namespace deltic {

// All that the commit of one version follows from.
struct Attempt {
  const Intent* intent = nullptr;
  const Snapshot* before = nullptr;  // the version it follows; null for version 0
  IsolationLevel isolation = IsolationLevel::kWriteSerializable;
  std::string txn_id;
  std::string engine_info;
  int64_t now_ms = 0;
  int64_t before_ms = 0;     // the time of `before`, where NeedsTime says so
  int64_t row_id_mark = -1;  // the high water mark at `before`, where NeedsRowIds says so
};

// What the attempt must be told, by the table as it will be. Corrupt for properties that cannot be read.
struct AttemptNeeds {
  bool time = false;
  bool row_ids = false;
};
Result<AttemptNeeds> NeedsOf(const Intent& intent, const Snapshot* before);

struct Assembled {
  int64_t version = 0;
  int64_t timestamp_ms = 0;  // as commitInfo tells it
  std::optional<int64_t> in_commit_timestamp;
  std::vector<Action> actions;  // commitInfo first, then protocol, metaData, txn, domains, files
};
// InvalidArgument for what the caller may not ask (a remove from an append-only table, a duplicate, a partition value
// that is missing), Unsupported for a table that this build cannot write, Internal for actions that no operation makes.
Result<Assembled> Assemble(const Attempt& attempt);

// The log file of the actions: one a line.
std::string CommitText(const std::vector<Action>& actions);

}  // namespace deltic
