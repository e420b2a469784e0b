// Owns what an HDFS location and its options mean: which namenodes to ask over HTTP, as whom, and where the table is.
// Pure. Names of options: OpenDAL's WebHDFS service and Hadoop's own keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"
#include "hdfs/hadoop_config.h"
#include "http/store_options.h"

namespace deltic {

struct HdfsLocation {
  std::string scheme;     // hdfs, webhdfs or swebhdfs
  std::string authority;  // "host:port", a name service, or "" for the default file system
  std::string path;       // decoded, absolute, without '/' at its end; "" for the root
};
// "hdfs://namenode:8020/data/t", "hdfs://nameservice/data/t", "hdfs:///data/t", "webhdfs://namenode:9870/data/t",
// "swebhdfs://namenode:9871/data/t". InvalidArgument for a user in it, "." and "..".
Result<HdfsLocation> ParseHdfsUrl(std::string_view url);

struct HdfsSettings {
  HdfsLocation location;
  std::vector<std::string> namenodes;  // "http://host:9870", in the order in which they are tried; never empty
  std::string user;                    // who one says one is, where the cluster believes it; "" leaves it out
  std::string delegation_token;        // "" without
  std::string basic_user;              // for a gateway (Apache Knox) in front of the cluster
  std::string basic_password;
  bool kerberos = false;
  std::string replication;           // "" for the cluster's
  std::string block_size;            // "" for the cluster's
  std::string permission;            // octal, of files; "" for the cluster's
  int64_t chunk_bytes = 32LL << 20;  // of a file that is written in pieces
  int64_t delete_threads = 8;        // requests at a time where many files are deleted
  HttpSettings http;
  SendPolicy retries;
};
// InvalidArgument naming the option that cannot be, or what is missing.
Result<HdfsSettings> MakeHdfsSettings(HdfsLocation location, const HadoopConfig& config, const StoreOptions& options);

}  // namespace deltic
