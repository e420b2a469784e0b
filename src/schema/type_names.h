// Owns the names that primitive types have in schema JSON ("long", "decimal(10,2)"), both ways. Knows no JSON itself.
// Protocol: "Schema Serialization Format", Primitive Types.
#pragma once

#include <string>
#include <string_view>

#include "schema/types.h"

namespace deltic {

// Also the names that only Spark's own reader knows: "null" for void, "timestamp_ltz", and char(n) and varchar(n),
// which are string. Unsupported for types that exist but that this build cannot read, Corrupt for names that nobody
// knows.
Result<DataType> ParseTypeName(std::string_view name);

// The protocol's name of a primitive type.
std::string TypeName(const DataType& primitive);

}  // namespace deltic
