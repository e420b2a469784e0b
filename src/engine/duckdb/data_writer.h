// Owns a write as the engine runs it: the SQL of one COPY over an input, its run, and what becomes of its files when it
// fails. The files themselves are data_files.h's.
#pragma once

#include <duckdb.hpp>
#include <memory>
#include <vector>

#include "engine/duckdb/row_input.h"
#include "engine/engine.h"

namespace deltic {

// deltic_refuse and deltic_parse_variant: see engine/data_writer.h.
void RegisterWriteFunctions(duckdb::DatabaseInstance& database);

// See Engine::WriteFiles.
Result<std::vector<WrittenFile>> RunWrite(DuckRowInput& input, const WriteSpec& spec, const CancelToken& cancel);

}  // namespace deltic
