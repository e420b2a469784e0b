// Owns the tests of Azure's credentials, locations and of what answers mean, on scripted services. The contract of
// stores runs on Azurite (azure_contract_test.cc).
#include <gtest/gtest.h>

#include <fstream>

#include "azure/azure_store.h"
#include "azure/azure_token.h"
#include "http/fake_client_for_test.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

constexpr int64_t kNowMs = 1'700'000'000'000;
constexpr const char* kToken = R"({"access_token":"bearer","expires_in":3600})";
// 32 bytes in base64.
constexpr const char* kKey = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I=";

class Azure : public testing::Test {
 protected:
  StoreOptions Options(const std::map<std::string, std::string>& options) {
    return StoreOptions(options, [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    });
  }
  void Open(std::map<std::string, std::string> options, const std::string& url = "az://c/warehouse/t") {
    options.emplace("azure_storage_account_name", "acc");
    auto location = ParseAzureUrl(url);
    ASSERT_TRUE(location.ok()) << location.error().ToString();
    auto settings = MakeAzureSettings(*location, Options(options));
    ASSERT_TRUE(settings.ok()) << settings.error().ToString();
    AzureTokenWorld tokens{.https = https_, .metadata = metadata_};
    tokens.env.now_ms = [this] { return now_ms_; };
    tokens.env.random = [] { return uint64_t{0}; };
    AzureWorld world{.client = client_, .tokens = MakeAzureTokenSource(Options(options), tokens)};
    world.env = tokens.env;
    world.sleep_ms = [](int64_t) {};
    store_ = MakeAzureStore(std::move(*settings), std::move(world));
  }
  std::string Authorization(size_t i) { return client_->asked()[i].headers.at("Authorization"); }

