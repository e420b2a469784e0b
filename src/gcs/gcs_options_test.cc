// Owns the tests of locations and options of Google Cloud Storage, and of where credentials are looked for.
#include "gcs/gcs_options.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "gcs/gcs_credentials.h"
#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

Environment Variables(std::map<std::string, std::string> variables) {
  return [variables](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

std::string BaseUrl(const std::map<std::string, std::string>& options, const Environment& environment = nullptr) {
  const auto settings = MakeGcsSettings({.bucket = "b"}, StoreOptions(options, environment));
  return settings.ok() ? settings->base_url + (settings->skip_signature ? " unsigned" : "") +
                             (settings->http.allow_http ? " http" : "")
                       : settings.error().ToString();
}

TEST(GcsLocation, IsReadFromItsUrl) {
  EXPECT_EQ(ParseGcsUrl("gs://my_bucket.x/a%20b/c/")->prefix, "a b/c");
  EXPECT_EQ(ParseGcsUrl("gcs://b")->bucket, "b");
  EXPECT_EQ(ParseGcsUrl("gs://b//a")->prefix, "a");
  for (const char* url : {"gs:///x", "gs://key:secret@b/x", "b/x", "gs://b/%2"}) {
    const auto location = ParseGcsUrl(url);
    ASSERT_FALSE(location.ok()) << url;
    EXPECT_EQ(location.error().message().find("secret"), std::string::npos);
  }
}

TEST(GcsSettings, EndpointsAreThoseOfOptionsOrOfAnEmulator) {
  EXPECT_EQ(BaseUrl({}), "https://storage.googleapis.com");
  EXPECT_EQ(BaseUrl({{"GOOGLE_BASE_URL", "http://localhost:4443/"}, {"google_skip_signature", "1"}}),
            "http://localhost:4443 unsigned http");
  EXPECT_EQ(BaseUrl({{"base_url", "https://x"}}), "https://x");
  EXPECT_EQ(BaseUrl({}, Variables({{"BASE_URL", "https://x"}})), "https://storage.googleapis.com");
  EXPECT_EQ(BaseUrl({}, Variables({{"STORAGE_EMULATOR_HOST", "localhost:9000"}})),
            "http://localhost:9000 unsigned http");
  EXPECT_EQ(BaseUrl({{"base_url", "https://x"}}, Variables({{"STORAGE_EMULATOR_HOST", "localhost:9000"}})),
            "https://x");
  EXPECT_NE(BaseUrl({{"base_url", "https://user:secret@x"}}).find("google_base_url"), std::string::npos);
  EXPECT_EQ(BaseUrl({{"base_url", "https://user:secret@x"}}).find("secret"), std::string::npos);
  EXPECT_NE(BaseUrl({{"google_skip_signature", "maybe"}}).find("google_skip_signature"), std::string::npos);
}

TEST(GcsSettings, TheTokenOfAnotherStoreInTheEnvironmentIsNotTaken) {
  const auto environment = Variables({{"TOKEN", "other"}, {"BEARER_TOKEN", "other"}, {"GOOGLE_BEARER_TOKEN", "mine"}});
  EXPECT_EQ(MakeGcsSettings({.bucket = "b"}, StoreOptions({}, environment))->bearer_token, "mine");
  EXPECT_EQ(MakeGcsSettings({.bucket = "b"}, StoreOptions({{"token", "given"}}, Variables({})))->bearer_token, "given");
}

TEST(GcsCredentials, AreLookedForInTheOrderOfObjectStore) {
  const TempFolderForTest folder;
  std::filesystem::create_directories(folder.path() + "/.config/gcloud");
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder.path() + "/" + name) << text;
    return folder.path() + "/" + name;
  };
  const auto key_file = write("key.json", R"({"type": "service_account", "client_email": "a@x", "private_key": "k"})");
  const auto user_file = write("user.json", R"({"type": "authorized_user", "client_id": "i", "client_secret": "s",
                                                "refresh_token": "r", "quota_project_id": "q"})");
  const auto find = [](std::map<std::string, std::string> options, std::map<std::string, std::string> variables) {
    return FindGcsCredentials(StoreOptions(options, Variables(std::move(variables))));
  };
  EXPECT_EQ(find({}, {{"HOME", folder.path()}})->kind, GcsCredentialKind::kMetadataServer);
  EXPECT_EQ(find({{"service_account_path", key_file}}, {})->client_email, "a@x");
  EXPECT_EQ(find({}, {{"GOOGLE_SERVICE_ACCOUNT", key_file}, {"GOOGLE_APPLICATION_CREDENTIALS", user_file}})->kind,
            GcsCredentialKind::kServiceAccount);
  const auto user = find({}, {{"GOOGLE_APPLICATION_CREDENTIALS", user_file}});
  EXPECT_EQ(user->kind, GcsCredentialKind::kAuthorizedUser);
  EXPECT_EQ(user->quota_project, "q");
  EXPECT_EQ(find({{"google_service_account_key", R"({"client_email": "b@x", "private_key": "k"})"}}, {})->client_email,
            "b@x");
  std::filesystem::copy_file(user_file, folder.path() + "/.config/gcloud/application_default_credentials.json");
  EXPECT_EQ(find({}, {{"HOME", folder.path()}})->kind, GcsCredentialKind::kAuthorizedUser);
  EXPECT_EQ(find({{"service_account_path", key_file}, {"service_account_key", "{}"}}, {}).error().code(),
            Code::kInvalidArgument);
  EXPECT_NE(find({{"service_account_path", folder.path() + "/no"}}, {}).error().message().find("/no"),
            std::string::npos);
}

TEST(GcsCredentials, FilesThatCannotBeUsedAreNamedAndNotRepeated) {
  for (const char* text :
       {"very-secret", "[\"very-secret\"]", R"({"type": "service_account", "private_key": "very-secret"})",
        R"({"type": "authorized_user", "client_secret": "very-secret"})", R"({"type": "new", "key": "very-secret"})",
        R"({"type": "external_account", "audience": "very-secret"})",
        R"({"type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "https://x",
            "credential_source": {"environment_id": "aws1", "url": "http://very-secret"}})",
        R"({"type": "impersonated_service_account", "service_account_impersonation_url": "https://x",
            "source_credentials": {"type": "impersonated_service_account", "x": "very-secret"}})"}) {
    const auto read = ParseGcsCredentials(text, "the file f");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_NE(read.error().message().find("the file f"), std::string::npos) << read.error().message();
    EXPECT_EQ(read.error().message().find("very-secret"), std::string::npos) << read.error().message();
  }
}

}  // namespace
}  // namespace deltic
