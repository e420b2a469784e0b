// Owns the rewriting of plans.
//
//   AGGREGATE [groups] count(*), min(a)          AGGREGATE [groups] max(v0), max(v1)
//     PROJECTION, FILTER (any number)      =>      DELTIC_STATISTICS(groups, v0, v1): one row for each group
//       DELTIC_SCAN                              and without groups DELTIC_STATISTICS alone, one row
//
// All filters must be on partition columns: each is then the same in all rows of a file, and evaluated here by DuckDB
// on each combination of partition values. Anything that is not understood leaves the plan as it was.
#include "engine/duckdb/statistics_plan.h"

#include <algorithm>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/aggregate_function_catalog_entry.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/function/function_binder.hpp>
#include <duckdb/optimizer/optimizer.hpp>
#include <duckdb/optimizer/optimizer_extension.hpp>
#include <duckdb/planner/binder.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <duckdb/planner/operator/logical_aggregate.hpp>
#include <duckdb/planner/operator/logical_filter.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <duckdb/planner/operator/logical_projection.hpp>
#include <map>

#include "engine/duckdb/convert.h"
#include "engine/duckdb/table_filters.h"
#include "engine/duckdb/table_scan.h"
#include "expr/exact.h"

namespace deltic {
namespace {

using duckdb::ClientContext;
using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::idx_t;
using duckdb::LogicalAggregate;
using duckdb::LogicalGet;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using duckdb::LogicalType;
using duckdb::make_uniq;
using duckdb::unique_ptr;
using duckdb::Value;

// Combinations of partition values that a plan holds in memory at most; tables with more are scanned.
constexpr size_t kMaxGroups = 100'000;

// ---- the rows in a plan ----

// What the rewritten plan reads. Immutable once bound.
struct KnownRows : public duckdb::TableFunctionData {
  std::vector<std::vector<Value>> rows;
  int64_t files = 0;
  std::string values;  // what the columns are, for EXPLAIN
};

struct KnownRowsPlace : public duckdb::GlobalTableFunctionState {
  size_t next = 0;
};

void EmitKnownRows(ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  const auto& known = input.bind_data->Cast<KnownRows>();
  auto& place = input.global_state->Cast<KnownRowsPlace>();
  idx_t count = 0;
  for (; count < STANDARD_VECTOR_SIZE && place.next < known.rows.size(); ++count, ++place.next) {
    const auto& row = known.rows[place.next];
    for (idx_t i = 0; i < row.size(); i++) output.SetValue(i, count, row[i]);
  }
  output.SetCardinality(count);
}

unique_ptr<duckdb::GlobalTableFunctionState> BeginKnownRows(ClientContext&, duckdb::TableFunctionInitInput&) {
  return make_uniq<KnownRowsPlace>();
}

unique_ptr<duckdb::NodeStatistics> CountKnownRows(ClientContext&, const duckdb::FunctionData* data) {
  const auto rows = data->Cast<KnownRows>().rows.size();
  return make_uniq<duckdb::NodeStatistics>(rows, rows);
}

duckdb::InsertionOrderPreservingMap<std::string> DescribeKnownRows(duckdb::TableFunctionToStringInput& input) {
  const auto& known = input.bind_data->Cast<KnownRows>();
  duckdb::InsertionOrderPreservingMap<std::string> text;
  text["Known From"] = "the log's statistics of " + std::to_string(known.files) + " files";
  text["Values"] = known.values;
  text["Data Files Read"] = "0";
  return text;
}

unique_ptr<LogicalOperator> MakeKnownRows(idx_t table_index, unique_ptr<KnownRows> rows,
                                          duckdb::vector<LogicalType> types) {
  duckdb::TableFunction function("deltic_statistics", {}, EmitKnownRows, nullptr, BeginKnownRows);
  function.cardinality = CountKnownRows;
  function.to_string = DescribeKnownRows;
  function.verify_serialization = false;
  duckdb::vector<std::string> names;
  for (size_t i = 0; i < types.size(); i++) names.push_back("v" + std::to_string(i));
  const auto count = rows->rows.size();
  auto get = make_uniq<LogicalGet>(table_index, std::move(function), std::move(rows), types, std::move(names));
  for (size_t i = 0; i < types.size(); i++) get->AddColumnId(i);
  get->SetEstimatedCardinality(count);
  get->ResolveOperatorTypes();
  return get;
}

// ---- one aggregate over one table ----

// Applies `change` to the expression and all in it that it does not replace.
template <class Change>
void ForEach(unique_ptr<Expression>& expression, const Change& change) {
  if (change(expression)) return;
  duckdb::ExpressionIterator::EnumerateChildren(*expression,
                                                [&](unique_ptr<Expression>& child) { ForEach(child, change); });
}

const duckdb::ColumnBinding* BindingOf(const Expression& expression) {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF) return nullptr;
  return &expression.Cast<duckdb::BoundColumnRefExpression>().binding;
}

// What a query's aggregate asks for, in terms of the table's schema. One thread at a time.
class TableAggregate {
 public:
  TableAggregate(ClientContext& context, const LogicalAggregate& aggregate) : context_(context), query_(aggregate) {}

