// Owns the choice of what is read together; see the header.
#include "log/log_texts.h"

#include <algorithm>
#include <optional>

#include "base/parallel.h"

namespace deltic {
namespace {

// Requests under way at once: all of a few dozen commits, and of a thousand so many that they take four round trips.
constexpr size_t kThreads = 48;
constexpr size_t kThreadsOfMany = 256;  // connections too: a process has 1,024 files as a rule
constexpr size_t kMany = 256;
constexpr size_t kBatchFiles = 1'024;
constexpr int64_t kBatchBytes = 32 << 20;
// What is kept for who asks again. Beyond it a text lives until it has been read once.
constexpr int64_t kKeptBytes = 16 << 20;

}  // namespace

void LogTexts::Expect(const std::vector<LogFile>& files) {
  if (!store_->remote()) return;
  const std::lock_guard lock(mutex_);
  expected_.clear();  // who is told anew what comes has gone another way
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    if (!kept_.contains(file->key)) expected_.push_back(*file);
  }
}

Result<LogFileText> LogTexts::Read(const LogFile& file) {
  if (!store_->remote()) return LogFileText::Read(*store_, file);
  DELTIC_TRY(std::string text, ReadText(file));
  return LogFileText::Make(file.key, std::move(text));
}

Result<std::string> LogTexts::ReadText(const LogFile& file) {
  if (!store_->remote()) return store_->Get(file.key);
  const std::lock_guard lock(mutex_);
  const auto kept = kept_.find(file.key);
  if (kept == kept_.end()) return ReadBatch(TakeBatch(file));
  if (kept_bytes_ <= kKeptBytes) return kept->second;
  std::string text = std::move(kept->second);
  kept_.erase(kept);
  kept_bytes_ -= static_cast<int64_t>(text.size());
  return text;
}

// `first` and what is expected after it, within bounds.
std::vector<LogFile> LogTexts::TakeBatch(const LogFile& first) {
  std::vector<LogFile> batch{first};
  int64_t bytes = first.size_bytes + kept_bytes_;
  while (!expected_.empty() && batch.size() < kBatchFiles) {
    const LogFile& next = expected_.back();
    if (next.key != first.key) {
      if (bytes + next.size_bytes > kBatchBytes) break;
      bytes += next.size_bytes;
      batch.push_back(next);
    }
    expected_.pop_back();
  }
  return batch;
}

// Answers the first one's text and keeps the others'. What of those cannot be read is read again, alone, when it is
// asked for: its failure is of interest only then.
Result<std::string> LogTexts::ReadBatch(const std::vector<LogFile>& batch) {
  std::vector<std::optional<Result<std::string>>> texts(batch.size());
  (void)ForEachParallel(batch.size(), batch.size() < kMany ? kThreads : kThreadsOfMany, [&](size_t i) -> Status {
    texts[i] = store_->Get(batch[i].key);
    return {};
  });
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!texts[i]->ok()) continue;
    const auto size = static_cast<int64_t>((*texts[i])->size());
    if (i == 0 && kept_bytes_ + size > kKeptBytes) continue;
    const auto [place, is_new] = kept_.emplace(batch[i].key, **texts[i]);
    if (is_new) kept_bytes_ += size;
  }
  return *std::move(texts[0]);
}

}  // namespace deltic
