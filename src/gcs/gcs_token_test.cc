// Owns the tests of Google's tokens: what is asked of whom, what is kept, and what is never said.
#include "gcs/gcs_token.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "gcs/rfc_key_for_test.h"
#include "http/fake_client_for_test.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

class GcsToken : public testing::Test {
 protected:
  std::shared_ptr<TokenSource> Source(GcsCredentials credentials) {
    GcsTokenWorld world{.https = https_, .metadata = metadata_, .retries = {.attempts = 1}};
    world.env.now_ms = [this] { return now_ms_; };
    world.env.random = [] { return uint64_t{0}; };
    return MakeGcsTokenSource(std::move(credentials), std::move(world));
  }
  static GcsCredentials ServiceAccount() {
    return {.kind = GcsCredentialKind::kServiceAccount,
            .from = "the service account file f",
            .client_email = "me@project",
            .private_key = kRfc7515Key,
            .private_key_id = "id-1"};
  }

  std::shared_ptr<FakeClient> https_ = std::make_shared<FakeClient>();
  std::shared_ptr<FakeClient> metadata_ = std::make_shared<FakeClient>();
  int64_t now_ms_ = 1'700'000'000'000;
  CancelToken cancel_;
};

nlohmann::json Part(const std::string& jwt, int part) {
  size_t begin = 0;
  for (int i = 0; i < part; ++i) begin = jwt.find('.', begin) + 1;
  return nlohmann::json::parse(*Base64Decode(jwt.substr(begin, jwt.find('.', begin) - begin)));
}

