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
#include <cstdlib>
#include <string>
#include <thread>

#include "base/cancel.h"

namespace deltic {
namespace {

// Answers the first request on each connection and hangs up on the second one, after having read the whole of it.
class ForgetfulServer {
 public:
  ForgetfulServer() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~ForgetfulServer() {
    shutdown(listener_, SHUT_RDWR);
    close(listener_);
    thread_.join();
  }
  std::string Url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/key"; }
  int requests() const { return requests_; }

 private:
  void Serve() {
    for (int peer = accept(listener_, nullptr, nullptr); peer >= 0; peer = accept(listener_, nullptr, nullptr)) {
      if (ReadRequest(peer)) {
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        EXPECT_EQ(write(peer, answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
        ReadRequest(peer);
      }
      close(peer);
    }
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

  int listener_;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
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

}  // namespace
}  // namespace deltic
