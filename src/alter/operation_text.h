// Owns the JSON texts of commitInfo's operationParameters, as Spark writes them: nearly all are strings that hold JSON.
#pragma once

#include <string>
#include <vector>

#include "actions/actions.h"
#include "alter/changes.h"

namespace deltic {

std::string QuotedText(std::string_view text);                  // "a\"b"
std::string QuotedMap(const StringMap& properties);             // "{\"a\":\"b\"}"
std::string QuotedList(const std::vector<std::string>& texts);  // "[\"a\",\"b\"]"
std::string PositionText(const ColumnPosition& position);       // FIRST, AFTER x, ""
// {"name":"s.x","type":"integer","nullable":true,"metadata":{}}
std::string ColumnText(const ColumnPath& path, const StructField& field);

}  // namespace deltic
