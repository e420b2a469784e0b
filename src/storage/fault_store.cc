// Owns the choice of faults and their effects.
#include "storage/fault_store.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <mutex>

#include "base/error.h"

namespace deltic {
namespace {

constexpr std::string_view CallName(StoreCall call) {
  switch (call) {
    case StoreCall::kGet:
      return "get";
    case StoreCall::kGetRange:
      return "get range";
    case StoreCall::kHead:
      return "head";
    case StoreCall::kPut:
      return "put";
    case StoreCall::kPutIfAbsent:
      return "put if absent";
    case StoreCall::kMultipart:
      return "multipart write";
    case StoreCall::kList:
      return "list";
    case StoreCall::kListRecursive:
      return "list recursive";
    case StoreCall::kDelete:
      return "delete";
  }
  return "call";
}

// Spreads its input over all 64 bits (the finalizer of SplitMix64).
constexpr uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// Not std::hash: a seed must mean the same on every machine.
uint64_t HashText(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

// A stream of numbers for one call. One thread at a time.
class Dice {
 public:
  explicit Dice(uint64_t state) : state_(state) {}
  bool Happens(double share) { return static_cast<double>(Next() >> 11) * 0x1p-53 < share; }
  uint64_t Below(uint64_t bound) { return bound == 0 ? 0 : Next() % bound; }

 private:
  uint64_t Next() { return state_ = Mix(state_); }
  uint64_t state_;
};

// What one call meets.
struct Fate {
  Fault fault = Fault::kNone;
  Dice dice{0};
  int hide_at_most = 0;
};

// All state is behind one lock, which is never held while the inner store or a visitor runs.
class RealFaultStore : public FaultStore, public std::enable_shared_from_this<RealFaultStore> {
 public:
  RealFaultStore(std::shared_ptr<ObjectStore> inner, FaultPlan plan) : FaultStore(std::move(inner)), plan_(plan) {}

  Result<std::string> Get(std::string_view key) override {
    Fate fate = Meet(StoreCall::kGet, key);
    if (fate.fault == Fault::kUnavailable) return Refusal(StoreCall::kGet, key);
    DELTIC_TRY(std::string bytes, inner_->Get(key));
    if (fate.fault == Fault::kCutBody) bytes.resize(fate.dice.Below(bytes.size()));
    return bytes;
  }

  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    const Fate fate = Meet(StoreCall::kGetRange, key);
    if (fate.fault == Fault::kUnavailable) return Refusal(StoreCall::kGetRange, key);
    // A range has a known length, so a store notices that it was cut: that is a failure, never a short answer.
    if (fate.fault == Fault::kCutBody) return Refusal(StoreCall::kGetRange, key);
    return inner_->GetRange(key, range);
  }

  Result<ObjectMeta> Head(std::string_view key) override {
    if (Meet(StoreCall::kHead, key).fault == Fault::kUnavailable) return Refusal(StoreCall::kHead, key);
    return inner_->Head(key);
  }

  // A range like any other.
  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    const Fate fate = Meet(StoreCall::kGetRange, key);
    if (fate.fault == Fault::kUnavailable || fate.fault == Fault::kCutBody) return Refusal(StoreCall::kGetRange, key);
    return inner_->GetTail(key, tail);
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    if (Meet(StoreCall::kPut, key).fault == Fault::kUnavailable) return Refusal(StoreCall::kPut, key);
    return inner_->Put(key, bytes);
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    const Fate fate = Meet(StoreCall::kPutIfAbsent, key);
    if (fate.fault == Fault::kUnavailable) return Refusal(StoreCall::kPutIfAbsent, key);
    if (fate.fault == Fault::kLoseAnswerBefore) {
      DELTIC_CHECK(CheckKey(key));
      return PutOutcome::kUnknown;
    }
    DELTIC_TRY(const PutOutcome outcome, inner_->PutIfAbsent(key, bytes));
    return fate.fault == Fault::kLoseAnswerAfter ? PutOutcome::kUnknown : outcome;
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override;

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    const std::string asked = std::string(folder) + std::string(from_name);
    Fate fate = Meet(StoreCall::kList, asked);
    if (fate.fault == Fault::kUnavailable) return Refusal(StoreCall::kList, asked);
    if (fate.fault != Fault::kHideNewest) return inner_->List(folder, from_name, visit);
    std::vector<ObjectMeta> found;
    DELTIC_CHECK(inner_->List(folder, from_name, [&](const ObjectMeta& meta) {
      found.push_back(meta);
      return true;
    }));
    const size_t hidden = 1 + fate.dice.Below(static_cast<uint64_t>(std::max(fate.hide_at_most, 1)));
    found.resize(found.size() - std::min(found.size(), hidden));
    for (const ObjectMeta& meta : found) {
      if (!visit(meta)) break;
    }
    return {};
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    if (Meet(StoreCall::kListRecursive, folder).fault == Fault::kUnavailable) {
      return Refusal(StoreCall::kListRecursive, folder);
    }
    return inner_->ListRecursive(folder, visit);
  }

