// Owns the file system over ObjectStore: random reads, writes from beginning to end. What is kept in memory, and for
// how long, is the ReadAhead's to say; of stores that are near nothing is.
#include "engine/duckdb/store_files.h"

#include <duckdb/common/file_opener.hpp>
#include <duckdb/common/file_system.hpp>

#include "engine/duckdb/convert.h"
#include "engine/duckdb/query_stop.h"
#include "engine/duckdb/registry.h"

namespace deltic {
namespace {

constexpr std::string_view kScheme = "deltic-store://";
constexpr char kFilesMark = 'f';  // before the handle of StoreFiles

class StoreFile : public duckdb::FileHandle {
 public:
  StoreFile(duckdb::FileSystem& files, const std::string& path, duckdb::FileOpenFlags flags,
            std::shared_ptr<ObjectStore> store, ObjectMeta meta, StopSign sign)
      : FileHandle(files, path, flags), store(std::move(store)), meta(std::move(meta)), sign(std::move(sign)) {}
  ~StoreFile() override {
    const CancelScope scope(sign);
    upload.reset();
    if (read_from != nullptr) read_from->ahead().Close(name);
  }
  // Only a file that is closed becomes one: a handle that is dropped (a failed write) takes its bytes with it.
  void Close() override {
    if (upload == nullptr) return;
    const CancelScope scope(sign);
    auto finished = std::exchange(upload, nullptr);
    auto status = finished->Complete();
    if (!status.ok()) ThrowError(status.error());
  }

  std::unique_ptr<MultipartWrite> upload;  // while it is written
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<StoreFiles> read_from;  // when it is read ahead, by this name
  std::string name;
  ObjectMeta meta;
  int64_t position = 0;
  const StopSign sign;  // of the query that has it open
};

class StoreFileSystem : public duckdb::FileSystem {
 public:
  bool CanHandleFile(const std::string& path) override { return path.rfind(kScheme, 0) == 0; }
  std::string GetName() const override { return "DelticStoreFileSystem"; }
  bool CanSeek() override { return true; }
  bool OnDiskFile(duckdb::FileHandle&) override { return false; }

  int64_t GetFileSize(duckdb::FileHandle& handle) override { return handle.Cast<StoreFile>().meta.size_bytes; }
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override {
    return duckdb::timestamp_t(handle.Cast<StoreFile>().meta.modified_ms * 1000);
  }
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override {
    handle.Cast<StoreFile>().position = static_cast<int64_t>(location);
  }
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override {
    return static_cast<duckdb::idx_t>(handle.Cast<StoreFile>().position);
  }

  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes, duckdb::idx_t location) override {
    auto& file = handle.Cast<StoreFile>();
    const CancelScope scope(file.sign);
    if (file.read_from != nullptr) {
      const auto status = file.read_from->ahead().Read(
          file.name, {.offset = static_cast<int64_t>(location), .length = bytes}, static_cast<char*>(buffer));
      if (!status.ok()) ThrowError(status.error());
      return;
    }
    auto read = file.store->GetRange(file.meta.key, {.offset = static_cast<int64_t>(location), .length = bytes});
    if (!read.ok()) ThrowError(read.error());
    memcpy(buffer, read->data(), read->size());
  }
  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override {
    auto& file = handle.Cast<StoreFile>();
    const auto wanted = std::max<int64_t>(0, std::min(bytes, file.meta.size_bytes - file.position));
    if (wanted > 0) Read(handle, buffer, wanted, static_cast<duckdb::idx_t>(file.position));
    file.position += wanted;
    return wanted;
  }
  int64_t Write(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override {
    auto& file = handle.Cast<StoreFile>();
    if (file.upload == nullptr) throw duckdb::IOException("\"%s\" is not open for writing", file.path);
    const CancelScope scope(file.sign);
    auto status = file.upload->Write({static_cast<const char*>(buffer), static_cast<size_t>(bytes)});
    if (!status.ok()) ThrowError(status.error());
    file.position += bytes;
    file.meta.size_bytes = std::max(file.meta.size_bytes, file.position);
    return bytes;
  }
  bool FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    const CancelScope scope(StopSignOf(duckdb::FileOpener::TryGetClientContext(opener)));
    const auto place = Locate(path, {}).target.place;
    const auto meta = place.store->Head(place.key);
    if (!meta.ok() && meta.error().code() == Code::kCancelled) ThrowError(meta.error());
    return meta.ok();
  }

