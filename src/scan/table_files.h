// Owns the way from a snapshot to the engine: live files as scan files (located, partition values parsed, deletion
// vectors loaded on demand) and a scan request as a ReadSpec. Reads no data files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct ScanRequest {
  std::vector<std::string> columns;  // top-level names; empty means all
  std::string where;
  std::optional<int64_t> limit;
  bool row_ids = false;
  bool skipping = true;
};

// The live files of a snapshot for the engine. Thread-safe.
std::shared_ptr<FileSource> MakeFileSource(std::shared_ptr<const Snapshot> snapshot, bool skipping);

// InvalidArgument for an unknown column (naming those there are), one named twice, or row ids of a table without row
// tracking.
Result<ReadSpec> MakeReadSpec(const std::shared_ptr<const Snapshot>& snapshot, const ScanRequest& request);

}  // namespace deltic
