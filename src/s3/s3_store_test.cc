// Owns the tests of the S3 store's meaning of answers, on a scripted server. The contract of stores runs on real
// servers (s3_contract_test.cc).
#include "s3/s3_store.h"

#include <gtest/gtest.h>

#include "http/fake_client_for_test.h"

namespace deltic {
namespace {

constexpr const char* kSecret = "very-secret-key";

class FixedCredentials : public CredentialProvider {
 public:
  Result<AwsCredentials> Get(const CancelToken&) override {
    ++asked;
    if (forgotten > 0 && last) return Error(Code::kPermissionDenied, "there are no more credentials");
    return AwsCredentials{.access_key_id = "id" + std::to_string(forgotten),
                          .secret_access_key = kSecret,
                          .session_token = "secret-token"};
  }
  void Forget() override { ++forgotten; }
  int forgotten = 0;
  int asked = 0;
  bool last = false;  // there are none after the first that are forgotten
};

class S3 : public testing::Test {
 protected:
  S3() { Open({}); }

  void Open(std::map<std::string, std::string> options, std::shared_ptr<ProvenStores> proven = nullptr) {
    options.emplace("aws_region", "eu-central-1");
    auto settings = MakeS3Settings({.bucket = "b", .prefix = "warehouse/t"}, StoreOptions(options, nullptr));
    ASSERT_TRUE(settings.ok()) << settings.error().ToString();
    client_ = std::make_shared<FakeClient>();
    credentials_ = std::make_shared<FixedCredentials>();
    S3World world{.client = client_, .credentials = credentials_};
    world.proven = std::move(proven);
    world.env.now_ms = [] { return int64_t{1'700'000'000'000}; };
    world.env.random = [] { return uint64_t{0}; };
    world.sleep_ms = [](int64_t) {};
    store_ = MakeS3Store(std::move(*settings), std::move(world));
  }

  std::shared_ptr<FakeClient> client_;
  std::shared_ptr<FixedCredentials> credentials_;
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(S3, AConditionalPutSaysWhatItsAnswersSay) {
  client_->Answer(200).Answer(412).Lost().Answer(500).Answer(503).Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kWritten);
  EXPECT_EQ(client_->asked()[0].method, "PUT");
  EXPECT_EQ(client_->asked()[0].url, "https://b.s3.eu-central-1.amazonaws.com/warehouse/t/_delta_log/1.json");
  EXPECT_EQ(client_->asked()[0].headers.at("If-None-Match"), "*");
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kExists);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/2.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/2.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/3.json", "x"), PutOutcome::kWritten);  // after a 503
  EXPECT_EQ(client_->left(), 0U);
}

TEST_F(S3, AConflictOfConditionalPutsIsTriedAgain) {
  client_->Answer(409, "<Error><Code>ConditionalRequestConflict</Code></Error>").Answer(412);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kExists);
}

TEST_F(S3, AStoreThatAcceptsASecondConditionalPutIsRefusedForCommits) {
  Open({{"aws_endpoint", "https://other:9000"}});
  client_->Answer(200).Answer(412).Answer(200).Answer(412).Answer(204);
  auto outcome = store_->PutIfAbsent("_delta_log/1.json", "x");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), Code::kUnsupported);
  EXPECT_EQ(client_->asked().back().method, "DELETE");
  client_->Answer(412).Answer(412).Answer(200).Answer(412).Answer(204);
  client_->Answer(200).Answer(412).Answer(412).Answer(412).Answer(204);
  client_->Answer(200).Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kWritten);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/2.json", "x"), PutOutcome::kWritten);  // it is asked once
  EXPECT_EQ(client_->left(), 0U);
}

TEST_F(S3, AStoreIsAskedOnceAProcessAndNotAtAllWhenLocksDecideCommits) {
  const auto proven = std::make_shared<ProvenStores>();
  Open({{"aws_endpoint", "https://other:9000"}}, proven);
  for (int round = 0; round < 2; ++round) client_->Answer(200).Answer(412).Answer(412).Answer(412).Answer(204);
  client_->Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kWritten);
  Open({{"aws_endpoint", "https://other:9000"}}, proven);
  client_->Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/2.json", "x"), PutOutcome::kWritten);
  Open({{"aws_endpoint", "https://third:9000"}, {"aws_s3_locking_provider", "dynamodb"}}, proven);
  client_->Answer(200);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/3.json", "x"), PutOutcome::kWritten);
  EXPECT_EQ(client_->asked().size(), 1U);
  Open({{"aws_conditional_put", "disabled"}}, proven);
  EXPECT_EQ(store_->PutIfAbsent("_delta_log/4.json", "x").error().code(), Code::kUnsupported);
  EXPECT_TRUE(client_->asked().empty());
}

