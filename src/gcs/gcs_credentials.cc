// Owns the reading of Google's credential files; see the header.
#include "gcs/gcs_credentials.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

// "" for what is missing or no text.
std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<std::string> Needed(const Json& object, const char* name, const std::string& from) {
  std::string text = Text(object, name);
  if (text.empty()) return InvalidArgument("{}: the field {} is missing", from, name);
  return text;
}

Result<GcsCredentials> ReadServiceAccount(const Json& json, GcsCredentials read) {
  read.kind = GcsCredentialKind::kServiceAccount;
  const auto disabled = json.find("disable_oauth");
  read.disable_oauth = disabled != json.end() && disabled->is_boolean() && disabled->get<bool>();
  read.gcs_base_url = Text(json, "gcs_base_url");
  read.private_key_id = Text(json, "private_key_id");
  read.token_uri = Text(json, "token_uri");
  if (read.disable_oauth) return read;
  DELTIC_TRY(read.client_email, Needed(json, "client_email", read.from));
  DELTIC_TRY(read.private_key, Needed(json, "private_key", read.from));
  return read;
}

Result<GcsCredentials> ReadAuthorizedUser(const Json& json, GcsCredentials read) {
  read.kind = GcsCredentialKind::kAuthorizedUser;
  read.token_uri = Text(json, "token_uri");
  DELTIC_TRY(read.client_id, Needed(json, "client_id", read.from));
  DELTIC_TRY(read.client_secret, Needed(json, "client_secret", read.from));
  DELTIC_TRY(read.refresh_token, Needed(json, "refresh_token", read.from));
  return read;
}

Result<GcsCredentials> ReadExternalAccount(const Json& json, GcsCredentials read) {
  read.kind = GcsCredentialKind::kExternalAccount;
  DELTIC_TRY(read.audience, Needed(json, "audience", read.from));
  DELTIC_TRY(read.subject_token_type, Needed(json, "subject_token_type", read.from));
  DELTIC_TRY(read.token_uri, Needed(json, "token_url", read.from));
  read.impersonation_url = Text(json, "service_account_impersonation_url");
  const auto source = json.find("credential_source");
  if (source == json.end() || !source->is_object()) {
    return InvalidArgument("{}: the field credential_source is missing", read.from);
  }
  read.subject_file = Text(*source, "file");
  read.subject_url = Text(*source, "url");
  if (read.subject_file.empty() && (read.subject_url.empty() || source->contains("environment_id"))) {
    return Unsupported(
        "{}: external accounts whose token comes from AWS or from a program are not supported: use one that comes from "
        "a file or a URL",
        read.from);
  }
  if (const auto headers = source->find("headers"); headers != source->end() && headers->is_object()) {
    for (const auto& [name, value] : headers->items()) {
      if (value.is_string()) read.subject_headers[name] = value.get<std::string>();
    }
  }
  if (const auto format = source->find("format"); format != source->end() && format->is_object()) {
    if (Text(*format, "type") == "json") {
      DELTIC_TRY(read.subject_field, Needed(*format, "subject_token_field_name", read.from));
    }
  }
  return read;
}

Result<GcsCredentials> Read(const Json& json, const std::string& from, bool may_impersonate);

Result<GcsCredentials> ReadImpersonated(const Json& json, GcsCredentials read) {
  read.kind = GcsCredentialKind::kImpersonated;
  DELTIC_TRY(read.impersonation_url, Needed(json, "service_account_impersonation_url", read.from));
  const auto source = json.find("source_credentials");
  if (source == json.end()) return InvalidArgument("{}: the field source_credentials is missing", read.from);
  DELTIC_TRY(GcsCredentials inner, Read(*source, read.from, false));
  read.source = std::make_shared<GcsCredentials>(std::move(inner));
  return read;
}

Result<GcsCredentials> Read(const Json& json, const std::string& from, bool may_impersonate) {
  if (!json.is_object()) return InvalidArgument("{} is no JSON document of Google credentials", from);
  GcsCredentials read{.from = from, .quota_project = Text(json, "quota_project_id")};
  const std::string type = Text(json, "type");
  // The type is left out where an emulator is meant (gcs_base_url, disable_oauth).
  if (type == "service_account" || type.empty()) return ReadServiceAccount(json, std::move(read));
  if (type == "authorized_user") return ReadAuthorizedUser(json, std::move(read));
  if (type == "external_account") return ReadExternalAccount(json, std::move(read));
  if (type == "impersonated_service_account" && may_impersonate) return ReadImpersonated(json, std::move(read));
  return Unsupported("{}: credentials of type '{}' are not supported", from, type);
}

Result<GcsCredentials> ReadFile(const std::string& path, const std::string& from) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || text.str().empty()) return InvalidArgument("{}: the file cannot be read, or is empty", from);
  return ParseGcsCredentials(text.str(), from);
}

std::optional<std::string> WellKnownFile(const StoreOptions& options) {
  if (const auto folder = options.FromEnvironment("CLOUDSDK_CONFIG")) {
    return *folder + "/application_default_credentials.json";
  }
  if (const auto home = options.FromEnvironment("HOME")) {
    return *home + "/.config/gcloud/application_default_credentials.json";
  }
  return std::nullopt;
}

}  // namespace

Result<GcsCredentials> ParseGcsCredentials(std::string_view json, const std::string& from) {
  return Read(Json::parse(json, nullptr, false), from, true);
}

Result<GcsCredentials> FindGcsCredentials(const StoreOptions& options) {
  // The short names are options only: in an environment they may mean anything.
  auto key = options.Find({"google_service_account_key"});
  if (!key) key = options.FindGiven({"service_account_key"});
  auto path = options.Find({"google_service_account", "google_service_account_path"});
  if (!path) path = options.FindGiven({"service_account", "service_account_path"});
  if (key && path) {
    return InvalidArgument(
        "the storage options google_service_account and google_service_account_key are both given: keep one");
  }
  if (key) return ParseGcsCredentials(*key, "the storage option google_service_account_key");
  if (path) return ReadFile(*path, "the service account file " + *path);
  auto given = options.Find({"google_application_credentials"});
  if (!given) given = options.FindGiven({"application_credentials"});
  if (given) return ReadFile(*given, "the credentials file " + *given);
  if (const auto known = WellKnownFile(options); known && std::ifstream(*known).good()) {
    return ReadFile(*known, "the credentials file " + *known);
  }
  return GcsCredentials{.from = "the metadata server"};
}

}  // namespace deltic