  // Counted, and failing, as recursive lists are.
  Status ListEntries(std::string_view folder, const EntryVisitor& visit) override {
    if (Meet(StoreCall::kListRecursive, folder).fault == Fault::kUnavailable) {
      return Refusal(StoreCall::kListRecursive, folder);
    }
    return inner_->ListEntries(folder, visit);
  }

  Result<bool> DeleteEmptyFolder(std::string_view folder) override {
    if (Meet(StoreCall::kDelete, folder).fault == Fault::kUnavailable) return Refusal(StoreCall::kDelete, folder);
    return inner_->DeleteEmptyFolder(folder);
  }

  Status Delete(std::string_view key) override {
    if (Meet(StoreCall::kDelete, key).fault == Fault::kUnavailable) return Refusal(StoreCall::kDelete, key);
    return inner_->Delete(key);
  }

  void Script(StoreCall call, Fault fault) override {
    std::lock_guard lock(mutex_);
    state(call).script.push_back(fault);
  }

  void SetPlan(FaultPlan plan) override {
    std::lock_guard lock(mutex_);
    plan_ = plan;
    calls_ = 0;
  }

  int64_t Count(StoreCall call) const override {
    std::lock_guard lock(mutex_);
    return static_cast<int64_t>(states_[static_cast<size_t>(call)].keys.size());
  }

  int64_t CountAll() const override {
    std::lock_guard lock(mutex_);
    int64_t all = 0;
    for (const CallState& state : states_) all += static_cast<int64_t>(state.keys.size());
    return all;
  }

  std::vector<std::string> Keys(StoreCall call) const override {
    std::lock_guard lock(mutex_);
    return states_[static_cast<size_t>(call)].keys;
  }

  void ResetCounts() override {
    std::lock_guard lock(mutex_);
    for (CallState& state : states_) state.keys.clear();
  }

  // Pieces and the completion of a multipart write: not counted as calls, but they fail as calls do.
  Status MeetPiece(std::string_view key, std::string_view step) {
    std::lock_guard lock(mutex_);
    if (Choose(StoreCall::kMultipart, std::string(key) + "#" + std::string(step)).fault == Fault::kUnavailable) {
      return Refusal(StoreCall::kMultipart, key);
    }
    return {};
  }

 private:
  struct CallState {
    std::vector<std::string> keys;
    std::deque<Fault> script;
    std::map<std::string, uint64_t, std::less<>> times_asked;  // not reset: faults go on where they were
  };

  CallState& state(StoreCall call) { return states_[static_cast<size_t>(call)]; }

  Fate Meet(StoreCall call, std::string_view key) {
    std::lock_guard lock(mutex_);
    state(call).keys.emplace_back(key);
    return Choose(call, key);
  }

