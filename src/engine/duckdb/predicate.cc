// Owns the walk from bound expressions to predicates. A conversion is made only where the predicate is true for every
// row for which the expression is true; in doubt the answer is kOpaque.
#include "engine/duckdb/predicate.h"

#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/list.hpp>

#include "engine/duckdb/convert.h"

namespace deltic {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

Predicate Opaque(const Expression& expression) {
  return {.kind = Predicate::Kind::kOpaque, .text = expression.ToString()};
}

Predicate Constant(bool value) {
  return {.kind = Predicate::Kind::kConstant, .literals = {Literal{DataType(TypeKind::kBoolean), value}}};
}

int IntegerBits(LogicalTypeId id) {
  switch (id) {
    case LogicalTypeId::TINYINT:
      return 8;
    case LogicalTypeId::SMALLINT:
      return 16;
    case LogicalTypeId::INTEGER:
      return 32;
    case LogicalTypeId::BIGINT:
      return 64;
    case LogicalTypeId::HUGEINT:
      return 128;
    default:
      return 0;
  }
}

// Whether a cast keeps order and loses nothing, so that comparing the column itself says the same. BIGINT to DOUBLE
// does not: two numbers may become one.
bool LosslessCast(const LogicalType& from, const LogicalType& to) {
  if (from == to) return true;
  const int from_bits = IntegerBits(from.id()), to_bits = IntegerBits(to.id());
  if (from_bits > 0 && to_bits > 0) return from_bits <= to_bits;
  if (from_bits > 0 && to.id() == LogicalTypeId::DOUBLE) return from_bits <= 32;
  if (from_bits > 0 && to.id() == LogicalTypeId::DECIMAL) {
    const int digits = duckdb::DecimalType::GetWidth(to) - duckdb::DecimalType::GetScale(to);
    return digits >= (from_bits == 8 ? 3 : from_bits == 16 ? 5 : from_bits == 32 ? 10 : 19) && from_bits <= 64;
  }
  if (from.id() == LogicalTypeId::FLOAT) return to.id() == LogicalTypeId::DOUBLE;
  if (from.id() == LogicalTypeId::DATE) return to.id() == LogicalTypeId::TIMESTAMP;
  if (from.id() == LogicalTypeId::DECIMAL && to.id() == LogicalTypeId::DECIMAL) {
    const int from_scale = duckdb::DecimalType::GetScale(from), to_scale = duckdb::DecimalType::GetScale(to);
    return to_scale >= from_scale &&
           duckdb::DecimalType::GetWidth(to) - to_scale >= duckdb::DecimalType::GetWidth(from) - from_scale;
  }
  return false;
}

class Reader {
 public:
  Reader(duckdb::ClientContext& context, const ColumnLookup& columns) : context_(context), columns_(columns) {}

  Predicate Read(const Expression& expression) {
    // A column path whose value is a boolean is a filter by itself.
    if (auto path = Column(expression); path && expression.return_type.id() == LogicalTypeId::BOOLEAN) {
      return {.kind = Predicate::Kind::kCompare,
              .column = *path,
              .op = CompareOp::kEq,
              .literals = {Literal{DataType(TypeKind::kBoolean), true}}};
    }
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::BOUND_CONSTANT: {
        auto literal = Value(expression);
        if (literal && !literal->is_null() && literal->type.kind() == TypeKind::kBoolean) {
          return Constant(std::get<bool>(literal->value));
        }
        if (!literal || !literal->is_null()) return Opaque(expression);
        // Not false: of that, NOT would make true.
        return {.kind = Predicate::Kind::kConstant, .literals = {Literal::Null(DataType(TypeKind::kBoolean))}};
      }
      case ExpressionClass::BOUND_CONJUNCTION: {
        auto& conjunction = expression.Cast<duckdb::BoundConjunctionExpression>();
        Predicate result{.kind = expression.type == ExpressionType::CONJUNCTION_AND ? Predicate::Kind::kAnd
                                                                                    : Predicate::Kind::kOr};
        for (auto& child : conjunction.children) result.children.push_back(Read(*child));
        return result;
      }
      case ExpressionClass::BOUND_COMPARISON:
        return ReadComparison(expression);
      case ExpressionClass::BOUND_BETWEEN:
        return ReadBetween(expression);
      case ExpressionClass::BOUND_OPERATOR:
        return ReadOperator(expression);
      case ExpressionClass::BOUND_FUNCTION:
        return ReadFunction(expression);
      default:
        return Opaque(expression);
    }
  }

