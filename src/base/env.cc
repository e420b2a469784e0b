// Owns the real world's Env.
#include "base/env.h"

#include <sys/random.h>

#include <chrono>
#include <random>

namespace deltic {

Env RealEnv() {
  Env env;
  env.now_ms = [] {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
  };
  // Straight from the kernel: no state to share among threads or to double across fork(), and names made from it must
  // not collide among processes. It costs a system call, which is nothing beside the file that gets the name.
  env.random = [] {
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) == sizeof bits) return bits;
    std::random_device device;  // a sandbox that forbids the call
    bits = device();
    return bits << 32 | device();
  };
  return env;
}

}  // namespace deltic
