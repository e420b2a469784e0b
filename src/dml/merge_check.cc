// Owns the questions to the engine; see the header.
#include "dml/merge_check.h"

#include "base/error.h"
#include "dml/merge_sql.h"
#include "dml/sql_words.h"
#include "schema/edit.h"

namespace deltic {
namespace {

Status CheckCondition(WorkSession& session, const std::string& condition, const std::string& from,
                      const std::string& what) {
  auto type = session.Describe("SELECT (" + condition + "\n) AS x FROM " + from);
  if (!type.ok()) return std::move(type).error().Wrap(what);
  if (SaysNull(condition)) return {};
  if (type->size() != 1 || (*type)[0].type.kind() != TypeKind::kBoolean) {
    return InvalidArgument("{} is of type {}, not boolean: {}", what, (*type)[0].type.ToString(), condition);
  }
  return {};
}

Status CheckNoFieldLost(const std::string& column, const DataType& from, const DataType& to) {
  if (from.kind() != TypeKind::kStruct || to.kind() != TypeKind::kStruct) return {};
  for (const StructField& field : to.fields()) {
    const StructField* given = FindField(from.fields(), field.name);
    if (given == nullptr) {
      return InvalidArgument("column {}: the new value has no field {}, which would be lost: set the fields by name",
                             column, field.name);
    }
    DELTIC_CHECK(CheckNoFieldLost(column + "." + field.name, given->type, field.type));
  }
  return {};
}

}  // namespace

Status CheckMergeSql(WorkSession& session, const MergeRules& rules, const MergePlan& plan, const Fields& table,
                     const Fields& source) {
  const MergeSql sql(rules, plan);
  const std::string of_table = sql.Target(TypedNothing(table));
  const std::string of_source = sql.Source(TypedNothing(source));
  DELTIC_CHECK(CheckCondition(session, rules.on, of_table + ", " + of_source, "the condition ON"));
  for (const PlannedClause& clause : plan.clauses) {
    const std::string from = IsMatched(clause.action)    ? of_table + ", " + of_source
                             : IsBySource(clause.action) ? of_table
                                                         : of_source;
    if (!clause.condition.empty()) {
      DELTIC_CHECK(CheckCondition(session, clause.condition, from, "a clause's condition"));
    }
    for (const MadeColumn& column : clause.columns) {
      const auto type = session.Describe("SELECT " + column.sql + " AS x FROM " + from);
      if (!type.ok()) return Error(type.error()).Wrap("column " + column.name);
      const StructField* field = FindField(plan.table.schema, column.name);
      if (IsUpdate(clause.action) && !rules.evolve && field != nullptr) {
        DELTIC_CHECK(CheckNoFieldLost(column.name, (*type)[0].type, field->type));
      }
    }
  }
  return {};
}

}  // namespace deltic
