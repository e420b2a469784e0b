// Owns the questions to STS; see the header.
#include "s3/sts.h"

#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "http/http_date.h"
#include "http/send.h"
#include "http/xml.h"

namespace deltic {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;

Query QueryOf(const StsRole& role, const char* action) {
  Query query{{"Action", action},
              {"Version", "2011-06-15"},
              {"DurationSeconds", "3600"},
              {"RoleArn", role.role},
              {"RoleSessionName", role.session}};
  if (!role.external_id.empty()) query.emplace_back("ExternalId", role.external_id);
  return query;
}

Result<AwsCredentials> Read(const HttpAnswer& answer, const StsRole& role, const std::string& action) {
  if (answer.status != 200) {
    const auto root = ParseXml(answer.body);
    const XmlElement* error = root.ok() ? root->Find("Error") : nullptr;
    const std::string why = answer.status == 0 ? answer.failure
                            : error == nullptr ? fmt::format("status {}", answer.status)
                                               : std::string(error->Text("Code"));
    return PermissionDenied("AWS's token service (STS) gave no credentials for {}: {}", role.role, why);
  }
  DELTIC_TRY(const XmlElement root, ParseXml(answer.body));
  const XmlElement* result = root.Find(action + "Result");
  const XmlElement* keys = result == nullptr ? nullptr : result->Find("Credentials");
  AwsCredentials credentials;
  if (keys != nullptr) {
    credentials = {.access_key_id = std::string(keys->Text("AccessKeyId")),
                   .secret_access_key = std::string(keys->Text("SecretAccessKey")),
                   .session_token = std::string(keys->Text("SessionToken")),
                   .expires_ms = ParseIsoTime(keys->Text("Expiration"))};
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return PermissionDenied("AWS's token service (STS) answered without credentials for {}", role.role);
  }
  return credentials;
}

}  // namespace

Result<AwsCredentials> AssumeRoleByToken(HttpClient& client, const StsRole& role, const std::string& token,
                                         const Env& env, const CancelToken& cancel) {
  constexpr const char* kAction = "AssumeRoleWithWebIdentity";
  Query query = QueryOf(role, kAction);
  query.emplace_back("WebIdentityToken", token);
  // Not signed: the token is the proof.
  const HttpRequest request{.method = "POST", .url = role.endpoint + "/?" + CanonicalQuery(query)};
  DELTIC_TRY(const HttpAnswer answer, SendPatiently(client, [&] { return Result<HttpRequest>(request); },
                                                    SendTwice::kAllowed, {}, {.env = env, .cancel = cancel}));
  return Read(answer, role, kAction);
}

Result<AwsCredentials> AssumeRole(HttpClient& client, const StsRole& role, const AwsCredentials& by, const Env& env,
                                  const CancelToken& cancel) {
  constexpr const char* kAction = "AssumeRole";
  const Query query = QueryOf(role, kAction);
  const auto make = [&]() -> Result<HttpRequest> {
    HttpRequest request{.method = "POST", .url = role.endpoint + "/?" + CanonicalQuery(query)};
    request.headers =
        SignV4({.method = "POST",
                .host = role.endpoint.substr(role.endpoint.find("://") + 3),
                .path = "/",
                .query = query,
                .headers = {},
                .payload_hash = Hex(Sha256(""))},
               {.region = role.region, .service = "sts", .now_ms = env.now_ms(), .path_encoded_twice = true}, by);
    return request;
  };
  DELTIC_TRY(const HttpAnswer answer,
             SendPatiently(client, make, SendTwice::kAllowed, {}, {.env = env, .cancel = cancel}));
  return Read(answer, role, kAction);
}

}  // namespace deltic
