// Owns the store on the local file system. The file-system calls themselves are in storage/local_file.h.
//
// Files are written under a temporary name in their own folder, made durable, and then given their name in one step, so
// that no reader meets half a file. A crash can leave such a temporary file behind: no listing shows it and nothing
// reads it. Leftovers are not cleaned up here: a file of another process may still be in the making.
// Protocol: "Delta Log Entries" (mutual exclusion of writers).
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/env.h"
#include "base/error.h"
#include "base/url.h"
#include "storage/key_prefix.h"
#include "storage/local_file.h"
#include "storage/object_store.h"

namespace deltic {
namespace {

std::string_view LastSegment(std::string_view key) { return key.substr(key.rfind('/') + 1); }

// An open folder that closes itself. One thread at a time.
class Folder {
 public:
  explicit Folder(DIR* dir) : dir_(dir) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { closedir(dir_); }
  int fd() const { return dirfd(dir_); }
  // The next entry but "." and ".."; null at the end or, with errno set, at a failure.
  const dirent* Next() {
    while (true) {
      errno = 0;
      const dirent* entry = readdir(dir_);
      if (entry == nullptr) return nullptr;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") return entry;
    }
  }

 private:
  DIR* dir_;
};

// Null when there is no such folder.
Result<std::unique_ptr<Folder>> OpenFolder(const std::string& path) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::unique_ptr<Folder>();
  if (!fd && errno == ENOTDIR) return InvalidArgument("listing {}: it is a file, not a folder", path);
  if (!fd) return FileError(errno, "listing", path);
  DIR* dir = fdopendir(fd.get());
  if (dir == nullptr) return FileError(errno, "listing", path);
  fd.release();
  return std::make_unique<Folder>(dir);
}

// Large file, small file, crashed write: each is a TempFile that took its path or removed itself.
class LocalMultipartWrite : public MultipartWrite {
 public:
  LocalMultipartWrite(std::string key, TempFile file) : key_(std::move(key)), file_(std::move(file)) {}

  Status Write(std::string_view bytes) override {
    if (state_ != State::kOpen) return InvalidArgument("writing {}: the write has ended or failed before", key_);
    Status status = file_.Write(bytes);
    if (!status.ok()) state_ = State::kFailed;
    return status;
  }

  Result<ObjectMeta> Complete() override {
    if (state_ != State::kOpen) return InvalidArgument("completing {}: the write has ended or failed before", key_);
    state_ = State::kFailed;
    DELTIC_TRY(const struct stat state, file_.Replace());
    state_ = State::kDone;
    return ObjectMeta{.key = key_, .size_bytes = state.st_size, .modified_ms = ModifiedMs(state)};
  }

  Result<ObjectMeta> CompleteIfAbsent() override {
    if (state_ != State::kOpen) return InvalidArgument("completing {}: the write has ended or failed before", key_);
    state_ = State::kFailed;
    DELTIC_TRY(const struct stat state, file_.State());
    DELTIC_TRY(const PutOutcome outcome, file_.TakeIfFree());
    if (outcome == PutOutcome::kExists) {
      file_.Remove();
      return AlreadyExists("{} is there already", key_);
    }
    state_ = State::kDone;
    return ObjectMeta{.key = key_, .size_bytes = state.st_size, .modified_ms = ModifiedMs(state)};
  }

  Status Abort() override {
    if (state_ == State::kDone) return InvalidArgument("aborting {}: the write is complete", key_);
    state_ = State::kFailed;
    file_.Remove();
    return {};
  }

 private:
  enum class State { kOpen, kDone, kFailed };
  std::string key_;
  TempFile file_;
  State state_ = State::kOpen;
};

// Holds no state but the root: safe to share among threads and processes.
class LocalStore : public ObjectStore {
 public:
  explicit LocalStore(std::string root)
      : root_(std::move(root)), uri_("file://" + PercentEncode(root_) + "/"), env_(RealEnv()) {}

  const std::string& uri() const override { return uri_; }

