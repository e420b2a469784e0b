// Owns the columns of the rows that one clause makes: the star's and the clause's own assignments (of fields of structs
// too) as one expression for each column of the table. Pure.
#pragma once

#include <string>

#include "alter/definition.h"
#include "dml/merge_clause.h"
#include "schema/types.h"

namespace deltic {

struct PlannedClause;  // merge_plan.h

struct ColumnSides {
  const Fields& before;          // the table's columns as they are read
  const TableDefinition& after;  // and as they are written
  const Fields& source;
  const std::string& target_alias;
  const std::string& source_alias;
  bool evolve = false;
};

// Fills in the clause's columns. InvalidArgument naming the column for one that is not there, is set twice or may not
// be set.
Status MakeUpdateColumns(const ColumnSides& sides, const MergeClauseText& clause, PlannedClause* planned);
Status MakeInsertColumns(const ColumnSides& sides, const MergeClauseText& clause, PlannedClause* planned);

}  // namespace deltic
