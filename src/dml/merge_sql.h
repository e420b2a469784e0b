// Owns the queries of a merge, as text: which rows meet and what becomes of them, and the rows that clauses make. Pure.
#pragma once

#include <string>

#include "dml/merge_plan.h"

namespace deltic {

// Names in the merge's work session.
inline constexpr const char* kMergeSource = "deltic_source";  // the kept source, with kSourceNumber
inline constexpr const char* kMergeTarget = "deltic_target";  // the table's rows with their places
inline constexpr const char* kMergePairs = "deltic_pairs";    // places, source number, clause
inline constexpr const char* kMergeNew = "deltic_new";        // source number, clause: rows to insert
inline constexpr const char* kMergeOld = "deltic_old";        // the table's rows that change, with their places
inline constexpr const char* kMergeKept = "deltic_kept";      // the other rows of files that are written anew
inline constexpr const char* kSourceNumber = "__deltic_source";
inline constexpr const char* kClauseColumn = "__deltic_clause";  // the clause's number in the plan

class MergeSql {
 public:
  MergeSql(const MergeRules& rules, const MergePlan& plan) : rules_(rules), plan_(plan) {}

  // The rows of the table that match, with the source row and the clause that acts, NULL for none; and those that match
  // nothing where a clause acts on them.
  std::string Pairs() const;
  // The source rows to insert. Without clauses over the table's rows they are found without pairs.
  std::string New() const;
  // The rows that an update makes; InsertRows those of an insert.
  std::string UpdateRows(size_t clause, bool row_ids) const;
  std::string InsertRows(size_t clause) const;
  // "target AS t", "source AS s" with relations of one's own.
  std::string Target(const std::string& relation) const;
  std::string Source(const std::string& relation) const;

 private:
  template <class Wanted>
  std::string Choice(const Wanted& wanted) const;
  std::string Columns(size_t clause) const;
  std::string OfTarget(const char* column) const;
  std::string OfSource(const char* column) const;

  const MergeRules& rules_;
  const MergePlan& plan_;
};

// "(SELECT CAST(NULL AS BIGINT) AS "a", ...)": for asking the engine about types before any row is read.
std::string TypedNothing(const Fields& fields);

}  // namespace deltic
