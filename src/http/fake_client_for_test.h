// Owns an HttpClient that answers from a script and writes down what it was asked, for tests. Not part of the library.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "http/http_client.h"

namespace deltic {

class FakeClient : public HttpClient {
 public:
  struct Asked {
    std::string method;
    std::string url;
    std::map<std::string, std::string> headers;
    std::string body;
  };

  FakeClient& Answer(int status, std::string body = "", std::map<std::string, std::string> headers = {}) {
    answers_.push_back({.status = status, .headers = std::move(headers), .body = std::move(body)});
    return *this;
  }
  FakeClient& Lost() {
    answers_.push_back({.may_have_arrived = true, .failure = "the connection broke"});
    return *this;
  }
  // Was under way when nobody waited for it any more.
  FakeClient& Stopped() {
    answers_.push_back({.may_have_arrived = true, .stopped = true, .failure = "stopped on request"});
    return *this;
  }
  FakeClient& Refused() {
    answers_.push_back({.failure = "could not connect"});
    return *this;
  }

  // What is not in the script any more is answered with 599, so that a test sees it.
  Result<HttpAnswer> Send(const HttpRequest& request, const CancelToken& cancel) override {
    if (Status status = StopSign::Here().With(cancel).Check(); !status.ok()) return std::move(status).error();
    std::lock_guard lock(mutex_);
    Asked asked{.method = request.method, .url = request.url, .body = std::string(request.body)};
    for (const auto& [name, value] : request.headers) asked.headers[name] = value;
    asked_.push_back(std::move(asked));
    if (answers_.empty()) return HttpAnswer{.status = 599};
    HttpAnswer answer = answers_.front();
    answers_.pop_front();
    return answer;
  }

  const std::vector<Asked>& asked() const { return asked_; }
  size_t left() const { return answers_.size(); }

 private:
  std::mutex mutex_;
  std::deque<HttpAnswer> answers_;
  std::vector<Asked> asked_;
};

}  // namespace deltic