  // Under the lock.
  Fate Choose(StoreCall call, std::string_view key) {
    CallState& current = state(call);
    const uint64_t times = current.times_asked[std::string(key)]++;
    Dice dice(Mix(plan_.seed ^ Mix(HashText(key) ^ Mix(static_cast<uint64_t>(call) << 48 ^ times))));
    Fate fate{.dice = dice, .hide_at_most = plan_.hide_at_most};
    ++calls_;
    if (calls_ == plan_.fail_call || (plan_.crash_after_calls >= 0 && calls_ > plan_.crash_after_calls)) {
      fate.fault = Fault::kUnavailable;
    } else if (!current.script.empty()) {
      fate.fault = current.script.front();
      current.script.pop_front();
    } else {
      fate.fault = Throw(call, fate.dice);
    }
    return fate;
  }

  Fault Throw(StoreCall call, Dice& dice) const {
    if (dice.Happens(plan_.unavailable)) return Fault::kUnavailable;
    switch (call) {
      case StoreCall::kPutIfAbsent:
        if (dice.Happens(plan_.lose_answer_after)) return Fault::kLoseAnswerAfter;
        if (dice.Happens(plan_.lose_answer_before)) return Fault::kLoseAnswerBefore;
        return Fault::kNone;
      case StoreCall::kList:
        return dice.Happens(plan_.hide_newest) ? Fault::kHideNewest : Fault::kNone;
      case StoreCall::kGet:
      case StoreCall::kGetRange:
        return dice.Happens(plan_.cut_body) ? Fault::kCutBody : Fault::kNone;
      default:
        return Fault::kNone;
    }
  }

  Error Refusal(StoreCall call, std::string_view key) const {
    return Unavailable("{} of {}{}: an injected fault", CallName(call), inner_->uri(), key);
  }

  mutable std::mutex mutex_;
  FaultPlan plan_;                                   // guarded by mutex_
  int64_t calls_ = 0;                                // guarded by mutex_
  std::array<CallState, kStoreCallKinds> states_{};  // guarded by mutex_
};

// Passes on to the inner store's write, but for the faults. One thread at a time.
class FaultMultipartWrite : public MultipartWrite {
 public:
  FaultMultipartWrite(std::shared_ptr<RealFaultStore> store, std::string key, std::unique_ptr<MultipartWrite> inner)
      : store_(std::move(store)), key_(std::move(key)), inner_(std::move(inner)) {}
  Status Write(std::string_view bytes) override {
    DELTIC_CHECK(store_->MeetPiece(key_, "write"));
    return inner_->Write(bytes);
  }
  Result<ObjectMeta> Complete() override {
    DELTIC_CHECK(store_->MeetPiece(key_, "complete"));
    return inner_->Complete();
  }
  Result<ObjectMeta> CompleteIfAbsent() override {
    DELTIC_CHECK(store_->MeetPiece(key_, "complete"));
    return inner_->CompleteIfAbsent();
  }
  Status Abort() override { return inner_->Abort(); }

 private:
  std::shared_ptr<RealFaultStore> store_;
  std::string key_;
  std::unique_ptr<MultipartWrite> inner_;
};

Result<std::unique_ptr<MultipartWrite>> RealFaultStore::StartMultipart(std::string_view key) {
  if (Meet(StoreCall::kMultipart, key).fault == Fault::kUnavailable) return Refusal(StoreCall::kMultipart, key);
  DELTIC_TRY(auto inner, inner_->StartMultipart(key));
  return std::unique_ptr<MultipartWrite>(
      new FaultMultipartWrite(shared_from_this(), std::string(key), std::move(inner)));
}

}  // namespace

std::shared_ptr<FaultStore> MakeFaultStore(std::shared_ptr<ObjectStore> inner, FaultPlan plan) {
  return std::make_shared<RealFaultStore>(std::move(inner), plan);
}

}  // namespace deltic
