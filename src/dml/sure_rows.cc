// Owns that predicate. A predicate is NULL only where one of its comparisons is, and that only where its column is: so
// besides the rows for which it is false, those count that have a NULL in any column compared.
#include "dml/sure_rows.h"

#include <algorithm>

namespace deltic {
namespace {

using Kind = Predicate::Kind;

Predicate IsNull(const ColumnPath& column) { return {.kind = Kind::kIsNull, .column = column}; }

// Adds what makes `predicate` NULL; false when that cannot be told.
bool AddNulls(const Predicate& predicate, std::vector<Predicate>* nulls) {
  const bool null_literal = std::any_of(predicate.literals.begin(), predicate.literals.end(),
                                        [](const Literal& literal) { return literal.is_null(); });
  switch (predicate.kind) {
    case Kind::kAnd:
    case Kind::kOr:
    case Kind::kNot:
      return std::all_of(predicate.children.begin(), predicate.children.end(),
                         [&](const Predicate& child) { return AddNulls(child, nulls); });
    case Kind::kCompare:
      if (predicate.op == CompareOp::kNullSafeEq || predicate.op == CompareOp::kNullSafeNe) return true;
      [[fallthrough]];
    case Kind::kIn:
    case Kind::kStartsWith:
      if (null_literal) return false;
      nulls->push_back(IsNull(predicate.column));
      return true;
    case Kind::kIsNull:
    case Kind::kIsNotNull:
      return true;
    case Kind::kConstant:
      return !null_literal;
    case Kind::kOpaque:
      return false;
  }
  return false;
}

}  // namespace

std::optional<Predicate> NotSurely(const Predicate& predicate) {
  Predicate rest{.kind = Kind::kOr, .children = {{.kind = Kind::kNot, .children = {predicate}}}};
  if (!AddNulls(predicate, &rest.children)) return std::nullopt;
  return rest;
}

}  // namespace deltic
