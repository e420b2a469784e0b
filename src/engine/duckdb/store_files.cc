// Owns the file system over ObjectStore: random reads, writes from beginning to end. Does not cache: DuckDB's external
// file cache does.
#include "engine/duckdb/store_files.h"

#include <duckdb/common/file_system.hpp>

#include "engine/duckdb/convert.h"
#include "engine/duckdb/registry.h"

namespace deltic {
namespace {

constexpr std::string_view kScheme = "deltic-store://";

class StoreFile : public duckdb::FileHandle {
 public:
  StoreFile(duckdb::FileSystem& files, const std::string& path, duckdb::FileOpenFlags flags,
            std::shared_ptr<ObjectStore> store, ObjectMeta meta)
      : FileHandle(files, path, flags), store(std::move(store)), meta(std::move(meta)) {}
  // Only a file that is closed becomes one: a handle that is dropped (a failed write) takes its bytes with it.
  void Close() override {
    if (upload == nullptr) return;
    auto finished = std::exchange(upload, nullptr);
    auto status = finished->Complete();
    if (!status.ok()) ThrowError(status.error());
  }

  std::unique_ptr<MultipartWrite> upload;  // while it is written
  std::shared_ptr<ObjectStore> store;
  ObjectMeta meta;
  int64_t position = 0;
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
    auto status = file.upload->Write({static_cast<const char*>(buffer), static_cast<size_t>(bytes)});
    if (!status.ok()) ThrowError(status.error());
    file.position += bytes;
    file.meta.size_bytes = std::max(file.meta.size_bytes, file.position);
    return bytes;
  }
  bool FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener>) override {
    auto [store, key] = Locate(path);
    return store->Head(key).ok();
  }

 protected:
  bool SupportsOpenFileExtended() const override { return true; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(const duckdb::OpenFileInfo& info, duckdb::FileOpenFlags flags,
                                                          duckdb::optional_ptr<duckdb::FileOpener>) override {
    auto [store, key] = Locate(info.path);
    ObjectMeta meta{.key = key};
    if (flags.OpenForWriting()) {
      if (flags.OpenForReading() || flags.OpenForAppending()) {
        throw duckdb::NotImplementedException("\"%s\": files of a store are written from beginning to end", info.path);
      }
      auto upload = store->StartMultipart(key);
      if (!upload.ok()) ThrowError(upload.error());
      auto file = duckdb::make_uniq<StoreFile>(*this, info.path, flags, store, std::move(meta));
      file->upload = std::move(upload).value();
      return file;
    }
    bool known = false;
    if (info.extended_info) {
      const auto& options = info.extended_info->options;
      auto size = options.find("file_size");
      auto modified = options.find("last_modified");
      if (size != options.end() && modified != options.end()) {
        meta.size_bytes = static_cast<int64_t>(size->second.GetValue<uint64_t>());
        meta.modified_ms = modified->second.GetValueUnsafe<int64_t>() / 1000;
        known = true;
      }
    }
    if (!known) {
      auto head = store->Head(key);
      if (!head.ok()) ThrowError(head.error());
      meta = std::move(head).value();
    }
    return duckdb::make_uniq<StoreFile>(*this, info.path, flags, store, std::move(meta));
  }

 private:
  static std::pair<std::shared_ptr<ObjectStore>, std::string> Locate(const std::string& path) {
    const auto rest = path.substr(kScheme.size());
    const auto slash = rest.find('/');
    auto store = Registry<ObjectStore>::Get().Find(rest.substr(0, slash));
    if (store == nullptr || slash == std::string::npos) throw duckdb::IOException("no open store for \"%s\"", path);
    std::string name = rest.substr(slash + 1);
    if (!name.starts_with('/')) return {std::move(store), std::move(name)};
    auto place = PlaceBeside(*store, name.substr(1));
    if (!place.ok()) ThrowError(place.error());
    return {std::move(place->store), std::move(place->key)};
  }
};

}  // namespace

void RegisterStoreFiles(duckdb::DatabaseInstance& database) {
  database.GetFileSystem().RegisterSubSystem(duckdb::make_uniq<StoreFileSystem>());
}

std::string StoreName(const std::string& key, const std::string& url) { return url.empty() ? key : "/" + url; }

std::string StorePrefix(const std::string& handle) { return std::string(kScheme) + handle + "/"; }

}  // namespace deltic