  // False when statistics cannot be asked for it.
  bool Understand() { return FindTable() && ReadGroups() && ReadAggregates() && ReadFilters(); }

  // Null when the log does not know. Throws the errors of reading the log.
  unique_ptr<KnownRows> Ask() {
    StatisticsQuestion question{.keys = keys_, .values = values_, .filter = scan_->predicate, .max_groups = kMaxGroups};
    const auto answer = AskOnce(question);
    if (!answer) return nullptr;
    auto known = make_uniq<KnownRows>();
    std::map<std::string, std::vector<Literal>> rows;  // by the group's values, as text
    if (groups_.empty()) rows.emplace("", NoRows({}));
    for (const auto& group : answer->groups) {
      const auto matches = Matches(group);
      if (!matches) return nullptr;
      if (!*matches) continue;
      known->files += group.files;
      if (!group.rows) return nullptr;
      if (*group.rows == 0) continue;
      if (!Take(group, rows)) return nullptr;
    }
    for (const auto& [text, row] : rows) {
      auto& values = known->rows.emplace_back();
      for (const auto& literal : row) values.push_back(ToDuckValue(literal));
    }
    for (const auto& expression : query_.groups) Describe(*expression, known->values);
    for (const auto& expression : query_.expressions) Describe(*expression, known->values);
    return known;
  }

 private:
  enum class Kind : uint8_t { kRows, kCount, kMin, kMax };
  struct Wanted {
    Kind kind = Kind::kRows;
    DataType type{TypeKind::kLong};  // of the result
    std::optional<size_t> key;       // of a partition column: index into keys_
    size_t value = 0;                // else index into values_
  };

  bool FindTable() {
    if (query_.grouping_sets.size() > 1 || !query_.grouping_functions.empty()) return false;
    const auto* child = query_.children[0].get();
    while (child->type == LogicalOperatorType::LOGICAL_PROJECTION ||
           child->type == LogicalOperatorType::LOGICAL_FILTER) {
      path_.push_back(child);
      child = child->children[0].get();
    }
    if (child->type != LogicalOperatorType::LOGICAL_GET || !child->children.empty()) return false;
    get_ = &child->Cast<LogicalGet>();
    if (get_->extra_info.sample_options || get_->ordinality_idx.IsValid()) return false;
    scan_ = FindScan(*get_);
    return scan_.has_value();
  }

  const Fields& schema() const { return scan_->table->spec.schema; }

  // The expression in terms of the scan's own columns: what stands at `level` of the path is put in place of
  // references.
  unique_ptr<Expression> OnScan(const Expression& expression, size_t level) const {
    auto result = expression.Copy();
    for (; level < path_.size(); level++) {
      if (path_[level]->type != LogicalOperatorType::LOGICAL_PROJECTION) continue;
      const auto& projection = path_[level]->Cast<duckdb::LogicalProjection>();
      ForEach(result, [&](unique_ptr<Expression>& part) {
        const auto* binding = BindingOf(*part);
        if (binding == nullptr || binding->table_index != projection.table_index) return false;
        part = projection.expressions[binding->column_index]->Copy();
        return true;
      });
    }
    return result;
  }

