// Owns bearer tokens that expire: asked for when wanted, kept while good, asked for anew before they end. Does not know
// where they come from: a function asks. Beside it what OAuth services are asked by, and the one JSON shape that they
// answer with.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "base/env.h"
#include "base/turns.h"
#include "deltic/result.h"
#include "http/http_client.h"

namespace deltic {

struct BearerToken {
  std::string text;
  std::optional<int64_t> expires_ms;
};

// "name=value&name=value" of an application/x-www-form-urlencoded body, values percent-encoded.
std::string FormBody(const std::vector<std::pair<std::string, std::string>>& fields);

// {"access_token": "...", "expires_in": 3600 | "3600", "expires_on": "..."}. PermissionDenied naming `from` for another
// status or body; nothing of the body is repeated.
Result<BearerToken> ParseTokenAnswer(const HttpAnswer& answer, const std::string& from, int64_t now_ms);

// Thread-safe: one thread asks, others wait for it. One that is cancelled while it asks leaves the asking to the next.
class TokenSource {
 public:
  using Ask = std::function<Result<BearerToken>(const CancelToken&)>;
  TokenSource(Ask ask, Env env) : ask_(std::move(ask)), env_(std::move(env)) {}
  Result<std::string> Get(const CancelToken& cancel);
  void Forget();

 private:
  const Ask ask_;
  const Env env_;
  Turns turns_;
  std::optional<BearerToken> known_;
};

}  // namespace deltic
