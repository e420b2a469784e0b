// Owns the commit table in DynamoDB: its requests, signed and sent again where that is safe, and its making when it is
// missing. Does not know what commits are.
// Source of the rules: Amazon DynamoDB API Reference, version 2012-08-10.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/http_client.h"
#include "http/send.h"
#include "http/store_options.h"
#include "s3/commit_table.h"
#include "s3/credentials.h"

namespace deltic {

struct DynamoSettings {
  std::string endpoint;  // "https://dynamodb.us-east-1.amazonaws.com": no '/' at the end
  std::string region;
  std::string table = "delta_log";
  bool pay_per_request =
      true;  // of the table when it has to be made; else 5 reads and 5 writes a second, as Spark does
  SendPolicy retries;
};

// DELTA_DYNAMO_TABLE_NAME, DELTA_DYNAMO_BILLING_MODE, DELTA_DYNAMO_MAX_ELAPSED_REQUEST_TIME (seconds),
// AWS_ENDPOINT_URL_DYNAMODB, AWS_REGION_DYNAMODB, as delta-rs reads them: without an endpoint of its own it is the one
// of AWS_ENDPOINT_URL. InvalidArgument naming the option that cannot be.
Result<DynamoSettings> MakeDynamoSettings(const StoreOptions& options, const std::string& s3_region);

// The keys for DynamoDB when they differ from those of S3 (AWS_ACCESS_KEY_ID_DYNAMODB and so on), else null.
std::shared_ptr<CredentialProvider> DynamoCredentials(const StoreOptions& options);

struct DynamoWorld {
  std::shared_ptr<HttpClient> client;
  std::shared_ptr<CredentialProvider> credentials;
  Env env = RealEnv();
  CancelToken cancel;
  std::function<void(int64_t)> sleep_ms;  // between tries; empty: the thread sleeps
};

// Touches nothing before the first call. A table that does not exist has no entries, and is made by the first Claim.
std::shared_ptr<CommitTable> MakeDynamoTable(DynamoSettings settings, DynamoWorld world);

}  // namespace deltic
