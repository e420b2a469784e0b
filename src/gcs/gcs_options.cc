// Owns the reading of the options; see the header.
#include "gcs/gcs_options.h"

#include "base/error.h"
#include "base/url.h"

namespace deltic {

Result<GcsLocation> ParseGcsUrl(std::string_view url) {
  const size_t begin = url.find("://");
  if (begin == std::string_view::npos)
    return InvalidArgument("'{}' is no URL of a bucket: write gs://bucket/path", url);
  const std::string_view rest = url.substr(begin + 3);
  const size_t slash = rest.find('/');
  const std::string_view bucket = rest.substr(0, slash);
  if (bucket.empty()) return InvalidArgument("the URL names no bucket: write gs://bucket/path");
  if (bucket.find_first_of("@:?#%") != std::string_view::npos) {
    return InvalidArgument("the URL names no bucket (write gs://bucket/path); credentials are storage options");
  }
  std::string_view path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  while (path.ends_with('/')) path.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  GcsLocation location{.bucket = std::string(bucket)};
  DELTIC_TRY(location.prefix, PercentDecode(path));
  return location;
}

Result<std::string> CheckGcsEndpoint(std::string url, std::string_view option) {
  while (url.ends_with('/')) url.pop_back();
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos || url.find_first_of("/?#@", scheme + 3) != std::string::npos) {
    return InvalidArgument("{} must be a plain URL (https://host or http://host:port)", option);
  }
  return url;
}

Result<GcsSettings> MakeGcsSettings(GcsLocation location, const StoreOptions& options) {
  GcsSettings settings{.location = std::move(location)};
  DELTIC_TRY(settings.skip_signature,
             options.Flag({"google_skip_signature", "gcs_skip_signature", "skip_signature"}, false));
  settings.bearer_token = options.Find({"google_bearer_token"}).value_or("");
  if (settings.bearer_token.empty()) settings.bearer_token = options.FindGiven({"bearer_token", "token"}).value_or("");
  settings.user_project = options.Find({"google_user_project"}).value_or("");
  if (settings.user_project.empty()) settings.user_project = options.FindGiven({"user_project"}).value_or("");
  DELTIC_TRY(settings.http, MakeHttpSettings(options));
  DELTIC_TRY(const bool allow_http, options.Flag({"google_allow_http", "gcs_allow_http"}, false));
  settings.http.allow_http = settings.http.allow_http || allow_http;
  DELTIC_TRY(settings.retries, MakeSendPolicy(options));
  std::string base = options.Find({"google_base_url", "gcs_base_url"}).value_or("");
  if (base.empty()) base = options.FindGiven({"base_url", "endpoint"}).value_or("");
  if (base.empty()) {
    // Google's own libraries read it, and send no credentials to an emulator.
    if (auto emulator = options.FromEnvironment("STORAGE_EMULATOR_HOST")) {
      base = emulator->find("://") == std::string::npos ? "http://" + *emulator : *emulator;
      settings.skip_signature = true;
      settings.http.allow_http = true;
    }
  }
  if (base.empty()) return settings;
  settings.base_url_given = true;
  DELTIC_TRY(settings.base_url, CheckGcsEndpoint(std::move(base), "the storage option google_base_url"));
  // Nothing that must be kept secret is sent there.
  if (settings.skip_signature) settings.http.allow_http = true;
  return settings;
}

}  // namespace deltic
