// Owns Typed: an expression said in the engine's SQL, with the type that Spark gives it and what is known of its value;
// and the short ways to write the engine's SQL. Decides nothing about Spark's rules (coercion.h, cast.h do).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"
#include "schema/engine_sql.h"
#include "schema/types.h"

namespace deltic::sparksql {

struct Typed {
  std::string sql;  // stands alone as an operand: a call, a cast, a name or in parentheses
  DataType type;
  // Evaluating it can end in an error, so it must not be evaluated where Spark would not (after FALSE AND, ...).
  bool can_fail = false;
  bool is_null = false;               // the literal NULL (type void, or cast)
  std::optional<std::string> text;    // a string literal's value
  std::optional<int64_t> whole;       // an integer literal's value
  std::optional<int> literal_digits;  // of an integer literal: how many decimal digits Spark counts
};

std::string CastSql(std::string_view sql, const DataType& type);
// A value that is never there: evaluating it fails with the text. Of the engine type named.
std::string FailSql(std::string_view text, const DataType& type);
// `sql` with $1, $2, ... replaced by the operands.
std::string Fill(std::string_view pattern, const std::vector<std::string>& operands);

Typed NullOf(const DataType& type);
// A new expression over operands: fails when one of them can, or when it can itself.
Typed Over(std::string sql, DataType type, const std::vector<const Typed*>& operands, bool can_fail);

}  // namespace deltic::sparksql
