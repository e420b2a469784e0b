// Owns a small table in memory for this folder's tests: commits written by hand, upkeep run over them, what readers
// then see. Not part of the library.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "actions/actions_json.h"
#include "engine/engine.h"
#include "log/listing.h"
#include "snapshot/test_table.h"
#include "upkeep/upkeep.h"

namespace deltic {

inline constexpr const char* kV2Protocol =
    R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["v2Checkpoint","deletionVectors"],)"
    R"("writerFeatures":["v2Checkpoint","deletionVectors","domainMetadata","appendOnly","invariants"]}})";
inline constexpr int64_t kDay = 24 * 60 * 60 * 1000;
// "Now" of these tests, far enough from 1970 that the retention of tombstones does not reach back to it.
inline constexpr int64_t kNow = 1'700'000'000'000;

class UpkeepTable : public TestTable {
 protected:
  UpkeepTable() {
    now_ms_ = kNow;
    env_ = RealEnv();
    env_.now_ms = [this] { return now_ms_; };
  }

  std::shared_ptr<const Snapshot> Must(std::optional<int64_t> version = {}) {
    auto snapshot = Open({.version = version});
    if (!snapshot.ok()) {
      ADD_FAILURE() << snapshot.error().ToString();
      std::abort();
    }
    return *snapshot;
  }
  CheckpointDone Checkpoint(std::optional<int64_t> version = {}) {
    auto done = WriteCheckpoint(*Must(version), env_, CancelToken());
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    return done.ok() ? *done : CheckpointDone();
  }

  // Every file action that a checkpoint of the version holds, as "add path!dv" and "remove path!dv", sorted.
  std::string State(const Snapshot& snapshot, int64_t tombstones_after_ms = 0) {
    auto cursor = snapshot.StateFiles({.tombstones_after_ms = tombstones_after_ms});
    if (!cursor.ok()) return cursor.error().ToString();
    std::multiset<std::string> names;
    while (true) {
      auto batch = (*cursor)->Next();
      if (!batch.ok()) return batch.error().ToString();
      if ((*batch)->empty()) break;
      for (const FileActionView& file : **batch) {
        names.insert(std::string(file.is_remove ? "remove " : "add ") + std::string(file.path) +
                     (file.has_deletion_vector ? "!" + std::string(file.dv_path_or_inline) : ""));
      }
    }
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  std::vector<std::string> Keys(const std::string& folder = "_delta_log/") {
    std::vector<std::string> keys;
    EXPECT_TRUE(memory_
                    ->List(folder, "",
                           [&](const ObjectMeta& object) {
                             keys.push_back(object.key.substr(folder.size()));
                             return true;
                           })
                    .ok());
    return keys;
  }
  bool Exists(const std::string& name) { return memory_->Head("_delta_log/" + name).ok(); }
  std::string Text(const std::string& name) {
    auto text = memory_->Get("_delta_log/" + name);
    return text.ok() ? *text : text.error().ToString();
  }
  // Leaves only checkpoints to read from.
  void DeleteCommits(int64_t through) {
    for (int64_t version = 0; version <= through; ++version) {
      ASSERT_TRUE(memory_->Delete("_delta_log/" + VersionName(version) + ".json").ok());
    }
  }

  static std::vector<Action> Actions(const std::vector<std::string>& lines) {
    std::vector<Action> actions;
    ActionParser parser;
    for (const std::string& line : lines) {
      auto action = parser.Parse(line);
      EXPECT_TRUE(action.ok() && action->has_value()) << line;
      actions.push_back(std::move(**action));
    }
    return actions;
  }

  static std::string RemoveSized(const std::string& path, int64_t size, int64_t deleted_ms = 1) {
    return fmt::format(
        R"({{"remove":{{"path":"{}","deletionTimestamp":{},"dataChange":true,"extendedFileMetadata":true,)"
        R"("partitionValues":{{"p":"a"}},"size":{}}}}})",
        path, deleted_ms, size);
  }

  Env env_;
};

}  // namespace deltic
