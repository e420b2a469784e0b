// Owns the settings of a Hadoop client as its files have them (core-site.xml, hdfs-site.xml), with the storage options
// of the same names above them. Knows no requests.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "deltic/result.h"
#include "http/store_options.h"

namespace deltic {

// The properties of one file: <configuration><property><name/><value/></property>. Pure.
Result<std::map<std::string, std::string>> ParseHadoopConfig(std::string_view xml);

// Immutable, safe to share among threads.
class HadoopConfig {
 public:
  HadoopConfig(std::map<std::string, std::string> properties, const StoreOptions& options)
      : properties_(std::move(properties)), options_(options) {}
  // "" when neither the options nor the files have it. ${other.name} in a file's value is replaced.
  std::string Get(const std::string& name) const;

 private:
  std::map<std::string, std::string> properties_;
  const StoreOptions& options_;
};

// The two files of HADOOP_CONF_DIR, or of $HADOOP_HOME/etc/hadoop; nothing when they are not there.
Result<std::map<std::string, std::string>> ReadHadoopConfig(const StoreOptions& options);

}  // namespace deltic
