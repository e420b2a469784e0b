// Owns auto-compaction as what follows an operation that wrote files: every operation of the facade that does calls it.
// When a table asks for it and what is small are optimize/auto_compact.h's. Not part of the public interface.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

// An operation's outcome, which compaction moves on.
struct AfterOperation {
  int64_t& version;
  std::shared_ptr<const Snapshot>& snapshot;
  std::vector<std::string>& warnings;
};
// Where the table asks for it. The operation stands whatever comes of it: a failure is a warning.
void CompactAfter(Engine& engine, const CommitOptions& commit, const AfterOperation& after);

}  // namespace deltic
