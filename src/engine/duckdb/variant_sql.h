// Owns the SQL by which variant columns leave the engine, and the functions it calls: JSON text, exact to the last
// digit, or groups of the two binary fields. Protocol: "Variant data in Parquet".
//
// DuckDB's JSON passes numbers through doubles when it parses. So where variants stand inside other values, each
// becomes a text with a mark that no data has (random per process); DuckDB writes the whole as JSON, and deltic_unmark
// puts the variants' own JSON in place of the marked texts.
#pragma once

#include <duckdb.hpp>
#include <string>
#include <utility>
#include <vector>

namespace deltic {

bool HoldsVariant(const duckdb::LogicalType& type);

// The column as JSON text (VARCHAR): for Arrow, CSV and terminals. NULL stays NULL. Columns without variants are
// answered as they are.
std::string VariantAsText(const std::string& expression, const duckdb::LogicalType& type);
// Top-level variants as they are; nested ones as groups of the two binary fields, as Delta's writers before the Parquet
// annotation write them, because DuckDB writes no variant inside lists, maps or structs.
std::string VariantForParquet(const std::string& expression, const duckdb::LogicalType& type);

// One JSON object a row, for columns of which some hold variants.
struct JsonColumn {
  std::string name;
  std::string expression;
  duckdb::LogicalType type;
};
std::string JsonRow(const std::vector<JsonColumn>& columns);

void RegisterVariantFunctions(duckdb::DatabaseInstance& database);

}  // namespace deltic
