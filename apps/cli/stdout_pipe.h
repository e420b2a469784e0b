// Owns the way by which the engine's exports reach standard output safely. The engine opens "/dev/stdout" as a file of
// its own, which would truncate what `>>` appends to, start again at byte 0 of a shared file, and fail on a socket; so
// descriptor 1 is a pipe meanwhile, and a thread copies the pipe to the real one. Does not know what flows through.
#pragma once

#include <memory>
#include <thread>

#include "base/cancel.h"
#include "deltic/result.h"
#include "output.h"

namespace deltic::cli {

// At most one at a time, on the main thread.
class StdoutPipe {
 public:
  static constexpr const char* kPath = "/dev/stdout";

  // When standard output fails, `cancel` is cancelled so that the export ends.
  static Result<std::unique_ptr<StdoutPipe>> Open(const CancelToken& cancel);
  ~StdoutPipe() { (void)Close(); }
  // Puts descriptor 1 back and waits for the last bytes to be out. Unavailable when some could not be written.
  Status Close();

 private:
  StdoutPipe(int real, int read_end, const CancelToken& cancel);
  void Copy();

  int real_;  // standard output proper; -1 once closed
  int read_end_;
  CancelToken cancel_;
  Output out_;
  std::thread thread_;
};

}  // namespace deltic::cli
