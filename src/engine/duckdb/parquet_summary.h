// Owns the reading of Parquet footers into summaries; see engine/parquet_summary.h. Reads no rows.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/parquet_summary.h"
#include "storage/object_store.h"

namespace deltic {

// See Engine::ReadParquetSummaries. Each of `threads` has one footer in memory at a time.
Result<std::vector<ParquetSummary>> ReadParquetSummaries(duckdb::DatabaseInstance& database,
                                                         const std::shared_ptr<ObjectStore>& store,
                                                         const std::vector<std::string>& keys, size_t threads,
                                                         const CancelToken& cancel);

}  // namespace deltic
