// Owns the JSON form of a schema (schemaString of a metaData action), read and written without loss of metadata.
// Protocol: "Schema Serialization Format".
#pragma once

#include <string>
#include <string_view>

#include "schema/types.h"

namespace deltic {

// Corrupt, naming the column path, when it is not the JSON of a struct type, a type name is unknown to the protocol,
// two columns differ only in case, or it nests deeper than 200 levels. Unsupported for geometry, geography and
// intervals.
Result<Fields> ParseSchemaJson(std::string_view json);

// The compact JSON that Spark would write for these fields; metadata keys in their given JSON text.
std::string SchemaToJson(const Fields& fields);

}  // namespace deltic
