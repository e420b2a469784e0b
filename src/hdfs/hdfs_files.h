// Owns what the namenode says of files: the documents of GETFILESTATUS, LISTSTATUS and LISTSTATUS_BATCH. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"

namespace deltic {

struct HdfsFile {
  std::string name;  // in its folder; "" when the status of the path itself was asked for
  enum class Type : uint8_t { kFile, kFolder, kLink } type = Type::kFile;
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;
};

// {"FileStatus": {...}}. Corrupt for anything else.
Result<HdfsFile> ParseFileStatus(std::string_view body);

struct HdfsListing {
  std::vector<HdfsFile> files;
  std::string last_name;  // after which the listing goes on
  int64_t remaining = 0;  // files after these
};
// {"FileStatuses": {"FileStatus": [...]}}, alone or in {"DirectoryListing": {"partialListing": ..., "remainingEntries":
// n}}. Corrupt for anything else.
Result<HdfsListing> ParseListing(std::string_view body);

// What an operation that answers {"boolean": true} said; nullopt for another body.
std::optional<bool> ParseBoolean(std::string_view body);

}  // namespace deltic
