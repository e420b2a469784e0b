// Owns the canonical forms; see the header.
#include "azure/shared_key.h"

#include <array>
#include <map>

#include "base/ascii.h"
#include "base/digest.h"

namespace deltic {

std::string AzureStringToSign(const AzureRequestToSign& request) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) headers[AsciiLower(name)] = value;
  const auto header = [&](const char* name) {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  };
  std::string text = request.method + "\n";
  text += header("content-encoding") + "\n" + header("content-language") + "\n";
  text += (request.body_bytes == 0 ? "" : std::to_string(request.body_bytes)) + "\n";
  constexpr std::array<const char*, 8> kStandard = {"content-md5",         "content-type", "date",
                                                    "if-modified-since",   "if-match",     "if-none-match",
                                                    "if-unmodified-since", "range"};
  for (const char* name : kStandard) text += header(name) + "\n";
  for (const auto& [name, value] : headers) {
    if (name.starts_with("x-ms-")) text += name + ":" + value + "\n";
  }
  text += "/" + request.account + request.path;
  std::map<std::string, std::string> query;
  for (const auto& [name, value] : request.query) {
    std::string& all = query[AsciiLower(name)];
    all += (all.empty() ? "" : ",") + value;
  }
  for (const auto& [name, value] : query) text += "\n" + name + ":" + value;
  return text;
}

std::string AzureSharedKey(const AzureRequestToSign& request, std::string_view key) {
  return "SharedKey " + request.account + ":" + Base64(HmacSha256(key, AzureStringToSign(request)));
}

}  // namespace deltic
