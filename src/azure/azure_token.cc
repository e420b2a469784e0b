// Owns the requests for Azure tokens; see the header.
#include "azure/azure_token.h"

#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/url.h"

namespace deltic {
namespace {

constexpr const char* kScope = "https://storage.azure.com/.default";
constexpr const char* kResource = "https://storage.azure.com/";

class AzureTokens {
 public:
  AzureTokens(const StoreOptions& options, AzureTokenWorld world) : options_(options), world_(std::move(world)) {}

  Result<BearerToken> Ask(const CancelToken& cancel) const {
    const auto client = options_.Find({"azure_storage_client_id", "azure_client_id", "client_id"});
    const auto tenant = options_.Find({"azure_storage_tenant_id", "azure_storage_authority_id", "azure_tenant_id",
                                       "tenant_id", "azure_authority_id", "authority_id"});
    const auto secret = options_.Find({"azure_storage_client_secret", "azure_client_secret", "client_secret"});
    if (client && tenant && secret) {
      return FromTenant(*tenant,
                        FormBody({{"grant_type", "client_credentials"},
                                  {"client_id", *client},
                                  {"client_secret", *secret},
                                  {"scope", kScope}}),
                        "the service principal " + *client, cancel);
    }
    if (const auto file = options_.Find({"azure_federated_token_file", "federated_token_file"});
        file && client && tenant) {
      std::ifstream in(*file, std::ios::binary);
      std::ostringstream assertion;
      assertion << in.rdbuf();
      if (!in || assertion.str().empty())
        return PermissionDenied("the federated token file {} cannot be read, or is empty", *file);
      return FromTenant(*tenant,
                        FormBody({{"grant_type", "client_credentials"},
                                  {"client_id", *client},
                                  {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                                  {"client_assertion", assertion.str()},
                                  {"scope", kScope}}),
                        "the workload identity " + *client, cancel);
    }
    return FromManagedIdentity(client, cancel);
  }

 private:
  Result<BearerToken> FromTenant(const std::string& tenant, const std::string& form, const std::string& who,
                                 const CancelToken& cancel) const {
    std::string host = options_.Find({"azure_storage_authority_host", "azure_authority_host", "authority_host"})
                           .value_or("https://login.microsoftonline.com");
    while (host.ends_with('/')) host.pop_back();
    const HttpRequest request{.method = "POST",
                              .url = host + "/" + PercentEncode(tenant, "") + "/oauth2/v2.0/token",
                              .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                              .body = form};
    DELTIC_TRY(const HttpAnswer answer, SendPatiently(*world_.https, [&] { return Result<HttpRequest>(request); },
                                                      SendTwice::kAllowed, {}, {.env = world_.env, .cancel = cancel}));
    return ParseTokenAnswer(answer, "Azure, asked for " + who + ",", world_.env.now_ms());
  }

  Result<BearerToken> FromManagedIdentity(const std::optional<std::string>& client, const CancelToken& cancel) const {
    const auto endpoint =
        options_.Find({"azure_identity_endpoint", "azure_msi_endpoint", "msi_endpoint", "identity_endpoint"});
    std::string url = endpoint.value_or("http://169.254.169.254/metadata/identity/oauth2/token");
    url += std::string("?api-version=") + (endpoint ? "2019-08-01" : "2018-02-01") +
           "&resource=" + PercentEncode(kResource, "");
    if (client) url += "&client_id=" + PercentEncode(*client, "");
    HttpRequest request{.url = url};
    request.headers.emplace_back("Metadata", "true");
    if (const auto header = options_.FromEnvironment("IDENTITY_HEADER"))
      request.headers.emplace_back("X-IDENTITY-HEADER", *header);
    DELTIC_TRY(const HttpAnswer answer,
               SendPatiently(*world_.metadata, [&] { return Result<HttpRequest>(request); }, SendTwice::kAllowed,
                             {.attempts = 3, .total_ms = 10'000}, {.env = world_.env, .cancel = cancel}));
    if (answer.status == 0) {
      return PermissionDenied(
          "no Azure credentials were found: looked for azure_storage_account_key, a SAS token, a service principal "
          "(azure_client_id, azure_client_secret, azure_tenant_id), a workload identity and the machine's managed "
          "identity");
    }
    return ParseTokenAnswer(answer, "the managed identity", world_.env.now_ms());
  }

  const StoreOptions options_;
  const AzureTokenWorld world_;
};

}  // namespace

std::shared_ptr<TokenSource> MakeAzureTokenSource(const StoreOptions& options, AzureTokenWorld world) {
  const Env env = world.env;
  auto tokens = std::make_shared<AzureTokens>(options, std::move(world));
  return std::make_shared<TokenSource>([tokens](const CancelToken& cancel) { return tokens->Ask(cancel); }, env);
}

}  // namespace deltic
