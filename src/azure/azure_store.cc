// Owns the requests of the Azure store and the meaning of their answers; see the header.
#include "azure/azure_store.h"

#include <algorithm>

#include "answers/put_answer.h"
#include "answers/range_answer.h"
#include "azure/azure_token.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/number_text.h"
#include "http/http_date.h"
#include "http/xml.h"
#include "storage/byte_range.h"
#include "storage/key_prefix.h"
#include "storage/upload_in_parts.h"

namespace deltic {
namespace {

constexpr int kBlocksOfOneSize = 500;

// Blocks of a blob, listed at the end. A small blob is put at once. Blocks that are never listed are thrown away by the
// service after a week, and no listing shows them.
class AzureUpload : public MultipartWrite {
 public:
  AzureUpload(std::shared_ptr<ObjectStore> store, AzureClient& client, std::string key, std::string full_key)
      : store_(std::move(store)), client_(client), key_(std::move(key)), full_key_(std::move(full_key)), parts_(key_) {}

  Status Write(std::string_view bytes) override {
    return parts_.Add(
        bytes, [&] { return BlockBytes(); }, [&] { return SendBlock(); });
  }
  Result<ObjectMeta> Complete() override { return End(false); }
  Result<ObjectMeta> CompleteIfAbsent() override { return End(true); }
  Status Abort() override {
    DELTIC_CHECK(parts_.CheckNotEnded());
    parts_.End();
    return {};
  }

 private:
  int64_t BlockBytes() const {
    return client_.settings().block_bytes
           << std::min<int64_t>(static_cast<int64_t>(blocks_.size()) / kBlocksOfOneSize, 6);
  }

  Status SendBlock() {
    const std::string id = Base64(fmt::format("{:010}", blocks_.size()));
    DELTIC_TRY(
        const HttpAnswer answer,
        client_.Send(
            {.method = "PUT", .key = full_key_, .query = {{"comp", "block"}, {"blockid", id}}, .body = parts_.unsent()},
            SendTwice::kAllowed));
    if (answer.status != 201) return client_.Failure(answer, "uploading a block of " + key_);
    blocks_.push_back(id);
    parts_.Sent();
    return {};
  }

  Result<ObjectMeta> End(bool if_absent) {
    DELTIC_CHECK(parts_.CheckOpen("completing"));
    if (!blocks_.empty() && !parts_.unsent().empty()) DELTIC_CHECK(SendBlock());
    AzureRequest request{.method = "PUT", .key = full_key_};
    std::string list;
    if (blocks_.empty()) {
      request.headers.emplace_back("x-ms-blob-type", "BlockBlob");
      request.body = parts_.unsent();
    } else {
      list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
      for (const std::string& id : blocks_) list += "<Latest>" + id + "</Latest>";
      list += "</BlockList>";
      request.query = {{"comp", "blocklist"}};
      request.body = list;
    }
    if (if_absent) request.headers.emplace_back("If-None-Match", "*");
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, if_absent ? SendTwice::kNever : SendTwice::kAllowed));
    if (if_absent && (answer.status == 409 || answer.status == 412)) {
      parts_.End();
      return AlreadyExists("{}: there is a blob already", key_);
    }
    // Names of such objects are never used twice, so what is there after a lost answer is ours when its size is.
    if (answer.status != 201 && !InDoubt(answer)) return client_.Failure(answer, "completing the upload of " + key_);
    auto meta = store_->Head(key_);
    if (!meta.ok()) return std::move(meta).error();
    if (meta->size_bytes != parts_.size_bytes()) {
      return Corrupt("{}: {} bytes were written, and the store says {}", key_, parts_.size_bytes(), meta->size_bytes);
    }
    parts_.End();
    return meta;
  }

  const std::shared_ptr<ObjectStore> store_;
  AzureClient& client_;
  const std::string key_;
  const std::string full_key_;
  UploadInParts parts_;
  std::vector<std::string> blocks_;
};

