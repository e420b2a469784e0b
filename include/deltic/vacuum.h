// Owns the public door of VACUUM, which deletes the files that no version within the retention needs. The log's upkeep
// is in deltic/manage.h.
//
// Example:
//   deltic::VacuumRequest request;
//   request.dry_run = true;
//   auto vacuumed = deltic::Vacuum(*table, request);
//   if (!vacuumed.ok()) { std::cerr << vacuumed.error().ToString() << "\n"; return 1; }
//   for (const auto& file : vacuumed->files) std::cout << file.path << " " << file.size_bytes << "\n";
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "deltic/progress.h"
#include "deltic/result.h"
#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

enum class VacuumMode : uint8_t {
  kFull,  // lists the table's folder: finds what failed writers left, too
  kLite,  // deletes only what the log says was removed; lists nothing, and needs the commits since the last vacuum
};

struct VacuumRequest {
  VacuumMode mode = VacuumMode::kFull;
  // How long what a version no longer needs is kept. Not given: delta.deletedFileRetentionDuration, a week by default.
  std::optional<int64_t> retention_ms;
  // A shorter retention than the table's is refused: it may delete the files of a writer that has not committed yet and
  // break readers of older versions. False allows it, down to 0.
  bool enforce_retention = true;
  bool dry_run = false;                // only tells what would be deleted; commits nothing
  std::vector<int64_t> keep_versions;  // versions whose files all stay, however old
  // Instead of listing the folder: a SELECT with the columns path (in the table's folder: relative, absolute or a URL,
  // not percent-encoded), length, isDir and modificationTime (milliseconds, or a timestamp). With kFull only. What it
  // says of a file is checked before the file is deleted.
  std::string inventory_sql;
  // Of the commits VACUUM START and VACUUM END, which a vacuum makes when it has something to delete.
  CommitProperties commit;
  bool log = true;      // false: no such commits
  int32_t threads = 0;  // for listing and deleting; 0: as many as suit the machine
  ProgressCallback progress;
};

struct VacuumedFile {
  std::string path;  // relative to the table, not percent-encoded
  int64_t size_bytes = 0;
};

struct VacuumOutcome {
  bool dry_run = false;
  std::vector<VacuumedFile> files;  // deleted, or with dry_run those that would be; by path
  int64_t size_bytes = 0;           // of them
  int64_t folders_deleted = 0;      // that were empty
  int64_t folders_listed = 0;       // the table's own included
  int64_t files_listed = 0;
  std::vector<std::string> failed;  // "path: why": found, but not deleted
  int64_t version = 0;              // of the table, as it is now
  std::vector<std::string> warnings;
};

// Deletes files below the table's folder that no version within the retention needs, and folders that are empty then.
// Never deletes: a live file or its deletion vector, what was removed within the retention, change files of commits
// within it, any file that was modified within it, anything in _delta_log, in other folders whose names begin with '_'
// or '.', behind symbolic links, or in a table inside this one. InvalidArgument for a retention that is too short or a
// version to keep that does not open; Unsupported for tables that this build cannot write; Corrupt when the log cannot
// be read wholly: then nothing is deleted. A file that cannot be deleted is no error, but told in `failed`.
DELTIC_EXPORT Result<VacuumOutcome> Vacuum(Table& table, const VacuumRequest& request = {});

}  // namespace deltic
