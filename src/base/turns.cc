// Owns the waiting; see the header.
#include "base/turns.h"

#include <chrono>

namespace deltic {
namespace {

constexpr std::chrono::milliseconds kLook(50);  // how often one who waits looks at its sign

}  // namespace

Result<Turns::Turn> Turns::Take() {
  std::unique_lock lock(mutex_);
  if (taken_) {
    const StopSign sign = StopSign::Here();
    while (taken_) {
      DELTIC_CHECK(sign.Check());
      free_.wait_for(lock, kLook);
    }
  }
  taken_ = true;
  return Turn(this);
}

void Turns::GiveBack::operator()(Turns* turns) const {
  {
    const std::lock_guard lock(turns->mutex_);
    turns->taken_ = false;
  }
  turns->free_.notify_one();
}

}  // namespace deltic
