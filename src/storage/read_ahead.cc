// Owns the order of what is read ahead, its memory, and its threads; see the header.
//
// Every piece of an object goes queued -> running -> ready (or failed, which is as good as queued). A reader never
// waits for something queued: it reads that itself, while the threads read what follows. So a reader gets on whatever
// the budget, and without a single thread.
#include "storage/read_ahead.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <exception>
#include <system_error>

#include "base/error.h"

namespace deltic {
namespace {

// Ends of files are read before the contents of files so many places before them: they say what contents to read.
constexpr int64_t kLead = 6;
// The part of a large object that its end is taken to be, at most sixteen times tail_bytes.
constexpr std::chrono::milliseconds kLook(50);  // how often one who waits looks at its sign
constexpr int64_t kTailShare = 512;

int64_t EndOf(ByteRange range) { return range.offset + range.length; }

// Wanted ranges, put together where they are close, cut where they are long.
struct Wanted {
  ByteRange range;
  int64_t bytes = 0;  // of it that are wanted
};
std::vector<Wanted> Together(std::vector<ByteRange> ranges, const ReadAheadLimits& limits) {
  std::sort(ranges.begin(), ranges.end(), [](ByteRange a, ByteRange b) { return a.offset < b.offset; });
  std::vector<Wanted> all;
  for (ByteRange range : ranges) {
    if (!all.empty() && range.offset < EndOf(all.back().range)) {  // wanted already, the first part of it
      const int64_t known = std::min(range.length, EndOf(all.back().range) - range.offset);
      range = {range.offset + known, range.length - known};
    }
    while (range.length > 0) {
      const bool joins = !all.empty() && range.offset - EndOf(all.back().range) <= limits.gap_bytes &&
                         EndOf(range) - all.back().range.offset <= limits.part_bytes;
      if (joins) {
        all.back().range.length = EndOf(range) - all.back().range.offset;
        all.back().bytes += range.length;
        break;
      }
      const int64_t length = std::min(range.length, limits.part_bytes);
      all.push_back({.range = {range.offset, length}, .bytes = length});
      range = {range.offset + length, range.length - length};
    }
  }
  return all;
}

}  // namespace

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    queue_.clear();
    urgent_.clear();
  }
  end_.Cancel();
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Result<ObjectMeta> ReadAhead::Open(const ReadTarget& target) {
  Lock lock(mutex_);
  const ObjectPtr object = FindOrMake(target);
  object->closed = false;
  if (object->opens++ == 0 && std::erase(closed_, target.name) > 0) {
    closed_bytes_ -= static_cast<int64_t>(object->tail.size());
  }
  while (object->state != State::kReady) {
    if (object->state == State::kRunning) {
      if (Status status = WaitForChange(lock); !status.ok()) {
        --object->opens;
        return std::move(status).error();
      }
      continue;
    }
    queue_.erase(OrderOf(*object, nullptr));
    if (Status status = ReadTail(lock, object); !status.ok()) {
      if (--object->opens == 0) Drop(object);
      return std::move(status).error();
    }
  }
  return object->meta;
}

void ReadAhead::Close(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(name);
  if (found == objects_.end() || --found->second->opens > 0) return;
  const ObjectPtr object = found->second;
  for (auto& [offset, piece] : object->pieces) {
    queue_.erase(OrderOf(*object, piece.get()));
    if (piece->state == State::kQueued) piece->state = State::kFailed;  // for those who still hold it as a job
    Release(*piece);
  }
  object->pieces.clear();
  object->planned = object->closed = true;  // nothing of it is read ahead any more
  closed_.push_back(name);
  closed_bytes_ += static_cast<int64_t>(object->tail.size());
  while (closed_bytes_ > limits_.closed_bytes && !closed_.empty()) {
    const ObjectPtr oldest = objects_.at(closed_.front());
    closed_.pop_front();
    closed_bytes_ -= static_cast<int64_t>(oldest->tail.size());
    Drop(oldest);
  }
}

