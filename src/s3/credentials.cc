// Owns the sources of credentials and the cache in front of them; see the header.
#include "s3/credentials.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "base/error.h"
#include "base/turns.h"
#include "base/url.h"
#include "http/http_date.h"
#include "s3/sts.h"

namespace deltic {
namespace {

using Json = nlohmann::json;
using Found = std::optional<AwsCredentials>;

constexpr int64_t kRenewBeforeMs = 5 * 60'000;  // those that expire are renewed so long before
constexpr int kMostProfiles = 5;                // one standing on the other
constexpr size_t kMostProcessBytes = 1 << 20;   // printed by a credential_process
constexpr const char* kInstanceHost = "http://169.254.169.254";
constexpr const char* kContainerHost = "http://169.254.170.2";

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return "";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::map<std::string, std::map<std::string, std::string>> ParseIni(const std::string& text) {
  std::map<std::string, std::map<std::string, std::string>> sections;
  std::map<std::string, std::string>* section = nullptr;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string_view trimmed = TrimBlanks(line);
    if (trimmed.empty() || trimmed.front() == '#' || trimmed.front() == ';') continue;
    if (trimmed.front() == '[') {
      section = &sections[std::string(TrimBlanks(trimmed.substr(1, trimmed.find(']') - 1)))];
      continue;
    }
    const size_t equals = trimmed.find('=');
    if (section == nullptr || equals == std::string_view::npos) continue;
    // An indented line belongs to a nested setting (s3 = ...), none of which are credentials.
    if (line.front() == ' ' || line.front() == '\t') continue;
    (*section)[std::string(TrimBlanks(trimmed.substr(0, equals)))] =
        std::string(TrimBlanks(trimmed.substr(equals + 1)));
  }
  return sections;
}

// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}: what instances and containers answer.
// Programs call the last of the three "SessionToken".
Result<AwsCredentials> ParseMetadataAnswer(const std::string& body, const std::string& from,
                                           const char* token_name = "Token") {
  const auto json = Json::parse(body, nullptr, false);
  const auto text = [&](const char* name) {
    return json.is_object() && json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : "";
  };
  AwsCredentials credentials{.access_key_id = text("AccessKeyId"),
                             .secret_access_key = text("SecretAccessKey"),
                             .session_token = text(token_name),
                             .expires_ms = ParseIsoTime(text("Expiration"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return PermissionDenied("{} answered without credentials", from);
  }
  return credentials;
}

// As the AWS SDKs have it: a container's token goes unencrypted to this machine and to the two known services only.
bool MayCarryToken(const std::string& url) {
  if (url.starts_with("https://")) return true;
  constexpr std::string_view kHttp = "http://";
  if (!url.starts_with(kHttp)) return false;
  const std::string_view rest = std::string_view(url).substr(kHttp.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return false;
  const std::string_view host = authority.starts_with('[') ? authority.substr(0, authority.find(']') + 1)
                                                           : authority.substr(0, authority.find(':'));
  return host == "localhost" || host == "[::1]" || host == "169.254.170.2" || host == "169.254.170.23" ||
         host == "[fd00:ec2::23]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

class ChainProvider : public CredentialProvider {
 public:
  ChainProvider(const StoreOptions& options, std::string region, CredentialWorld world)
      : options_(options), region_(std::move(region)), world_(std::move(world)) {}

  Result<AwsCredentials> Get(const CancelToken& cancel) override {
    DELTIC_TRY(const Turns::Turn turn, turns_.Take());
    if (known_ && !Aging(*known_)) return *known_;
    auto fresh = Find(cancel);
    // What is about to expire is still good while its source does not answer.
    if (!fresh.ok() && known_ && *known_->expires_ms > world_.env.now_ms()) return *known_;
    DELTIC_TRY(known_, std::move(fresh));
    return *known_;
  }
  void Forget() override {
    // One that is cancelled while it waits has no use for other credentials.
    if (const auto turn = turns_.Take(); turn.ok()) known_.reset();
  }

 private:
  bool Aging(const AwsCredentials& credentials) const {
    return credentials.expires_ms && *credentials.expires_ms - world_.env.now_ms() < kRenewBeforeMs;
  }

  // What is found, or a role that it takes.
  Result<AwsCredentials> Find(const CancelToken& cancel) {
    DELTIC_TRY(AwsCredentials found, FindFirst(cancel));
    const auto role = options_.Find({"aws_iam_role_arn", "iam_role_arn", "aws_s3_assume_role_arn"});
    if (!role) return found;
    return AssumeRole(*world_.https, Role(*role), found, world_.env, cancel);
  }

  Result<AwsCredentials> FindFirst(const CancelToken& cancel) {
    if (auto keys = FromOptions()) return *keys;
    DELTIC_TRY(Found found, FromWebIdentity(cancel));
    if (!found) {
      DELTIC_TRY(found, FromProfile(cancel));
    }
    if (!found) {
      DELTIC_TRY(found, FromContainer(cancel));
    }
    if (!found) {
      DELTIC_TRY(found, FromInstance(cancel));
    }
    if (found) return std::move(*found);
    return PermissionDenied(
        "no AWS credentials were found: looked at the storage options (aws_access_key_id, aws_secret_access_key), the "
        "environment (AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE), the profile files (~/.aws), the container and "
        "the "
        "instance; for a public bucket set aws_skip_signature to true");
  }

  Found FromOptions() const {
    const auto id = options_.Find({"aws_access_key_id", "access_key_id"});
    const auto secret = options_.Find({"aws_secret_access_key", "secret_access_key"});
    if (!id || !secret) return std::nullopt;
    // The environment's token belongs to the environment's keys, and would spoil those of the options.
    const bool given = options_.FindGiven({"aws_access_key_id", "access_key_id"}).has_value();
    const auto token = given ? options_.FindGiven({"aws_session_token", "aws_token", "session_token", "token"})
                             : options_.Find({"aws_session_token", "aws_token", "session_token", "token"});
    return AwsCredentials{.access_key_id = *id, .secret_access_key = *secret, .session_token = token.value_or("")};
  }

  // AssumeRoleWithWebIdentity: not signed, the token is the proof.
  Result<Found> FromWebIdentity(const CancelToken& cancel) const {
    const auto file = options_.Find({"aws_web_identity_token_file", "web_identity_token_file"});
    const auto role = options_.Find({"aws_role_arn", "role_arn"});
    if (!file || !role) return Found();
    const std::string token(TrimBlanks(ReadText(*file)));
    if (token.empty()) return PermissionDenied("the web identity token file {} cannot be read, or is empty", *file);
    DELTIC_TRY(AwsCredentials credentials, AssumeRoleByToken(*world_.https, Role(*role), token, world_.env, cancel));
    return Found(std::move(credentials));
  }

  StsRole Role(const std::string& role) const {
    StsRole asked{.region = options_.Find({"aws_region_sts"}).value_or(region_), .role = role};
    asked.endpoint = options_.Find({"aws_endpoint_url_sts", "endpoint_url_sts"})
                         .value_or("https://sts." + asked.region + ".amazonaws.com");
    while (asked.endpoint.ends_with('/')) asked.endpoint.pop_back();
    asked.session = options_
                        .Find({"aws_role_session_name", "role_session_name", "aws_iam_role_session_name",
                               "iam_role_session_name", "aws_s3_role_session_name"})
                        .value_or("deltic");
    return asked;
  }

  Result<Found> FromProfile(const CancelToken& cancel) const {
    const std::string home = options_.FromEnvironment("HOME").value_or("");
    const auto asked = options_.Find({"aws_profile"});
    const ProfileFiles files{
        .config = ReadText(options_.FromEnvironment("AWS_CONFIG_FILE").value_or(home + "/.aws/config")),
        .credentials =
            ReadText(options_.FromEnvironment("AWS_SHARED_CREDENTIALS_FILE").value_or(home + "/.aws/credentials"))};
    DELTIC_TRY(Found found, FromProfile(files, asked.value_or("default"), 1, cancel));
    if (found || !asked) return found;
    return PermissionDenied("the AWS profile {} has no access keys in the profile files", *asked);
  }

  // A profile may stand on another one, whose credentials take a role; `depth` ends a circle of them.
  Result<Found> FromProfile(const ProfileFiles& files, const std::string& name, int depth,
                            const CancelToken& cancel) const {
    const auto profile = ReadProfile(files, name);
    if (!profile) return Found();
    const auto text = [&](const char* key) {
      const auto value = profile->find(key);
      return value == profile->end() ? std::string() : value->second;
    };
    if (const std::string role = text("role_arn"); !role.empty()) {
      const std::string source = text("source_profile");
      if (source.empty() || depth > kMostProfiles) {
        return Unsupported(
            "the AWS profile {} takes the role {} in a way that this build does not know: it needs a source_profile "
            "with "
            "access keys",
            name, role);
      }
      // A profile that names itself has keys of its own.
      DELTIC_TRY(const Found by,
                 source == name ? Result<Found>(KeysOf(*profile)) : FromProfile(files, source, depth + 1, cancel));
      if (!by) return PermissionDenied("the AWS profile {}, on which {} stands, has no access keys", source, name);
      StsRole asked = Role(role);
      asked.external_id = text("external_id");
      if (!text("role_session_name").empty()) asked.session = text("role_session_name");
      DELTIC_TRY(AwsCredentials credentials, AssumeRole(*world_.https, asked, *by, world_.env, cancel));
      return Found(std::move(credentials));
    }
    if (Found keys = KeysOf(*profile)) return keys;
    if (const std::string process = text("credential_process"); !process.empty()) return FromProcess(process, name);
    if (!text("sso_session").empty() || !text("sso_start_url").empty()) {
      return Unsupported(
          "the AWS profile {} signs in by SSO, which this build does not: let 'aws configure export-credentials "
          "--profile {} --format env' tell the keys to the environment",
          name, name);
    }
    return Found();
  }

  static Found KeysOf(const std::map<std::string, std::string>& profile) {
    const auto id = profile.find("aws_access_key_id");
    const auto secret = profile.find("aws_secret_access_key");
    if (id == profile.end() || secret == profile.end()) return std::nullopt;
    AwsCredentials credentials{.access_key_id = id->second, .secret_access_key = secret->second};
    if (const auto token = profile.find("aws_session_token"); token != profile.end())
      credentials.session_token = token->second;
    return credentials;
  }

  // A program of the user's own, named in a file of the user's own, that prints credentials as JSON.
  static Result<Found> FromProcess(const std::string& command, const std::string& profile) {
    std::string text;
    FILE* pipe = popen(command.c_str(), "re");
    if (pipe == nullptr) return PermissionDenied("the credential_process of the AWS profile {} cannot be run", profile);
    std::array<char, 4096> piece;
    while (const size_t count = fread(piece.data(), 1, piece.size(), pipe)) {
      text.append(piece.data(), count);
      if (text.size() > kMostProcessBytes) break;
    }
    if (const int status = pclose(pipe); status != 0) {
      return PermissionDenied("the credential_process of the AWS profile {} failed (status {})", profile, status);
    }
    DELTIC_TRY(AwsCredentials credentials,
               ParseMetadataAnswer(text, fmt::format("the credential_process of the AWS profile {}", profile),
                                   "SessionToken"));
    return Found(std::move(credentials));
  }

  Result<HttpAnswer> AskMetadata(const HttpRequest& request, int attempts, const CancelToken& cancel) const {
    return SendPatiently(*world_.metadata, [&] { return Result<HttpRequest>(request); }, SendTwice::kAllowed,
                         {.attempts = attempts, .total_ms = 15'000}, {.env = world_.env, .cancel = cancel});
  }

  Result<Found> FromContainer(const CancelToken& cancel) const {
    std::string url;
    if (const auto path =
            options_.Find({"aws_container_credentials_relative_uri", "container_credentials_relative_uri"})) {
      url = kContainerHost + *path;
    } else if (const auto full =
                   options_.Find({"aws_container_credentials_full_uri", "container_credentials_full_uri"})) {
      url = *full;
      if (!MayCarryToken(url)) {
        return PermissionDenied(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or name this machine or its container's "
            "service: it is {}",
            UrlForPeople(url));
      }
    } else {
      return Found();
    }
    HttpRequest request{.url = url};
    if (const auto file =
            options_.Find({"aws_container_authorization_token_file", "container_authorization_token_file"})) {
      request.headers.emplace_back("Authorization", std::string(TrimBlanks(ReadText(*file))));
    } else if (const auto token = options_.FromEnvironment("AWS_CONTAINER_AUTHORIZATION_TOKEN")) {
      request.headers.emplace_back("Authorization", *token);
    }
    DELTIC_TRY(const HttpAnswer answer, AskMetadata(request, 4, cancel));
    if (answer.status != 200) {
      return PermissionDenied("the container's credential service did not answer with credentials (status {}{})",
                              answer.status, answer.failure.empty() ? "" : ": " + answer.failure);
    }
    DELTIC_TRY(AwsCredentials credentials, ParseMetadataAnswer(answer.body, "the container's credential service"));
    return Found(std::move(credentials));
  }

  // Version 2: a token first. Not being on an instance is the usual case and takes one short try.
  Result<Found> FromInstance(const CancelToken& cancel) const {
    DELTIC_TRY(const bool disabled, options_.Flag({"aws_ec2_metadata_disabled"}, false));
    if (disabled) return Found();
    const std::string host = options_.Find({"aws_metadata_endpoint", "metadata_endpoint"}).value_or(kInstanceHost);
    const HttpRequest ask{.method = "PUT",
                          .url = host + "/latest/api/token",
                          .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "600"}}};
    DELTIC_TRY(const HttpAnswer token, AskMetadata(ask, 1, cancel));
    if (token.status != 200) return Found();
    HttpRequest request{.url = host + "/latest/meta-data/iam/security-credentials/",
                        .headers = {{"X-aws-ec2-metadata-token", token.body}}};
    DELTIC_TRY(const HttpAnswer roles, AskMetadata(request, 4, cancel));
    if (roles.status != 200) return Found();
    const std::string role(TrimBlanks(roles.body.substr(0, roles.body.find('\n'))));
    if (role.empty()) return Found();
    request.url += role;
    DELTIC_TRY(const HttpAnswer answer, AskMetadata(request, 4, cancel));
    if (answer.status != 200) {
      return PermissionDenied("the instance's metadata did not give credentials of role {} (status {})", role,
                              answer.status);
    }
    DELTIC_TRY(AwsCredentials credentials, ParseMetadataAnswer(answer.body, "the instance's metadata"));
    return Found(std::move(credentials));
  }

  const StoreOptions options_;
  const std::string region_;
  const CredentialWorld world_;
  Turns turns_;
  Found known_;
};

}  // namespace

std::optional<std::map<std::string, std::string>> ReadProfile(const ProfileFiles& files, const std::string& profile) {
  std::map<std::string, std::string> merged;
  bool found = false;
  const auto config = ParseIni(files.config);
  // The default profile is written without the word.
  for (const std::string& name : {"profile " + profile, profile == "default" ? profile : "profile " + profile}) {
    const auto section = config.find(name);
    if (section == config.end()) continue;
    merged.insert(section->second.begin(), section->second.end());
    found = true;
  }
  const auto credentials = ParseIni(files.credentials);
  if (const auto section = credentials.find(profile); section != credentials.end()) {
    for (const auto& [name, value] : section->second) merged[name] = value;
    found = true;
  }
  if (!found) return std::nullopt;
  return merged;
}

std::shared_ptr<CredentialProvider> MakeCredentialProvider(const StoreOptions& options, const std::string& region,
                                                           CredentialWorld world) {
  return std::make_shared<ChainProvider>(options, region, std::move(world));
}

}  // namespace deltic
