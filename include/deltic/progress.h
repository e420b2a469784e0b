// Owns what a long operation tells of itself while it runs, for progress bars. Measures nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace deltic {

// How far an operation has come. Told at most about ten times a second, by one thread at a time.
struct Progress {
  std::string phase;  // what is done now, in words: "finding rows", "writing files"
  int64_t done = 0;
  int64_t total = 0;  // 0: not known
  std::string unit;   // of done and total: "files", "rows", "bytes"
};

// Must return soon: the operation waits for it.
using ProgressCallback = std::function<void(const Progress&)>;

}  // namespace deltic
