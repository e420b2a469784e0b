// Owns the requests of the S3 store and the meaning of their answers; see the header.
#include "s3/s3_store.h"

#include <algorithm>
#include <map>

#include "answers/put_answer.h"
#include "answers/range_answer.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/md5.h"
#include "base/number_text.h"
#include "base/turns.h"
#include "base/url.h"
#include "base/uuid.h"
#include "http/http_date.h"
#include "http/xml.h"
#include "s3/dynamo_client.h"
#include "s3/dynamo_log_store.h"
#include "s3/s3_client.h"
#include "s3/s3_upload.h"
#include "storage/byte_range.h"
#include "storage/key_prefix.h"
#include "storage/ordered_visit.h"

namespace deltic {
namespace {

constexpr size_t kDeleteBatch = 1000;  // the protocol's most
constexpr int kConflictTries = 20;

class S3Store : public ObjectStore, public std::enable_shared_from_this<S3Store> {
 public:
  S3Store(S3Settings settings, S3World world)
      : client_(std::move(settings), std::move(world)), prefix_(client_.settings().location.prefix) {
    const auto& location = client_.settings().location;
    uri_ = location.scheme + "://" + location.bucket + "/" + prefix_.Encoded();
  }

  const std::string& uri() const override { return uri_; }

  Result<std::string> Get(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(HttpAnswer answer, client_.Send({.key = Full(key), .reads = true}, SendTwice::kAllowed));
    if (answer.status == 200) return std::move(answer.body);
    return Failure(answer, "reading", key);
  }

  Result<std::string> GetRange(std::string_view key, ByteRange range) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_CHECK(CheckRange(*this, key, range));
    const auto last = LastByte(range);
    if (!last) return AnswerBySize(*this, key, range);
    S3Request request{.key = Full(key), .reads = true};
    request.headers.emplace_back("Range", RangeHeader(range.offset, *last));
    request.max_body_bytes = MostRangeBytes(range);
    DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    if (auto bytes = BytesOf(answer, range, uri_ + std::string(key))) return *std::move(bytes);
    return Failure(answer, "reading", key);
  }

  Result<ObjectTail> GetTail(std::string_view key, const TailRange& tail) override {
    DELTIC_CHECK(CheckKey(key));
    if (tail.length <= 0) return ObjectStore::GetTail(key, tail);
    S3Request request{.key = Full(key), .reads = true};
    request.headers.emplace_back("Range", fmt::format("bytes=-{}", tail.length));
    DELTIC_TRY(HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    // An empty object has no range at all, and some servers know no end of an object that is shorter.
    if (answer.status == 416) return ObjectStore::GetTail(key, tail);
    if (answer.status != 206 && answer.status != 200) return Failure(answer, "reading", key);
    if (auto end = TailOf(answer, key, tail.length)) return *std::move(end);
    return ObjectStore::GetTail(key, tail);
  }

  Result<ObjectMeta> Head(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer,
               client_.Send({.method = "HEAD", .key = Full(key), .reads = true}, SendTwice::kAllowed));
    if (answer.status != 200) return Failure(answer, "looking at", key);
    return ObjectMeta{.key = std::string(key),
                      .size_bytes = ParseInt64(answer.Header("content-length")).value_or(0),
                      .modified_ms = ParseHttpDate(answer.Header("last-modified")).value_or(0)};
  }

  Status Put(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer,
               client_.Send({.method = "PUT", .key = Full(key), .body = bytes, .makes = true}, SendTwice::kAllowed));
    if (answer.status == 200) return {};
    return Failure(answer, "writing", key);
  }

