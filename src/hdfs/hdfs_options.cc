// Owns the reading of the options; see the header.
#include "hdfs/hdfs_options.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/error.h"
#include "base/url.h"
#include "storage/object_store.h"

namespace deltic {
namespace {

struct Web {
  const char* scheme;
  const char* port;      // Hadoop 3's default
  const char* property;  // of the namenode's address
};
constexpr Web kPlain{"http", "9870", "dfs.namenode.http-address"};
constexpr Web kTls{"https", "9871", "dfs.namenode.https-address"};

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ') || part.ends_with('/')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::string_view HostOf(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(0, std::min(authority.find(']') + 1, authority.size()));
  return authority.substr(0, authority.find(':'));
}
bool HasPort(std::string_view authority) { return HostOf(authority).size() < authority.size(); }

// "http://host:port" of what a property says; a namenode that listens everywhere is where the URL says.
std::string WebAddress(const Web& web, const std::string& address, std::string_view host) {
  if (address.empty()) return std::string(web.scheme) + "://" + std::string(host) + ":" + web.port;
  std::string_view port = std::string_view(address).substr(HostOf(address).size());
  const std::string_view named = HostOf(address);
  const std::string at(named == "0.0.0.0" || named.empty() ? host : named);
  return std::string(web.scheme) + "://" + at + (port.empty() ? std::string(":") + web.port : std::string(port));
}

// The namenodes of a name service, as hdfs-site.xml lists them; empty for a host's name.
std::vector<std::string> OfNameService(const Web& web, const std::string& service, const HadoopConfig& config) {
  std::vector<std::string> found;
  for (const std::string& id : SplitList(config.Get("dfs.ha.namenodes." + service))) {
    const std::string suffix = "." + service + "." + id;
    std::string address = config.Get(web.property + suffix);
    const std::string rpc = config.Get("dfs.namenode.rpc-address" + suffix);
    if (address.empty() && rpc.empty()) continue;
    found.push_back(WebAddress(web, address, HostOf(rpc)));
  }
  return found;
}

Result<std::vector<std::string>> ChooseNamenodes(HdfsLocation& location, const HadoopConfig& config,
                                                 const StoreOptions& options) {
  auto given = options.Find({"webhdfs_endpoint", "hdfs_endpoint"});
  if (!given) given = options.FindGiven({"endpoint"});
  if (given) {
    std::vector<std::string> list = SplitList(*given);
    for (const std::string& url : list) {
      const size_t scheme = url.find("://");
      const bool plain = (url.starts_with("http://") || url.starts_with("https://")) && scheme + 3 < url.size() &&
                         url.find_first_of("?#@", scheme) == std::string::npos;
      if (!plain) {
        return InvalidArgument(
            "the storage option webhdfs_endpoint must be the namenode's web address (http://host:9870), or several, "
            "separated by commas");
      }
    }
    if (!list.empty()) return list;
  }
  if (location.authority.empty()) {
    const std::string base = config.Get("fs.defaultFS");
    if (base.starts_with("hdfs://")) location.authority = base.substr(7, base.find('/', 7) - 7);
    if (location.authority.empty()) {
      return InvalidArgument(
          "the URL names no namenode: write hdfs://host:8020/path, or set HADOOP_CONF_DIR to where core-site.xml is");
    }
  }
  const bool https =
      location.scheme == "swebhdfs" || (location.scheme == "hdfs" && config.Get("dfs.http.policy") == "HTTPS_ONLY");
  const Web& web = https ? kTls : kPlain;
  if (auto list = OfNameService(web, location.authority, config); !list.empty()) return list;
  const std::string_view host = HostOf(location.authority);
  if (location.scheme != "hdfs") {
    return std::vector{
        std::string(web.scheme) + "://" + std::string(host) +
        (HasPort(location.authority) ? location.authority.substr(host.size()) : std::string(":") + web.port)};
  }
  // The port of an hdfs:// URL is that of Hadoop's own protocol, which is not spoken here.
  std::string address = options.Find({"hdfs_http_port", "webhdfs_port"}).value_or("");
  if (!address.empty()) return std::vector{std::string(web.scheme) + "://" + std::string(host) + ":" + address};
  const std::string base = config.Get("fs.defaultFS");
  const bool is_default = base.starts_with("hdfs://") && HostOf(base.substr(7, base.find('/', 7) - 7)) == host;
  return std::vector{WebAddress(web, is_default ? config.Get(web.property) : "", host)};
}

}  // namespace

