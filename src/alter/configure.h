// Owns what properties entail for a table's protocol and columns: implied properties, the names of row id columns, ids
// of mapped columns, features that columns need. Shared by new tables, writes and ALTER.
// Protocol: "Column Mapping", "Row Tracking", "Writer Requirements for IcebergCompatV1".
#pragma once

#include "alter/definition.h"

namespace deltic {

// delta.columnMapping.mode=name for a new table with icebergCompat that does not say.
void ImplyProperties(StringMap& configuration);

// The two column names that a table with row tracking must have, kept from the table that is replaced.
void NameRowTrackingColumns(TableDefinition& table, const Env& env, const TableDefinition* replaces);

struct Numbering {
  const TableDefinition* replaces = nullptr;  // ids go on from its highest
  bool logical_names = false;                 // its columns are in files already, by their names
};
// Ids and physical names for the columns that lack them, when the table maps its columns; then, always, the schema's
// JSON. InvalidArgument when ids run out.
Status NumberColumns(TableDefinition& table, const Env& env, const Numbering& numbering);

// The table's protocol with what its columns need. Unsupported, saying what to do, for a type whose feature must be
// asked for on an existing table: timestamp_ntz and column defaults, as in Spark.
Result<Protocol> ProtocolForColumns(const TableDefinition& table);

}  // namespace deltic
