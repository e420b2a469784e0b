// Owns what is asked of SQL text that becomes a part of a larger text: it must be one expression, or one SELECT, and so
// cannot end the text around it. Binds nothing.
#pragma once

#include <duckdb.hpp>
#include <string>

#include "deltic/result.h"

namespace deltic {

// InvalidArgument unless the text is one SQL expression. `what` it is, for the message: "filter", "expression".
Status CheckExpression(const std::string& text, const char* what = "filter");

// The text of the one SELECT that `sql` is, without a semicolon at its end. InvalidArgument for any other statement.
Result<std::string> OneSelect(duckdb::Connection& connection, const std::string& sql);

// The statement's own text, likewise.
std::string StatementText(const duckdb::SQLStatement& statement);

}  // namespace deltic
