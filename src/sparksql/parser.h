// Owns the grammar of Spark's SQL expressions: text to Syntax. Spark: SqlBaseParser.g4, rule `namedExpression`'s
// `expression`. Gives no meaning to names (translate.cc does).
#pragma once

#include <string_view>

#include "deltic/result.h"
#include "sparksql/syntax.h"

namespace deltic::sparksql {

// InvalidArgument, with the place, for what does not parse; Unsupported, naming it, for subqueries, windows, lambdas
// and other syntax that no stored expression of this build may hold, and for nesting deeper than 100.
Result<Syntax> ParseExpression(std::string_view text);

}  // namespace deltic::sparksql
