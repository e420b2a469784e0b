// Owns the checks of SQL text by DuckDB's parser; see the header.
#include "engine/duckdb/sql_check.h"

#include <cctype>
#include <duckdb/parser/parser.hpp>

#include "base/error.h"
#include "engine/duckdb/convert.h"
#include "engine/duckdb/sql_text.h"

namespace deltic {

Status CheckExpression(const std::string& text, const char* what) {
  try {
    const auto expressions = duckdb::Parser::ParseExpressionList(QuoteTimestampParameter(text));
    if (expressions.size() != 1) return InvalidArgument("the {} must be one expression: {}", what, text);
  } catch (const std::exception& exception) {
    return InvalidArgument("the {} is not SQL: {} (in: {})", what, duckdb::ErrorData(exception).RawMessage(), text);
  }
  return {};
}

std::string StatementText(const duckdb::SQLStatement& statement) {
  auto text = statement.query.substr(statement.stmt_location,
                                     statement.stmt_length == 0 ? std::string::npos : statement.stmt_length);
  while (!text.empty() && (std::isspace(static_cast<unsigned char>(text.back())) || text.back() == ';')) {
    text.pop_back();
  }
  return text;
}

Result<std::string> OneSelect(duckdb::Connection& connection, const std::string& sql) {
  const auto statements = connection.ExtractStatements(QuoteTimestampParameter(sql));
  if (statements.size() != 1 || statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
    return InvalidArgument("the SQL text must be one query: {}", sql);
  }
  return StatementText(*statements[0]);
}

}  // namespace deltic
