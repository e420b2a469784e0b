// Owns the signing and sending of S3 requests; see the header.
#include "s3/s3_client.h"

#include "answers/failure.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/md5.h"
#include "base/url.h"
#include "http/http_date.h"
#include "http/xml.h"

namespace deltic {
namespace {

// The service's own code ("NoSuchKey") and message; empty where the body is no error document (a HEAD has no body).
struct Told {
  std::string code;
  std::string message;
};
Told ReadError(const HttpAnswer& answer) {
  const auto root = ParseXml(answer.body);
  if (!root.ok() || root->name != "Error") return {};
  return {.code = std::string(root->Text("Code")), .message = std::string(root->Text("Message"))};
}

// Of one request: credentials renewed, the clock set, a body sent too slowly.
constexpr int kMostRefusals = 3;

bool SaysExpired(const std::string& code) {
  return code == "ExpiredToken" || code == "ExpiredTokenException" || code == "InvalidToken" ||
         code == "TokenRefreshRequired";
}

Code CodeOf(int status, const Told& told) {
  const Code code = CodeOfStatus(status);
  // Something else than the object may be missing: versitygw answers so for an access key that it does not know.
  if (code == Code::kNotFound && !told.code.empty() && !told.code.starts_with("NoSuch") && told.code != "NotFound") {
    return Code::kPermissionDenied;
  }
  if (code != Code::kInvalidArgument) return code;
  if (told.code == "RequestTimeout" || told.code == "ConditionalRequestConflict" || told.code == "OperationAborted") {
    return Code::kUnavailable;
  }
  return SaysExpired(told.code) ? Code::kPermissionDenied : code;
}

}  // namespace

Result<HttpRequest> S3Client::Sign(const S3Request& request) {
  HttpRequest http{.method = request.method, .body = request.body, .max_body_bytes = request.max_body_bytes};
  auto headers = request.headers;
  if (request.reads || request.makes) {
    headers.insert(headers.end(), settings_.customer_key_headers.begin(), settings_.customer_key_headers.end());
  }
  if (request.makes) {
    headers.insert(headers.end(), settings_.encryption_headers.begin(), settings_.encryption_headers.end());
  }
  if (settings_.request_payer) headers.emplace_back("x-amz-request-payer", "requester");
  std::string path = "/" + PercentEncode(request.key, "/");
  http.url = settings_.base_url + path;
  if (!request.query.empty()) http.url += "?" + CanonicalQuery(request.query);
  if (settings_.skip_signature) {
    http.headers = std::move(headers);
    return http;
  }
  DELTIC_TRY(const AwsCredentials credentials, world_.credentials->Get(world_.cancel));
  const bool unsigned_payload = settings_.unsigned_payload && settings_.base_url.starts_with("https://");
  http.headers = SignV4({.method = request.method,
                         .host = settings_.host,
                         .path = settings_.base_path + path,
                         .query = request.query,
                         .headers = std::move(headers),
                         .payload_hash = unsigned_payload ? "UNSIGNED-PAYLOAD" : Hex(Sha256(request.body))},
                        {.region = settings_.region, .now_ms = world_.env.now_ms() + clock_offset_ms_}, credentials);
  return http;
}

Result<HttpAnswer> S3Client::Send(const S3Request& request, SendTwice twice) {
  const SendWorld world{.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms};
  const auto send = [&] {
    return SendPatiently(
        *world_.client, [&] { return Sign(request); }, twice, settings_.retries, world);
  };
  HttpAnswer before{.tries = 0};
  for (int refused = 0;; ++refused) {
    auto sent = send();
    const bool last = !sent.ok() || refused >= kMostRefusals;
    DELTIC_TRY(HttpAnswer answer, AfterRefusal(std::move(before), std::move(sent)));
    if (last || (answer.status != 400 && answer.status != 401 && answer.status != 403)) return answer;
    // Refused before anything was done: these may always be sent again.
    const std::string code = ReadError(answer).code;
    const auto date = ParseHttpDate(answer.Header("date"));
    if (code == "RequestTimeTooSkewed" && date) {
      clock_offset_ms_ = *date - world_.env.now_ms();
    } else if (world_.credentials != nullptr && SaysExpired(code)) {
      world_.credentials->Forget();
    } else if (code != "RequestTimeout") {  // the body came too slowly
      return answer;
    }
    if (refused > 0) Wait(refused);
    before = std::move(answer);
  }
}

void S3Client::Wait(int attempt) {
  // Cancelled or not is the next request's to say.
  (void)WaitAfter(attempt, {.first_delay_ms = 40, .max_delay_ms = 2'000},
                  {.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms});
}

Error S3Client::Failure(const HttpAnswer& answer, const std::string& doing) const {
  const Told told = ReadError(answer);
  if (answer.status == 301 || answer.status == 307 || answer.status == 308) {
    return InvalidArgument("{}: the bucket is in another region{}: set the storage option aws_region", doing,
                           answer.Header("x-amz-bucket-region").empty()
                               ? std::string()
                               : " (" + std::string(answer.Header("x-amz-bucket-region")) + ")");
  }
  std::string said;
  if (!told.code.empty()) said += " " + told.code;
  if (!told.message.empty()) said += " (" + told.message + ")";
  return FailureOf(answer, CodeOf(answer.status, told),
                   {.doing = doing,
                    .said = said,
                    .server = settings_.base_url,
                    .missing = told.code == "NoSuchBucket" ? "there is no such bucket" : "there is no such object"});
}

std::string Md5Base64(std::string_view bytes) {
  const auto hex = Md5Hex(bytes);
  if (!hex.ok()) return "";
  std::string raw;
  for (size_t i = 0; i + 1 < hex->size(); i += 2)
    raw.push_back(static_cast<char>(std::stoi(hex->substr(i, 2), nullptr, 16)));
  return Base64(raw);
}

}  // namespace deltic
