// Owns the writing of the engine's SQL: quoting, type names, patterns.
#include "sparksql/typed.h"

#include "base/error.h"

namespace deltic::sparksql {

std::string QuoteName(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

std::string QuoteText(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string EngineType(const DataType& type) {
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
      return "VARIANT";
    case TypeKind::kVoid:
      return "INTEGER";  // the engine's own type of an untyped NULL
    case TypeKind::kArray:
      return EngineType(type.element()) + "[]";
    case TypeKind::kMap:
      return "MAP(" + EngineType(type.key()) + ", " + EngineType(type.value()) + ")";
    case TypeKind::kStruct: {
      std::string fields;
      for (const auto& field : type.fields()) {
        fields += (fields.empty() ? "" : ", ") + QuoteName(field.name) + " " + EngineType(field.type);
      }
      return "STRUCT(" + fields + ")";
    }
  }
  return "INTEGER";
}

std::string CastSql(std::string_view sql, const DataType& type) {
  return fmt::format("CAST({} AS {})", sql, EngineType(type));
}

std::string FailSql(std::string_view text, const DataType& type) {
  return fmt::format("CAST(error({}) AS {})", QuoteText(text), EngineType(type));
}

std::string Fill(std::string_view pattern, const std::vector<std::string>& operands) {
  std::string filled;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '$' && i + 1 < pattern.size() && pattern[i + 1] >= '1' && pattern[i + 1] <= '9') {
      const size_t operand = static_cast<size_t>(pattern[++i] - '1');
      if (operand < operands.size()) filled += operands[operand];
    } else {
      filled.push_back(pattern[i]);
    }
  }
  return filled;
}

Typed NullOf(const DataType& type) {
  Typed null;
  null.sql = type.kind() == TypeKind::kVoid ? "NULL" : CastSql("NULL", type);
  null.type = type;
  null.is_null = true;
  return null;
}

Typed Over(std::string sql, DataType type, const std::vector<const Typed*>& operands, bool can_fail) {
  Typed typed;
  typed.sql = std::move(sql);
  typed.type = std::move(type);
  typed.can_fail = can_fail;
  for (const auto* operand : operands) typed.can_fail = typed.can_fail || operand->can_fail;
  return typed;
}

}  // namespace deltic::sparksql
