// Owns what is written down of one history for the judge: what each operation read, and how it ended; and how files,
// their rows and their deleted rows are read back. Data files hold the numbers of their rows, so that the judge can
// follow each row. Does nothing to the table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "commit/commit.h"
#include "world.h"

namespace deltic::sim {

enum class Ending : uint8_t {
  kCommitted,  // acknowledged: exactly once in the log, at `version`
  kRefused,    // an error that promises the table is as before: never in the log
  kInDoubt,    // CommitUnknown, or the process died: at most once
};

// What one operation saw and did.
struct Deed {
  int64_t id = 0;  // in the commit's commitInfo, as "sim"
  std::string kind;
  Ending ending = Ending::kRefused;
  std::string error;
  int64_t version = -1;
  int64_t base_version = 0;
  Metadata base_metadata;
  IsolationLevel level = IsolationLevel::kWriteSerializable;
  bool blind = false;
  bool changes_metadata = false;
  // Files (path!dv) that it read: those where p is `partition`, all, or none.
  bool read_all = false;
  std::optional<std::string> partition;
  std::set<std::string> saw;
  // Operations that mark rows by deletion vectors: the rows by path, and what was deleted of each file they saw.
  bool marks_rows = false;
  std::map<std::string, std::set<uint64_t>> marked;
  std::map<std::string, std::set<uint64_t>> deleted_before;
  std::optional<std::string> app_id;
  int64_t app_version = 0;
  std::optional<std::string> domain_saw;  // the domain's value before
  bool keeps_rows = false;                // the table has the same rows before and after
  std::optional<int64_t> restored;        // the version that a restore makes the table like
  std::string live_after;                 // what the snapshot that Commit gave says lives; "" when not asked
};

// A rule that is broken on purpose: the judge must notice.
enum class Mutant : uint8_t {
  kNone,
  kVacuumForgetsVectors,     // as a published client does
  kVacuumForgetsTombstones,  // what was removed just now goes
  kVacuumTakesYoungFiles,    // as if every file were old
  kVacuumForgetsNewCommits,  // what was committed after it began
  kRestoreForgetsWinners,    // what others did to files meanwhile
  kRestoreForgetsVacuums,    // that one is running
};

// A row that merges write holds its key above this; there is one of a key at most.
inline constexpr int64_t kKeyFactor = 1'000'000;
std::vector<int64_t> RowsIn(std::string_view text);

struct History {
  IsolationLevel level = IsolationLevel::kWriteSerializable;
  bool row_tracking = false;
  bool timestamps = false;
  bool identity = false;
  bool upkeep = false;
  double maintenance = 0;    // how often an operation is a vacuum, or else a restore
  int64_t retention_ms = 0;  // what a vacuum keeps of what was removed
  Mutant mutant = Mutant::kNone;
  int64_t rows = 0;  // given so far
  std::vector<Deed> deeds;
  std::vector<std::string> warnings;  // what upkeep said
};

// "path!dv": how a live file is called here.
std::string NameOf(const AddFile& add);

// The rows that a file's vector deletes, read from the store itself; an error's text when it cannot be.
std::string DeletedRows(World& world, const AddFile& add, std::set<uint64_t>& rows);

}  // namespace deltic::sim
