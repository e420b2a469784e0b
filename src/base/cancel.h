// Owns CancelToken: how a caller asks long work to stop. Does not stop anything by itself.
#pragma once

#include <atomic>
#include <memory>

#include "base/error.h"

namespace deltic {

// Copies share one flag. Safe to use from any thread and from a signal handler (Cancel only stores to an atomic).
class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}
  void Cancel() { flag_->store(true, std::memory_order_relaxed); }
  bool cancelled() const { return flag_->load(std::memory_order_relaxed); }
  // Ok, or Cancelled: call it in loops that touch storage.
  Status Check() const { return cancelled() ? Status(Error(Code::kCancelled, "stopped on request")) : Status(); }
  std::atomic<bool>* flag() const { return flag_.get(); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace deltic
