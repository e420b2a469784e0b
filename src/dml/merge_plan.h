// Owns what a merge's clauses mean for a table and a source: clauses checked, stars and nested assignments expanded to
// one expression a column, the table as it must be (schema evolution). Pure: makes SQL, runs none, reads no rows.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "alter/definition.h"
#include "base/env.h"
#include "dml/merge_clause.h"
#include "schema/types.h"

namespace deltic {

struct MergeRules {
  std::string on;
  std::string target_alias;
  std::string source_alias;
  std::vector<MergeClauseText> clauses;
  bool evolve = false;
};

// A column of the rows that a clause makes.
struct MadeColumn {
  std::string name;  // of the table, as it spells it
  std::string sql;   // over the two sides by their aliases
};

struct PlannedClause {
  MergeAction action = MergeAction::kMatchedUpdate;
  std::string condition;  // "": always
  // Of an update every column of the table but generated ones that follow the others; of an insert those that are
  // given.
  std::vector<MadeColumn> columns;
  // Updates: whether each column comes from the source's columns alone, by a star: the table's row need not be read.
  bool from_source_alone = false;
};

struct MergePlan {
  TableDefinition table;               // as it will be
  bool evolved = false;                // that is not as it is
  std::vector<PlannedClause> clauses;  // in the request's order
  // The only matched clause deletes whatever matches: then several source rows may match one row of the table.
  bool may_match_often = false;

  bool Has(MergeAction action) const;
  bool has_matched() const { return Has(MergeAction::kMatchedUpdate) || Has(MergeAction::kMatchedDelete); }
  bool has_inserts() const { return Has(MergeAction::kNotMatchedInsert); }
  bool has_by_source() const {
    return Has(MergeAction::kNotMatchedBySourceUpdate) || Has(MergeAction::kNotMatchedBySourceDelete);
  }
};

bool IsUpdate(MergeAction action);
bool IsDelete(MergeAction action);
bool IsMatched(MergeAction action);
bool IsBySource(MergeAction action);

// InvalidArgument naming clause and column; errors of EvolveForWrite pass through.
Result<MergePlan> PlanMerge(const TableDefinition& table, const Fields& source, const MergeRules& rules,
                            const Env& env);

}  // namespace deltic
