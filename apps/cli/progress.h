// Owns the progress line of long work: on standard error, only on a terminal, only after a second. Does not measure:
// the work tells it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace deltic::cli {

// Draws "<doing>: <state()>, 12 s" and erases it when it goes. `state` is called from another thread, several times a
// second, until the destructor returns; it may answer "".
class Progress {
 public:
  Progress(std::string doing, std::function<std::string()> state);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void Draw();

  std::string doing_;
  std::function<std::string()> state_;
  std::mutex mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace deltic::cli
