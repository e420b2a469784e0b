// Owns the reading of Azure's options; see the header.
#include "azure/azure_options.h"

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

// "account" of "account.dfs.core.windows.net", and of the sovereign clouds' names.
std::string_view AccountOf(std::string_view host) { return host.substr(0, host.find('.')); }

}  // namespace

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
    location.account = AccountOf(authority);
    while (path.starts_with('/')) path.remove_prefix(1);
    slash = path.find('/');
    location.container = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  } else if (const size_t at = authority.find('@'); at != std::string_view::npos) {
    location.container = authority.substr(0, at);
    location.account = AccountOf(authority.substr(at + 1));
  } else if (authority.find('.') != std::string_view::npos) {
    // abfss://account.dfs.core.windows.net/container/path is written too.
    location.account = AccountOf(authority);
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
  if (settings.sas.starts_with('?')) settings.sas.erase(0, 1);
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
  if (base.empty()) base = "https://" + account + ".blob.core.windows.net";
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
