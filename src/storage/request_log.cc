// Owns the counting and the holding; see the header.
#include "storage/request_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace deltic {
namespace {

using Clock = std::chrono::steady_clock;

class RealRequestLog : public RequestLog, public std::enable_shared_from_this<RealRequestLog> {
 public:
  RealRequestLog(std::shared_ptr<ObjectStore> inner, RequestLogOptions options)
      : RequestLog(std::move(inner)), options_(options) {}

  Result<std::string> Get(std::string_view key) override {
    const size_t request = Begin("GET", key);
    return Answered(request, inner_->Get(key));
  }
  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    const size_t request = Begin("GET", key, fmt::format("{}-{}", range.offset, range.offset + range.length - 1));
    return Answered(request, inner_->GetRange(key, range));
  }
  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    const size_t request = Begin("GET", key, fmt::format("-{}", tail.length));
    auto answer = inner_->GetTail(key, tail);
    if (answer.ok()) Answer(request, answer->bytes.size());
    return answer;
  }
  Result<ObjectMeta> Head(std::string_view key) override {
    Begin("HEAD", key);
    return inner_->Head(key);
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    Answer(Begin("PUT", key), bytes.size());
    return inner_->Put(key, bytes);
  }
  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    Answer(Begin("PUT", key), bytes.size());
    return inner_->PutIfAbsent(key, bytes);
  }
  Result<PutOutcome> PutIfAbsentRelaxed(std::string_view key, std::string_view bytes) override {
    Answer(Begin("PUT", key), bytes.size());
    return inner_->PutIfAbsentRelaxed(key, bytes);
  }
  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override;

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    const std::string asked = std::string(folder) + std::string(from_name);
    return Paged<ObjectMeta>(asked, visit,
                             [&](const auto& counted) { return inner_->List(folder, from_name, counted); });
  }
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    return Paged<ObjectMeta>(folder, visit,
                             [&](const auto& counted) { return inner_->ListRecursive(folder, counted); });
  }
  Status ListEntries(std::string_view folder, const EntryVisitor& visit) override {
    return Paged<FolderEntry>(folder, visit, [&](const auto& counted) { return inner_->ListEntries(folder, counted); });
  }

  Status Delete(std::string_view key) override {
    Begin("DELETE", key);
    return inner_->Delete(key);
  }
  std::vector<Status> DeleteMany(const std::vector<std::string>& keys) override {
    for (size_t begin = 0; begin < keys.size(); begin += static_cast<size_t>(options_.delete_batch)) {
      Begin("POST", "?delete");
    }
    return inner_->DeleteMany(keys);
  }

  bool remote() const override { return true; }
  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

  std::vector<StoreRequest> Requests() const override {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  void Clear() override {
    std::lock_guard lock(mutex_);
    requests_.clear();
    cleared_++;
    first_ = answered_;
  }
  void Hold(int64_t quiet_ms) override {
    std::lock_guard lock(mutex_);
    quiet_ = std::chrono::milliseconds(quiet_ms);
  }
  int64_t RoundTrips() const override {
    int64_t last = 0;
    for (const StoreRequest& request : Requests()) last = std::max(last, request.round_trip);
    return last;
  }
  std::string Text() const override {
    std::string text;
    for (const StoreRequest& request : Requests()) {
      text += fmt::format("{:>3}  {:<6} {}{}{}{}\n", request.round_trip, request.method, request.key,
                          request.range.empty() ? "" : " bytes ", request.range,
                          request.bytes > 0 ? fmt::format(" ({} bytes)", request.bytes) : "");
    }
    return text;
  }

  // Writes the request down and holds it; answers its number.
  size_t Begin(std::string method, std::string_view key, std::string range = "") {
    std::unique_lock lock(mutex_);
    requests_.push_back({.method = std::move(method),
                         .key = std::string(key),
                         .range = std::move(range),
                         .round_trip = answered_ - first_ + 1});
    const size_t number = (cleared_ << 32) + requests_.size() - 1;
    if (quiet_.count() > 0) AwaitAnswer(lock);
    return number;
  }
  void Answer(size_t number, size_t bytes) {
    std::lock_guard lock(mutex_);
    if (number >> 32 == cleared_) requests_[number & 0xFFFFFFFF].bytes = static_cast<int64_t>(bytes);
  }
  const RequestLogOptions& options() const { return options_; }

 private:
  Result<std::string> Answered(size_t number, Result<std::string> answer) {
    if (answer.ok()) Answer(number, answer->size());
    return answer;
  }

  // Whoever finds that nothing came for long enough answers for all.
  void AwaitAnswer(std::unique_lock<std::mutex>& lock) {
    const int64_t mine = answered_;
    newest_ = Clock::now();
    while (answered_ == mine) {
      if (Clock::now() < newest_ + quiet_) {
        changed_.wait_until(lock, newest_ + quiet_);
      } else {
        ++answered_;
        changed_.notify_all();
      }
    }
  }

  // A request for each page that the visitor gets to see something of.
  template <class Object, class Visit, class List>
  Status Paged(std::string_view asked, const Visit& visit, const List& list) {
    Begin("LIST", asked);
    int64_t seen = 0;
    return list([&](const Object& object) {
      if (seen > 0 && seen % options_.list_page == 0)
        Begin("LIST", asked, fmt::format("page {}", seen / options_.list_page + 1));
      ++seen;
      return visit(object);
    });
  }

  const RequestLogOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::vector<StoreRequest> requests_;
  size_t cleared_ = 0;
  std::chrono::milliseconds quiet_{0};
  Clock::time_point newest_;  // when the last request came
  int64_t answered_ = 0;      // round trips, ever
  int64_t first_ = 0;         // of them when the log was cleared
};

