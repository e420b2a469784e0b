// Owns temporary files, their renaming and appending; see the header.
#include "hdfs/hdfs_write.h"

#include "base/error.h"
#include "base/uuid.h"
#include "hdfs/hdfs_files.h"
#include "storage/local_file.h"
#include "storage/upload_in_parts.h"

namespace deltic {
namespace {

constexpr int kRenames = 3;

std::string TempPath(const HdfsClient& client, const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string uuid = FormatUuid(MakeRandomUuid(client.world().env.random));
  return path.substr(0, slash + 1) + std::string(kTempPrefix) + uuid + ".tmp";
}

class HdfsUpload : public MultipartWrite {
 public:
  HdfsUpload(std::shared_ptr<ObjectStore> store, HdfsClient& client, HdfsUploadTarget target)
      : store_(std::move(store)), client_(client), target_(std::move(target)), parts_(target_.key) {}
  ~HdfsUpload() override {
    if (!parts_.ended()) (void)Abort();
  }

  Status Write(std::string_view bytes) override {
    return parts_.Add(
        bytes, [&] { return client_.settings().chunk_bytes; }, [&] { return SendPiece(); });
  }

  Result<ObjectMeta> Complete() override { return End(HdfsReplace::kAllowed); }
  Result<ObjectMeta> CompleteIfAbsent() override { return End(HdfsReplace::kNever); }

  Status Abort() override {
    DELTIC_CHECK(parts_.CheckNotEnded());
    parts_.End();
    if (!temp_.empty()) DeleteHdfsTemp(client_, temp_);
    return {};
  }

 private:
  Status SendPiece() {
    if (temp_.empty()) {
      DELTIC_TRY(temp_, WriteHdfsTemp(client_, target_.path, parts_.unsent()));
    } else {
      // An append that was lost may have been done: it is not repeated, the write fails.
      DELTIC_TRY(const HttpAnswer answer,
                 client_.AskDatanode({.method = "POST", .op = "APPEND", .path = temp_, .body = parts_.unsent()},
                                     SendTwice::kNever));
      if (answer.status != 200) return client_.Failure(answer, "appending to " + target_.key);
    }
    parts_.Sent();
    return {};
  }

  Result<ObjectMeta> End(HdfsReplace replace) {
    DELTIC_CHECK(parts_.CheckOpen("completing"));
    if (temp_.empty() || !parts_.unsent().empty()) {
      if (Status status = SendPiece(); !status.ok()) {
        parts_.Fail();
        return status.error();
      }
    }
    DELTIC_CHECK(CheckSize());
    for (int attempt = 1;; ++attempt) {
      DELTIC_TRY(const HdfsRename renamed, RenameHdfsTemp(client_, temp_, target_.path, replace));
      if (renamed == HdfsRename::kExists) {
        (void)Abort();
        return AlreadyExists("{}: there is a file already", target_.key);
      }
      if (renamed != HdfsRename::kUnknown) break;
      if (attempt == kRenames) return Unavailable("{}: whether it was given its name is not known", target_.key);
      DELTIC_CHECK(client_.Wait(attempt));
    }
    // Names of such files are never used twice, so what is there is ours when its size is.
    DELTIC_TRY(ObjectMeta meta, store_->Head(target_.key));
    if (meta.size_bytes != parts_.size_bytes()) return WrongSize(meta.size_bytes);
    parts_.End();
    return meta;
  }

  Status CheckSize() {
    DELTIC_TRY(const HttpAnswer answer, client_.Ask({.op = "GETFILESTATUS", .path = temp_}, SendTwice::kAllowed));
    if (answer.status != 200) return client_.Failure(answer, "looking at what was written of " + target_.key);
    DELTIC_TRY(const HdfsFile file, ParseFileStatus(answer.body));
    if (file.size_bytes != parts_.size_bytes()) return WrongSize(file.size_bytes);
    return {};
  }
  Error WrongSize(int64_t found) const {
    return Corrupt("{}: {} bytes were written, and HDFS says {}", target_.key, parts_.size_bytes(), found);
  }

