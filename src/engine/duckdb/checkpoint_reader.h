// Owns reading Parquet checkpoints and sidecars: the SQL, whatever columns a writer left out, and the rows as views.
// Does not know which files make a checkpoint (log/segment.h) nor which rows are superseded (FileActionFilter says).
// Protocol: "Checkpoint Schema".
#pragma once

#include <duckdb.hpp>
#include <memory>

#include "engine/engine.h"

namespace deltic {

void RegisterCheckpointFunctions(duckdb::DatabaseInstance& database);

Result<std::vector<std::string>> ReadCheckpointHead(duckdb::DatabaseInstance& database,
                                                    const std::shared_ptr<ObjectStore>& store,
                                                    const std::vector<std::string>& keys);
Result<std::vector<std::string>> ReadCheckpointActions(duckdb::DatabaseInstance& database,
                                                       const std::shared_ptr<ObjectStore>& store,
                                                       const std::vector<std::string>& keys);
Result<std::unique_ptr<FileActionCursor>> ReadCheckpointFiles(duckdb::DatabaseInstance& database,
                                                              const CheckpointRead& read);

}  // namespace deltic