Status ReadAhead::Read(const std::string& name, ByteRange range, char* into) {
  Lock lock(mutex_);
  const auto found = objects_.find(name);
  if (found == objects_.end() || found->second->state != State::kReady) return Internal("{} is not open", name);
  const ObjectPtr object = found->second;
  const ObjectMeta& meta = object->meta;
  if (range.offset < 0 || range.length < 0 || range.offset > meta.size_bytes ||
      range.length > meta.size_bytes - range.offset) {
    return Corrupt("{}{}: it has {} bytes, and {} from byte {} were expected", object->target.place.store->uri(),
                   object->target.place.key, meta.size_bytes, range.length, range.offset);
  }
  const int64_t end = EndOf(range);
  // What nobody foresaw comes in one request, without another copy, where it is no more than that.
  const auto begin = object->pieces.upper_bound(range.offset);
  const bool before = begin != object->pieces.begin() && EndOf(std::prev(begin)->second->range) > range.offset;
  const bool foreseen = before || (begin != object->pieces.end() && begin->first < end) || end > object->tail_offset;
  if (foreseen || range.length > limits_.part_bytes) Cover(object, range, true);

  for (int64_t at = range.offset; at < end;) {
    char* const to = into + (at - range.offset);
    if (at >= object->tail_offset) {
      lock.unlock();
      std::memcpy(to, object->tail.data() + (at - object->tail_offset), static_cast<size_t>(end - at));
      return {};
    }
    const auto next = object->pieces.upper_bound(at);
    const auto piece = next == object->pieces.begin() ? nullptr : std::prev(next)->second;
    if (piece == nullptr || EndOf(piece->range) <= at) {
      int64_t until = std::min(end, object->tail_offset);
      if (next != object->pieces.end()) until = std::min(until, next->first);
      lock.unlock();
      DELTIC_TRY(const std::string bytes,
                 object->target.place.store->GetRange(object->target.place.key, {.offset = at, .length = until - at}));
      if (static_cast<int64_t>(bytes.size()) != until - at) {
        return Corrupt("{}: {} bytes came where {} were asked for", meta.key, bytes.size(), until - at);
      }
      bytes.copy(to, bytes.size());
      lock.lock();
      at = until;
      continue;
    }
    if (piece->state == State::kRunning) {
      DELTIC_CHECK(WaitForChange(lock));
      continue;
    }
    if (piece->state != State::kReady) {
      queue_.erase(OrderOf(*object, piece.get()));
      DELTIC_CHECK(ReadPiece(lock, object, piece));
      continue;
    }
    const int64_t until = std::min(end, EndOf(piece->range));
    lock.unlock();
    std::memcpy(to, piece->bytes.data() + (at - piece->range.offset), static_cast<size_t>(until - at));
    lock.lock();
    piece->unread -= until - at;
    read_bytes_ += until - at;
    if (piece->unread <= 0) {
      const auto place = object->pieces.find(piece->range.offset);
      if (place != object->pieces.end() && place->second == piece) object->pieces.erase(place);
      Release(*piece);
    }
    at = until;
  }
  return {};
}

// Another thread reads, for a reader that may go on when this one is cancelled.
Status ReadAhead::WaitForChange(Lock& lock) {
  const StopSign sign = StopSign::Here();
  DELTIC_CHECK(sign.Check());
  changed_.wait_for(lock, kLook);
  return {};
}

void ReadAhead::Expect(const ReadTarget& target) {
  const std::lock_guard lock(mutex_);
  if (objects_.contains(target.name)) return;
  const ObjectPtr object = FindOrMake(target);
  queue_[OrderOf(*object, nullptr)] = {.object = object, .piece = nullptr};
  StartThreads();
  work_.notify_one();
}

void ReadAhead::Unexpect(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(name);
  if (found == objects_.end() || found->second->opens > 0 || found->second->closed) return;
  const ObjectPtr object = found->second;
  Drop(object);
}

void ReadAhead::ExpectTask(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  ++last_number_;
  queue_[{last_number_ - kLead, -last_number_}] = {.object = nullptr, .piece = nullptr, .task = std::move(task)};
  StartThreads();
  work_.notify_one();
}

