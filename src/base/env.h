// Owns Env: the parts of the outside world, other than storage, that code may ask for, as values that a test can
// replace. Holds no state and no store.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace deltic {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

// Copied freely. As safe to share among threads as the functions in it; those of RealEnv are.
struct Env {
  std::function<int64_t()> now_ms;                           // milliseconds since the Unix epoch; may step back
  std::function<uint64_t()> random;                          // 64 uniform bits; RealEnv's come from the kernel
  std::function<void(LogLevel, std::string_view)> log_line;  // empty: nobody listens

  void Log(LogLevel level, std::string_view line) const {
    if (log_line) log_line(level, line);
  }
};

// The system's clock and random bits, and no log.
Env RealEnv();

}  // namespace deltic
