// Owns the tests of the Google store's meaning of answers, on a scripted server. The contract of stores runs on a real
// one (gcs_contract_test.cc).
#include "gcs/gcs_store.h"

#include <gtest/gtest.h>

#include "http/fake_client_for_test.h"

namespace deltic {
namespace {

constexpr const char* kObject = R"({"name": "warehouse/t/x", "size": "5", "updated": "2009-10-12T17:50:30.5Z"})";

class Gcs : public testing::Test {
 protected:
  Gcs() {
    auto settings = MakeGcsSettings({.bucket = "b", .prefix = "warehouse/t"}, StoreOptions({}, nullptr));
    settings->chunk_bytes = 8;
    settings->delete_threads = 1;
    settings->retries.attempts = 4;
    GcsWorld world{.client = client_};
    world.env.now_ms = [] { return int64_t{1'700'000'000'000}; };
    world.env.random = [] { return uint64_t{0}; };
    world.sleep_ms = [](int64_t) {};
    world.tokens = std::make_shared<TokenSource>(
        [this](const CancelToken&) -> Result<BearerToken> {
          return BearerToken{.text = "secret-token-" + std::to_string(++tokens_)};
        },
        world.env);
    store_ = MakeGcsStore(std::move(*settings), std::move(world));
  }

  std::shared_ptr<FakeClient> client_ = std::make_shared<FakeClient>();
  int tokens_ = 0;
  std::shared_ptr<ObjectStore> store_;
};

TEST_F(Gcs, OddNamesAreEncodedWholeInPathsAndQueries) {
  client_->Answer(200, "x").Answer(200, kObject).Answer(204);
  const std::string key = "a b/p=%2F/+#?&\xC3\xA4.json";
  const std::string encoded = "warehouse%2Ft%2Fa%20b%2Fp%3D%252F%2F%2B%23%3F%26%C3%A4.json";
  ASSERT_TRUE(store_->Get(key).ok());
  ASSERT_TRUE(store_->Put(key, "bytes").ok());
  ASSERT_TRUE(store_->Delete(key).ok());
  const auto& asked = client_->asked();
  EXPECT_EQ(asked[0].url, "https://storage.googleapis.com/storage/v1/b/b/o/" + encoded + "?alt=media");
  EXPECT_EQ(asked[1].url, "https://storage.googleapis.com/upload/storage/v1/b/b/o?uploadType=media&name=" + encoded +
                              "&fields=name%2Csize%2Cupdated");
  EXPECT_EQ(asked[1].method, "POST");
  EXPECT_EQ(asked[1].body, "bytes");
  EXPECT_EQ(asked[2].url, "https://storage.googleapis.com/storage/v1/b/b/o/" + encoded);
  EXPECT_EQ(asked[2].method, "DELETE");
  EXPECT_EQ(store_->uri(), "gs://b/warehouse/t/");
}

TEST_F(Gcs, AConditionalPutSaysWhatItsAnswersSay) {
  client_->Answer(200, kObject).Answer(412).Lost().Answer(500).Answer(503).Answer(200, kObject);
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kWritten);
  EXPECT_TRUE(client_->asked()[0].url.ends_with("&ifGenerationMatch=0")) << client_->asked()[0].url;
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kExists);
  EXPECT_EQ(*store_->PutIfAbsent("2.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(*store_->PutIfAbsent("2.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(*store_->PutIfAbsent("3.json", "x"), PutOutcome::kWritten) << "after a 503";
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Gcs, WhatIsThereAfterATryThatWasTurnedAwayMayBeOurs) {
  client_->Answer(503).Answer(412).Refused().Answer(429).Answer(412);
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kUnknown);
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Gcs, ARefusedTokenIsAskedForAnewOnce) {
  client_->Answer(401).Answer(412).Answer(401).Answer(401, R"({"error": {"message": "very-secret"}})");
  EXPECT_EQ(*store_->PutIfAbsent("1.json", "x"), PutOutcome::kExists);
  EXPECT_EQ(client_->asked()[0].headers.at("Authorization"), "Bearer secret-token-1");
  EXPECT_EQ(client_->asked()[1].headers.at("Authorization"), "Bearer secret-token-2");
  const auto refused = store_->Get("a");
  EXPECT_EQ(refused.error().code(), Code::kPermissionDenied);
  EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
}

TEST_F(Gcs, FailuresAreWhatTheCallerCanActOn) {
  const auto code = [&](int status, const std::string& body = "") {
    client_->Answer(status, body);
    const auto answer = store_->Get("a/b");
    EXPECT_EQ(client_->left(), 0u);
    if (!answer.ok()) {
      EXPECT_NE(answer.error().message().find("gs://b/warehouse/t/a/b"), std::string::npos);
      EXPECT_EQ(answer.error().message().find("secret-token"), std::string::npos);
    }
    return answer.ok() ? Code::kInternal : answer.error().code();
  };
  EXPECT_EQ(code(403, R"({"error": {"message": "me@x may not read"}})"), Code::kPermissionDenied);
  EXPECT_EQ(code(404), Code::kNotFound);
  EXPECT_EQ(code(409), Code::kConflict);
  EXPECT_EQ(code(412), Code::kConflict);
  EXPECT_EQ(code(400, "no json"), Code::kInvalidArgument);
  for (const int status : {429, 500, 502, 503, 504}) {
    for (int i = 0; i < 3; ++i) client_->Answer(status);
    EXPECT_EQ(code(status), Code::kUnavailable) << status;
  }
  for (int i = 0; i < 4; ++i) client_->Lost();
  EXPECT_EQ(store_->Get("a").error().code(), Code::kUnavailable);
  client_->Answer(404, R"({"error": {"message": "The specified bucket does not exist."}})");
  EXPECT_NE(store_->Head("a").error().message().find("no bucket b"), std::string::npos);
}

TEST_F(Gcs, ListingsFollowTheirPagesAndStartWhereTheyAreTold) {
  client_
      ->Answer(200, R"({"items": [{"name": "warehouse/t/_delta_log/", "size": "0", "updated": "2009-10-12T17:50:30Z"},
                                  {"name": "warehouse/t/_delta_log/10.json", "size": "2",
                                   "updated": "2009-10-12T17:50:30.123Z"}], "nextPageToken": "t+1/="})")
      .Answer(200, R"({"prefixes": ["warehouse/t/_delta_log/_sidecars/"], "items": [
                       {"name": "warehouse/t/_delta_log/11.json", "size": "3", "updated": "2009-10-12T17:50:30Z"}]})");
  std::string seen;
  ASSERT_TRUE(store_
                  ->List("_delta_log/", "10\xC3\xA4",
                         [&](const ObjectMeta& meta) {
                           seen += meta.key + ":" + std::to_string(meta.size_bytes) + " ";
                           return true;
                         })
                  .ok());
  EXPECT_EQ(seen, "_delta_log/11.json:3 ");
  EXPECT_TRUE(client_->asked()[0].url.ends_with("&delimiter=%2F&startOffset=warehouse%2Ft%2F_delta_log%2F10"))
      << client_->asked()[0].url;
  EXPECT_TRUE(client_->asked()[1].url.ends_with("&pageToken=t%2B1%2F%3D"));
}

