// Owns the file-system calls that the local store is made of: descriptors that close themselves, temporary files that
// remove themselves, durable folders, and the reading of errno. Knows no keys and no store.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/env.h"
#include "deltic/result.h"
#include "storage/object_store.h"

namespace deltic {

// The beginning of every temporary file's name. The dot hides them from Hadoop's listings, ours skip them by this name.
inline constexpr std::string_view kTempPrefix = ".deltic-";

// What a caller can do about an errno value, with what was being done and the path in the message.
Error FileError(int error_number, std::string_view doing, std::string_view path);

// Closes itself. One thread at a time.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// An open regular file and its state when it was opened.
struct OpenFile {
  FileDescriptor fd;
  struct stat state = {};
};
// For reading, through symbolic links. NotFound for a folder, a pipe or a device: they are no objects.
Result<OpenFile> OpenForReading(const std::string& path);
// From the beginning to the end that the file has while it is read.
Result<std::string> ReadWhole(const OpenFile& file, const std::string& path);
// Exactly the range. Corrupt when the file is shorter; asks the size before it makes room.
Result<std::string> ReadRange(const OpenFile& file, const std::string& path, ByteRange range);

int64_t ModifiedMs(const struct stat& state);

// Makes `folder` and the folders above it where they are missing, each of them durable.
Status MakeFolders(const std::string& folder);
// Makes the names in a folder durable. File systems that cannot do that on request are taken at their word.
Status SyncFolder(const std::string& folder);
std::string FolderOf(const std::string& path);

// A file beside `path`, under a name that nobody lists, that can take the place of `path` in one step. Removes itself
// unless it did. One thread at a time.
class TempFile {
 public:
  static Result<TempFile> Create(const std::string& path, const Env& env);
  TempFile(TempFile&& other) noexcept;
  TempFile& operator=(TempFile&&) = delete;
  ~TempFile();

  Status Write(std::string_view bytes);
  // Takes the place of whatever is at the path; durable when it answers ok.
  Result<struct stat> Replace();
  // Takes the path only if nothing is there; durable when it answers kWritten. kUnknown: it is there, but the folder
  // could not be made durable.
  Result<PutOutcome> TakeIfFree();
  // Likewise without waiting for the disk: after a power failure it may be gone or empty.
  Result<PutOutcome> TakeIfFreeRelaxed();
  // Its size and time now.
  Result<struct stat> State() const;
  void Remove();

 private:
  TempFile(std::string path, std::string temp_path, FileDescriptor fd)
      : path_(std::move(path)), temp_path_(std::move(temp_path)), fd_(std::move(fd)) {}
  Status Sync();
  Result<bool> LinkIfFree();
  Result<bool> MoveIfFree();

  std::string path_;
  std::string temp_path_;  // empty when there is nothing left to remove
  FileDescriptor fd_;
};

}  // namespace deltic
