// Owns buffered writing to a file descriptor, with every failure noticed: a full disk behind standard output is an
// error, not a short file. Does not open or close descriptors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic::cli {

// One thread at a time. After a failure further writes do nothing; Flush tells it.
class Output {
 public:
  // `name` is what messages call it: "standard output", a path.
  Output(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void Write(std::string_view bytes);
  Status Flush();
  bool failed() const { return error_ != 0; }
  int64_t bytes_written() const { return bytes_written_; }

 private:
  void WriteThrough(std::string_view bytes);

  int fd_;
  std::string name_;
  std::string buffer_;
  int error_ = 0;  // errno of the first failure
  int64_t bytes_written_ = 0;
};

// A line on standard output or standard error.
Status PrintLine(int fd, std::string_view line);

}  // namespace deltic::cli
