// Owns the file-system calls of the local store.
#include "storage/local_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/error.h"
#include "base/uuid.h"

namespace deltic {
namespace {

// Repeats a call that a signal interrupted.
template <class Call>
auto Uninterrupted(Call call) {
  decltype(call()) answer;
  do {
    answer = call();
  } while (answer < 0 && errno == EINTR);
  return answer;
}

Code CodeOfErrno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermissionDenied;
    case EEXIST:
      return Code::kAlreadyExists;
    case EISDIR:
    case EINVAL:
    case ELOOP:
    case ENAMETOOLONG:
    case EILSEQ:
      return Code::kInvalidArgument;
    default:
      // ENOSPC, EDQUOT, EIO, ESTALE, EMFILE, ENFILE, ENOMEM, ETIMEDOUT ...: the same call may work later.
      return Code::kUnavailable;
  }
}

// Some file systems (FUSE, network ones) answer these to fsync of a folder: they give no way to ask.
bool CannotSyncFolders(int error_number) {
  return error_number == EINVAL || error_number == ENOTSUP || error_number == ENOSYS || error_number == EROFS ||
         error_number == EBADF;
}

// FAT, some FUSE and some network file systems have no hard links.
bool CannotLink(int error_number) {
  return error_number == EPERM || error_number == ENOTSUP || error_number == EOPNOTSUPP || error_number == ENOSYS ||
         error_number == EMLINK || error_number == EINVAL || error_number == EXDEV;
}

}  // namespace

Error FileError(int error_number, std::string_view doing, std::string_view path) {
  return Error(CodeOfErrno(error_number),
               fmt::format("{} {}: {}", doing, path, std::generic_category().message(error_number)));
}

FileDescriptor::~FileDescriptor() {
  if (fd_ >= 0) close(fd_);
}

Result<OpenFile> OpenForReading(const std::string& path) {
  OpenFile file;
  // O_NONBLOCK: a pipe must not keep us waiting. It means nothing to regular files.
  file.fd =
      FileDescriptor(Uninterrupted([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); }));
  if (!file.fd) {
    if (errno == ENXIO) return NotFound("opening {}: not a regular file", path);  // a socket
    return FileError(errno, "opening", path);
  }
  if (fstat(file.fd.get(), &file.state) != 0) return FileError(errno, "asking the size of", path);
  if (S_ISDIR(file.state.st_mode)) return NotFound("opening {}: it is a folder, not a file", path);
  if (!S_ISREG(file.state.st_mode)) return NotFound("opening {}: not a regular file", path);
  return file;
}