 private:
  // The path of a column, a struct field of one, or a lossless cast of either.
  std::optional<ColumnPath> Column(const Expression& expression) {
    switch (expression.GetExpressionClass()) {
      case ExpressionClass::BOUND_COLUMN_REF:
      case ExpressionClass::BOUND_REF: {
        const auto* field = columns_(expression);
        if (field == nullptr) return std::nullopt;
        return ColumnPath{field->name};
      }
      case ExpressionClass::BOUND_CAST: {
        auto& cast = expression.Cast<duckdb::BoundCastExpression>();
        if (!LosslessCast(cast.child->return_type, cast.return_type)) return std::nullopt;
        return Column(*cast.child);
      }
      case ExpressionClass::BOUND_FUNCTION: {
        auto& call = expression.Cast<duckdb::BoundFunctionExpression>();
        const auto& name = call.function.name;
        if ((name != "struct_extract" && name != "struct_extract_at" && name != "array_extract") ||
            call.children.size() != 2 || call.children[0]->return_type.id() != LogicalTypeId::STRUCT ||
            call.children[1]->GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) {
          return std::nullopt;
        }
        auto path = Column(*call.children[0]);
        const auto& key = call.children[1]->Cast<duckdb::BoundConstantExpression>().value;
        if (!path || key.IsNull()) return std::nullopt;
        if (key.type().id() == LogicalTypeId::VARCHAR) {
          path->push_back(duckdb::StringValue::Get(key));
        } else {
          const auto& fields = duckdb::StructType::GetChildTypes(call.children[0]->return_type);
          const auto index = key.GetValue<int64_t>();
          if (index < 1 || index > static_cast<int64_t>(fields.size())) return std::nullopt;
          path->push_back(fields[index - 1].first);
        }
        return path;
      }
      default:
        return std::nullopt;
    }
  }

