// Owns one simulated writer at work, and what operations are made of: the table as the writer knows it, reading files
// into what the commit says was read, writing files of rows, the commit, and how it ended. Knows no operation.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commit/commit.h"
#include "dv/row_set.h"
#include "history.h"
#include "snapshot/snapshot.h"
#include "world.h"

namespace deltic::sim {

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// One operation at a time: Begin, Start, then Finish, Ended or Drop, or nothing when the weather allows no more. One
// thread.
class Work {
 public:
  Work(Writer& writer, History& history) : writer_(writer), dice_(writer.dice()), history_(history) {}

  Writer& writer() { return writer_; }
  Dice& dice() { return dice_; }
  History& history() { return history_; }
  const SnapshotPtr& snapshot() const { return snapshot_; }
  Deed& deed() { return deed_; }  // of the operation at hand

  // The table as this writer knows it: opened, brought up to date, or as it was; after a crash opened. False for the
  // weather.
  bool Begin();
  void See(SnapshotPtr snapshot) { snapshot_ = std::move(snapshot); }
  void Forget() { snapshot_.reset(); }

  Intent Start(const std::string& kind);
  // The live files of a partition, or of the table, into the intent's read set and the deed. False for the weather.
  bool Read(const std::optional<std::string>& partition, std::vector<AddFile>& files, Intent& intent);

  // Commits.
  void Finish(Intent intent);
  CommitOptions Options();
  void Ended(int64_t version, const std::vector<std::string>& warnings);
  void Ended(const Error& error);
  // Nothing was committed: what was written for it goes.
  void Drop();
  void Wrote(const std::vector<std::string>& keys) { written_.insert(written_.end(), keys.begin(), keys.end()); }

  int64_t NextNumber();
  std::string AnyPartition() { return std::string(1, static_cast<char>('a' + dice_.Below(3))); }
  std::vector<int64_t> FreshRows();

  // A file that holds the rows; nullopt when it could not be written.
  std::optional<AddFile> NewFile(const std::string& p, const std::vector<int64_t>& rows);
  bool AddNewFile(const std::string& p, Intent& intent);
  bool AddChangeFile(const std::string& p, Intent& intent);

  // All rows of a file, deleted or not; nullopt for the weather.
  std::optional<std::vector<int64_t>> ReadRows(const AddFile& file);
  bool ReadVector(const AddFile& file, RowSet& deleted);
  std::optional<std::vector<int64_t>> LiveRows(const AddFile& file);

  RemoveFile RemoveOf(const AddFile& add);

 private:
  bool Look();

  Writer& writer_;
  Dice& dice_;
  History& history_;
  SnapshotPtr snapshot_;
  Deed deed_;
  std::vector<std::string> written_;  // by the operation at hand
  int64_t numbers_ = 0;
};

}  // namespace deltic::sim
