// Owns one authorized exchange with Azure's Blob service, signed anew for each try, and the meaning of failures.
// Does not know what the requests are for.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "azure/azure_options.h"
#include "base/env.h"
#include "http/http_client.h"
#include "http/send.h"
#include "http/token_source.h"

namespace deltic {

struct AzureWorld {
  std::shared_ptr<HttpClient> client;
  std::shared_ptr<TokenSource> tokens;  // asked when there is no key, SAS or given token
  Env env = RealEnv();
  CancelToken cancel;
  std::function<void(int64_t)> sleep_ms;
};

struct AzureRequest {
  std::string method = "GET";
  std::string key;  // in the container, decoded; "" for the container itself
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
  int64_t max_body_bytes = int64_t{1} << 40;
};

// Thread-safe.
class AzureClient {
 public:
  AzureClient(AzureSettings settings, AzureWorld world) : settings_(std::move(settings)), world_(std::move(world)) {}
  Result<HttpAnswer> Send(const AzureRequest& request, SendTwice twice);
  Error Failure(const HttpAnswer& answer, const std::string& doing) const;
  const AzureSettings& settings() const { return settings_; }
  const AzureWorld& world() const { return world_; }

 private:
  Result<HttpRequest> Sign(const AzureRequest& request);
  // Whether the service refused a signature because of our clock, which then is set by the service's.
  bool SetClock(const HttpAnswer& answer);
  const AzureSettings settings_;
  const AzureWorld world_;
  std::atomic<int64_t> clock_offset_ms_{0};  // the service's clock less ours
};

}  // namespace deltic