  std::optional<Literal> Value(const Expression& expression) {
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_CONSTANT) {
      return FromDuckValue(expression.Cast<duckdb::BoundConstantExpression>().value);
    }
    if (!expression.IsFoldable()) return std::nullopt;
    duckdb::Value value;
    if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context_, expression, value)) return std::nullopt;
    return FromDuckValue(value);
  }

  Predicate ReadComparison(const Expression& expression) {
    auto& comparison = expression.Cast<duckdb::BoundComparisonExpression>();
    const auto* left = comparison.left.get();
    const auto* right = comparison.right.get();
    auto type = expression.type;
    if (!Column(*left)) {
      std::swap(left, right);
      type = duckdb::FlipComparisonExpression(type);
    }
    const auto op = ComparisonOperator(type);
    auto column = Column(*left);
    auto literal = Value(*right);
    if (!op || !column || !literal) return Opaque(expression);
    return {
        .kind = Predicate::Kind::kCompare, .column = std::move(*column), .op = *op, .literals = {std::move(*literal)}};
  }

  Predicate ReadBetween(const Expression& expression) {
    auto& between = expression.Cast<duckdb::BoundBetweenExpression>();
    auto column = Column(*between.input);
    auto lower = Value(*between.lower), upper = Value(*between.upper);
    if (!column) return Opaque(expression);
    Predicate result{.kind = Predicate::Kind::kAnd};
    const auto side = [&](std::optional<Literal> literal, CompareOp op) {
      if (!literal) {
        result.children.push_back(Opaque(expression));
        return;
      }
      result.children.push_back(
          {.kind = Predicate::Kind::kCompare, .column = *column, .op = op, .literals = {std::move(*literal)}});
    };
    side(std::move(lower), between.lower_inclusive ? CompareOp::kGe : CompareOp::kGt);
    side(std::move(upper), between.upper_inclusive ? CompareOp::kLe : CompareOp::kLt);
    return result;
  }

  Predicate ReadOperator(const Expression& expression) {
    auto& call = expression.Cast<duckdb::BoundOperatorExpression>();
    switch (expression.type) {
      case ExpressionType::OPERATOR_NOT:
        return {.kind = Predicate::Kind::kNot, .children = {Read(*call.children[0])}};
      case ExpressionType::OPERATOR_IS_NULL:
      case ExpressionType::OPERATOR_IS_NOT_NULL: {
        auto column = Column(*call.children[0]);
        if (!column) return Opaque(expression);
        return {.kind = expression.type == ExpressionType::OPERATOR_IS_NULL ? Predicate::Kind::kIsNull
                                                                            : Predicate::Kind::kIsNotNull,
                .column = std::move(*column)};
      }
      case ExpressionType::COMPARE_IN:
      case ExpressionType::COMPARE_NOT_IN: {
        auto column = Column(*call.children[0]);
        if (!column) return Opaque(expression);
        Predicate in{.kind = Predicate::Kind::kIn, .column = std::move(*column)};
        for (size_t i = 1; i < call.children.size(); i++) {
          auto literal = Value(*call.children[i]);
          if (!literal) return Opaque(expression);
          in.literals.push_back(std::move(*literal));
        }
        if (expression.type == ExpressionType::COMPARE_IN) return in;
        return {.kind = Predicate::Kind::kNot, .children = {std::move(in)}};
      }
      default:
        return Opaque(expression);
    }
  }

  Predicate ReadFunction(const Expression& expression) {
    auto& call = expression.Cast<duckdb::BoundFunctionExpression>();
    const auto& name = call.function.name;
    if (call.children.size() == 2 && (name == "prefix" || name == "starts_with" || name == "^@")) {
      auto column = Column(*call.children[0]);
      auto literal = Value(*call.children[1]);
      if (column && literal && !literal->is_null() && literal->type.kind() == TypeKind::kString) {
        return {.kind = Predicate::Kind::kStartsWith, .column = std::move(*column), .literals = {std::move(*literal)}};
      }
    }
    return Opaque(expression);
  }

  duckdb::ClientContext& context_;
  const ColumnLookup& columns_;
};

}  // namespace

std::optional<CompareOp> ComparisonOperator(duckdb::ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL:
      return CompareOp::kEq;
    case ExpressionType::COMPARE_NOTEQUAL:
      return CompareOp::kNe;
    case ExpressionType::COMPARE_LESSTHAN:
      return CompareOp::kLt;
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return CompareOp::kLe;
    case ExpressionType::COMPARE_GREATERTHAN:
      return CompareOp::kGt;
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return CompareOp::kGe;
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
      return CompareOp::kNullSafeEq;
    case ExpressionType::COMPARE_DISTINCT_FROM:
      return CompareOp::kNullSafeNe;
    default:
      return std::nullopt;
  }
}

Predicate ToPredicate(duckdb::ClientContext& context, const Expression& expression, const ColumnLookup& columns) {
  return Reader(context, columns).Read(expression);
}

Predicate ToPredicate(duckdb::ClientContext& context, const duckdb::vector<duckdb::unique_ptr<Expression>>& filters,
                      const ColumnLookup& columns) {
  if (filters.empty()) return Constant(true);
  if (filters.size() == 1) return ToPredicate(context, *filters[0], columns);
  Predicate result{.kind = Predicate::Kind::kAnd};
  for (auto& filter : filters) result.children.push_back(ToPredicate(context, *filter, columns));
  return result;
}

}  // namespace deltic
