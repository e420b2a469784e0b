// Owns sending a request until it is answered: bounded tries with growing, random waits, heeding Retry-After. Does not
// decide what may be sent twice: its caller says so, and settles what stays in doubt.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/cancel.h"
#include "base/env.h"
#include "http/http_client.h"

namespace deltic {

enum class SendTwice : uint8_t {
  kAllowed,  // the request changes nothing, or sets what it set before
  kNever,    // a request that may have arrived is not sent again: the answer then says so
};

struct SendPolicy {
  int attempts = 8;
  int64_t first_delay_ms = 100;  // doubles from try to try
  int64_t max_delay_ms = 15'000;
  int64_t total_ms = 180'000;  // no try begins later than this after the first
};

// What waiting needs, beside the thread's StopSign. `sleep_ms` empty: the thread sleeps, in short naps that heed both.
struct SendWorld {
  Env env = RealEnv();
  CancelToken cancel;
  std::function<void(int64_t)> sleep_ms;
};

// Makes the request of a try: signed anew each time, because signatures and credentials age.
using MakeRequest = std::function<Result<HttpRequest>()>;

// The first answer that is final: any status but 408, 429, 500, 502, 503, 504, or the last try's, whatever it is.
// With kNever a lost answer, 500, 502 and 504 are final too: the server may have done the work. Errors are those of
// MakeRequest and of HttpClient::Send; and Cancelled, which says that nothing was changed: where a try may have changed
// something, the answer is that of this try, `stopped`.
Result<HttpAnswer> SendPatiently(HttpClient& client, const MakeRequest& make, SendTwice twice, const SendPolicy& policy,
                                 const SendWorld& world);

// What came of a request that was refused before anything was done (credentials, a clock: the answer `before`) and sent
// `again`. The tries are those of both. A doubt from before the refusal stays: an error of the second would say that
// nothing was done, so the refusal is the answer then.
Result<HttpAnswer> AfterRefusal(HttpAnswer before, Result<HttpAnswer> again);

// Waits before try `attempt` + 1 of something that SendPatiently does not repeat: as long as it would.
Status WaitAfter(int attempt, const SendPolicy& policy, const SendWorld& world);

// Whether a request with this answer may have taken effect although it does not say so.
bool InDoubt(const HttpAnswer& answer);
// What an operation ends with whose last answer is `stopped`: Cancelled.
Error StoppedError(const std::string& doing);
// Waits, and answers Cancelled as soon as nobody waits for what comes after it.
Status WaitMs(int64_t ms, const SendWorld& world);
// Milliseconds that Retry-After asks for (seconds, or an HTTP date); 0 when it does not.
int64_t RetryAfterMs(const HttpAnswer& answer, int64_t now_ms);

}  // namespace deltic
