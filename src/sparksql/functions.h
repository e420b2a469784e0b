// Owns the table of Spark's functions that this build can say in the engine's SQL: one row for each name, and the
// reasons why well-known others are refused. Operators are not here (operators.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sparksql/typed.h"

namespace deltic::sparksql {

// What a call is given: its name in lower case and its arguments.
struct Call {
  std::string name;
  std::vector<Typed> arguments;
};

// Unsupported, by name, when it is not in the table (with the reason for aggregates, random functions, ...) or cannot
// be said exactly for these arguments; InvalidArgument for a wrong number or type of arguments.
Result<Typed> SayCall(const Call& call);

// Not a function of the row alone: the value changes from one evaluation to the next (now(), current_date()).
bool DependsOnTheClock(std::string_view name);

// The names in the table, sorted: for docs and tests.
std::vector<std::string> FunctionNames();

}  // namespace deltic::sparksql
