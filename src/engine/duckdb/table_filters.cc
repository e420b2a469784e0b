// Owns the reading of DuckDB's table filters. See table_filters.h.
#include "engine/duckdb/table_filters.h"

#include <duckdb/planner/filter/dynamic_filter.hpp>
#include <duckdb/planner/filter/expression_filter.hpp>
#include <duckdb/planner/filter/in_filter.hpp>
#include <duckdb/planner/filter/list.hpp>
#include <duckdb/planner/filter/optional_filter.hpp>
#include <duckdb/planner/filter/struct_filter.hpp>

#include "engine/duckdb/convert.h"
#include "engine/duckdb/predicate.h"

namespace deltic {
namespace {

using duckdb::ClientContext;
using duckdb::TableFilter;
using duckdb::TableFilterType;
using duckdb::Value;

bool IsTrue(const Predicate& predicate) {
  return predicate.kind == Predicate::Kind::kConstant && !predicate.literals[0].is_null() &&
         std::get<bool>(predicate.literals[0].value);
}

Predicate True() {
  return {.kind = Predicate::Kind::kConstant, .literals = {Literal{DataType(TypeKind::kBoolean), true}}};
}

}  // namespace

Predicate And(const Predicate& left, const Predicate& right) {
  Predicate all{.kind = Predicate::Kind::kAnd};
  std::vector<std::string> seen;
  const std::function<void(const Predicate&)> add = [&](const Predicate& one) {
    if (one.kind == Predicate::Kind::kAnd) {
      for (const auto& conjunct : one.children) add(conjunct);
      return;
    }
    auto text = one.ToString();
    if (IsTrue(one) || std::find(seen.begin(), seen.end(), text) != seen.end()) return;
    seen.push_back(std::move(text));
    all.children.push_back(one);
  };
  add(left);
  add(right);
  if (all.children.empty()) return left;
  return all.children.size() == 1 ? Predicate(all.children[0]) : all;
}

Predicate FilterPredicate(const ColumnPath& column, const TableFilter& filter) {
  switch (filter.filter_type) {
    case TableFilterType::CONSTANT_COMPARISON: {
      auto& comparison = filter.Cast<duckdb::ConstantFilter>();
      auto literal = FromDuckValue(comparison.constant);
      const auto op = ComparisonOperator(comparison.comparison_type);
      if (!op || !literal) return True();
      return {.kind = Predicate::Kind::kCompare, .column = column, .op = *op, .literals = {std::move(*literal)}};
    }
    case TableFilterType::IS_NULL:
      return {.kind = Predicate::Kind::kIsNull, .column = column};
    case TableFilterType::IS_NOT_NULL:
      return {.kind = Predicate::Kind::kIsNotNull, .column = column};
    case TableFilterType::IN_FILTER: {
      Predicate in{.kind = Predicate::Kind::kIn, .column = column};
      for (const auto& value : filter.Cast<duckdb::InFilter>().values) {
        auto literal = FromDuckValue(value);
        if (!literal) return True();
        in.literals.push_back(std::move(*literal));
      }
      return in;
    }
    case TableFilterType::CONJUNCTION_AND: {
      Predicate all{.kind = Predicate::Kind::kAnd};
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        all.children.push_back(FilterPredicate(column, *child));
      }
      return all;
    }
    case TableFilterType::STRUCT_EXTRACT: {
      auto& nested = filter.Cast<duckdb::StructFilter>();
      auto path = column;
      path.push_back(nested.child_name);
      return FilterPredicate(path, *nested.child_filter);
    }
    // Optional filters hold for every row that the query's result can come from.
    case TableFilterType::OPTIONAL_FILTER: {
      auto& optional = filter.Cast<duckdb::OptionalFilter>();
      return optional.child_filter ? FilterPredicate(column, *optional.child_filter) : True();
    }
    case TableFilterType::DYNAMIC_FILTER: {
      auto& dynamic = filter.Cast<duckdb::DynamicFilter>();
      if (!dynamic.filter_data) return True();
      std::lock_guard lock(dynamic.filter_data->lock);
      if (!dynamic.filter_data->initialized || !dynamic.filter_data->filter) return True();
      return FilterPredicate(column, *dynamic.filter_data->filter);
    }
    default:
      return True();
  }
}

bool Passes(ClientContext& context, TableFilter& filter, const Value& constant) {
  switch (filter.filter_type) {
    case TableFilterType::CONSTANT_COMPARISON:
      return !constant.IsNull() && filter.Cast<duckdb::ConstantFilter>().Compare(constant);
    case TableFilterType::IS_NULL:
      return constant.IsNull();
    case TableFilterType::IS_NOT_NULL:
      return !constant.IsNull();
    case TableFilterType::IN_FILTER: {
      if (constant.IsNull()) return false;
      for (auto& value : filter.Cast<duckdb::InFilter>().values) {
        if (value == constant) return true;
      }
      return false;
    }
    case TableFilterType::CONJUNCTION_OR: {
      for (auto& child : filter.Cast<duckdb::ConjunctionOrFilter>().child_filters) {
        if (Passes(context, *child, constant)) return true;
      }
      return false;
    }
    case TableFilterType::CONJUNCTION_AND: {
      for (auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        if (!Passes(context, *child, constant)) return false;
      }
      return true;
    }
    case TableFilterType::STRUCT_EXTRACT: {
      auto& nested = filter.Cast<duckdb::StructFilter>();
      if (constant.IsNull()) {
        return Passes(context, *nested.child_filter,
                      Value(duckdb::StructType::GetChildType(constant.type(), nested.child_idx)));
      }
      return Passes(context, *nested.child_filter, duckdb::StructValue::GetChildren(constant)[nested.child_idx]);
    }
    case TableFilterType::EXPRESSION_FILTER:
      return filter.Cast<duckdb::ExpressionFilter>().EvaluateWithConstant(context, constant);
    default:
      return true;
  }
}

}  // namespace deltic
