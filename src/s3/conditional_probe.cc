// Owns the rounds of the probe; see the header.
#include "s3/conditional_probe.h"

#include <atomic>
#include <optional>

#include "base/error.h"
#include "base/parallel.h"

namespace deltic {
namespace {

constexpr size_t kWriters = 4;
constexpr int kRounds = 2;      // that tell something
constexpr int kMostRounds = 8;  // with those whose answers got lost

// Whether one round told that the store keeps its word; false when too few answers arrived to tell.
Result<bool> PutAtOnce(const ConditionalProbe& probe) {
  const std::string key = probe.make_key();
  std::atomic<size_t> written = 0;
  std::atomic<size_t> refused = 0;
  std::atomic<size_t> begun = 0;
  const Status asked = ForEachParallel(kWriters, kWriters, [&](size_t i) -> Status {
    // All begin together, as far as threads do; the wait is bounded, for there may be fewer threads.
    ++begun;
    for (int spins = 0; begun < kWriters && spins < 100'000; ++spins) {
    }
    DELTIC_TRY(const PutOutcome outcome, probe.put_if_absent(key, std::to_string(i)));
    if (outcome == PutOutcome::kWritten) ++written;
    if (outcome == PutOutcome::kExists) ++refused;
    return {};
  });
  probe.remove(key);
  if (written > 1) {
    return Unsupported(
        "{}: this store accepted {} of {} objects that were put at one key at the same time, although If-None-Match "
        "forbids all but one: two writers could commit the same version. It can be read; to write, set the storage "
        "option aws_s3_locking_provider to dynamodb",
        probe.uri, written.load(), kWriters);
  }
  DELTIC_CHECK(asked);
  return refused > 0;
}

}  // namespace

Status CheckConditionalPuts(const ConditionalProbe& probe) {
  int told = 0;
  for (int round = 0; round < kMostRounds && told < kRounds; ++round) {
    DELTIC_TRY(const bool kept, PutAtOnce(probe));
    if (kept) ++told;
  }
  if (told == kRounds) return {};
  return Unavailable("{}: whether the store heeds If-None-Match could not be learnt, because its answers got lost",
                     probe.uri);
}

}  // namespace deltic
