// Owns trying again: a store whose reads are repeated, a bounded number of times, while the inner store is Unavailable.
// Writes are passed on once. A put-if-absent whose answer was lost may have taken effect, and a second one would then
// meet the first and report a conflict with itself: only the commit loop, which knows the bytes, can settle that.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/cancel.h"
#include "base/env.h"
#include "storage/object_store.h"

namespace deltic {

struct RetryPolicy {
  int attempts = 5;             // in all, the first included; at least 1
  int64_t first_delay_ms = 50;  // doubles from try to try
  int64_t max_delay_ms = 5'000;
};

// What waiting needs. `sleep_ms` may be left empty: then the thread sleeps, in short naps that heed `cancel`
// and the thread's StopSign.
struct RetryWorld {
  Env env = RealEnv();
  CancelToken cancel;
  std::function<void(int64_t)> sleep_ms;
};

// The wait before try `attempt` (2 is the second): half of min(first_delay * 2^(attempt - 2), max_delay), and a random
// part of the other half, so that clients that failed together do not return together.
int64_t RetryDelayMs(const RetryPolicy& policy, int attempt, uint64_t random);

// Thread-safe, as the inner store is. A list that fails midway goes on after the last object it showed. A recursive
// list, which has no order to go on in, is repeated only if it failed before it showed anything.
std::shared_ptr<ObjectStore> MakeRetryStore(std::shared_ptr<ObjectStore> inner, RetryPolicy policy = {},
                                            RetryWorld world = {});

}  // namespace deltic
