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
  // Of a table as it is: its domains, as far as the caller knows them. Of a table as it is to be: those that the change
  // sets or removes, and no others.
  std::vector<DomainMetadata> domains;
};

// What a commit must hold to make `after` of `before` (null for a new table): protocol and metaData where they differ,
// and after's domains.
std::vector<Action> DefinitionActions(const TableDefinition* before, const TableDefinition& after);

struct TableSpec {
  Fields schema;
  std::vector<std::string> partition_columns;
  std::vector<std::string> cluster_by;
  StringMap configuration;  // properties; delta.feature.X = supported, delta.minReaderVersion and -WriterVersion too
  std::optional<std::string> name;
  std::optional<std::string> description;
};
// InvalidArgument, naming it, for a schema, partition column or property that is none; Unsupported for features that
// this build cannot write. Default values, generation expressions and delta.constraints.* are checked as Spark's SQL.
// `replaces`: the table that is replaced (CREATE OR REPLACE): keeps its id, its creation time, its protocol's features
// and the names of its row id columns; column ids go on from its highest; its other properties are gone.
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
// Types that need a feature which must be asked for (timestamp_ntz) are Unsupported on a table without it, as in Spark.
// A type does not change under a constraint, a generated column or a default that uses it: values are cast then.
// `env`: its random bits name new columns of a table with column mapping.
Result<std::optional<TableDefinition>> EvolveForWrite(const TableDefinition& table, const WriteEvolution& evolution,
                                                      const Env& env = RealEnv());

}  // namespace deltic