void ReadAhead::ExpectRanges(const std::string& name, std::vector<ByteRange> ranges) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(name);
  if (found == objects_.end() || found->second->state != State::kReady) return;
  const ObjectPtr object = found->second;
  object->planned = true;
  // A damaged file may say anything of itself: what is not in the object is refused when it is asked for.
  std::erase_if(ranges, [&](ByteRange range) {
    return range.offset < 0 || range.length <= 0 || range.offset >= object->tail_offset;
  });
  for (ByteRange& range : ranges) range.length = std::min(range.length, object->tail_offset - range.offset);
  for (const Wanted& wanted : Together(std::move(ranges), limits_)) {
    Cover(object, wanted.range, false);
    const auto piece = object->pieces.find(wanted.range.offset);
    if (piece != object->pieces.end()) piece->second->unread = std::min(piece->second->unread, wanted.bytes);
  }
}

void ReadAhead::SetPlan(Plan plan) {
  const std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
  for (const auto& [name, object] : objects_) {
    if (object->state != State::kReady || object->opens > 0 || object->planned) continue;
    queue_[OrderOf(*object, nullptr)] = {.object = object, .piece = nullptr};
    StartThreads();
  }
  work_.notify_all();
}

ReadAhead::ObjectPtr ReadAhead::FindOrMake(const ReadTarget& target) {
  ObjectPtr& object = objects_[target.name];
  if (object == nullptr) {
    object = std::make_shared<Object>();
    object->target = target;
    object->number = ++last_number_;
  }
  return object;
}

int64_t ReadAhead::TailLength(const ReadTarget& target) const {
  if (!target.size_bytes || *target.size_bytes <= limits_.small_bytes) return limits_.small_bytes;
  return std::clamp(*target.size_bytes / kTailShare, limits_.tail_bytes, limits_.tail_bytes * 16);
}

Status ReadAhead::ReadTail(Lock& lock, const ObjectPtr& object) {
  object->state = State::kRunning;
  const ReadTarget& target = object->target;
  lock.unlock();
  Result<ObjectTail> tail =
      target.place.store->GetTail(target.place.key, {.length = TailLength(target), .size_bytes = target.size_bytes});
  lock.lock();
  const bool whole = tail.ok() && static_cast<int64_t>(tail->bytes.size()) <= tail->meta.size_bytes;
  object->state = whole ? State::kReady : State::kFailed;
  if (whole) {
    object->tail = std::move(tail->bytes);
    object->meta = std::move(tail->meta);
    object->tail_offset = object->meta.size_bytes - static_cast<int64_t>(object->tail.size());
  }
  changed_.notify_all();
  if (!tail.ok()) return std::move(tail).error();
  if (!whole) return Corrupt("{}: its end came with more bytes than it has", target.place.key);
  return {};
}

Status ReadAhead::ReadPiece(Lock& lock, const ObjectPtr& object, const std::shared_ptr<Piece>& piece) {
  piece->state = State::kRunning;
  if (!piece->counted) held_bytes_ += piece->range.length;
  piece->counted = true;
  lock.unlock();
  Result<std::string> bytes = object->target.place.store->GetRange(object->target.place.key, piece->range);
  lock.lock();
  const bool whole = bytes.ok() && static_cast<int64_t>(bytes->size()) == piece->range.length;
  piece->state = whole ? State::kReady : State::kFailed;
  if (whole) piece->bytes = std::move(*bytes);
  const auto place = object->pieces.find(piece->range.offset);
  const bool wanted = place != object->pieces.end() && place->second == piece;  // closed meanwhile
  if (!whole || !wanted) Release(*piece);
  changed_.notify_all();
  if (!bytes.ok()) return std::move(bytes).error();
  if (!whole) return Corrupt("{}: fewer bytes came than were asked for", object->target.place.key);
  return {};
}

void ReadAhead::AskPlan(Lock& lock, const ObjectPtr& object) {
  if (!plan_ || object->planned || object->opens > 0 || object->tail_offset == 0) return;
  object->planned = true;
  const Plan plan = plan_;
  lock.unlock();
  std::vector<ByteRange> ranges = plan(object->meta, object->tail);
  ExpectRanges(object->target.name, std::move(ranges));
  lock.lock();
}