 protected:
  bool SupportsOpenFileExtended() const override { return true; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(const duckdb::OpenFileInfo& info, duckdb::FileOpenFlags flags,
                                                          duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    const StopSign sign = StopSignOf(duckdb::FileOpener::TryGetClientContext(opener));
    const CancelScope scope(sign);
    if (flags.OpenForWriting()) {
      if (flags.OpenForReading() || flags.OpenForAppending()) {
        throw duckdb::NotImplementedException("\"%s\": files of a store are written from beginning to end", info.path);
      }
      const auto place = Locate(info.path, {}).target.place;
      auto upload = place.store->StartMultipart(place.key);
      if (!upload.ok()) ThrowError(upload.error());
      auto file =
          duckdb::make_uniq<StoreFile>(*this, info.path, flags, place.store, ObjectMeta{.key = place.key}, sign);
      file->upload = std::move(upload).value();
      return file;
    }
    const auto known = KnownMeta(info);
    auto located = Locate(info.path, known ? std::optional(known->size_bytes) : std::nullopt);
    auto& [store, key] = located.target.place;
    if (located.files != nullptr && store->remote()) {
      auto meta = located.files->ahead().Open(located.target);
      // Not every error names the file: missing credentials have no address.
      if (!meta.ok()) ThrowError(Error(meta.error()).Wrap("opening data file " + store->uri() + key));
      auto file = duckdb::make_uniq<StoreFile>(*this, info.path, flags, store, std::move(meta).value(), sign);
      file->read_from = std::move(located.files);
      file->name = std::move(located.target.name);
      return file;
    }
    auto meta = known ? Result<ObjectMeta>(*known) : store->Head(key);
    if (!meta.ok()) ThrowError(meta.error());
    meta->key = key;
    return duckdb::make_uniq<StoreFile>(*this, info.path, flags, store, std::move(meta).value(), sign);
  }

 private:
  struct Located {
    ReadTarget target;
    std::shared_ptr<StoreFiles> files;  // null for a path to write
  };
  static Located Locate(const std::string& path, std::optional<int64_t> size_bytes) {
    const auto rest = path.substr(kScheme.size());
    const auto slash = rest.find('/');
    const auto refuse = [&] { throw duckdb::IOException("no open store for \"%s\"", path); };
    if (slash == std::string::npos || slash == 0) refuse();
    Located located;
    if (rest[0] == kFilesMark) {
      located.files = Registry<StoreFiles>::Get().Find(rest.substr(1, slash - 1));
    } else if (auto store = Registry<ObjectStore>::Get().Find(rest.substr(0, slash))) {
      auto target = StoreFiles(std::move(store)).Find(rest.substr(slash + 1), size_bytes);
      if (!target.ok()) ThrowError(target.error());
      located.target = std::move(target).value();
      return located;
    }
    if (located.files == nullptr) refuse();
    auto target = located.files->Find(rest.substr(slash + 1), size_bytes);
    if (!target.ok()) ThrowError(target.error());
    located.target = std::move(target).value();
    return located;
  }

  // What the opener says of the file.
  static std::optional<ObjectMeta> KnownMeta(const duckdb::OpenFileInfo& info) {
    if (!info.extended_info) return std::nullopt;
    const auto& options = info.extended_info->options;
    const auto size = options.find("file_size"), modified = options.find("last_modified");
    if (size == options.end() || modified == options.end()) return std::nullopt;
    return ObjectMeta{.size_bytes = static_cast<int64_t>(size->second.GetValue<uint64_t>()),
                      .modified_ms = modified->second.GetValueUnsafe<int64_t>() / 1000};
  }
};

}  // namespace

void RegisterStoreFiles(duckdb::DatabaseInstance& database) {
  database.GetFileSystem().RegisterSubSystem(duckdb::make_uniq<StoreFileSystem>());
}

Result<ReadTarget> StoreFiles::Find(const std::string& name, std::optional<int64_t> size_bytes) const {
  ReadTarget target{.name = name, .place = {.store = store_, .key = name}, .size_bytes = size_bytes};
  if (name.starts_with('/')) {
    auto place = PlaceBeside(*store_, name.substr(1));
    if (!place.ok()) {
      // The name of the file alone: a URL may hold secrets before and behind its path.
      const std::string path = name.substr(0, name.find('?'));
      return std::move(place).error().Wrap("data file .../" + path.substr(path.rfind('/') + 1));
    }
    target.place = *std::move(place);
  }
  return target;
}

std::string StoreFilesPrefix(const std::string& handle) { return std::string(kScheme) + kFilesMark + handle + "/"; }

std::string StoreName(const std::string& key, const std::string& url) { return url.empty() ? key : "/" + url; }

std::string StorePrefix(const std::string& handle) { return std::string(kScheme) + handle + "/"; }

}  // namespace deltic