TEST_F(S3, ExpiredCredentialsAreAskedForAnew) {
  client_->Answer(400, "<Error><Code>ExpiredToken</Code></Error>").Answer(200, "bytes");
  EXPECT_EQ(*store_->Get("a"), "bytes");
  EXPECT_EQ(credentials_->forgotten, 1);
  EXPECT_NE(client_->asked()[1].headers.at("Authorization").find("Credential=id1/"), std::string::npos);
}

TEST_F(S3, WhatMayBeOursStaysInDoubtWhenCredentialsRunOutForGood) {
  credentials_->last = true;
  client_->Answer(503).Answer(403, "<Error><Code>ExpiredToken</Code></Error>");
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(credentials_->asked, 3);  // for each try, and once in vain
  Open({});
  credentials_->last = true;
  client_->Answer(403, "<Error><Code>ExpiredToken</Code></Error>");
  EXPECT_EQ(store_->PutIfAbsent("_delta_log/1.json", "x").error().code(), Code::kPermissionDenied);
}

TEST_F(S3, AWrongClockIsSetByTheServices) {
  client_->Answer(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}})
      .Answer(200, "bytes");
  EXPECT_EQ(*store_->Get("a"), "bytes");
  EXPECT_EQ(client_->asked()[1].headers.at("x-amz-date"), "19941106T084937Z");
}

TEST_F(S3, SecretsAreInNoErrorAndNoUri) {
  client_->Answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
  const auto denied = store_->Get("a");
  EXPECT_EQ(denied.error().code(), Code::kPermissionDenied);
  for (int i = 0; i < 8; ++i) client_->Lost();
  const auto lost = store_->Get("a");
  EXPECT_EQ(lost.error().code(), Code::kUnavailable);
  for (const std::string& text : {denied.error().message(), lost.error().message(), store_->uri()}) {
    EXPECT_EQ(text.find(kSecret), std::string::npos) << text;
    EXPECT_EQ(text.find("secret-token"), std::string::npos) << text;
    EXPECT_EQ(text.find("Signature"), std::string::npos) << text;
  }
  EXPECT_NE(denied.error().message().find("AccessDenied (no)"), std::string::npos);
}

TEST_F(S3, ListingsFollowTheirPagesAndStartWhereTheyAreTold) {
  client_
      ->Answer(200,
               "<R><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>t+1/=</"
               "NextContinuationToken>"
               "<Contents><Key>warehouse/t/_delta_log/09.json</Key><Size>1</"
               "Size><LastModified>2009-10-12T17:50:30.000Z</LastModified></Contents>"
               "<Contents><Key>warehouse/t/_delta_log/10+%2B.json</Key><Size>2</"
               "Size><LastModified>2009-10-12T17:50:30.000Z</LastModified></Contents></R>")
      .Answer(200,
              "<R><IsTruncated>false</IsTruncated><Contents><Key>warehouse/t/_delta_log/11.json</Key><Size>3</Size></"
              "Contents></R>");
  std::string seen;
  ASSERT_TRUE(store_
                  ->List("_delta_log/", "10",
                         [&](const ObjectMeta& meta) {
                           seen += meta.key + ":" + std::to_string(meta.size_bytes) + " ";
                           return true;
                         })
                  .ok());
  EXPECT_EQ(seen, "_delta_log/10 +.json:2 _delta_log/11.json:3 ");
  EXPECT_TRUE(client_->asked()[0].url.ends_with("&start-after=warehouse%2Ft%2F_delta_log%2F1"))
      << client_->asked()[0].url;
  EXPECT_NE(client_->asked()[1].url.find("continuation-token=t%2B1%2F%3D"), std::string::npos)
      << client_->asked()[1].url;
}

