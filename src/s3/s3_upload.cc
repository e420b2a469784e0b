// Owns the multipart upload; see the header. Parts grow, so that 10,000 of them (the protocol's most) hold 5 TB.
#include "s3/s3_upload.h"

#include "base/error.h"
#include "http/http_date.h"
#include "http/xml.h"
#include "storage/upload_in_parts.h"

namespace deltic {
namespace {

constexpr int kPartsOfOneSize = 500;
constexpr int64_t kBeginPatienceMs = 2'000;  // with a server that does not answer, once nobody waits for the upload

class S3Upload : public MultipartWrite {
 public:
  S3Upload(std::shared_ptr<ObjectStore> store, S3Client& client, std::string key, std::string full_key)
      : store_(std::move(store)), client_(client), key_(std::move(key)), full_key_(std::move(full_key)), parts_(key_) {}
  ~S3Upload() override {
    if (!parts_.ended()) (void)Abort();
  }

  Status Write(std::string_view bytes) override {
    return parts_.Add(
        bytes, [&] { return PartBytes(); }, [&] { return SendPart(); });
  }

  Result<ObjectMeta> Complete() override { return End(false); }
  Result<ObjectMeta> CompleteIfAbsent() override { return End(true); }

  Status Abort() override {
    DELTIC_CHECK(parts_.CheckNotEnded());
    parts_.End();
    if (upload_id_.empty()) return {};
    const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
    DELTIC_TRY(
        const HttpAnswer answer,
        client_.Send({.method = "DELETE", .key = full_key_, .query = {{"uploadId", upload_id_}}}, SendTwice::kAllowed));
    if (answer.status == 204 || answer.status == 200 || answer.status == 404) return {};
    return client_.Failure(answer, "giving up the upload of " + key_);
  }

 private:
  int64_t PartBytes() const {
    const int64_t doublings = static_cast<int64_t>(etags_.size()) / kPartsOfOneSize;
    return client_.settings().part_bytes << std::min<int64_t>(doublings, 9);
  }

  Status Begin() {
    DELTIC_CHECK(StopSign::Here().Check());
    // Only its answer tells how to give up the upload that it begins.
    const CancelScope patient(StopSign::Here().Patient(kBeginPatienceMs));
    DELTIC_TRY(const HttpAnswer answer,
               client_.Send({.method = "POST", .key = full_key_, .query = {{"uploads", ""}}, .makes = true},
                            SendTwice::kAllowed));
    if (answer.status != 200) return client_.Failure(answer, "beginning the upload of " + key_);
    DELTIC_TRY(const XmlElement root, ParseXml(answer.body));
    upload_id_ = root.Text("UploadId");
    if (upload_id_.empty()) return Corrupt("beginning the upload of {}: the store gave no upload id", key_);
    return {};
  }

  Status SendPart() {
    if (upload_id_.empty()) DELTIC_CHECK(Begin());
    S3Request request{.method = "PUT",
                      .key = full_key_,
                      .query = {{"partNumber", std::to_string(etags_.size() + 1)}, {"uploadId", upload_id_}},
                      .body = parts_.unsent(),
                      .reads = true};
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    if (answer.status != 200) return client_.Failure(answer, "uploading a part of " + key_);
    etags_.emplace_back(answer.Header("etag"));
    parts_.Sent();
    return {};
  }

  Result<ObjectMeta> End(bool if_absent) {
    DELTIC_CHECK(parts_.CheckOpen("completing"));
    if (!upload_id_.empty() && !parts_.unsent().empty()) DELTIC_CHECK(SendPart());
    S3Request request{.key = full_key_};
    std::string body;
    if (upload_id_.empty()) {
      request.method = "PUT";
      request.body = parts_.unsent();
      request.makes = true;
    } else {
      body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
      for (size_t i = 0; i < etags_.size(); ++i) {
        body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1, EscapeXml(etags_[i]));
      }
      body += "</CompleteMultipartUpload>";
      request.method = "POST";
      request.query = {{"uploadId", upload_id_}};
      request.body = body;
      request.headers.emplace_back("Content-Type", "application/xml");
    }
    if (if_absent) request.headers.emplace_back("If-None-Match", "*");
    // The names of such objects are never used twice, so what is there after a lost answer is ours when its size is.
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, if_absent ? SendTwice::kNever : SendTwice::kAllowed));
    if (if_absent && answer.status == 412) {
      (void)Abort();
      return AlreadyExists("{}: there is an object already", key_);
    }
    const bool failed =
        answer.status != 200 || (!upload_id_.empty() && answer.body.find("<Error>") != std::string::npos);
    if (failed && !InDoubt(answer) && answer.status != 404)
      return client_.Failure(answer, "completing the upload of " + key_);
    // One put that was answered clearly has put what it was given: only the time is to be told, and the answer has it
    // to within the second. A Head would cost every small file a round trip.
    const auto answered_ms = ParseHttpDate(answer.Header("date"));
    if (answer.status == 200 && upload_id_.empty() && answered_ms) {
      parts_.End();
      return ObjectMeta{.key = key_, .size_bytes = parts_.size_bytes(), .modified_ms = *answered_ms};
    }
    auto meta = store_->Head(key_);
    if (meta.ok() && meta->size_bytes == parts_.size_bytes()) {
      parts_.End();
      return meta;
    }
    if (failed) return client_.Failure(answer, "completing the upload of " + key_);
    if (!meta.ok()) return std::move(meta).error();
    return Corrupt("{}: {} bytes were written, and the store says {}", key_, parts_.size_bytes(), meta->size_bytes);
  }

  const std::shared_ptr<ObjectStore> store_;
  S3Client& client_;
  const std::string key_;
  const std::string full_key_;
  UploadInParts parts_;
  std::string upload_id_;
  std::vector<std::string> etags_;
};

}  // namespace

std::unique_ptr<MultipartWrite> MakeS3Upload(std::shared_ptr<ObjectStore> store, S3Client& client, std::string key,
                                             std::string full_key) {
  return std::make_unique<S3Upload>(std::move(store), client, std::move(key), std::move(full_key));
}

}  // namespace deltic
