// Owns the authorizing and sending; see the header.
#include "azure/azure_client.h"

#include <cstdlib>

#include "answers/failure.h"
#include "azure/shared_key.h"
#include "base/error.h"
#include "base/url.h"
#include "http/http_date.h"
#include "http/xml.h"

namespace deltic {
namespace {

// The service refuses signatures that are older than a quarter of an hour.
constexpr int64_t kClockMayDifferMs = 5 * 60'000;

constexpr const char* kServiceVersion = "2021-12-02";

}  // namespace

Result<HttpRequest> AzureClient::Sign(const AzureRequest& request) {
  HttpRequest http{.method = request.method,
                   .headers = request.headers,
                   .body = request.body,
                   .max_body_bytes = request.max_body_bytes};
  http.headers.emplace_back("x-ms-version", kServiceVersion);
  const std::string path = request.key.empty() ? "" : "/" + PercentEncode(request.key, "/");
  http.url = settings_.base_url + path;
  std::string query;
  for (const auto& [name, value] : request.query)
    query += (query.empty() ? "" : "&") + name + "=" + PercentEncode(value, "");
  if (!settings_.key.empty() && !settings_.skip_signature) {
    http.headers.emplace_back("x-ms-date", FormatHttpDate(world_.env.now_ms() + clock_offset_ms_));
    const std::string authorization = AzureSharedKey({.method = request.method,
                                                      .account = settings_.location.account,
                                                      .path = settings_.base_path + path,
                                                      .query = request.query,
                                                      .headers = http.headers,
                                                      .body_bytes = request.body.size()},
                                                     settings_.key);
    http.headers.emplace_back("Authorization", authorization);
  } else if (!settings_.sas.empty() && !settings_.skip_signature) {
    query += (query.empty() ? "" : "&") + settings_.sas;
  } else if (!settings_.bearer_token.empty() && !settings_.skip_signature) {
    http.headers.emplace_back("Authorization", "Bearer " + settings_.bearer_token);
  } else if (!settings_.skip_signature) {
    DELTIC_TRY(const std::string token, world_.tokens->Get(world_.cancel));
    http.headers.emplace_back("Authorization", "Bearer " + token);
  }
  if (!query.empty()) http.url += "?" + query;
  return http;
}

Result<HttpAnswer> AzureClient::Send(const AzureRequest& request, SendTwice twice) {
  const SendWorld world{.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms};
  const auto send = [&] {
    return SendPatiently(
        *world_.client, [&] { return Sign(request); }, twice, settings_.retries, world);
  };
  DELTIC_TRY(HttpAnswer answer, send());
  // Refused before anything was done: a token that is good no more, or a clock that is wrong by more than is allowed.
  if (answer.status == 401 && world_.tokens != nullptr) {
    world_.tokens->Forget();
  } else if (!SetClock(answer)) {
    return answer;
  }
  return AfterRefusal(std::move(answer), send());
}

bool AzureClient::SetClock(const HttpAnswer& answer) {
  if (answer.status != 403 || settings_.key.empty() || answer.Header("x-ms-error-code") != "AuthenticationFailed")
    return false;
  const auto date = ParseHttpDate(answer.Header("date"));
  if (!date) return false;
  const int64_t offset_ms = *date - world_.env.now_ms();
  if (std::abs(offset_ms - clock_offset_ms_) < kClockMayDifferMs) return false;
  clock_offset_ms_ = offset_ms;
  return true;
}

Error AzureClient::Failure(const HttpAnswer& answer, const std::string& doing) const {
  // A HEAD has no body; the code stands in a header too.
  std::string code(answer.Header("x-ms-error-code"));
  std::string message;
  if (const auto root = ParseXml(answer.body); root.ok() && root->name == "Error") {
    if (code.empty()) code = root->Text("Code");
    message = root->Text("Message");
    message = message.substr(0, message.find('\n'));
  }
  std::string said;
  if (!code.empty()) said += " " + code;
  // What the service says of a failed authorization repeats the text that was signed.
  if (!message.empty() && answer.status != 403 && answer.status != 401) said += " (" + message + ")";
  return FailureOf(answer, CodeOfStatus(answer.status),
                   {.doing = doing,
                    .said = said,
                    .server = settings_.base_url,
                    .missing = code == "ContainerNotFound" ? "there is no such container" : "there is no such blob"});
}

}  // namespace deltic
