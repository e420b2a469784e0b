// Owns how an operation tells of its progress: counted from any thread, told not too often, one teller at a time.
// Prints nothing (whoever gave the callback does).
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <utility>

#include "deltic/progress.h"

namespace deltic {

// Safe to share among threads.
class ProgressTeller {
 public:
  // `total` 0: not known. An empty callback is never called.
  ProgressTeller(ProgressCallback callback, std::string phase, std::string unit, int64_t total)
      : callback_(std::move(callback)) {
    progress_.phase = std::move(phase);
    progress_.unit = std::move(unit);
    progress_.total = total;
    if (callback_) callback_(progress_);
  }

  void Add(int64_t more) {
    if (!callback_) return;
    const std::lock_guard lock(mutex_);
    progress_.done += more;
    const auto now = std::chrono::steady_clock::now();
    const bool complete = progress_.total > 0 && progress_.done >= progress_.total;
    if (!complete && now - told_ < std::chrono::milliseconds(100)) return;
    told_ = now;
    callback_(progress_);
  }

 private:
  const ProgressCallback callback_;
  std::mutex mutex_;
  Progress progress_;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

}  // namespace deltic
