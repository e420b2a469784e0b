// Owns the rules by which a concurrent winner is in the way of an operation, as a pure function over the two.
// Does no I/O. The rules follow Delta's own conflict table ("Concurrency control").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "deltic/result.h"

namespace deltic {

struct Intent;

// kSerializable: the history's order is a serial order. kWriteSerializable: blind appends may be ordered before
// operations that read (their rows are not seen by them). kSnapshot: only removes of the same files conflict.
enum class IsolationLevel : uint8_t { kSerializable, kWriteSerializable, kSnapshot };

// One version that others committed after the intent's base.
struct Winner {
  int64_t version = 0;
  std::vector<Action> actions;
  bool blind_append = false;  // by its commitInfo
  bool data_change = false;   // some file action says so
};

// Ok, or Conflict naming the rule, the winner's version and the file. Corrupt when a winner's file cannot be judged.
Status CheckConflict(const Intent& intent, IsolationLevel level, const Winner& winner);

}  // namespace deltic
