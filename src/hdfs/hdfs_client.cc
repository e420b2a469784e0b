// Owns the requests and the way among namenodes; see the header.
#include "hdfs/hdfs_client.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/error.h"
#include "base/url.h"

namespace deltic {
namespace {

constexpr const char* kApi = "/webhdfs/v1";

std::string_view AuthorityOf(std::string_view url) {
  const size_t begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  const size_t end = url.find_first_of("/?#", begin + 3);
  return url.substr(begin + 3, end == std::string_view::npos ? end : end - begin - 3);
}

// Where the data is: the Location of a redirect. Gateways that were asked not to redirect say it in JSON.
std::string LocationOf(const HttpAnswer& answer) {
  return answer.status == 307 ? std::string(answer.Header("location")) : "";
}

bool IsNotFolder(const RemoteException& told) {
  // A path that goes on below a file: permission checking stumbles over it.
  return told.name == "ParentNotDirectoryException" ||
         (told.name == "AccessControlException" && told.message.find("(is not a directory)") != std::string::npos);
}

}  // namespace

RemoteException ReadRemoteException(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find("RemoteException");
  if (found == json.end() || !found->is_object()) return {};
  const auto text = [&](const char* name) {
    const auto member = found->find(name);
    return member != found->end() && member->is_string() ? member->get<std::string>() : std::string();
  };
  std::string message = text("message");
  message = message.substr(0, std::min<size_t>(message.find('\n'), 400));
  return {.name = text("exception"), .message = std::move(message)};
}

HdfsClient::HdfsClient(HdfsSettings settings, HdfsWorld world)
    : settings_(std::move(settings)), world_(std::move(world)) {}

HttpRequest HdfsClient::ToNamenode(const HdfsRequest& request, const std::string& namenode,
                                   const std::string& excluded) const {
  HttpRequest http{.method = request.method, .max_body_bytes = request.max_body_bytes};
  http.url = namenode + kApi + (request.path.empty() ? "/" : PercentEncode(request.path)) + "?op=" + request.op;
  const auto add = [&](std::string_view name, std::string_view value) {
    http.url += "&" + std::string(name) + "=" + PercentEncode(value, "");
  };
  for (const auto& [name, value] : request.params) add(name, value);
  if (!excluded.empty()) add("excludedatanodes", excluded);
  if (!settings_.delegation_token.empty()) {
    add("delegation", settings_.delegation_token);
  } else if (!settings_.basic_user.empty()) {
    http.headers.emplace_back("Authorization",
                              "Basic " + Base64(settings_.basic_user + ":" + settings_.basic_password));
  } else if (settings_.kerberos) {
    http.negotiate = true;
  } else if (!settings_.user.empty()) {
    add("user.name", settings_.user);
  }
  // Servers that guard against forged requests of browsers want it.
  http.headers.emplace_back("X-XSRF-HEADER", "deltic");
  return http;
}

Result<HttpAnswer> HdfsClient::Ask(const HdfsRequest& request, SendTwice twice) { return Ask(request, twice, ""); }

Result<HttpAnswer> HdfsClient::Ask(const HdfsRequest& request, SendTwice twice, const std::string& excluded) {
  const SendWorld world{.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms};
  const size_t count = settings_.namenodes.size();
  size_t used = active_;
  bool doubted = false;
  HttpAnswer before;
  for (int attempt = 1;; ++attempt) {
    bool first = true;
    Result<HttpAnswer> sent = SendPatiently(
        *world_.client,
        [&]() -> Result<HttpRequest> {
          if (!first) used = (used + 1) % count;  // the last one did not answer well
          first = false;
          return ToNamenode(request, settings_.namenodes[used], excluded);
        },
        twice, settings_.retries, world);
    // An error would say that nothing was done.
    if (!sent.ok() && doubted) {
      before.stopped = sent.error().code() == Code::kCancelled;
      return before;
    }
    DELTIC_TRY(HttpAnswer answer, std::move(sent));
    answer.doubted = answer.doubted || doubted;
    doubted = answer.doubted;
    const RemoteException told = answer.status >= 400 ? ReadRemoteException(answer.body) : RemoteException();
    // Neither has done anything.
    const bool stands_by = told.name == "StandbyException";
    const bool later = told.name == "RetriableException";
    if (!stands_by && !later) {
      if (answer.status != 0) active_ = used;
      return answer;
    }
    if (attempt >= settings_.retries.attempts) return answer;
    if (stands_by) used = (used + 1) % count;
    // A round among namenodes costs no wait; that none of them is active is worth one.
    Status waited;
    if (later || static_cast<size_t>(attempt) % count == 0) waited = Wait(attempt);
    if (!waited.ok() && !doubted) return std::move(waited).error();
    before = std::move(answer);
  }
}

Result<HttpRequest> HdfsClient::ToDatanode(const HdfsRequest& request, const HttpAnswer& answer) const {
  const std::string url = LocationOf(answer);
  const auto scheme = UrlScheme(url);
  const bool encrypted = settings_.namenodes.front().starts_with("https://");
  if (!scheme || (*scheme != "https" && (*scheme != "http" || encrypted))) {
    return Corrupt("{}: the namenode sends the request on to '{}', which cannot be asked", request.op,
                   UrlForPeople(url));
  }
  HttpRequest http{
      .method = request.method, .url = url, .body = request.body, .max_body_bytes = request.max_body_bytes};
  http.headers.emplace_back("Content-Type", "application/octet-stream");
  http.headers.emplace_back("X-XSRF-HEADER", "deltic");
  // Datanodes are shown a token that the namenode puts into the URL. A gateway sends on to itself, and asks again.
  const bool same_host = std::any_of(settings_.namenodes.begin(), settings_.namenodes.end(),
                                     [&](const auto& namenode) { return AuthorityOf(namenode) == AuthorityOf(url); });
  if (same_host && !settings_.basic_user.empty()) {
    http.headers.emplace_back("Authorization",
                              "Basic " + Base64(settings_.basic_user + ":" + settings_.basic_password));
  }
  if (same_host && settings_.kerberos && settings_.delegation_token.empty()) http.negotiate = true;
  return http;
}

Result<HttpAnswer> HdfsClient::AskDatanode(const HdfsRequest& request, SendTwice twice) {
  std::string excluded;
  const int64_t begin_ms = world_.env.now_ms();
  for (int attempt = 1;; ++attempt) {
    // To be sent on changes nothing yet.
    DELTIC_TRY(HttpAnswer answer, Ask(request, SendTwice::kAllowed, excluded));
    if (answer.status != 307) return answer;
    DELTIC_TRY(HttpRequest http, ToDatanode(request, answer));
    http.once = twice == SendTwice::kNever;
    DELTIC_TRY(answer, world_.client->Send(http, world_.cancel));
    const bool may_again = twice == SendTwice::kAllowed || (answer.status == 0 && !answer.may_have_arrived);
    const bool failed = answer.status == 0 || answer.status == 408 || answer.status == 429 || answer.status >= 500;
    const bool late = world_.env.now_ms() - begin_ms > settings_.retries.total_ms;
    if (!failed || !may_again || late || attempt >= settings_.retries.attempts) return answer;
    if (answer.status == 0) {
      const std::string datanode(AuthorityOf(http.url));
      if (excluded.find(datanode) == std::string::npos) excluded += (excluded.empty() ? "" : ",") + datanode;
    }
    DELTIC_CHECK(Wait(attempt));
  }
}

Status HdfsClient::Wait(int attempt) const {
  return WaitAfter(attempt, settings_.retries,
                   {.env = world_.env, .cancel = world_.cancel, .sleep_ms = world_.sleep_ms});
}

Error HdfsClient::Failure(const HttpAnswer& answer, const std::string& doing) const {
  if (answer.stopped) return StoppedError(doing);
  const RemoteException told = ReadRemoteException(answer.body);
  if (answer.status == 0) {
    std::string names;
    for (const std::string& namenode : settings_.namenodes) {
      names += (names.empty() ? "" : ", ") + UrlForPeople(namenode);
    }
    return Unavailable("{}: no answer from HDFS at {}, or from a datanode of it ({})", doing, names, answer.failure);
  }
  std::string why = fmt::format("HDFS answered {}", answer.status);
  if (!told.name.empty()) why += " " + told.name;
  if (!told.message.empty() && answer.status != 401) why += " (" + told.message + ")";
  if (answer.status == 401) {
    const bool wants_kerberos = answer.Header("www-authenticate").starts_with("Negotiate");
    return PermissionDenied("{}: {}: {}", doing, why,
                            wants_kerberos ? "the cluster wants Kerberos: run kinit and set hdfs_kerberos = true, or "
                                             "give a delegation token (hdfs_delegation_token)"
                                           : "the credentials were refused");
  }
  if (told.name == "FileNotFoundException" || IsNotFolder(told)) return NotFound("{}: there is no such file", doing);
  if (told.name == "AccessControlException" || told.name == "SecurityException" || told.name == "InvalidToken") {
    return PermissionDenied("{}: {}", doing, why);
  }
  if (told.name == "FileAlreadyExistsException" || told.name == "AlreadyBeingCreatedException") {
    return AlreadyExists("{}: {}", doing, why);
  }
  if (told.name == "InvalidPathException" || told.name == "IllegalArgumentException") {
    return InvalidArgument("{}: {}", doing, why);
  }
  if (answer.status == 404 && told.name.empty()) {
    return NotFound("{}: {}: is there a namenode with WebHDFS?", doing, why);
  }
  if (told.name == "PathIsNotEmptyDirectoryException") return Conflict("{}: {}", doing, why);
  if (told.name.find("Quota") != std::string::npos) return PermissionDenied("{}: {}", doing, why);
  if (answer.status == 400) return InvalidArgument("{}: {}", doing, why);
  // Safe mode, no active namenode, too few datanodes, and whatever else passes.
  return Unavailable("{}: {}", doing, why);
}

}  // namespace deltic