TEST_F(S3, ListingsOutOfOrderOrCutAreRefused) {
  client_
      ->Answer(200,
               "<R><Contents><Key>warehouse/t/b</Key><Size>1</Size></Contents><Contents><Key>warehouse/t/a</"
               "Key><Size>1</Size></Contents></R>")
      .Answer(200, "<R><Contents><Key>warehouse/t/b</Key>")
      .Answer(200, "<R><IsTruncated>true</IsTruncated></R>");
  const auto visit = [](const ObjectMeta&) { return true; };
  EXPECT_EQ(store_->List("", "", visit).error().code(), Code::kUnsupported);
  EXPECT_EQ(store_->List("", "", visit).error().code(), Code::kCorrupt);
  EXPECT_EQ(store_->List("", "", visit).error().code(), Code::kCorrupt);
}

TEST_F(S3, AnUnknownKeyIsNoMissingObjectWhateverTheStatus) {
  client_->Answer(404, "<Error><Code>XAdminUserNotFound</Code></Error>")
      .Answer(404, "<Error><Code>NoSuchKey</Code></Error>")
      .Answer(404, "<Error><Code>NoSuchBucket</Code></Error>");
  EXPECT_EQ(store_->Get("a").error().code(), Code::kPermissionDenied);
  EXPECT_EQ(store_->Get("a").error().code(), Code::kNotFound);
  EXPECT_NE(store_->Get("a").error().message().find("bucket"), std::string::npos);
}

TEST_F(S3, ASlowBodyIsSentAgainAndWhatMayBeOursStaysInDoubt) {
  const std::string slow = "<Error><Code>RequestTimeout</Code></Error>";
  client_->Answer(400, slow).Answer(200, "x");
  EXPECT_EQ(*store_->Get("a"), "x");
  client_->Answer(503).Answer(400, slow).Answer(412);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kUnknown);
  client_->Answer(503).Answer(409).Answer(412);
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kUnknown);
  client_->Answer(503).Answer(403, "<Error><Code>AccessDenied</Code></Error>");
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kUnknown);
  for (int i = 0; i < 4; ++i) client_->Answer(400, slow);
  EXPECT_EQ(store_->Get("a").error().code(), Code::kUnavailable);
  EXPECT_EQ(client_->left(), 0U);
}

TEST_F(S3, ABucketElsewhereNamesItsRegion) {
  client_->Answer(301, "", {{"x-amz-bucket-region", "us-west-2"}});
  const auto answer = store_->Get("a");
  EXPECT_EQ(answer.error().code(), Code::kInvalidArgument);
  EXPECT_NE(answer.error().message().find("us-west-2"), std::string::npos);
}

TEST_F(S3, EncryptionIsAskedForWhereObjectsAreMade) {
  Open({{"aws_server_side_encryption", "aws:kms"}, {"aws_sse_kms_key_id", "key-1"}});
  client_->Answer(200).Answer(200, "x");
  ASSERT_TRUE(store_->Put("a", "x").ok());
  EXPECT_EQ(client_->asked()[0].headers.at("x-amz-server-side-encryption"), "aws:kms");
  EXPECT_EQ(client_->asked()[0].headers.at("x-amz-server-side-encryption-aws-kms-key-id"), "key-1");
  ASSERT_TRUE(store_->Get("a").ok());
  EXPECT_EQ(client_->asked()[1].headers.count("x-amz-server-side-encryption"), 0U);
}

TEST_F(S3, AnUploadWhoseLastAnswerWasLostIsSettledByLooking) {
  client_->Answer(200, "<R><UploadId>u</UploadId></R>")
      .Answer(200, "", {{"etag", "\"e1\""}})
      .Answer(200, "", {{"etag", "\"e2\""}});
  client_->Lost()
      .Answer(404, "<Error><Code>NoSuchUpload</Code></Error>")
      .Answer(200, "", {{"content-length", std::to_string((8 << 20) + 5)}});
  auto upload = store_->StartMultipart("data");
  ASSERT_TRUE(upload.ok());
  ASSERT_TRUE((*upload)->Write(std::string((8 << 20) + 5, 'x')).ok());
  auto meta = (*upload)->Complete();
  ASSERT_TRUE(meta.ok()) << meta.error().ToString();
  EXPECT_EQ(meta->size_bytes, (8 << 20) + 5);
  EXPECT_EQ(client_->left(), 0U);
}

