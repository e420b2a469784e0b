// Owns the drawing thread of Progress.
#include "progress.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include "output.h"
#include "terminal.h"

namespace deltic::cli {

namespace {
constexpr auto kSilence = std::chrono::seconds(1);
constexpr auto kBetween = std::chrono::milliseconds(200);
}  // namespace

Progress::Progress(std::string doing, std::function<std::string()> state)
    : doing_(std::move(doing)), state_(std::move(state)) {
  if (!Terminal::Of(STDERR_FILENO).is_terminal) return;
  // Signals go to the main thread.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { Draw(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  done_changed_.notify_all();
  thread_.join();
}

void Progress::Draw() {
  const auto begin = std::chrono::steady_clock::now();
  const Terminal terminal = Terminal::Of(STDERR_FILENO);
  Output out(STDERR_FILENO, "standard error");
  bool drawn = false;
  auto wait = kSilence + std::chrono::milliseconds(0);
  std::unique_lock<std::mutex> lock(mutex_);
  while (!done_changed_.wait_for(lock, wait, [this] { return done_; })) {
    const std::string state = state_ ? state_() : "";
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin);
    std::string line = fmt::format("{}: {}{}{} s", doing_, state, state.empty() ? "" : ", ", seconds.count());
    if (terminal.columns > 1) line = CutToWidth(line, terminal.columns - 1);
    out.Write("\r\x1b[K" + terminal.Dim(line));
    (void)out.Flush();
    drawn = true;
    wait = kBetween;
  }
  if (!drawn) return;
  out.Write("\r\x1b[K");
  (void)out.Flush();
}

}  // namespace deltic::cli
