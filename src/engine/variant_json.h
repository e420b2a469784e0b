// Owns the JSON text of a variant value, from the Parquet Variant binary encoding (the Parquet project's
// VariantEncoding.md). Does not read files. DuckDB's own cast of a variant to JSON sends decimals through doubles.
//
//   metadata = header: 1 byte (bits 0-3 version 1, bits 6-7 offset size - 1)  dictionary size  offsets[size + 1]  bytes
//   value    = header: 1 byte (bits 0-1 basic type, bits 2-7 for the type)    payload
//   basic type 0 primitive, 1 short string, 2 object (count, field ids, offsets, values), 3 array (count, offsets,
//   values)
// All numbers little-endian; sizes and offsets unsigned, of 1 to 4 bytes.
#pragma once

#include <string>
#include <string_view>

#include "deltic/result.h"

namespace deltic {

// As Spark's to_json writes it: decimals in full without trailing zeros, dates and times as quoted text (timestamps
// with their zone, UTC), binary as base64, numbers that JSON cannot hold ("NaN", "Infinity") quoted. Corrupt, saying at
// which byte, for broken bytes or nesting beyond 500 levels.
Result<std::string> VariantToJson(std::string_view metadata, std::string_view value);

}  // namespace deltic
