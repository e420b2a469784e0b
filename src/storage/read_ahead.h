// Owns reading objects of a store behind a network before they are asked for, and keeping what was read until it was.
// A reader of Parquet waits for one thing after another: the end of a file, some columns, the next file. Here a bounded
// number of threads asks for all of it at once, as far as it is known, within a bound of memory. What nobody foresaw is
// read when it is asked for, large pieces in parts side by side. Knows nothing of file formats; who does says which
// ranges will be wanted (SetPlan). Answers are the store's: a failure ahead of time is tried again when it matters.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "deltic/result.h"
#include "storage/object_store.h"

namespace deltic {

struct ReadAheadLimits {
  size_t threads = 16;
  // Being read ahead, and read and not yet asked for: at first little, as a reader may want but a few rows, then four
  // times what was asked for, up to the whole budget.
  int64_t first_bytes = 64 << 20;
  int64_t budget_bytes = 192 << 20;
  int64_t part_bytes = 32 << 20;    // of one request
  int64_t gap_bytes = 256 << 10;    // read along rather than asked around
  int64_t small_bytes = 1 << 20;    // an object of no more is read whole when it is opened
  int64_t tail_bytes = 64 << 10;    // of a larger one its last bytes; more of very large ones
  int64_t closed_bytes = 32 << 20;  // kept of objects that were closed, in case they are opened again
};

// An object to be read: where it is, and what the caller takes its size for.
struct ReadTarget {
  std::string name;  // the caller's own for it; one name, one object
  ObjectPlace place;
  std::optional<int64_t> size_bytes;
};

// Thread-safe. Its threads heed the StopSign that stood over whoever expected something. What they read when it is
// destroyed nobody wants any more: it is cancelled, and waited for.
class ReadAhead {
 public:
  explicit ReadAhead(ReadAheadLimits limits = {}) : limits_(limits) {}
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Reads the end of the object, or all of a small one, in one request unless it is there already; answers what the
  // store says of the object, which may have another size than the caller thought. Each Open has its Close.
  Result<ObjectMeta> Open(const ReadTarget& target);
  void Close(const std::string& name);
  // Of an open object. Exactly range.length bytes to `into`; Corrupt when it is shorter.
  Status Read(const std::string& name, ByteRange range, char* into);

  // The object will be opened soon, after those that were expected before.
  void Expect(const ReadTarget& target);
  // Nobody will open it after all: what was read of it goes, unless somebody has it open or did.
  void Unexpect(const std::string& name);
  // These parts of an object will be read; of one that is neither open nor expected, nothing is done.
  void ExpectRanges(const std::string& name, std::vector<ByteRange> ranges);
  // Asked for each expected object once its end was read (`tail`; `meta` tells the whole size), in one of the threads:
  // which parts will be read. Objects whose end came before are asked about at once. Empty: nothing is known.
  using Plan = std::function<std::vector<ByteRange>(const ObjectMeta& meta, std::string_view tail)>;
  void SetPlan(Plan plan);
  // Something else to be done by one of the threads, in its turn among what is expected. It may never be called.
  void ExpectTask(std::function<void()> task);

 private:
  enum class State : uint8_t { kQueued, kRunning, kReady, kFailed };
  struct Piece {
    ByteRange range;
    State state = State::kQueued;
    std::string bytes;
    int64_t unread = 0;    // bytes that are still to be asked for; none: it is dropped
    bool counted = false;  // in held_bytes_
  };
  struct Object {
    ReadTarget target;
    int64_t number = 0;  // in the order they were expected
    State state = State::kQueued;
    ObjectMeta meta;
    std::string tail;  // of which the first byte is at tail_offset
    int64_t tail_offset = 0;
    std::map<int64_t, std::shared_ptr<Piece>> pieces;  // by offset; they do not overlap
    int opens = 0;
    bool planned = false;
    bool closed = false;  // opened before, and not now
  };
  using ObjectPtr = std::shared_ptr<Object>;
  using Lock = std::unique_lock<std::mutex>;
  // What a thread does next. The order: ends of files a little before the contents of those before them.
  struct Job {
    ObjectPtr object;
    std::shared_ptr<Piece> piece;  // null: the end
    std::function<void()> task;    // of the caller's; no object then
    StopSign sign = StopSign::Here();
  };
  using JobOrder = std::pair<int64_t, int64_t>;

  ObjectPtr FindOrMake(const ReadTarget& target);
  int64_t TailLength(const ReadTarget& target) const;
  Status ReadTail(Lock& lock, const ObjectPtr& object);
  Status ReadPiece(Lock& lock, const ObjectPtr& object, const std::shared_ptr<Piece>& piece);
  void AskPlan(Lock& lock, const ObjectPtr& object);
  void Cover(const ObjectPtr& object, ByteRange range, bool urgent);
  void Enqueue(const ObjectPtr& object, const std::shared_ptr<Piece>& piece, bool urgent);
  void Release(Piece& piece);
  void Drop(const ObjectPtr& object);
  void StartThreads();
  void Work();
  // Cancelled when this thread's sign is up.
  Status WaitForChange(Lock& lock);
  std::optional<Job> TakeJob();
  static JobOrder OrderOf(const Object& object, const Piece* piece);

  const ReadAheadLimits limits_;
  std::mutex mutex_;
  std::condition_variable work_;              // something to do, or room to do it
  std::condition_variable changed_;           // something was read
  std::map<std::string, ObjectPtr> objects_;  // by name
  std::map<JobOrder, Job> queue_;
  std::deque<Job> urgent_;         // somebody waits for it
  std::list<std::string> closed_;  // objects that nobody has open, the longest closed first
  int64_t closed_bytes_ = 0;
  int64_t held_bytes_ = 0;
  int64_t read_bytes_ = 0;  // asked for, of what was read ahead
  int64_t last_number_ = 0;
  Plan plan_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ended_ = false;
  CancelToken end_;
};

}  // namespace deltic
