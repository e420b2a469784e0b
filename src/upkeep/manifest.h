// Owns symlink manifests: for each partition (or for the table) a text file that lists the live data files, by which
// Presto, Trino, Athena, Redshift and Hive read a Delta table without knowing its log. Written as Delta Spark's
// GENERATE symlink_format_manifest and its hook after commits do. Never changes what the table is.
//
//   _symlink_format_manifest/[p=1/q=2/]manifest   one file a line: "file:/data/t/p=1/q=2/part-0.parquet", not encoded
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "actions/actions.h"
#include "base/cancel.h"
#include "deltic/result.h"
#include "snapshot/snapshot.h"

namespace deltic {

inline constexpr std::string_view kManifestFolder = "_symlink_format_manifest/";

struct ManifestsDone {
  int64_t version = 0;  // that the manifests show
  int64_t written = 0;
  int64_t deleted = 0;  // of partitions that are empty now
  int64_t files = 0;    // named in those that were written
};

// All manifests of the table, and no others: those of partitions that are gone are deleted. Unsupported, before
// anything is written, for a table whose readers by manifest would see wrong rows: with deletion vectors in live files,
// or with column mapping.
Result<ManifestsDone> WriteManifests(const Snapshot& table, const CancelToken& cancel = {});

// What a commit calls for on a table with delta.compatibility.symlinkFormatManifest.enabled: the manifests of the
// partitions that its actions touched; all of them when there are none yet, or when the commit changed the metadata.
// Nothing on any other table. Whoever commits at the same time ends in the same manifests: they are written again
// until they show the newest version.
Status RefreshManifests(const Snapshot& table, const std::vector<Action>& commit);

// Pure.
// "p=1/q=a%3Ab/" of a file; "" without partitions. Values are as the log has them.
std::string ManifestPartition(const std::vector<std::string>& columns, const PartitionValues& values);
// The partitions that actions touch; nullopt for those that may touch any: a remove that does not tell its partition,
// or metadata.
std::optional<std::set<std::string>> TouchedPartitions(const std::vector<std::string>& columns,
                                                       const std::vector<Action>& actions);
// A file's line, without its end. `root` is RootName of the table's store. Corrupt for a path that names no file.
Result<std::string> ManifestLine(std::string_view root, const std::string& path);

}  // namespace deltic
