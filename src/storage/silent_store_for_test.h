// Owns a store like a server that takes requests and does not answer, for tests: a call of a kind that is silent waits
// until the StopSign over its thread is up, and then answers as a client does that nobody waits for: Cancelled, or of a
// put-if-absent that its outcome is not known. Not part of the library.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "base/cancel.h"
#include "base/error.h"
#include "storage/fault_store.h"
#include "storage/object_store.h"

namespace deltic {

// Thread-safe.
class SilentStore : public ObjectStore {
 public:
  explicit SilentStore(std::shared_ptr<ObjectStore> inner) : inner_(std::move(inner)) {}

  // What is asked from now on. A put-if-absent is done all the same, or not.
  void Silence(StoreCall call, bool done = false) {
    done_ = done;
    silent_[static_cast<size_t>(call)] = true;
  }
  void Answer(StoreCall call) { silent_[static_cast<size_t>(call)] = false; }
  // Returns when so many calls have been kept waiting, since the beginning.
  void Await(int calls) const {
    while (kept_ < calls) Nap();
  }
  int kept() const { return kept_; }

  const std::string& uri() const override { return inner_->uri(); }
  Result<std::string> Get(std::string_view key) override {
    DELTIC_CHECK(Keep(StoreCall::kGet));
    return inner_->Get(key);
  }
  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_CHECK(Keep(StoreCall::kGetRange));
    return inner_->GetRange(key, range);
  }
  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_CHECK(Keep(StoreCall::kHead));
    return inner_->Head(key);
  }
  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(Keep(StoreCall::kPut));
    return inner_->Put(key, bytes);
  }
  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(StopSign::Here().Check());
    if (Keep(StoreCall::kPutIfAbsent).ok()) return inner_->PutIfAbsent(key, bytes);
    if (done_) (void)inner_->PutIfAbsent(key, bytes);
    return PutOutcome::kUnknown;
  }
  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(Keep(StoreCall::kMultipart));
    return inner_->StartMultipart(key);
  }
  Status List(std::string_view folder, std::string_view from, const ListVisitor& visit) override {
    DELTIC_CHECK(Keep(StoreCall::kList));
    return inner_->List(folder, from, visit);
  }
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(Keep(StoreCall::kListRecursive));
    return inner_->ListRecursive(folder, visit);
  }
  Status Delete(std::string_view key) override {
    DELTIC_CHECK(Keep(StoreCall::kDelete));
    return inner_->Delete(key);
  }
  std::optional<std::string> LocalPath(std::string_view) const override { return {}; }

 private:
  static void Nap() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }
  Status Keep(StoreCall call) {
    const StopSign sign = StopSign::Here();
    DELTIC_CHECK(sign.Check());
    if (!silent_[static_cast<size_t>(call)]) return {};
    ++kept_;
    sign.Asked();
    while (!sign.up()) Nap();
    return sign.Check();
  }

  const std::shared_ptr<ObjectStore> inner_;
  std::array<std::atomic<bool>, kStoreCallKinds> silent_{};
  std::atomic<bool> done_ = false;
  std::atomic<int> kept_ = 0;
};

}  // namespace deltic
