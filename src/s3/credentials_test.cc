// Owns the tests of the sources of credentials, on scripted services and files of their own.
#include "s3/credentials.h"

#include <gtest/gtest.h>

#include <fstream>

#include "http/fake_client_for_test.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

class Credentials : public testing::Test {
 protected:
  std::shared_ptr<CredentialProvider> Make(const std::map<std::string, std::string>& options) {
    CredentialWorld world{.https = https_, .metadata = metadata_};
    world.env.now_ms = [this] { return now_ms_; };
    world.env.random = [] { return uint64_t{0}; };
    auto environment = environment_;
    environment.emplace("HOME", folder_.path());
    const StoreOptions chosen(options, [environment](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    });
    return MakeCredentialProvider(chosen, "eu-west-1", std::move(world));
  }
  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() + "/" + name) << text;
    return folder_.path() + "/" + name;
  }

  TempFolderForTest folder_;
  int64_t now_ms_ = 1'700'000'000'000;
  std::map<std::string, std::string> environment_;
  std::shared_ptr<FakeClient> https_ = std::make_shared<FakeClient>();
  std::shared_ptr<FakeClient> metadata_ = std::make_shared<FakeClient>();
};

TEST_F(Credentials, OptionsComeBeforeTheEnvironment) {
  environment_ = {{"AWS_ACCESS_KEY_ID", "env"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}};
  EXPECT_EQ(Make({})->Get({})->access_key_id, "env");
  EXPECT_EQ(Make({})->Get({})->session_token, "t");
  EXPECT_EQ(Make({{"access_key_id", "given"}, {"secret_access_key", "x"}})->Get({})->access_key_id, "given");
}

