// Owns CancelToken: how a caller asks long work to stop; and StopSign: which tokens the requests of a thread heed. Does
// not stop anything by itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

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

// What tells the requests of a thread to stop: any of its tokens. A store serves many operations at once, and all of
// this code lies between an operation and its requests; so whoever sends (http/send.cc) asks the sign that stands over
// its thread, and whoever starts threads for an operation hands them a copy. A value; copies are safe to share.
class StopSign {
 public:
  // That of this thread. Never up outside of every CancelScope.
  static StopSign Here();

  // Heeds this token too.
  StopSign With(CancelToken token) const;
  // For what must still be done after a cancel: it is up only once the store has been waited for so long besides. A
  // server that answers is given all the time that the work takes; one that does not is given up, and then for good.
  StopSign Patient(int64_t patience_ms) const;

  bool up() const;
  // Ok, or Cancelled.
  Status Check() const;

  // Said by whoever sends: a request begins; bytes came or went.
  void Asked() const;
  void Heard() const;

 private:
  struct Patience {
    int64_t ms = 0;
    std::atomic<int64_t> since_ms{0};
    std::atomic<bool> gone{false};
  };
  std::vector<CancelToken> tokens_;
  std::shared_ptr<Patience> patience_;
};

// Sets up a sign over this thread while it lives. Scopes end in the reverse of the order in which they began.
class CancelScope {
 public:
  explicit CancelScope(StopSign sign);
  ~CancelScope();
  CancelScope(const CancelScope&) = delete;
  CancelScope& operator=(const CancelScope&) = delete;

  // Where a thread keeps its sign. A library that was linked with this code a second time (the engine) is told the
  // first one's function, before its first thread starts: there is one sign over a thread, whoever's code it runs.
  using Place = const StopSign*& (*)();
  static Place place();
  static void UsePlace(Place place);

 private:
  const StopSign sign_;
  const StopSign* const outer_;
};

// How long clean-up waits for a store that does not answer, once its operation is cancelled.
inline constexpr int64_t kCleanUpPatienceMs = 10'000;

}  // namespace deltic