Result<HdfsLocation> ParseHdfsUrl(std::string_view url) {
  const size_t begin = url.find("://");
  if (begin == std::string_view::npos) {
    return InvalidArgument("'{}' is no URL of HDFS: write hdfs://namenode:8020/path", url);
  }
  const std::string_view rest = url.substr(begin + 3);
  const size_t slash = std::min(rest.find('/'), rest.size());
  HdfsLocation location{.scheme = AsciiLower(url.substr(0, begin)), .authority = std::string(rest.substr(0, slash))};
  if (location.authority.find_first_of("@?#%") != std::string::npos) {
    return InvalidArgument(
        "the URL names no namenode (write hdfs://namenode:8020/path); who one is is a storage option (hdfs_user)");
  }
  std::string_view path = rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  while (path.starts_with('/')) path.remove_prefix(1);
  DELTIC_TRY(std::string decoded, PercentDecode(path));
  if (decoded.empty()) return location;
  DELTIC_CHECK(CheckKey(decoded));
  location.path = "/" + std::move(decoded);
  return location;
}

Result<HdfsSettings> MakeHdfsSettings(HdfsLocation location, const HadoopConfig& config, const StoreOptions& options) {
  HdfsSettings settings{.location = std::move(location)};
  DELTIC_TRY(settings.http, MakeHttpSettings(options));
  DELTIC_TRY(settings.retries, MakeSendPolicy(options));
  DELTIC_TRY(settings.namenodes, ChooseNamenodes(settings.location, config, options));
  // A location of webhdfs:// or hdfs:// says itself that its cluster has no TLS.
  const auto is_plain = [](const std::string& url) { return url.starts_with("http://"); };
  settings.http.allow_http =
      settings.http.allow_http || std::any_of(settings.namenodes.begin(), settings.namenodes.end(), is_plain);
  settings.user = options.Find({"hadoop_user_name", "hdfs_user", "webhdfs_user"}).value_or("");
  if (settings.user.empty()) settings.user = options.FindGiven({"user_name"}).value_or("");
  if (settings.user.empty()) settings.user = options.FromEnvironment("USER").value_or("");
  settings.delegation_token = options.Find({"hdfs_delegation_token", "webhdfs_delegation_token"}).value_or("");
  if (settings.delegation_token.empty()) {
    settings.delegation_token = options.FindGiven({"delegation", "delegation_token"}).value_or("");
  }
  settings.basic_user = options.Find({"hdfs_basic_user", "webhdfs_basic_user"}).value_or("");
  settings.basic_password = options.Find({"hdfs_basic_password", "webhdfs_basic_password"}).value_or("");
  DELTIC_TRY(settings.kerberos, options.Flag({"hdfs_kerberos", "webhdfs_kerberos"},
                                             config.Get("hadoop.security.authentication") == "kerberos"));
  settings.replication = options.Find({"hdfs_replication"}).value_or(config.Get("dfs.replication"));
  settings.block_size = options.Find({"hdfs_block_size"}).value_or("");
  settings.permission = options.Find({"hdfs_permission"}).value_or("");
  for (const auto& [name, text] : {std::pair{"hdfs_replication", &settings.replication},
                                   {"hdfs_block_size", &settings.block_size},
                                   {"hdfs_permission", &settings.permission}}) {
    if (text->find_first_not_of("0123456789") != std::string::npos) {
      return InvalidArgument("the storage option {} is '{}': it must be a number", name, *text);
    }
  }
  return settings;
}

}  // namespace deltic
