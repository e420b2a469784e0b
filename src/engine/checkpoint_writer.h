// Owns what deltic asks of the engine when actions become a Parquet checkpoint or sidecar. Which actions belong there is
// upkeep/'s to know. No DuckDB type. Protocol: "Checkpoint Schema".
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

// Gives actions one by one, nullopt at the end. Called from one thread at a time.
using ActionSource = std::function<Result<std::optional<Action>>()>;

struct CheckpointWrite {
  std::shared_ptr<ObjectStore> store;
  std::string key;  // written whole or not at all
  ActionSource actions;
  bool stats_as_json = true;                    // delta.checkpoint.writeStatsAsJson
  bool stats_as_struct = false;                 // delta.checkpoint.writeStatsAsStruct: stats_parsed, partitionValues_parsed
  Fields stats_fields;                          // data columns (physical names) of stats_parsed
  Fields partition_fields;                      // partition columns (physical names) of partitionValues_parsed
  bool v2 = false;                              // has columns for sidecar and checkpointMetadata actions
  bool sidecar = false;                         // only add and remove columns
};

struct CheckpointWritten {
  int64_t size_bytes = 0;
  int64_t actions = 0;
  int64_t adds = 0;
};

}  // namespace deltic