// Makes pieces of what no piece covers yet. Urgent ones go before everything, those that waited already too.
void ReadAhead::Cover(const ObjectPtr& object, ByteRange range, bool urgent) {
  const int64_t end = std::min(EndOf(range), object->tail_offset);
  for (int64_t at = range.offset; at < end;) {
    const auto next = object->pieces.upper_bound(at);
    if (next != object->pieces.begin() && EndOf(std::prev(next)->second->range) > at) {
      const std::shared_ptr<Piece>& piece = std::prev(next)->second;
      if (urgent && piece->state == State::kQueued) Enqueue(object, piece, true);
      at = EndOf(piece->range);
      continue;
    }
    int64_t until = std::min(end, at + limits_.part_bytes);
    if (next != object->pieces.end()) until = std::min(until, next->first);
    const auto piece = std::make_shared<Piece>();
    piece->range = {.offset = at, .length = until - at};
    piece->unread = piece->range.length;
    object->pieces.emplace(at, piece);
    Enqueue(object, piece, urgent);
    at = until;
  }
}

void ReadAhead::Enqueue(const ObjectPtr& object, const std::shared_ptr<Piece>& piece, bool urgent) {
  if (urgent) {
    queue_.erase(OrderOf(*object, piece.get()));
    urgent_.push_back({.object = object, .piece = piece});
  } else {
    queue_[OrderOf(*object, piece.get())] = {.object = object, .piece = piece};
  }
  StartThreads();
  work_.notify_one();
}

void ReadAhead::Release(Piece& piece) {
  if (!piece.counted) return;
  piece.counted = false;
  held_bytes_ -= piece.range.length;
  work_.notify_all();
}

void ReadAhead::Drop(const ObjectPtr& object) {
  queue_.erase(OrderOf(*object, nullptr));
  for (auto& [offset, piece] : object->pieces) {
    queue_.erase(OrderOf(*object, piece.get()));
    if (piece->state == State::kQueued) piece->state = State::kFailed;  // for those who still hold it as a job
    Release(*piece);
  }
  object->pieces.clear();
  objects_.erase(object->target.name);
}

void ReadAhead::StartThreads() {
  // Once it ends, the threads are being joined: what the last ones find to do is not done.
  while (!ended_ && threads_.size() < limits_.threads && queue_.size() + urgent_.size() > idle_) {
    try {
      threads_.emplace_back([this] { Work(); });
      ++idle_;  // it will look for work, as one that is woken does
    } catch (const std::system_error&) {
      return;  // readers read for themselves
    }
  }
}

void ReadAhead::Work() {
  Lock lock(mutex_);
  --idle_;
  while (!ended_) {
    const std::optional<Job> job = TakeJob();
    if (!job) {
      ++idle_;
      work_.wait(lock);
      --idle_;
      continue;
    }
    const CancelScope scope(job->sign.With(end_));
    if (job->piece != nullptr) {
      // What fails is read again, and told, when it is asked for.
      if (job->piece->state == State::kQueued) (void)ReadPiece(lock, job->object, job->piece);
    } else if (job->task) {
      lock.unlock();
      try {
        job->task();
      } catch (const std::exception&) {
        // Who needs what it was to bring does it again, and is told.
      }
      lock.lock();
    } else {
      if (job->object->state == State::kQueued) (void)ReadTail(lock, job->object);
      if (job->object->state == State::kReady) AskPlan(lock, job->object);
    }
  }
}

std::optional<ReadAhead::Job> ReadAhead::TakeJob() {
  while (!urgent_.empty()) {
    // Who waits for it reads too: beyond twice the budget that has to do.
    const Piece& piece = *urgent_.front().piece;
    const bool queued = piece.state == State::kQueued;
    if (queued && held_bytes_ > 0 && held_bytes_ + piece.range.length > 2 * limits_.budget_bytes) break;
    Job job = std::move(urgent_.front());
    urgent_.pop_front();
    if (queued) return job;
  }
  if (queue_.empty()) return std::nullopt;
  const auto first = queue_.begin();
  const int64_t cost = first->second.piece == nullptr ? 0 : first->second.piece->range.length;
  const int64_t budget = std::min(limits_.budget_bytes, limits_.first_bytes + 4 * read_bytes_);
  if (held_bytes_ > 0 && cost > 0 && held_bytes_ + cost > budget) return std::nullopt;
  Job job = std::move(first->second);
  queue_.erase(first);
  return job;
}

ReadAhead::JobOrder ReadAhead::OrderOf(const Object& object, const Piece* piece) {
  if (piece == nullptr) return {object.number - kLead, -object.number};
  return {object.number, piece->range.offset + 1};
}

}  // namespace deltic
