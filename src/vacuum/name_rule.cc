// Owns the reading of names. What Delta Spark does differently: it looks into _delta_index and any folder whose name
// begins with _change_data, and deletes what the log does not name there; the former are indexes of other products,
// and of the latter only the protocol's folder is ours.
#include "vacuum/name_rule.h"

#include "storage/local_file.h"

namespace deltic {
namespace {

constexpr std::string_view kChangeFolder = "_change_data";

bool WritesIceberg(const Metadata& metadata) {
  const auto formats = metadata.configuration.find("delta.universalFormat.enabledFormats");
  return formats != metadata.configuration.end() && formats->second.find("iceberg") != std::string::npos;
}

}  // namespace

NameRule::NameRule(const Metadata& metadata, const Fields& schema, MappingMode mode)
    : hides_metadata_(WritesIceberg(metadata)) {
  for (const std::string& name : metadata.partition_columns) {
    partition_prefixes_.push_back(name + "=");
    for (const StructField& field : schema) {
      if (field.name == name && mode != MappingMode::kNone)
        partition_prefixes_.push_back(PhysicalName(field, mode) + "=");
    }
  }
}

bool NameRule::Hidden(std::string_view segment, bool first) const {
  if (segment == "metadata") return hides_metadata_;
  if (!segment.starts_with('_') && !segment.starts_with('.')) return false;
  if (first && segment == kChangeFolder) return false;
  for (const std::string& prefix : partition_prefixes_) {
    if (segment.starts_with(prefix)) return false;
  }
  return true;
}

bool NameRule::Looks(std::string_view key) const {
  bool first = true;
  while (!key.empty()) {
    const size_t slash = key.find('/');
    if (Hidden(key.substr(0, slash), first)) return false;
    if (slash == key.npos) break;
    key.remove_prefix(slash + 1);
    first = false;
  }
  return true;
}

bool NameRule::IsLeftover(std::string_view key) const {
  const size_t name = key.rfind('/') + 1;  // npos + 1 is 0
  return key.substr(name).starts_with(kTempPrefix) && key.ends_with(".tmp") && Looks(key.substr(0, name));
}

bool NameRule::IsChangeFile(std::string_view key) {
  return key.starts_with(kChangeFolder) && key.substr(kChangeFolder.size()).starts_with('/');
}

std::string_view NameRule::InnerTable(std::string_view key) {
  const size_t log = key.find("/_delta_log/");
  return log == key.npos ? std::string_view() : key.substr(0, log + 1);
}

}  // namespace deltic
