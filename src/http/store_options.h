// Owns storage options as people give them: names to texts, in any case, with the environment behind them; and the ones
// that every object store has in common (timeouts, proxies, retries). Knows no store.
// Source of the names: object_store (the Rust crate that delta-rs, polars and others take theirs from).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "deltic/result.h"
#include "http/http_client.h"
#include "http/send.h"

namespace deltic {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment ProcessEnvironment();

// Immutable, safe to share among threads.
class StoreOptions {
 public:
  // Names are compared in lower case; of two that differ in case only, the one in lower case counts.
  StoreOptions(const std::map<std::string, std::string>& options, Environment environment);

  // The first of the names (in lower case) that the options have, else the first that the environment has in upper
  // case. An empty text counts as not there.
  std::optional<std::string> Find(std::initializer_list<std::string_view> names) const;
  // Of the options alone, or of the environment alone (name as it is there).
  std::optional<std::string> FindGiven(std::initializer_list<std::string_view> names) const;
  std::optional<std::string> FromEnvironment(const std::string& name) const;

  // "true", "1", "yes", "on" and their opposites. InvalidArgument, naming the option, for other texts.
  Result<bool> Flag(std::initializer_list<std::string_view> names, bool otherwise) const;
  // "30s", "500ms", "2m", "1h", or a bare number of seconds, as milliseconds.
  Result<int64_t> Duration(std::initializer_list<std::string_view> names, int64_t otherwise_ms) const;
  Result<int64_t> Number(std::initializer_list<std::string_view> names, int64_t otherwise) const;

 private:
  std::map<std::string, std::string> options_;
  Environment environment_;
};

// allow_http, allow_invalid_certificates, connect_timeout, timeout, proxy_url, proxy_ca_certificate, proxy_excludes,
// user_agent; ours: ca_certificate (a file of certificates to trust), also SSL_CERT_FILE and AWS_CA_BUNDLE.
Result<HttpSettings> MakeHttpSettings(const StoreOptions& options);
// The same, for the service of the machine or container that we run in: plain http to a link-local address, by no
// proxy, and given up soon, because mostly there is none.
HttpSettings ForMetadataService(HttpSettings settings);
// max_retries, retry_timeout, backoff_config.init_backoff, backoff_config.max_backoff.
Result<SendPolicy> MakeSendPolicy(const StoreOptions& options);

}  // namespace deltic
