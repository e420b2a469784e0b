// Owns the multipart upload; see the header. Parts grow, so that 10,000 of them (the protocol's most) hold 5 TB.
#include "s3/s3_upload.h"

#include "base/error.h"
#include "http/http_date.h"
#include "http/xml.h"

namespace deltic {
namespace {

constexpr int kPartsOfOneSize = 500;

class S3Upload : public MultipartWrite {
 public:
  S3Upload(std::shared_ptr<ObjectStore> store, S3Client& client, std::string key, std::string full_key)
      : store_(std::move(store)), client_(client), key_(std::move(key)), full_key_(std::move(full_key)) {}
  ~S3Upload() override {
    if (!ended_) (void)Abort();
  }

  Status Write(std::string_view bytes) override {
    if (ended_ || failed_) return InvalidArgument("writing {}: the write has ended or failed before", key_);
    size_bytes_ += static_cast<int64_t>(bytes.size());
    while (!bytes.empty()) {
      const size_t room = static_cast<size_t>(PartBytes()) - buffer_.size();
      buffer_.append(bytes.substr(0, room));
      bytes.remove_prefix(std::min(room, bytes.size()));
      if (static_cast<int64_t>(buffer_.size()) == PartBytes()) {
        if (Status status = SendPart(); !status.ok()) {
          failed_ = true;
          return status;
        }
      }
    }
    return {};
  }

  Result<ObjectMeta> Complete() override { return End(false); }
  Result<ObjectMeta> CompleteIfAbsent() override { return End(true); }

  Status Abort() override {
    if (ended_) return InvalidArgument("giving up {}: the write has ended before", key_);
    ended_ = true;
    buffer_.clear();
    if (upload_id_.empty()) return {};
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
                      .body = buffer_,
                      .reads = true};
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    if (answer.status != 200) return client_.Failure(answer, "uploading a part of " + key_);
    etags_.emplace_back(answer.Header("etag"));
    buffer_.clear();
    return {};
  }

  Result<ObjectMeta> End(bool if_absent) {
    if (ended_ || failed_) return InvalidArgument("completing {}: the write has ended or failed before", key_);
    if (!upload_id_.empty() && !buffer_.empty()) DELTIC_CHECK(SendPart());
    S3Request request{.key = full_key_};
    std::string body;
    if (upload_id_.empty()) {
      request.method = "PUT";
      request.body = buffer_;
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
      ended_ = true;
      return ObjectMeta{.key = key_, .size_bytes = size_bytes_, .modified_ms = *answered_ms};
    }
    auto meta = store_->Head(key_);
    if (meta.ok() && meta->size_bytes == size_bytes_) {
      ended_ = true;
      return meta;
    }
    if (failed) return client_.Failure(answer, "completing the upload of " + key_);
    if (!meta.ok()) return std::move(meta).error();
    return Corrupt("{}: {} bytes were written, and the store says {}", key_, size_bytes_, meta->size_bytes);
  }

  const std::shared_ptr<ObjectStore> store_;
  S3Client& client_;
  const std::string key_;
  const std::string full_key_;
  std::string buffer_;
  std::string upload_id_;
  std::vector<std::string> etags_;
  int64_t size_bytes_ = 0;
  bool failed_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<MultipartWrite> MakeS3Upload(std::shared_ptr<ObjectStore> store, S3Client& client, std::string key,
                                             std::string full_key) {
  return std::make_unique<S3Upload>(std::move(store), client, std::move(key), std::move(full_key));
}

}  // namespace deltic
