// Owns the loop of tries; see the header.
#include "http/send.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>

#include "base/number_text.h"
#include "http/http_date.h"

namespace deltic {
namespace {

constexpr int64_t kNapMs = 50;

bool WorthAnotherTry(const HttpAnswer& answer, SendTwice twice) {
  const bool never = twice == SendTwice::kNever;
  switch (answer.status) {
    case 0:
      return !never || !answer.may_have_arrived;
    case 408:
    case 429:
    case 503:
      return true;  // the server says that it did nothing
    case 500:
    case 502:
    case 504:
      return !never;
    default:
      return false;
  }
}

Status Sleep(int64_t ms, const SendWorld& world, const StopSign& sign) {
  DELTIC_CHECK(sign.Check());
  if (world.sleep_ms) {
    world.sleep_ms(ms);
    return sign.Check();
  }
  while (ms > 0) {
    DELTIC_CHECK(sign.Check());
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(ms, kNapMs)));
    ms -= kNapMs;
  }
  return sign.Check();
}

// The answer that leaves a doubt, when an error comes after it.
HttpAnswer StoppedAfter(HttpAnswer doubtful, const Error& error) {
  doubtful.stopped = error.code() == Code::kCancelled;
  return doubtful;
}

// Half of a time that doubles from try to try, and a random part of the other half.
int64_t DelayMs(int attempt, const SendPolicy& policy, const Env& env) {
  const int64_t most = std::min(policy.max_delay_ms, policy.first_delay_ms << std::min(attempt - 1, 20));
  return most / 2 + static_cast<int64_t>(env.random() % static_cast<uint64_t>(most / 2 + 1));
}

}  // namespace

Result<HttpAnswer> AfterRefusal(HttpAnswer before, Result<HttpAnswer> again) {
  if (!again.ok() && before.doubted) return StoppedAfter(std::move(before), again.error());
  DELTIC_TRY(HttpAnswer answer, std::move(again));
  answer.tries += before.tries;
  answer.doubted = answer.doubted || before.doubted;
  return answer;
}

Status WaitAfter(int attempt, const SendPolicy& policy, const SendWorld& world) {
  return WaitMs(DelayMs(attempt, policy, world.env), world);
}

bool InDoubt(const HttpAnswer& answer) {
  if (answer.status == 0) return answer.may_have_arrived;
  return answer.status == 500 || answer.status == 502 || answer.status == 503 || answer.status == 504;
}

Error StoppedError(const std::string& doing) { return Cancelled("{}: stopped on request", doing); }

Status WaitMs(int64_t ms, const SendWorld& world) { return Sleep(ms, world, StopSign::Here().With(world.cancel)); }

int64_t RetryAfterMs(const HttpAnswer& answer, int64_t now_ms) {
  const std::string_view text = answer.Header("retry-after");
  if (text.empty()) return 0;
  if (const auto seconds = ParseInt64(text)) return std::clamp<int64_t>(*seconds, 0, 86'400) * 1000;
  const auto date = ParseHttpDate(text);
  return date ? std::max<int64_t>(0, *date - now_ms) : 0;
}

Result<HttpAnswer> SendPatiently(HttpClient& client, const MakeRequest& make, SendTwice twice, const SendPolicy& policy,
                                 const SendWorld& world) {
  const int64_t start_ms = world.env.now_ms();
  const StopSign sign = StopSign::Here().With(world.cancel);
  sign.Asked();
  std::optional<HttpAnswer> doubtful;  // the last answer that leaves open whether something was changed
  for (int attempt = 1;; ++attempt) {
    auto made = make();
    // Credentials that ran out between the tries, or a cancel: an error would say that nothing was done.
    // A token that nobody waited for is not one that was refused.
    if (!made.ok()) {
      if (Status stopped = sign.Check(); !stopped.ok()) made = std::move(stopped).error();
    }
    if (!made.ok() && doubtful) return StoppedAfter(*std::move(doubtful), made.error());
    DELTIC_TRY(HttpRequest request, std::move(made));
    request.once = twice == SendTwice::kNever;
    Status stop = sign.Check();
    Result<HttpAnswer> sent = stop.ok() ? client.Send(request, world.cancel) : std::move(stop).error();
    if (!sent.ok() && doubtful) return StoppedAfter(*std::move(doubtful), sent.error());
    DELTIC_TRY(HttpAnswer answer, std::move(sent));
    if (answer.status > 0 && answer.status < 500) sign.Heard();
    answer.tries = attempt;
    answer.doubted = doubtful.has_value();
    if (answer.stopped || attempt >= policy.attempts || !WorthAnotherTry(answer, twice)) return answer;
    if (InDoubt(answer) && request.method != "GET" && request.method != "HEAD") doubtful = answer;
    int64_t delay = DelayMs(attempt, policy, world.env);
    const int64_t now_ms = world.env.now_ms();
    delay = std::max(delay, RetryAfterMs(answer, now_ms));
    if (now_ms + delay - start_ms > policy.total_ms) return answer;
    if (Status slept = Sleep(delay, world, sign); !slept.ok()) {
      if (doubtful) return StoppedAfter(*std::move(doubtful), slept.error());
      return std::move(slept).error();
    }
  }
}

}  // namespace deltic
