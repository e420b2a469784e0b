// Owns the one JSON object of the file: {"latestCommitVersionOutsideOfRetentionWindow":N}.
#include "vacuum/last_vacuum.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "log/listing.h"
#include "log/timestamps.h"

namespace deltic {
namespace {

constexpr const char* kKey = "_delta_log/_last_vacuum_info";
constexpr const char* kMember = "latestCommitVersionOutsideOfRetentionWindow";

}  // namespace

std::optional<int64_t> ReadLastVacuum(ObjectStore& store) {
  const Result<std::string> text = store.Get(kKey);
  if (!text.ok()) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto version = json.find(kMember);
  if (version == json.end() || !version->is_number_integer() || version->get<int64_t>() < 0) return std::nullopt;
  return version->get<int64_t>();
}

Status WriteLastVacuum(ObjectStore& store, int64_t version) {
  return store.Put(kKey, fmt::format("{{\"{}\":{}}}\n", kMember, version));
}

Result<std::optional<int64_t>> LastVersionAt(const Snapshot& table, int64_t time_ms) {
  DELTIC_TRY(const std::vector<LogFile> files, ListLog(*table.store(), {.until = table.version()}));
  const Result<int64_t> version =
      FindVersionAt(*table.store(), {.files = &files, .config = &table.config(), .timestamp_ms = time_ms});
  if (version.ok()) return std::optional<int64_t>(*version);
  if (version.error().code() == Code::kNotFound) return std::optional<int64_t>();
  return version.error();
}

}  // namespace deltic
