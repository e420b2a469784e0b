// Owns VACUUM: which files of a table no version within the retention needs, and their deletion, told in the log before
// and after. docs/decisions/vacuum.md says why it is safe beside writers, readers and a RESTORE.
// Does not clean the log (upkeep/). Protocol: "VACUUM Protocol Check".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commit/commit.h"
#include "deltic/progress.h"
#include "snapshot/snapshot.h"
#include "storage/object_store.h"

namespace deltic {

enum class VacuumScope : uint8_t { kFull, kLite };

// The fields mean what those of VacuumRequest (deltic/vacuum.h) mean.
struct VacuumOrder {
  VacuumScope scope = VacuumScope::kFull;
  std::optional<int64_t> retention_ms;
  bool enforce_retention = true;
  bool dry_run = false;
  std::vector<int64_t> keep_versions;
  std::string inventory_sql;
  bool log = true;
  std::vector<SetTransaction> transactions;
  StringMap user_metadata;
  std::optional<std::string> user_metadata_text;
  CommitOptions commit;  // its clock and its cancel token are the vacuum's too
  int32_t threads = 0;
  ProgressCallback progress;
};

struct VacuumDone {
  std::shared_ptr<const Snapshot> snapshot;  // of the newest version
  std::vector<ObjectMeta> files;             // deleted (dry run: to be deleted), by key
  int64_t folders_deleted = 0;
  int64_t folders_listed = 0;
  int64_t files_listed = 0;
  std::vector<std::string> failed;
  std::vector<std::string> warnings;
};

// `table` must be the newest version.
Result<VacuumDone> VacuumFiles(const std::shared_ptr<const Snapshot>& table, const VacuumOrder& order);

// How long what is not needed is kept, in milliseconds. InvalidArgument for a negative time, and for one below the
// table's where that is enforced.
Result<int64_t> ChooseRetention(int64_t table_ms, std::optional<int64_t> wanted_ms, bool enforce);

}  // namespace deltic
