// Owns the reading of Azure's options; see the header.
#include "azure/azure_options.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/url.h"

namespace deltic {
namespace {

// The emulator's account and key are published and the same everywhere.
constexpr const char* kAzuriteKey =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

std::string WithoutSlashes(std::string_view text) {
  while (!text.empty() && text.front() == '/') text.remove_prefix(1);
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  return std::string(text);
}

constexpr std::array<std::string_view, 5> kDomains = {
    "core.windows.net", "core.usgovcloudapi.net", "core.chinacloudapi.cn", "core.cloudapi.de", "fabric.microsoft.com"};

struct HostParts {
  std::string account;
  std::string domain;
};
// Of "account.dfs.core.windows.net", in any case; nullopt for any other host.
std::optional<HostParts> SplitHost(std::string_view host) {
  const std::string lower = AsciiLower(host);
  const size_t dot = lower.find('.');
  if (dot == std::string::npos || dot == 0) return std::nullopt;
  HostParts parts{.account = lower.substr(0, dot)};
  for (const char c : parts.account) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') return std::nullopt;
  }
  std::string_view rest = std::string_view(lower).substr(dot + 1);
  if (rest.starts_with("blob.")) {
    rest.remove_prefix(5);
  } else if (rest.starts_with("dfs.")) {
    rest.remove_prefix(4);
  } else {
    return std::nullopt;
  }
  if (std::find(kDomains.begin(), kDomains.end(), rest) == kDomains.end()) return std::nullopt;
  parts.domain = rest;
  return parts;
}

Status TakeHost(std::string_view host, AzureLocation& location) {
  auto parts = SplitHost(host);
  if (!parts) {
    return InvalidArgument("'{}' is no host of a storage account: write account.dfs.core.windows.net", host);
  }
  location.account = std::move(parts->account);
  location.domain = std::move(parts->domain);
  return {};
}

// People paste these texts as the portal shows them, percent-encoded, or decoded: then a '+' in the signature would
// arrive as a blank.
Result<std::string> EncodedSas(std::string_view sas) {
  if (sas.starts_with('?')) sas.remove_prefix(1);
  std::string encoded;
  while (!sas.empty()) {
    const size_t end = std::min(sas.find('&'), sas.size());
    const std::string_view pair = sas.substr(0, end);
    sas.remove_prefix(std::min(end + 1, sas.size()));
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const auto value = equals == std::string_view::npos ? Result<std::string>(InvalidArgument(""))
                                                        : PercentDecode(pair.substr(equals + 1));
    if (!value.ok())
      return InvalidArgument("the storage option azure_storage_sas_key is no SAS token (name=value&...)");
    encoded += (encoded.empty() ? "" : "&") + std::string(pair.substr(0, equals)) + "=" + PercentEncode(*value, "");
  }
  return encoded;
}

}  // namespace

bool IsAzureHost(std::string_view host) { return SplitHost(host).has_value(); }

Result<AzureLocation> ParseAzureUrl(std::string_view url) {
  const size_t begin = url.find("://");
  if (begin == std::string_view::npos)
    return InvalidArgument("'{}' is no URL of a container: write az://container/path", url);
  AzureLocation location{.scheme = std::string(url.substr(0, begin))};
  std::string_view rest = url.substr(begin + 3);
  size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  if (location.scheme == "https" || location.scheme == "http") {
    DELTIC_CHECK(TakeHost(authority, location));
    while (path.starts_with('/')) path.remove_prefix(1);
    slash = path.find('/');
    location.container = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  } else if (const size_t at = authority.find('@'); at != std::string_view::npos) {
    location.container = authority.substr(0, at);
    DELTIC_CHECK(TakeHost(authority.substr(at + 1), location));
  } else if (authority.find('.') != std::string_view::npos) {
    // abfss://account.dfs.core.windows.net/container/path is written too.
    DELTIC_CHECK(TakeHost(authority, location));
    while (path.starts_with('/')) path.remove_prefix(1);
    slash = path.find('/');
    location.container = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  } else {
    location.container = authority;
  }
  if (location.container.empty()) return InvalidArgument("the URL names no container: write az://container/path");
  if (location.container.find(':') != std::string::npos) {
    return InvalidArgument("credentials do not belong into the URL of a container: give them as storage options");
  }
  DELTIC_TRY(const std::string decoded, PercentDecode(path));
  location.prefix = WithoutSlashes(decoded);
  return location;
}

Result<AzureSettings> MakeAzureSettings(AzureLocation location, const StoreOptions& options) {
  AzureSettings settings{.location = std::move(location)};
  DELTIC_TRY(const bool emulator, options.Flag({"azure_storage_use_emulator", "azure_use_azurite",
                                                "object_store_use_emulator", "use_emulator"},
                                               false));
  std::string& account = settings.location.account;
  if (account.empty())
    account = options.Find({"azure_storage_account_name", "account_name"}).value_or(emulator ? kAzuriteAccount : "");
  if (account.empty()) {
    return InvalidArgument(
        "the URL names no account: set the storage option azure_storage_account_name, or write "
        "abfss://container@account.dfs.core.windows.net/path");
  }
  std::string key = options
                        .Find({"azure_storage_account_key", "azure_storage_access_key", "azure_storage_master_key",
                               "account_key", "access_key", "master_key"})
                        .value_or(emulator && account == kAzuriteAccount ? kAzuriteKey : "");
  if (!key.empty()) {
    const auto decoded = Base64Decode(key);
    if (!decoded) return InvalidArgument("the storage option azure_storage_account_key is not base64");
    settings.key = *decoded;
  }
  settings.sas =
      options.Find({"azure_storage_sas_key", "azure_storage_sas_token", "sas_key", "sas_token"}).value_or("");
  DELTIC_TRY(settings.sas, EncodedSas(settings.sas));
  settings.bearer_token = options.Find({"azure_storage_token", "bearer_token", "token"}).value_or("");
  DELTIC_TRY(settings.skip_signature, options.Flag({"azure_skip_signature", "skip_signature"}, false));
  DELTIC_TRY(settings.http, MakeHttpSettings(options));
  DELTIC_TRY(settings.retries, MakeSendPolicy(options));
  std::string base = options.Find({"azure_storage_endpoint", "azure_endpoint", "endpoint"}).value_or("");
  while (base.ends_with('/')) base.pop_back();
  if (emulator) settings.http.allow_http = true;
  if (base.empty() && emulator) {
    base = options.Find({"azurite_blob_storage_url"}).value_or("http://127.0.0.1:10000");
    while (base.ends_with('/')) base.pop_back();
    base += "/" + account;
  }
  if (base.empty()) base = "https://" + account + ".blob." + settings.location.domain;
  const size_t scheme = base.find("://");
  if (scheme == std::string::npos || base.find_first_of("?#@", scheme + 3) != std::string::npos) {
    return InvalidArgument("the storage option azure_storage_endpoint must be a plain URL (https://host)");
  }
  base += "/" + PercentEncode(settings.location.container, "");
  settings.base_path = base.substr(base.find('/', scheme + 3));
  settings.base_url = std::move(base);
  return settings;
}

}  // namespace deltic
