// Owns AWS Signature Version 4: the Authorization header of a request, pure. Sends nothing and finds no credentials.
// Source of the rules: AWS, "Signature Version 4 signing process" and "Authenticating Requests: Using the Authorization
// Header". A canonical request is
//   method LF path LF query LF (name:value LF)* LF names LF payload-hash
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deltic {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;               // "" for long-lived keys
  std::optional<int64_t> expires_ms = {};  // since the Unix epoch
};

// What identifies a request to the service.
struct SigningRequest {
  std::string method;
  std::string host;                                          // with the port when it is not the scheme's own
  std::string path;                                          // percent-encoded once, begins with '/'
  std::vector<std::pair<std::string, std::string>> query;    // decoded; order does not matter
  std::vector<std::pair<std::string, std::string>> headers;  // to be signed, beside host and the x-amz ones made here
  std::string payload_hash;                                  // hexadecimal SHA-256, or "UNSIGNED-PAYLOAD"
};

struct SigningScope {
  std::string region;
  std::string service = "s3";
  int64_t now_ms = 0;
  // S3 signs the path as it is sent; every other service encodes it a second time.
  bool path_encoded_twice = false;
};

// The headers that the signed request carries: those given, then x-amz-date, x-amz-content-sha256 (S3 only),
// x-amz-security-token (with a token) and Authorization. Not host: the client sends it by itself.
std::vector<std::pair<std::string, std::string>> SignV4(const SigningRequest& request, const SigningScope& scope,
                                                        const AwsCredentials& credentials);

// "a=1&b=x%20y", sorted by encoded name, as it is signed; send the query in this very form.
std::string CanonicalQuery(const std::vector<std::pair<std::string, std::string>>& query);
// "20130524T000000Z".
std::string AmzDate(int64_t now_ms);

}  // namespace deltic