TEST_F(Gcs, ListingsThatAreNoneAreRefused) {
  client_->Answer(200, "{").Answer(200, R"({"items": 1})").Answer(200, R"({"items": [{"name": "warehouse/t/a"}]})");
  client_->Answer(200, R"({"items": [{"name": "warehouse/t/b", "size": "1", "updated": "2009-10-12T17:50:30Z"},
                                     {"name": "warehouse/t/a", "size": "1", "updated": "2009-10-12T17:50:30Z"}]})");
  const auto visit = [](const ObjectMeta&) { return true; };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(store_->List("", "", visit).error().code(), Code::kCorrupt) << i;
  EXPECT_EQ(store_->List("", "", visit).error().code(), Code::kUnsupported) << "out of order";
}

TEST_F(Gcs, TheEndOfAnObjectCostsOneRequest) {
  client_->Answer(206, "56789",
                  {{"content-range", "bytes 5-9/10"}, {"last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"}});
  const auto tail = store_->GetTail("a", {.length = 5});
  ASSERT_TRUE(tail.ok()) << tail.error().ToString();
  EXPECT_EQ(tail->bytes, "56789");
  EXPECT_EQ(tail->meta.size_bytes, 10);
  EXPECT_EQ(tail->meta.modified_ms, 784'111'777'000);
  EXPECT_EQ(client_->asked()[0].headers.at("Range"), "bytes=-5");
}

TEST_F(Gcs, AnUploadGoesOnFromWhatTheServiceHas) {
  client_->Answer(404)
      .Answer(200, "", {{"location", "https://storage.googleapis.com/upload/session?secret-session"}})
      .Answer(308, "", {{"range", "bytes=0-4"}})
      .Answer(308, "", {{"range", "bytes=0-7"}})
      .Answer(503)
      .Answer(200, R"({"name": "warehouse/t/data", "size": "11", "updated": "2009-10-12T17:50:30Z"})");
  auto upload = store_->StartMultipart("data");
  ASSERT_TRUE((*upload)->Write("01234567").ok());
  EXPECT_TRUE(client_->asked().empty()) << "it may be the last piece";
  ASSERT_TRUE((*upload)->Write("89a").ok());
  const auto meta = (*upload)->CompleteIfAbsent();
  ASSERT_TRUE(meta.ok()) << meta.error().ToString();
  EXPECT_EQ(meta->key, "data");
  const auto& asked = client_->asked();
  EXPECT_TRUE(asked[1].url.ends_with("&ifGenerationMatch=0")) << asked[1].url;
  EXPECT_EQ(asked[2].headers.at("Content-Range"), "bytes 0-7/*");
  EXPECT_EQ(asked[2].headers.count("Authorization"), 0u) << "the session is enough";
  EXPECT_EQ(asked[3].headers.at("Content-Range"), "bytes 5-7/*");
  EXPECT_EQ(asked[3].body, "567");
  EXPECT_EQ(asked[5].headers.at("Content-Range"), "bytes 8-10/11");
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Gcs, AnUploadWhoseLastAnswerWasLostIsSettledByAsking) {
  client_->Answer(404)
      .Answer(200, "", {{"location", "https://storage.googleapis.com/s"}})
      .Answer(308, "", {{"range", "bytes=0-7"}})
      .Lost()
      .Answer(308, "", {{"range", "bytes=0-8"}})
      .Lost()
      .Answer(200, R"({"name": "warehouse/t/data", "size": "11", "updated": "2009-10-12T17:50:30Z"})");
  auto upload = store_->StartMultipart("data");
  ASSERT_TRUE((*upload)->Write("0123456789a").ok());
  const auto meta = (*upload)->Complete();
  ASSERT_TRUE(meta.ok()) << meta.error().ToString();
  EXPECT_EQ(client_->asked()[4].headers.at("Content-Range"), "bytes */11");
  EXPECT_EQ(client_->asked()[5].body, "9a");
}

TEST_F(Gcs, AnUploadOntoAnObjectLeavesItOrReplacesIt) {
  for (const bool if_absent : {true, false}) {
    client_->Answer(200, kObject).Answer(200, "", {{"location", "https://storage.googleapis.com/s"}});
    client_->Answer(308, "", {{"range", "bytes=0-7"}}).Answer(if_absent ? 499 : 200, R"({"name": "x", "size": "9",
        "updated": "2009-10-12T17:50:30Z"})");
    auto upload = store_->StartMultipart("x");
    ASSERT_TRUE((*upload)->Write("012345678").ok());
    const auto meta = if_absent ? (*upload)->CompleteIfAbsent() : (*upload)->Complete();
    EXPECT_EQ(meta.ok(), !if_absent);
    if (if_absent) {
      EXPECT_EQ(meta.error().code(), Code::kAlreadyExists);
      EXPECT_EQ(client_->asked().back().method, "DELETE");
    }
    EXPECT_EQ(client_->asked()[client_->asked().size() - 3].url.find("ifGenerationMatch"), std::string::npos);
  }
  EXPECT_EQ(client_->left(), 0u);
}

TEST_F(Gcs, AnUploadThatIsDroppedIsGivenUp) {
  client_->Answer(404)
      .Answer(200, "", {{"location", "https://storage.googleapis.com/s"}})
      .Answer(308, "", {{"range", "bytes=0-7"}})
      .Answer(499);
  {
    auto upload = store_->StartMultipart("data");
    ASSERT_TRUE((*upload)->Write("012345678").ok());
  }
  EXPECT_EQ(client_->asked().back().method, "DELETE");
  EXPECT_EQ(client_->asked().back().url, "https://storage.googleapis.com/s");
}

}  // namespace
}  // namespace deltic
