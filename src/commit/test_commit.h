// Owns a small table in memory and the actions that this folder's tests commit to it. Not part of the library.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actions/actions_json.h"
#include "commit/commit.h"
#include "snapshot/test_table.h"

namespace deltic {

inline AddFile NewFile(const std::string& path, const std::string& p = "a", int64_t rows = 5) {
  AddFile add{.path = path, .partition_values = {{"p", p}}, .size = 10, .modification_time = 1};
  add.stats =
      fmt::format(R"({{"numRecords":{0},"minValues":{{"x":0}},"maxValues":{{"x":{0}}},"nullCount":{{"x":0}}}})", rows);
  return add;
}
inline RemoveFile OldFile(const std::string& path, const std::string& p = "a") {
  return {.path = path, .deletion_timestamp = 1, .partition_values = {{"p", p}}, .size = 10};
}

// A protocol that lists features: 3, 7.
inline Protocol WithFeatures(const std::vector<std::string>& writer, const std::vector<std::string>& reader = {}) {
  return {.min_reader_version = 3, .min_writer_version = 7, .reader_features = reader, .writer_features = writer};
}

class CommitTable : public TestTable {
 protected:
  // Version 0 with the given protocol and properties.
  void CreateWith(const Protocol& protocol, const std::string& properties = "", std::vector<std::string> lines = {}) {
    lines.insert(lines.begin(), {ToJson(Action(protocol)), MetadataLine(properties)});
    Commit(0, lines);
  }
  Intent On(std::shared_ptr<const Snapshot> base, std::vector<Action> actions = {}) {
    Intent intent;
    intent.base = std::move(base);
    intent.operation = {.name = "WRITE", .parameters = {{"mode", "\"Append\""}}, .metrics = {{"numFiles", "1"}}};
    intent.actions = std::move(actions);
    return intent;
  }
  Intent Append(std::shared_ptr<const Snapshot> base, std::vector<Action> actions) {
    Intent intent = On(std::move(base), std::move(actions));
    intent.blind_append = true;
    return intent;
  }
  CommitOptions Options() {
    CommitOptions options;
    options.env.now_ms = [this] { return now_ms_; };
    options.env.random = [this] { return random_ += 0x9E3779B97F4A7C15; };
    options.sleep_ms = [this](int64_t ms) { slept_ms_ += ms; };
    options.upkeep = false;
    return options;
  }
  Result<Committed> Do(const Intent& intent) { return deltic::Commit(intent, Options()); }
  static std::string ErrorOf(const Result<Committed>& done) {
    return done.ok() ? "committed" : done.error().ToString();
  }
  std::string CommitFile(int64_t version) {
    const Result<std::string> text = memory_->Get("_delta_log/" + VersionName(version) + ".json");
    return text.ok() ? *text : text.error().ToString();
  }

  uint64_t random_ = 1;
  int64_t slept_ms_ = 0;
};

}  // namespace deltic