TEST_F(S3, WhatNobodyWaitsForIsCancelledAndAConditionalPutIsInDoubt) {
  client_->Stopped().Stopped().Stopped();
  EXPECT_EQ(*store_->PutIfAbsent("_delta_log/1.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(store_->Put("data", "x").error().code(), Code::kCancelled);
  EXPECT_EQ(store_->Delete("data").error().code(), Code::kCancelled);
  EXPECT_EQ(client_->asked().size(), 3U) << "none is sent again";
  CancelToken token;
  token.Cancel();
  const CancelScope scope(StopSign::Here().With(token));
  EXPECT_EQ(store_->PutIfAbsent("_delta_log/2.json", "x").error().code(), Code::kCancelled) << "not even sent";
  EXPECT_EQ(store_->Get("data").error().code(), Code::kCancelled);
  EXPECT_EQ(client_->asked().size(), 3U);
}

TEST_F(S3, AnUploadThatIsCancelledIsGivenUpAllTheSame) {
  client_->Answer(200, "<R><UploadId>u</UploadId></R>").Stopped().Answer(204);
  CancelToken token;
  const CancelScope scope(StopSign::Here().With(token));
  {
    auto upload = store_->StartMultipart("data");
    ASSERT_TRUE(upload.ok());
    const Status written = (*upload)->Write(std::string(40'000'000, 'x'));
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code(), Code::kCancelled);
    token.Cancel();
  }
  ASSERT_EQ(client_->asked().size(), 3U);
  EXPECT_EQ(client_->asked()[2].method, "DELETE");
  EXPECT_EQ(client_->left(), 0U);
}

TEST_F(S3, AnUploadThatIsDroppedIsGivenUp) {
  client_->Answer(200, "<R><UploadId>u</UploadId></R>").Answer(200, "", {{"etag", "\"e1\""}}).Answer(204);
  {
    auto upload = store_->StartMultipart("data");
    ASSERT_TRUE((*upload)->Write(std::string(8 << 20, 'x')).ok());
  }
  EXPECT_EQ(client_->asked().back().method, "DELETE");
  EXPECT_NE(client_->asked().back().url.find("uploadId=u"), std::string::npos);
}

TEST(S3Location, IsReadFromItsUrl) {
  EXPECT_EQ(ParseS3Url("s3://b/a%20b/c/")->prefix, "a b/c");
  EXPECT_EQ(ParseS3Url("s3a://b")->bucket, "b");
  for (const char* url : {"s3:///x", "s3://key:secret@b/x", "b/x"}) {
    const auto location = ParseS3Url(url);
    ASSERT_FALSE(location.ok()) << url;
    EXPECT_EQ(location.error().message().find("secret"), std::string::npos);
  }
}

TEST(S3Settings, EndpointsAndStylesAreThoseOfObjectStore) {
  const auto make = [](const std::string& bucket, const std::map<std::string, std::string>& options) {
    auto settings = MakeS3Settings({.bucket = bucket}, StoreOptions(options, nullptr));
    return settings.ok() ? settings->base_url + " " + settings->host + " " + settings->base_path
                         : settings.error().ToString();
  };
  EXPECT_EQ(make("b", {}), "https://b.s3.us-east-1.amazonaws.com b.s3.us-east-1.amazonaws.com ");
  EXPECT_EQ(make("b.c", {{"REGION", "x-1"}}), "https://s3.x-1.amazonaws.com/b.c s3.x-1.amazonaws.com /b.c");
  EXPECT_EQ(make("b", {{"AWS_ENDPOINT_URL", "http://localhost:9000/"}}), "http://localhost:9000/b localhost:9000 /b");
  EXPECT_EQ(make("b", {{"endpoint", "https://x:443"}}), "https://x:443/b x /b");
  EXPECT_EQ(make("b", {{"endpoint", "https://b.x"}, {"virtual_hosted_style_request", "true"}}), "https://b.x b.x ");
  EXPECT_NE(make("b", {{"endpoint", "x:1"}}).find("InvalidArgument"), std::string::npos);
  EXPECT_NE(make("b", {{"allow_http", "maybe"}}).find("allow_http"), std::string::npos);
}

}  // namespace
}  // namespace deltic