  // The table's column that an expression on the scan is; nullopt for anything else, also for parts of a column.
  std::optional<size_t> ColumnOf(const Expression& expression) const {
    const auto* binding = BindingOf(expression);
    if (binding == nullptr || binding->table_index != get_->table_index) return std::nullopt;
    const auto& ids = get_->GetColumnIds();
    if (binding->column_index >= ids.size()) return std::nullopt;
    const auto& id = ids[binding->column_index];
    if (id.IsVirtualColumn() || id.HasChildren() || id.GetPrimaryIndex() >= schema().size()) return std::nullopt;
    const auto column = id.GetPrimaryIndex();
    if (expression.return_type != ToDuckType(schema()[column].type)) return std::nullopt;
    return column;
  }

  // The partition column as a key of the question; nullopt for a column that files hold.
  std::optional<size_t> KeyOf(size_t column) {
    const auto& partitions = scan_->table->spec.partition_columns;
    const auto found = std::find(partitions.begin(), partitions.end(), schema()[column].name);
    if (found == partitions.end()) return std::nullopt;
    const auto partition = static_cast<size_t>(found - partitions.begin());
    const auto key = std::find(keys_.begin(), keys_.end(), partition);
    if (key != keys_.end()) return static_cast<size_t>(key - keys_.begin());
    keys_.push_back(partition);
    return keys_.size() - 1;
  }

  bool ReadGroups() {
    for (const auto& group : query_.groups) {
      const auto column = ColumnOf(*OnScan(*group, 0));
      if (!column) return false;
      // Equal floating-point values may be written differently (-0.0), and no text is sure to be one group.
      const auto kind = schema()[*column].type.kind();
      if (kind == TypeKind::kFloat || kind == TypeKind::kDouble) return false;
      const auto key = KeyOf(*column);
      if (!key) return false;
      groups_.push_back(*key);
    }
    return true;
  }

  bool ReadAggregates() {
    for (const auto& expression : query_.expressions) {
      if (expression->GetExpressionClass() != ExpressionClass::BOUND_AGGREGATE) return false;
      const auto& aggregate = expression->Cast<duckdb::BoundAggregateExpression>();
      if (aggregate.filter || aggregate.order_bys || aggregate.IsDistinct()) return false;
      const auto& name = aggregate.function.name;
      if (name == "count_star" && aggregate.children.empty()) {
        wanted_.push_back({});
        continue;
      }
      const auto kind = name == "count" ? Kind::kCount : name == "min" ? Kind::kMin : Kind::kMax;
      if ((name != "count" && name != "min" && name != "max") || aggregate.children.size() != 1) return false;
      if (!ReadColumnAggregate(kind, aggregate)) return false;
    }
    return true;
  }

  bool ReadColumnAggregate(Kind kind, const duckdb::BoundAggregateExpression& aggregate) {
    const auto column = ColumnOf(*OnScan(*aggregate.children[0], 0));
    if (!column) return false;
    const auto& type = schema()[*column].type;
    Wanted wanted{.kind = kind, .type = kind == Kind::kCount ? DataType(TypeKind::kLong) : type};
    if (aggregate.return_type != ToDuckType(wanted.type)) return false;
    wanted.key = KeyOf(*column);
    if (!wanted.key) {
      if (kind == Kind::kCount ? !HasExactNullCount(type) : !HasExactBounds(type)) return false;
      const StatisticsQuestion::Value value{.kind = kind == Kind::kCount ? StatisticsQuestion::Kind::kCount
                                                    : kind == Kind::kMin ? StatisticsQuestion::Kind::kMin
                                                                         : StatisticsQuestion::Kind::kMax,
                                            .column = *column};
      const auto found = std::find(values_.begin(), values_.end(), value);
      wanted.value = static_cast<size_t>(found - values_.begin());
      if (found == values_.end()) values_.push_back(value);
    }
    wanted_.push_back(std::move(wanted));
    return true;
  }

