// Owns the ObjectStore over S3 and what speaks its protocol. Requests are signed (s3/sigv4.h), sent again where that is
// safe (http/send.h), and answered in the terms of storage/object_store.h. Commits rest on conditional puts
// (If-None-Match: *); the store checks once, before the first, that the server honours them (s3/conditional_probe.h),
// or on the locks of s3/dynamo_log_store.h where the options ask for those. Source of the rules: Amazon S3 API
// Reference; "Conditional requests".
#pragma once

#include <memory>
#include <string>

#include "s3/conditional_probe.h"
#include "s3/credentials.h"
#include "s3/s3_options.h"
#include "storage/object_store.h"

namespace deltic {

struct S3World {
  std::shared_ptr<HttpClient> client;
  std::shared_ptr<CredentialProvider> credentials;  // not asked with skip_signature
  Env env = RealEnv();
  CancelToken cancel;
  std::function<void(int64_t)> sleep_ms;  // between tries; empty: the thread sleeps
  std::shared_ptr<ProvenStores> proven;   // empty: each store asks for itself
};

// Touches nothing before the first call.
std::shared_ptr<ObjectStore> MakeS3Store(S3Settings settings, S3World world);

// "s3://bucket/path" with options and the process's environment: all of the above together.
Result<std::shared_ptr<ObjectStore>> OpenS3(std::string_view url, const StoreOptions& options);

}  // namespace deltic
