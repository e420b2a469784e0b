// Owns the simulated world: one clock, one random stream, writers that take turns at every call to storage, and the
// store between them that loses answers, delivers writes late, hides what is new and cuts bodies. Everything follows
// from the seed. Knows no Delta.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "base/env.h"
#include "storage/object_store.h"

namespace deltic::sim {

// A stream of numbers (SplitMix64). Only whoever has the turn draws from it, so that a seed gives one history.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}
  uint64_t Next();
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  bool Happens(double share) { return static_cast<double>(Next() >> 11) * 0x1p-53 < share; }

 private:
  uint64_t state_;
};

struct Weather {  // how often each thing goes wrong, of the calls it can happen to
  double unavailable = 0;
  double lose_after = 0;   // the write is made, the answer is lost
  double lose_before = 0;  // the write is lost
  double late = 0;         // the answer is lost, and the write arrives some time later
  double hide = 0;         // a listing leaves out its newest entries
  double cut = 0;          // a body is cut within its first line
  double crash = 0;        // the writer dies at this call
  double spell = 0;        // from this write on, every answer to the writer's next writes is lost and they arrive late
};

// An object that was deleted: when it had been written, when it went, and who took it.
struct Deletion {
  std::string key;
  int64_t put_ms = 0;
  int64_t at_ms = 0;
  std::string by;
};

// The writers' turns. One turn at a time; the others wait inside Pause.
class World {
 public:
  // `server`: where the objects lie; null: in memory.
  World(uint64_t seed, Weather weather, std::shared_ptr<ObjectStore> server = nullptr);
  ~World();

  Dice& dice() { return dice_; }
  const Weather& weather() const { return weather_; }
  const std::shared_ptr<ObjectStore>& calm() const { return memory_; }  // the store itself, which never fails
  int64_t now_ms() const { return now_ms_; }
  // Not by hours while a vacuum deletes: a batch of its takes less.
  void PassTime(int64_t ms) {
    if (ms < 3'600'000 || vacuums_ == 0) now_ms_ += ms;
  }
  void VacuumBegins() { ++vacuums_; }
  void VacuumEnds() { --vacuums_; }
  Env EnvOf(int64_t skew_ms);

  // Adds a writer; `work` runs in turns once Run is called. It gets a store that fails as the weather is.
  void AddWriter(std::function<void(class Writer&)> work);
  void Run();

  // Bytes of every object that was put, kept though it be deleted.
  const std::map<std::string, std::string>& archive() const { return archive_; }
  // A write on its way: it takes effect, if its place is free, at some later turn.
  void SendLate(std::string key, std::string bytes) { late_.emplace_back(std::move(key), std::move(bytes)); }
  Result<PutOutcome> PutNow(std::string_view key, std::string_view bytes);
  Status Overwrite(std::string_view key, std::string_view bytes);
  // When an object of the archive came to be.
  const std::map<std::string, int64_t>& landed_ms() const { return landed_ms_; }
  // Deletes an object and remembers it: its bytes go to the attic.
  Status Delete(std::string_view key, const std::string& by);
  const std::vector<Deletion>& deletions() const { return deletions_; }
  const std::shared_ptr<ObjectStore>& attic() const { return attic_; }
  // Takes what was written beside the writers into the archive.
  void ArchiveAll();

 private:
  friend class Writer;
  void DeliverLate(double share);

  Dice dice_;
  Weather weather_;
  int vacuums_ = 0;
  int64_t now_ms_ = 1'700'000'000'000;
  std::shared_ptr<ObjectStore> memory_;
  std::shared_ptr<ObjectStore> attic_;
  std::map<std::string, std::string> archive_;
  std::map<std::string, int64_t> landed_ms_;
  std::vector<Deletion> deletions_;
  std::vector<std::pair<std::string, std::string>> late_;
  std::vector<std::unique_ptr<class Writer>> writers_;
  std::binary_semaphore back_{0};
};

// One process. Its thread runs only while it has the turn.
class Writer {
 public:
  Writer(World& world, int number, std::function<void(Writer&)> work);
  ~Writer();

  World& world() { return world_; }
  Dice& dice() { return world_.dice(); }
  int number() const { return number_; }
  const Env& env() const { return env_; }
  const std::shared_ptr<ObjectStore>& store() const { return store_; }

  std::thread::id thread_id() const { return thread_.get_id(); }

  // In whose name the writer deletes just now.
  std::string deletes_as = "commit";

  // Gives up the turn until the scheduler gives it back.
  void Pause();
  // After a crash every call fails until Restart.
  bool crashed() const { return crashed_; }
  void Crash() { crashed_ = true; }
  void Restart() { crashed_ = false; }

 private:
  friend class World;
  World& world_;
  const int number_;
  Env env_;
  std::shared_ptr<ObjectStore> store_;
  std::function<void(Writer&)> work_;
  bool crashed_ = false;
  bool done_ = false;
  std::binary_semaphore go_{0};
  std::thread thread_;
};

}  // namespace deltic::sim
