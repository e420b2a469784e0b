// Owns what a caller says of Parquet files, in the engine's terms: for every operation that writes rows.
#pragma once

#include <optional>

#include "deltic/write.h"
#include "engine/data_writer.h"

namespace deltic {

// nullopt when it says nothing: all follows the table's properties then. A codec that is not said is "": the table's.
std::optional<ParquetOptions> ToParquet(const WriterProperties& properties);

}  // namespace deltic
