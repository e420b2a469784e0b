// Owns a commit table in this process's memory, for tests. Not part of the library.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/error.h"
#include "s3/commit_table.h"

namespace deltic {

// Keeps entries as DynamoDB does. Fails as a test says.
class MemoryTable : public CommitTable {
 public:
  static constexpr const char* kUrl = "s3://b/t";

  Result<std::optional<CommitEntry>> Find(const std::string& table, const std::string& file_name) override {
    std::lock_guard lock(mutex_);
    if (down) return Unavailable("DynamoDB is down");
    const auto found = entries_.find({table, file_name});
    if (found == entries_.end()) return std::optional<CommitEntry>();
    return std::optional(found->second);
  }
  Result<std::optional<CommitEntry>> Newest(const std::string& table) override {
    std::lock_guard lock(mutex_);
    if (down) return Unavailable("DynamoDB is down");
    std::optional<CommitEntry> newest;
    for (const auto& [key, entry] : entries_) {
      if (key.first == table) newest = entry;
    }
    return newest;
  }
  Result<PutOutcome> Claim(const std::string& table, const CommitEntry& entry) override {
    std::lock_guard lock(mutex_);
    if (down) return Unavailable("DynamoDB is down");
    const bool first = entries_.insert({{table, entry.file_name}, entry}).second;
    if (send_twice) return PutOutcome::kExists;  // the second one met the first
    if (lose_claims > 0) {
      --lose_claims;
      return PutOutcome::kUnknown;
    }
    return first ? PutOutcome::kWritten : PutOutcome::kExists;
  }
  Status Complete(const std::string& table, const CommitEntry& entry, int64_t expire_s) override {
    std::lock_guard lock(mutex_);
    if (read_only) return PermissionDenied("not allowed to write");
    if (dies_before_complete) return Unavailable("the process died");
    auto& known = entries_[{table, entry.file_name}];
    if (known.temp_path == entry.temp_path) known.complete = true;
    last_expire_s = expire_s;
    return {};
  }

  CommitEntry Of(const std::string& file_name, const std::string& table = kUrl) {
    std::lock_guard lock(mutex_);
    return entries_[{table, file_name}];
  }
  void Add(const CommitEntry& entry, const std::string& table = kUrl) {
    std::lock_guard lock(mutex_);
    entries_[{table, entry.file_name}] = entry;
  }
  bool Empty() {
    std::lock_guard lock(mutex_);
    return entries_.empty();
  }

  bool down = false;
  bool read_only = false;
  bool dies_before_complete = false;
  bool send_twice = false;
  int lose_claims = 0;
  int64_t last_expire_s = 0;

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, CommitEntry> entries_;
};

}  // namespace deltic
