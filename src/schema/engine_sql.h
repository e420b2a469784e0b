// Owns how names, texts and types are spelled in the engine's SQL, for the folders that write such SQL without knowing
// the engine. Runs nothing; DuckDB's own types are engine/duckdb/convert.h's. Needs no layer above schema/.
#pragma once

#include <string>
#include <string_view>

#include "schema/types.h"

namespace deltic {

// name as an identifier: "a""b". text as a string: 'it''s'.
std::string QuoteSqlName(std::string_view name);
std::string QuoteSqlText(std::string_view text);
// "BIGINT", "STRUCT(\"a\" INTEGER)[]", ...; a variant is spelled as `variant` says, at any depth; void is INTEGER, the
// engine's own type of an untyped NULL.
std::string EngineTypeName(const DataType& type, std::string_view variant = "VARIANT");

}  // namespace deltic
