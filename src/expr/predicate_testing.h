// Owns short ways to write literals, fields and predicates in tests. Not part of the library.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "expr/predicate.h"
#include "expr/prune.h"

namespace deltic::testing {

inline DataType Type(TypeKind kind) { return DataType(kind); }
inline Literal Long(int64_t value) { return {DataType(TypeKind::kLong), value}; }
inline Literal Int(int64_t value) { return {DataType(TypeKind::kInteger), value}; }
inline Literal Double(double value) { return {DataType(TypeKind::kDouble), value}; }
inline Literal Float(float value) { return {DataType(TypeKind::kFloat), static_cast<double>(value)}; }
inline Literal Bool(bool value) { return {DataType(TypeKind::kBoolean), value}; }
inline Literal Str(std::string value) { return {DataType(TypeKind::kString), std::move(value)}; }
inline Literal Bin(std::string value) { return {DataType(TypeKind::kBinary), std::move(value)}; }
inline Literal Date(int64_t days) { return {DataType(TypeKind::kDate), days}; }
inline Literal Timestamp(int64_t micros) { return {DataType(TypeKind::kTimestamp), micros}; }
inline Literal Ntz(int64_t micros) { return {DataType(TypeKind::kTimestampNtz), micros}; }
inline Literal Dec(Int128 unscaled, int precision, int scale) {
  return {DataType::Decimal(precision, scale), unscaled};
}
inline Literal Null(TypeKind kind = TypeKind::kLong) { return Literal::Null(DataType(kind)); }

inline StructField Field(std::string name, DataType type, bool nullable = true) {
  StructField field;
  field.name = std::move(name);
  field.type = std::move(type);
  field.nullable = nullable;
  return field;
}

inline Predicate Of(Predicate::Kind kind, ColumnPath column, std::vector<Literal> literals = {}) {
  Predicate predicate;
  predicate.kind = kind;
  predicate.column = std::move(column);
  predicate.literals = std::move(literals);
  return predicate;
}
inline Predicate Cmp(ColumnPath column, CompareOp op, Literal literal) {
  Predicate predicate = Of(Predicate::Kind::kCompare, std::move(column), {std::move(literal)});
  predicate.op = op;
  return predicate;
}
inline Predicate In(ColumnPath column, std::vector<Literal> literals) {
  return Of(Predicate::Kind::kIn, std::move(column), std::move(literals));
}
inline Predicate IsNull(ColumnPath column) { return Of(Predicate::Kind::kIsNull, std::move(column)); }
inline Predicate IsNotNull(ColumnPath column) { return Of(Predicate::Kind::kIsNotNull, std::move(column)); }
inline Predicate StartsWith(ColumnPath column, std::string prefix) {
  return Of(Predicate::Kind::kStartsWith, std::move(column), {Str(std::move(prefix))});
}
inline Predicate Constant(Literal literal) { return Of(Predicate::Kind::kConstant, {}, {std::move(literal)}); }
inline Predicate Opaque() {
  Predicate predicate;
  predicate.text = "f(x)";
  return predicate;
}
inline Predicate Tree(Predicate::Kind kind, std::vector<Predicate> children) {
  Predicate predicate;
  predicate.kind = kind;
  predicate.children = std::move(children);
  return predicate;
}
inline Predicate And(std::vector<Predicate> children) { return Tree(Predicate::Kind::kAnd, std::move(children)); }
inline Predicate Or(std::vector<Predicate> children) { return Tree(Predicate::Kind::kOr, std::move(children)); }
inline Predicate Not(Predicate child) { return Tree(Predicate::Kind::kNot, {std::move(child)}); }

}  // namespace deltic::testing
