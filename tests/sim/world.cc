// Owns the turns and the store that misbehaves.
#include "world.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "server_store.h"
#include "storage/memory_store.h"

namespace deltic::sim {
namespace {

// What one writer sees of the common store. Each call is a turn.
class FlakyStore : public ObjectStore {
 public:
  explicit FlakyStore(Writer& writer) : writer_(writer), inner_(*writer.world().calm()) {}

  const std::string& uri() const override { return inner_.uri(); }

  Result<std::string> Get(std::string_view key) override {
    DELTIC_CHECK(Meet(key));
    DELTIC_TRY(std::string bytes, inner_.Get(key));
    // A cut beyond the first line might look whole to any reader; real stores tell the length, so that it is noticed.
    if (Happens(&Weather::cut))
      bytes.resize(writer_.dice().Below(std::max<size_t>(std::min(bytes.find('\n'), bytes.size()), 1)));
    return bytes;
  }
  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_CHECK(Meet(key));
    return inner_.GetRange(key, range);
  }
  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_CHECK(Meet(key));
    return inner_.Head(key);
  }
  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(Meet(key));
    return writer_.world().Overwrite(key, bytes);
  }
  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(Meet(key));
    if (Happens(&Weather::lose_before)) return PutOutcome::kUnknown;
    if (Happens(&Weather::spell)) spell_left_ = 12;
    if (spell_left_ > 0 || Happens(&Weather::late)) {
      spell_left_ = std::max(spell_left_ - 1, 0);
      writer_.world().SendLate(std::string(key), std::string(bytes));
      return PutOutcome::kUnknown;
    }
    DELTIC_TRY(const PutOutcome outcome, writer_.world().PutNow(key, bytes));
    return Happens(&Weather::lose_after) ? PutOutcome::kUnknown : outcome;
  }
  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(Meet(key));
    return inner_.StartMultipart(key);
  }
  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    DELTIC_CHECK(Meet(folder));
    std::vector<ObjectMeta> found;
    DELTIC_CHECK(inner_.List(folder, from_name, [&](const ObjectMeta& meta) {
      found.push_back(meta);
      return true;
    }));
    if (Happens(&Weather::hide)) {
      found.resize(found.size() - std::min<size_t>(found.size(), 1 + writer_.dice().Below(2)));
    }
    for (const ObjectMeta& meta : found) {
      if (!visit(meta)) break;
    }
    return {};
  }
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(Meet(folder));
    return inner_.ListRecursive(folder, visit);
  }
  Status Delete(std::string_view key) override {
    DELTIC_CHECK(Meet(key));
    return writer_.world().Delete(key, writer_.deletes_as);
  }
  bool remote() const override { return false; }  // asks for one thing at a time
  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

 private:
  bool Happens(double Weather::*share) { return writer_.dice().Happens(writer_.world().weather().*share); }
  Status Meet(std::string_view key) {
    if (!writer_.crashed()) writer_.Pause();
    if (!writer_.crashed() && Happens(&Weather::crash)) writer_.Crash();
    if (writer_.crashed()) return Unavailable("{}: this process is gone", key);
    if (Happens(&Weather::unavailable)) return Unavailable("{}: not now", key);
    return {};
  }

  Writer& writer_;
  ObjectStore& inner_;
  int spell_left_ = 0;
};

}  // namespace

uint64_t Dice::Next() {
  state_ += 0x9E3779B97F4A7C15;
  uint64_t x = state_;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

World::World(uint64_t seed, Weather weather, std::shared_ptr<ObjectStore> server) : dice_(seed), weather_(weather) {
  Env env;
  env.now_ms = [this] { return now_ms_; };
  env.random = [this] { return dice_.Next(); };
  memory_ = server ? MakeServerStore(std::move(server), env.now_ms) : MakeMemoryStore("sim", env);
  attic_ = MakeMemoryStore("attic", env);
}
World::~World() = default;

Env World::EnvOf(int64_t skew_ms) {
  Env env;
  env.now_ms = [this, skew_ms] { return now_ms_ + skew_ms; };
  env.random = [this] { return dice_.Next(); };
  return env;
}

void World::AddWriter(std::function<void(Writer&)> work) {
  writers_.push_back(std::make_unique<Writer>(*this, static_cast<int>(writers_.size()), std::move(work)));
}

void World::Run() {
  // Late means a moment, or (in some worlds) longer than a writer is patient.
  const double late_share = dice_.Happens(0.3) ? 0.005 : 0.1;
  std::vector<Writer*> waiting;
  for (const auto& writer : writers_) waiting.push_back(writer.get());
  while (!waiting.empty()) {
    DeliverLate(late_share);
    now_ms_ += static_cast<int64_t>(dice_.Below(4));
    // A process that slept: its base is old now, and after a day the log before it may be cleaned up.
    if (dice_.Happens(0.004)) PassTime(dice_.Happens(0.5) ? 100'000 : 86'400'000);
    Writer* next = waiting[dice_.Below(waiting.size())];
    next->go_.release();
    back_.acquire();
    if (next->done_) std::erase(waiting, next);
  }
  DeliverLate(1);
}

Result<PutOutcome> World::PutNow(std::string_view key, std::string_view bytes) {
  DELTIC_TRY(const PutOutcome outcome, memory_->PutIfAbsent(key, bytes));
  if (outcome == PutOutcome::kWritten && archive_.emplace(key, bytes).second) landed_ms_.emplace(key, now_ms_);
  return outcome;
}

Status World::Overwrite(std::string_view key, std::string_view bytes) {
  DELTIC_CHECK(memory_->Put(key, bytes));
  if (archive_.emplace(key, bytes).second) landed_ms_.emplace(key, now_ms_);
  return {};
}

Status World::Delete(std::string_view key, const std::string& by) {
  const Result<ObjectMeta> meta = memory_->Head(key);
  if (!meta.ok()) return {};
  if (!key.starts_with("_delta_log/")) {
    DELTIC_TRY(const std::string bytes, memory_->Get(key));
    DELTIC_CHECK(attic_->Put(key, bytes));
    deletions_.push_back({.key = std::string(key), .put_ms = meta->modified_ms, .at_ms = now_ms_, .by = by});
  }
  return memory_->Delete(key);
}

void World::ArchiveAll() {
  (void)memory_
      ->ListRecursive("",
                      [&](const ObjectMeta& meta) {
                        archive_.emplace(meta.key, memory_->Get(meta.key).value());
                        landed_ms_.emplace(meta.key, meta.modified_ms);
                        return true;
                      })
      .ok();
}

void World::DeliverLate(double share) {
  std::vector<std::pair<std::string, std::string>> still;
  for (auto& [key, bytes] : late_) {
    if (dice_.Happens(share)) {
      (void)PutNow(key, bytes).ok();
    } else {
      still.emplace_back(std::move(key), std::move(bytes));
    }
  }
  late_ = std::move(still);
}

Writer::Writer(World& world, int number, std::function<void(Writer&)> work)
    : world_(world), number_(number), work_(std::move(work)) {
  env_ = world.EnvOf(static_cast<int64_t>(world.dice().Below(4000)) - 2000);
  store_ = std::make_shared<FlakyStore>(*this);
  thread_ = std::thread([this] {
    go_.acquire();
    work_(*this);
    done_ = true;
    world_.back_.release();
  });
}

Writer::~Writer() {
  if (thread_.joinable()) thread_.join();
}

void Writer::Pause() {
  world_.back_.release();
  go_.acquire();
}

}  // namespace deltic::sim
