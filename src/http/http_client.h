// Owns one HTTP exchange over libcurl: a request value in, an answer value out, connections kept alive between them.
// Does not retry (http/send.h does), does not sign, knows no store. libcurl is loaded on first use: a program that
// reads local tables never pays for it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "deltic/result.h"

namespace deltic {

struct HttpRequest {
  std::string method = "GET";
  std::string url;                                           // percent-encoded
  std::vector<std::pair<std::string, std::string>> headers;  // as they are sent
  std::string_view body;                                     // must live during Send
  int64_t max_body_bytes = int64_t{1} << 40;                 // a longer answer is given up
  bool negotiate = false;                                    // authenticate by SPNEGO (Kerberos tickets of the user)
  // libcurl sends a request anew by itself when a kept connection turns out to be dead, although the server may have
  // had the whole of it. Not so with this: what may have arrived is then in doubt, and not sent twice.
  bool once = false;
};

// What came of a request. No answer is no error here: whoever sent it knows whether it may be sent again.
struct HttpAnswer {
  int status = 0;                              // 0: no answer
  int tries = 1;                               // how often the request was sent until this answer (http/send.h)
  bool doubted = false;                        // an earlier try, of those, may have taken effect
  std::map<std::string, std::string> headers;  // names in lower case; of repeated ones the last
  std::string body;
  // Without an answer: whether the request may have reached the server, and why there is none (holds no secrets: no
  // header and no query of the URL).
  bool may_have_arrived = false;
  bool timed_out = false;
  bool stopped = false;  // on request (base/cancel.h): nobody waits for the answer any more
  std::string failure;

  std::string_view Header(const std::string& lower_case_name) const {
    const auto found = headers.find(lower_case_name);
    return found == headers.end() ? std::string_view() : std::string_view(found->second);
  }
};

struct HttpSettings {
  int64_t connect_timeout_ms = 5'000;
  int64_t idle_timeout_ms = 30'000;  // an exchange in which not a byte moves for so long is given up
  std::string proxy_url;             // "": by the environment (https_proxy, http_proxy, no_proxy), as curl reads it
  std::string proxy_ca_file;
  std::string proxy_excludes;  // hosts, separated by commas
  std::string ca_file;         // "": the system's
  bool allow_http = false;     // else only https
  bool allow_invalid_certificates = false;
  std::string user_agent;
};

// Thread-safe: each thread that sends at the same time has a connection of its own.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Errors are those of the request itself (a URL that is none, plain http where it is not allowed); everything that
  // the network does is in the answer. Redirects are not followed. Ends soon after `cancel` is cancelled or the
  // thread's StopSign is up: with Cancelled before the request was sent, or when it changes nothing (GET, HEAD); else
  // without an answer, `stopped`, for the server may do what it was asked.
  virtual Result<HttpAnswer> Send(const HttpRequest& request, const CancelToken& cancel) = 0;
};

// Unsupported, saying where it looked, when libcurl is missing.
Result<std::shared_ptr<HttpClient>> MakeHttpClient(const HttpSettings& settings);

// "https://host:port/path" of a URL: without query and user, for messages.
std::string UrlForPeople(std::string_view url);

}  // namespace deltic
