// Owns the descriptors and the copying thread of StdoutPipe.
#include "stdout_pipe.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace deltic::cli {

Result<std::unique_ptr<StdoutPipe>> StdoutPipe::Open(const CancelToken& cancel) {
  int ends[2];
  const int real = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (real < 0) return Unavailable("standard output is closed: {}", std::strerror(errno));
  if (pipe2(ends, O_CLOEXEC) != 0) {
    const int error = errno;
    close(real);
    return Unavailable("cannot make a pipe: {}", std::strerror(error));
  }
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  return std::unique_ptr<StdoutPipe>(new StdoutPipe(real, ends[0], cancel));
}

StdoutPipe::StdoutPipe(int real, int read_end, const CancelToken& cancel)
    : real_(real), read_end_(read_end), cancel_(cancel), out_(real, "standard output") {
  sigset_t stops;
  sigset_t before;
  sigemptyset(&stops);
  for (int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&stops, number);  // those go to the main thread
  pthread_sigmask(SIG_BLOCK, &stops, &before);
  thread_ = std::thread([this] { Copy(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Status StdoutPipe::Close() {
  if (real_ < 0) return {};
  dup2(real_, STDOUT_FILENO);  // closes the pipe's last writing end: the thread sees its end
  thread_.join();
  close(read_end_);
  close(real_);
  real_ = -1;
  return out_.Flush();
}

// Reads on after a failure, so that the writer is never stuck on a full pipe.
void StdoutPipe::Copy() {
  std::vector<char> chunk(64 * 1024);
  while (true) {
    const ssize_t n = read(read_end_, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    out_.Write({chunk.data(), static_cast<size_t>(n)});
    // A reader that waits for rows gets them as they come.
    if (!out_.Flush().ok()) cancel_.Cancel();
  }
}

}  // namespace deltic::cli
