// Owns the way from a snapshot to the engine: live files as scan files (located, partition values parsed, deletion
// vectors loaded on demand) and a scan request as a ReadSpec. Reads no data files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "snapshot/snapshot.h"

namespace deltic {

struct ScanRequest {
  std::vector<std::string> columns;  // top-level names; empty means all
  std::string where;
  std::optional<int64_t> limit;
  bool row_ids = false;
  bool skipping = true;
};

// The live files of a snapshot for the engine. Thread-safe.
std::shared_ptr<FileSource> MakeFileSource(std::shared_ptr<const Snapshot> snapshot, bool skipping);
// These of its live files, all of them, numbered 0, 1, 2, ...: for rewriting them.
std::shared_ptr<FileSource> MakeFileSource(std::shared_ptr<const Snapshot> snapshot, std::vector<AddFile> files);

// A file of a scan over chosen files.
struct ChosenFile {
  AddFile file;
  int64_t number = 0;                   // ScanFile::number
  std::shared_ptr<const RowMask> only;  // null: its live rows; else exactly the rows that this mask keeps
};
// A filter of a query still skips those of them that cannot hold a matching row: by their partition values and, where
// AddFile::stats is filled, by their statistics.
std::shared_ptr<FileSource> MakeFileSource(std::shared_ptr<const Snapshot> snapshot, std::vector<ChosenFile> files);

// Where the file of an action's path is: `key` and `local_path` of a ScanFile. Corrupt for a path that LocateFile
// refuses, Unsupported for one in another store than the table's.
Result<ScanFile> LocateScanFile(const ObjectStore& store, const std::string& path);
// Of partition columns by physical name, as an action has them. Corrupt, naming the file, for a value that is missing
// or is not one of its type.
Result<Literal> PartitionLiteral(const PartitionValues& values, const StructField& field, MappingMode mode,
                                 const std::string& path);
// The asked-for columns by the schema's spelling. InvalidArgument for an unknown one (naming those there are) or one
// named twice.
Result<std::vector<std::string>> ChooseColumns(const Fields& schema, const std::vector<std::string>& names);

// InvalidArgument for an unknown column (naming those there are), one named twice, or row ids of a table without row
// tracking.
Result<ReadSpec> MakeReadSpec(const std::shared_ptr<const Snapshot>& snapshot, const ScanRequest& request);

}  // namespace deltic
