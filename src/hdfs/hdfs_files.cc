// Owns the reading of the documents; see the header.
#include "hdfs/hdfs_files.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

const Json* Member(const Json* object, const char* name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &*found;
}

std::optional<int64_t> Number(const Json& object, const char* name) {
  const Json* member = Member(&object, name);
  if (member == nullptr || !member->is_number_integer()) return std::nullopt;
  return member->get<int64_t>();
}

std::optional<HdfsFile> ReadFile(const Json& status) {
  const Json* name = Member(&status, "pathSuffix");
  const Json* type = Member(&status, "type");
  const auto size = Number(status, "length");
  const auto modified = Number(status, "modificationTime");
  const bool usable =
      name != nullptr && name->is_string() && type != nullptr && type->is_string() && size && *size >= 0 && modified;
  if (!usable) return std::nullopt;
  HdfsFile file{.name = name->get<std::string>(), .size_bytes = *size, .modified_ms = *modified};
  const auto& text = type->get_ref<const std::string&>();
  if (text == "DIRECTORY") {
    file.type = HdfsFile::Type::kFolder;
  } else if (text != "FILE") {
    file.type = HdfsFile::Type::kLink;
  }
  return file;
}

}  // namespace

Result<HdfsFile> ParseFileStatus(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  const Json* status = Member(&json, "FileStatus");
  auto file = status == nullptr ? std::nullopt : ReadFile(*status);
  if (!file) return Corrupt("the namenode's answer is no file status");
  return *std::move(file);
}

Result<HdfsListing> ParseListing(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  HdfsListing listing;
  const Json* holder = &json;
  if (const Json* batch = Member(&json, "DirectoryListing")) {
    listing.remaining = Number(*batch, "remainingEntries").value_or(0);
    holder = Member(batch, "partialListing");
  }
  const Json* statuses = Member(Member(holder, "FileStatuses"), "FileStatus");
  if (statuses == nullptr || !statuses->is_array()) return Corrupt("the namenode's answer is no listing");
  listing.files.reserve(statuses->size());
  for (const Json& status : *statuses) {
    auto file = ReadFile(status);
    if (!file) return Corrupt("the namenode's listing lacks a file's name, type, length or time");
    listing.files.push_back(*std::move(file));
  }
  if (!listing.files.empty()) listing.last_name = listing.files.back().name;
  return listing;
}

std::optional<bool> ParseBoolean(std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  const Json* answer = Member(&json, "boolean");
  if (answer == nullptr || !answer->is_boolean()) return std::nullopt;
  return answer->get<bool>();
}

}  // namespace deltic
