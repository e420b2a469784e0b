// Owns what a public Table stands on. Not part of the public interface.
#pragma once

#include <memory>

#include "deltic/table.h"
#include "snapshot/snapshot.h"

namespace deltic {

// Immutable, safe to share.
struct Table::State {
  std::shared_ptr<const Snapshot> snapshot;

  // Of the version's commit. Read when it is asked for, where that takes a listing of the whole log from a store behind
  // a network; the file's own time, where that listing fails.
  int64_t TimestampMs() const {
    const Result<int64_t> time = snapshot->TimestampMs();
    return time.ok() ? *time : snapshot->segment().commit_modified_ms;
  }
};

}  // namespace deltic
