// Owns the making of WorkSession (engine/work_session.h) over DuckDB.
#pragma once

#include <duckdb.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "engine/duckdb/foreign_rows.h"
#include "engine/engine.h"

namespace deltic {

// The process's database for sessions that read variants, or that do not.
using ChooseDatabase = std::function<duckdb::DatabaseInstance&(bool variants)>;

// The chunk's places, whose two columns begin at `first_column`. Internal when one is NULL.
Status ToPlaces(duckdb::DataChunk& chunk, duckdb::idx_t first_column, std::vector<RowPlace>* places);

std::unique_ptr<WorkSession> MakeWorkSession(ChooseDatabase databases, TableResolver resolver);

}  // namespace deltic
