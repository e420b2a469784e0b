// Owns the SQL by which variant columns leave the engine: as JSON text, or nested ones as plain (metadata, value) groups.
// Does not decode variants: DuckDB does. Protocol: "Variant data in Parquet".
#pragma once

#include <string>

#include "schema/types.h"

namespace deltic {

bool HasVariant(const DataType& type);
bool HasVariant(const Fields& fields);

// How variants appear in a column that is a variant or holds some.
enum class VariantForm {
  kText,     // the whole column as JSON text (VARCHAR): for Arrow, CSV and terminals
  kJson,     // each variant as a JSON value in its place: for JSON output
  kParquet,  // top-level variants as they are; nested ones as groups of the two binary fields, as Delta's writers before the
             // Parquet annotation write them, because DuckDB writes no variant inside lists, maps or structs
};
// NULL stays NULL. Columns without variants are answered as they are.
std::string VariantAs(VariantForm form, const std::string& expression, const DataType& type);

}  // namespace deltic