TEST_F(Credentials, AWebIdentityIsExchangedAndRenewedBeforeItExpires) {
  environment_ = {{"AWS_WEB_IDENTITY_TOKEN_FILE", Write("token", "jwt\n")}, {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"}};
  const std::string answer =
      "<AssumeRoleWithWebIdentityResponse "
      "xmlns=\"x\"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>a{}</AccessKeyId>"
      "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2023-11-14T23:13:20Z</"
      "Expiration></Credentials>"
      "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
  https_->Answer(200, answer).Answer(200, answer).Answer(403);
  auto provider = Make({});
  EXPECT_EQ(provider->Get({})->session_token, "t");
  EXPECT_EQ(provider->Get({})->session_token, "t");
  EXPECT_EQ(https_->asked().size(), 1U);
  EXPECT_NE(https_->asked()[0].url.find("https://sts.eu-west-1.amazonaws.com/?Action=AssumeRoleWithWebIdentity"),
            std::string::npos);
  EXPECT_NE(https_->asked()[0].url.find("WebIdentityToken=jwt"), std::string::npos);
  now_ms_ += 56 * 60'000;  // four minutes before the end
  EXPECT_TRUE(provider->Get({}).ok());
  EXPECT_EQ(https_->asked().size(), 2U);
  EXPECT_TRUE(provider->Get({}).ok());  // refused now, but what is known is still good
  now_ms_ += 5 * 60'000;
  EXPECT_FALSE(provider->Get({}).ok());
}

TEST_F(Credentials, ProfilesAreReadFromBothFiles) {
  const ProfileFiles files{.config =
                               "[default]\nregion = x\naws_access_key_id=c\naws_secret_access_key=d\n[profile p]\n"
                               "# a comment\naws_access_key_id = e \n s3 =\n  nested = 1\naws_secret_access_key=f\n",
                           .credentials = "[default]\naws_access_key_id=a\naws_secret_access_key=b\n"};
  EXPECT_EQ(ReadProfile(files, "default")->at("aws_access_key_id"), "a");
  EXPECT_EQ(ReadProfile(files, "default")->at("region"), "x");
  EXPECT_EQ(ReadProfile(files, "p")->at("aws_access_key_id"), "e");
  EXPECT_EQ(ReadProfile(files, "q"), std::nullopt);
  environment_ = {{"AWS_SHARED_CREDENTIALS_FILE", Write("c", files.credentials)}, {"AWS_PROFILE", "default"}};
  EXPECT_EQ(Make({})->Get({})->access_key_id, "a");
  environment_["AWS_PROFILE"] = "missing";
  EXPECT_EQ(Make({})->Get({}).error().code(), Code::kPermissionDenied);
}

TEST_F(Credentials, ARoleIsTakenOnTopOfWhatIsFound) {
  const std::string answer =
      "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>of-role</AccessKeyId><SecretAccessKey>s"
      "</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2023-11-14T23:13:20Z</Expiration></Credentials>"
      "</AssumeRoleResult></AssumeRoleResponse>";
  https_->Answer(200, answer);
  const std::map<std::string, std::string> options{{"aws_access_key_id", "base"},
                                                   {"aws_secret_access_key", "very-secret"},
                                                   {"AWS_IAM_ROLE_ARN", "arn:aws:iam::1:role/r"},
                                                   {"AWS_IAM_ROLE_SESSION_NAME", "me"}};
  EXPECT_EQ(Make(options)->Get({})->access_key_id, "of-role");
  EXPECT_NE(https_->asked()[0].url.find("Action=AssumeRole&"), std::string::npos);
  EXPECT_NE(https_->asked()[0].url.find("RoleSessionName=me"), std::string::npos);
  EXPECT_NE(https_->asked()[0].headers.at("Authorization").find("Credential=base/20231114/eu-west-1/sts/aws4_request"),
            std::string::npos);
  https_->Answer(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>x</Message></Error></ErrorResponse>");
  const auto refused = Make(options)->Get({});
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("arn:aws:iam::1:role/r: AccessDenied"), std::string::npos);
  EXPECT_EQ(refused.error().message().find("very-secret"), std::string::npos);
}

TEST_F(Credentials, AProfileMayStandOnAnother) {
  environment_ = {
      {"AWS_CONFIG_FILE", Write("c",
                                "[profile p]\nrole_arn = arn:role\nsource_profile = q\nexternal_id = ext\n"
                                "[profile q]\naws_access_key_id=base\naws_secret_access_key=x\n"
                                "[profile circle]\nrole_arn=arn:c\nsource_profile=circle2\n"
                                "[profile circle2]\nrole_arn=arn:c\nsource_profile=circle\n"
                                "[profile instance]\nrole_arn=arn:c\ncredential_source=Ec2InstanceMetadata\n")}};
  https_->Answer(200,
                 "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>s"
                 "</SecretAccessKey></Credentials></AssumeRoleResult></AssumeRoleResponse>");
  EXPECT_EQ(Make({{"aws_profile", "p"}})->Get({})->access_key_id, "a");
  EXPECT_NE(https_->asked()[0].url.find("ExternalId=ext"), std::string::npos);
  EXPECT_NE(https_->asked()[0].headers.at("Authorization").find("Credential=base/"), std::string::npos);
  EXPECT_EQ(Make({{"aws_profile", "circle"}})->Get({}).error().code(), Code::kUnsupported);
  EXPECT_EQ(Make({{"aws_profile", "instance"}})->Get({}).error().code(), Code::kUnsupported);
}

TEST_F(Credentials, AProfilesProgramIsAskedAndSsoIsNamed) {
  environment_ = {
      {"AWS_CONFIG_FILE", Write("c",
                                "[profile program]\ncredential_process = printf "
                                "'{\"Version\":1,\"AccessKeyId\":\"printed\",\"SecretAccessKey\":"
                                "\"s\",\"SessionToken\":\"t\",\"Expiration\":\"2030-01-01T00:00:00Z\"}'\n"
                                "[profile fails]\ncredential_process = exit 3\n[profile sso]\nsso_session = corp\n")}};
  const auto printed = Make({{"aws_profile", "program"}})->Get({});
  ASSERT_TRUE(printed.ok()) << printed.error().ToString();
  EXPECT_EQ(printed->access_key_id, "printed");
  EXPECT_EQ(printed->session_token, "t");
  EXPECT_TRUE(printed->expires_ms.has_value());
  EXPECT_EQ(Make({{"aws_profile", "fails"}})->Get({}).error().code(), Code::kPermissionDenied);
  const auto sso = Make({{"aws_profile", "sso"}})->Get({});
  EXPECT_EQ(sso.error().code(), Code::kUnsupported);
  EXPECT_NE(sso.error().message().find("export-credentials"), std::string::npos);
}

TEST_F(Credentials, TheTokenOfTheEnvironmentDoesNotSpoilKeysOfTheOptions) {
  environment_ = {{"AWS_SESSION_TOKEN", "other"}};
  EXPECT_EQ(Make({{"aws_access_key_id", "given"}, {"aws_secret_access_key", "x"}})->Get({})->session_token, "");
}

TEST_F(Credentials, AContainersTokenIsNotSentInTheClearToOthers) {
  for (const char* url : {"http://example.com/c", "http://127.0.0.1@example.com/c", "ftp://localhost/c"}) {
    environment_ = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}, {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret"}};
    EXPECT_EQ(Make({})->Get({}).error().code(), Code::kPermissionDenied) << url;
  }
  EXPECT_TRUE(metadata_->asked().empty());
}

TEST_F(Credentials, AContainerAsksItsServiceWithItsToken) {
  environment_ = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/c"},
                  {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret"}};
  metadata_->Answer(200,
                    R"({"AccessKeyId":"a","SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"})");
  EXPECT_EQ(Make({})->Get({})->access_key_id, "a");
  EXPECT_EQ(metadata_->asked()[0].url, "http://127.0.0.1:1/c");
  EXPECT_EQ(metadata_->asked()[0].headers.at("Authorization"), "secret");
}

TEST_F(Credentials, AnInstanceIsAskedByItsToken) {
  metadata_->Answer(200, "token")
      .Answer(200, "role-1\n")
      .Answer(200, R"({"AccessKeyId":"a","SecretAccessKey":"s","Token":"t"})");
  EXPECT_EQ(Make({})->Get({})->access_key_id, "a");
  EXPECT_EQ(metadata_->asked()[0].method, "PUT");
  EXPECT_EQ(metadata_->asked()[2].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/role-1");
  EXPECT_EQ(metadata_->asked()[2].headers.at("X-aws-ec2-metadata-token"), "token");
}

TEST_F(Credentials, WhenThereAreNoneTheErrorSaysWhereItLooked) {
  metadata_->Refused();
  const auto none = Make({})->Get({});
  EXPECT_EQ(none.error().code(), Code::kPermissionDenied);
  EXPECT_NE(none.error().message().find("AWS_ACCESS_KEY_ID"), std::string::npos);
  EXPECT_EQ(metadata_->asked().size(), 1U);  // one try: most machines are no instances
}

}  // namespace
}  // namespace deltic
