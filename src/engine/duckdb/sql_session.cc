// Owns the session of SQL statements. delta_scan is replaced, while a query is bound, by deltic_scan over a handle: one
// way to scan, whoever asks.
#include "engine/duckdb/sql_session.h"

#include <algorithm>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/expression/comparison_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

#include "base/error.h"
#include "base/time.h"
#include "engine/duckdb/output.h"
#include "engine/duckdb/session.h"
#include "engine/duckdb/sql_check.h"
#include "engine/duckdb/sql_tables.h"
#include "engine/duckdb/sql_text.h"
#include "engine/duckdb/variant_sql.h"

namespace deltic {
namespace {

using duckdb::LogicalType;
using duckdb::make_uniq;
using duckdb::Value;

constexpr const char* kExplainKey = "explain_key";
constexpr const char* kExplainValue = "explain_value";

std::optional<int64_t> Timestamp(const Value& value) {
  if (value.IsNull()) return std::nullopt;
  if (value.type().id() == duckdb::LogicalTypeId::VARCHAR) {
    auto micros = ParseTimestampMicros(duckdb::StringValue::Get(value));
    if (!micros.ok()) ThrowError(micros.error());
    return *micros / 1000;
  }
  // Dates and timestamps without a zone are UTC here, as everywhere in deltic.
  return value.DefaultCastAs(LogicalType::TIMESTAMP).GetValueUnsafe<int64_t>() / 1000;
}

duckdb::unique_ptr<duckdb::TableRef> BindDeltaScan(duckdb::ClientContext& context,
                                                   duckdb::TableFunctionBindInput& input) {
  auto state = context.registered_state->Get<SqlState>(kSqlStateKey);
  if (state == nullptr || !state->resolver) {
    throw duckdb::BinderException("delta_scan works in a deltic SQL session only");
  }
  TableReference reference;
  if (input.inputs[0].IsNull()) throw duckdb::BinderException("delta_scan takes a table's location, not NULL");
  reference.location = duckdb::StringValue::Get(input.inputs[0]);
  for (const auto& [name, value] : input.named_parameters) {
    if (duckdb::StringUtil::CIEquals(name, "version") && !value.IsNull()) {
      reference.version = value.GetValue<int64_t>();
    } else if (duckdb::StringUtil::CIEquals(name, "timestamp")) {
      reference.timestamp_ms = Timestamp(value);
    }
  }
  const auto key = fmt::format("{}\n{}\n{}", reference.location, reference.version.value_or(-1),
                               reference.timestamp_ms.value_or(-1));
  auto& handle = state->handles[key];
  if (handle.empty()) {
    auto scan = state->resolver(reference);
    if (!scan.ok()) ThrowError(std::move(scan).error());
    handle = state->statement.Add({.spec = std::move(*scan)});
  }

  duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
  arguments.push_back(make_uniq<duckdb::ConstantExpression>(Value(handle)));
  arguments.push_back(make_uniq<duckdb::ComparisonExpression>(
      duckdb::ExpressionType::COMPARE_EQUAL, make_uniq<duckdb::ColumnRefExpression>("can_have_nan"),
      make_uniq<duckdb::ConstantExpression>(Value::BOOLEAN(true))));
  auto replacement = make_uniq<duckdb::TableFunctionRef>();
  replacement->function = make_uniq<duckdb::FunctionExpression>("deltic_scan", std::move(arguments));
  return replacement;
}

void NeverRuns(duckdb::ClientContext&, duckdb::TableFunctionInput&, duckdb::DataChunk&) {
  throw duckdb::InternalException("delta_scan was not replaced");
}

bool IsNumber(const LogicalType& type) { return type.IsNumeric(); }

class DuckDbSqlSession : public SqlSession {
 public:
  DuckDbSqlSession(duckdb::DatabaseInstance& database, TableResolver resolver)
      : session_(std::make_shared<Session>(database)) {
    state_ = duckdb::make_shared_ptr<SqlState>();
    state_->resolver = std::move(resolver);
    session_->connection.context->registered_state->Insert(kSqlStateKey, state_);
    session_->Run("SET TimeZone = 'UTC'");
  }

