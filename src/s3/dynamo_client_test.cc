// Owns the tests of the commit table's requests, on a scripted server. Real ones: tests/stores, part dynamo.
#include "s3/dynamo_client.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "http/fake_client_for_test.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

constexpr const char* kSecret = "very-secret-key";
const CommitEntry kEntry{.file_name = "00000000000000000007.json", .temp_path = ".tmp/x"};

class FixedCredentials : public CredentialProvider {
 public:
  Result<AwsCredentials> Get(const CancelToken&) override {
    return AwsCredentials{.access_key_id = "id" + std::to_string(forgotten), .secret_access_key = kSecret};
  }
  void Forget() override { ++forgotten; }
  int forgotten = 0;
};

std::string ErrorBody(const std::string& name, const std::string& message = "") {
  return Json{{"__type", "com.amazonaws.dynamodb.v20120810#" + name}, {"message", message}}.dump();
}

class Dynamo : public testing::Test {
 protected:
  Dynamo() { Open({}); }
  void Open(const std::map<std::string, std::string>& options) {
    auto settings = MakeDynamoSettings(StoreOptions(options, nullptr), "eu-central-1");
    ASSERT_TRUE(settings.ok()) << settings.error().ToString();
    client_ = std::make_shared<FakeClient>();
    credentials_ = std::make_shared<FixedCredentials>();
    DynamoWorld world{.client = client_, .credentials = credentials_};
    world.env.now_ms = [] { return int64_t{1'700'000'000'000}; };
    world.env.random = [] { return uint64_t{0}; };
    world.sleep_ms = [this](int64_t ms) { slept_ms_ += ms; };
    table_ = MakeDynamoTable(std::move(*settings), std::move(world));
  }
  Json Asked(size_t i) { return Json::parse(client_->asked()[i].body); }

  std::shared_ptr<FakeClient> client_;
  std::shared_ptr<FixedCredentials> credentials_;
  std::shared_ptr<CommitTable> table_;
  int64_t slept_ms_ = 0;
};

TEST_F(Dynamo, AClaimIsAConditionalPutOfTheItemThatSparkWrites) {
  client_->Answer(200, "{}");
  EXPECT_EQ(*table_->Claim("s3://b/t", kEntry), PutOutcome::kWritten);
  const auto& asked = client_->asked()[0];
  EXPECT_EQ(asked.url, "https://dynamodb.eu-central-1.amazonaws.com/");
  EXPECT_EQ(asked.headers.at("X-Amz-Target"), "DynamoDB_20120810.PutItem");
  EXPECT_NE(asked.headers.at("Authorization").find("/eu-central-1/dynamodb/aws4_request"), std::string::npos);
  const Json wanted =
      Json::parse(R"json({"TableName":"delta_log","ConditionExpression":"attribute_not_exists(fileName)",
      "Item":{"tablePath":{"S":"s3://b/t"},"fileName":{"S":"00000000000000000007.json"},"tempPath":{"S":".tmp/x"},
              "complete":{"S":"false"}}})json");
  EXPECT_EQ(Asked(0), wanted);
}

TEST_F(Dynamo, AClaimThatAnotherHasIsKnownAsSuchUnlessAnAnswerWasLost) {
  client_->Answer(400, ErrorBody("ConditionalCheckFailedException"));
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kExists);
  client_->Lost().Answer(400, ErrorBody("ConditionalCheckFailedException"));
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kUnknown);
  for (int i = 0; i < 8; ++i) client_->Lost();
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kUnknown);
  client_->Lost().Answer(400, ErrorBody("AccessDeniedException"));
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kUnknown);
  client_->Lost().Answer(400, ErrorBody("ExpiredTokenException")).Answer(400, ErrorBody("ExpiredTokenException"));
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kUnknown);
  EXPECT_EQ(client_->left(), 0U);
}

TEST_F(Dynamo, AThrottledRequestWaitsAndIsSentAgain) {
  client_->Answer(400, ErrorBody("ProvisionedThroughputExceededException"))
      .Answer(400, ErrorBody("ThrottlingException"))
      .Answer(200, "{}");
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kWritten);
  EXPECT_GT(slept_ms_, 0);
}

