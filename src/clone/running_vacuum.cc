// Owns the reading of vacuums' notes and of tombstones.
#include "clone/running_vacuum.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "base/parallel.h"
#include "commit/vacuum_note.h"
#include "commit/winners.h"
#include "engine/engine.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "snapshot/paths.h"

namespace deltic {
namespace {

constexpr size_t kReads = 16;  // commits that are read at the same time

std::string KeyOf(const std::string& path, const std::optional<DeletionVectorDescriptor>& vector) {
  return path + "\n" + (vector ? vector->UniqueId() : "");
}

// The retention that a VACUUM START goes by: its own, or the table's at that time; nullopt where it tells neither.
std::optional<int64_t> RetentionOf(const CommitInfo& info) {
  const nlohmann::json json = nlohmann::json::parse(info.json, nullptr, false);
  if (!json.is_object() || !json.contains("operationParameters")) return std::nullopt;
  const nlohmann::json& parameters = json["operationParameters"];
  if (!parameters.is_object()) return std::nullopt;
  const char* const name =
      parameters.contains("specifiedRetentionMillis") ? "specifiedRetentionMillis" : "defaultRetentionMillis";
  if (!parameters.contains(name)) return std::nullopt;
  const nlohmann::json& value = parameters[name];
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_string()) return std::nullopt;
  const std::string text = value.get<std::string>();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<std::optional<RunningVacuum>> FindRunningVacuum(const Snapshot& table, const Env& env,
                                                       const CancelToken& cancel) {
  DELTIC_TRY(std::vector<LogFile> commits, ListLog(*table.store(), {.until = table.version()}));
  // A listing may be older than a look-up by name.
  std::erase_if(commits, [&](const LogFile& file) { return file.kind != LogFile::Kind::kCommit; });
  for (int64_t next = commits.empty() ? table.version() : commits.back().version + 1; next <= table.version(); ++next) {
    Result<LogFile> commit = FindCommit(*table.store(), next);
    if (commit.ok())
      commits.push_back(std::move(*commit));
    else if (commit.error().code() != Code::kNotFound)
      return std::move(commit).error();
  }
  const int64_t since_ms = env.now_ms() - kVacuumRunsMs;
  std::erase_if(commits, [&](const LogFile& file) { return file.modified_ms < since_ms; });
  std::vector<std::optional<CommitInfo>> infos(commits.size());
  const size_t threads = table.store()->remote() ? kReads : 1;
  DELTIC_CHECK(ForEachParallel(commits.size(), threads, [&](size_t i) -> Status {
    DELTIC_CHECK(cancel.Check());
    DELTIC_TRY(infos[i], ReadCommitInfo(*table.store(), commits[i]));
    return {};
  }));
  int64_t ended = 0;  // by ENDs that no START was found for yet
  int64_t shortest_ms = table.config().deleted_file_retention_ms;
  std::optional<RunningVacuum> running;
  for (size_t i = commits.size(); i-- > 0;) {
    const std::string operation = infos[i] ? infos[i]->operation.value_or("") : "";
    if (operation == kVacuumEnd) ++ended;
    if (operation != kVacuumStart) continue;
    shortest_ms = std::min(shortest_ms, RetentionOf(*infos[i]).value_or(shortest_ms));
    if (ended > 0) {
      --ended;
      continue;
    }
    // Others that began before may be running too, by a shorter retention.
    if (!running) running = RunningVacuum{.version = commits[i].version};
    running->retention_ms = shortest_ms;
  }
  return running;
}

Result<bool> MayBeVacuumed(const VacuumRisk& risk) {
  const Snapshot& table = *risk.table;
  const CanonicalPaths paths(*table.store());
  std::set<std::string> wanted;
  for (const AddFile& file : *risk.files) {
    DELTIC_TRY(const std::string path, paths.Of(file.path));
    wanted.insert(KeyOf(path, file.deletion_vector));
  }
  const int64_t safe_ms = risk.now_ms - risk.retention_ms / 2;
  DELTIC_TRY(const auto cursor, table.StateFiles({.tombstones_after_ms = safe_ms, .names_only = true}));
  while (!wanted.empty()) {
    DELTIC_TRY(const std::vector<FileActionView>* batch, cursor->Next());
    if (batch->empty()) break;
    for (const FileActionView& file : *batch) {
      if (!file.is_remove) continue;
      DELTIC_TRY(const std::string path, paths.Of(file.path));
      std::optional<DeletionVectorDescriptor> vector;
      if (file.has_deletion_vector) {
        vector = {.storage_type = file.dv_storage_type,
                  .path_or_inline_dv = std::string(file.dv_path_or_inline),
                  .offset = file.dv_offset,
                  .size_in_bytes = file.dv_size_in_bytes,
                  .cardinality = file.dv_cardinality};
      }
      wanted.erase(KeyOf(path, vector));
    }
  }
  return !wanted.empty();
}

}  // namespace deltic
