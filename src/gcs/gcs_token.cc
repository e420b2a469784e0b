// Owns the requests for Google's tokens; see the header.
#include "gcs/gcs_token.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>
#include <vector>

#include "base/error.h"
#include "gcs/jwt.h"
#include "http/http_date.h"
#include "http/send.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

constexpr const char* kScope = "https://www.googleapis.com/auth/cloud-platform";
constexpr const char* kGoogleTokenUri = "https://oauth2.googleapis.com/token";
constexpr int64_t kLifeSeconds = 3600;  // the most that Google grants

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// Immutable, safe to share among threads.
class GcsTokens {
 public:
  GcsTokens(GcsCredentials credentials, GcsTokenWorld world)
      : credentials_(std::move(credentials)), world_(std::move(world)) {}

  Result<BearerToken> Ask(const CancelToken& cancel) const { return Ask(credentials_, cancel); }

 private:
  Result<BearerToken> Ask(const GcsCredentials& with, const CancelToken& cancel) const {
    switch (with.kind) {
      case GcsCredentialKind::kServiceAccount:
        return FromServiceAccount(with, cancel);
      case GcsCredentialKind::kAuthorizedUser:
        return FromTokenUri(with,
                            FormBody({{"grant_type", "refresh_token"},
                                      {"client_id", with.client_id},
                                      {"client_secret", with.client_secret},
                                      {"refresh_token", with.refresh_token}}),
                            cancel);
      case GcsCredentialKind::kExternalAccount:
        return FromExternalAccount(with, cancel);
      case GcsCredentialKind::kImpersonated: {
        DELTIC_TRY(const BearerToken source, Ask(*with.source, cancel));
        return Impersonate(with, source, cancel);
      }
      case GcsCredentialKind::kMetadataServer:
        break;
    }
    return FromMetadataServer(cancel);
  }

