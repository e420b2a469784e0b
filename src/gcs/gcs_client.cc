// Owns the authorizing and sending; see the header.
#include "gcs/gcs_client.h"

#include <nlohmann/json.hpp>

#include "answers/failure.h"
#include "base/url.h"

namespace deltic {
namespace {

// The message of {"error": {"message": "..."}}; "" for other bodies.
std::string MessageOf(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("error") || !json["error"].is_object()) return "";
  const auto& error = json["error"];
  if (!error.contains("message") || !error["message"].is_string()) return "";
  std::string message = error["message"].get<std::string>();
  return message.substr(0, std::min<size_t>(message.find('\n'), 300));
}

}  // namespace

// A bucket's name is made of letters that need no encoding; a '/' in an object's name is a character like any other.
std::string GcsClient::ListPath() const {
  return "/storage/v1/b/" + PercentEncode(settings_.location.bucket, "") + "/o";
}
std::string GcsClient::ObjectPath(std::string_view object) const {
  return ListPath() + "/" + PercentEncode(object, "");
}
std::string GcsClient::UploadPath() const { return "/upload" + ListPath(); }

Result<HttpRequest> GcsClient::Authorize(const GcsRequest& request) {
  HttpRequest http{.method = request.method,
                   .headers = request.headers,
                   .body = request.body,
                   .max_body_bytes = request.max_body_bytes};
  if (!request.url.empty()) {
    http.url = request.url;
    return http;
  }
  http.url = settings_.base_url + request.path;
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    http.url += separator + name + "=" + PercentEncode(value, "");
    separator = '&';
  }
  if (!settings_.user_project.empty()) http.headers.emplace_back("x-goog-user-project", settings_.user_project);
  if (settings_.skip_signature) return http;
  std::string token = settings_.bearer_token;
  if (token.empty() && world_.tokens != nullptr) {
    DELTIC_TRY(token, world_.tokens->Get(world_.cancel));
  }
  if (!token.empty()) http.headers.emplace_back("Authorization", "Bearer " + token);
  return http;
}

Result<HttpAnswer> GcsClient::Send(const GcsRequest& request, SendTwice twice) {
  const SendWorld world{.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms};
  const auto send = [&] {
    return SendPatiently(
        *world_.client, [&] { return Authorize(request); }, twice, settings_.retries, world);
  };
  DELTIC_TRY(HttpAnswer answer, send());
  const bool own_token = world_.tokens != nullptr && settings_.bearer_token.empty() && request.url.empty();
  if (answer.status != 401 || !own_token) return answer;
  world_.tokens->Forget();
  --answer.tries;  // the last one was refused before anything was done
  return AfterRefusal(std::move(answer), send());
}

Error GcsClient::Failure(const HttpAnswer& answer, const std::string& doing) const {
  const std::string message = MessageOf(answer.body);
  std::string said;
  if (answer.status == 401) {
    said = ": the credentials were refused";
  } else if (!message.empty()) {
    said = " (" + message + ")";
  }
  const bool no_bucket = message.find("bucket does not exist") != std::string::npos;
  const bool conflict = answer.status == 409 || answer.status == 412;
  return FailureOf(
      answer, conflict ? Code::kConflict : CodeOfStatus(answer.status),
      {.doing = doing,
       .said = said,
       .server = settings_.base_url,
       .missing = no_bucket ? "there is no bucket " + settings_.location.bucket : "there is no such object"});
}

}  // namespace deltic
