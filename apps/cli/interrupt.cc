// Owns the signal handler. It needs state that a handler can reach, hence the only globals of the program; all are
// lock-free atomics, and the handler calls only what POSIX lists as async-signal-safe.
#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace deltic::cli {

namespace {

constexpr size_t kPathBytes = 4096;

std::atomic<int> signal_seen{0};
std::atomic<std::atomic<bool>*> cancel_flag{nullptr};
std::atomic<bool> has_partial_file{false};
char partial_file[kPathBytes];

extern "C" void OnSignal(int number) {
  const bool first = signal_seen.exchange(number) == 0;
  std::atomic<bool>* flag = cancel_flag.load();
  if (first && flag != nullptr) {
    flag->store(true);
    return;
  }
  if (has_partial_file.load()) unlink(partial_file);
  _exit(128 + number);
}

}  // namespace

void InstallInterrupts() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    // What the parent ignores (nohup, background jobs of a plain shell) stays ignored.
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);
  }
  signal(SIGPIPE, SIG_DFL);
}

int InterruptSignal() { return signal_seen.load(); }

OrderlyStop::OrderlyStop() { cancel_flag.store(token_.flag()); }
OrderlyStop::~OrderlyStop() { cancel_flag.store(nullptr); }

DeleteOnSignal::DeleteOnSignal(const std::string& path) {
  if (path.size() >= kPathBytes) return;  // longer than any path the system opens
  std::memcpy(partial_file, path.c_str(), path.size() + 1);
  has_partial_file.store(true);
}
DeleteOnSignal::~DeleteOnSignal() { has_partial_file.store(false); }

}  // namespace deltic::cli
