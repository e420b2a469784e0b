// Owns the writing of the engine's SQL: quoting, type names, patterns.
#include "sparksql/typed.h"

#include "base/error.h"

namespace deltic::sparksql {

std::string CastSql(std::string_view sql, const DataType& type) {
  return fmt::format("CAST({} AS {})", sql, EngineTypeName(type));
}

std::string FailSql(std::string_view text, const DataType& type) {
  return fmt::format("CAST(error({}) AS {})", QuoteSqlText(text), EngineTypeName(type));
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
