// Owns the requests of DynamoDB and the meaning of their answers; see the header.
#include "s3/dynamo_client.h"

#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>

#include "answers/put_answer.h"
#include "base/digest.h"
#include "base/error.h"
#include "http/http_date.h"
#include "s3/sigv4.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

constexpr int kThrottleTries = 12;
constexpr int kTableTries = 60;  // a second each

// What the service said: the answer's document, or the short name of its error.
struct Told {
  Json body;
  std::string error;    // "ConditionalCheckFailedException"; "" for success
  std::string message;  // of the error
  HttpAnswer answer;    // without body
};

std::string TextOf(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Told Read(HttpAnswer answer) {
  Told told;
  told.body = Json::parse(answer.body, nullptr, false);
  if (!told.body.is_object()) told.body = Json::object();
  answer.body.clear();
  if (answer.status != 200) {
    const std::string type = TextOf(told.body, "__type");
    told.error = type.substr(type.find('#') == std::string::npos ? 0 : type.find('#') + 1);
    told.message = TextOf(told.body, told.body.contains("message") ? "message" : "Message");
    if (told.error.empty()) told.error = fmt::format("status {}", answer.status);
  }
  told.answer = std::move(answer);
  return told;
}

bool IsThrottled(const std::string& error) {
  return error == "ProvisionedThroughputExceededException" || error == "ThrottlingException" ||
         error == "RequestLimitExceeded" || error == "TransactionConflictException";
}

Json Text(const std::string& text) { return {{"S", text}}; }

class DynamoTable : public CommitTable {
 public:
  DynamoTable(DynamoSettings settings, DynamoWorld world) : settings_(std::move(settings)), world_(std::move(world)) {}

  Result<std::optional<CommitEntry>> Find(const std::string& table, const std::string& file_name) override {
    DELTIC_TRY(const Told told, Ask("GetItem", {{"TableName", settings_.table},
                                                {"ConsistentRead", true},
                                                {"Key", {{"tablePath", Text(table)}, {"fileName", Text(file_name)}}}}));
    if (told.error == "ResourceNotFoundException") return std::optional<CommitEntry>();
    if (!told.error.empty()) return Failure(told, "looking for commit " + file_name);
    if (!told.body.contains("Item") || told.body["Item"].empty()) return std::optional<CommitEntry>();
    return EntryOf(told.body["Item"]);
  }

  Result<std::optional<CommitEntry>> Newest(const std::string& table) override {
    DELTIC_TRY(const Told told, Ask("Query", {{"TableName", settings_.table},
                                              {"ConsistentRead", true},
                                              {"ScanIndexForward", false},
                                              {"Limit", 1},
                                              {"KeyConditionExpression", "tablePath = :t"},
                                              {"ExpressionAttributeValues", {{":t", Text(table)}}}}));
    if (told.error == "ResourceNotFoundException") return std::optional<CommitEntry>();
    if (!told.error.empty()) return Failure(told, "looking for the newest commit");
    const auto items = told.body.find("Items");
    if (items == told.body.end() || !items->is_array() || items->empty()) return std::optional<CommitEntry>();
    return EntryOf(items->front());
  }

  Result<PutOutcome> Claim(const std::string& table, const CommitEntry& entry) override {
    const Json request = {{"TableName", settings_.table},
                          {"Item",
                           {{"tablePath", Text(table)},
                            {"fileName", Text(entry.file_name)},
                            {"tempPath", Text(entry.temp_path)},
                            {"complete", Text("false")}}},
                          {"ConditionExpression", "attribute_not_exists(fileName)"}};
    DELTIC_TRY(Told told, Ask("PutItem", request));
    if (told.error == "ResourceNotFoundException") {
      DELTIC_CHECK(MakeTable());
      DELTIC_TRY(told, Ask("PutItem", request));
    }
    // The request is sent again after a lost answer: what is there may be ours, and Find tells by the temporary path.
    const bool taken = told.error == "ConditionalCheckFailedException";
    const PutAnswer says = told.error.empty() ? PutAnswer::kMade : taken ? PutAnswer::kTaken : PutAnswer::kOther;
    if (const auto outcome = OutcomeOfPut(told.answer, says)) return *outcome;
    return Failure(told, "claiming commit " + entry.file_name);
  }

  Status Complete(const std::string& table, const CommitEntry& entry, int64_t expire_s) override {
    DELTIC_TRY(const Told told,
               Ask("UpdateItem", {{"TableName", settings_.table},
                                  {"Key", {{"tablePath", Text(table)}, {"fileName", Text(entry.file_name)}}},
                                  {"UpdateExpression", "SET complete = :c, expireTime = :e"},
                                  {"ConditionExpression", "tempPath = :t AND complete = :f"},
                                  {"ExpressionAttributeValues",
                                   {{":c", Text("true")},
                                    {":e", {{"N", std::to_string(expire_s)}}},
                                    {":t", Text(entry.temp_path)},
                                    {":f", Text("false")}}}}));
    if (told.error.empty() || told.error == "ConditionalCheckFailedException") return {};
    return Failure(told, "completing commit " + entry.file_name);
  }

 private:
  Result<Told> Ask(const char* operation, const Json& request) {
    const std::string body = request.dump();
    bool renewed = false;
    std::optional<Told> doubtful;  // an answer after which the request may have taken effect
    for (int attempt = 1;; ++attempt) {
      auto sent =
          SendPatiently(*world_.client, [&] { return Sign(operation, body); }, SendTwice::kAllowed, settings_.retries,
                        {.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms});
      // An error would say that nothing was done.
      if (!sent.ok() && doubtful) {
        doubtful->answer.stopped = sent.error().code() == Code::kCancelled;
        return *std::move(doubtful);
      }
      DELTIC_TRY(HttpAnswer answer, std::move(sent));
      answer.doubted = answer.doubted || doubtful.has_value();
      Told told = Read(std::move(answer));
      if (told.answer.doubted) doubtful = told;
      if (!renewed && (told.error == "ExpiredTokenException" || told.error == "UnrecognizedClientException")) {
        renewed = true;
        world_.credentials->Forget();
      } else if (!renewed && SetClock(told)) {
        renewed = true;
      } else if (IsThrottled(told.error) && attempt < kThrottleTries) {
        (void)Wait(std::min<int64_t>(5'000, int64_t{50} << std::min(attempt, 10)));  // a cancel is told by the next try
      } else {
        return told;
      }
    }
  }

  Result<HttpRequest> Sign(const char* operation, std::string_view body) {
    HttpRequest http{.method = "POST", .url = settings_.endpoint + "/", .body = body};
    const size_t host = settings_.endpoint.find("://") + 3;
    DELTIC_TRY(const AwsCredentials credentials, world_.credentials->Get(world_.cancel));
    http.headers = SignV4({.method = "POST",
                           .host = settings_.endpoint.substr(host),
                           .path = "/",
                           .query = {},
                           .headers = {{"Content-Type", "application/x-amz-json-1.0"},
                                       {"X-Amz-Target", std::string("DynamoDB_20120810.") + operation}},
                           .payload_hash = Hex(Sha256(body))},
                          {.region = settings_.region,
                           .service = "dynamodb",
                           .now_ms = world_.env.now_ms() + clock_offset_ms_,
                           .path_encoded_twice = true},
                          credentials);
    return http;
  }

  // Whether the service refused our clock, and said its own.
  bool SetClock(const Told& told) {
    const bool skewed =
        told.error == "RequestExpired" ||
        (told.error == "InvalidSignatureException" && told.message.starts_with("Signature expired")) ||
        (told.error == "InvalidSignatureException" && told.message.starts_with("Signature not yet current"));
    const auto date = ParseHttpDate(told.answer.Header("date"));
    if (!skewed || !date) return false;
    clock_offset_ms_ = *date - world_.env.now_ms();
    return true;
  }

  Status Wait(int64_t most) {
    const int64_t delay = most / 2 + static_cast<int64_t>(world_.env.random() % static_cast<uint64_t>(most / 2 + 1));
    return WaitMs(delay, {.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms});
  }

  // As Spark makes it, and waited for until it can be used. Another may make it at the same time.
  Status MakeTable() {
    Json request = {{"TableName", settings_.table},
                    {"AttributeDefinitions",
                     {{{"AttributeName", "tablePath"}, {"AttributeType", "S"}},
                      {{"AttributeName", "fileName"}, {"AttributeType", "S"}}}},
                    {"KeySchema",
                     {{{"AttributeName", "tablePath"}, {"KeyType", "HASH"}},
                      {{"AttributeName", "fileName"}, {"KeyType", "RANGE"}}}}};
    if (settings_.pay_per_request) {
      request["BillingMode"] = "PAY_PER_REQUEST";
    } else {
      request["ProvisionedThroughput"] = {{"ReadCapacityUnits", 5}, {"WriteCapacityUnits", 5}};
    }
    DELTIC_TRY(const Told made, Ask("CreateTable", request));
    if (!made.error.empty() && made.error != "ResourceInUseException") return Failure(made, "making the table");
    for (int attempt = 0; attempt < kTableTries; ++attempt) {
      DELTIC_TRY(const Told told, Ask("DescribeTable", {{"TableName", settings_.table}}));
      if (told.error.empty() && told.body.contains("Table") && TextOf(told.body["Table"], "TableStatus") == "ACTIVE")
        return {};
      if (!told.error.empty() && told.error != "ResourceNotFoundException") return Failure(told, "making the table");
      DELTIC_CHECK(Wait(attempt == 0 ? 100 : 1'000));
    }
    return Unavailable("the DynamoDB table {} is being made, and is not ready after a minute", settings_.table);
  }

  Result<std::optional<CommitEntry>> EntryOf(const Json& item) const {
    const auto text = [&](const char* name) {
      const auto found = item.find(name);
      return found != item.end() && found->is_object() ? TextOf(*found, "S") : std::string();
    };
    CommitEntry entry{
        .file_name = text("fileName"), .temp_path = text("tempPath"), .complete = text("complete") == "true"};
    if (entry.file_name.empty() || entry.temp_path.empty() || (!entry.complete && text("complete") != "false")) {
      return Corrupt(
          "the DynamoDB table {} has an entry for {} that is none of Delta's: fileName, tempPath or complete "
          "is missing",
          settings_.table, text("tablePath"));
    }
    return std::optional(std::move(entry));
  }

  Error Failure(const Told& told, const std::string& doing) const {
    const std::string where = fmt::format("{} in the DynamoDB table {}", doing, settings_.table);
    if (told.answer.stopped) return StoppedError(where);
    if (told.answer.status == 0) {
      return Unavailable("{}: no answer from {} ({})", where, UrlForPeople(settings_.endpoint), told.answer.failure);
    }
    const std::string why = told.message.empty() ? told.error : told.error + " (" + told.message + ")";
    if (told.error == "ResourceNotFoundException") return NotFound("{}: there is no such table", where);
    if (told.answer.status >= 500 || told.answer.status == 429 || told.answer.status == 408 || IsThrottled(told.error))
      return Unavailable("{}: {}", where, why);
    if (told.answer.status == 401 || told.answer.status == 403 || told.error == "AccessDeniedException" ||
        told.error == "UnrecognizedClientException" || told.error == "InvalidSignatureException" ||
        told.error == "ExpiredTokenException" || told.error == "MissingAuthenticationTokenException") {
      return PermissionDenied("{}: {}", where, why);
    }
    return InvalidArgument("{}: {}", where, why);
  }

  const DynamoSettings settings_;
  const DynamoWorld world_;
  std::atomic<int64_t> clock_offset_ms_{0};  // the service's clock less ours
};

// The same keys for ever.
class GivenCredentials : public CredentialProvider {
 public:
  explicit GivenCredentials(AwsCredentials credentials) : credentials_(std::move(credentials)) {}
  Result<AwsCredentials> Get(const CancelToken&) override { return credentials_; }
  void Forget() override {}

 private:
  const AwsCredentials credentials_;
};

}  // namespace

Result<DynamoSettings> MakeDynamoSettings(const StoreOptions& options, const std::string& s3_region) {
  DynamoSettings settings;
  settings.region = options.Find({"aws_region_dynamodb"}).value_or(s3_region);
  settings.endpoint = options.Find({"aws_endpoint_url_dynamodb", "aws_endpoint_url", "aws_endpoint", "endpoint_url"})
                          .value_or("https://dynamodb." + settings.region + ".amazonaws.com");
  while (settings.endpoint.ends_with('/')) settings.endpoint.pop_back();
  const size_t scheme = settings.endpoint.find("://");
  if (scheme == std::string::npos || settings.endpoint.find_first_of("/?#@", scheme + 3) != std::string::npos) {
    return InvalidArgument(
        "the storage option aws_endpoint_url_dynamodb is '{}': it must be a plain URL "
        "(https://host:port)",
        UrlForPeople(settings.endpoint));
  }
  const std::string usual_port = settings.endpoint.starts_with("https://") ? ":443" : ":80";
  if (settings.endpoint.ends_with(usual_port)) settings.endpoint.resize(settings.endpoint.size() - usual_port.size());
  settings.table = options.Find({"delta_dynamo_table_name"}).value_or("delta_log");
  const std::string billing = options.Find({"delta_dynamo_billing_mode"}).value_or("pay_per_request");
  if (billing == "provisioned" || billing == "PROVISIONED") {
    settings.pay_per_request = false;
  } else if (billing != "pay_per_request" && billing != "PAY_PER_REQUEST") {
    return InvalidArgument(
        "the storage option delta_dynamo_billing_mode is '{}': it must be PROVISIONED or PAY_PER_REQUEST", billing);
  }
  DELTIC_TRY(settings.retries, MakeSendPolicy(options));
  DELTIC_TRY(settings.retries.total_ms, options.Duration({"delta_dynamo_max_elapsed_request_time"}, 60'000));
  return settings;
}

std::shared_ptr<CredentialProvider> DynamoCredentials(const StoreOptions& options) {
  const auto id = options.Find({"aws_access_key_id_dynamodb"});
  const auto secret = options.Find({"aws_secret_access_key_dynamodb"});
  if (!id || !secret) return nullptr;
  return std::make_shared<GivenCredentials>(
      AwsCredentials{.access_key_id = *id,
                     .secret_access_key = *secret,
                     .session_token = options.Find({"aws_session_token_dynamodb"}).value_or("")});
}

std::shared_ptr<CommitTable> MakeDynamoTable(DynamoSettings settings, DynamoWorld world) {
  return std::make_shared<DynamoTable>(std::move(settings), std::move(world));
}

}  // namespace deltic
