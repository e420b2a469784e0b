// Owns the writing of Parquet checkpoints and sidecars: actions pulled from a source into vectors, and DuckDB's Parquet
// writer into a store. Does not know which actions belong there. Protocol: "Checkpoint Schema".
#pragma once

#include <duckdb.hpp>

#include "base/cancel.h"
#include "engine/engine.h"

namespace deltic {

void RegisterCheckpointWriter(duckdb::DatabaseInstance& database);

Result<CheckpointWritten> WriteCheckpointFile(duckdb::DatabaseInstance& database, const CheckpointWrite& write,
                                              const CancelToken& cancel);

}  // namespace deltic
