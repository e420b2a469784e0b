// Owns the requests of the HDFS store and the meaning of their answers; see the header.
#include "hdfs/hdfs_store.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/url.h"
#include "base/uuid.h"
#include "hdfs/hdfs_files.h"
#include "hdfs/hdfs_write.h"
#include "storage/byte_range.h"
#include "storage/delete_at_once.h"
#include "storage/key_prefix.h"
#include "storage/local_file.h"

namespace deltic {
namespace {

constexpr int64_t kErrorBytes = 64 << 10;
constexpr int kRenames = 3;
constexpr std::string_view kTempSuffix = ".tmp";

// Receives the files of a folder, folders among them; answering false ends the listing.
using FileVisitor = std::function<bool(const HdfsFile&)>;

size_t AsciiLength(std::string_view text) {
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }) -
                             text.begin());
}
std::string AsciiBeginning(std::string_view text) { return std::string(text.substr(0, AsciiLength(text))); }
bool IsAscii(std::string_view text) { return AsciiLength(text) == text.size(); }

class HdfsStore : public ObjectStore, public std::enable_shared_from_this<HdfsStore> {
 public:
  HdfsStore(HdfsSettings settings, HdfsWorld world) : client_(std::move(settings), std::move(world)) {
    const HdfsLocation& location = client_.settings().location;
    uri_ = location.scheme + "://" + location.authority + PercentEncode(location.path) + "/";
  }

  const std::string& uri() const override { return uri_; }

