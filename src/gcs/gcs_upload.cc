// Owns the resumable upload; see the header. A small object is put at once.
//
// The condition of an upload is said when it begins, and CompleteIfAbsent comes at its end: so an upload looks first. A
// key where nothing is gets the condition that it stays so, which the service checks at the end, in one step with the
// making of the object. A key that holds an object is overwritten by Complete, and left by CompleteIfAbsent.
#include "gcs/gcs_upload.h"

#include <algorithm>

#include "base/error.h"
#include "base/number_text.h"
#include "gcs/gcs_object.h"

namespace deltic {
namespace {

constexpr int kTriesWithoutProgress = 5;

// The bytes that the service has, of "bytes=0-1023"; 0 without the header.
int64_t PersistedBytes(const HttpAnswer& answer) {
  const std::string_view range = answer.Header("range");
  const size_t dash = range.rfind('-');
  if (dash == std::string_view::npos) return 0;
  const auto last = ParseInt64(range.substr(dash + 1));
  return last ? *last + 1 : 0;
}

class GcsUpload : public MultipartWrite {
 public:
  GcsUpload(std::shared_ptr<ObjectStore> store, GcsClient& client, GcsUploadTarget target)
      : store_(std::move(store)), client_(client), target_(std::move(target)) {}
  ~GcsUpload() override {
    if (!ended_) (void)Abort();
  }

  Status Write(std::string_view bytes) override {
    if (ended_ || failed_) return InvalidArgument("writing {}: the write has ended or failed before", target_.key);
    const auto chunk = static_cast<size_t>(client_.settings().chunk_bytes);
    while (!bytes.empty()) {
      // A full buffer is sent when more follows: so the last piece, which ends the upload, is never empty.
      if (buffer_.size() == chunk) {
        if (Status status = SendPieces(); !status.ok()) {
          failed_ = true;
          return status;
        }
      }
      const size_t room = chunk - buffer_.size();
      buffer_.append(bytes.substr(0, room));
      bytes.remove_prefix(std::min(room, bytes.size()));
    }
    return {};
  }

  Result<ObjectMeta> Complete() override { return End(false); }
  Result<ObjectMeta> CompleteIfAbsent() override { return End(true); }

  Status Abort() override {
    if (ended_) return InvalidArgument("giving up {}: the write has ended before", target_.key);
    ended_ = true;
    buffer_.clear();
    if (session_.empty()) return {};
    const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
    DELTIC_TRY(const HttpAnswer answer, client_.Send({.method = "DELETE", .url = session_}, SendTwice::kAllowed));
    // 499 is how the service says that it was given up by its client.
    if (answer.status == 499 || answer.status == 204 || answer.status == 200 || answer.status == 404 ||
        answer.status == 410) {
      return {};
    }
    return client_.Failure(answer, "giving up the upload of " + target_.key);
  }

 private:
  Status Begin() {
    const auto there = store_->Head(target_.key);
    if (!there.ok() && there.error().code() != Code::kNotFound) return there.error();
    was_there_ = there.ok();
    GcsRequest request{.method = "POST",
                       .path = client_.UploadPath(),
                       .query = {{"uploadType", "resumable"}, {"name", target_.object}, {"fields", kGcsObjectFields}}};
    if (!was_there_) request.query.emplace_back("ifGenerationMatch", "0");
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    if (answer.status == 412) return Taken();
    if (answer.status != 200) return client_.Failure(answer, "beginning the upload of " + target_.key);
    session_ = answer.Header("location");
    if (session_.empty()) return Corrupt("beginning the upload of {}: the store gave no session", target_.key);
    return {};
  }

  // Everything in the buffer, though more is to come. Bytes that the service has already are ignored by it, so a piece
  // may be sent again.
  Status SendPieces() {
    if (session_.empty()) DELTIC_CHECK(Begin());
    int stuck = 0;
    while (!buffer_.empty()) {
      GcsRequest request{.method = "PUT", .url = session_, .body = buffer_};
      request.headers.emplace_back(
          "Content-Range", fmt::format("bytes {}-{}/*", sent_, sent_ + static_cast<int64_t>(buffer_.size()) - 1));
      DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
      if (answer.status != 308) return client_.Failure(answer, "uploading a part of " + target_.key);
      DELTIC_TRY(const bool moved, TakeProgress(answer));
      stuck = moved ? 0 : stuck + 1;
      if (stuck >= kTriesWithoutProgress) return Unavailable("uploading {}: the store takes no bytes", target_.key);
    }
    return {};
  }

