// Owns the question whether a store keeps its word about conditional puts: a few writers put one small object at the
// same time, and not more than one may succeed. A server that does not know the condition, or that looks first and
// writes later, would let two writers commit one version: the one thing that a table cannot survive.
// One put after the other would not tell: S3Mock refuses the second of those, and of two at the same time it takes both
// (17 of 20 times; tests/stores asks it). Two rounds of four find that out nearly always, and take as long as two
// requests.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "deltic/result.h"
#include "storage/object_store.h"

namespace deltic {

// The stores that kept their word: nobody asks a second time in one process. Thread-safe.
class ProvenStores {
 public:
  bool Has(const std::string& base_url) const {
    std::lock_guard lock(mutex_);
    return stores_.contains(base_url);
  }
  void Add(const std::string& base_url) {
    std::lock_guard lock(mutex_);
    stores_.insert(base_url);
  }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> stores_;
};

struct ConditionalProbe {
  std::function<std::string()> make_key;  // a new one each time
  std::function<Result<PutOutcome>(const std::string& key, std::string_view bytes)> put_if_absent;
  std::function<void(const std::string& key)> remove;
  std::string uri;  // for messages
};

// Unsupported when more than one of the puts of one key succeeded; Unavailable when too few of the answers arrived;
// errors are those of put_if_absent. Leaves no object behind.
Status CheckConditionalPuts(const ConditionalProbe& probe);

}  // namespace deltic
