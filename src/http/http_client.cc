// Owns the exchange over libcurl; see the header.
#include "http/http_client.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <mutex>

#include "base/ascii.h"
#include "base/error.h"
#include "base/url.h"
#include "http/curl_library.h"

#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace deltic {
namespace {

constexpr size_t kIdleConnections = 32;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

// One exchange in flight: what curl's callbacks fill in.
struct Exchange {
  const HttpRequest* request = nullptr;
  const StopSign* sign = nullptr;
  HttpAnswer answer;
  size_t sent = 0;
  bool began = false;    // libcurl took some of the body, be it for a connection that it gave up for dead
  curl_off_t moved = 0;  // bytes of bodies, either way
  bool cancelled = false;
  bool too_long = false;
};

size_t OnHeader(char* data, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {
    exchange.answer.headers.clear();  // of a 100 Continue, or a proxy's answer
    return line.size();
  }
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    exchange.answer.headers[AsciiLower(line.substr(0, colon))] = std::string(Trim(line.substr(colon + 1)));
  }
  return line.size();
}

// What a server says it will send, as far as that is worth believing before it has: a body that grows is copied.
size_t ExpectedBytes(const Exchange& exchange) {
  constexpr int64_t kAtMost = 64 << 20;
  const std::string_view said = exchange.answer.Header("content-length");
  int64_t bytes = 0;
  std::from_chars(said.data(), said.data() + said.size(), bytes);
  return static_cast<size_t>(std::clamp<int64_t>(bytes, 0, std::min(kAtMost, exchange.request->max_body_bytes)));
}

size_t OnBody(char* data, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const size_t bytes = size * count;
  if (exchange.answer.body.size() + bytes > static_cast<size_t>(exchange.request->max_body_bytes)) {
    exchange.too_long = true;
    return 0;
  }
  if (exchange.answer.body.empty()) exchange.answer.body.reserve(ExpectedBytes(exchange));
  exchange.answer.body.append(data, bytes);
  return bytes;
}

size_t OnUpload(char* data, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view rest = exchange.request->body.substr(exchange.sent);
  const size_t bytes = std::min(rest.size(), size * count);
  std::copy_n(rest.data(), bytes, data);
  exchange.sent += bytes;
  exchange.began = exchange.began || bytes > 0;
  return bytes;
}

int OnSeek(void* context, curl_off_t offset, int origin) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (origin != SEEK_SET || offset < 0 || static_cast<size_t>(offset) > exchange.request->body.size()) {
    return CURL_SEEKFUNC_CANTSEEK;
  }
  if (exchange.request->once && exchange.sent > 0) return CURL_SEEKFUNC_FAIL;
  exchange.sent = static_cast<size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

int OnProgress(void* context, curl_off_t, curl_off_t received, curl_off_t, curl_off_t sent) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (received + sent > exchange.moved) exchange.sign->Heard();
  exchange.moved = received + sent;
  exchange.cancelled = exchange.sign->up();
  return exchange.cancelled ? 1 : 0;
}

class CurlClient : public HttpClient {
 public:
  CurlClient(const CurlLibrary& curl, HttpSettings settings) : curl_(curl), settings_(std::move(settings)) {}
  ~CurlClient() override {
    if (owner_ != getpid()) return;  // see Take
    for (CURL* handle : idle_) curl_.easy_cleanup(handle);
  }

  Result<HttpAnswer> Send(const HttpRequest& request, const CancelToken& cancel) override {
    DELTIC_CHECK(CheckUrl(request.url));
    const StopSign sign = StopSign::Here().With(cancel);
    DELTIC_CHECK(sign.Check());
    CURL* handle = Take();
    if (handle == nullptr) return Internal("libcurl made no handle");
    Exchange exchange{.request = &request, .sign = &sign};
    curl_slist* headers = nullptr;
    for (const auto& [name, value] : request.headers) {
      // A header without a value is sent only when it ends with a semicolon.
      headers = curl_.slist_append(headers, (value.empty() ? name + ";" : name + ": " + value).c_str());
    }
    // Without it curl waits up to a second for a "100 Continue" before it sends a body.
    headers = curl_.slist_append(headers, "Expect:");
    Prepare(handle, exchange, headers);
    const CURLcode code = curl_.easy_perform(handle);
    Finish(handle, code, exchange);
    curl_.slist_free_all(headers);
    Give(handle);
    const bool did_nothing = request.method == "GET" || request.method == "HEAD" || !exchange.answer.may_have_arrived;
    if (exchange.answer.stopped && did_nothing) return Cancelled("stopped on request");
    return std::move(exchange.answer);
  }

