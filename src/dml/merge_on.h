// Owns what can be told of the rows of the table from the text of conditions: conjuncts that read the table alone, and
// those that compare it with the source. Works on the engine's own reading of the text, as JSON. Pure; in doubt a
// conjunct is left out, which prunes less and never wrongly.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "schema/types.h"

namespace deltic {

// `json`: what json_serialize_sql says of "SELECT (<condition>)".
struct ConditionSides {
  const Fields& target;
  const Fields& source;
  const std::string& target_alias;
  const std::string& source_alias;
};

enum class KeyOp : uint8_t { kEqual, kNullSafeEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

// An expression as a statement "SELECT <expression>" in the engine's JSON: json_deserialize_sql makes text of it.
using ExpressionJson = std::string;

// table's expression <op> source's expression.
struct KeyTerm {
  KeyOp op = KeyOp::kEqual;
  ExpressionJson target;  // columns without the alias
  ExpressionJson source;  // columns with it
};

struct ConditionParts {
  std::vector<KeyTerm> keys;
  std::vector<ExpressionJson> of_target;  // without the alias; those that read no column at all are among them
  bool only_target = false;               // every conjunct is in of_target
};

// `is_steady`: names of functions that give the same answer for the same arguments; a conjunct that calls others is
// left out. Text that the engine did not understand has no parts.
ConditionParts ReadCondition(const std::string& json, const ConditionSides& sides,
                             const std::set<std::string>& steady_functions);

// The functions that a condition calls, lower case.
std::set<std::string> FunctionsOf(const std::string& json);

}  // namespace deltic
