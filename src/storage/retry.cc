// Owns the loop that tries reads again.
#include "storage/retry.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "storage/store_around.h"

namespace deltic {
namespace {

// Holds no state of its own but what it was made with.
class RetryStore : public StoreAround {
 public:
  RetryStore(std::shared_ptr<ObjectStore> inner, RetryPolicy policy, RetryWorld world)
      : StoreAround(std::move(inner)), policy_(policy), world_(std::move(world)) {}

  Result<std::string> Get(std::string_view key) override {
    return Try<std::string>([&] { return inner_->Get(key); });
  }
  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    return Try<std::string>([&] { return inner_->GetRange(key, range); });
  }
  Result<ObjectMeta> Head(std::string_view key) override {
    return Try<ObjectMeta>([&] { return inner_->Head(key); });
  }
  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    return Try<ObjectTail>([&] { return inner_->GetTail(key, tail); });
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    std::optional<std::string> last_shown;
    return Try<void>([&] {
      // From the last object on rather than from the beginning; the listing includes it, so it is skipped.
      const std::string from = last_shown ? last_shown->substr(folder.size()) : std::string(from_name);
      return inner_->List(folder, from, [&](const ObjectMeta& meta) {
        if (last_shown && meta.key <= *last_shown) return true;
        last_shown = meta.key;
        return visit(meta);
      });
    });
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    bool shown = false;
    return Try<void>(
        [&] {
          return inner_->ListRecursive(folder, [&](const ObjectMeta& meta) {
            shown = true;
            return visit(meta);
          });
        },
        [&] { return !shown; });
  }

  Status ListEntries(std::string_view folder, const EntryVisitor& visit) override {
    bool shown = false;
    return Try<void>(
        [&] {
          return inner_->ListEntries(folder, [&](const FolderEntry& entry) {
            shown = true;
            return visit(entry);
          });
        },
        [&] { return !shown; });
  }

  Result<PutOutcome> PutIfAbsentRelaxed(std::string_view key, std::string_view bytes) override {
    return inner_->PutIfAbsentRelaxed(key, bytes);
  }
  std::vector<Status> DeleteMany(const std::vector<std::string>& keys) override { return inner_->DeleteMany(keys); }

 private:
  template <class T>
  Result<T> Try(const std::function<Result<T>()>& call, const std::function<bool()>& may_repeat = {}) {
    for (int attempt = 1;; ++attempt) {
      Result<T> answer = call();
      if (answer.ok() || answer.error().code() != Code::kUnavailable) return answer;
      if (may_repeat && !may_repeat()) return answer;
      if (attempt >= policy_.attempts) {
        if (attempt == 1) return answer;
        return std::move(answer).error().Wrap(fmt::format("tried {} times", attempt));
      }
      DELTIC_CHECK(Wait(RetryDelayMs(policy_, attempt + 1, world_.env.random())));
    }
  }

  Status Wait(int64_t ms) {
    const StopSign sign = StopSign::Here().With(world_.cancel);
    DELTIC_CHECK(sign.Check());
    if (world_.sleep_ms) {
      world_.sleep_ms(ms);
    } else {
      constexpr int64_t kNapMs = 100;
      for (; ms > 0 && !sign.up(); ms -= kNapMs) {
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(ms, kNapMs)));
      }
    }
    return sign.Check();
  }

  RetryPolicy policy_;
  RetryWorld world_;
};

}  // namespace

int64_t RetryDelayMs(const RetryPolicy& policy, int attempt, uint64_t random) {
  int64_t delay = std::max<int64_t>(policy.first_delay_ms, 0);
  for (int i = 2; i < attempt && delay < policy.max_delay_ms; ++i) delay *= 2;
  delay = std::min(delay, policy.max_delay_ms);
  const int64_t half = delay / 2;
  return half + static_cast<int64_t>(random % static_cast<uint64_t>(delay - half + 1));
}

std::shared_ptr<ObjectStore> MakeRetryStore(std::shared_ptr<ObjectStore> inner, RetryPolicy policy, RetryWorld world) {
  return std::make_shared<RetryStore>(std::move(inner), policy, std::move(world));
}

}  // namespace deltic
