// Owns how an input's columns become the table's: matched by name, cast, defaulted, generated, numbered; and what must
// be true of each row. Makes SQL, runs none, and knows no files.
// Protocol: "Default Columns", "Generated Columns", "Identity Columns", "Column Invariants", "CHECK Constraints".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/data_writer.h"
#include "write/write.h"

namespace deltic {

// An identity column whose values this write makes: the first row's is `first`, each other's `step` more.
struct IdentityRun {
  int64_t first = 0;
  int64_t step = 0;
};

// The last step's columns are the table's (logical names, at every depth), all of them but void ones; and, when the
// input has them and the rows are the table's own, _row_id and _row_commit_version.
struct RowPlan {
  std::vector<std::vector<StepColumn>> steps;
  std::vector<RowCheck> checks;
  std::map<std::string, IdentityRun> identities;  // by logical name
  bool row_ids = false;
};
// InvalidArgument for columns that the table does not have, that may not be given, or whose types do not fit;
// ConstraintViolation when a column that may not be NULL is missing. Unsupported, naming it, for an expression of the
// table that this build does not understand. `rows`: see WriteOptions.
// `extra` ("" for none): one more column of the input, which is passed on as it is.
Result<RowPlan> PlanRows(const Fields& input, const WriteTarget& target, RowOrigin rows, const std::string& extra = "");

}  // namespace deltic
