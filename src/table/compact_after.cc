// Owns the call; see the header.
#include "table/compact_after.h"

#include <iterator>

#include "optimize/auto_compact.h"

namespace deltic {

void CompactAfter(Engine& engine, const CommitOptions& commit, const AfterOperation& after) {
  if (!WantsAutoCompaction(after.snapshot->metadata())) return;
  Result<Optimized> compacted = AutoCompact(engine, after.snapshot, commit);
  if (!compacted.ok()) {
    after.warnings.push_back("auto-compaction: " + compacted.error().ToString());
    return;
  }
  after.version = compacted->outcome.version;
  after.snapshot = std::move(compacted->snapshot);
  std::move(compacted->outcome.warnings.begin(), compacted->outcome.warnings.end(), std::back_inserter(after.warnings));
}

}  // namespace deltic
