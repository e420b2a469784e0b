// Owns the ways from Google credentials to an access token. Asks nothing before the first use. Sources: AIP-4111
// (self-signed tokens), RFC 7523 (JWT bearer grants), RFC 8693 (token exchange), Google's metadata server.
#pragma once

#include <memory>

#include "gcs/gcs_credentials.h"
#include "http/token_source.h"

namespace deltic {

struct GcsTokenWorld {
  std::shared_ptr<HttpClient> https;
  std::shared_ptr<HttpClient> metadata;  // plain http to link-local addresses, short timeouts
  Env env = RealEnv();
  std::string metadata_host = "metadata.google.internal";
  SendPolicy retries;
};

// Errors of the source are PermissionDenied or Unavailable, naming where the credentials are from; never their text.
std::shared_ptr<TokenSource> MakeGcsTokenSource(GcsCredentials credentials, GcsTokenWorld world);

}  // namespace deltic
