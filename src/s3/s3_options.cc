// Owns the reading of S3's options; see the header.
#include "s3/s3_options.h"

#include <algorithm>

#include "base/digest.h"
#include "base/error.h"
#include "base/md5.h"
#include "base/url.h"

namespace deltic {
namespace {

// A bucket whose name is one label of a host name: with dots in it the certificate of *.s3.amazonaws.com does not
// match.
bool IsHostLabel(std::string_view bucket) {
  return !bucket.empty() && std::all_of(bucket.begin(), bucket.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string WithoutSlashes(std::string_view text) {
  while (!text.empty() && text.front() == '/') text.remove_prefix(1);
  while (!text.empty() && text.back() == '/') text.remove_suffix(1);
  return std::string(text);
}

Status SetEndpoint(const StoreOptions& options, S3Settings& settings) {
  const std::string& bucket = settings.location.bucket;
  const auto endpoint =
      options.Find({"aws_endpoint_url_s3", "aws_endpoint_url", "aws_endpoint", "endpoint_url", "endpoint"});
  const bool virtual_default = !endpoint && IsHostLabel(bucket);
  DELTIC_TRY(const bool virtual_hosted,
             options.Flag({"aws_virtual_hosted_style_request", "virtual_hosted_style_request"}, virtual_default));
  std::string base = endpoint ? *endpoint : "https://s3." + settings.region + ".amazonaws.com";
  while (!base.empty() && base.back() == '/') base.pop_back();
  const size_t scheme = base.find("://");
  if (scheme == std::string::npos) {
    return InvalidArgument("the storage option aws_endpoint is '{}': it must be a URL (https://host)",
                           UrlForPeople(base));
  }
  if (base.find_first_of("?#@", scheme + 3) != std::string::npos) {
    return InvalidArgument("the storage option aws_endpoint must be a plain URL, without user, query or fragment");
  }
  // As in object_store: an endpoint of its own is given with the bucket in it where that style is asked for.
  if (virtual_hosted && !endpoint) base.insert(scheme + 3, bucket + ".");
  if (!virtual_hosted) base += "/" + PercentEncode(bucket, "");
  const size_t slash = base.find('/', scheme + 3);
  settings.host = base.substr(scheme + 3, slash == std::string::npos ? slash : slash - scheme - 3);
  settings.base_path = slash == std::string::npos ? "" : base.substr(slash);
  const bool https = base.starts_with("https://");
  const std::string usual_port = https ? ":443" : ":80";
  if (settings.host.ends_with(usual_port)) settings.host.resize(settings.host.size() - usual_port.size());
  settings.base_url = std::move(base);
  return {};
}

Status SetEncryption(const StoreOptions& options, S3Settings& settings) {
  const auto kind = options.Find({"aws_server_side_encryption", "server_side_encryption"});
  if (const auto key = options.Find({"aws_sse_customer_key_base64", "sse_customer_key_base64"})) {
    const auto bytes = Base64Decode(*key);
    if (!bytes || bytes->size() != 32) {
      return InvalidArgument("the storage option aws_sse_customer_key_base64 must be 32 bytes in base64");
    }
    DELTIC_TRY(const std::string md5, Md5Hex(*bytes));
    std::string raw;
    for (size_t i = 0; i + 1 < md5.size(); i += 2)
      raw.push_back(static_cast<char>(std::stoi(md5.substr(i, 2), nullptr, 16)));
    settings.customer_key_headers = {{"x-amz-server-side-encryption-customer-algorithm", "AES256"},
                                     {"x-amz-server-side-encryption-customer-key", *key},
                                     {"x-amz-server-side-encryption-customer-key-md5", Base64(raw)}};
    return {};
  }
  if (!kind) return {};
  std::string name = *kind;
  if (name == "sse-kms") name = "aws:kms";
  if (name == "sse-kms:dsse" || name == "aws:kms:dsse:") name = "aws:kms:dsse";
  if (name == "sse-s3") name = "AES256";
  if (name != "AES256" && name != "aws:kms" && name != "aws:kms:dsse") {
    return InvalidArgument(
        "the storage option aws_server_side_encryption is '{}': it must be AES256, aws:kms or aws:kms:dsse", *kind);
  }
  settings.encryption_headers.emplace_back("x-amz-server-side-encryption", name);
  if (const auto key = options.Find({"aws_sse_kms_key_id", "sse_kms_key_id"})) {
    settings.encryption_headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", *key);
  }
  DELTIC_TRY(const bool bucket_key, options.Flag({"aws_sse_bucket_key_enabled", "sse_bucket_key_enabled"}, false));
  if (bucket_key) settings.encryption_headers.emplace_back("x-amz-server-side-encryption-bucket-key-enabled", "true");
  return {};
}

}  // namespace

Result<S3Location> ParseS3Url(std::string_view url) {
  const size_t begin = url.find("://");
  if (begin == std::string_view::npos)
    return InvalidArgument("'{}' is no URL of a bucket: write s3://bucket/path", url);
  const std::string_view rest = url.substr(begin + 3);
  const size_t slash = rest.find('/');
  S3Location location{.bucket = std::string(rest.substr(0, slash))};
  if (begin == 3 && (url[2] | 0x20) == 'a') location.scheme = "s3a";
  if (location.bucket.empty()) return InvalidArgument("the URL names no bucket: write s3://bucket/path");
  if (location.bucket.find('@') != std::string::npos || location.bucket.find(':') != std::string::npos) {
    return InvalidArgument(
        "credentials do not belong into the URL of a bucket: give them as storage options or in the environment");
  }
  if (slash != std::string_view::npos) {
    DELTIC_TRY(const std::string path, PercentDecode(rest.substr(slash)));
    location.prefix = WithoutSlashes(path);
  }
  return location;
}

Result<S3Settings> MakeS3Settings(const S3Location& location, const StoreOptions& options) {
  S3Settings settings{.location = location};
  settings.region =
      options.Find({"aws_region", "region", "aws_default_region", "default_region"}).value_or("us-east-1");
  DELTIC_CHECK(SetEndpoint(options, settings));
  DELTIC_CHECK(SetEncryption(options, settings));
  DELTIC_TRY(settings.skip_signature, options.Flag({"aws_skip_signature", "skip_signature"}, false));
  DELTIC_TRY(settings.unsigned_payload, options.Flag({"aws_unsigned_payload", "unsigned_payload"}, false));
  DELTIC_TRY(settings.request_payer, options.Flag({"aws_request_payer", "request_payer"}, false));
  const std::string conditional = options.Find({"aws_conditional_put", "conditional_put"}).value_or("etag");
  if (conditional != "etag" && conditional != "disabled") {
    return InvalidArgument("the storage option aws_conditional_put is '{}': this build knows etag and disabled",
                           conditional);
  }
  settings.conditional_put = conditional == "etag";
  const std::string locks = options.Find({"aws_s3_locking_provider"}).value_or("none");
  if (locks != "dynamodb" && locks != "none") {
    return InvalidArgument("the storage option aws_s3_locking_provider is '{}': it must be dynamodb or none", locks);
  }
  settings.locked_commits = locks == "dynamodb";
  DELTIC_TRY(settings.http, MakeHttpSettings(options));
  DELTIC_TRY(settings.retries, MakeSendPolicy(options));
  return settings;
}

}  // namespace deltic
