// Owns a store that misbehaves on purpose: it fails, loses answers, hides what is new and cuts bodies, as cloud stores
// do on bad days, and counts what is asked of it. For tests and the simulator; it keeps no objects of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/store_around.h"

namespace deltic {

enum class StoreCall : uint8_t {
  kGet,
  kGetRange,
  kHead,
  kPut,
  kPutIfAbsent,
  kMultipart,  // its start; pieces and completion are not counted, but can fail
  kList,
  kListRecursive,
  kDelete,
};
inline constexpr int kStoreCallKinds = 9;

enum class Fault : uint8_t {
  kNone,
  kUnavailable,       // any call: fails before it does anything
  kLoseAnswerAfter,   // put-if-absent: does it, then answers kUnknown
  kLoseAnswerBefore,  // put-if-absent: does nothing, then answers kUnknown
  kHideNewest,        // list: leaves out up to FaultPlan::hide_at_most objects at its end
  kCutBody,           // get: answers the first part of the bytes as if it were all
};

// How often each fault happens, from 0 (never) to 1 (always).
struct FaultPlan {
  uint64_t seed = 0;
  double unavailable = 0;
  double lose_answer_after = 0;
  double lose_answer_before = 0;
  double hide_newest = 0;
  int hide_at_most = 2;
  double cut_body = 0;
  int64_t fail_call = -1;          // the call of this number, from 1, fails with Unavailable, and no other
  int64_t crash_after_calls = -1;  // every call after that many fails with Unavailable, as if this process were gone
};

// Which calls fail is decided by the seed, the kind of call, its key, and how often that kind was asked for that key
// before. So a run with one thread is the same every time, and one with many threads differs only where the threads
// race for one key. Thread-safe.
class FaultStore : public StoreAround {
 public:
  // The next call of `call` without a scripted fault yet meets `fault`, whatever the plan says.
  virtual void Script(StoreCall call, Fault fault) = 0;
  virtual void SetPlan(FaultPlan plan) = 0;

  // Since the beginning or the last ResetCounts; failed calls count.
  virtual int64_t Count(StoreCall call) const = 0;
  virtual int64_t CountAll() const = 0;
  // The keys (of lists: folder + from_name) in the order they were asked for.
  virtual std::vector<std::string> Keys(StoreCall call) const = 0;
  virtual void ResetCounts() = 0;

 protected:
  using StoreAround::StoreAround;
};

// LocalPath passes through: what the engine opens by path meets no faults and is not counted.
std::shared_ptr<FaultStore> MakeFaultStore(std::shared_ptr<ObjectStore> inner, FaultPlan plan = {});

}  // namespace deltic
