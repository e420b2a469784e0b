// Owns Ctrl-C (SIGINT), SIGTERM and SIGHUP: when they end the process at once and when they ask running work to stop.
// Does not stop anything by itself but the process.
#pragma once

#include <string>

#include "base/cancel.h"

namespace deltic::cli {

// Catches the signals. Without an OrderlyStop they end the process at once, with exit status 128 + the signal (130 for
// Ctrl-C). Also makes a closed pipe end the process quietly, whatever the parent had set.
void InstallInterrupts();

// The signal that asked for a stop; 0 when none did.
int InterruptSignal();

// While one lives, the first signal cancels its token, for work that cleans up after itself; this thread's requests to
// storage heed it as well. A second signal ends the process at once. At most one at a time, on the main thread.
class OrderlyStop {
 public:
  OrderlyStop();
  ~OrderlyStop();
  OrderlyStop(const OrderlyStop&) = delete;
  OrderlyStop& operator=(const OrderlyStop&) = delete;
  const CancelToken& token() const { return token_; }

 private:
  CancelToken token_;
  const CancelScope scope_{StopSign::Here().With(token_)};
};

// While one lives, a signal that ends the process deletes this file first. At most one at a time, on the main thread.
class DeleteOnSignal {
 public:
  explicit DeleteOnSignal(const std::string& path);
  ~DeleteOnSignal();
  DeleteOnSignal(const DeleteOnSignal&) = delete;
  DeleteOnSignal& operator=(const DeleteOnSignal&) = delete;
};

}  // namespace deltic::cli
