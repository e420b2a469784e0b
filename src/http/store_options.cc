// Owns the reading of options; see the header.
#include "http/store_options.h"

#include <charconv>
#include <cstdlib>

#include "base/ascii.h"
#include "base/error.h"
#include "base/number_text.h"

namespace deltic {

Environment ProcessEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

StoreOptions::StoreOptions(const std::map<std::string, std::string>& options, Environment environment)
    : environment_(std::move(environment)) {
  // Upper case sorts first, so the name in lower case is the last to be set.
  for (const auto& [name, value] : options) options_[AsciiLower(name)] = value;
}

std::optional<std::string> StoreOptions::FindGiven(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    const auto found = options_.find(std::string(name));
    if (found != options_.end() && !found->second.empty()) return found->second;
  }
  return std::nullopt;
}

std::optional<std::string> StoreOptions::FromEnvironment(const std::string& name) const {
  if (!environment_) return std::nullopt;
  auto value = environment_(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

std::optional<std::string> StoreOptions::Find(std::initializer_list<std::string_view> names) const {
  if (auto given = FindGiven(names)) return given;
  for (const std::string_view name : names) {
    if (auto value = FromEnvironment(AsciiUpper(name))) return value;
  }
  return std::nullopt;
}

Result<bool> StoreOptions::Flag(std::initializer_list<std::string_view> names, bool otherwise) const {
  const auto text = Find(names);
  if (!text) return otherwise;
  const std::string value = AsciiLower(*text);
  if (value == "true" || value == "1" || value == "yes" || value == "y" || value == "on" || value == "t") return true;
  if (value == "false" || value == "0" || value == "no" || value == "n" || value == "off" || value == "f") return false;
  return InvalidArgument("the storage option {} is '{}': it must be true or false", *names.begin(), *text);
}

Result<int64_t> StoreOptions::Duration(std::initializer_list<std::string_view> names, int64_t otherwise_ms) const {
  const auto text = Find(names);
  if (!text) return otherwise_ms;
  double number = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, number);
  std::string_view unit(rest, static_cast<size_t>(end - rest));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  double scale = -1;
  if (unit == "ms" || unit == "millis" || unit == "milliseconds") scale = 1;
  if (unit.empty() || unit == "s" || unit == "sec" || unit == "secs" || unit == "second" || unit == "seconds")
    scale = 1e3;
  if (unit == "m" || unit == "min" || unit == "mins" || unit == "minute" || unit == "minutes") scale = 6e4;
  if (unit == "h" || unit == "hr" || unit == "hour" || unit == "hours") scale = 3.6e6;
  if (error != std::errc() || scale < 0 || !(number >= 0) || number * scale > 1e13) {
    return InvalidArgument("the storage option {} is '{}': write it as 30s, 500ms or 2m", *names.begin(), *text);
  }
  return static_cast<int64_t>(number * scale);
}

Result<int64_t> StoreOptions::Number(std::initializer_list<std::string_view> names, int64_t otherwise) const {
  const auto text = Find(names);
  if (!text) return otherwise;
  const auto number = ParseInt64(*text);
  if (!number || *number < 0) {
    return InvalidArgument("the storage option {} is '{}': it must be a number", *names.begin(), *text);
  }
  return *number;
}

Result<HttpSettings> MakeHttpSettings(const StoreOptions& options) {
  HttpSettings settings;
  DELTIC_TRY(settings.allow_http, options.Flag({"allow_http", "aws_allow_http", "azure_allow_http"}, false));
  DELTIC_TRY(settings.allow_invalid_certificates, options.Flag({"allow_invalid_certificates"}, false));
  DELTIC_TRY(settings.connect_timeout_ms, options.Duration({"connect_timeout"}, settings.connect_timeout_ms));
  DELTIC_TRY(settings.idle_timeout_ms, options.Duration({"read_timeout", "timeout"}, settings.idle_timeout_ms));
  settings.proxy_url = options.FindGiven({"proxy_url"}).value_or("");
  settings.proxy_ca_file = options.FindGiven({"proxy_ca_certificate"}).value_or("");
  settings.proxy_excludes = options.FindGiven({"proxy_excludes"}).value_or("");
  settings.ca_file = options.Find({"ca_certificate", "aws_ca_bundle", "ssl_cert_file"}).value_or("");
  settings.user_agent = options.FindGiven({"user_agent"}).value_or("");
  return settings;
}

HttpSettings ForMetadataService(HttpSettings settings) {
  settings.allow_http = true;
  settings.connect_timeout_ms = 1'000;
  settings.idle_timeout_ms = 2'000;
  settings.proxy_excludes = "*";
  return settings;
}

Result<SendPolicy> MakeSendPolicy(const StoreOptions& options) {
  SendPolicy policy;
  DELTIC_TRY(const int64_t retries, options.Number({"max_retries"}, policy.attempts - 1));
  policy.attempts = static_cast<int>(std::min<int64_t>(retries, 1000)) + 1;
  DELTIC_TRY(policy.total_ms, options.Duration({"retry_timeout"}, policy.total_ms));
  DELTIC_TRY(policy.first_delay_ms, options.Duration({"backoff_config.init_backoff"}, policy.first_delay_ms));
  DELTIC_TRY(policy.max_delay_ms, options.Duration({"backoff_config.max_backoff"}, policy.max_delay_ms));
  return policy;
}

}  // namespace deltic