  Result<std::string> Get(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(HttpAnswer answer, client_.AskDatanode({.op = "OPEN", .path = Path(key)}, SendTwice::kAllowed));
    if (answer.status == 200) return std::move(answer.body);
    return Failure(answer, "reading", key);
  }

  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_CHECK(CheckRange(*this, key, range));
    if (!LastByte(range)) return AnswerBySize(*this, key, range);
    HdfsRequest request{.op = "OPEN", .path = Path(key)};
    request.params = {{"offset", std::to_string(range.offset)}, {"length", std::to_string(range.length)}};
    request.max_body_bytes = std::min(range.length, int64_t{1} << 40) + kErrorBytes;  // or an error document
    DELTIC_TRY(HttpAnswer answer, client_.AskDatanode(request, SendTwice::kAllowed));
    if (answer.status == 200 && answer.body.size() == static_cast<size_t>(range.length)) return std::move(answer.body);
    if (answer.status == 200) return AnswerBySize(*this, key, range);
    const RemoteException told = ReadRemoteException(answer.body);
    if (told.name == "IOException" && told.message.find("out of the range") != std::string::npos) {
      return AnswerBySize(*this, key, range);
    }
    return Failure(answer, "reading", key);
  }

  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer, client_.Ask({.op = "GETFILESTATUS", .path = Path(key)}, SendTwice::kAllowed));
    if (answer.status != 200) return Failure(answer, "looking at", key);
    auto file = ParseFileStatus(answer.body);
    if (!file.ok()) return std::move(file).error().Wrap(fmt::format("looking at {}{}", uri_, key));
    if (file->type == HdfsFile::Type::kFolder) return NotFound("looking at {}{}: it is a folder", uri_, key);
    return Meta(std::string(key), *file);
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    for (int attempt = 1;; ++attempt) {
      DELTIC_TRY(const std::string temp, WriteHdfsTemp(client_, Path(key), bytes));
      auto renamed = RenameHdfsTemp(client_, temp, Path(key), HdfsReplace::kAllowed);
      if (renamed.ok() && *renamed == HdfsRename::kDone) return {};
      DeleteHdfsTemp(client_, temp);
      if (!renamed.ok()) return std::move(renamed).error();
      if (*renamed == HdfsRename::kExists) return PutOver(key, bytes);
      // A second file of the same bytes does no harm where the first has come through.
      if (attempt == kRenames) return Unavailable("writing {}{}: whether it was done is not known", uri_, key);
      DELTIC_CHECK(client_.Wait(attempt));
    }
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    for (int attempt = 1;; ++attempt) {
      DELTIC_TRY(const std::string temp, WriteHdfsTemp(client_, Path(key), bytes));
      auto renamed = RenameHdfsTemp(client_, temp, Path(key), HdfsReplace::kNever);
      if (!renamed.ok() || *renamed == HdfsRename::kExists) DeleteHdfsTemp(client_, temp);
      if (!renamed.ok()) return std::move(renamed).error();
      if (*renamed == HdfsRename::kDone) return PutOutcome::kWritten;
      if (*renamed == HdfsRename::kExists) return PutOutcome::kExists;
      if (*renamed == HdfsRename::kGone || !Withdraw(temp) || attempt == kRenames) return PutOutcome::kUnknown;
      DELTIC_CHECK(client_.Wait(attempt));
    }
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    return MakeHdfsUpload(shared_from_this(), client_, {.key = std::string(key), .path = Path(key)});
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    return VisitFolder(folder, from_name, [&](const HdfsFile& file) {
      if (file.type != HdfsFile::Type::kFile || IsHdfsTempName(file.name)) return true;
      return visit(Meta(std::string(folder) + file.name, file));
    });
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    std::vector<std::string> folders{std::string(folder)};
    bool more = true;
    while (more && !folders.empty()) {
      const std::string current = std::move(folders.back());
      folders.pop_back();
      DELTIC_CHECK(VisitFolder(current, "", [&](const HdfsFile& file) {
        if (file.type == HdfsFile::Type::kFolder) folders.push_back(current + file.name + "/");
        if (file.type == HdfsFile::Type::kFile && !IsHdfsTempName(file.name)) {
          more = visit(Meta(current + file.name, file));
        }
        return more;
      }));
    }
    return {};
  }

  Status ListLeftovers(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    return VisitFolder(folder, "", [&](const HdfsFile& file) {
      if (file.type != HdfsFile::Type::kFile || !IsHdfsTempName(file.name)) return true;
      return visit(Meta(std::string(folder) + file.name, file));
    });
  }

  Status ListEntries(std::string_view folder, const EntryVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    return VisitFolder(folder, "", [&](const HdfsFile& file) {
      if (file.type == HdfsFile::Type::kLink) return true;
      const std::string key = std::string(folder) + file.name;
      if (file.type == HdfsFile::Type::kFolder) return visit({.key = key + "/", .meta = {}});
      return visit({.key = key, .meta = Meta(key, file)});
    });
  }

  Result<bool> DeleteEmptyFolder(std::string_view folder) override {
    DELTIC_CHECK(CheckFolder(folder));
    if (folder.empty()) return InvalidArgument("{}: the table's own folder is not deleted", uri_);
    const std::string path = Path(folder.substr(0, folder.size() - 1));
    DELTIC_TRY(const HttpAnswer looked, client_.Ask({.op = "GETFILESTATUS", .path = path}, SendTwice::kAllowed));
    if (looked.status != 200) {
      Error failure = Failure(looked, "looking at", folder);
      if (failure.code() == Code::kNotFound) return false;
      return failure;
    }
    DELTIC_TRY(const HdfsFile file, ParseFileStatus(looked.body));
    if (file.type != HdfsFile::Type::kFolder) return false;
    // Refused, in the same step, when something is in it by now.
    DELTIC_TRY(const HttpAnswer answer, client_.Ask(DeleteRequest(path), SendTwice::kAllowed));
    if (answer.status == 200) return ParseBoolean(answer.body).value_or(false);
    if (ReadRemoteException(answer.body).name == "PathIsNotEmptyDirectoryException") return false;
    return Failure(answer, "deleting", folder);
  }

  Status Delete(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer, client_.Ask(DeleteRequest(Path(key)), SendTwice::kAllowed));
    if (answer.status == 200) return {};
    Error failure = Failure(answer, "deleting", key);
    if (failure.code() == Code::kNotFound) return {};
    return failure;
  }

  std::vector<Status> DeleteMany(const std::vector<std::string>& keys) override {
    return DeleteAtOnce(*this, keys, static_cast<size_t>(client_.settings().delete_threads));
  }

  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

 private:
  std::string Path(std::string_view key) const { return client_.settings().location.path + "/" + std::string(key); }
  std::string FolderPath(std::string_view folder) const {
    return folder.empty() ? client_.settings().location.path : Path(folder.substr(0, folder.size() - 1));
  }
  static ObjectMeta Meta(std::string key, const HdfsFile& file) {
    return {.key = std::move(key), .size_bytes = file.size_bytes, .modified_ms = file.modified_ms};
  }
  static HdfsRequest DeleteRequest(const std::string& path) {
    return {.method = "DELETE", .op = "DELETE", .path = path, .params = {{"recursive", "false"}}};
  }
  Error Failure(const HttpAnswer& answer, std::string_view doing, std::string_view key) const {
    return client_.Failure(answer, fmt::format("{} {}{}", doing, uri_, key));
  }

  // The answer to a rename was lost. When its source can be deleted the rename has not happened, and cannot any more:
  // the file may be written again.
  bool Withdraw(const std::string& temp) {
    const auto answer = client_.Ask(DeleteRequest(temp), SendTwice::kNever);
    return answer.ok() && answer->status == 200 && ParseBoolean(answer->body).value_or(false);
  }

  // A server that cannot rename onto a file (HttpFS): a reader may meet half of it for a moment.
  Status PutOver(std::string_view key, std::string_view bytes) {
    DELTIC_TRY(
        const HttpAnswer answer,
        client_.AskDatanode(
            {.method = "PUT", .op = "CREATE", .path = Path(key), .params = {{"overwrite", "true"}}, .body = bytes},
            SendTwice::kAllowed));
    if (answer.status == 201 || answer.status == 200) return {};
    return Failure(answer, "writing", key);
  }

  // In byte order of their names, from from_name on. An absent folder has no files. The namenode lists by bytes that
  // have a sign: a name beyond ASCII comes before all others that begin like it, and is kept here until its turn.
  Status VisitFolder(std::string_view folder, std::string_view from_name, const FileVisitor& visit) {
    // startAfter leaves out the name itself: what is asked for is the text one letter shorter.
    std::string after = AsciiBeginning(from_name);
    if (after.size() == from_name.size() && !after.empty()) after.pop_back();
    std::map<std::string, HdfsFile> kept;
    std::string last;
    while (true) {
      auto page = ReadPage(folder, after);
      if (!page.ok() && page.error().code() == Code::kNotFound) break;
      if (!page.ok()) return std::move(page).error();
      for (HdfsFile& file : page->files) {
        if (file.name.empty()) return InvalidArgument("listing {}{}: it is a file, not a folder", uri_, folder);
        if (file.name < from_name) continue;
        if (!IsAscii(file.name)) {
          std::string name = file.name;
          kept.emplace(std::move(name), std::move(file));
          continue;
        }
        if (file.name < last) return Unsupported("{}: HDFS does not list files in their order", uri_);
        last = file.name;
        for (; !kept.empty() && kept.begin()->first < file.name; kept.erase(kept.begin())) {
          if (!visit(kept.begin()->second)) return {};
        }
        if (!visit(file)) return {};
      }
      if (page->remaining <= 0 || page->files.empty()) break;
      after = page->last_name;
    }
    for (const auto& [name, file] : kept) {
      if (!visit(file)) return {};
    }
    return {};
  }

  Result<HdfsListing> ReadPage(std::string_view folder, const std::string& after) {
    HdfsRequest request{.op = "LISTSTATUS_BATCH", .path = FolderPath(folder)};
    if (!after.empty()) request.params.emplace_back("startAfter", after);
    DELTIC_TRY(HttpAnswer answer, client_.Ask(request, SendTwice::kAllowed));
    const bool unknown = answer.status == 400 && after.empty();
    if (unknown) {
      // Before Hadoop 2.8 there were no pages.
      DELTIC_TRY(answer, client_.Ask({.op = "LISTSTATUS", .path = FolderPath(folder)}, SendTwice::kAllowed));
    }
    if (answer.status != 200) return Failure(answer, "listing", folder);
    auto listing = ParseListing(answer.body);
    if (!listing.ok()) return std::move(listing).error().Wrap(fmt::format("listing {}{}", uri_, folder));
    if (unknown) {
      std::sort(listing->files.begin(), listing->files.end(),
                [](const HdfsFile& a, const HdfsFile& b) { return a.name < b.name; });
    }
    return listing;
  }

  HdfsClient client_;
  std::string uri_;
};