  bool ReadFilters() {
    for (const auto& [column, filter] : get_->table_filters.filters) {
      // Filters for speed only: what they drop is dropped again elsewhere, or changes no result.
      if (filter->filter_type == duckdb::TableFilterType::OPTIONAL_FILTER ||
          filter->filter_type == duckdb::TableFilterType::DYNAMIC_FILTER) {
        continue;
      }
      if (column >= schema().size()) return false;
      const auto key = KeyOf(column);
      if (!key) return false;
      scan_filters_.emplace_back(*key, filter.get());
    }
    for (size_t level = 0; level < path_.size(); level++) {
      if (path_[level]->type != LogicalOperatorType::LOGICAL_FILTER) continue;
      for (const auto& expression : path_[level]->expressions) {
        auto filter = OnScan(*expression, level + 1);
        if (filter->IsVolatile() || filter->HasParameter() || filter->HasSubquery()) return false;
        bool keys_only = true;
        ForEach(filter, [&](unique_ptr<Expression>& part) {
          if (part->GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF) return false;
          const auto column = ColumnOf(*part);
          keys_only = keys_only && column && KeyOf(*column);
          return true;
        });
        if (!keys_only) return false;
        filters_.push_back(std::move(filter));
      }
    }
    return true;
  }

  std::optional<StatisticsAnswer> AskOnce(const StatisticsQuestion& question) const {
    auto& table = *scan_->table;
    const auto asked = question.ToString();
    {
      std::lock_guard lock(table.mutex);
      if (table.asked == asked) return table.answer;
    }
    auto answer = table.spec.files->AskStatistics(question);
    if (!answer.ok()) ThrowError(answer.error());
    std::lock_guard lock(table.mutex);
    table.asked = asked;
    table.answer = *answer;
    return std::move(answer).value();
  }

  // Whether the rows of a group pass every filter; nullopt when DuckDB cannot evaluate one.
  std::optional<bool> Matches(const StatisticsAnswer::Group& group) {
    for (const auto& [key, filter] : scan_filters_) {
      if (!Passes(context_, *filter, ToDuckValue(group.keys[key]))) return false;
    }
    for (const auto& filter : filters_) {
      auto constant = filter->Copy();
      ForEach(constant, [&](unique_ptr<Expression>& part) {
        if (part->GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF) return false;
        const auto key = KeyOf(*ColumnOf(*part));
        part = make_uniq<duckdb::BoundConstantExpression>(ToDuckValue(group.keys[*key]));
        return true;
      });
      Value result;
      if (!duckdb::ExpressionExecutor::TryEvaluateScalar(context_, *constant, result)) return std::nullopt;
      if (result.IsNull() || !result.GetValue<bool>()) return false;
    }
    return true;
  }

  // The group's values, and the aggregates of no row.
  std::vector<Literal> NoRows(std::vector<Literal> row) const {
    for (const auto& wanted : wanted_) {
      const bool counts = wanted.kind == Kind::kRows || wanted.kind == Kind::kCount;
      row.push_back(counts ? Literal{wanted.type, static_cast<int64_t>(0)} : Literal::Null(wanted.type));
    }
    return row;
  }

  // False when some value of the group is not known.
  bool Take(const StatisticsAnswer::Group& group, std::map<std::string, std::vector<Literal>>& rows) const {
    std::string text;
    std::vector<Literal> values;
    for (const auto key : groups_) {
      const auto part = group.keys[key].is_null() ? "" : group.keys[key].ToString();
      text += std::to_string(part.size()) + ":" + part;
      values.push_back(group.keys[key]);
    }
    auto found = rows.find(text);
    if (found == rows.end()) found = rows.emplace(text, NoRows(std::move(values))).first;
    for (size_t i = 0; i < wanted_.size(); i++) {
      if (!TakeOne(group, wanted_[i], found->second[groups_.size() + i])) return false;
    }
    return true;
  }

