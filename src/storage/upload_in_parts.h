// Owns what uploads in parts have in common: the bytes that are not sent yet, and whether the write goes on. Sends
// nothing: whoever owns the upload says how large a part is, and sends it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "deltic/result.h"

namespace deltic {

// One thread at a time.
class UploadInParts {
 public:
  // The key is for messages.
  explicit UploadInParts(std::string key) : key_(std::move(key)) {}

  const std::string& unsent() const { return unsent_; }
  int64_t size_bytes() const { return size_bytes_; }  // of everything that was added
  bool ended() const { return ended_; }

  // Calls `send` whenever `part_bytes` are there, with unsent() as the part; it calls Sent. After its error the write
  // has failed.
  template <class PartBytes, class SendPart>
  Status Add(std::string_view bytes, const PartBytes& part_bytes, const SendPart& send) {
    DELTIC_CHECK(CheckOpen("writing"));
    size_bytes_ += static_cast<int64_t>(bytes.size());
    while (!bytes.empty()) {
      const auto part = static_cast<size_t>(part_bytes());
      const size_t room = std::min(part - unsent_.size(), bytes.size());
      unsent_.append(bytes.substr(0, room));
      bytes.remove_prefix(room);
      if (unsent_.size() < part) continue;
      if (Status status = send(); !status.ok()) {
        failed_ = true;
        return status;
      }
    }
    return {};
  }

  void Sent() { unsent_.clear(); }
  void Fail() { failed_ = true; }
  // Complete, or given up.
  void End() {
    ended_ = true;
    unsent_.clear();
  }

  // InvalidArgument for a write that has ended or failed; `doing` is "writing" or "completing".
  Status CheckOpen(std::string_view doing) const {
    if (!ended_ && !failed_) return {};
    return InvalidArgument("{} {}: the write has ended or failed before", doing, key_);
  }
  // A write that failed may be given up.
  Status CheckNotEnded() const {
    if (!ended_) return {};
    return InvalidArgument("giving up {}: the write has ended before", key_);
  }

 private:
  const std::string key_;
  std::string unsent_;
  int64_t size_bytes_ = 0;
  bool failed_ = false;
  bool ended_ = false;
};

}  // namespace deltic
