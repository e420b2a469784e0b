// Owns the handles by which SQL text names C++ objects: deltic_scan('7') reads the ScanSpec registered as 7.
// Does not keep anything alive longer than its Handle.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace deltic {

// Thread-safe.
template <class T>
class Registry {
 public:
  static Registry& Get() {
    static Registry* registry = new Registry;  // never destroyed: DuckDB's threads may still look things up at exit
    return *registry;
  }
  std::string Add(std::shared_ptr<T> value) {
    std::lock_guard lock(mutex_);
    auto name = std::to_string(++last_);
    values_[name] = std::move(value);
    return name;
  }
  void Remove(const std::string& name) {
    std::lock_guard lock(mutex_);
    values_.erase(name);
  }
  // Null when there is no such handle (any more).
  std::shared_ptr<T> Find(const std::string& name) {
    std::lock_guard lock(mutex_);
    auto found = values_.find(name);
    return found == values_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  uint64_t last_ = 0;
  std::unordered_map<std::string, std::shared_ptr<T>> values_;
};

// Registers a value for as long as the handle lives.
template <class T>
class Handle {
 public:
  explicit Handle(std::shared_ptr<T> value) : name_(Registry<T>::Get().Add(std::move(value))) {}
  ~Handle() {
    if (!name_.empty()) Registry<T>::Get().Remove(name_);
  }
  Handle(Handle&& other) noexcept : name_(std::exchange(other.name_, {})) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(name_, other.name_);
    return *this;
  }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace deltic
