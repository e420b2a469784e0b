// Owns the keeping of tokens; see the header.
#include "http/token_source.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/number_text.h"
#include "base/url.h"

namespace deltic {
namespace {

constexpr int64_t kRenewBeforeMs = 2 * 60'000;

std::optional<int64_t> WholeNumber(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  if (found->is_number()) return found->get<int64_t>();
  if (!found->is_string()) return std::nullopt;
  return ParseInt64(found->get_ref<const std::string&>());
}

}  // namespace

std::string FormBody(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) text += (text.empty() ? "" : "&") + name + "=" + PercentEncode(value, "");
  return text;
}

Result<BearerToken> ParseTokenAnswer(const HttpAnswer& answer, const std::string& from, int64_t now_ms) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  const bool given =
      answer.status == 200 && json.is_object() && json.contains("access_token") && json["access_token"].is_string();
  if (!given) {
    std::string why = answer.status == 0 ? answer.failure : "status " + std::to_string(answer.status);
    if (json.is_object() && json.contains("error") && json["error"].is_string())
      why += ", " + json["error"].get<std::string>();
    return PermissionDenied("{} gave no token ({})", from, why);
  }
  BearerToken token{.text = json["access_token"].get<std::string>()};
  if (const auto seconds = WholeNumber(json, "expires_in")) {
    token.expires_ms = now_ms + *seconds * 1000;
  } else if (const auto at = WholeNumber(json, "expires_on")) {
    token.expires_ms = *at * 1000;
  }
  return token;
}

Result<std::string> TokenSource::Get(const CancelToken& cancel) {
  DELTIC_TRY(const Turns::Turn turn, turns_.Take());
  const int64_t now_ms = env_.now_ms();
  if (known_ && (!known_->expires_ms || *known_->expires_ms - now_ms > kRenewBeforeMs)) return known_->text;
  auto fresh = ask_(cancel);
  if (!fresh.ok() && known_ && *known_->expires_ms > now_ms) return known_->text;
  DELTIC_TRY(known_, std::move(fresh));
  return known_->text;
}

void TokenSource::Forget() {
  // One that is cancelled while it waits has no use for another token.
  if (const auto turn = turns_.Take(); turn.ok()) known_.reset();
}

}  // namespace deltic
