// Owns the reading of Hadoop's files; see the header.
#include "hdfs/hadoop_config.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/ascii.h"
#include "base/error.h"
#include "http/xml.h"

namespace deltic {
namespace {

constexpr int kReplacements = 20;  // as Hadoop has it: a circle of names ends

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

Result<std::map<std::string, std::string>> ParseHadoopConfig(std::string_view xml) {
  DELTIC_TRY(const XmlElement root, ParseXml(xml));
  if (root.name != "configuration") return Corrupt("its element is <{}> and not <configuration>", root.name);
  std::map<std::string, std::string> properties;
  for (const XmlElement& property : root.children) {
    if (property.name != "property" || property.Find("name") == nullptr) continue;
    properties[std::string(Trim(property.Text("name")))] = std::string(Trim(property.Text("value")));
  }
  return properties;
}

std::string HadoopConfig::Get(const std::string& name) const {
  const std::string lower = AsciiLower(name);
  if (auto given = options_.FindGiven({lower})) return *given;
  const auto found = properties_.find(name);
  if (found == properties_.end()) return "";
  std::string value = found->second;
  for (int i = 0; i < kReplacements; ++i) {
    const size_t begin = value.find("${");
    const size_t end = begin == std::string::npos ? begin : value.find('}', begin);
    if (end == std::string::npos) break;
    const auto other = properties_.find(value.substr(begin + 2, end - begin - 2));
    if (other == properties_.end()) break;
    value.replace(begin, end - begin + 1, other->second);
  }
  return value;
}

Result<std::map<std::string, std::string>> ReadHadoopConfig(const StoreOptions& options) {
  std::map<std::string, std::string> properties;
  std::string folder = options.Find({"hadoop_conf_dir"}).value_or("");
  if (folder.empty()) {
    const auto home = options.FromEnvironment("HADOOP_HOME");
    if (!home) return properties;
    folder = *home + "/etc/hadoop";
  }
  for (const char* name : {"core-site.xml", "hdfs-site.xml"}) {
    const std::string path = folder + "/" + name;
    std::ifstream in(path, std::ios::binary);
    if (!in) continue;
    std::ostringstream text;
    text << in.rdbuf();
    auto read = ParseHadoopConfig(text.str());
    if (!read.ok()) return std::move(read).error().Wrap("reading " + path);
    read->merge(properties);  // of two the later file's counts
    properties = std::move(*read);
  }
  return properties;
}

}  // namespace deltic
