// Owns the ways to an Azure bearer token: service principal, workload identity, managed identity. Asks nothing before
// the first use. Sources: Microsoft identity platform, "client credentials flow"; "managed identities for Azure
// resources".
#pragma once

#include <memory>

#include "azure/azure_options.h"
#include "http/token_source.h"

namespace deltic {

struct AzureTokenWorld {
  std::shared_ptr<HttpClient> https;
  std::shared_ptr<HttpClient> metadata;  // plain http to link-local addresses, short timeouts
  Env env = RealEnv();
};

// By what the options and the environment have: client secret, federated token file, else the managed identity.
std::shared_ptr<TokenSource> MakeAzureTokenSource(const StoreOptions& options, AzureTokenWorld world);

}  // namespace deltic
