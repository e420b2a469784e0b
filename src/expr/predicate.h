// Owns Predicate: a filter as a value that planning can look into. What it cannot express is kOpaque, which never
// prunes anything. Does not parse SQL: the engine binds SQL text and hands predicates over.
#pragma once

#include <string>
#include <vector>

#include "expr/literal.h"
#include "schema/types.h"

namespace deltic {

enum class CompareOp : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe, kNullSafeEq, kNullSafeNe };

// A tree. Immutable once built; safe to share among threads.
//   kAnd, kOr: children. kNot: one child. kCompare: column op literal. kIn: column in literals. kIsNull, kIsNotNull:
//   column. kStartsWith: string column, literal prefix. kConstant: literals[0] is a boolean or null. kOpaque: anything
//   else; it names the columns it reads only in its text.
// Column paths are logical names. A column may be compared after a widening cast that keeps order and loses nothing
// (an integer as long, double or decimal; float as double; date as timestamp_ntz): the literal's type says so.
struct Predicate {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kCompare, kIn, kIsNull, kIsNotNull, kStartsWith, kConstant, kOpaque };
  Kind kind = Kind::kOpaque;
  std::vector<Predicate> children;
  ColumnPath column;
  CompareOp op = CompareOp::kEq;
  std::vector<Literal> literals;
  std::string text;  // kOpaque: what it was, for explain

  std::string ToString() const;
};

}  // namespace deltic
