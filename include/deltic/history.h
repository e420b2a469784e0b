// Owns what each commit of a table did, in numbers that are the same whoever wrote it. Does not read data files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deltic/result.h"
#include "deltic/table.h"

namespace deltic {

// One commit. Files and bytes are those of its add and remove actions. Rows are those that the writer reports in
// commitInfo.operationMetrics (Spark and delta-rs have names of their own), else those of the actions' statistics,
// where a rewritten file counts on both sides; nullopt when neither tells.
struct CommitSummary {
  int64_t version = 0;
  int64_t timestamp_ms = 0;
  std::optional<std::string> operation;  // "WRITE", "MERGE", ...
  std::string mode;                      // of a write: "Append", "Overwrite"; "" when it has none
  int64_t files_added = 0;
  int64_t files_removed = 0;
  int64_t bytes_added = 0;
  int64_t bytes_removed = 0;
  std::optional<int64_t> rows_added;
  std::optional<int64_t> rows_removed;
  int64_t rows_updated = 0;  // as the writer reports; not counted in the two above
  bool changes_schema = false;
  bool changes_protocol = false;
  bool has_checkpoint = false;
};

// Newest first, at most `limit`. Reads each commit of them, one after another. Versions whose commits log cleanup
// removed are not in it.
DELTIC_EXPORT Result<std::vector<CommitSummary>> SummarizeHistory(const Table& table,
                                                                  std::optional<int64_t> limit = {});

}  // namespace deltic
