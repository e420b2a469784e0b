// Owns the tests of libcurl's side of an exchange, against a small server in this process: what is sent again and what
// is not. The loop of tries is tested in send_test.cc.
#include "http/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/cancel.h"

namespace deltic {
namespace {

// A free port on loopback, at which peers are taken one after the other on a thread of its own.
class Listener {
 public:
  explicit Listener(std::function<void(int peer)> take) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 8), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, take = std::move(take)] {
      for (int peer = accept(socket_, nullptr, nullptr); peer >= 0; peer = accept(socket_, nullptr, nullptr))
        take(peer);
    });
  }
  ~Listener() { Close(); }
  // Takes no more; returns once the last one was taken.
  void Close() {
    if (!thread_.joinable()) return;
    shutdown(socket_, SHUT_RDWR);
    close(socket_);
    thread_.join();
  }
  std::string Url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

 private:
  int socket_;
  int port_ = 0;
  std::thread thread_;
};

// Answers the first request on each connection and hangs up on the second one, after having read the whole of it.
class ForgetfulServer {
 public:
  std::string Url() const { return listener_.Url("/key"); }
  int requests() const { return requests_; }

 private:
  void Serve(int peer) {
    if (ReadRequest(peer)) {
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
      EXPECT_EQ(write(peer, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
      ReadRequest(peer);
    }
    close(peer);
  }

  bool ReadRequest(int peer) {
    std::string text;
    char part[4096];
    while (true) {
      const size_t end = text.find("\r\n\r\n");
      if (end != std::string::npos) {
        const size_t length = text.find("Content-Length: ");
        const size_t body = length > end ? 0 : static_cast<size_t>(std::atoi(text.c_str() + length + 16));
        if (text.size() >= end + 4 + body) break;
      }
      const ssize_t bytes = read(peer, part, sizeof(part));
      if (bytes <= 0) return false;
      text.append(part, static_cast<size_t>(bytes));
    }
    ++requests_;
    return true;
  }

  std::atomic<int> requests_ = 0;
  Listener listener_{[this](int peer) { Serve(peer); }};
};

// Reads requests on several connections, and answers those that are not for /silence.
class QuietServer {
 public:
  // After the client, which closes its connections.
  ~QuietServer() {
    listener_.Close();
    for (std::thread& peer : peers_) peer.join();
  }
  std::string Url(const std::string& path) const { return listener_.Url(path); }
  // Returns once so many requests for /silence are waiting, or have waited.
  void AwaitSilence(int requests) const {
    while (silent_ < requests) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  void Serve(int peer) {
    std::string text;
    char part[4096];
    while (true) {
      const ssize_t bytes = read(peer, part, sizeof(part));
      if (bytes <= 0) break;
      text.append(part, static_cast<size_t>(bytes));
      if (text.find("\r\n\r\n") == std::string::npos) continue;
      const bool silent = text.find(" /silence") != std::string::npos;
      if (silent) ++silent_;
      if (!silent) {
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        EXPECT_EQ(write(peer, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
      }
      text.clear();
    }
    close(peer);
  }

  std::atomic<int> silent_ = 0;
  std::vector<std::thread> peers_;
  Listener listener_{[this](int peer) { peers_.emplace_back([this, peer] { Serve(peer); }); }};
};

HttpRequest Put(const std::string& url, bool once) {
  HttpRequest request;
  request.method = "PUT";
  request.url = url;
  request.body = "the body";
  request.once = once;
  return request;
}

class HttpClientTest : public testing::Test {
 protected:
  void SetUp() override {
    HttpSettings settings;
    settings.allow_http = true;
    settings.proxy_excludes = "*";
    auto client = MakeHttpClient(settings);
    ASSERT_TRUE(client.ok()) << client.error().ToString();
    client_ = *client;
  }
  ForgetfulServer server_;
  std::shared_ptr<HttpClient> client_;
};

TEST_F(HttpClientTest, WhatMayHaveArrivedOnADeadConnectionIsNotSentTwiceWhenItMustNot) {
  auto first = client_->Send(Put(server_.Url(), true), CancelToken());
  ASSERT_TRUE(first.ok() && first->status == 200);
  auto second = client_->Send(Put(server_.Url(), true), CancelToken());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->status, 0);
  EXPECT_TRUE(second->may_have_arrived);
  EXPECT_EQ(server_.requests(), 2);
}

TEST_F(HttpClientTest, WhatMayBeSentTwiceIsSentAnewOnADeadConnection) {
  auto first = client_->Send(Put(server_.Url(), false), CancelToken());
  ASSERT_TRUE(first.ok() && first->status == 200);
  auto second = client_->Send(Put(server_.Url(), false), CancelToken());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->status, 200);
  EXPECT_EQ(server_.requests(), 3);  // the server had the second one, too
}

TEST_F(HttpClientTest, AChildOfAForkOpensConnectionsOfItsOwn) {
  auto first = client_->Send(Put(server_.Url(), true), CancelToken());
  ASSERT_TRUE(first.ok() && first->status == 200);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // On its parent's connection the server would hang up.
    auto answer = client_->Send(Put(server_.Url(), true), CancelToken());
    _exit(answer.ok() && answer->status == 200 ? 0 : 1);
  }
  // The server serves one connection after the other: the parent's is over with its second request.
  auto second = client_->Send(Put(server_.Url(), true), CancelToken());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->status, 0);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

class StoppedTest : public HttpClientTest {
 protected:
  // Sends while a token stands over the thread, which is cancelled once the server has the request.
  Result<HttpAnswer> SendAndStop(const std::string& method) {
    CancelToken token;
    std::thread canceller([&, before = sent_] {
      quiet_.AwaitSilence(before + 1);
      token.Cancel();
    });
    ++sent_;
    HttpRequest request{.method = method, .url = quiet_.Url("/silence")};
    const CancelScope scope(StopSign::Here().With(token));
    auto answer = client_->Send(request, CancelToken());
    canceller.join();
    return answer;
  }
  void TearDown() override { client_.reset(); }
  QuietServer quiet_;
  int sent_ = 0;
};

TEST_F(StoppedTest, ARequestThatChangesNothingEndsAsCancelled) {
  for (const char* method : {"GET", "HEAD"}) {
    auto answer = SendAndStop(method);
    ASSERT_FALSE(answer.ok()) << method;
    EXPECT_EQ(answer.error().code(), Code::kCancelled);
  }
}

TEST_F(StoppedTest, ARequestThatTheServerHasMayHaveBeenDone) {
  for (const char* method : {"PUT", "POST", "DELETE"}) {
    auto answer = SendAndStop(method);
    ASSERT_TRUE(answer.ok()) << method;
    EXPECT_EQ(answer->status, 0);
    EXPECT_TRUE(answer->stopped);
    EXPECT_TRUE(answer->may_have_arrived);
  }
}

TEST_F(StoppedTest, TheNextRequestsAreAnsweredAsEver) {
  HttpRequest get{.url = quiet_.Url("/key")};
  ASSERT_EQ(client_->Send(get, CancelToken())->body, "ok");
  (void)SendAndStop("GET");  // on the connection that was kept
  (void)SendAndStop("PUT");
  for (int i = 0; i < 3; ++i) {
    auto answer = client_->Send(get, CancelToken());
    ASSERT_TRUE(answer.ok()) << answer.error().ToString();
    EXPECT_EQ(answer->body, "ok");
  }
}

TEST_F(StoppedTest, WhoMustFinishIsStillServedUnderACancelledToken) {
  CancelToken token;
  token.Cancel();
  const CancelScope scope(StopSign::Here().With(token));
  HttpRequest request{.method = "DELETE", .url = quiet_.Url("/key")};
  EXPECT_EQ(client_->Send(request, CancelToken()).error().code(), Code::kCancelled);
  {
    const CancelScope patient(StopSign::Here().Patient(60'000));
    auto answer = client_->Send(request, CancelToken());
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->status, 200);
  }
  // A server that does not answer even this is given up.
  const CancelScope patient(StopSign::Here().Patient(200));
  request.url = quiet_.Url("/silence");
  auto answer = client_->Send(request, CancelToken());
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->stopped);
}

TEST_F(StoppedTest, WhatWasNeverSentIsAnError) {
  // Accepts no connection once its short queue is full: the client is still connecting when it is stopped.
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener, 0), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  std::vector<int> fill;
  for (int i = 0; i < 4; ++i) {
    fill.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    (void)connect(fill.back(), reinterpret_cast<sockaddr*>(&address), size);
  }
  CancelToken token;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    token.Cancel();
  });
  const CancelScope scope(StopSign::Here().With(token));
  auto answer =
      client_->Send(Put("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/key", true), CancelToken());
  canceller.join();
  for (const int each : fill) close(each);
  close(listener);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code(), Code::kCancelled);
}

}  // namespace
}  // namespace deltic