  static bool TakeOne(const StatisticsAnswer::Group& group, const Wanted& wanted, Literal& sum) {
    std::optional<Literal> one;
    if (wanted.kind == Kind::kRows || (wanted.kind == Kind::kCount && wanted.key)) {
      const bool counts = wanted.kind == Kind::kRows || !group.keys[*wanted.key].is_null();
      one = Literal{wanted.type, counts ? *group.rows : static_cast<int64_t>(0)};
    } else {
      one = wanted.key ? std::optional(group.keys[*wanted.key]) : group.values[wanted.value];
    }
    if (!one) return false;
    if (wanted.kind == Kind::kRows || wanted.kind == Kind::kCount) {
      auto& count = std::get<int64_t>(sum.value);
      return !__builtin_add_overflow(count, std::get<int64_t>(one->value), &count);
    }
    if (one->is_null()) return true;
    if (!sum.is_null()) {
      const auto order = Compare(*one, sum);
      if (!order) return false;
      if (wanted.kind == Kind::kMin ? *order >= 0 : *order <= 0) return true;
    }
    sum = std::move(*one);
    return true;
  }

  static void Describe(const Expression& expression, std::string& text) {
    text += (text.empty() ? "" : "\n") + expression.ToString();
  }

  ClientContext& context_;
  const LogicalAggregate& query_;
  std::vector<const LogicalOperator*> path_;  // from below the aggregate to above the scan
  const LogicalGet* get_ = nullptr;
  std::optional<BoundScan> scan_;
  std::vector<size_t> keys_;  // as StatisticsQuestion::keys
  std::vector<StatisticsQuestion::Value> values_;
  std::vector<size_t> groups_;                                         // indexes into keys_
  std::vector<Wanted> wanted_;                                         // one for each aggregate
  std::vector<std::pair<size_t, duckdb::TableFilter*>> scan_filters_;  // by index into keys_
  std::vector<unique_ptr<Expression>> filters_;
};

// ---- the plan ----

unique_ptr<Expression> MaxOf(ClientContext& context, const LogicalType& type, duckdb::ColumnBinding binding) {
  auto& catalog = duckdb::Catalog::GetSystemCatalog(context);
  auto& entry = catalog.GetEntry<duckdb::AggregateFunctionCatalogEntry>(context, DEFAULT_SCHEMA, "max");
  duckdb::vector<unique_ptr<Expression>> arguments;
  arguments.push_back(make_uniq<duckdb::BoundColumnRefExpression>(type, binding));
  return duckdb::FunctionBinder(context).BindAggregateFunction(entry.functions.GetFunctionByArguments(context, {type}),
                                                               std::move(arguments));
}

void Answer(duckdb::OptimizerExtensionInput& input, unique_ptr<LogicalOperator>& plan) {
  for (auto& child : plan->children) Answer(input, child);
  if (plan->type != LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY) return;
  auto& aggregate = plan->Cast<LogicalAggregate>();
  TableAggregate table(input.context, aggregate);
  if (!table.Understand()) return;
  auto rows = table.Ask();
  if (!rows) return;
  duckdb::vector<LogicalType> types;
  for (const auto& group : aggregate.groups) types.push_back(group->return_type);
  for (const auto& expression : aggregate.expressions) types.push_back(expression->return_type);
  if (aggregate.groups.empty()) {
    plan = MakeKnownRows(aggregate.aggregate_index, std::move(rows), std::move(types));
    return;
  }
  const auto index = input.optimizer.binder.GenerateTableIndex();
  for (idx_t i = 0; i < aggregate.groups.size(); i++) {
    aggregate.groups[i] = make_uniq<duckdb::BoundColumnRefExpression>(types[i], duckdb::ColumnBinding(index, i));
  }
  for (idx_t i = 0; i < aggregate.expressions.size(); i++) {
    const auto column = aggregate.groups.size() + i;
    auto alias = aggregate.expressions[i]->GetAlias();
    aggregate.expressions[i] = MaxOf(input.context, types[column], duckdb::ColumnBinding(index, column));
    aggregate.expressions[i]->SetAlias(alias);
  }
  aggregate.group_stats.clear();
  aggregate.group_stats.resize(aggregate.groups.size());
  aggregate.distinct_validity = duckdb::TupleDataValidityType::CAN_HAVE_NULL_VALUES;
  aggregate.children[0] = MakeKnownRows(index, std::move(rows), std::move(types));
}

}  // namespace

void RegisterStatisticsPlan(duckdb::DatabaseInstance& database) {
  duckdb::OptimizerExtension extension;
  extension.optimize_function = Answer;
  duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(database), std::move(extension));
}

}  // namespace deltic
