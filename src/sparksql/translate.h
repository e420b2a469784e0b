// Owns SQL expressions that Spark stored in a table (CHECK constraints, invariants, generated columns, column defaults):
// parsed as Spark reads them, and said again in the engine's SQL with the same meaning, or refused by name of what is
// not understood. Evaluates nothing. Protocol: "CHECK Constraints", "Column Invariants", "Generated Columns",
// "Default Columns".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"
#include "schema/types.h"

namespace deltic {

struct EngineSql {
  std::string sql;                  // over columns quoted by "..." as they are named in the schema
  DataType type;                    // what Spark's rules give it
  std::vector<ColumnPath> columns;  // that it reads, as named in the schema
};

// InvalidArgument, with position, when it does not parse or names a column that is not there. Unsupported, naming the
// function, pattern or syntax, when this build cannot say it with exactly Spark's meaning.
Result<EngineSql> TranslateSparkSql(std::string_view expression, const Fields& schema);

}  // namespace deltic
