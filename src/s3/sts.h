// Owns the two questions to AWS's Security Token Service that give temporary credentials for a role: by the token of a
// web identity, and by other credentials. Finds neither of those.
// Source of the rules: AWS Security Token Service API Reference, AssumeRole and AssumeRoleWithWebIdentity.
#pragma once

#include <string>

#include "base/cancel.h"
#include "base/env.h"
#include "deltic/result.h"
#include "http/http_client.h"
#include "s3/sigv4.h"

namespace deltic {

struct StsRole {
  std::string endpoint;  // "https://sts.eu-west-1.amazonaws.com"
  std::string region;
  std::string role;  // "arn:aws:iam::123456789012:role/reader"
  std::string session;
  std::string external_id;  // "" for none
};

// PermissionDenied naming the role when the service does not give any; nothing of its answer's secrets is repeated.
Result<AwsCredentials> AssumeRoleByToken(HttpClient& client, const StsRole& role, const std::string& token,
                                         const Env& env, const CancelToken& cancel);
Result<AwsCredentials> AssumeRole(HttpClient& client, const StsRole& role, const AwsCredentials& by, const Env& env,
                                  const CancelToken& cancel);

}  // namespace deltic
