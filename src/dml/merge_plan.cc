// Owns the checks of clauses and the way from clauses to expressions; see the header.
#include "dml/merge_plan.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "dml/merge_columns.h"
#include "schema/edit.h"
#include "schema/engine_sql.h"

namespace deltic {
namespace {

std::string ClauseName(const MergeClauseText& clause) {
  switch (clause.action) {
    case MergeAction::kMatchedUpdate:
      return "WHEN MATCHED THEN UPDATE";
    case MergeAction::kMatchedDelete:
      return "WHEN MATCHED THEN DELETE";
    case MergeAction::kNotMatchedInsert:
      return "WHEN NOT MATCHED THEN INSERT";
    case MergeAction::kNotMatchedBySourceUpdate:
      return "WHEN NOT MATCHED BY SOURCE THEN UPDATE";
    case MergeAction::kNotMatchedBySourceDelete:
      return "WHEN NOT MATCHED BY SOURCE THEN DELETE";
  }
  return "";
}

enum class Group : uint8_t { kMatched, kNotMatched, kBySource };
Group GroupOf(MergeAction action) {
  if (action == MergeAction::kNotMatchedInsert) return Group::kNotMatched;
  return IsMatched(action) ? Group::kMatched : Group::kBySource;
}

Status CheckShape(const MergeClauseText& clause) {
  const std::string name = ClauseName(clause);
  if (IsDelete(clause.action)) {
    if (clause.set.empty() && clause.star == StarColumns::kNone) return {};
    return InvalidArgument("{}: a delete sets no columns", name);
  }
  if (clause.star != StarColumns::kNone) {
    if (IsBySource(clause.action)) return InvalidArgument("{}: there is no source row that * could set from", name);
    if (!clause.set.empty()) return InvalidArgument("{}: give columns or *, not both", name);
    return {};
  }
  if (!clause.except.empty()) return InvalidArgument("{}: EXCEPT goes with *", name);
  if (clause.set.empty()) return InvalidArgument("{}: no column is set", name);
  return {};
}

Status CheckRules(const MergeRules& rules) {
  if (rules.on.find_first_not_of(" \t\r\n") == std::string::npos) {
    return InvalidArgument("a merge needs a condition that says which rows match (ON)");
  }
  if (rules.clauses.empty()) return InvalidArgument("a merge needs a clause that says what to do (WHEN ... THEN ...)");
  if (rules.target_alias.empty() || rules.source_alias.empty()) {
    return InvalidArgument("a merge needs a name for the table and one for the source");
  }
  if (SameNameIgnoringCase(rules.target_alias, rules.source_alias)) {
    return InvalidArgument("the table and the source are both called {}: give one of them another name",
                           rules.target_alias);
  }
  std::set<Group> ended;
  for (const MergeClauseText& clause : rules.clauses) {
    DELTIC_CHECK(CheckShape(clause));
    const Group group = GroupOf(clause.action);
    if (ended.contains(group)) {
      return InvalidArgument("{}: it never acts, because a clause of its kind before it has no condition",
                             ClauseName(clause));
    }
    if (clause.condition.empty()) ended.insert(group);
  }
  return {};
}

bool Named(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& one) { return SameNameIgnoringCase(one, name); });
}

// The source's columns that clauses set a column of the same name from: those may be new to the table, or wider.
Fields Incoming(const Fields& source, const MergeRules& rules) {
  Fields incoming;
  for (const StructField& field : source) {
    const bool wanted = std::any_of(rules.clauses.begin(), rules.clauses.end(), [&](const MergeClauseText& clause) {
      if (IsDelete(clause.action) || IsBySource(clause.action)) return false;
      if (clause.star != StarColumns::kNone) return !Named(clause.except, field.name);
      return std::any_of(clause.set.begin(), clause.set.end(), [&](const ColumnValue& value) {
        return SameNameIgnoringCase(value.column, field.name) ||
               SameNameIgnoringCase(value.column, rules.target_alias + "." + field.name);
      });
    });
    if (!wanted) continue;
    incoming.push_back(field);
    incoming.back().nullable = true;
  }
  return incoming;
}

Status CheckExcept(const MergeClauseText& clause, const Fields& table, const Fields& source) {
  for (const std::string& name : clause.except) {
    if (FindField(table, name) == nullptr && FindField(source, name) == nullptr) {
      return InvalidArgument("{}: EXCEPT names {}, which neither the table nor the source has", ClauseName(clause),
                             name);
    }
  }
  return {};
}

bool DeletesWhateverMatches(const std::vector<PlannedClause>& clauses) {
  const auto matched = [](const PlannedClause& clause) { return IsMatched(clause.action); };
  const auto first = std::find_if(clauses.begin(), clauses.end(), matched);
  return first != clauses.end() && IsDelete(first->action) && first->condition.empty() &&
         std::count_if(clauses.begin(), clauses.end(), matched) == 1;
}

}  // namespace

bool IsUpdate(MergeAction action) {
  return action == MergeAction::kMatchedUpdate || action == MergeAction::kNotMatchedBySourceUpdate;
}
bool IsDelete(MergeAction action) {
  return action == MergeAction::kMatchedDelete || action == MergeAction::kNotMatchedBySourceDelete;
}
bool IsMatched(MergeAction action) {
  return action == MergeAction::kMatchedUpdate || action == MergeAction::kMatchedDelete;
}
bool IsBySource(MergeAction action) {
  return action == MergeAction::kNotMatchedBySourceUpdate || action == MergeAction::kNotMatchedBySourceDelete;
}

bool MergePlan::Has(MergeAction action) const {
  return std::any_of(clauses.begin(), clauses.end(),
                     [&](const PlannedClause& clause) { return clause.action == action; });
}

Result<MergePlan> PlanMerge(const TableDefinition& table, const Fields& source, const MergeRules& rules,
                            const Env& env) {
  DELTIC_CHECK(CheckRules(rules));
  MergePlan plan;
  plan.table = table;
  plan.table.domains.clear();
  // Also without evolution: it tells tables that cannot be written.
  const WriteEvolution evolution{.incoming = rules.evolve ? Incoming(source, rules) : Fields(),
                                 .mode = rules.evolve ? SchemaMode::kMerge : SchemaMode::kStrict,
                                 .partition_columns = {}};
  DELTIC_TRY(std::optional<TableDefinition> evolved, EvolveForWrite(table, evolution, env));
  if (evolved) {
    plan.table = std::move(*evolved);
    plan.evolved = true;
  }
  for (const MergeClauseText& clause : rules.clauses) {
    DELTIC_CHECK(CheckExcept(clause, plan.table.schema, source));
    PlannedClause planned{.action = clause.action, .condition = clause.condition, .columns = {}};
    const ColumnSides sides{.before = table.schema,
                            .after = plan.table,
                            .source = source,
                            .target_alias = rules.target_alias,
                            .source_alias = rules.source_alias,
                            .evolve = rules.evolve};
    Status made;
    if (IsUpdate(clause.action)) {
      made = MakeUpdateColumns(sides, clause, &planned);
    } else if (clause.action == MergeAction::kNotMatchedInsert) {
      made = MakeInsertColumns(sides, clause, &planned);
    }
    if (!made.ok()) return std::move(made).error().Wrap(ClauseName(clause));
    plan.clauses.push_back(std::move(planned));
  }
  plan.may_match_often = DeletesWhateverMatches(plan.clauses);
  return plan;
}

}  // namespace deltic
