// Owns the requests of the Google store and the meaning of their answers; see the header.
#include "gcs/gcs_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "answers/put_answer.h"
#include "answers/range_answer.h"
#include "base/error.h"
#include "gcs/gcs_object.h"
#include "gcs/gcs_token.h"
#include "gcs/gcs_upload.h"
#include "storage/byte_range.h"
#include "storage/delete_at_once.h"
#include "storage/key_prefix.h"
#include "storage/ordered_visit.h"

namespace deltic {
namespace {

// The service takes UTF-8 only: what is cut off is sorted out of the listing afterwards.
std::string AsciiBeginning(std::string_view text) {
  const auto* const end = std::find_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
  return {text.begin(), end};
}

class GcsStore : public ObjectStore, public std::enable_shared_from_this<GcsStore> {
 public:
  GcsStore(GcsSettings settings, GcsWorld world)
      : client_(std::move(settings), std::move(world)), prefix_(client_.settings().location.prefix) {
    uri_ = "gs://" + client_.settings().location.bucket + "/" + prefix_.Encoded();
  }

  const std::string& uri() const override { return uri_; }

  Result<std::string> Get(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(HttpAnswer answer, client_.Send(Media(key), SendTwice::kAllowed));
    if (answer.status == 200) return std::move(answer.body);
    return Failure(answer, "reading", key);
  }

  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_CHECK(CheckRange(*this, key, range));
    const auto last = LastByte(range);
    if (!last) return AnswerBySize(*this, key, range);
    GcsRequest request = Media(key);
    request.headers.emplace_back("Range", RangeHeader(range.offset, *last));
    request.max_body_bytes = MostRangeBytes(range);
    DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    const std::string object = uri_ + std::string(key);
    if (auto bytes = BytesOf(answer, range, object)) return *std::move(bytes);
    if (answer.status == 200) return TooShort(range, object);
    return Failure(answer, "reading", key);
  }

  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    DELTIC_CHECK(CheckKey(key));
    if (tail.length <= 0) return ObjectStore::GetTail(key, tail);
    GcsRequest request = Media(key);
    request.headers.emplace_back("Range", fmt::format("bytes=-{}", tail.length));
    DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    // An empty object has no range at all.
    if (answer.status == 416) return ObjectStore::GetTail(key, tail);
    if (answer.status != 206 && answer.status != 200) return Failure(answer, "reading", key);
    // The service heeds ranges: more than was asked for is not believed.
    const bool more = static_cast<int64_t>(answer.body.size()) > tail.length;
    if (more) return ObjectStore::GetTail(key, tail);
    if (auto end = TailOf(answer, key, tail.length)) return *std::move(end);
    return ObjectStore::GetTail(key, tail);
  }

  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer,
               client_.Send({.path = client_.ObjectPath(Full(key)), .query = {{"fields", kGcsObjectFields}}},
                            SendTwice::kAllowed));
    if (answer.status != 200) return Failure(answer, "looking at", key);
    auto meta = ParseGcsObject(answer.body);
    if (!meta) return Corrupt("looking at {}{}: the store's answer lacks name, size or time", uri_, key);
    meta->key = key;
    return *meta;
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer, client_.Send(Upload(key, bytes), SendTwice::kAllowed));
    if (answer.status == 200) return {};
    return Failure(answer, "writing", key);
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    GcsRequest request = Upload(key, bytes);
    request.query.emplace_back("ifGenerationMatch", "0");
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kNever));
    if (const auto outcome = OutcomeOfPut(answer, WhatPutSays(answer))) return *outcome;
    return Failure(answer, "writing", key);
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    return MakeGcsUpload(shared_from_this(), client_, {.key = std::string(key), .object = Full(key)});
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    const std::string from = std::string(folder) + std::string(from_name);
    Listing listing{.prefix = Full(folder), .delimiter = true};
    if (!from_name.empty()) listing.start = listing.prefix + AsciiBeginning(from_name);
    OrderedVisit in_order(from, visit);
    DELTIC_CHECK(ListPages(listing, [&](const ObjectMeta& meta) { return in_order.Take(meta); }));
    return in_order.Check(uri_);
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    return ListPages({.prefix = Full(folder)}, visit);
  }

  Status Delete(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer,
               client_.Send({.method = "DELETE", .path = client_.ObjectPath(Full(key))}, SendTwice::kAllowed));
    if (answer.status == 204 || answer.status == 200 || answer.status == 404) return {};
    return Failure(answer, "deleting", key);
  }

  // The service takes batches too, but works through them one object after the other: many requests at once are faster.
  std::vector<Status> DeleteMany(const std::vector<std::string>& keys) override {
    return DeleteAtOnce(*this, keys, static_cast<size_t>(client_.settings().delete_threads));
  }

  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

 private:
  struct Listing {
    std::string prefix;
    std::string start;  // names before it are not listed
    bool delimiter = false;
  };

  std::string Full(std::string_view key) const { return prefix_.Full(key); }
  static PutAnswer WhatPutSays(const HttpAnswer& answer) {
    if (answer.status == 200) return PutAnswer::kMade;
    return answer.status == 412 ? PutAnswer::kTaken : PutAnswer::kOther;
  }
  GcsRequest Media(std::string_view key) const {
    return {.path = client_.ObjectPath(Full(key)), .query = {{"alt", "media"}}};
  }
  GcsRequest Upload(std::string_view key, std::string_view bytes) const {
    GcsRequest request{.method = "POST",
                       .path = client_.UploadPath(),
                       .query = {{"uploadType", "media"}, {"name", Full(key)}, {"fields", kGcsObjectFields}},
                       .body = bytes};
    request.headers.emplace_back("Content-Type", "application/octet-stream");
    return request;
  }
  Error Failure(const HttpAnswer& answer, std::string_view doing, std::string_view key) const {
    return client_.Failure(answer, fmt::format("{} {}{}", doing, uri_, key));
  }

  Status ListPages(const Listing& listing, const ListVisitor& visit) {
    std::string token;
    while (true) {
      GcsRequest request{
          .path = client_.ListPath(),
          .query = {{"prefix", listing.prefix}, {"fields", fmt::format("nextPageToken,items({})", kGcsObjectFields)}}};
      if (listing.delimiter) request.query.emplace_back("delimiter", "/");
      if (!listing.start.empty()) request.query.emplace_back("startOffset", listing.start);
      if (!token.empty()) request.query.emplace_back("pageToken", token);
      DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
      if (answer.status != 200) return Failure(answer, "listing", prefix_.KeyOf(listing.prefix));
      const auto page = nlohmann::json::parse(answer.body, nullptr, false);
      if (!page.is_object()) return Corrupt("listing {}: the store's answer is no JSON object", uri_);
      if (const auto items = page.find("items"); items != page.end()) {
        if (!items->is_array()) return Corrupt("listing {}: the store's answer has no list of objects", uri_);
        for (const auto& item : *items) {
          auto meta = ReadGcsObject(item);
          if (!meta) return Corrupt("listing {}: the store's answer lacks an object's name, size or time", uri_);
          // An object whose name ends with '/' stands for a folder.
          const std::string_view key = prefix_.KeyOf(meta->key);
          if (key.empty() || key.ends_with('/')) continue;
          meta->key = std::string(key);
          if (!visit(*meta)) return {};
        }
      }
      const auto next = page.find("nextPageToken");
      if (next == page.end() || !next->is_string() || next->get_ref<const std::string&>().empty()) return {};
      token = next->get<std::string>();
    }
  }

  GcsClient client_;
  const KeyPrefix prefix_;
  std::string uri_;
};

}  // namespace

