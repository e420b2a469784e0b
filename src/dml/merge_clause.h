// Owns MERGE as people write it: one WHEN clause, or a whole statement, from text to values. Knows where expressions
// begin and end (quotes, brackets, comments, CASE ... END) but not what is in them: the engine reads those.
// Binds no column and opens no table (merge_plan.h, merge.h).
//
//   clause     = ["when"] "matched" ["and" sql] "then" ("delete" | "update" "set" sets)
//              | ["when"] "not" "matched" ["by" "target"] ["and" sql] "then" "insert" inserts
//              | ["when"] "not" "matched" "by" "source" ["and" sql] "then" ("delete" | "update" "set" sets)
//   sets       = star | column "=" sql {"," column "=" sql}
//   inserts    = star | "(" column {"," column} ")" "values" "(" sql {"," sql} ")"
//   star       = "*" ["except" "(" column {"," column} ")"]
//   statement  = "merge" ["with" "schema" "evolution"] "into" target [["as"] name] "using" source [["as"] name]
//                "on" sql clause {clause} [";"]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deltic/result.h"

namespace deltic {

enum class MergeAction : uint8_t {
  kMatchedUpdate,
  kMatchedDelete,
  kNotMatchedInsert,
  kNotMatchedBySourceUpdate,
  kNotMatchedBySourceDelete,
};

// See MergeStar in deltic/merge.h.
enum class StarColumns : uint8_t { kNone, kOfTable, kOfSource };

// A column as schema/column_text.h reads it, and the engine's SQL of its new value.
struct ColumnValue {
  std::string column;
  std::string sql;
};

struct MergeClauseText {
  MergeAction action = MergeAction::kMatchedUpdate;
  std::string condition;  // "": always
  std::vector<ColumnValue> set;
  StarColumns star = StarColumns::kNone;
  std::vector<std::string> except;
};

// InvalidArgument saying what was expected at which character.
Result<MergeClauseText> ParseClauseText(std::string_view text);

struct MergeStatementText {
  bool schema_evolution = false;
  std::string target;  // a name or a quoted text, without its quotes
  std::string target_alias;
  std::string source_sql;  // a SELECT
  std::string source_alias;
  std::string on;
  std::vector<MergeClauseText> clauses;
};
Result<MergeStatementText> ParseStatementText(std::string_view text);

}  // namespace deltic
