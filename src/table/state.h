// Owns what a public Table stands on. Not part of the public interface.
#pragma once

#include <memory>

#include "deltic/table.h"
#include "snapshot/snapshot.h"

namespace deltic {

// Immutable, safe to share.
struct Table::State {
  std::shared_ptr<const Snapshot> snapshot;
  int64_t timestamp_ms = 0;
};

}  // namespace deltic
