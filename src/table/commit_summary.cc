// Owns the summing of commits: actions for files and bytes, the writer's metrics for rows. Metrics are free-form by the
// protocol: what is not a count is as good as none.
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "base/error.h"
#include "deltic/history.h"
#include "expr/prune.h"
#include "log/commit_reader.h"
#include "log/listing.h"
#include "table/state.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

// Spark writes counts as texts, delta-rs as numbers.
std::optional<int64_t> Count(const Json& value) {
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

// The first of the metrics that is there.
std::optional<int64_t> Metric(const Json& metrics, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = metrics.find(name);
    if (found == metrics.end()) continue;
    const auto count = Count(*found);
    if (count && *count >= 0) return count;
  }
  return std::nullopt;
}

// What the actions of one commit come to.
struct ActionSums {
  std::optional<int64_t> rows_added = 0;
  std::optional<int64_t> rows_removed = 0;
  bool data_change = false;
};

void AddRows(std::optional<int64_t>& sum, const std::optional<std::string>& stats,
             const std::optional<DeletionVectorDescriptor>& vector) {
  if (!sum) return;
  const auto records = stats ? NumRecords(*stats) : std::nullopt;
  const int64_t deleted = vector ? vector->cardinality : 0;
  if (!records || *records < deleted || __builtin_add_overflow(*sum, *records - deleted, &*sum)) sum.reset();
}

Status AddBytes(int64_t& sum, int64_t bytes) {
  if (bytes < 0 || __builtin_add_overflow(sum, bytes, &sum)) {
    return Corrupt("a file's size, or the sum of all sizes, is no possible number of bytes");
  }
  return {};
}

Result<ActionSums> ReadActions(ObjectStore& store, const std::string& key, CommitSummary& summary) {
  ActionSums sums;
  DELTIC_TRY(const auto text, LogFileText::Read(store, {.version = summary.version, .key = key}));
  ActionParser parser;
  ActionKinds kinds = ActionKinds::None();
  kinds.add = kinds.remove = kinds.metadata = kinds.protocol = true;
  DELTIC_CHECK(text.Visit(parser, kinds, [&](Action&& action) -> Result<bool> {
    if (const auto* add = std::get_if<AddFile>(&action)) {
      summary.files_added++;
      DELTIC_CHECK(AddBytes(summary.bytes_added, add->size));
      AddRows(sums.rows_added, add->stats, add->deletion_vector);
      sums.data_change |= add->data_change;
    } else if (const auto* remove = std::get_if<RemoveFile>(&action)) {
      summary.files_removed++;
      DELTIC_CHECK(AddBytes(summary.bytes_removed, remove->size.value_or(0)));
      AddRows(sums.rows_removed, remove->stats, remove->deletion_vector);
      sums.data_change |= remove->data_change;
    } else if (std::holds_alternative<Metadata>(action)) {
      summary.changes_schema = true;
    } else {
      summary.changes_protocol = true;
    }
    return true;
  }));
  return sums;
}

void CountRows(const std::string& commit_info, const ActionSums& sums, CommitSummary& summary) {
  const Json info = Json::parse(commit_info, nullptr, false);
  const Json empty = Json::object();
  const auto object = [&](const char* name) -> const Json& {
    return info.is_object() && info.contains(name) && info[name].is_object() ? info[name] : empty;
  };
  const Json& parameters = object("operationParameters");
  if (parameters.contains("mode") && parameters["mode"].is_string()) {
    summary.mode = parameters["mode"].get<std::string>();
  }
  const bool changes_files = summary.files_added + summary.files_removed > 0;
  if (changes_files && !sums.data_change) {  // OPTIMIZE and the like move rows, and change none
    summary.rows_added = summary.rows_removed = 0;
    return;
  }
  const Json& metrics = object("operationMetrics");
  const auto inserted = Metric(metrics, {"numTargetRowsInserted", "num_target_rows_inserted"});
  const auto updated =
      Metric(metrics, {"numTargetRowsUpdated", "num_target_rows_updated", "numUpdatedRows", "num_updated_rows"});
  const auto deleted =
      Metric(metrics, {"numTargetRowsDeleted", "num_target_rows_deleted", "numDeletedRows", "num_deleted_rows"});
  if (inserted || updated || deleted) {
    summary.rows_added = inserted.value_or(0);
    summary.rows_removed = deleted.value_or(0);
    summary.rows_updated = updated.value_or(0);
    return;
  }
  const auto written = Metric(metrics, {"numOutputRows", "num_added_rows"});
  summary.rows_added = written && summary.files_added > 0 ? written : sums.rows_added;
  summary.rows_removed = sums.rows_removed;
}

}  // namespace

Result<std::vector<CommitSummary>> SummarizeHistory(const Table& table, std::optional<int64_t> limit) {
  const Snapshot& snapshot = *table.state()->snapshot;
  DELTIC_TRY(const auto commits, snapshot.History(limit));
  std::set<int64_t> checkpoints;
  if (!commits.empty()) {
    DELTIC_TRY(const auto files, ListLog(*snapshot.store(), {.from = commits.back().version}));
    for (const LogFile& file : files) {
      const bool is_checkpoint = file.kind == LogFile::Kind::kClassicCheckpoint ||
                                 file.kind == LogFile::Kind::kMultiPartCheckpoint ||
                                 file.kind == LogFile::Kind::kUuidCheckpoint;
      if (is_checkpoint) checkpoints.insert(file.version);
    }
  }
  std::vector<CommitSummary> summaries;
  for (const CommitEntry& commit : commits) {
    CommitSummary summary{.version = commit.version, .timestamp_ms = commit.timestamp_ms};
    summary.has_checkpoint = checkpoints.count(commit.version) > 0;
    const std::string key = std::string(kLogFolder) + VersionName(commit.version) + ".json";
    auto sums = ReadActions(*snapshot.store(), key, summary);
    if (!sums.ok() && sums.error().code() == Code::kNotFound) continue;  // cleaned up meanwhile
    if (!sums.ok()) return std::move(sums).error();
    if (commit.commit_info) summary.operation = commit.commit_info->operation;
    CountRows(commit.commit_info ? commit.commit_info->json : std::string(), *sums, summary);
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace deltic
