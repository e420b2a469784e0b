// Owns which names in _delta_log mean something, and what. Every other name is ignored: _last_checkpoint, hidden .crc
// files of Hadoop, staged commits, temporary files of any writer.
// Does not list (log/listing.h) and does not choose (log/segment.cc). Protocol: "Delta Log Entries", "Checkpoints",
// "Log Compaction Files", "Version Checksum File".
//
//   commit      version ".json"
//   compaction  version "." version ".compacted.json"           the second greater than the first
//   checksum    version ".crc"
//   classic     version ".checkpoint.parquet"
//   multi-part  version ".checkpoint." part "." parts ".parquet"  1 <= part <= parts
//   uuid        version ".checkpoint." uuid (".json" | ".parquet")
//   version     20 digits, at most 2^63 - 1;  part, parts  10 digits;  uuid  8-4-4-4-12 hexadecimal digits
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "log/segment.h"

namespace deltic {
namespace {

constexpr size_t kVersionDigits = 20;
constexpr size_t kPartDigits = 10;
constexpr size_t kUuidLength = 36;

// Takes a fixed number of digits off the front of `text`; nullopt when they are not digits or pass 2^63 - 1.
std::optional<int64_t> TakeNumber(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  uint64_t value = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    if (value > (std::numeric_limits<uint64_t>::max() - 9) / 10) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return std::nullopt;
  text.remove_prefix(digits);
  return static_cast<int64_t>(value);
}

bool TakeText(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

bool IsUuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

// `rest` is what follows "<version>.checkpoint.".
bool ParseCheckpointRest(std::string_view rest, LogFile& file) {
  if (rest == "parquet") {
    file.kind = LogFile::Kind::kClassicCheckpoint;
    return true;
  }
  if (rest.size() > kUuidLength && IsUuid(rest.substr(0, kUuidLength))) {
    const std::string_view suffix = rest.substr(kUuidLength);
    file.kind = LogFile::Kind::kUuidCheckpoint;
    file.json = suffix == ".json";
    return file.json || suffix == ".parquet";
  }
  const std::optional<int64_t> part = TakeNumber(rest, kPartDigits);
  if (!part || !TakeText(rest, ".")) return false;
  const std::optional<int64_t> parts = TakeNumber(rest, kPartDigits);
  if (!parts || rest != ".parquet") return false;
  if (*part < 1 || *part > *parts || *parts > std::numeric_limits<int32_t>::max()) return false;
  file.kind = LogFile::Kind::kMultiPartCheckpoint;
  file.part = static_cast<int32_t>(*part);
  file.parts = static_cast<int32_t>(*parts);
  return true;
}

}  // namespace

std::optional<LogFile> ParseLogName(std::string_view name) {
  std::string_view rest = name;
  const std::optional<int64_t> version = TakeNumber(rest, kVersionDigits);
  if (!version || !TakeText(rest, ".")) return std::nullopt;
  LogFile file;
  file.version = file.from_version = *version;
  file.key = std::string(kLogFolder) + std::string(name);
  if (rest == "json") return file;
  if (rest == "crc") {
    file.kind = LogFile::Kind::kChecksum;
    return file;
  }
  if (TakeText(rest, "checkpoint.")) {
    if (!ParseCheckpointRest(rest, file)) return std::nullopt;
    return file;
  }
  const std::optional<int64_t> last = TakeNumber(rest, kVersionDigits);
  if (!last || rest != ".compacted.json" || *last <= *version) return std::nullopt;
  file.kind = LogFile::Kind::kCompaction;
  file.version = *last;
  return file;
}

std::string VersionName(int64_t version) { return fmt::format("{:020}", version); }

}  // namespace deltic
