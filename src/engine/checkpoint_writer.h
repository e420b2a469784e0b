// Owns what deltic asks of the engine when actions become a Parquet checkpoint or sidecar. Which actions belong there
// is upkeep/'s to know. No DuckDB type. Protocol: "Checkpoint Schema".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actions/actions.h"
#include "schema/types.h"
#include "storage/object_store.h"

namespace deltic {

struct FileActionView;

// One action on its way into a checkpoint: a file's, or another. Both null: the end. What they point at lives until the
// source's next call.
struct CheckpointRow {
  const FileActionView* file = nullptr;
  const Action* other = nullptr;
};
// Called from one thread at a time, but not always the same one.
using ActionSource = std::function<Result<CheckpointRow>()>;

struct CheckpointWrite {
  std::shared_ptr<ObjectStore> store;
  std::string key;  // written whole or not at all, and never over what is there
  ActionSource actions;
  bool stats_as_json = true;     // delta.checkpoint.writeStatsAsJson
  bool stats_as_struct = false;  // delta.checkpoint.writeStatsAsStruct: stats_parsed, partitionValues_parsed
  Fields stats_fields;           // data columns (physical names) of stats_parsed
  Fields partition_fields;       // partition columns (physical names) of partitionValues_parsed
  bool v2 = false;               // has columns for sidecar and checkpointMetadata actions
  bool sidecar = false;          // only add and remove columns
};

struct CheckpointWritten {
  bool existed = false;  // something is at the key already: nothing was written
  int64_t size_bytes = 0;
  int64_t modified_ms = 0;
  int64_t actions = 0;
  int64_t adds = 0;
};

}  // namespace deltic