// Counts as a store that gathers parts does: one PUT when it is small. One thread at a time.
class LoggedWrite : public MultipartWrite {
 public:
  LoggedWrite(std::shared_ptr<RealRequestLog> log, std::string key, std::unique_ptr<MultipartWrite> inner)
      : log_(std::move(log)), key_(std::move(key)), inner_(std::move(inner)) {}

  Status Write(std::string_view bytes) override {
    gathered_ += static_cast<int64_t>(bytes.size());
    while (gathered_ > log_->options().part_bytes) {
      if (parts_++ == 0) log_->Begin("POST", key_, "begin");
      log_->Answer(log_->Begin("PUT", key_, fmt::format("part {}", parts_)),
                   static_cast<size_t>(log_->options().part_bytes));
      gathered_ -= log_->options().part_bytes;
    }
    return inner_->Write(bytes);
  }
  Result<ObjectMeta> Complete() override {
    End();
    return inner_->Complete();
  }
  Result<ObjectMeta> CompleteIfAbsent() override {
    End();
    return inner_->CompleteIfAbsent();
  }
  Status Abort() override { return inner_->Abort(); }

 private:
  void End() {
    log_->Answer(log_->Begin("PUT", key_, parts_ > 0 ? fmt::format("part {}", parts_ + 1) : ""),
                 static_cast<size_t>(gathered_));
    if (parts_ > 0) log_->Begin("POST", key_, "complete");
  }

  const std::shared_ptr<RealRequestLog> log_;
  const std::string key_;
  const std::unique_ptr<MultipartWrite> inner_;
  int64_t gathered_ = 0;
  int64_t parts_ = 0;
};

Result<std::unique_ptr<MultipartWrite>> RealRequestLog::StartMultipart(std::string_view key) {
  auto inner = inner_->StartMultipart(key);
  if (!inner.ok()) return std::move(inner).error();
  return std::unique_ptr<MultipartWrite>(
      new LoggedWrite(shared_from_this(), std::string(key), std::move(inner).value()));
}

}  // namespace

int64_t FewestRoundTrips(RequestLog& log, int64_t most, const std::function<void()>& work) {
  int64_t fewest = 0;
  for (const int64_t quiet_ms : {15, 60, 250, 1'000, 4'000}) {
    log.Clear();
    log.Hold(quiet_ms);
    work();
    fewest = log.RoundTrips();
    if (fewest <= most) break;
  }
  log.Hold(0);
  return fewest;
}

std::shared_ptr<RequestLog> MakeRequestLog(std::shared_ptr<ObjectStore> inner, RequestLogOptions options) {
  return std::make_shared<RealRequestLog>(std::move(inner), options);
}

}  // namespace deltic
