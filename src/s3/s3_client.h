// Owns one signed exchange with S3: a request by key and query, signed anew for each try, and the meaning of failures.
// Does not know what the requests are for.
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/http_client.h"
#include "http/send.h"
#include "s3/credentials.h"
#include "s3/s3_options.h"
#include "s3/s3_store.h"

namespace deltic {

struct S3Request {
  std::string method = "GET";
  std::string key;  // in the bucket, decoded; "" for the bucket itself
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
  int64_t max_body_bytes = int64_t{1} << 40;  // of the answer
  bool reads = false;                         // carries a customer's key
  bool makes = false;                         // that, and encryption
};

// Thread-safe.
class S3Client {
 public:
  S3Client(S3Settings settings, S3World world) : settings_(std::move(settings)), world_(std::move(world)) {}

  // Credentials that the service calls expired are asked for anew; a clock that is wrong by more than the service
  // allows is set by the service's. The answer's `tries` counts those, too.
  Result<HttpAnswer> Send(const S3Request& request, SendTwice twice);
  // Before try `attempt` + 1 of something that is not Send's to repeat.
  void Wait(int attempt);

  // What an answer that is no success means, with the service's own code and message.
  Error Failure(const HttpAnswer& answer, const std::string& doing) const;

  const S3Settings& settings() const { return settings_; }
  const S3World& world() const { return world_; }

 private:
  Result<HttpRequest> Sign(const S3Request& request);

  const S3Settings settings_;
  const S3World world_;
  std::atomic<int64_t> clock_offset_ms_{0};  // the service's clock less ours
};

// Of a body, as Content-MD5 has it. "" where OpenSSL forbids MD5.
std::string Md5Base64(std::string_view bytes);

}  // namespace deltic