  Status Register(const std::string& name, const ScanSpec& scan) override {
    return Guard([&]() -> Status {
      session_->Run("CREATE OR REPLACE TEMPORARY VIEW " + QuoteName(name) + " AS SELECT * FROM " +
                    ScanText(state_->registered.Add({.spec = scan})));
      return {};
    });
  }

  Status ReadArrow(const std::string& sql, const CancelToken& cancel, ArrowArrayStream* out) override {
    return Guard([&]() -> Status {
      DELTIC_TRY(auto last, RunAllButLast(sql, cancel));
      DELTIC_TRY(auto columns, Describe(last));
      if (!columns) return StartArrow(session_, last, cancel, out);
      bool variants = false;
      std::string select;
      for (const auto& column : *columns) {
        variants |= HoldsVariant(column.type);
        select += (select.empty() ? "" : ", ") + Text(column, false) + " AS " + QuoteName(column.label);
      }
      return StartArrow(session_, variants ? Wrapped(*columns, select, last) : last, cancel, out);
    });
  }

  Result<std::unique_ptr<TextRows>> ReadText(const std::string& sql, const CancelToken& cancel) override {
    return Guard([&]() -> Result<std::unique_ptr<TextRows>> {
      DELTIC_TRY(auto last, RunAllButLast(sql, cancel));
      DELTIC_TRY(auto columns, Describe(last));
      if (!columns && IsExplain(last)) {
        return StartText(session_, last, {kExplainKey, kExplainValue}, {false, false}, cancel);
      }
      if (!columns) {
        {
          const CancelWatch watch(cancel, session_->connection.context);
          session_->Run(last);
        }
        return StartText(session_, "SELECT NULL::VARCHAR WHERE false", {}, {}, cancel);
      }
      std::vector<std::string> names;
      std::vector<bool> right;
      std::string select;
      for (const auto& column : *columns) {
        names.push_back(column.label);
        right.push_back(IsNumber(column.type));
        select += (select.empty() ? "" : ", ") + Text(column, true);
      }
      return StartText(session_, Wrapped(*columns, select, last), std::move(names), std::move(right), cancel);
    });
  }

  // See MakeSqlInput.
  Result<std::unique_ptr<RowInput>> Input(const std::string& sql) {
    return Guard([&]() -> Result<std::unique_ptr<RowInput>> {
      DELTIC_TRY(auto last, RunAllButLast(sql, CancelToken()));
      DELTIC_TRY(auto columns, Describe(last));
      if (!columns) return InvalidArgument("only the rows of a query can be written to a table");
      auto input = std::make_unique<DuckRowInput>();
      input->session = session_;
      std::vector<SourceColumn> sources;
      std::string names;
      for (const auto& column : *columns) {
        sources.push_back({.name = column.label, .expression = QuoteName(column.name), .type = column.type});
        names += (names.empty() ? "" : ", ") + QuoteName(column.name);
      }
      DELTIC_CHECK(SetColumns(sources, "(" + last + "\n) AS deltic_query(" + names + ")", input.get()));
      return std::unique_ptr<RowInput>(std::move(input));
    });
  }

  Result<int64_t> Export(const std::string& sql, const ExportOptions& options, const CancelToken& cancel) override {
    return Guard([&]() -> Result<int64_t> {
      DELTIC_TRY(auto last, RunAllButLast(sql, cancel));
      DELTIC_TRY(auto columns, Describe(last));
      if (!columns) return InvalidArgument("only the rows of a query can be written to a file");
      const bool variants =
          std::any_of(columns->begin(), columns->end(), [](const Column& column) { return HoldsVariant(column.type); });
      if (!variants) return RunExport(*session_, last, options, false, cancel);
      if (options.format == FileFormat::kJsonLines) {
        std::vector<JsonColumn> row;
        for (const auto& column : *columns) row.push_back({column.label, QuoteName(column.name), column.type});
        return RunExport(*session_, Wrapped(*columns, JsonRow(row), last), options, true, cancel);
      }
      std::string select;
      for (const auto& column : *columns) {
        const auto name = QuoteName(column.name);
        select += (select.empty() ? "" : ", ");
        select += options.format == FileFormat::kParquet && HoldsVariant(column.type)
                      ? VariantForParquet(name, column.type)
                      : VariantAsText(name, column.type);
        select += " AS " + QuoteName(column.label);
      }
      return RunExport(*session_, Wrapped(*columns, select, last), options, false, cancel);
    });
  }

