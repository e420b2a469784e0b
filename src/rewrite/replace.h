// Owns what an overwrite replaces: which files go as a whole, which hold other rows that must be kept, and what the
// decision depended on. Writes nothing.
#pragma once

#include <string>
#include <vector>

#include "base/env.h"
#include "commit/commit.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct Replacement {
  std::vector<AddFile> removed;    // every file that goes
  std::vector<AddFile> rewritten;  // those among them whose other rows must be written again
  ReadSet read;
};

Result<Replacement> ReplaceAll(const Snapshot& table);
// The files that may hold rows for which the SQL text is true. A predicate over partition columns alone never rewrites.
Result<Replacement> ReplaceWhere(Engine& engine, const Snapshot& table, const std::string& predicate);
// The files of the partitions that `written` has.
Result<Replacement> ReplacePartitions(const Snapshot& table, const std::vector<AddFile>& written);

// The rows of `files` for which `predicate` is not true: those that a replacement keeps.
Result<std::unique_ptr<RowInput>> KeptRows(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                                           std::vector<AddFile> files, const std::string& predicate);

}  // namespace deltic