class AzureStore : public ObjectStore, public std::enable_shared_from_this<AzureStore> {
 public:
  AzureStore(AzureSettings settings, AzureWorld world)
      : client_(std::move(settings), std::move(world)), prefix_(client_.settings().location.prefix) {
    const auto& location = client_.settings().location;
    uri_ =
        "abfss://" + location.container + "@" + location.account + ".dfs." + location.domain + "/" + prefix_.Encoded();
  }

  const std::string& uri() const override { return uri_; }

  Result<std::string> Get(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(HttpAnswer answer, client_.Send({.key = Full(key)}, SendTwice::kAllowed));
    if (answer.status == 200 && IsFolder(answer)) return NotFound("reading {}{}: it is a folder", uri_, key);
    if (answer.status == 200) return std::move(answer.body);
    return Failure(answer, "reading", key);
  }

  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_CHECK(CheckRange(*this, key, range));
    const auto last = LastByte(range);
    if (!last) return AnswerBySize(*this, key, range);
    AzureRequest request{.key = Full(key)};
    request.headers.emplace_back("x-ms-range", RangeHeader(range.offset, *last));
    request.max_body_bytes = MostRangeBytes(range);
    DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    if (auto bytes = BytesOf(answer, range, uri_ + std::string(key))) return *std::move(bytes);
    return Failure(answer, "reading", key);
  }

  // The service knows no ranges that are counted from the end: with a size to begin from, the range is one without end.
  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    DELTIC_CHECK(CheckKey(key));
    if (tail.length <= 0 || !tail.size_bytes) return ObjectStore::GetTail(key, tail);
    AzureRequest request{.key = Full(key)};
    // With an end of its own: the size that a log tells may be far too small.
    const int64_t begin = std::max<int64_t>(0, *tail.size_bytes - tail.length);
    request.headers.emplace_back("x-ms-range", RangeHeader(begin, begin + tail.length - 1));
    DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    if (answer.status == 416) return ObjectStore::GetTail(key, tail);  // shorter than that, or empty
    if (answer.status != 206 && answer.status != 200) return Failure(answer, "reading", key);
    if (IsFolder(answer)) return NotFound("reading {}{}: it is a folder", uri_, key);
    // The range that was asked for must be one to the end.
    const auto end = begin + static_cast<int64_t>(answer.body.size());
    const bool to_end = answer.status == 200 || end == SizeOfContentRange(answer.Header("content-range"));
    if (!to_end) return ObjectStore::GetTail(key, tail);
    if (auto found = TailOf(answer, key, tail.length)) return *std::move(found);
    return ObjectStore::GetTail(key, tail);
  }

  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer, client_.Send({.method = "HEAD", .key = Full(key)}, SendTwice::kAllowed));
    if (answer.status != 200) return Failure(answer, "looking at", key);
    if (IsFolder(answer)) return NotFound("looking at {}{}: it is a folder", uri_, key);
    return ObjectMeta{.key = std::string(key),
                      .size_bytes = ParseInt64(answer.Header("content-length")).value_or(0),
                      .modified_ms = ParseHttpDate(answer.Header("last-modified")).value_or(0)};
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer, client_.Send(PutRequest(key, bytes), SendTwice::kAllowed));
    if (answer.status == 201) return {};
    return Failure(answer, "writing", key);
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    AzureRequest request = PutRequest(key, bytes);
    request.headers.emplace_back("If-None-Match", "*");
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kNever));
    if (const auto outcome = OutcomeOfPut(answer, WhatPutSays(answer))) return *outcome;
    return Failure(answer, "writing", key);
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    return std::unique_ptr<MultipartWrite>(
        std::make_unique<AzureUpload>(shared_from_this(), client_, std::string(key), Full(key)));
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    const std::string from = std::string(folder) + std::string(from_name);
    // The service lists from the beginning always; what all wanted names have in common narrows it.
    return ListPages(Full(folder), true, [&](const ObjectMeta& meta) { return meta.key < from || visit(meta); });
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    return ListPages(Full(folder), false, visit);
  }

  Status Delete(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer, client_.Send({.method = "DELETE", .key = Full(key)}, SendTwice::kAllowed));
    if (answer.status == 202 || answer.status == 404) return {};
    return Failure(answer, "deleting", key);
  }

  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

 private:
  std::string Full(std::string_view key) const { return prefix_.Full(key); }
  static PutAnswer WhatPutSays(const HttpAnswer& answer) {
    if (answer.status == 201) return PutAnswer::kMade;
    return answer.status == 409 || answer.status == 412 ? PutAnswer::kTaken : PutAnswer::kOther;
  }
  // Accounts with a hierarchical namespace show folders as blobs.
  static bool IsFolder(const HttpAnswer& answer) {
    return answer.Header("x-ms-meta-hdi_isfolder") == "true" || answer.Header("x-ms-resource-type") == "directory";
  }
  AzureRequest PutRequest(std::string_view key, std::string_view bytes) const {
    AzureRequest request{.method = "PUT", .key = Full(key), .body = bytes};
    request.headers.emplace_back("x-ms-blob-type", "BlockBlob");
    return request;
  }
  Error Failure(const HttpAnswer& answer, std::string_view doing, std::string_view key) const {
    return client_.Failure(answer, fmt::format("{} {}{}", doing, uri_, key));
  }

  Status ListPages(const std::string& prefix, bool one_folder, const ListVisitor& visit) {
    std::string marker;
    while (true) {
      AzureRequest request;
      request.query = {{"restype", "container"}, {"comp", "list"}, {"prefix", prefix}, {"include", "metadata"}};
      if (one_folder) request.query.emplace_back("delimiter", "/");
      if (!marker.empty()) request.query.emplace_back("marker", marker);
      DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
      if (answer.status != 200) return client_.Failure(answer, "listing " + uri_);
      auto page = ParseXml(answer.body);
      if (!page.ok()) return std::move(page).error().Wrap("listing " + uri_);
      if (const XmlElement* blobs = page->Find("Blobs")) {
        for (const XmlElement& blob : blobs->children) {
          if (blob.name != "Blob" || blob.Find("Properties") == nullptr) continue;
          const XmlElement& properties = *blob.Find("Properties");
          const XmlElement* metadata = blob.Find("Metadata");
          const bool folder = properties.Text("ResourceType") == "directory" ||
                              (metadata != nullptr && metadata->Text("hdi_isfolder") == "true");
          const std::string_view key = prefix_.KeyOf(blob.Text("Name"));
          if (folder || key.empty() || key.ends_with('/')) continue;
          const ObjectMeta meta{.key = std::string(key),
                                .size_bytes = ParseInt64(properties.Text("Content-Length")).value_or(-1),
                                .modified_ms = ParseHttpDate(properties.Text("Last-Modified")).value_or(0)};
          if (meta.size_bytes < 0) return Corrupt("listing {}: the size of {} is missing", uri_, meta.key);
          if (!visit(meta)) return {};
        }
      }
      marker = page->Text("NextMarker");
      if (marker.empty()) return {};
    }
  }

  AzureClient client_;
  const KeyPrefix prefix_;
  std::string uri_;
};

}  // namespace

std::shared_ptr<ObjectStore> MakeAzureStore(AzureSettings settings, AzureWorld world) {
  return std::make_shared<AzureStore>(std::move(settings), std::move(world));
}

Result<std::shared_ptr<ObjectStore>> OpenAzure(std::string_view url, const StoreOptions& options) {
  DELTIC_TRY(AzureLocation location, ParseAzureUrl(url));
  DELTIC_TRY(AzureSettings settings, MakeAzureSettings(std::move(location), options));
  AzureWorld world;
  DELTIC_TRY(world.client, MakeHttpClient(settings.http));
  if (settings.key.empty() && settings.sas.empty() && settings.bearer_token.empty() && !settings.skip_signature) {
    AzureTokenWorld sources{.https = world.client};
    DELTIC_TRY(sources.metadata, MakeHttpClient(ForMetadataService(settings.http)));
    world.tokens = MakeAzureTokenSource(options, std::move(sources));
  }
  return MakeAzureStore(std::move(settings), std::move(world));
}

}  // namespace deltic
