// Owns the public door of symlink manifests: lists of a table's live files, by which Presto, Trino, Athena, Redshift
// and Hive read it without knowing Delta's log.
//
// Example:
//   auto generated = deltic::GenerateManifests(*table);
//   if (!generated.ok()) { std::cerr << generated.error().ToString() << "\n"; return 1; }
//   std::cout << generated->manifests_written << " manifests\n";
#pragma once

#include <cstdint>

#include "deltic/result.h"
#include "deltic/table.h"

namespace deltic {

struct ManifestOutcome {
  int64_t version = 0;            // that the manifests show
  int64_t manifests_written = 0;  // one for each partition, or one for the table
  int64_t manifests_deleted = 0;  // of partitions that are empty now
  int64_t files = 0;              // named in them
};

// Writes _symlink_format_manifest/[p=1/]manifest for the newest version: the path of one live file a line. With the
// table property delta.compatibility.symlinkFormatManifest.enabled every commit does so for the partitions it touches.
// Unsupported for a table with deletion vectors or column mapping, which readers of manifests would misread.
DELTIC_EXPORT Result<ManifestOutcome> GenerateManifests(const Table& table);

}  // namespace deltic
