// Owns what a table is, apart from its rows, and how that may change: protocol, metadata, schema and domains as one
// value, made for a new table or changed by a request, with every feature that the result needs and no other. Pure: no
// I/O, no commit (alter/alter.h commits).
// Protocol: "Table Features for New and Existing Tables", "Column Mapping", "Type Widening", "Table Properties".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actions/actions.h"
#include "base/env.h"
#include "features/features.h"
#include "schema/types.h"

namespace deltic {

struct TableDefinition {
  Protocol protocol;
  Metadata metadata;  // schema_string always that of `schema`
  Fields schema;
  std::vector<DomainMetadata> domains;  // those that the change sets or removes
};

struct TableSpec {
  Fields schema;
  std::vector<std::string> partition_columns;
  std::vector<std::string> cluster_by;
  StringMap configuration;  // properties; delta.feature.X = supported, delta.minReaderVersion and -WriterVersion too
  std::optional<std::string> name;
  std::optional<std::string> description;
};
// InvalidArgument, naming it, for a schema, partition column or property that is none; Unsupported for features that
// this build cannot write. `replaces`: the table that is replaced (CREATE OR REPLACE): keeps its id and its protocol's
// features, and column ids go on from its highest.
Result<TableDefinition> DefineTable(const TableSpec& spec, const Env& env, const TableDefinition* replaces = nullptr);

enum class SchemaMode : uint8_t { kStrict, kMerge, kOverwrite };
// The table as a write of rows with `incoming` columns needs it; nullopt when it needs no change.
//   kStrict: never a change; InvalidArgument naming the columns that the table does not have.
//   kMerge: new columns (nested too) at the end of their struct, types widened where the table allows it
//   (delta.enableTypeWidening), else values are cast to the table's. kOverwrite: the schema becomes `incoming` (with
//   `partition_columns`, when given).
struct WriteEvolution {
  Fields incoming;
  SchemaMode mode = SchemaMode::kStrict;
  std::optional<std::vector<std::string>> partition_columns;  // kOverwrite only
};
Result<std::optional<TableDefinition>> EvolveForWrite(const TableDefinition& table, const WriteEvolution& evolution);

}  // namespace deltic