std::shared_ptr<ObjectStore> MakeGcsStore(GcsSettings settings, GcsWorld world) {
  return std::make_shared<GcsStore>(std::move(settings), std::move(world));
}

Result<std::shared_ptr<ObjectStore>> OpenGcs(std::string_view url, const StoreOptions& options) {
  DELTIC_TRY(GcsLocation location, ParseGcsUrl(url));
  DELTIC_TRY(GcsSettings settings, MakeGcsSettings(std::move(location), options));
  GcsWorld world;
  if (!settings.skip_signature && settings.bearer_token.empty()) {
    DELTIC_TRY(GcsCredentials credentials, FindGcsCredentials(options));
    // Key files of emulators name the server.
    if (!settings.base_url_given && !credentials.gcs_base_url.empty()) {
      DELTIC_TRY(settings.base_url, CheckGcsEndpoint(credentials.gcs_base_url, credentials.from + ": gcs_base_url"));
    }
    if (settings.user_project.empty()) settings.user_project = credentials.quota_project;
    settings.skip_signature = credentials.disable_oauth;
    if (settings.skip_signature) settings.http.allow_http = true;  // an emulator's
    DELTIC_TRY(world.client, MakeHttpClient(settings.http));
    if (settings.skip_signature) return MakeGcsStore(std::move(settings), std::move(world));
    GcsTokenWorld sources{.https = world.client, .retries = settings.retries};
    sources.metadata_host = options.FromEnvironment("GCE_METADATA_HOST").value_or(sources.metadata_host);
    DELTIC_TRY(sources.metadata, MakeHttpClient(ForMetadataService(settings.http)));
    world.tokens = MakeGcsTokenSource(std::move(credentials), std::move(sources));
    return MakeGcsStore(std::move(settings), std::move(world));
  }
  DELTIC_TRY(world.client, MakeHttpClient(settings.http));
  return MakeGcsStore(std::move(settings), std::move(world));
}

}  // namespace deltic
