// Owns the write loop of Output.
#include "output.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace deltic::cli {

namespace {
constexpr size_t kBufferBytes = 64 * 1024;
}  // namespace

void Output::Write(std::string_view bytes) {
  bytes_written_ += static_cast<int64_t>(bytes.size());
  if (bytes.size() < kBufferBytes) {
    buffer_.append(bytes);
    if (buffer_.size() < kBufferBytes) return;
    bytes = {};
  }
  WriteThrough(buffer_);
  buffer_.clear();
  WriteThrough(bytes);
}

Status Output::Flush() {
  WriteThrough(buffer_);
  buffer_.clear();
  if (error_ != 0) return Unavailable("cannot write to {}: {}", name_, std::strerror(error_));
  return {};
}

void Output::WriteThrough(std::string_view bytes) {
  while (!bytes.empty() && error_ == 0) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno != EINTR) error_ = errno;
      continue;
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

Status PrintLine(int fd, std::string_view line) {
  Output out(fd, fd == STDOUT_FILENO ? "standard output" : "standard error");
  out.Write(line);
  out.Write("\n");
  return out.Flush();
}

}  // namespace deltic::cli
