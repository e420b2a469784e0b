// Owns the text of predicates, for messages and explain. Does not parse SQL and evaluates nothing.
#include "expr/predicate.h"

namespace deltic {
namespace {

using Kind = Predicate::Kind;

std::string_view OpText(CompareOp op) {
  switch (op) {
    case CompareOp::kEq:
      return "=";
    case CompareOp::kNe:
      return "<>";
    case CompareOp::kLt:
      return "<";
    case CompareOp::kLe:
      return "<=";
    case CompareOp::kGt:
      return ">";
    case CompareOp::kGe:
      return ">=";
    case CompareOp::kNullSafeEq:
      return "IS NOT DISTINCT FROM";
    case CompareOp::kNullSafeNe:
      return "IS DISTINCT FROM";
  }
  return "?";
}

std::string LiteralText(const Predicate& predicate) {
  return predicate.literals.empty() ? "NULL" : predicate.literals[0].ToString();
}

// AND and OR in brackets wherever they stand below something, so that nobody needs the rules of precedence.
std::string Operand(const Predicate& predicate) {
  const bool compound = predicate.kind == Kind::kAnd || predicate.kind == Kind::kOr || predicate.kind == Kind::kOpaque;
  return compound ? "(" + predicate.ToString() + ")" : predicate.ToString();
}

std::string Joined(const Predicate& predicate, std::string_view word) {
  std::string text;
  for (const Predicate& child : predicate.children) {
    if (!text.empty()) text += word;
    text += Operand(child);
  }
  return text;
}

std::string List(const Predicate& predicate) {
  std::string text;
  for (const Literal& literal : predicate.literals) {
    if (!text.empty()) text += ", ";
    text += literal.ToString();
  }
  return text;
}

}  // namespace

std::string Predicate::ToString() const {
  switch (kind) {
    case Kind::kAnd:
      return children.empty() ? "true" : Joined(*this, " AND ");
    case Kind::kOr:
      return children.empty() ? "false" : Joined(*this, " OR ");
    case Kind::kNot:
      return children.empty() ? "NOT ?" : "NOT " + Operand(children[0]);
    case Kind::kCompare:
      return deltic::ToString(column) + " " + std::string(OpText(op)) + " " + LiteralText(*this);
    case Kind::kIn:
      return deltic::ToString(column) + " IN (" + List(*this) + ")";
    case Kind::kIsNull:
      return deltic::ToString(column) + " IS NULL";
    case Kind::kIsNotNull:
      return deltic::ToString(column) + " IS NOT NULL";
    case Kind::kStartsWith:
      return "starts_with(" + deltic::ToString(column) + ", " + LiteralText(*this) + ")";
    case Kind::kConstant:
      return LiteralText(*this);
    case Kind::kOpaque:
      return text.empty() ? "<expression>" : text;
  }
  return "?";
}

}  // namespace deltic
