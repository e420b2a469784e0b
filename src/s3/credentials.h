// Owns finding AWS credentials where people have them, and renewing those that expire. Signs nothing.
// Order, as the AWS SDKs have it: options, environment, web identity, profile files (keys, a role on top of another
// profile, a credential_process; SSO is named and refused), container, instance metadata. Whatever is found may take
// one more role (aws_iam_role_arn). Sources: AWS, "Standardized credential providers"; "Instance Metadata Service
// Version 2".
#pragma once

#include <memory>
#include <string>

#include "base/cancel.h"
#include "base/env.h"
#include "deltic/result.h"
#include "http/http_client.h"
#include "http/store_options.h"
#include "s3/sigv4.h"

namespace deltic {

// Thread-safe: one thread renews, others wait for it. One that is cancelled meanwhile leaves the asking to the next.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  // Good for at least some minutes more, where the source allows. PermissionDenied, saying where it looked, when there
  // are none.
  virtual Result<AwsCredentials> Get(const CancelToken& cancel) = 0;
  // The service refused what Get gave: the next Get asks the source again.
  virtual void Forget() = 0;
};

struct CredentialWorld {
  std::shared_ptr<HttpClient> https;     // for STS
  std::shared_ptr<HttpClient> metadata;  // for loopback and link-local services: plain http, short timeouts
  Env env = RealEnv();
};

// Reads no file and asks no service before the first Get.
std::shared_ptr<CredentialProvider> MakeCredentialProvider(const StoreOptions& options, const std::string& region,
                                                           CredentialWorld world);

// One profile of the two files' texts ("" when a file is not there); nullopt when it has no keys. Pure.
// `config` writes "[profile x]", `credentials` "[x]"; those of `credentials` come first.
struct ProfileFiles {
  std::string config;
  std::string credentials;
};
std::optional<std::map<std::string, std::string>> ReadProfile(const ProfileFiles& files, const std::string& profile);

}  // namespace deltic
