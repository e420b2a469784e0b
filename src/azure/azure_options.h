// Owns what an Azure location and its options mean: account, container, prefix, endpoint, how to authorize. Pure.
// Source of the option names: object_store's AzureConfigKey, which delta-rs takes.
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"
#include "http/store_options.h"

namespace deltic {

// Whether a host is one of the service's, "account.{blob,dfs}.DOMAIN", in the public cloud, a sovereign one or Fabric.
// A URL of any other host names no container: a table's log must not be able to send credentials where it likes.
bool IsAzureHost(std::string_view host);

struct AzureLocation {
  std::string account;  // "" when the URL does not say
  std::string domain = "core.windows.net";
  std::string container;
  std::string prefix;  // decoded, without '/' at either end
  std::string scheme;  // as it was written, for messages
};
// InvalidArgument for a host that is not the service's (see IsAzureHost).
// az://container/path, azure://..., adl://..., abfs[s]://container/path,
// abfs[s]://container@account.dfs.core.windows.net/path, https://account.blob.core.windows.net/container/path (dfs
// too).
Result<AzureLocation> ParseAzureUrl(std::string_view url);

struct AzureSettings {
  AzureLocation location;
  std::string base_url;      // with the container: "https://account.blob.core.windows.net/container"
  std::string base_path;     // of base_url
  std::string key;           // shared key, decoded; "" without
  std::string sas;           // query text without '?'; "" without
  std::string bearer_token;  // given as such
  bool skip_signature = false;
  int64_t block_bytes = 8LL << 20;
  HttpSettings http;
  SendPolicy retries;
};
Result<AzureSettings> MakeAzureSettings(AzureLocation location, const StoreOptions& options);

inline constexpr const char* kAzuriteAccount = "devstoreaccount1";

}  // namespace deltic