  Result<PutOutcome> PutIfAbsent(std::string_view key, std::string_view bytes) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_CHECK(ProbeConditionalPuts());
    return ConditionalPut(Full(key), bytes);
  }

  Result<std::unique_ptr<MultipartWrite>> StartMultipart(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    return MakeS3Upload(shared_from_this(), client_, std::string(key), Full(key));
  }

  Status List(std::string_view folder, std::string_view from_name, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    const std::string from = std::string(folder) + std::string(from_name);
    // start-after leaves out the key itself: what is asked for is the text one letter shorter, and then sorted out
    // here.
    std::string after = from_name.empty() ? "" : Full(from.substr(0, from.size() - 1));
    if (!from_name.empty() && (static_cast<unsigned char>(from_name.back()) & 0x80) != 0)
      after.clear();  // cut in a letter
    OrderedVisit in_order(from, visit);
    DELTIC_CHECK(ListPages({.prefix = Full(folder), .after = after, .delimiter = true},
                           [&](const ObjectMeta& meta) { return meta.key.ends_with('/') || in_order.Take(meta); }));
    return in_order.Check(uri_);  // S3 Express lists in no order
  }

  Status ListRecursive(std::string_view folder, const ListVisitor& visit) override {
    DELTIC_CHECK(CheckFolder(folder));
    return ListPages({.prefix = Full(folder)},
                     [&](const ObjectMeta& meta) { return meta.key.ends_with('/') || visit(meta); });
  }

  Status Delete(std::string_view key) override {
    DELTIC_CHECK(CheckKey(key));
    DELTIC_TRY(const HttpAnswer answer, client_.Send({.method = "DELETE", .key = Full(key)}, SendTwice::kAllowed));
    if (answer.status == 204 || answer.status == 200 || answer.status == 404) return {};
    return Failure(answer, "deleting", key);
  }

  std::vector<Status> DeleteMany(const std::vector<std::string>& keys) override {
    std::vector<Status> outcomes;
    outcomes.reserve(keys.size());
    for (size_t begin = 0; begin < keys.size(); begin += kDeleteBatch) {
      const size_t end = std::min(keys.size(), begin + kDeleteBatch);
      if (end - begin == 1) {
        outcomes.push_back(Delete(keys[begin]));
      } else {
        DeleteBatch(
            {keys.begin() + static_cast<std::ptrdiff_t>(begin), keys.begin() + static_cast<std::ptrdiff_t>(end)},
            outcomes);
      }
    }
    return outcomes;
  }

  std::optional<std::string> LocalPath(std::string_view) const override { return std::nullopt; }

 private:
  struct Listing {
    std::string prefix;
    std::string after;
    bool delimiter = false;
  };

  std::string Full(std::string_view key) const { return prefix_.Full(key); }

  Error Failure(const HttpAnswer& answer, std::string_view doing, std::string_view key) const {
    return client_.Failure(answer, fmt::format("{} {}{}", doing, uri_, key));
  }

  Result<PutOutcome> ConditionalPut(const std::string& full_key, std::string_view bytes) {
    int tries = 0;
    bool doubted = false;
    for (int attempt = 1;; ++attempt) {
      S3Request request{.method = "PUT", .key = full_key, .body = bytes, .makes = true};
      request.headers.emplace_back("If-None-Match", "*");
      auto sent = client_.Send(request, SendTwice::kNever);
      if (!sent.ok() && doubted) return PutOutcome::kUnknown;
      DELTIC_TRY(HttpAnswer answer, std::move(sent));
      tries += answer.tries;
      doubted = doubted || answer.doubted;
      // Another conditional request on the key was under way: nothing was written, and the outcome of that is not
      // known.
      if (answer.status == 409 && attempt < kConflictTries) {
        client_.Wait(attempt);
        continue;
      }
      answer.tries = tries - (attempt - 1);  // those before ended with such an answer
      answer.doubted = doubted;
      if (const auto outcome = OutcomeOfPut(answer, WhatPutSays(answer))) return *outcome;
      return client_.Failure(answer, fmt::format("writing s3://{}/{}", client_.settings().location.bucket, full_key));
    }
  }
  static PutAnswer WhatPutSays(const HttpAnswer& answer) {
    if (answer.status == 200) return PutAnswer::kMade;
    return answer.status == 412 ? PutAnswer::kTaken : PutAnswer::kOther;
  }

  // Once a store, before its first commit. Amazon's own is known to keep its word, and locks do without.
  Status ProbeConditionalPuts() {
    const S3Settings& settings = client_.settings();
    if (settings.locked_commits) return {};
    if (!settings.conditional_put) {
      return Unsupported(
          "{}: conditional puts are turned off (aws_conditional_put = disabled), and without them commits are "
          "not safe",
          uri_);
    }
    DELTIC_TRY(const Turns::Turn turn, turns_.Take());
    if (checked_ || settings.host.ends_with(".amazonaws.com")) return {};
    const auto& proven = client_.world().proven;
    if (proven == nullptr || !proven->Has(settings.base_url)) {
      DELTIC_CHECK(CheckConditionalPuts({
          .make_key =
              [&] {
                return Full("_delta_log/.deltic-probe-" + FormatUuid(MakeRandomUuid(client_.world().env.random)));
              },
          .put_if_absent = [&](const std::string& key, std::string_view bytes) { return ConditionalPut(key, bytes); },
          .remove =
              [&](const std::string& key) {
                const CancelScope patient(StopSign::Here().Patient(kCleanUpPatienceMs));
                (void)client_.Send({.method = "DELETE", .key = key}, SendTwice::kAllowed);
              },
          .uri = uri_,
      }));
      if (proven != nullptr) proven->Add(settings.base_url);
    }
    checked_ = true;
    return {};
  }

  Status ListPages(const Listing& listing, const ListVisitor& visit) {
    std::string token;
    while (true) {
      S3Request request;
      request.query = {{"list-type", "2"}, {"prefix", listing.prefix}, {"encoding-type", "url"}};
      if (listing.delimiter) request.query.emplace_back("delimiter", "/");
      if (!listing.after.empty() && token.empty()) request.query.emplace_back("start-after", listing.after);
      if (!token.empty()) request.query.emplace_back("continuation-token", token);
      DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
      if (answer.status != 200) {
        return client_.Failure(answer, "listing " + uri_ + std::string(prefix_.KeyOf(listing.prefix)));
      }
      auto page = ParseXml(answer.body);
      if (!page.ok()) return std::move(page).error().Wrap("listing " + uri_);
      const bool encoded = page->Text("EncodingType") == "url";
      for (const XmlElement& object : page->children) {
        if (object.name != "Contents") continue;
        std::string key(object.Text("Key"));
        if (encoded) {
          std::replace(key.begin(), key.end(), '+', ' ');
          DELTIC_TRY(key, PercentDecode(key));
        }
        ObjectMeta meta{.key = std::string(prefix_.KeyOf(key)),
                        .size_bytes = ParseInt64(object.Text("Size")).value_or(-1),
                        .modified_ms = ParseIsoTime(object.Text("LastModified")).value_or(0)};
        if (meta.key.empty()) continue;
        if (meta.size_bytes < 0) return Corrupt("listing {}: the size of {} is missing", uri_, meta.key);
        if (!visit(meta)) return {};
      }
      token = page->Text("NextContinuationToken");
      if (page->Text("IsTruncated") != "true") return {};
      if (token.empty()) return Corrupt("listing {}: the store says that there is more, and not where", uri_);
    }
  }

  void DeleteBatch(const std::vector<std::string>& keys, std::vector<Status>& outcomes) {
    std::string body = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>";
    std::map<std::string, Status> refused;  // by key of this store
    for (const std::string& key : keys) {
      Status status = CheckKey(key);
      if (status.ok()) body += "<Object><Key>" + EscapeXml(Full(key)) + "</Key></Object>";
      refused.emplace(key, std::move(status));
    }
    body += "</Delete>";
    auto failed = SendDelete(body);
    for (const std::string& key : keys) {
      const Status& status = refused.at(key);
      if (!status.ok()) {
        outcomes.push_back(status);
      } else if (!failed.ok()) {
        outcomes.emplace_back(failed.error());
      } else if (const auto found = failed->find(Full(key)); found != failed->end()) {
        outcomes.emplace_back(Unavailable("deleting {}{}: {}", uri_, key, found->second));
      } else {
        outcomes.emplace_back();
      }
    }
  }

  // Keys of the bucket that could not be deleted, with the reason.
  Result<std::map<std::string, std::string>> SendDelete(const std::string& body) {
    S3Request request{.method = "POST", .query = {{"delete", ""}}, .body = body};
    request.headers.emplace_back("Content-Type", "application/xml");
    request.headers.emplace_back("Content-MD5", Md5Base64(body));
    DELTIC_TRY(const HttpAnswer answer, client_.Send(request, SendTwice::kAllowed));
    if (answer.status != 200) return client_.Failure(answer, "deleting files of " + uri_);
    auto root = ParseXml(answer.body);
    if (!root.ok()) return std::move(root).error().Wrap("deleting files of " + uri_);
    std::map<std::string, std::string> failed;
    for (const XmlElement& child : root->children) {
      if (child.name == "Error" && child.Text("Code") != "NoSuchKey") {
        failed[std::string(child.Text("Key"))] =
            std::string(child.Text("Code")) + ": " + std::string(child.Text("Message"));
      }
    }
    return failed;
  }

  S3Client client_;
  const KeyPrefix prefix_;
  std::string uri_;
  Turns turns_;
  bool checked_ = false;  // conditional puts are honoured
};

}  // namespace

