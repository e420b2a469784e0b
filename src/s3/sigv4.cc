// Owns the steps of the signature; see the header.
#include "s3/sigv4.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "base/digest.h"
#include "base/time.h"
#include "base/url.h"

namespace deltic {
namespace {

// Without blanks around, runs of blanks inside as one.
std::string CanonicalValue(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == ' ' && (text.empty() || text.back() == ' ')) continue;
    text.push_back(c);
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

}  // namespace

std::string AmzDate(int64_t now_ms) {
  const int64_t seconds = now_ms / 1000;
  const int64_t days = seconds / 86'400;
  const int64_t in_day = seconds % 86'400;
  const Civil date = CivilFromDays(days);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", date.year, date.month, date.day, in_day / 3600,
                     in_day / 60 % 60, in_day % 60);
}

std::string CanonicalQuery(const std::vector<std::pair<std::string, std::string>>& query) {
  std::vector<std::pair<std::string, std::string>> encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query) encoded.emplace_back(PercentEncode(name, ""), PercentEncode(value, ""));
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) text += (text.empty() ? "" : "&") + name + "=" + value;
  return text;
}

std::vector<std::pair<std::string, std::string>> SignV4(const SigningRequest& request, const SigningScope& scope,
                                                        const AwsCredentials& credentials) {
  const std::string time = AmzDate(scope.now_ms);
  const std::string day = time.substr(0, 8);
  auto sent = request.headers;
  sent.emplace_back("x-amz-date", time);
  if (scope.service == "s3") sent.emplace_back("x-amz-content-sha256", request.payload_hash);
  if (!credentials.session_token.empty()) sent.emplace_back("x-amz-security-token", credentials.session_token);

  std::map<std::string, std::string> canonical{{"host", request.host}};
  for (const auto& [name, value] : sent) canonical[AsciiLower(name)] = CanonicalValue(value);
  std::string lines;
  std::string names;
  for (const auto& [name, value] : canonical) {
    lines += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string path = scope.path_encoded_twice ? PercentEncode(request.path, "/") : request.path;
  const std::string canonical_request = request.method + "\n" + path + "\n" + CanonicalQuery(request.query) + "\n" +
                                        lines + "\n" + names + "\n" + request.payload_hash;

  const std::string where = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
  const std::string to_sign = "AWS4-HMAC-SHA256\n" + time + "\n" + where + "\n" + Hex(Sha256(canonical_request));
  std::string key = HmacSha256("AWS4" + credentials.secret_access_key, day);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    key = HmacSha256(key, part);
  }
  const std::string signature = Hex(HmacSha256(key, to_sign));
  sent.emplace_back("Authorization", "AWS4-HMAC-SHA256 Credential=" + credentials.access_key_id + "/" + where +
                                         ",SignedHeaders=" + names + ",Signature=" + signature);
  return sent;
}

}  // namespace deltic
