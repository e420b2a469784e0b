// Owns the spelling of names, texts and types in the engine's SQL.
#include "schema/engine_sql.h"

#include <fmt/format.h>

namespace deltic {

std::string QuoteSqlName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string QuoteSqlText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string EngineTypeName(const DataType& type, std::string_view variant) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return "BOOLEAN";
    case TypeKind::kByte:
      return "TINYINT";
    case TypeKind::kShort:
      return "SMALLINT";
    case TypeKind::kInteger:
      return "INTEGER";
    case TypeKind::kLong:
      return "BIGINT";
    case TypeKind::kFloat:
      return "FLOAT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kDecimal:
      return fmt::format("DECIMAL({},{})", type.precision(), type.scale());
    case TypeKind::kString:
      return "VARCHAR";
    case TypeKind::kBinary:
      return "BLOB";
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTimestamp:
      return "TIMESTAMP WITH TIME ZONE";
    case TypeKind::kTimestampNtz:
      return "TIMESTAMP";
    case TypeKind::kVariant:
      return std::string(variant);
    case TypeKind::kVoid:
      return "INTEGER";  // the engine's own type of an untyped NULL
    case TypeKind::kArray:
      return EngineTypeName(type.element(), variant) + "[]";
    case TypeKind::kMap:
      return "MAP(" + EngineTypeName(type.key(), variant) + ", " + EngineTypeName(type.value(), variant) + ")";
    case TypeKind::kStruct: {
      std::string fields;
      for (const auto& field : type.fields()) {
        fields += (fields.empty() ? "" : ", ") + QuoteSqlName(field.name) + " " + EngineTypeName(field.type, variant);
      }
      return "STRUCT(" + fields + ")";
    }
  }
  return "INTEGER";
}

}  // namespace deltic
