// Owns the threads of ForEachParallel.
#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/cancel.h"

namespace deltic {

Status ForEachParallel(size_t count, size_t threads, const std::function<Status(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  size_t failed_at = std::numeric_limits<size_t>::max();
  Status answer;
  const auto run = [&] {
    while (!failed.load(std::memory_order_relaxed)) {
      const size_t index = next.fetch_add(1, std::memory_order_relaxed);
      if (index >= count) return;
      Status status = work(index);
      if (status.ok()) continue;
      failed.store(true, std::memory_order_relaxed);
      const std::lock_guard lock(mutex);
      if (index >= failed_at) continue;
      failed_at = index;
      answer = std::move(status);
    }
  };
  const StopSign sign = StopSign::Here();
  std::vector<std::thread> others;
  const size_t wanted = std::min(std::max<size_t>(threads, 1), count);
  try {
    for (size_t i = 1; i < wanted; ++i) {
      others.emplace_back([&] {
        const CancelScope scope(sign);
        run();
      });
    }
  } catch (const std::system_error&) {
    // Fewer threads than wished for: those that there are do the work.
  }
  run();
  for (std::thread& thread : others) thread.join();
  return answer;
}

}  // namespace deltic
