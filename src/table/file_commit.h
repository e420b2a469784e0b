// Owns commits of data files that somebody else wrote: what create_write_transaction and create_table_with_add_actions
// of the Python package need. Checks that the files are there and that the table is what the caller takes it for; the
// rows in them are not read. Not part of the public interface.
// Protocol: "Add File and Remove File".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "deltic/table.h"
#include "deltic/write.h"

namespace deltic {

struct FileToAdd {
  std::string path;  // relative to the table, not encoded: "day=2026-01-31/x.parquet"
  int64_t size_bytes = 0;
  std::map<std::string, std::optional<std::string>> partition_values;
  int64_t modification_time_ms = 0;
  bool data_change = true;
  std::string stats;  // JSON: protocol, "Per-file Statistics"; "" for none
};

struct FileToRemove {
  std::string path;
  bool data_change = true;
  std::optional<int64_t> deletion_timestamp_ms;  // now, when it is not given
};

struct FileCommit {
  std::vector<FileToAdd> add;
  std::vector<FileToRemove> remove;
  std::string schema_json;                // of the files: must be the table's
  std::vector<std::string> partition_by;  // empty, or what the table has
  bool overwrite = false;                 // removes all files, or those of the partitions that `replace_where` says
  std::string replace_where;              // SQL over partition columns
  CommitProperties commit;
};

// The table at the new version. InvalidArgument for a schema or partitioning that is not the table's, a file that is
// not live or of another size; NotFound for a file that is not there; the errors of a commit.
Result<Table> CommitFiles(const Table& table, const FileCommit& request);

// Makes a table of files that are there, in one commit: the errors of Create and of CommitFiles.
Result<Table> CreateWithFiles(const std::string& location, const CreateRequest& request,
                              const std::vector<FileToAdd>& files);

}  // namespace deltic