TEST_F(Dynamo, EntriesAreReadConsistentlyAndTheNewestByNameComesFirst) {
  client_->Answer(200, R"({"Items":[{"tablePath":{"S":"t"},"fileName":{"S":"00000000000000000007.json"},
      "tempPath":{"S":"_commit_u.json.tmp"},"complete":{"S":"true"},"expireTime":{"N":"17"}}],"Count":1})");
  const auto newest = table_->Newest("t");
  ASSERT_TRUE(newest.ok() && newest->has_value());
  EXPECT_EQ((*newest)->file_name, "00000000000000000007.json");
  EXPECT_EQ((*newest)->temp_path, "_commit_u.json.tmp");
  EXPECT_TRUE((*newest)->complete);
  EXPECT_EQ(Asked(0)["ScanIndexForward"], false);
  EXPECT_EQ(Asked(0)["ConsistentRead"], true);
  client_->Answer(200, "{}");
  EXPECT_FALSE(table_->Find("t", "x")->has_value());
  EXPECT_EQ(Asked(1)["ConsistentRead"], true);
  client_->Answer(200, R"({"Item":{"fileName":{"S":"f"},"tempPath":{"N":"1"},"complete":{"S":"false"}}})");
  EXPECT_EQ(table_->Find("t", "f").error().code(), Code::kCorrupt);
}

TEST_F(Dynamo, OnlyAnEntryOfTheSameAttemptIsCompleted) {
  client_->Answer(200, "{}").Answer(400, ErrorBody("ConditionalCheckFailedException"));
  EXPECT_TRUE(table_->Complete("t", kEntry, 1'700'086'400).ok());
  EXPECT_EQ(Asked(0)["ConditionExpression"], "tempPath = :t AND complete = :f");
  EXPECT_EQ(Asked(0)["ExpressionAttributeValues"][":e"]["N"], "1700086400");
  EXPECT_TRUE(table_->Complete("t", kEntry, 1).ok());
}

TEST_F(Dynamo, AMissingTableHasNoEntriesAndIsMadeByTheFirstClaim) {
  const std::string missing = ErrorBody("ResourceNotFoundException");
  client_->Answer(400, missing).Answer(400, missing);
  EXPECT_FALSE(table_->Find("t", "f")->has_value());
  EXPECT_FALSE(table_->Newest("t")->has_value());
  client_->Answer(400, missing)
      .Answer(200, "{}")
      .Answer(200, R"({"Table":{"TableStatus":"CREATING"}})")
      .Answer(200, R"({"Table":{"TableStatus":"ACTIVE"}})")
      .Answer(200, "{}");
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kWritten);
  EXPECT_EQ(Asked(3)["BillingMode"], "PAY_PER_REQUEST");
  EXPECT_EQ(Asked(3)["KeySchema"][1]["AttributeName"], "fileName");
  EXPECT_EQ(client_->left(), 0U);
}

TEST_F(Dynamo, ExpiredCredentialsAndAWrongClockAreRenewedOnce) {
  client_->Answer(400, ErrorBody("ExpiredTokenException")).Answer(200, "{}");
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kWritten);
  EXPECT_EQ(credentials_->forgotten, 1);
  client_
      ->Answer(400, ErrorBody("InvalidSignatureException", "Signature expired: 2023"),
               {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}})
      .Answer(200, "{}");
  EXPECT_EQ(*table_->Claim("t", kEntry), PutOutcome::kWritten);
  EXPECT_EQ(client_->asked().back().headers.at("x-amz-date"), "19941106T084937Z");
}

TEST_F(Dynamo, ErrorsNameTheTableAndHoldNoSecrets) {
  client_->Answer(400, ErrorBody("AccessDeniedException", "no dynamodb:PutItem"));
  const auto denied = table_->Claim("t", kEntry);
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.error().code(), Code::kPermissionDenied);
  EXPECT_NE(denied.error().message().find("delta_log"), std::string::npos);
  EXPECT_EQ(denied.error().message().find(kSecret), std::string::npos);
  client_->Answer(400, "<html>").Answer(400, "<html>");
  EXPECT_EQ(table_->Find("t", "f").error().code(), Code::kInvalidArgument);
}

TEST(DynamoOptions, AreThoseOfDeltaRs) {
  const StoreOptions options({{"DELTA_DYNAMO_TABLE_NAME", "locks"},
                              {"aws_endpoint_url", "http://s3:9000"},
                              {"AWS_ENDPOINT_URL_DYNAMODB", "http://dynamo:8000/"},
                              {"AWS_REGION_DYNAMODB", "eu-west-1"},
                              {"DELTA_DYNAMO_BILLING_MODE", "PROVISIONED"}},
                             nullptr);
  const auto settings = MakeDynamoSettings(options, "us-east-1");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->table, "locks");
  EXPECT_EQ(settings->endpoint, "http://dynamo:8000");
  EXPECT_EQ(settings->region, "eu-west-1");
  EXPECT_FALSE(settings->pay_per_request);
  EXPECT_EQ(MakeDynamoSettings(StoreOptions({{"aws_endpoint_url", "http://s3:9000"}}, nullptr), "r")->endpoint,
            "http://s3:9000");
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"delta_dynamo_billing_mode", "free"}, {"aws_endpoint_url_dynamodb", "http://user:secret@host"}}) {
    const auto refused = MakeDynamoSettings(StoreOptions({{name, value}}, nullptr), "r");
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message().find(name), std::string::npos);
    EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace deltic
