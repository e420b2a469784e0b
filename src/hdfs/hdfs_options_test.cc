// Owns the tests of HDFS locations, Hadoop's files and the options.
#include "hdfs/hdfs_options.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "storage/temp_folder_for_test.h"

namespace deltic {
namespace {

constexpr const char* kHaConfig = R"(<?xml version="1.0"?>
<?xml-stylesheet type="text/xsl" href="configuration.xsl"?>
<!-- a cluster with two namenodes -->
<configuration>
  <property><name>fs.defaultFS</name><value>hdfs://lake</value></property>
  <property><name>dfs.nameservices</name><value>lake</value></property>
  <property><name>dfs.ha.namenodes.lake</name><value>nn1, nn2</value></property>
  <property><name>domain</name><value>example.org</value></property>
  <property><name>dfs.namenode.http-address.lake.nn1</name><value>one.${domain}:9870</value><final>true</final></property>
  <property><name>dfs.namenode.rpc-address.lake.nn2</name><value>two.example.org:8020</value></property>
  <property><name>dfs.namenode.https-address.lake.nn1</name><value>one.example.org:9871</value></property>
  <property><name>dfs.namenode.https-address.lake.nn2</name><value>0.0.0.0:9999</value></property>
</configuration>)";

std::string Namenodes(const std::string& url, const std::map<std::string, std::string>& options = {},
                      const std::string& xml = "<configuration/>") {
  const StoreOptions given(options, nullptr);
  auto location = ParseHdfsUrl(url);
  auto properties = ParseHadoopConfig(xml);
  if (!location.ok() || !properties.ok()) return "not read";
  const auto settings = MakeHdfsSettings(*location, HadoopConfig(*properties, given), given);
  if (!settings.ok()) return settings.error().ToString();
  std::string text;
  for (const std::string& namenode : settings->namenodes) text += (text.empty() ? "" : " ") + namenode;
  return text;
}

TEST(HdfsLocation, IsReadFromItsUrl) {
  const auto location = ParseHdfsUrl("HDFS://host:8020/data/a%20b//");
  EXPECT_EQ(location->scheme, "hdfs");
  EXPECT_EQ(location->authority, "host:8020");
  EXPECT_EQ(location->path, "/data/a b");
  EXPECT_EQ(ParseHdfsUrl("hdfs:///")->path, "");
  EXPECT_EQ(ParseHdfsUrl("webhdfs://h:9870")->path, "");
  for (const char* url : {"hdfs://me:secret@host/x", "hdfs://h/a/../b", "hdfs://h/%2", "host/x"}) {
    const auto refused = ParseHdfsUrl(url);
    ASSERT_FALSE(refused.ok()) << url;
    EXPECT_EQ(refused.error().message().find("secret"), std::string::npos);
  }
}

TEST(HdfsSettings, NamenodesComeFromTheUrlFromOptionsOrFromHadoopsFiles) {
  EXPECT_EQ(Namenodes("webhdfs://h:50070/x"), "http://h:50070");
  EXPECT_EQ(Namenodes("webhdfs://h/x"), "http://h:9870");
  EXPECT_EQ(Namenodes("swebhdfs://h/x"), "https://h:9871");
  EXPECT_EQ(Namenodes("hdfs://h:8020/x"), "http://h:9870");
  EXPECT_EQ(Namenodes("hdfs://h:8020/x", {{"hdfs_http_port", "50070"}}), "http://h:50070");
  EXPECT_EQ(Namenodes("hdfs://[::1]:8020/x"), "http://[::1]:9870");
  EXPECT_EQ(Namenodes("hdfs://h:8020/x", {{"webhdfs_endpoint", "https://knox:8443/gateway/default/, http://n2:9870"}}),
            "https://knox:8443/gateway/default http://n2:9870");
  EXPECT_EQ(Namenodes("hdfs://lake/x", {}, kHaConfig), "http://one.example.org:9870 http://two.example.org:9870");
  EXPECT_EQ(Namenodes("hdfs:///x", {}, kHaConfig), "http://one.example.org:9870 http://two.example.org:9870");
  EXPECT_EQ(Namenodes("swebhdfs://lake/x", {}, kHaConfig), "https://one.example.org:9871 https://two.example.org:9999");
  EXPECT_EQ(Namenodes("hdfs://lake/x", {{"dfs.http.policy", "HTTPS_ONLY"}}, kHaConfig),
            "https://one.example.org:9871 https://two.example.org:9999");
  EXPECT_EQ(
      Namenodes("hdfs://Other/x", {{"dfs.ha.namenodes.Other", "a"}, {"dfs.namenode.http-address.Other.a", "a:1"}}),
      "http://a:1");
  EXPECT_EQ(Namenodes("hdfs://h/x", {{"fs.defaultFS", "hdfs://h:8020"}, {"dfs.namenode.http-address", "0.0.0.0:9"}}),
            "http://h:9");
  EXPECT_NE(Namenodes("hdfs:///x").find("HADOOP_CONF_DIR"), std::string::npos);
  const std::string refused = Namenodes("hdfs://h/x", {{"webhdfs_endpoint", "http://me:secret@h"}});
  EXPECT_NE(refused.find("webhdfs_endpoint"), std::string::npos);
  EXPECT_EQ(refused.find("secret"), std::string::npos);
}

TEST(HdfsSettings, WhoAsksIsFoundInTheOrderOfHadoop) {
  const auto user = [](std::map<std::string, std::string> options, std::map<std::string, std::string> variables) {
    const StoreOptions given(options, [variables](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    });
    return MakeHdfsSettings({.scheme = "hdfs", .authority = "h"}, HadoopConfig({}, given), given)->user;
  };
  EXPECT_EQ(user({{"hdfs_user", "a"}}, {{"USER", "c"}}), "a");
  EXPECT_EQ(user({{"user_name", "a"}}, {{"USER", "c"}, {"USER_NAME", "d"}}), "a");
  EXPECT_EQ(user({}, {{"HADOOP_USER_NAME", "b"}, {"USER", "c"}}), "b");
  EXPECT_EQ(user({}, {{"USER", "c"}, {"USER_NAME", "d"}}), "c");
}

TEST(HdfsSettings, OptionsThatCannotBeAreNamed) {
  for (const char* name : {"hdfs_replication", "hdfs_block_size", "hdfs_permission"}) {
    EXPECT_NE(Namenodes("hdfs://h/x", {{name, "3&op=DELETE"}}).find(name), std::string::npos);
  }
}

TEST(HadoopConfig, IsReadFromItsFolderAndRefusedWhereItIsBroken) {
  const TempFolderForTest folder;
  std::ofstream(folder.path() + "/core-site.xml") << "<configuration><property><name>a</name><value> 1 </value>"
                                                     "</property><property><name>b</name></property></configuration>";
  std::ofstream(folder.path() + "/hdfs-site.xml") << "<configuration><property><name>a</name><value>${b}2</value>"
                                                     "</property></configuration>";
  const StoreOptions options({{"hadoop_conf_dir", folder.path()}, {"C.D", "given"}}, nullptr);
  const auto read = ReadHadoopConfig(options);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  const HadoopConfig config(*read, options);
  EXPECT_EQ(config.Get("a"), "2");
  EXPECT_EQ(config.Get("c.D"), "given");
  EXPECT_EQ(config.Get("none"), "");
  const std::map<std::string, std::string> circle{{"x", "${x}"}};
  EXPECT_EQ(HadoopConfig(circle, options).Get("x"), "${x}");
  std::ofstream(folder.path() + "/hdfs-site.xml") << "<configuration>";
  EXPECT_NE(ReadHadoopConfig(options).error().message().find("hdfs-site.xml"), std::string::npos);
}

}  // namespace
}  // namespace deltic
