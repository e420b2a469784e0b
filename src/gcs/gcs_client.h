// Owns one authorized exchange with Google Cloud Storage, authorized anew for each try, and the meaning of failures.
// Does not know what the requests are for.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/env.h"
#include "gcs/gcs_options.h"
#include "http/http_client.h"
#include "http/send.h"
#include "http/token_source.h"

namespace deltic {

struct GcsWorld {
  std::shared_ptr<HttpClient> client;
  std::shared_ptr<TokenSource> tokens;  // asked when there is no given token; null sends none
  Env env = RealEnv();
  CancelToken cancel;
  std::function<void(int64_t)> sleep_ms;
};

struct GcsRequest {
  std::string method = "GET";
  std::string path;  // below the endpoint, encoded: ObjectPath, UploadPath, ...
  std::string url;   // instead of a path: the session of an upload, which needs no token and is a secret itself
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
  int64_t max_body_bytes = int64_t{1} << 40;
};

// Thread-safe.
class GcsClient {
 public:
  GcsClient(GcsSettings settings, GcsWorld world) : settings_(std::move(settings)), world_(std::move(world)) {}

  // A token that the service refuses is asked for anew, once.
  Result<HttpAnswer> Send(const GcsRequest& request, SendTwice twice);
  // What an answer that is no success means, with the service's own words.
  Error Failure(const HttpAnswer& answer, const std::string& doing) const;

  std::string ListPath() const;                           // of the bucket's objects
  std::string ObjectPath(std::string_view object) const;  // of one
  std::string UploadPath() const;                         // where objects are made

  const GcsSettings& settings() const { return settings_; }
  const GcsWorld& world() const { return world_; }

 private:
  Result<HttpRequest> Authorize(const GcsRequest& request);

  const GcsSettings settings_;
  const GcsWorld world_;
};

}  // namespace deltic
