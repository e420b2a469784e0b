// Owns Turns: a lock that is held while a server is asked (for a token, say), so that one asks and the others use what
// it got. Whoever waits for its turn heeds the StopSign over its own thread (base/cancel.h): neither does it wait for
// another's server once it is cancelled itself, nor does another's cancel reach it. Knows nothing of what is asked.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/cancel.h"
#include "deltic/result.h"

namespace deltic {

// Thread-safe. Outlives the turns that it gave.
class Turns {
  struct GiveBack {
    void operator()(Turns* turns) const;
  };

 public:
  // One at a time has it; it ends with the value.
  using Turn = std::unique_ptr<Turns, GiveBack>;
  // Cancelled, when the sign went up before the turn came.
  Result<Turn> Take();

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  bool taken_ = false;
};

}  // namespace deltic