 private:
  struct Column {
    std::string name;   // unique in the query, so that it can be named from outside
    std::string label;  // what the query calls it
    LogicalType type;
  };

  Result<std::string> RunAllButLast(const std::string& sql, const CancelToken& cancel) {
    state_->BeginStatement();
    auto statements = session_->connection.ExtractStatements(QuoteTimestampParameter(sql));
    if (statements.empty()) return InvalidArgument("there is no statement in the SQL text");
    CancelWatch watch(cancel, session_->connection.context);
    for (size_t i = 0; i + 1 < statements.size(); i++) {
      auto result = session_->connection.Query(std::move(statements[i]));
      if (result->HasError()) return FromDuckError(result->GetErrorObject());
    }
    auto& last = *statements.back();
    return StatementText(last);
  }

  // The columns of a query; nullopt for a statement that cannot stand in a FROM clause (it is then run as it is).
  Result<std::optional<std::vector<Column>>> Describe(const std::string& sql) {
    auto prepared = session_->connection.Prepare(sql);
    if (prepared->HasError()) return FromDuckError(prepared->error);
    if (prepared->GetStatementType() != duckdb::StatementType::SELECT_STATEMENT) {
      return std::optional<std::vector<Column>>();
    }
    std::vector<Column> columns;
    const auto& names = prepared->GetNames();
    const auto& types = prepared->GetTypes();
    for (size_t i = 0; i < names.size(); i++) {
      columns.push_back({"c" + std::to_string(i), names[i], types[i]});
    }
    return std::optional(std::move(columns));
  }

  // Its rows are two texts, a kind of plan and its picture, and it cannot stand in a FROM clause.
  bool IsExplain(const std::string& sql) {
    const auto statements = session_->connection.ExtractStatements(sql);
    return statements.size() == 1 && statements[0]->type == duckdb::StatementType::EXPLAIN_STATEMENT;
  }

  static std::string Text(const Column& column, bool as_text) {
    const auto name = QuoteName(column.name);
    if (HoldsVariant(column.type)) return VariantAsText(name, column.type);
    return as_text ? "CAST(" + name + " AS VARCHAR)" : name;
  }

  static std::string Wrapped(const std::vector<Column>& columns, const std::string& select, const std::string& sql) {
    std::string names;
    for (const auto& column : columns) names += (names.empty() ? "" : ", ") + QuoteName(column.name);
    return "SELECT " + select + " FROM (" + sql + "\n) AS deltic_query(" + names + ")";
  }

  std::shared_ptr<Session> session_;
  duckdb::shared_ptr<SqlState> state_;
};

}  // namespace

void RegisterSql(duckdb::DatabaseInstance& database) {
  duckdb::TableFunction function("delta_scan", {LogicalType::VARCHAR}, NeverRuns);
  function.bind_replace = BindDeltaScan;
  function.named_parameters["version"] = LogicalType::BIGINT;
  function.named_parameters["timestamp"] = LogicalType::ANY;
  duckdb::Connection connection(database);
  connection.BeginTransaction();
  duckdb::CreateTableFunctionInfo info(std::move(function));
  info.internal = true;
  duckdb::Catalog::GetSystemCatalog(*connection.context).CreateTableFunction(*connection.context, info);
  connection.Commit();
}

std::unique_ptr<SqlSession> MakeSqlSession(duckdb::DatabaseInstance& database, TableResolver resolver) {
  return std::make_unique<DuckDbSqlSession>(database, std::move(resolver));
}

Result<std::unique_ptr<RowInput>> MakeSqlInput(duckdb::DatabaseInstance& database, const std::string& sql,
                                               TableResolver resolver) {
  return Guard([&]() { return DuckDbSqlSession(database, std::move(resolver)).Input(sql); });
}

}  // namespace deltic
