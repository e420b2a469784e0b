// Owns SQL expressions that Spark stored in a table (CHECK constraints, invariants, generated columns, column
// defaults): parsed as Spark reads them, and said again in the engine's SQL with the same meaning, or refused by name
// of what is not understood. Evaluates nothing. Protocol: "CHECK Constraints", "Column Invariants", "Generated
// Columns", "Default Columns".
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
  // It asks for the current date or time: fine for a column's default, never for a constraint or a generated column,
  // whose truth would change by itself. The caller refuses it there.
  bool depends_on_the_clock = false;
};

// The meaning is that of Spark 4 in ANSI mode with the session time zone UTC: what overflows, divides by zero or cannot
// be cast fails the row, where Spark 3's default made NULL or another number of it (docs/decisions/spark-sql.md). `sql`
// evaluated over rows fails with DuckDB's OutOfRange, Conversion or InvalidInput errors in those cases.
// InvalidArgument, with position, when it does not parse or names a column that is not there. Unsupported, naming the
// function, pattern or syntax, when this build cannot say it with exactly Spark's meaning.
Result<EngineSql> TranslateSparkSql(std::string_view expression, const Fields& schema);

}  // namespace deltic
