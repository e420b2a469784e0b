// Owns the SQL by which variant columns leave the engine: as JSON text, or nested ones as plain (metadata, value) groups.
// Does not decode variants: DuckDB does. Protocol: "Variant data in Parquet".
#pragma once

#include <string>

#include "schema/types.h"

namespace deltic {

bool HasVariant(const DataType& type);
bool HasVariant(const Fields& fields);

// The whole value as JSON text; NULL stays NULL.
std::string VariantAsJson(const std::string& expression);

// For Parquet output: DuckDB writes a top-level variant column as such, but none inside lists, maps or structs; those
// become groups of the two binary fields, as Delta's writers before the Parquet annotation write them.
std::string VariantForParquet(const std::string& expression, const DataType& type);

}  // namespace deltic
