// Owns the words of the log store that Delta Spark calls S3DynamoDBLogStore: one entry a commit, claimed by exactly one
// writer, in a table that all writers share. Knows neither DynamoDB's protocol (dynamo_client.h) nor what is done with
// the entries (dynamo_log_store.h).
// Source of the layout: delta-io/delta, storage-s3-dynamodb, S3DynamoDBLogStore and ExternalCommitEntry; delta-rs
// writes the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/cancel.h"
#include "deltic/result.h"
#include "storage/object_store.h"

namespace deltic {

// A commit that was decided: its bytes are at temp_path, and must come to be at file_name too.
struct CommitEntry {
  std::string file_name;  // "00000000000000000012.json"
  std::string temp_path;  // below _delta_log: ".tmp/00000000000000000012.json.<uuid>"
  bool complete = false;  // the bytes are at file_name
};

// Thread-safe.
class CommitTable {
 public:
  virtual ~CommitTable() = default;
  // `table` is the location of a Delta table as every writer of it spells it: it is half of the key.
  virtual Result<std::optional<CommitEntry>> Find(const std::string& table, const std::string& file_name) = 0;
  // The entry with the greatest file name.
  virtual Result<std::optional<CommitEntry>> Newest(const std::string& table) = 0;
  // kWritten: the commit is this entry's. Else there is an entry already, or the answer was lost: Find tells whose it
  // is, by its temp_path.
  virtual Result<PutOutcome> Claim(const std::string& table, const CommitEntry& entry) = 0;
  // Marks an entry as complete, to be dropped after expire_s (seconds since the Unix epoch). An entry that is another's
  // by now, or gone, stays as it is.
  virtual Status Complete(const std::string& table, const CommitEntry& entry, int64_t expire_s) = 0;
};

}  // namespace deltic
