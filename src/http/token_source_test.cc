// Owns the tests of what token services are asked by, and of tokens that several threads wait for, some of which are
// cancelled. What the services answer is tested where they are (gcs/, azure/).
#include "http/token_source.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/error.h"

namespace deltic {
namespace {

TEST(FormBody, EncodesValuesAndKeepsTheOrder) {
  EXPECT_EQ(FormBody({{"grant_type", "client_credentials"}, {"scope", "https://x/.default"}, {"secret", "a b&c=d+%/"}}),
            "grant_type=client_credentials&scope=https%3A%2F%2Fx%2F.default&secret=a%20b%26c%3Dd%2B%25%2F");
  EXPECT_EQ(FormBody({}), "");
}

void Pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

TEST(TokenSourceTest, ACancelOfWhoAsksDoesNotReachThoseWhoWait) {
  std::atomic<int> asked{0};
  TokenSource source(
      [&](const CancelToken&) -> Result<BearerToken> {
        if (++asked > 1) return BearerToken{.text = "fresh"};
        while (!StopSign::Here().up()) Pause();  // a service that does not answer
        return Cancelled("stopped on request");
      },
      RealEnv());
  CancelToken token;
  std::thread first([&] {
    const CancelScope scope(StopSign::Here().With(token));
    EXPECT_EQ(source.Get(CancelToken()).error().code(), Code::kCancelled);
  });
  while (asked == 0) Pause();
  std::atomic<int> waiting{0};
  std::thread second([&] {
    ++waiting;
    auto got = source.Get(CancelToken());
    EXPECT_TRUE(got.ok() && *got == "fresh");
  });
  while (waiting == 0) Pause();
  token.Cancel();
  first.join();
  second.join();
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(*source.Get(CancelToken()), "fresh");
}

TEST(TokenSourceTest, WhoIsCancelledDoesNotWaitForAnothersService) {
  std::atomic<bool> asked{false}, answer{false};
  TokenSource source(
      [&](const CancelToken&) -> Result<BearerToken> {
        asked = true;
        while (!answer) Pause();
        return BearerToken{.text = "late"};
      },
      RealEnv());
  std::thread first([&] { EXPECT_EQ(*source.Get(CancelToken()), "late"); });
  while (!asked) Pause();
  CancelToken token;
  token.Cancel();
  {
    const CancelScope scope(StopSign::Here().With(token));
    EXPECT_EQ(source.Get(CancelToken()).error().code(), Code::kCancelled);
  }
  answer = true;
  first.join();
}

}  // namespace
}  // namespace deltic
