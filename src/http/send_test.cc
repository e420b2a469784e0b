// Owns the tests of sending again.
#include "http/send.h"

#include <gtest/gtest.h>

#include "http/fake_client_for_test.h"

namespace deltic {
namespace {

class Sending : public testing::Test {
 protected:
  Sending() {
    world_.env.now_ms = [this] { return now_ms_; };
    world_.env.random = [] { return 0; };
    world_.sleep_ms = [this](int64_t ms) {
      waits_.push_back(ms);
      now_ms_ += ms;
    };
  }
  HttpAnswer Send(SendTwice twice = SendTwice::kAllowed) {
    auto answer = SendPatiently(
        client_, [&] { return Result<HttpRequest>(HttpRequest{.url = "https://x/"}); }, twice, policy_, world_);
    EXPECT_TRUE(answer.ok());
    return answer.ok() ? *answer : HttpAnswer{.status = -1};
  }

  int64_t now_ms_ = 1'000'000;
  std::vector<int64_t> waits_;
  FakeClient client_;
  SendPolicy policy_;
  SendWorld world_;
};

TEST_F(Sending, FailuresThatPassAreTriedAgainWithGrowingWaits) {
  client_.Answer(500).Lost().Answer(503).Refused().Answer(200, "done");
  EXPECT_EQ(Send().body, "done");
  EXPECT_EQ(waits_, (std::vector<int64_t>{50, 100, 200, 400}));
}

TEST_F(Sending, WhatMayHaveArrivedIsNotSentTwiceWhenThatIsNotAllowed) {
  client_.Lost().Answer(200);
  EXPECT_TRUE(InDoubt(Send(SendTwice::kNever)));
  EXPECT_EQ(client_.asked().size(), 1U);
  for (const int status : {500, 502, 504}) {
    FakeClient client;
    client.Answer(status).Answer(200);
    auto answer = SendPatiently(
        client, [&] { return Result<HttpRequest>(HttpRequest{.url = "https://x/"}); }, SendTwice::kNever, policy_,
        world_);
    EXPECT_EQ(answer->status, status);
    EXPECT_TRUE(InDoubt(*answer));
  }
}

TEST_F(Sending, WhatSurelyDidNotArriveIsSentAgainAllTheSame) {
  client_.Refused().Answer(503).Answer(429).Answer(200);
  EXPECT_EQ(Send(SendTwice::kNever).status, 200);
}

TEST_F(Sending, ARefusalAfterATryThatMayHaveWorkedSaysSo) {
  client_.Lost().Answer(403);
  const auto send = [&](const char* method, bool credentials_run_out) {
    int made = 0;
    return SendPatiently(
        client_,
        [&]() -> Result<HttpRequest> {
          if (++made > 1 && credentials_run_out) return Error(Code::kPermissionDenied, "they ran out");
          return HttpRequest{.method = method, .url = "https://x/"};
        },
        SendTwice::kAllowed, policy_, world_);
  };
  auto refused = send("POST", false);
  EXPECT_EQ(refused->status, 403);
  EXPECT_TRUE(refused->doubted);
  client_.Lost();
  EXPECT_TRUE(InDoubt(*send("POST", true)));
  client_.Lost();
  EXPECT_EQ(send("GET", true).error().code(), Code::kPermissionDenied);
}

TEST_F(Sending, AfterARefusalTheTriesAreThoseOfBothAndDoubtStays) {
  const Result<HttpAnswer> error = Error(Code::kPermissionDenied, "they ran out");
  const HttpAnswer clear{.status = 401, .tries = 2};
  const HttpAnswer in_doubt{.status = 401, .tries = 2, .doubted = true};
  auto answer = AfterRefusal(clear, HttpAnswer{.status = 412, .tries = 3});
  EXPECT_EQ(answer->status, 412);
  EXPECT_EQ(answer->tries, 5);
  EXPECT_FALSE(answer->doubted);
  EXPECT_TRUE(AfterRefusal(clear, HttpAnswer{.status = 412, .doubted = true})->doubted);
  EXPECT_TRUE(AfterRefusal(in_doubt, HttpAnswer{.status = 412})->doubted);
  EXPECT_EQ(AfterRefusal(clear, error).error().code(), Code::kPermissionDenied);
  answer = AfterRefusal(in_doubt, error);
  EXPECT_EQ(answer->status, 401);
  EXPECT_TRUE(answer->doubted);
}

TEST_F(Sending, AWaitOfItsOwnIsAsLongAsThatBetweenTries) {
  for (const int attempt : {1, 2, 3, 60}) EXPECT_TRUE(WaitAfter(attempt, policy_, world_).ok());
  EXPECT_EQ(waits_, (std::vector<int64_t>{50, 100, 200, 7'500}));
  world_.cancel.Cancel();
  EXPECT_EQ(WaitAfter(1, policy_, world_).error().code(), Code::kCancelled);
}

TEST_F(Sending, RetryAfterIsHeeded) {
  client_.Answer(503, "", {{"retry-after", "7"}})
      .Answer(429, "", {{"retry-after", "Thu, 01 Jan 1970 00:16:50 GMT"}})
      .Answer(200);
  now_ms_ = 1'000'000;
  EXPECT_EQ(Send().status, 200);
  EXPECT_EQ(waits_, (std::vector<int64_t>{7'000, 3'000}));
}

TEST_F(Sending, TriesAndTimeAreBounded) {
  for (int i = 0; i < 20; ++i) client_.Answer(503);
  EXPECT_EQ(Send().status, 503);
  EXPECT_EQ(client_.asked().size(), static_cast<size_t>(policy_.attempts));
  FakeClient slow;
  slow.Answer(503, "", {{"retry-after", "100000"}}).Answer(200);
  auto answer = SendPatiently(
      slow, [&] { return Result<HttpRequest>(HttpRequest{.url = "https://x/"}); }, SendTwice::kAllowed, policy_,
      world_);
  EXPECT_EQ(answer->status, 503);
}

TEST_F(Sending, OtherAnswersAreFinal) {
  for (const int status : {200, 206, 301, 400, 403, 404, 409, 412, 416}) {
    client_.Answer(status);
    EXPECT_EQ(Send().status, status);
  }
  EXPECT_TRUE(waits_.empty());
}

TEST_F(Sending, TheSignOverTheThreadEndsTheTries) {
  CancelToken token;
  const CancelScope scope(StopSign::Here().With(token));
  const auto send = [&](const char* method) {
    return SendPatiently(
        client_, [&] { return Result<HttpRequest>(HttpRequest{.method = method, .url = "https://x/"}); },
        SendTwice::kAllowed, policy_, world_);
  };
  world_.sleep_ms = [&](int64_t) { token.Cancel(); };
  client_.Answer(503).Answer(503);
  EXPECT_EQ(send("GET").error().code(), Code::kCancelled);
  EXPECT_EQ(send("PUT").error().code(), Code::kCancelled) << "nothing was sent";
  EXPECT_EQ(client_.left(), 1U);
}

TEST_F(Sending, ACancelAfterATryThatMayHaveWorkedIsNoErrorButADoubt) {
  for (const bool lost : {true, false}) {
    CancelToken token;
    const CancelScope scope(StopSign::Here().With(token));
    world_.sleep_ms = [&](int64_t) { token.Cancel(); };
    lost ? client_.Lost() : client_.Answer(503);
    auto answer = SendPatiently(
        client_, [&] { return Result<HttpRequest>(HttpRequest{.method = "PUT", .url = "https://x/"}); },
        SendTwice::kAllowed, policy_, world_);
    ASSERT_TRUE(answer.ok());
    EXPECT_TRUE(InDoubt(*answer));
    EXPECT_TRUE(answer->stopped);
  }
}

TEST_F(Sending, AStoppedRequestIsNotSentAgain) {
  client_.Stopped().Answer(200);
  const HttpAnswer answer = Send();
  EXPECT_TRUE(answer.stopped);
  EXPECT_TRUE(InDoubt(answer));
  EXPECT_EQ(client_.left(), 1U);
}

TEST_F(Sending, ATokenThatNobodyWaitedForWasNotRefused) {
  CancelToken token;
  const CancelScope scope(StopSign::Here().With(token));
  auto answer = SendPatiently(
      client_,
      [&]() -> Result<HttpRequest> {
        token.Cancel();
        return Error(Code::kPermissionDenied, "gave no token");
      },
      SendTwice::kAllowed, policy_, world_);
  EXPECT_EQ(answer.error().code(), Code::kCancelled);
}

TEST_F(Sending, ACancelledCallEndsBetweenTries) {
  world_.sleep_ms = [this](int64_t) { world_.cancel.Cancel(); };
  client_.Answer(503).Answer(200);
  auto answer = SendPatiently(
      client_, [&] { return Result<HttpRequest>(HttpRequest{.url = "https://x/"}); }, SendTwice::kAllowed, policy_,
      world_);
  EXPECT_EQ(answer.error().code(), Code::kCancelled);
}

}  // namespace
}  // namespace deltic