  Result<std::string> Get(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    const std::string path = Path(key);
    DELTIC_TRY(const OpenFile file, OpenForReading(path));
    return ReadWhole(file, path);
  }

  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_CHECK(CheckKey(key));
    const std::string path = Path(key);
    DELTIC_TRY(const OpenFile file, OpenForReading(path));
    return ReadRange(file, path, range);
  }

  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    const std::string path = Path(key);
    struct stat state = {};
    if (stat(path.c_str(), &state) != 0) return FileError(errno, "looking for", path);
    if (!S_ISREG(state.st_mode)) return NotFound("looking for {}: not a regular file", path);
    return ObjectMeta{.key = std::string(key), .size_bytes = state.st_size, .modified_ms = ModifiedMs(state)};
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKeyToWrite(key));
    DELTIC_TRY(TempFile file, TempFile::Create(Path(key), env_));
    DELTIC_CHECK(file.Write(bytes));
    auto state = file.Replace();
    if (!state.ok()) return std::move(state).error();
    return {};
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKeyToWrite(key));
    const std::string path = Path(key);
    // Only to lose a race cheaply: whether we win it, the link decides.
    if (faccessat(AT_FDCWD, path.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return PutOutcome::kExists;
    DELTIC_TRY(TempFile file, TempFile::Create(path, env_));
    DELTIC_CHECK(file.Write(bytes));
    return file.TakeIfFree();
  }

  Result<PutOutcome> PutIfAbsentRelaxed(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKeyToWrite(key));
    DELTIC_TRY(TempFile file, TempFile::Create(Path(key), env_));
    DELTIC_CHECK(file.Write(bytes));
    return file.TakeIfFreeRelaxed();
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(CheckKeyToWrite(key));
    DELTIC_TRY(TempFile file, TempFile::Create(Path(key), env_));
    return std::unique_ptr<MultipartWrite>(new LocalMultipartWrite(std::string(key), std::move(file)));
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    return ListNamed(folder, visit,
                     [&](std::string_view name) { return name >= from_name && !name.starts_with(kTempPrefix); });
  }

  Status ListLeftovers(std::string_view folder, const ListVisitor& visit) override {
    return ListNamed(folder, visit, [](std::string_view name) { return name.starts_with(kTempPrefix); });
  }

  template <class Wanted>
  Status ListNamed(std::string_view folder, const ListVisitor& visit, const Wanted& wanted) {
    DELTIC_CHECK(CheckFolder(folder));
    const std::string path = FolderPath(folder);
    DELTIC_TRY(const auto open_folder, OpenFolder(path));
    if (open_folder == nullptr) return {};
    std::vector<std::string> names;
    while (const dirent* entry = open_folder->Next()) {
      const std::string_view name = entry->d_name;
      const bool may_be_file = entry->d_type == DT_REG || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
      if (may_be_file && wanted(name)) names.emplace_back(name);
    }
    if (errno != 0) return FileError(errno, "listing", path);
    std::sort(names.begin(), names.end());
    // Asked one by one as the visitor goes on: a listing that ends early asks no more than it shows.
    for (const std::string& name : names) {
      struct stat state = {};
      if (fstatat(open_folder->fd(), name.c_str(), &state, 0) != 0) {
        if (errno == ENOENT || errno == ELOOP) continue;  // deleted meanwhile, or a link to nothing
        return FileError(errno, "looking for", path + "/" + name);
      }
      if (!S_ISREG(state.st_mode)) continue;
      if (!visit(Meta(std::string(folder) + name, state))) return {};
    }
    return {};
  }

  // Does not enter folders through symbolic links: they may lead in circles, and what lies behind one belongs to
  // somebody else when a vacuum looks for files to delete.
  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    std::vector<std::string> folders{std::string(folder)};
    while (!folders.empty()) {
      const std::string current = std::move(folders.back());
      folders.pop_back();
      const std::string path = FolderPath(current);
      DELTIC_TRY(const auto open_folder, OpenFolder(path));
      if (open_folder == nullptr) continue;
      while (const dirent* entry = open_folder->Next()) {
        const std::string name = entry->d_name;
        if (entry->d_type == DT_DIR) {
          folders.push_back(current + name + "/");
          continue;
        }
        if (name.starts_with(kTempPrefix)) continue;
        struct stat state = {};
        if (fstatat(open_folder->fd(), name.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) {
          if (errno == ENOENT) continue;
          return FileError(errno, "looking for", path + "/" + name);
        }
        if (S_ISDIR(state.st_mode)) {  // a file system that does not tell types while it lists
          folders.push_back(current + name + "/");
          continue;
        }
        if (S_ISLNK(state.st_mode) && fstatat(open_folder->fd(), name.c_str(), &state, 0) != 0) continue;
        if (!S_ISREG(state.st_mode)) continue;
        if (!visit(Meta(current + name, state))) return {};
      }
      if (errno != 0) return FileError(errno, "listing", path);
    }
    return {};
  }

  Status ListEntries(std::string_view folder, const EntryVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    const std::string path = FolderPath(folder);
    DELTIC_TRY(const auto open_folder, OpenFolder(path));
    if (open_folder == nullptr) return {};
    while (const dirent* entry = open_folder->Next()) {
      FolderEntry shown{.key = std::string(folder) + entry->d_name, .meta = {}};
      unsigned char type = entry->d_type;
      struct stat state = {};
      if (type != DT_DIR && type != DT_REG) {
        if (fstatat(open_folder->fd(), entry->d_name, &state, AT_SYMLINK_NOFOLLOW) != 0) {
          if (errno == ENOENT) continue;
          return FileError(errno, "looking for", path + "/" + entry->d_name);
        }
        type = S_ISDIR(state.st_mode) ? DT_DIR : S_ISREG(state.st_mode) ? DT_REG : DT_LNK;
      }
      if (type == DT_DIR) {
        shown.key += '/';
      } else if (type == DT_LNK) {
        // A link to a file is as young as the younger of the two. Pipes, devices and links to folders are no entries.
        struct stat target = {};
        if (fstatat(open_folder->fd(), entry->d_name, &target, 0) != 0 || !S_ISREG(target.st_mode)) continue;
        shown.meta = Meta(shown.key, target);
        shown.meta->modified_ms = std::max(shown.meta->modified_ms, ModifiedMs(state));
      }
      if (!visit(shown)) return {};
    }
    if (errno != 0) return FileError(errno, "listing", path);
    return {};
  }

  Result<bool> DeleteEmptyFolder(std::string_view folder) override {
    DELTIC_CHECK(CheckFolder(folder));
    if (folder.empty()) return InvalidArgument("the root of a store is no folder to delete");
    const std::string path = FolderPath(folder);
    if (rmdir(path.c_str()) == 0) return true;
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT || errno == ENOTDIR || errno == EBUSY) return false;
    return FileError(errno, "deleting the empty folder", path);
  }

  Status Delete(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    const std::string path = Path(key);
    if (unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return {};
    if (errno == EISDIR) return InvalidArgument("deleting {}: it is a folder, not a file", path);
    return FileError(errno, "deleting", path);
  }

  // Names in an open folder: the way to it is gone once for all of its files that come one after another.
  std::vector<Status> DeleteMany(const std::vector<std::string>& keys) override {
    std::vector<Status> outcomes;
    outcomes.reserve(keys.size());
    std::optional<std::string_view> open_folder;
    FileDescriptor folder;
    for (const std::string& key : keys) {
      const std::string_view name = LastSegment(key);
      const std::string_view above = std::string_view(key).substr(0, key.size() - name.size());
      if (!CheckKey(key).ok()) {
        outcomes.push_back(CheckKey(key));
        continue;
      }
      if (above != open_folder) {
        folder = FileDescriptor(open(FolderPath(above).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        open_folder = above;
      }
      const bool done = folder && (unlinkat(folder.get(), key.c_str() + above.size(), 0) == 0 || errno == ENOENT);
      outcomes.push_back(done ? Status() : Delete(key));  // which says why
    }
    return outcomes;
  }

  bool remote() const override { return false; }
  std::optional<std::string> LocalPath(std::string_view key) const override {
    if (!CheckKey(key).ok()) return std::nullopt;
    return Path(key);
  }

 private:
  std::string Path(std::string_view key) const {
    std::string path;
    path.reserve(root_.size() + 1 + key.size());
    return path.append(root_).append("/").append(key);
  }
  // Without the '/' at the end, unless it is all there is.
  std::string FolderPath(std::string_view folder) const {
    if (folder.empty()) return root_.empty() ? "/" : root_;
    return Path(folder.substr(0, folder.size() - 1));
  }
  static ObjectMeta Meta(std::string key, const struct stat& state) {
    return {.key = std::move(key), .size_bytes = state.st_size, .modified_ms = ModifiedMs(state)};
  }
  static Status CheckKeyToWrite(std::string_view key) {
    DELTIC_CHECK(CheckKey(key));
    if (LastSegment(key).starts_with(kTempPrefix)) {
      return InvalidArgument("key '{}': names that begin with '{}' are kept for files in the making", key, kTempPrefix);
    }
    return {};
  }

  std::string root_;
  std::string uri_;
  Env env_;
};

}  // namespace

std::shared_ptr<ObjectStore> MakeLocalStore(std::string root) {
  while (root.ends_with('/')) root.pop_back();
  return std::make_shared<LocalStore>(std::move(root));
}

}  // namespace deltic