  TempFolderForTest folder_;
  int64_t now_ms_ = kNowMs;
  std::map<std::string, std::string> environment_;
  std::shared_ptr<FakeClient> client_ = std::make_shared<FakeClient>();
  std::shared_ptr<FakeClient> https_ = std::make_shared<FakeClient>();
  std::shared_ptr<FakeClient> metadata_ = std::make_shared<FakeClient>();
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(Azure, AServicePrincipalAsksItsTenantOnceAndAgainBeforeTheEnd) {
  Open({{"azure_client_id", "id"}, {"azure_client_secret", "very-secret"}, {"azure_tenant_id", "tenant"}});
  https_->Answer(200, kToken).Answer(200, kToken);
  client_->Answer(200, "x").Answer(200, "x").Answer(200, "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_EQ(Authorization(1), "Bearer bearer");
  ASSERT_EQ(https_->asked().size(), 1U);
  EXPECT_EQ(https_->asked()[0].url, "https://login.microsoftonline.com/tenant/oauth2/v2.0/token");
  EXPECT_NE(https_->asked()[0].body.find("client_secret=very-secret"), std::string::npos);
  EXPECT_NE(https_->asked()[0].body.find("scope=https%3A%2F%2Fstorage.azure.com%2F.default"), std::string::npos);
  now_ms_ += 58 * 60'000;
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_EQ(https_->asked().size(), 2U);
}

TEST_F(Azure, AWorkloadIdentityShowsItsFilesToken) {
  std::ofstream(folder_.path() + "/jwt") << "federated";
  environment_ = {{"AZURE_FEDERATED_TOKEN_FILE", folder_.path() + "/jwt"},
                  {"AZURE_CLIENT_ID", "id"},
                  {"AZURE_TENANT_ID", "tenant"},
                  {"AZURE_AUTHORITY_HOST", "https://login.example/"}};
  Open({});
  https_->Answer(200, kToken);
  client_->Answer(200, "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_EQ(https_->asked()[0].url, "https://login.example/tenant/oauth2/v2.0/token");
  EXPECT_NE(https_->asked()[0].body.find("client_assertion=federated"), std::string::npos);
  environment_["AZURE_FEDERATED_TOKEN_FILE"] = folder_.path() + "/none";
  Open({});
  EXPECT_EQ(store_->Get("a").error().code(), Code::kPermissionDenied);
}

TEST_F(Azure, AManagedIdentityAsksTheMachine) {
  Open({{"azure_client_id", "of-many"}});
  metadata_->Answer(200, R"({"access_token":"bearer","expires_in":"3600"})");
  client_->Answer(200, "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_EQ(metadata_->asked()[0].headers.at("Metadata"), "true");
  EXPECT_EQ(metadata_->asked()[0].url,
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2F"
            "storage.azure.com%2F&client_id=of-many");
  environment_ = {{"IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi"}, {"IDENTITY_HEADER", "h"}};
  Open({});
  metadata_->Answer(200, kToken);
  client_->Answer(200, "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_TRUE(metadata_->asked()[1].url.starts_with("http://127.0.0.1:1/msi?api-version=2019-08-01"));
  EXPECT_EQ(metadata_->asked()[1].headers.at("X-IDENTITY-HEADER"), "h");
}

TEST_F(Azure, WithoutAnyCredentialsTheErrorSaysWhereItLooked) {
  Open({});
  for (int i = 0; i < 3; ++i) metadata_->Refused();
  const auto none = store_->Get("a");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code(), Code::kPermissionDenied);
  EXPECT_NE(none.error().message().find("azure_storage_account_key"), std::string::npos);
}

TEST_F(Azure, ASasIsSentAsAQueryWhicheverWayItWasPasted) {
  for (const char* sas : {"?sv=2021&sig=ab%2Bc%2F%3D", "sv=2021&sig=ab+c/="}) {
    Open({{"azure_storage_sas_token", sas}});
    client_->Answer(403, "", {{"x-ms-error-code", "AuthorizationFailure"}});
    const auto denied = store_->Get("a");
    ASSERT_FALSE(denied.ok());
    EXPECT_EQ(client_->asked().back().url,
              "https://acc.blob.core.windows.net/c/warehouse/t/a?sv=2021&sig=ab%2Bc%2F%3D");
    EXPECT_EQ(denied.error().message().find("sig"), std::string::npos) << "a secret in a message";
    EXPECT_EQ(store_->uri().find("sig"), std::string::npos);
  }
  auto location = ParseAzureUrl("az://c/t");
  const auto bad = MakeAzureSettings(
      *location, Options({{"azure_storage_account_name", "acc"}, {"azure_storage_sas_key", "very-secret"}}));
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().message().find("very-secret"), std::string::npos);
}

TEST_F(Azure, ATokenThatIsRefusedIsAskedForAnew) {
  Open({{"azure_client_id", "id"}, {"azure_client_secret", "s"}, {"azure_tenant_id", "t"}});
  https_->Answer(200, kToken).Answer(200, R"({"access_token":"second","expires_in":3600})");
  client_->Answer(401).Answer(200, "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_EQ(Authorization(1), "Bearer second");
}

TEST_F(Azure, AWrongClockIsSetByTheServices) {
  Open({{"azure_storage_account_key", kKey}});
  client_->Answer(403, "", {{"x-ms-error-code", "AuthenticationFailed"}, {"date", "Sun, 06 Nov 1994 08:49:37 GMT"}})
      .Answer(200, "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  EXPECT_EQ(client_->asked()[1].headers.at("x-ms-date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  // A clock that is right is not the reason.
  Open({{"azure_storage_account_key", kKey}});
  client_->Answer(403, "", {{"x-ms-error-code", "AuthenticationFailed"}, {"date", "Tue, 14 Nov 2023 22:13:20 GMT"}});
  EXPECT_EQ(store_->Get("a").error().code(), Code::kPermissionDenied);
}

TEST_F(Azure, AConditionalPutSaysWhatItsAnswersSay) {
  Open({{"azure_storage_account_key", kKey}});
  client_->Answer(201).Answer(409).Answer(412).Lost().Answer(500).Answer(503).Answer(201).Answer(503).Answer(409);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kWritten);
  EXPECT_EQ(client_->asked()[0].headers.at("If-None-Match"), "*");
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kExists);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kExists);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/2.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/2.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/3.json", "x"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/3.json", "x"), PutOutcome::kUnknown) << "it may be ours";
  EXPECT_EQ(client_->left(), 0U);
}

TEST(AzureUrls, OfTheDataLakesEndpointMeanTheBlobsToo) {
  for (const char* url : {"abfss://c@acc.dfs.core.windows.net/a/b", "abfs://c@acc.dfs.core.windows.net/a/b/",
                          "https://acc.dfs.core.windows.net/c/a/b", "https://acc.blob.core.windows.net/c/a/b",
                          "abfss://acc.dfs.core.windows.net/c/a/b"}) {
    const auto location = ParseAzureUrl(url);
    ASSERT_TRUE(location.ok()) << url;
    EXPECT_EQ(location->account, "acc") << url;
    EXPECT_EQ(location->container, "c") << url;
    EXPECT_EQ(location->prefix, "a/b") << url;
    const auto settings = MakeAzureSettings(*location, StoreOptions({}, nullptr));
    ASSERT_TRUE(settings.ok());
    EXPECT_EQ(settings->base_url, "https://acc.blob.core.windows.net/c");
  }
  const auto china = ParseAzureUrl("abfss://c@acc.dfs.core.chinacloudapi.cn/a");
  ASSERT_TRUE(china.ok());
  EXPECT_EQ(MakeAzureSettings(*china, StoreOptions({}, nullptr))->base_url, "https://acc.blob.core.chinacloudapi.cn/c");
  EXPECT_EQ(ParseAzureUrl("abfss://c@example.com/a").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(ParseAzureUrl("az://user:secret@acc.dfs.core.windows.net/a").error().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace deltic
