// Owns the store in this process's memory, for tests. Behaves as an object store does: folders are only parts of keys.
#include "storage/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/error.h"
#include "storage/key_prefix.h"

namespace deltic {
namespace {

struct StoredObject {
  std::shared_ptr<const std::string> bytes;  // shared, so that readers copy it outside the lock
  int64_t modified_ms = 0;
};

// Safe to share among threads: one lock, never held while a visitor runs.
class MemoryStore : public ObjectStore {
 public:
  MemoryStore(const std::string& name, Env env) : uri_("memory://" + name + "/"), env_(std::move(env)) {}

  const std::string& uri() const override { return uri_; }

  Result<std::string> Get(std::string_view key) override {
    DELTIC_TRY(const StoredObject object, Find(key));
    return *object.bytes;
  }

  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_TRY(const StoredObject object, Find(key));
    if (range.offset < 0 || range.length < 0) {
      return InvalidArgument("reading {}{}: a range of {} bytes from {}", uri_, key, range.length, range.offset);
    }
    const auto size = static_cast<int64_t>(object.bytes->size());
    if (range.offset > size || range.length > size - range.offset) {
      return Corrupt("reading {}{}: wanted {} bytes from byte {}, but the object has {} bytes", uri_, key, range.length,
                     range.offset, size);
    }
    return object.bytes->substr(static_cast<size_t>(range.offset), static_cast<size_t>(range.length));
  }

  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_TRY(const StoredObject object, Find(key));
    return Meta(std::string(key), object);
  }
  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    DELTIC_TRY(const StoredObject object, Find(key));
    ObjectMeta meta = Meta(std::string(key), object);
    const int64_t from = std::max<int64_t>(0, meta.size_bytes - std::max<int64_t>(0, tail.length));
    return ObjectTail{.meta = std::move(meta), .bytes = object.bytes->substr(static_cast<size_t>(from))};
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    StoredObject object = MakeObject(bytes);
    std::lock_guard lock(mutex_);
    objects_.insert_or_assign(std::string(key), std::move(object));
    return {};
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    StoredObject object = MakeObject(bytes);
    std::lock_guard lock(mutex_);
    return objects_.try_emplace(std::string(key), std::move(object)).second ? PutOutcome::kWritten
                                                                            : PutOutcome::kExists;
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override;

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    std::vector<ObjectMeta> found;
    {
      std::lock_guard lock(mutex_);
      auto it = objects_.lower_bound(std::string(folder) + std::string(from_name));
      while (it != objects_.end() && it->first.starts_with(folder)) {
        const size_t slash = it->first.find('/', folder.size());
        if (slash == std::string::npos) {
          found.push_back(Meta(it->first, it->second));
          ++it;
        } else {
          it = objects_.lower_bound(it->first.substr(0, slash) + static_cast<char>('/' + 1));  // past that folder
        }
      }
    }
    return Visit(found, visit);
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    std::vector<ObjectMeta> found;
    {
      std::lock_guard lock(mutex_);
      for (auto it = objects_.lower_bound(folder); it != objects_.end() && it->first.starts_with(folder); ++it) {
        found.push_back(Meta(it->first, it->second));
      }
    }
    return Visit(found, visit);
  }

  // As a cloud store tells it: folders are what keys have in common.
  Status ListEntries(std::string_view folder, const EntryVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    std::vector<FolderEntry> found;
    {
      std::lock_guard lock(mutex_);
      auto it = objects_.lower_bound(folder);
      while (it != objects_.end() && it->first.starts_with(folder)) {
        const size_t slash = it->first.find('/', folder.size());
        if (slash == std::string::npos) {
          found.push_back({.key = it->first, .meta = Meta(it->first, it->second)});
          ++it;
        } else {
          found.push_back({.key = it->first.substr(0, slash + 1), .meta = {}});
          it = objects_.lower_bound(it->first.substr(0, slash) + static_cast<char>('/' + 1));  // past that folder
        }
      }
    }
    for (const FolderEntry& entry : found) {
      if (!visit(entry)) break;
    }
    return {};
  }

  Status Delete(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    std::lock_guard lock(mutex_);
    const auto it = objects_.find(key);
    if (it != objects_.end()) objects_.erase(it);
    return {};
  }

  bool remote() const override { return false; }
  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

 private:
  StoredObject MakeObject(std::string_view bytes) const {
    return {.bytes = std::make_shared<const std::string>(bytes), .modified_ms = env_.now_ms()};
  }
  static ObjectMeta Meta(std::string key, const StoredObject& object) {
    return {.key = std::move(key),
            .size_bytes = static_cast<int64_t>(object.bytes->size()),
            .modified_ms = object.modified_ms};
  }
  static Status Visit(const std::vector<ObjectMeta>& found, const ListVisitor& visit) {
    for (const ObjectMeta& meta : found) {
      if (!visit(meta)) break;
    }
    return {};
  }
  Result<StoredObject> Find(std::string_view key) {
    DELTIC_CHECK(CheckKey(key));
    std::lock_guard lock(mutex_);
    const auto it = objects_.find(key);
    if (it == objects_.end()) return NotFound("{}{} does not exist", uri_, key);
    return it->second;
  }

  std::string uri_;
  Env env_;
  std::mutex mutex_;
  std::map<std::string, StoredObject, std::less<>> objects_;  // guarded by mutex_
};

// Gathers the pieces and puts them in one step. The store must outlive it.
class MemoryMultipartWrite : public MultipartWrite {
 public:
  MemoryMultipartWrite(MemoryStore& store, std::string key) : store_(store), key_(std::move(key)) {}
  Status Write(std::string_view bytes) override {
    if (ended_) return InvalidArgument("writing {}: the write has ended before", key_);
    bytes_.append(bytes);
    return {};
  }
  Result<ObjectMeta> Complete() override {
    if (ended_) return InvalidArgument("completing {}: the write has ended before", key_);
    ended_ = true;
    done_ = true;
    DELTIC_CHECK(store_.Put(key_, bytes_));
    return store_.Head(key_);
  }
  Result<ObjectMeta> CompleteIfAbsent() override {
    if (ended_) return InvalidArgument("completing {}: the write has ended before", key_);
    ended_ = true;
    DELTIC_TRY(const PutOutcome outcome, store_.PutIfAbsent(key_, bytes_));
    if (outcome == PutOutcome::kExists) return AlreadyExists("{} is there already", key_);
    done_ = true;
    return store_.Head(key_);
  }
  Status Abort() override {
    if (done_) return InvalidArgument("aborting {}: the write is complete", key_);
    ended_ = true;
    return {};
  }

 private:
  MemoryStore& store_;
  std::string key_;
  std::string bytes_;
  bool ended_ = false;
  bool done_ = false;
};

Result<std::unique_ptr<MultipartWrite>> MemoryStore::StartMultipart(std::string_view key) {
  DELTIC_CHECK(CheckKey(key));
  return std::unique_ptr<MultipartWrite>(new MemoryMultipartWrite(*this, std::string(key)));
}

}  // namespace

std::shared_ptr<ObjectStore> MakeMemoryStore(const std::string& name, Env env) {
  return std::make_shared<MemoryStore>(name, std::move(env));
}

std::shared_ptr<ObjectStore> MakeMemoryStore(const std::string& name) { return MakeMemoryStore(name, RealEnv()); }

}  // namespace deltic