  Result<bool> TakeProgress(const HttpAnswer& answer) {
    const int64_t persisted = PersistedBytes(answer);
    if (persisted < sent_ || persisted > sent_ + static_cast<int64_t>(buffer_.size())) {
      return Corrupt("uploading {}: the store has {} bytes, and {} to {} were sent", target_.key, persisted, sent_,
                     sent_ + static_cast<int64_t>(buffer_.size()));
    }
    const bool moved = persisted > sent_;
    buffer_.erase(0, static_cast<size_t>(persisted - sent_));
    sent_ = persisted;
    return moved;
  }

  Result<ObjectMeta> End(bool if_absent) {
    if (ended_ || failed_) return InvalidArgument("completing {}: the write has ended or failed before", target_.key);
    if (if_absent && was_there_) {
      (void)Abort();
      return Taken();
    }
    const int64_t total = sent_ + static_cast<int64_t>(buffer_.size());
    DELTIC_TRY(const HttpAnswer answer, session_.empty() ? PutAtOnce(if_absent) : SendLast(total));
    if (answer.status == 200 || answer.status == 201) {
      auto meta = ParseGcsObject(answer.body);
      if (!meta) return Settle(total);
      if (meta->size_bytes != total) return WrongSize(total, meta->size_bytes);
      ended_ = true;
      meta->key = target_.key;
      return *meta;
    }
    if (answer.status == 412 && answer.tries == 1) {
      ended_ = true;
      return Taken();
    }
    const bool session_gone = !session_.empty() && (answer.status == 404 || answer.status == 410);
    if (InDoubt(answer) || answer.status == 412 || session_gone) return Settle(total);
    return client_.Failure(answer, "completing the upload of " + target_.key);
  }

  Result<HttpAnswer> PutAtOnce(bool if_absent) {
    GcsRequest request{.method = "POST",
                       .path = client_.UploadPath(),
                       .query = {{"uploadType", "media"}, {"name", target_.object}, {"fields", kGcsObjectFields}},
                       .body = buffer_};
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    if (if_absent) request.query.emplace_back("ifGenerationMatch", "0");
    return client_.Send(request, if_absent ? SendTwice::kNever : SendTwice::kAllowed);
  }

  Result<HttpAnswer> SendLast(int64_t total) {
    for (int stuck = 0; stuck < kTriesWithoutProgress; ++stuck) {
      GcsRequest request{.method = "PUT", .url = session_, .body = buffer_};
      request.headers.emplace_back("Content-Range", buffer_.empty()
                                                        ? fmt::format("bytes */{}", total)
                                                        : fmt::format("bytes {}-{}/{}", sent_, total - 1, total));
      DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kNever));
      if (InDoubt(answer)) {
        // How far it came: nothing is done by asking.
        GcsRequest ask{.method = "PUT", .url = session_};
        ask.headers.emplace_back("Content-Range", fmt::format("bytes */{}", total));
        DELTIC_TRY(answer, client_.Send(ask, SendTwice::kAllowed));
      }
      if (answer.status != 308) return answer;
      DELTIC_CHECK(TakeProgress(answer));
    }
    return Unavailable("uploading {}: the store takes no bytes", target_.key);
  }

  // Names of such objects are never used twice, so what is there after a lost answer is ours when its size is.
  Result<ObjectMeta> Settle(int64_t total) {
    auto meta = store_->Head(target_.key);
    if (!meta.ok()) return meta;
    if (meta->size_bytes != total) return WrongSize(total, meta->size_bytes);
    ended_ = true;
    return meta;
  }

  Error WrongSize(int64_t total, int64_t found) const {
    return Corrupt("{}: {} bytes were written, and the store says {}", target_.key, total, found);
  }
  Error Taken() const { return AlreadyExists("{}: there is an object already", target_.key); }

  const std::shared_ptr<ObjectStore> store_;
  GcsClient& client_;
  const GcsUploadTarget target_;
  std::string buffer_;
  std::string session_;  // a URL that lets its holder write: in no message
  int64_t sent_ = 0;     // bytes that the service has
  bool was_there_ = false;
  bool failed_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<MultipartWrite> MakeGcsUpload(std::shared_ptr<ObjectStore> store, GcsClient& client,
                                              GcsUploadTarget target) {
  return std::make_unique<GcsUpload>(std::move(store), client, std::move(target));
}

}  // namespace deltic
