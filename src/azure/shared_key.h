// Owns Azure Storage's Shared Key signature, pure. Sends nothing.
// Source of the rules: Microsoft, "Authorize with Shared Key" (Blob service, versions from 2009-09-19; the length of an
// empty body is signed as the empty text from 2015-02-21).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deltic {

struct AzureRequestToSign {
  std::string method;
  std::string account;
  std::string path;  // as it is sent, with '/' in front (the emulator's has the account in it)
  std::vector<std::pair<std::string, std::string>> query;  // decoded
  std::vector<std::pair<std::string, std::string>>
      headers;  // all that are sent and count: x-ms-*, Range, If-None-Match, ...
  size_t body_bytes = 0;
};

// The text that is signed.
std::string AzureStringToSign(const AzureRequestToSign& request);
// "SharedKey account:signature". `key` is decoded (not base64).
std::string AzureSharedKey(const AzureRequestToSign& request, std::string_view key);

}  // namespace deltic