  const std::shared_ptr<ObjectStore> store_;
  HdfsClient& client_;
  const HdfsUploadTarget target_;
  UploadInParts parts_;
  std::string temp_;  // "" before the first piece
};

}  // namespace

Result<std::string> WriteHdfsTemp(HdfsClient& client, const std::string& path, std::string_view bytes) {
  const HdfsSettings& settings = client.settings();
  // Each try has a name of its own: a datanode that was given up may still be writing the one before.
  const int64_t begin_ms = client.world().env.now_ms();
  for (int attempt = 1;; ++attempt) {
    std::string temp = TempPath(client, path);
    HdfsRequest request{
        .method = "PUT", .op = "CREATE", .path = temp, .params = {{"overwrite", "false"}}, .body = bytes};
    if (!settings.replication.empty()) request.params.emplace_back("replication", settings.replication);
    if (!settings.block_size.empty()) request.params.emplace_back("blocksize", settings.block_size);
    if (!settings.permission.empty()) request.params.emplace_back("permission", settings.permission);
    DELTIC_TRY(const HttpAnswer answer, client.AskDatanode(request, SendTwice::kNever));
    if (answer.status == 201 || answer.status == 200) return temp;
    Error failure = client.Failure(answer, "writing " + path);
    if (answer.status != 404 && failure.code() != Code::kPermissionDenied) DeleteHdfsTemp(client, temp);
    // That nobody's name is taken means that something on the way sent the request twice.
    const bool again = failure.code() == Code::kUnavailable || failure.code() == Code::kAlreadyExists;
    // The client has been patient already: a namenode that is gone is asked no eight times eight times.
    const bool late = client.world().env.now_ms() - begin_ms > settings.retries.total_ms;
    if (!again || late || attempt >= settings.retries.attempts) return failure;
    DELTIC_CHECK(client.Wait(attempt));
  }
}

void DeleteHdfsTemp(HdfsClient& client, const std::string& temp) {
  const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
  (void)client.Ask({.method = "DELETE", .op = "DELETE", .path = temp, .params = {{"recursive", "false"}}},
                   SendTwice::kAllowed);
}

Result<HdfsRename> RenameHdfsTemp(HdfsClient& client, const std::string& temp, const std::string& path,
                                  HdfsReplace replace) {
  DELTIC_TRY(const HttpAnswer answer,
             client.Ask({.method = "PUT",
                         .op = "RENAME",
                         .path = temp,
                         .params = {{"destination", path},
                                    {"renameoptions", replace == HdfsReplace::kAllowed ? "OVERWRITE" : "NONE"}}},
                        SendTwice::kNever));
  if (answer.status == 200) {
    // Servers that heed the options answer nothing, or an error. Those that do not (HttpFS) say whether they renamed,
    // which they do not where something has the name.
    const auto renamed = ParseBoolean(answer.body);
    if (!renamed && !answer.body.empty()) return HdfsRename::kUnknown;  // no namenode's answer: a gateway's page
    if (renamed.value_or(true)) return HdfsRename::kDone;
    return answer.doubted ? HdfsRename::kUnknown : HdfsRename::kExists;
  }
  if (InDoubt(answer)) return HdfsRename::kUnknown;
  const RemoteException told = ReadRemoteException(answer.body);
  if (told.name == "FileAlreadyExistsException") return HdfsRename::kExists;
  if (told.name == "FileNotFoundException") return HdfsRename::kGone;
  if (answer.doubted) return HdfsRename::kUnknown;
  return client.Failure(answer, "naming " + path);
}

std::unique_ptr<MultipartWrite> MakeHdfsUpload(std::shared_ptr<ObjectStore> store, HdfsClient& client,
                                               HdfsUploadTarget target) {
  return std::make_unique<HdfsUpload>(std::move(store), client, std::move(target));
}

}  // namespace deltic