TEST_F(GcsToken, AServiceAccountSignsForItselfWithoutAnyRequest) {
  const auto source = Source(ServiceAccount());
  const auto token = source->Get(cancel_);
  ASSERT_TRUE(token.ok()) << token.error().ToString();
  EXPECT_EQ(Part(*token, 0), nlohmann::json::parse(R"({"alg": "RS256", "typ": "JWT", "kid": "id-1"})"));
  const auto claims = Part(*token, 1);
  EXPECT_EQ(claims["iss"], "me@project");
  EXPECT_EQ(claims["sub"], "me@project");
  EXPECT_EQ(claims["scope"], "https://www.googleapis.com/auth/cloud-platform");
  EXPECT_EQ(claims["iat"], 1'700'000'000);
  EXPECT_EQ(claims["exp"], 1'700'003'600);
  EXPECT_TRUE(https_->asked().empty());
  now_ms_ += 3'000'000;
  EXPECT_EQ(*source->Get(cancel_), *token) << "it is good for an hour";
  now_ms_ += 500'000;
  EXPECT_NE(*source->Get(cancel_), *token) << "renewed before it ends";
}

TEST_F(GcsToken, AnotherTokenServiceIsAsked) {
  GcsCredentials credentials = ServiceAccount();
  credentials.token_uri = "https://tokens.example/token";
  https_->Answer(200, R"({"access_token": "t1", "expires_in": 3600})").Answer(400, R"({"error": "invalid_grant"})");
  const auto source = Source(credentials);
  EXPECT_EQ(*source->Get(cancel_), "t1");
  EXPECT_EQ(https_->asked()[0].url, "https://tokens.example/token");
  EXPECT_TRUE(https_->asked()[0].body.starts_with(
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=ey"));
  source->Forget();
  const auto refused = source->Get(cancel_);
  EXPECT_EQ(refused.error().code(), Code::kPermissionDenied);
  EXPECT_NE(refused.error().message().find("the service account file f"), std::string::npos);
  EXPECT_NE(refused.error().message().find("invalid_grant"), std::string::npos);
}

TEST_F(GcsToken, APersonsRefreshTokenIsExchangedAndKeptAsLongAsItIsGood) {
  https_->Answer(200, R"({"access_token": "t1", "expires_in": 3599})")
      .Answer(200, R"({"access_token": "t2", "expires_in": 3599})");
  const auto source = Source({.kind = GcsCredentialKind::kAuthorizedUser,
                              .client_id = "id&1",
                              .client_secret = "s e",
                              .refresh_token = "r/1"});
  EXPECT_EQ(*source->Get(cancel_), "t1");
  EXPECT_EQ(https_->asked()[0].url, "https://oauth2.googleapis.com/token");
  EXPECT_EQ(https_->asked()[0].body,
            "grant_type=refresh_token&client_id=id%261&client_secret=s%20e&refresh_token=r%2F1");
  EXPECT_EQ(*source->Get(cancel_), "t1");
  now_ms_ += 3'500'000;
  EXPECT_EQ(*source->Get(cancel_), "t2");
  EXPECT_EQ(https_->left(), 0u);
}

TEST_F(GcsToken, AnExternalTokenIsExchangedAndThenActsAsItsServiceAccount) {
  const TempFolderForTest folder;
  std::ofstream(folder.path() + "/token") << R"({"id": "subject-1"})";
  const auto credentials = ParseGcsCredentials(
      R"({"type": "external_account", "audience": "//iam/pool", "subject_token_type": "jwt",
          "token_url": "https://sts.example/v1/token", "service_account_impersonation_url": "https://iam.example/x",
          "credential_source": {"file": ")" +
          folder.path() + R"(/token", "format": {"type": "json", "subject_token_field_name": "id"}}})",
      "f");
  ASSERT_TRUE(credentials.ok()) << credentials.error().ToString();
  https_->Answer(200, R"({"access_token": "federated", "expires_in": 3600})")
      .Answer(200, R"({"accessToken": "final", "expireTime": "2023-11-14T23:13:20Z"})");
  const auto source = Source(*credentials);
  const auto token = source->Get(cancel_);
  ASSERT_TRUE(token.ok()) << token.error().ToString();
  EXPECT_EQ(*token, "final");
  EXPECT_NE(https_->asked()[0].body.find("subject_token=subject-1&"), std::string::npos);
  EXPECT_EQ(https_->asked()[1].headers.at("Authorization"), "Bearer federated");
  std::ofstream(folder.path() + "/token") << "no json";
  source->Forget();
  EXPECT_EQ(source->Get(cancel_).error().code(), Code::kPermissionDenied);
}

TEST_F(GcsToken, TheMachinesTokenComesFromTheMetadataServer) {
  metadata_->Answer(200, R"({"access_token": "machine", "expires_in": 600, "token_type": "Bearer"})")
      .Refused()
      .Refused()
      .Refused();
  const auto source = Source({});
  EXPECT_EQ(*source->Get(cancel_), "machine");
  EXPECT_EQ(metadata_->asked()[0].url,
            "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token");
  EXPECT_EQ(metadata_->asked()[0].headers.at("Metadata-Flavor"), "Google");
  source->Forget();
  const auto none = source->Get(cancel_);
  EXPECT_EQ(none.error().code(), Code::kPermissionDenied);
  EXPECT_NE(none.error().message().find("google_service_account"), std::string::npos);
}

TEST_F(GcsToken, ImpersonationUsesTheTokenOfItsSource) {
  const auto credentials = ParseGcsCredentials(
      R"({"type": "impersonated_service_account", "service_account_impersonation_url": "https://iam.example/x",
          "source_credentials": {"type": "authorized_user", "client_id": "i", "client_secret": "s",
                                 "refresh_token": "r"}})",
      "f");
  ASSERT_TRUE(credentials.ok());
  https_->Answer(200, R"({"access_token": "mine", "expires_in": 3600})").Answer(403, R"({"secret": "very-secret"})");
  const auto token = Source(*credentials)->Get(cancel_);
  EXPECT_EQ(https_->asked()[1].headers.at("Authorization"), "Bearer mine");
  EXPECT_EQ(token.error().code(), Code::kPermissionDenied);
  EXPECT_EQ(token.error().message().find("secret"), std::string::npos);
  EXPECT_NE(token.error().message().find("403"), std::string::npos);
}

}  // namespace
}  // namespace deltic
