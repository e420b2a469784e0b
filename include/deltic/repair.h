// Owns the public door of REPAIR (FSCK REPAIR TABLE elsewhere), which takes files out of a table that storage has lost,
// so that the rest of the table can be read again. It brings no row back: look for a copy of the files first.
//
// Example:
//   auto found = deltic::Repair(*table, {.dry_run = true});
//   if (!found.ok()) { std::cerr << found.error().ToString() << "\n"; return 1; }
//   for (const auto& path : found->files_removed) std::cout << path << " is gone\n";
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deltic/progress.h"
#include "deltic/result.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

// What becomes of a data file whose deletion vector is lost or damaged. The vector said which of the file's rows were
// deleted; without it nobody knows.
enum class LostVectors : uint8_t {
  kRefuse,       // the whole repair is refused, naming the file
  kRemoveFiles,  // the file goes: its live rows are lost with the deleted ones
  kReviveRows,   // the file stays without its vector: its deleted rows are live again
};

struct RepairRequest {
  bool dry_run = false;  // only tells what is lost; commits nothing, and refuses no lost vector
  LostVectors lost_vectors = LostVectors::kRefuse;
  // Takes out files, too, that have another size than the log says, or neither begin nor end like a Parquet file. Such
  // sizes are told in any case.
  bool damaged = false;
  CommitProperties commit;
  int32_t threads = 0;  // for asking storage; 0: as many as suit the machine
  ProgressCallback progress;
};

struct RepairOutcome {
  bool dry_run = false;
  bool changed = false;                      // a version was made; a table that has lost nothing gets none
  std::vector<std::string> files_removed;    // paths as in the log; with dry_run those that would be
  std::vector<std::string> rows_revived_of;  // files that stay without their vector
  std::vector<std::string> vectors_lost;     // "path: why", whatever became of the file
  std::vector<std::string> damaged;          // "path: why", likewise
  int64_t files_checked = 0;
  int64_t version = 0;  // of the table, as it is now
  std::vector<std::string> warnings;
};

// Asks storage for every live file and reads every deletion vector. A file counts as lost when storage says twice that
// it is not there. Any other failure to find out (PermissionDenied, Unavailable, Unsupported for a place that cannot be
// opened from here) is an error, and nothing is changed. Corrupt for lost deletion vectors without a choice; Conflict
// when other writers keep changing the lost files. The removes say dataChange: whoever reads the change feed over this
// version gets NotFound, for nobody can tell any more which rows went.
DELTIC_EXPORT Result<RepairOutcome> Repair(Table& table, const RepairRequest& request = {});

}  // namespace deltic
