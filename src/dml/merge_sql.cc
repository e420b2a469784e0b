// Owns the text of a merge's queries; see the header. Conditions end in a line break, for they may end in a comment.
#include "dml/merge_sql.h"

#include "engine/work_session.h"
#include "schema/engine_sql.h"

namespace deltic {

std::string TypedNothing(const Fields& fields) {
  std::string sql;
  for (const StructField& field : fields) {
    sql += (sql.empty() ? "(SELECT " : ", ") + ("CAST(NULL AS " + EngineTypeName(field.type) + ") AS ") +
           QuoteSqlName(field.name);
  }
  return sql + ")";
}

std::string MergeSql::Target(const std::string& relation) const {
  return relation + " AS " + QuoteSqlName(rules_.target_alias);
}
std::string MergeSql::Source(const std::string& relation) const {
  return relation + " AS " + QuoteSqlName(rules_.source_alias);
}
std::string MergeSql::OfTarget(const char* column) const { return QuoteSqlName(rules_.target_alias) + "." + column; }
std::string MergeSql::OfSource(const char* column) const { return QuoteSqlName(rules_.source_alias) + "." + column; }

// The number of the first clause that acts, NULL for none.
template <class Wanted>
std::string MergeSql::Choice(const Wanted& wanted) const {
  std::string cases, last = "CAST(NULL AS INTEGER)";
  for (size_t i = 0; i < plan_.clauses.size(); i++) {
    const PlannedClause& clause = plan_.clauses[i];
    if (!wanted(clause.action)) continue;
    if (clause.condition.empty()) {
      last = std::to_string(i);
    } else {
      cases += " WHEN (" + clause.condition + "\n) THEN " + std::to_string(i);
    }
  }
  return cases.empty() ? last : "CASE" + cases + " ELSE " + last + " END";
}

std::string MergeSql::Pairs() const {
  const bool by_source = plan_.has_by_source();
  std::string choice = Choice(IsMatched);
  if (by_source) {
    choice =
        "CASE WHEN " + OfSource(kSourceNumber) + " IS NULL THEN " + Choice(IsBySource) + " ELSE " + choice + " END";
  }
  std::string rows = "SELECT " + OfTarget(kFileNumberColumn) + ", " + OfTarget(kRowNumberColumn) + ", " +
                     OfSource(kSourceNumber) + ", " + choice + " AS " + kClauseColumn + " FROM " +
                     Target(kMergeTarget) + (by_source ? " LEFT JOIN " : " JOIN ") + Source(kMergeSource) + " ON (" +
                     rules_.on + "\n)";
  if (!by_source) return rows;
  return "SELECT * FROM (" + rows + ") WHERE " + kClauseColumn + " IS NOT NULL OR " + kSourceNumber + " IS NOT NULL";
}

std::string MergeSql::New() const {
  const auto inserts = [](MergeAction action) { return action == MergeAction::kNotMatchedInsert; };
  std::string from = " FROM " + Source(kMergeSource);
  if (plan_.has_matched() || plan_.has_by_source()) {
    from += std::string(" ANTI JOIN ") + kMergePairs + " ON (" + OfSource(kSourceNumber) + " = " + kMergePairs + "." +
            kSourceNumber + ")";
  } else {
    from += " ANTI JOIN " + Target(kMergeTarget) + " ON (" + rules_.on + "\n)";
  }
  return "SELECT * FROM (SELECT " + OfSource(kSourceNumber) + ", " + Choice(inserts) + " AS " + kClauseColumn + from +
         ") WHERE " + kClauseColumn + " IS NOT NULL";
}

std::string MergeSql::Columns(size_t clause) const {
  std::string columns;
  for (const MadeColumn& column : plan_.clauses[clause].columns) {
    columns += (columns.empty() ? "" : ", ") + column.sql + " AS " + QuoteSqlName(column.name);
  }
  return columns;
}

std::string MergeSql::UpdateRows(size_t clause, bool row_ids) const {
  const PlannedClause& planned = plan_.clauses[clause];
  const std::string pairs(kMergePairs);
  std::string from = " FROM " + pairs;
  // Protocol, "Row Tracking": the row is the same one, and the merge's commit changed it.
  const std::string ids =
      row_ids ? ", " + OfTarget("_row_id") + ", CAST(NULL AS BIGINT) AS \"_row_commit_version\"" : std::string();
  if (!planned.from_source_alone || row_ids) {
    from += " JOIN " + Target(kMergeOld) + " ON (" + OfTarget(kFileNumberColumn) + " = " + pairs + "." +
            kFileNumberColumn + " AND " + OfTarget(kRowNumberColumn) + " = " + pairs + "." + kRowNumberColumn + ")";
  }
  if (IsMatched(planned.action)) {
    from +=
        " JOIN " + Source(kMergeSource) + " ON (" + OfSource(kSourceNumber) + " = " + pairs + "." + kSourceNumber + ")";
  }
  return "SELECT " + Columns(clause) + ids + from + " WHERE " + pairs + "." + kClauseColumn + " = " +
         std::to_string(clause);
}

std::string MergeSql::InsertRows(size_t clause) const {
  const std::string rows(kMergeNew);
  return "SELECT " + Columns(clause) + " FROM " + rows + " JOIN " + Source(kMergeSource) + " ON (" +
         OfSource(kSourceNumber) + " = " + rows + "." + kSourceNumber + ") WHERE " + rows + "." + kClauseColumn +
         " = " + std::to_string(clause);
}

}  // namespace deltic
