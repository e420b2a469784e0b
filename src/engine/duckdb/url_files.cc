// Owns the file system for URLs; see the header.
#include "engine/duckdb/url_files.h"

#include <algorithm>
#include <array>
#include <duckdb/common/file_opener.hpp>
#include <duckdb/common/file_system.hpp>
#include <duckdb/common/open_file_info.hpp>
#include <vector>

#include "base/error.h"
#include "base/url.h"
#include "engine/duckdb/convert.h"
#include "engine/duckdb/sql_tables.h"

// Of duckdb/function/scalar/string_common.hpp, which includes a header that DuckDB does not hand out.
namespace duckdb {
DUCKDB_API bool Glob(const char* text, idx_t text_size, const char* pattern, idx_t pattern_size,
                     bool allow_question_mark);
}

namespace deltic {
namespace {

std::shared_ptr<ObjectStore> StoreNowhere(const std::shared_ptr<StoreOpener>& opener) {
  auto store = MakeMemoryStore("sql");  // holds nothing: each file is in the store that its URL names
  store->set_opener(opener);
  return store;
}

// A file that is opened here is one of store_files.h's, and whatever is asked of it goes there.
class UrlFileSystem : public duckdb::FileSystem {
 public:
  bool CanHandleFile(const std::string& path) override { return IsStoreUrl(path); }
  std::string GetName() const override { return "DelticUrlFileSystem"; }
  bool CanSeek() override { return true; }
  bool OnDiskFile(duckdb::FileHandle&) override { return false; }
  std::string CanonicalizePath(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return path;
  }

  int64_t GetFileSize(duckdb::FileHandle& handle) override { return handle.file_system.GetFileSize(handle); }
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override {
    return handle.file_system.GetLastModifiedTime(handle);
  }
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override { handle.file_system.Seek(handle, location); }
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override { return handle.file_system.SeekPosition(handle); }
  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes, duckdb::idx_t location) override {
    handle.file_system.Read(handle, buffer, bytes, location);
  }
  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override {
    return handle.file_system.Read(handle, buffer, bytes);
  }

  bool FileExists(const std::string& path, duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    const auto place = Files(path, opener)->opener()->Find(path);
    if (!place.ok()) return false;
    const auto meta = place->store->Head(place->key);
    if (!meta.ok() && meta.error().code() != Code::kNotFound) ThrowError(meta.error());
    return meta.ok();
  }
  bool DirectoryExists(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override { return true; }
  void CreateDirectory(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {}

  duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path, duckdb::FileOpener* opener) override {
    duckdb::vector<duckdb::OpenFileInfo> found;
    const size_t first = path.find_first_of("*?[");
    if (first == std::string::npos) {
      found.emplace_back(path);
      return found;
    }
    // Everything below the last folder whose name is plain is listed.
    const size_t slash = path.rfind('/', first);
    const auto place = Files(path, opener)->opener()->Find(path.substr(0, slash + 1) + "x");
    if (!place.ok()) ThrowError(place.error());
    const std::string folder = place->key.substr(0, place->key.size() - 1);
    const std::string base = path.substr(0, slash + 1), pattern = path.substr(slash + 1);
    auto status = place->store->ListRecursive(folder, [&](const ObjectMeta& meta) {
      const std::string name = meta.key.substr(folder.size());
      if (!MatchesPattern(name, pattern)) return true;
      duckdb::OpenFileInfo info(base + PercentEncode(name, "/=,;:$&+@!'()"));
      info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
      info.extended_info->options["file_size"] = duckdb::Value::UBIGINT(static_cast<uint64_t>(meta.size_bytes));
      info.extended_info->options["last_modified"] =
          duckdb::Value::TIMESTAMP(duckdb::timestamp_t(meta.modified_ms * 1000));
      found.push_back(std::move(info));
      return true;
    });
    if (!status.ok()) ThrowError(status.error());
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return found;
  }

 protected:
  bool SupportsOpenFileExtended() const override { return true; }
  duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(const duckdb::OpenFileInfo& info, duckdb::FileOpenFlags flags,
                                                          duckdb::optional_ptr<duckdb::FileOpener> opener) override {
    const auto files = Files(info.path, opener);
    auto named = info;
    named.path = files->NameOf(info.path);
    flags.SetCachingMode(duckdb::CachingMode::NO_CACHING);  // the outer file system does it
    return duckdb::FileOpener::TryGetDatabase(opener)->GetFileSystem().OpenFile(named, flags);
  }

 private:
  static std::shared_ptr<const UrlFiles> Files(const std::string& path,
                                               duckdb::optional_ptr<duckdb::FileOpener> opener) {
    const auto context = duckdb::FileOpener::TryGetClientContext(opener);
    const auto state = context ? context->registered_state->Get<SqlState>(kSqlStateKey) : nullptr;
    auto files = state ? state->Urls() : nullptr;
    if (files == nullptr) ThrowError(Unsupported("{} cannot be opened here: files of stores are for SQL", path));
    return files;
  }
};

std::vector<std::string_view> Segments(std::string_view path) {
  std::vector<std::string_view> segments;
  while (true) {
    const size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

using Span = std::pair<const std::string_view*, const std::string_view*>;

bool MatchesSegments(Span path, Span pattern) {
  while (pattern.first != pattern.second) {
    if (*pattern.first == "**") {
      for (auto rest = path.first; rest != path.second; ++rest) {
        if (MatchesSegments({rest, path.second}, {pattern.first + 1, pattern.second})) return true;
      }
      return pattern.first + 1 == pattern.second;
    }
    if (path.first == path.second) return false;
    const std::string_view name = *path.first++, wanted = *pattern.first++;
    if (!duckdb::Glob(name.data(), name.size(), wanted.data(), wanted.size(), true)) return false;
  }
  return path.first == path.second;
}

}  // namespace

UrlFiles::UrlFiles(std::shared_ptr<StoreOpener> opener) : opener_(std::move(opener)), handle_(StoreNowhere(opener_)) {}

bool IsStoreUrl(std::string_view path) {
  constexpr std::array<std::string_view, 15> kSchemes = {"s3",  "s3a",  "s3n",   "az",      "azure",
                                                         "adl", "abfs", "abfss", "wasb",    "wasbs",
                                                         "gs",  "gcs",  "hdfs",  "webhdfs", "swebhdfs"};
  const size_t end = path.find("://");
  return end != std::string_view::npos &&
         std::find(kSchemes.begin(), kSchemes.end(), path.substr(0, end)) != kSchemes.end();
}

bool MatchesPattern(std::string_view path, std::string_view pattern) {
  const auto names = Segments(path), wanted = Segments(pattern);
  return MatchesSegments({names.data(), names.data() + names.size()}, {wanted.data(), wanted.data() + wanted.size()});
}

void RegisterUrlFiles(duckdb::DatabaseInstance& database) {
  database.GetFileSystem().RegisterSubSystem(duckdb::make_uniq<UrlFileSystem>());
}

std::shared_ptr<const UrlFiles> SqlState::Urls() {
  const std::lock_guard lock(urls_mutex_);
  if (urls_ == nullptr && resolver.files != nullptr) urls_ = std::make_shared<const UrlFiles>(resolver.files);
  return urls_;
}

}  // namespace deltic