  // Google takes a token that the account signs itself, which saves a request. Another token service is asked.
  Result<BearerToken> FromServiceAccount(const GcsCredentials& with, const CancelToken& cancel) const {
    const int64_t now_s = world_.env.now_ms() / 1000;
    const bool self_signed = with.token_uri.empty() || with.token_uri == kGoogleTokenUri ||
                             with.token_uri == "https://accounts.google.com/o/oauth2/token";
    Json header{{"alg", "RS256"}, {"typ", "JWT"}};
    if (!with.private_key_id.empty()) header["kid"] = with.private_key_id;
    Json claims{{"iss", with.client_email}, {"scope", kScope}, {"iat", now_s}, {"exp", now_s + kLifeSeconds}};
    claims[self_signed ? "sub" : "aud"] = self_signed ? with.client_email : with.token_uri;
    auto token = SignJwt({.header = Dump(header), .claims = Dump(claims)}, with.private_key);
    if (!token.ok()) return std::move(token).error().Wrap(with.from);
    if (self_signed) return BearerToken{.text = *token, .expires_ms = (now_s + kLifeSeconds) * 1000};
    return FromTokenUri(
        with, FormBody({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"}, {"assertion", *token}}), cancel);
  }

  Result<BearerToken> FromTokenUri(const GcsCredentials& with, const std::string& form,
                                   const CancelToken& cancel) const {
    const HttpRequest request{.method = "POST",
                              .url = with.token_uri.empty() ? kGoogleTokenUri : with.token_uri,
                              .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                              .body = form};
    DELTIC_TRY(const HttpAnswer answer, Send(*world_.https, request, cancel));
    return ParseTokenAnswer(answer, "Google, asked for " + with.from + ",", world_.env.now_ms());
  }

  Result<BearerToken> FromExternalAccount(const GcsCredentials& with, const CancelToken& cancel) const {
    DELTIC_TRY(const std::string subject, ReadSubjectToken(with, cancel));
    DELTIC_TRY(BearerToken token,
               FromTokenUri(with,
                            FormBody({{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                                      {"audience", with.audience},
                                      {"scope", kScope},
                                      {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                                      {"subject_token", subject},
                                      {"subject_token_type", with.subject_token_type}}),
                            cancel));
    if (with.impersonation_url.empty()) return token;
    return Impersonate(with, token, cancel);
  }

  Result<std::string> ReadSubjectToken(const GcsCredentials& with, const CancelToken& cancel) const {
    std::string text;
    if (!with.subject_file.empty()) {
      std::ifstream in(with.subject_file, std::ios::binary);
      std::ostringstream read;
      if (in) read << in.rdbuf();
      text = read.str();
    } else {
      HttpRequest request{.url = with.subject_url};
      for (const auto& [name, value] : with.subject_headers) request.headers.emplace_back(name, value);
      // Services on the machine itself (a sidecar, IMDS) give it, by plain http.
      DELTIC_TRY(const HttpAnswer answer, Send(*world_.metadata, request, cancel));
      if (answer.status == 200) text = answer.body;
    }
    if (!with.subject_field.empty()) {
      const Json json = Json::parse(text, nullptr, false);
      text = json.is_object() && json.contains(with.subject_field) && json[with.subject_field].is_string()
                 ? json[with.subject_field].get<std::string>()
                 : "";
    }
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return PermissionDenied("{}: its credential_source gave no token", with.from);
    return text;
  }

  Result<BearerToken> Impersonate(const GcsCredentials& with, const BearerToken& source,
                                  const CancelToken& cancel) const {
    const std::string body = Dump({{"scope", {kScope}}, {"lifetime", std::to_string(kLifeSeconds) + "s"}});
    const HttpRequest request{
        .method = "POST",
        .url = with.impersonation_url,
        .headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + source.text}},
        .body = body};
    DELTIC_TRY(const HttpAnswer answer, Send(*world_.https, request, cancel));
    const Json json = Json::parse(answer.body, nullptr, false);
    const bool given =
        answer.status == 200 && json.is_object() && json.contains("accessToken") && json["accessToken"].is_string();
    if (!given) {
      return PermissionDenied("{}: acting as its service account was refused ({})", with.from,
                              answer.status == 0 ? answer.failure : "status " + std::to_string(answer.status));
    }
    BearerToken token{.text = json["accessToken"].get<std::string>()};
    if (json.contains("expireTime") && json["expireTime"].is_string()) {
      token.expires_ms = ParseIsoTime(json["expireTime"].get<std::string>());
    }
    return token;
  }

  Result<BearerToken> FromMetadataServer(const CancelToken& cancel) const {
    const HttpRequest request{
        .url = "http://" + world_.metadata_host + "/computeMetadata/v1/instance/service-accounts/default/token",
        .headers = {{"Metadata-Flavor", "Google"}}};
    DELTIC_TRY(const HttpAnswer answer,
               SendPatiently(*world_.metadata, [&] { return Result<HttpRequest>(request); }, SendTwice::kAllowed,
                             {.attempts = 3, .total_ms = 10'000}, {.env = world_.env, .cancel = cancel}));
    if (answer.status == 0 || answer.status == 404) {
      return PermissionDenied(
          "no Google credentials were found: looked for google_service_account (a key file), "
          "google_service_account_key, google_application_credentials, the file that `gcloud auth "
          "application-default login` writes, and the machine's metadata server; a public bucket needs "
          "google_skip_signature = true");
    }
    return ParseTokenAnswer(answer, "Google's metadata server", world_.env.now_ms());
  }

  Result<HttpAnswer> Send(HttpClient& client, const HttpRequest& request, const CancelToken& cancel) const {
    return SendPatiently(client, [&] { return Result<HttpRequest>(request); }, SendTwice::kAllowed, world_.retries,
                         {.env = world_.env, .cancel = cancel});
  }

  const GcsCredentials credentials_;
  const GcsTokenWorld world_;
};

}  // namespace

std::shared_ptr<TokenSource> MakeGcsTokenSource(GcsCredentials credentials, GcsTokenWorld world) {
  const Env env = world.env;
  auto tokens = std::make_shared<GcsTokens>(std::move(credentials), std::move(world));
  return std::make_shared<TokenSource>([tokens](const CancelToken& cancel) { return tokens->Ask(cancel); }, env);
}

}  // namespace deltic
