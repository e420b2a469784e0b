// Owns the finding of Google credentials where people have them: options, the files that they name, the well-known file
// of the gcloud program, else the metadata server; and the reading of those files. Asks no service (gcs_token.h does).
// Sources: object_store (order and names), AIP-4110 (application default credentials), AIP-4117 (external accounts).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "deltic/result.h"
#include "http/store_options.h"

namespace deltic {

enum class GcsCredentialKind : uint8_t {
  kServiceAccount,   // a key of its own
  kAuthorizedUser,   // a person's refresh token, as gcloud keeps it
  kExternalAccount,  // another provider's token, exchanged: workload identity federation
  kImpersonated,     // one of the others, acting as a service account
  kMetadataServer,   // of the machine: Compute Engine, GKE, Cloud Run
};

// A plain value. Holds secrets: never printed.
struct GcsCredentials {
  GcsCredentialKind kind = GcsCredentialKind::kMetadataServer;
  std::string from;  // for messages: "the service account x@y", "the file ..."

  std::string client_email;
  std::string private_key;
  std::string private_key_id;
  std::string token_uri;  // "" for Google's
  std::string gcs_base_url;
  bool disable_oauth = false;

  std::string client_id;
  std::string client_secret;
  std::string refresh_token;

  std::string audience;
  std::string subject_token_type;
  std::string subject_file;
  std::string subject_url;
  std::map<std::string, std::string> subject_headers;
  std::string subject_field;  // of a JSON document that holds the token; "" when it is the text itself

  std::string impersonation_url;           // of an external or impersonated account; "" without
  std::shared_ptr<GcsCredentials> source;  // of an impersonated account
  std::string quota_project;
};

// What a file or an option holds. InvalidArgument naming `from` for what cannot be used; nothing of it is repeated.
Result<GcsCredentials> ParseGcsCredentials(std::string_view json, const std::string& from);
// By options and environment; reads the file that they name.
Result<GcsCredentials> FindGcsCredentials(const StoreOptions& options);

}  // namespace deltic
