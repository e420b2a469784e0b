// Owns what an S3 location and its options mean: bucket, prefix, endpoint, region, style of URLs, encryption. Pure.
// Source of the option names: object_store's AmazonS3ConfigKey, which delta-rs takes.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deltic/result.h"
#include "http/store_options.h"

namespace deltic {

struct S3Location {
  std::string bucket;
  std::string prefix;  // decoded, without '/' at either end; "" for the whole bucket
  // As it was written, for names that others read: Hadoop's S3A knows s3a only. "s3" or "s3a".
  std::string scheme = "s3";
};
// "s3://bucket/a/b" (s3a:// likewise). InvalidArgument for a URL without a bucket.
Result<S3Location> ParseS3Url(std::string_view url);

struct S3Settings {
  S3Location location;
  std::string region = "us-east-1";
  std::string base_url;   // "https://bucket.s3.region.amazonaws.com" or "http://host:port/bucket": no '/' at the end
  std::string host;       // as it is signed
  std::string base_path;  // of base_url: "" or "/bucket"
  bool skip_signature = false;
  bool unsigned_payload = false;
  bool request_payer = false;
  // Sent with every request that makes an object.
  std::vector<std::pair<std::string, std::string>> encryption_headers;
  // Sent with every request that reads or makes one (a customer's own key).
  std::vector<std::pair<std::string, std::string>> customer_key_headers;
  int64_t part_bytes = 8LL << 20;  // of multipart uploads
  bool conditional_put = true;     // aws_conditional_put = disabled turns commits off
  bool locked_commits = false;     // aws_s3_locking_provider = dynamodb: s3/dynamo_log_store.h decides commits
  HttpSettings http;
  SendPolicy retries;
};
// InvalidArgument naming the option that cannot be.
Result<S3Settings> MakeS3Settings(const S3Location& location, const StoreOptions& options);

}  // namespace deltic
