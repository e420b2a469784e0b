// Owns the requests of the Google store and the meaning of their answers; see the header.
#include "gcs/gcs_store.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/parallel.h"
#include "base/url.h"
#include "gcs/gcs_object.h"
#include "gcs/gcs_token.h"
#include "gcs/gcs_upload.h"
#include "http/http_date.h"

namespace deltic {
namespace {

constexpr int64_t kErrorBytes = 64 << 10;

// "1000" of "bytes 900-999/1000"; -1 when it is not told.
int64_t SizeOfContentRange(std::string_view text) {
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return -1;
  int64_t size = -1;
  const auto [end, error] = std::from_chars(text.data() + slash + 1, text.data() + text.size(), size);
  return error == std::errc() && end == text.data() + text.size() ? size : -1;
}

// The service takes UTF-8 only: what is cut off is sorted out of the listing afterwards.
std::string AsciiBeginning(std::string_view text) {
  const auto* const end = std::find_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
  return {text.begin(), end};
}

class GcsStore : public ObjectStore, public std::enable_shared_from_this<GcsStore> {
 public:
  GcsStore(GcsSettings settings, GcsWorld world) : client_(std::move(settings), std::move(world)) {
    const auto& location = client_.settings().location;
    uri_ = "gs://" + location.bucket + "/" + (location.prefix.empty() ? "" : PercentEncode(location.prefix) + "/");
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
    if (range.offset < 0 || range.length < 0) {
      return InvalidArgument("{}{}: a range from {} of {} bytes", uri_, key, range.offset, range.length);
    }
    int64_t last = 0;
    if (range.length == 0 || __builtin_add_overflow(range.offset, range.length - 1, &last)) {
      return EmptyRange(key, range);
    }
    GcsRequest request = Media(key);
    request.headers.emplace_back("Range", fmt::format("bytes={}-{}", range.offset, last));
    request.max_body_bytes = std::min(range.length, int64_t{1} << 40) + kErrorBytes;  // or an error document
    DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    const bool whole = answer.body.size() == static_cast<size_t>(range.length);
    if (whole && (answer.status == 206 || (answer.status == 200 && range.offset == 0))) return std::move(answer.body);
    if (answer.status == 416 || answer.status == 206 || answer.status == 200) {
      return Corrupt("{}{}: it is shorter than expected: bytes {} to {} are not there", uri_, key, range.offset, last);
    }
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
    const int64_t size = answer.status == 200 ? static_cast<int64_t>(answer.body.size())
                                              : SizeOfContentRange(answer.Header("content-range"));
    const auto modified_ms = ParseHttpDate(answer.Header("last-modified"));
    const bool clear = modified_ms && static_cast<int64_t>(answer.body.size()) == std::min(size, tail.length);
    if (!clear) return ObjectStore::GetTail(key, tail);
    return ObjectTail{.meta = {.key = std::string(key), .size_bytes = size, .modified_ms = *modified_ms},
                      .bytes = std::move(answer.body)};
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
    if (answer.status == 200) return PutOutcome::kWritten;
    // After a try that was turned away (429, 503) the object may be ours all the same: a proxy may have answered so.
    if (answer.status == 412) return answer.tries == 1 ? PutOutcome::kExists : PutOutcome::kUnknown;
    if (InDoubt(answer) || answer.doubted) return PutOutcome::kUnknown;
    return Failure(answer, "writing", key);
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    return MakeGcsUpload(shared_from_this(), client_, {.key = std::string(key), .object = Full(key)});
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    const std::string from = std::string(folder) + std::string(from_name);
    Listing listing{.prefix = FullFolder(folder), .delimiter = true};
    if (!from_name.empty()) listing.start = listing.prefix + AsciiBeginning(from_name);
    std::string last;
    bool ordered = true;
    DELTIC_CHECK(ListPages(listing, [&](const ObjectMeta& meta) {
      ordered = ordered && last <= meta.key;
      if (!ordered) return false;
      last = meta.key;
      return meta.key < from || visit(meta);
    }));
    if (!ordered) return Unsupported("{}: the store does not list objects in their order", uri_);
    return {};
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    return ListPages({.prefix = FullFolder(folder)}, visit);
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
    std::vector<Status> outcomes(keys.size());
    const auto threads = static_cast<size_t>(client_.settings().delete_threads);
    (void)ForEachParallel(keys.size(), threads, [&](size_t i) {
      outcomes[i] = Delete(keys[i]);
      return Status();
    });
    return outcomes;
  }

  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

 private:
  struct Listing {
    std::string prefix;
    std::string start;  // names before it are not listed
    bool delimiter = false;
  };

  std::string Full(std::string_view key) const {
    const std::string& prefix = client_.settings().location.prefix;
    return prefix.empty() ? std::string(key) : prefix + "/" + std::string(key);
  }
  std::string FullFolder(std::string_view folder) const {
    if (folder.empty() && client_.settings().location.prefix.empty()) return "";
    return Full(folder);
  }
  static Status CheckFolder(std::string_view folder) {
    if (folder.empty()) return {};
    if (!folder.ends_with('/')) return InvalidArgument("folder '{}' does not end with '/'", folder);
    return CheckKey(folder.substr(0, folder.size() - 1));
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

  // No bytes are wanted, or more than there can be: the object's size answers.
  Result<std::string> EmptyRange(std::string_view key, ByteRange range) {
    DELTIC_TRY(const ObjectMeta meta, Head(key));
    if (range.length == 0 && range.offset <= meta.size_bytes) return std::string();
    return Corrupt("{}{}: it has {} bytes, and {} from byte {} were expected", uri_, key, meta.size_bytes, range.length,
                   range.offset);
  }

  Status ListPages(const Listing& listing, const ListVisitor& visit) {
    const std::string& root = client_.settings().location.prefix;
    const size_t cut = root.empty() ? 0 : root.size() + 1;
    std::string token;
    while (true) {
      GcsRequest request{
          .path = client_.ListPath(),
          .query = {{"prefix", listing.prefix}, {"fields", fmt::format("nextPageToken,items({})", kGcsObjectFields)}}};
      if (listing.delimiter) request.query.emplace_back("delimiter", "/");
      if (!listing.start.empty()) request.query.emplace_back("startOffset", listing.start);
      if (!token.empty()) request.query.emplace_back("pageToken", token);
      DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
      if (answer.status != 200)
        return Failure(answer, "listing", listing.prefix.substr(std::min(cut, listing.prefix.size())));
      const auto page = nlohmann::json::parse(answer.body, nullptr, false);
      if (!page.is_object()) return Corrupt("listing {}: the store's answer is no JSON object", uri_);
      if (const auto items = page.find("items"); items != page.end()) {
        if (!items->is_array()) return Corrupt("listing {}: the store's answer has no list of objects", uri_);
        for (const auto& item : *items) {
          auto meta = ReadGcsObject(item);
          if (!meta) return Corrupt("listing {}: the store's answer lacks an object's name, size or time", uri_);
          // An object whose name ends with '/' stands for a folder.
          if (meta->key.size() <= cut || meta->key.ends_with('/')) continue;
          meta->key.erase(0, cut);
          if (!visit(*meta)) return {};
        }
      }
      const auto next = page.find("nextPageToken");
      if (next == page.end() || !next->is_string() || next->get_ref<const std::string&>().empty()) return {};
      token = next->get<std::string>();
    }
  }

  GcsClient client_;
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
