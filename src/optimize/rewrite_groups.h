// Owns the rewriting of groups of files: each is read, written anew and committed, alone or with others. Does not
// choose the files. Thread-safe where it says so.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "optimize/optimize.h"
#include "optimize/plan.h"

namespace deltic {

struct RewriteOptions {
  Operation operation;  // without metrics
  // The order of a group's rows; null keeps the one they have.
  std::function<Result<RowOrder>(const FileGroup&)> order;
  int64_t target_file_bytes = 0;  // 0: each group becomes one file
  size_t threads = 1;
  std::optional<int64_t> min_commit_interval_ms;
  ProgressCallback progress;
  StringMap user_metadata;
  std::optional<std::string> user_metadata_text;
};

// What the groups' rewriting came to.
struct Rewritten {
  std::vector<int64_t> added_sizes, removed_sizes;
  int64_t vectors_removed = 0, vector_rows_removed = 0;
  int32_t commits = 0, retries = 0;
  std::shared_ptr<const Snapshot> snapshot;  // of the last commit; null without one
  std::vector<std::string> warnings;
};

Result<Rewritten> RewriteGroups(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                                std::vector<FileGroup> groups, const RewriteOptions& options,
                                const OptimizeContext& context);

}  // namespace deltic
