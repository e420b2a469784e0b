// Owns a small table in memory with files of given ages, for this folder's tests. Not part of the library.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actions/actions_json.h"
#include "commit/test_commit.h"
#include "dv/deletion_vector.h"
#include "vacuum/vacuum.h"

namespace deltic {

inline constexpr int64_t kDayMs = 24 * 60 * 60 * 1000;
inline constexpr int64_t kNowMs = 1'700'000'000'000;

using Names = std::set<std::string>;

class VacuumTable : public CommitTable {
 protected:
  VacuumTable() { now_ms_ = kNowMs - 100 * kDayMs; }

  // An object that was last modified so many days before kNowMs.
  void Object(const std::string& key, double days_ago = 30) {
    const int64_t before = std::exchange(now_ms_, kNowMs - static_cast<int64_t>(days_ago * kDayMs));
    ASSERT_TRUE(memory_->Put(key, "12345").ok()) << key;
    now_ms_ = before;
  }
  // A commit made so many days ago, by hand.
  void CommitAt(double days_ago, int64_t version, const std::vector<Action>& actions) {
    const int64_t before = std::exchange(now_ms_, kNowMs - static_cast<int64_t>(days_ago * kDayMs));
    std::vector<std::string> lines;
    for (const Action& action : actions) lines.push_back(ToJson(action));
    Commit(version, lines);
    now_ms_ = before;
  }
  // Version 0, a hundred days ago, of a table that may have deletion vectors.
  void CreateTable(const std::string& properties = "", const std::vector<Action>& files = {}) {
    std::vector<std::string> lines;
    for (const Action& file : files) lines.push_back(ToJson(file));
    CreateWith(WithFeatures({"deletionVectors", "changeDataFeed"}, {"deletionVectors"}), properties, lines);
  }

  static AddFile Live(const std::string& path, std::optional<DeletionVectorDescriptor> vector = {}) {
    AddFile add = NewFile(path);
    add.deletion_vector = std::move(vector);
    return add;
  }
  static RemoveFile Removed(const std::string& path, double days_ago,
                            std::optional<DeletionVectorDescriptor> vector = {}) {
    RemoveFile remove = OldFile(path);
    remove.deletion_timestamp = kNowMs - static_cast<int64_t>(days_ago * kDayMs);
    remove.deletion_vector = std::move(vector);
    return remove;
  }
  // Of the file "<prefix>/deletion_vector_....bin"; each `letter` another one.
  static DeletionVectorDescriptor Vector(char letter, const std::string& prefix = "", int32_t offset = 1) {
    return {.storage_type = 'u',
            .path_or_inline_dv = prefix + EncodeZ85(std::string(16, letter)),
            .offset = offset,
            .size_in_bytes = 4,
            .cardinality = 1};
  }
  static std::string VectorKey(const DeletionVectorDescriptor& vector) { return LocateDeletionVector(vector)->key; }

  VacuumOrder Order() {
    VacuumOrder order;
    order.commit = Options();
    order.threads = 3;
    return order;
  }
  Result<VacuumDone> Vacuum(VacuumOrder order) {
    now_ms_ = kNowMs;
    DELTIC_TRY(const auto table, Open());
    return VacuumFiles(table, order);
  }
  Result<VacuumDone> Vacuum() { return Vacuum(Order()); }

  // What a vacuum deleted, or the error as the only name.
  static Names Deleted(const Result<VacuumDone>& done) {
    if (!done.ok()) return {done.error().ToString()};
    Names names;
    for (const ObjectMeta& file : done->files) names.insert(file.key);
    return names;
  }
  // Everything in the store but the log.
  Names Objects() {
    Names names;
    EXPECT_TRUE(memory_
                    ->ListRecursive("",
                                    [&](const ObjectMeta& object) {
                                      if (!object.key.starts_with("_delta_log/")) names.insert(object.key);
                                      return true;
                                    })
                    .ok());
    return names;
  }
};

}  // namespace deltic
