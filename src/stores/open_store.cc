// Owns the switch by scheme; see the header.
#include "stores/open_store.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "azure/azure_options.h"
#include "azure/azure_store.h"
#include "base/ascii.h"
#include "base/error.h"
#include "base/url.h"
#include "gcs/gcs_store.h"
#include "hdfs/hdfs_store.h"
#include "http/store_options.h"
#include "s3/s3_store.h"

namespace deltic {
namespace {

// "host" of "https://user@host:port/path", in lower case.
std::string HostOf(std::string_view url) {
  std::string_view authority = url.substr(url.find("://") + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  return AsciiLower(authority.substr(0, authority.find(':')));
}

// What the URL says of the account; else what the options say. "" for neither.
std::string AzureAccount(std::string_view url, const StoreOptions& options) {
  const auto location = ParseAzureUrl(url);
  if (location.ok() && !location->account.empty()) return location->account;
  return options.Find({"azure_storage_account_name", "account_name"}).value_or("");
}

// The namenode or name service of an HDFS URL; "" for the default file system.
std::string HdfsCluster(std::string_view url) {
  const auto location = ParseHdfsUrl(url);
  return location.ok() ? location->authority : "";
}

Result<std::shared_ptr<ObjectStore>> OpenKind(StoreKind kind, std::string_view location, const StoreOptions& options) {
  switch (kind) {
    case StoreKind::kLocal:
      return OpenLocalStore(location);
    case StoreKind::kS3:
      return OpenS3(location, options);
    case StoreKind::kAzure:
      return OpenAzure(location, options);
    case StoreKind::kGcs:
      return OpenGcs(location, options);
    case StoreKind::kHdfs:
      return OpenHdfs(location, options);
  }
  return Unsupported("locations of scheme '{}' cannot be opened by this build", *UrlScheme(location));
}

// Thread-safe. The stores that Find opened have no opener themselves (it would keep itself alive), and need none: only
// files of their own are asked of them.
class Opener : public StoreOpener, public std::enable_shared_from_this<Opener> {
 public:
  Opener(const StorageOptions& options, std::string account)
      : options_(options, ProcessEnvironment()), account_(std::move(account)) {}

  Result<std::shared_ptr<ObjectStore>> Open(std::string_view location) override {
    DELTIC_TRY(const StoreKind kind, ChooseStore(location));
    // A signed URL (?sv=...&sig=...) would be shown wherever the location is.
    if (kind == StoreKind::kAzure && location.find('?') != std::string_view::npos) {
      return InvalidArgument(
          "a shared access signature does not belong into the URL: give it as the storage option "
          "azure_storage_sas_token");
    }
    DELTIC_TRY(auto store, OpenKind(kind, location, options_));
    const std::string account = kind == StoreKind::kAzure  ? AzureAccount(location, options_)
                                : kind == StoreKind::kHdfs ? HdfsCluster(store->uri())
                                                           : "";
    if (!account.empty() && account_.empty()) {
      auto opener = std::make_shared<Opener>(*this, account);
      store->set_opener(std::move(opener));
    } else {
      store->set_opener(shared_from_this());
    }
    return store;
  }

  Result<ObjectPlace> Find(std::string_view url) override {
    DELTIC_TRY(const StoreKind kind, ChooseStore(url));
    const UrlParts parts = SplitStoreUrl(url, kind);
    DELTIC_TRY(std::string key, PercentDecode(parts.rest));
    const Status usable = CheckKey(key);
    if (!usable.ok()) return Corrupt("'{}' names no file: {}", url, usable.error().message());
    if (kind == StoreKind::kAzure) DELTIC_CHECK(CheckAccount(url));
    if (kind == StoreKind::kHdfs) DELTIC_CHECK(CheckCluster(url));
    DELTIC_TRY(auto store, RootStore(kind, std::string(parts.root)));
    return ObjectPlace{.store = std::move(store), .key = std::move(key)};
  }

  Opener(const Opener& other, std::string account) : options_(other.options_), account_(std::move(account)) {}

 private:
  Result<std::shared_ptr<ObjectStore>> RootStore(StoreKind kind, const std::string& root) {
    const std::lock_guard lock(mutex_);
    if (const auto found = roots_.find(root); found != roots_.end()) return found->second;
    DELTIC_TRY(auto store, OpenKind(kind, root, options_));
    roots_.emplace(root, store);
    return store;
  }

  // Keys and signed tokens are those of one account: they are sent to no other.
  Status CheckAccount(std::string_view url) const {
    const auto given = options_.Find({"azure_storage_account_key", "azure_storage_access_key",
                                      "azure_storage_master_key", "account_key", "access_key", "master_key",
                                      "azure_storage_sas_key", "azure_storage_sas_token", "sas_key", "sas_token"});
    if (!given) return {};
    const std::string account = AzureAccount(url, options_);
    // A table elsewhere (a clone on a local disk) does not tell: then the options must.
    const std::string theirs =
        account_.empty() ? options_.Find({"azure_storage_account_name", "account_name"}).value_or("") : account_;
    if (account == theirs) return {};
    return PermissionDenied(
        "{} is in the storage account {}, and the key or signature in the storage options is for {}: use an identity "
        "that may read both (azure_client_id and its companions)",
        url.substr(0, url.find('?')), account,
        theirs.empty() ? "an account that azure_storage_account_name does not tell" : theirs);
  }

  // Tokens and passwords are those of one cluster: a log must not be able to have them sent to another host. With
  // webhdfs_endpoint every request goes to where the options say.
  Status CheckCluster(std::string_view url) const {
    const bool secret = options_.Find({"hdfs_delegation_token", "webhdfs_delegation_token", "hdfs_basic_password",
                                       "webhdfs_basic_password"}) ||
                        options_.FindGiven({"delegation", "delegation_token"});
    const bool one_endpoint = options_.Find({"webhdfs_endpoint", "hdfs_endpoint"}) || options_.FindGiven({"endpoint"});
    const std::string cluster = HdfsCluster(url);  // "": the one that the user's own configuration names
    if (!secret || one_endpoint || cluster.empty() || cluster == account_) return {};
    // A table elsewhere (a clone on a local disk) does not tell whose they are: then webhdfs_endpoint must.
    return PermissionDenied(
        "{} is in another cluster than the table's ({}), and the token or password in the storage options is not sent "
        "there; if it is meant for that cluster, set the storage option webhdfs_endpoint",
        url, account_.empty() ? "which is not in HDFS" : account_);
  }

  const StoreOptions options_;
  const std::string account_;  // that the table is in: Azure's account, or HDFS's namenode; "" for others
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ObjectStore>, std::less<>> roots_;
};

}  // namespace

Result<StoreKind> ChooseStore(std::string_view location) {
  if (location.empty()) return InvalidArgument("the location of a table must not be empty");
  const auto given = UrlScheme(location);
  if (!given) return StoreKind::kLocal;
  const std::string scheme = AsciiLower(*given);
  if (scheme == "file") return StoreKind::kLocal;
  if (location.substr(given->size()).starts_with("://")) {
    if (scheme == "s3" || scheme == "s3a" || scheme == "s3n") return StoreKind::kS3;
    if (scheme == "az" || scheme == "azure" || scheme == "adl" || scheme == "abfs" || scheme == "abfss" ||
        scheme == "wasb" || scheme == "wasbs") {
      return StoreKind::kAzure;
    }
    if (scheme == "gs" || scheme == "gcs") return StoreKind::kGcs;
    if (scheme == "hdfs" || scheme == "webhdfs" || scheme == "swebhdfs") return StoreKind::kHdfs;
    if (scheme == "https" && IsAzureHost(HostOf(location))) return StoreKind::kAzure;
  }
  // The rest of the location is not repeated: URLs of stores may hold secrets.
  return Unsupported(
      "locations of scheme '{0}' cannot be opened: there are paths, file:///path, s3://bucket/path, "
      "az://container/path, abfss://container@account.dfs.core.windows.net/path, gs://bucket/path and "
      "hdfs://host:port/path (for a relative path that begins with '{0}:', write ./{0}:...)",
      *given);
}

UrlParts SplitStoreUrl(std::string_view url, StoreKind kind) {
  const size_t begin = url.find("://") + 3;
  size_t slash = std::min(url.find('/', begin), url.size());
  const std::string_view authority = url.substr(begin, slash - begin);
  // The container stands in the path where the authority is a host alone.
  if (kind == StoreKind::kAzure && authority.find('@') == std::string_view::npos &&
      authority.find('.') != std::string_view::npos) {
    slash = std::min(url.find('/', slash + 1), url.size());
  }
  return {.root = url.substr(0, slash), .rest = slash < url.size() ? url.substr(slash + 1) : std::string_view()};
}

std::shared_ptr<StoreOpener> MakeStoreOpener(const StorageOptions& options) {
  return std::make_shared<Opener>(options, "");
}

Result<std::shared_ptr<ObjectStore>> OpenStore(std::string_view location, const StorageOptions& options) {
  return MakeStoreOpener(options)->Open(location);
}

}  // namespace deltic
