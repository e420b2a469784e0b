// Owns what a Google Cloud Storage location and its options mean: bucket, prefix, endpoint, fixed tokens. Pure.
// Source of the option names: object_store's GoogleConfigKey, which delta-rs takes. Credentials: gcs_credentials.h.
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"
#include "http/store_options.h"

namespace deltic {

struct GcsLocation {
  std::string bucket;
  std::string prefix;  // decoded, without '/' at either end; "" for the whole bucket
};
// "gs://bucket/a/b" (gcs:// likewise). InvalidArgument for a URL without a bucket.
Result<GcsLocation> ParseGcsUrl(std::string_view url);

struct GcsSettings {
  GcsLocation location;
  std::string base_url = "https://storage.googleapis.com";  // no '/' at the end
  bool base_url_given = false;
  std::string bearer_token;  // given as such; "" without
  bool skip_signature = false;
  std::string user_project;          // billed for requests to buckets whose requester pays; "" without
  int64_t chunk_bytes = 16LL << 20;  // of resumable uploads: a multiple of 256 KiB, as the service demands
  int64_t delete_threads = 16;       // requests at a time where many objects are deleted
  HttpSettings http;
  SendPolicy retries;
};
// InvalidArgument naming the option that cannot be.
Result<GcsSettings> MakeGcsSettings(GcsLocation location, const StoreOptions& options);

// "https://host:port" without '/' at its end. InvalidArgument, naming the option, for anything with a path, query or
// user in it.
Result<std::string> CheckGcsEndpoint(std::string url, std::string_view option);

}  // namespace deltic