std::string NameOfThisUser() {
  const passwd* entry = getpwuid(geteuid());  // NOLINT(concurrency-mt-unsafe): once, before the store is shared
  return entry == nullptr || entry->pw_name == nullptr ? "" : entry->pw_name;
}

}  // namespace

bool IsHdfsTempName(std::string_view name) {
  if (name.starts_with(kTempPrefix)) return true;
  constexpr size_t kUuid = 36;
  if (!name.starts_with('.') || !name.ends_with(kTempSuffix)) return false;
  name.remove_suffix(kTempSuffix.size());
  if (name.size() < kUuid + 2 || name[name.size() - kUuid - 1] != '.') return false;
  return ParseUuid(name.substr(name.size() - kUuid)).ok();
}

std::shared_ptr<ObjectStore> MakeHdfsStore(HdfsSettings settings, HdfsWorld world) {
  return std::make_shared<HdfsStore>(std::move(settings), std::move(world));
}

Result<std::shared_ptr<ObjectStore>> OpenHdfs(std::string_view url, const StoreOptions& options) {
  DELTIC_TRY(HdfsLocation location, ParseHdfsUrl(url));
  DELTIC_TRY(auto properties, ReadHadoopConfig(options));
  const HadoopConfig config(std::move(properties), options);
  DELTIC_TRY(HdfsSettings settings, MakeHdfsSettings(std::move(location), config, options));
  if (settings.user.empty()) settings.user = NameOfThisUser();
  HdfsWorld world;
  DELTIC_TRY(world.client, MakeHttpClient(settings.http));
  return MakeHdfsStore(std::move(settings), std::move(world));
}

}  // namespace deltic