Result<std::string> ReadWhole(const OpenFile& file, const std::string& path) {
  // One byte more than the size: a first answer that leaves it free has met the end, without a second call.
  std::string bytes(static_cast<size_t>(file.state.st_size) + 1, '\0');
  size_t filled = 0;
  while (true) {
    const ssize_t count =
        Uninterrupted([&] { return read(file.fd.get(), bytes.data() + filled, bytes.size() - filled); });
    if (count < 0) return FileError(errno, "reading", path);
    filled += static_cast<size_t>(count);
    // Less than asked for is the end of a regular file, but for its largest reads, which come in parts of 2 GB.
    const bool at_end = count == 0 || (filled == static_cast<size_t>(file.state.st_size) && filled < bytes.size());
    if (at_end) break;
    if (filled == bytes.size()) bytes.resize(bytes.size() * 2 + 4096);  // somebody appends to it
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::string> ReadRange(const OpenFile& file, const std::string& path, ByteRange range) {
  if (range.offset < 0 || range.length < 0) {
    return InvalidArgument("reading {}: a range of {} bytes from {}", path, range.length, range.offset);
  }
  const auto too_short = [&](int64_t size) {
    return Corrupt("reading {}: wanted {} bytes from byte {}, but the file has {} bytes", path, range.length,
                   range.offset, size);
  };
  const int64_t size = file.state.st_size;
  if (range.offset > size || range.length > size - range.offset) return too_short(size);
  std::string bytes(static_cast<size_t>(range.length), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = Uninterrupted([&] {
      return pread(file.fd.get(), bytes.data() + filled, bytes.size() - filled,
                   static_cast<off_t>(range.offset + static_cast<int64_t>(filled)));
    });
    if (count < 0) return FileError(errno, "reading", path);
    if (count == 0) return too_short(range.offset + static_cast<int64_t>(filled));  // cut while we read
    filled += static_cast<size_t>(count);
  }
  return bytes;
}

int64_t ModifiedMs(const struct stat& state) {
  return static_cast<int64_t>(state.st_mtim.tv_sec) * 1'000 + state.st_mtim.tv_nsec / 1'000'000;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

Status MakeFolders(const std::string& folder) {
  if (mkdir(folder.c_str(), 0777) == 0) return SyncFolder(FolderOf(folder));
  const int error = errno;
  if (error == EEXIST) {
    struct stat state = {};
    if (stat(folder.c_str(), &state) == 0 && S_ISDIR(state.st_mode)) return {};
    return InvalidArgument("making folder {}: a file is in its place", folder);
  }
  if (error == EROFS || error == EACCES || error == EPERM) {
    // Some systems refuse before they look: a folder that is there is enough.
    struct stat state = {};
    if (stat(folder.c_str(), &state) == 0 && S_ISDIR(state.st_mode)) return {};
  }
  if (error != ENOENT || folder == "/") return FileError(error, "making folder", folder);
  DELTIC_CHECK(MakeFolders(FolderOf(folder)));
  if (mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) return FileError(errno, "making folder", folder);
  return SyncFolder(FolderOf(folder));
}

Status SyncFolder(const std::string& folder) {
  FileDescriptor fd(Uninterrupted([&] { return open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!fd) {
    // A folder that one may write to but not list cannot be opened for this either.
    if (errno == EACCES) return {};
    return FileError(errno, "opening folder", folder);
  }
  if (Uninterrupted([&] { return fsync(fd.get()); }) != 0 && !CannotSyncFolders(errno)) {
    return FileError(errno, "making folder durable:", folder);
  }
  return {};
}

Result<TempFile> TempFile::Create(const std::string& path, const Env& env) {
  const std::string folder = FolderOf(path);
  constexpr int kTries = 5;  // a vacuum may delete the empty folder before the file is in it
  for (int attempt = 1; attempt <= kTries; ++attempt) {
    std::string temp_path =
        fmt::format("{}/{}{}.tmp", folder == "/" ? "" : folder, kTempPrefix, FormatUuid(MakeRandomUuid(env.random)));
    FileDescriptor fd(Uninterrupted(
        [&] { return open(temp_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666); }));
    if (fd) return TempFile(path, std::move(temp_path), std::move(fd));
    // Making folders is the exception, so it is tried only when it is needed.
    if (errno != ENOENT || attempt == kTries) return FileError(errno, "writing", path);
    DELTIC_CHECK(MakeFolders(folder));
  }
  return Internal("writing {}: unreachable", path);
}

TempFile::TempFile(TempFile&& other) noexcept
    : path_(std::move(other.path_)), temp_path_(std::exchange(other.temp_path_, {})), fd_(std::move(other.fd_)) {}

TempFile::~TempFile() { Remove(); }

void TempFile::Remove() {
  if (!temp_path_.empty()) unlink(temp_path_.c_str());
  temp_path_.clear();
}

Status TempFile::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = Uninterrupted([&] { return write(fd_.get(), bytes.data(), bytes.size()); });
    if (count < 0) return FileError(errno, "writing", path_);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return {};
}

Status TempFile::Sync() {
  if (Uninterrupted([&] { return fsync(fd_.get()); }) != 0) return FileError(errno, "making durable", path_);
  return {};
}

Result<struct stat> TempFile::Replace() {
  DELTIC_CHECK(Sync());
  struct stat state = {};
  if (fstat(fd_.get(), &state) != 0) return FileError(errno, "asking the size of", path_);
  if (rename(temp_path_.c_str(), path_.c_str()) != 0) return FileError(errno, "writing", path_);
  temp_path_.clear();
  DELTIC_CHECK(SyncFolder(FolderOf(path_)));
  return state;
}

Result<PutOutcome> TempFile::TakeIfFree() {
  DELTIC_CHECK(Sync());
  DELTIC_TRY(const bool taken, LinkIfFree());
  if (!taken) return PutOutcome::kExists;
  Remove();
  // The name is taken, whatever the folder's fsync says: an error would be read as "not written".
  return SyncFolder(FolderOf(path_)).ok() ? PutOutcome::kWritten : PutOutcome::kUnknown;
}

Result<PutOutcome> TempFile::TakeIfFreeRelaxed() {
  DELTIC_TRY(const bool taken, LinkIfFree());
  Remove();
  return taken ? PutOutcome::kWritten : PutOutcome::kExists;
}

Result<struct stat> TempFile::State() const {
  struct stat state = {};
  if (fstat(fd_.get(), &state) != 0) return FileError(errno, "asking the size of", path_);
  return state;
}

// False when the name exists.
Result<bool> TempFile::LinkIfFree() {
  if (link(temp_path_.c_str(), path_.c_str()) == 0) return true;
  const int error = errno;
  struct stat state = {};
  // A network file system may do the link, lose its answer, ask again by itself and be told that the name exists.
  // The count of links tells: it is two only if it was we who made the second.
  if (fstat(fd_.get(), &state) == 0 && state.st_nlink == 2) return true;
  if (error == EEXIST) return false;
  if (!CannotLink(error)) return FileError(error, "writing", path_);
  return MoveIfFree();
}

// False when the name exists.
Result<bool> TempFile::MoveIfFree() {
  if (renameat2(AT_FDCWD, temp_path_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0) {
    temp_path_.clear();
    return true;
  }
  if (errno == EEXIST) return false;
  if (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) {
    return Unsupported(
        "writing {}: this file system can neither link files nor rename them without replacing, so "
        "commits to it would not be atomic",
        path_);
  }
  return FileError(errno, "writing", path_);
}

}  // namespace deltic
