// Owns one exchange with HDFS over WebHDFS: the choice of the namenode that is active, the second request to the
// datanode that the first is sent on to, who asks, and the meaning of failures. Does not know what the requests are
// for. Source: Apache Hadoop, "WebHDFS REST API".
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/env.h"
#include "hdfs/hdfs_options.h"
#include "http/http_client.h"
#include "http/send.h"

namespace deltic {

struct HdfsWorld {
  std::shared_ptr<HttpClient> client;
  Env env = RealEnv();
  CancelToken cancel;
  std::function<void(int64_t)> sleep_ms;
};

struct HdfsRequest {
  std::string method = "GET";
  std::string op;
  std::string path;  // in the file system, absolute, decoded
  std::vector<std::pair<std::string, std::string>> params;
  std::string_view body;  // for the datanode
  int64_t max_body_bytes = int64_t{1} << 40;
};

// {"RemoteException": {"exception": "...", "message": "..."}}; empty for other bodies.
struct RemoteException {
  std::string name;
  std::string message;  // its first line: the rest is a stack of Java's
};
RemoteException ReadRemoteException(std::string_view body);

// Thread-safe.
class HdfsClient {
 public:
  HdfsClient(HdfsSettings settings, HdfsWorld world);

  // To the namenode that is active: one that answers that it stands by, or not at all, is left for the next.
  Result<HttpAnswer> Ask(const HdfsRequest& request, SendTwice twice);
  // To the namenode, then to the datanode that it names. A datanode that fails is left out of the next try, where the
  // request may be sent twice, or has not arrived. An answer of a namenode that names none is passed on.
  Result<HttpAnswer> AskDatanode(const HdfsRequest& request, SendTwice twice);
  // What an answer that is no success means, with the cluster's own words.
  Error Failure(const HttpAnswer& answer, const std::string& doing) const;
  // Waits before try `attempt` + 1.
  Status Wait(int attempt) const;

  const HdfsSettings& settings() const { return settings_; }
  const HdfsWorld& world() const { return world_; }

 private:
  HttpRequest ToNamenode(const HdfsRequest& request, const std::string& namenode, const std::string& excluded) const;
  Result<HttpRequest> ToDatanode(const HdfsRequest& request, const HttpAnswer& answer) const;
  Result<HttpAnswer> Ask(const HdfsRequest& request, SendTwice twice, const std::string& excluded);

  const HdfsSettings settings_;
  const HdfsWorld world_;
  std::atomic<size_t> active_{0};  // of settings_.namenodes
};

}  // namespace deltic