 private:
  Status CheckUrl(const std::string& url) const {
    const auto scheme = UrlScheme(url);
    if (scheme && *scheme == "https") return {};
    if (scheme && *scheme == "http") {
      if (settings_.allow_http) return {};
      return InvalidArgument("{} is not encrypted: set the storage option allow_http to true to use it all the same",
                             UrlForPeople(url));
    }
    return InvalidArgument("'{}' is no http or https URL", UrlForPeople(url));
  }

  CURL* Take() {
    {
      std::lock_guard lock(mutex_);
      // A child of fork() holds its parent's connections: both would send on them, and each may get the other's
      // answers. They are left alone rather than closed, because a good-bye over TLS would end them for the parent.
      if (const pid_t self = getpid(); self != owner_) {
        idle_.clear();
        owner_ = self;
      }
      if (!idle_.empty()) {
        CURL* handle = idle_.back();
        idle_.pop_back();
        return handle;
      }
    }
    return curl_.easy_init();
  }
  void Give(CURL* handle) {
    curl_.easy_reset(handle);  // keeps its connections
    std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleConnections) {
      idle_.push_back(handle);
    } else {
      curl_.easy_cleanup(handle);
    }
  }

  template <class Value>
  void Set(CURL* handle, CURLoption option, Value value) const {
    curl_.easy_setopt(handle, option, value);
  }

  void Prepare(CURL* handle, Exchange& exchange, curl_slist* headers) const {
    const HttpRequest& request = *exchange.request;
    Set(handle, CURLOPT_URL, request.url.c_str());
    Set(handle, CURLOPT_NOSIGNAL, 1L);
    Set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    Set(handle, CURLOPT_PATH_AS_IS, 1L);  // a key may hold "..": it was signed as it is
    Set(handle, CURLOPT_HTTPHEADER, headers);
    Set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect_timeout_ms));
    // Bounded by progress, not by length: a large body over a slow line is no failure.
    Set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    Set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>((settings_.idle_timeout_ms + 999) / 1000));
    Set(handle, CURLOPT_BUFFERSIZE, 512L << 10);  // bodies are megabytes: a thirtieth of the calls of curl's default
    Set(handle, CURLOPT_TCP_NODELAY, 1L);
    Set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    Set(handle, CURLOPT_BUFFERSIZE, 256L * 1024);
    Set(handle, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
    // HTTP/1.1: stores serve parallel connections faster than streams of one connection.
    Set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    const std::string agent = settings_.user_agent.empty() ? "deltic/" DELTIC_VERSION : settings_.user_agent;
    Set(handle, CURLOPT_USERAGENT, agent.c_str());
    if (!settings_.ca_file.empty()) Set(handle, CURLOPT_CAINFO, settings_.ca_file.c_str());
    if (!settings_.proxy_url.empty()) Set(handle, CURLOPT_PROXY, settings_.proxy_url.c_str());
    if (!settings_.proxy_ca_file.empty()) Set(handle, CURLOPT_PROXY_CAINFO, settings_.proxy_ca_file.c_str());
    if (!settings_.proxy_excludes.empty()) Set(handle, CURLOPT_NOPROXY, settings_.proxy_excludes.c_str());
    if (settings_.allow_invalid_certificates) {
      Set(handle, CURLOPT_SSL_VERIFYPEER, 0L);
      Set(handle, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    Set(handle, CURLOPT_HEADERFUNCTION, &OnHeader);
    Set(handle, CURLOPT_HEADERDATA, &exchange);
    Set(handle, CURLOPT_WRITEFUNCTION, &OnBody);
    Set(handle, CURLOPT_WRITEDATA, &exchange);
    Set(handle, CURLOPT_NOPROGRESS, 0L);
    Set(handle, CURLOPT_XFERINFOFUNCTION, &OnProgress);
    Set(handle, CURLOPT_XFERINFODATA, &exchange);
    if (request.negotiate) {
      // The name comes from the ticket, yet curl begins only when there is one. Refused by a libcurl without GSS-API.
      Set(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_NEGOTIATE));
      Set(handle, CURLOPT_USERPWD, ":");
    }
    // A body is kept from being sent twice by OnSeek. Without one libcurl asks nobody; but it gives up no connection
    // for dead that is new.
    if (request.once && request.body.empty()) Set(handle, CURLOPT_FRESH_CONNECT, 1L);
    SetMethod(handle, exchange);
  }

  void SetMethod(CURL* handle, Exchange& exchange) const {
    const HttpRequest& request = *exchange.request;
    if (request.method == "HEAD") {
      Set(handle, CURLOPT_NOBODY, 1L);
      return;
    }
    const bool uploads = request.method == "PUT" || request.method == "POST" || !request.body.empty();
    if (uploads) {
      Set(handle, CURLOPT_UPLOAD, 1L);
      Set(handle, CURLOPT_READFUNCTION, &OnUpload);
      Set(handle, CURLOPT_READDATA, &exchange);
      Set(handle, CURLOPT_SEEKFUNCTION, &OnSeek);
      Set(handle, CURLOPT_SEEKDATA, &exchange);
      Set(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    }
    Set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  void Finish(CURL* handle, CURLcode code, Exchange& exchange) const {
    HttpAnswer& answer = exchange.answer;
    if (code == CURLE_OK) {
      long status = 0;
      curl_.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      answer.status = static_cast<int>(status);
      return;
    }
    answer.status = 0;
    answer.body.clear();
    answer.timed_out = code == CURLE_OPERATION_TIMEDOUT;
    // Only what fails before the first byte is sent has surely not arrived; a dead connection before counts.
    switch (code) {
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_COULDNT_CONNECT:
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        answer.may_have_arrived = exchange.began;
        break;
      default:
        answer.may_have_arrived = true;
    }
    answer.stopped = exchange.cancelled;
    if (answer.stopped && !exchange.began) {
      // Stopped while it was still connecting: not a line of it was sent.
      long sent_bytes = -1;
      curl_.easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &sent_bytes);
      answer.may_have_arrived = sent_bytes != 0;
    }
    answer.failure = exchange.cancelled ? "stopped on request"
                     : exchange.too_long
                         ? fmt::format("the answer is longer than {} bytes", exchange.request->max_body_bytes)
                         : std::string(curl_.easy_strerror(code));
  }

  const CurlLibrary& curl_;
  const HttpSettings settings_;
  std::mutex mutex_;
  std::vector<CURL*> idle_;
  pid_t owner_ = getpid();  // the process whose connections they are
};

}  // namespace

Result<std::shared_ptr<HttpClient>> MakeHttpClient(const HttpSettings& settings) {
  // curl would say only that there is some problem with it, at the first request.
  for (const std::string& file : {settings.ca_file, settings.proxy_ca_file}) {
    if (!file.empty() && access(file.c_str(), R_OK) != 0) {
      return InvalidArgument(
          "the file of trusted certificates {} cannot be read (storage option ca_certificate or "
          "proxy_ca_certificate, or the environment's SSL_CERT_FILE or AWS_CA_BUNDLE)",
          file);
    }
  }
  DELTIC_TRY(const CurlLibrary* curl, LoadCurl());
  return std::shared_ptr<HttpClient>(std::make_shared<CurlClient>(*curl, settings));
}

std::string UrlForPeople(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t host = url.find("://");
  if (host == std::string_view::npos) return std::string(url);
  const size_t slash = url.find('/', host + 3);
  const size_t at = url.substr(0, slash).rfind('@');
  if (at == std::string_view::npos || at < host) return std::string(url);
  return std::string(url.substr(0, host + 3)) + std::string(url.substr(at + 1));
}

}  // namespace deltic