std::shared_ptr<ObjectStore> MakeS3Store(S3Settings settings, S3World world) {
  return std::make_shared<S3Store>(std::move(settings), std::move(world));
}

namespace {

// Of this process: that a server keeps its word does not change while it runs.
const std::shared_ptr<ProvenStores>& ProvenHere() {
  static const auto kProven = std::make_shared<ProvenStores>();
  return kProven;
}

Result<std::shared_ptr<ObjectStore>> WithLocks(std::shared_ptr<ObjectStore> store, std::string_view url,
                                               const StoreOptions& options, const S3World& world,
                                               const std::string& region) {
  DELTIC_TRY(DynamoSettings settings, MakeDynamoSettings(options, region));
  DynamoWorld dynamo{.client = world.client, .credentials = DynamoCredentials(options)};
  if (dynamo.credentials == nullptr) dynamo.credentials = world.credentials;
  if (dynamo.credentials == nullptr) {
    return InvalidArgument(
        "locks in DynamoDB need credentials: aws_skip_signature must not be set with "
        "aws_s3_locking_provider");
  }
  return MakeDynamoLogStore(std::move(store), MakeDynamoTable(std::move(settings), std::move(dynamo)), url, world.env);
}

}  // namespace

Result<std::shared_ptr<ObjectStore>> OpenS3(std::string_view url, const StoreOptions& options) {
  DELTIC_TRY(const S3Location location, ParseS3Url(url));
  DELTIC_TRY(S3Settings settings, MakeS3Settings(location, options));
  S3World world{.proven = ProvenHere()};
  DELTIC_TRY(world.client, MakeHttpClient(settings.http));
  if (!settings.skip_signature) {
    CredentialWorld sources{.https = world.client};
    DELTIC_TRY(sources.metadata, MakeHttpClient(ForMetadataService(settings.http)));
    world.credentials = MakeCredentialProvider(options, settings.region, std::move(sources));
  }
  const bool locked = settings.locked_commits;
  const std::string region = settings.region;
  auto store = MakeS3Store(std::move(settings), world);
  if (locked) return WithLocks(std::move(store), url, options, world, region);
  return store;
}

}  // namespace deltic
