// Owns the session of work over DuckDB: scans are temporary views over deltic_scan, kept rows are temporary tables,
// whose blocks DuckDB's buffer manager writes to its temp_directory when memory runs out.
//
// The connection is made by the first call that needs one: only then is it known whether variants will be read, which
// DuckDB must be told for a whole database (see engine.cc). What delta_scan() opened stays open as long as the session,
// so that every step sees the same version of a table.
#include "engine/duckdb/work_session.h"

#include <map>
#include <optional>

#include "base/error.h"
#include "engine/duckdb/output.h"
#include "engine/duckdb/run_query.h"
#include "engine/duckdb/sql_check.h"
#include "engine/duckdb/sql_tables.h"
#include "engine/duckdb/variant_sql.h"

namespace deltic {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;

bool HoldsVariants(const Fields& fields) {
  for (const auto& field : fields) {
    if (HoldsVariant(ToDuckType(field.type))) return true;
  }
  return false;
}

struct QueryColumn {
  std::string name;
  LogicalType type;
};

class DuckDbWorkSession : public WorkSession {
 public:
  DuckDbWorkSession(ChooseDatabase databases, TableResolver resolver)
      : databases_(std::move(databases)), state_(duckdb::make_shared_ptr<SqlState>()) {
    any_table_ = static_cast<bool>(resolver);
    state_->resolver = std::move(resolver);
    if (!any_table_) {
      state_->resolver = [](const TableReference& reference) -> Result<ScanSpec> {
        return InvalidArgument("{} cannot be read here: delta_scan() has no place in this text", reference.location);
      };
    }
  }

  Status AddScan(const std::string& name, const ScanSpec& scan, const ScanExtras& extras) override {
    return Guard([&]() -> Status {
      for (const auto* own : {kFileNumberColumn, kRowNumberColumn}) {
        if (FindField(scan.schema, own) == nullptr) continue;
        return Unsupported("the table has a column {}, a name that deltic needs: rename it", own);
      }
      const bool variants = HoldsVariants(scan.schema);
      Open(variants);
      if (variants && !reads_variants_) {
        return Internal("a scan with variants must be a session's first, or the session must have a resolver");
      }
      DELTIC_CHECK(Forget(name));
      std::string columns;
      for (const auto& field : scan.schema) columns += (columns.empty() ? "" : ", ") + QuoteName(field.name);
      if (extras.row_ids) {
        for (const char* id : {"_row_id", "_row_commit_version"}) {
          columns += ", " + RowIdExpression(id) + " AS " + QuoteName(id);
        }
      }
      if (extras.places) columns += fmt::format(", {}, {}", QuoteName(kFileNumberColumn), QuoteName(kRowNumberColumn));
      const auto handle = state_->registered.Add({.spec = scan, .row_ids = extras.row_ids, .places = extras.places});
      session_->Run("CREATE TEMPORARY VIEW " + QuoteName(name) + " AS SELECT " + columns + " FROM " + ScanText(handle));
      names_[name] = "VIEW";
      return {};
    });
  }

  Result<int64_t> Keep(const std::string& name, std::unique_ptr<RowInput> rows, const std::string& number_column,
                       const CancelToken& cancel) override {
    return Guard([&]() -> Result<int64_t> {
      auto& input = static_cast<DuckRowInput&>(*rows);
      if (input.session == nullptr) return Internal("these rows were read already: an input is used once");
      Open(HoldsVariants(input.fields));
      *input.cancel = cancel;
      if (input.session == session_) {
        std::string sql = "SELECT *";
        if (!number_column.empty()) sql += ", row_number() OVER () - 1 AS " + QuoteName(number_column);
        return KeepAs(name, sql + " FROM (" + input.sql + "\n) AS deltic_rows", cancel);
      }
      auto foreign = std::make_shared<ForeignRows>();
      foreign->session = std::move(input.session);
      for (const auto& field : input.fields) {
        foreign->names.push_back(field.name);
        foreign->types.push_back(ToDuckType(field.type));
      }
      if (!number_column.empty()) {
        foreign->names.push_back(number_column);
        foreign->types.push_back(LogicalType::BIGINT);
        foreign->numbered = true;
      }
      std::optional<CancelWatch> watch;
      if (!input.polls) watch.emplace(cancel, foreign->session->connection.context);
      foreign->stream = foreign->session->connection.SendQuery(input.sql);
      if (foreign->stream->HasError()) return FromDuckError(foreign->stream->GetErrorObject());
      const Handle<ForeignRows> handle(foreign);
      auto kept = KeepAs(
          name, std::string("SELECT * FROM ") + kForeignRowsFunction + "(" + QuoteText(handle.name()) + ")", cancel);
      foreign->stream.reset();  // before its session, and before the watch that may interrupt it
      return kept;
    });
  }

  Result<int64_t> KeepQuery(const std::string& name, const std::string& sql, const CancelToken& cancel) override {
    return Guard([&]() -> Result<int64_t> {
      Open(false);
      DELTIC_TRY(const auto select, OneSelect(session_->connection, sql));
      return KeepAs(name, select, cancel);
    });
  }

  Status Drop(const std::string& name) override {
    return Guard([&]() -> Status {
      if (!names_.contains(name)) return NotFound("the session has nothing named {}", name);
      return Forget(name);
    });
  }

  Result<std::unique_ptr<RowInput>> Input(const std::string& sql) override {
    return Guard([&]() -> Result<std::unique_ptr<RowInput>> {
      Open(false);
      DELTIC_TRY(const auto select, OneSelect(session_->connection, sql));
      DELTIC_TRY(const auto columns, Columns(select));
      auto input = std::make_unique<DuckRowInput>();
      input->session = session_;
      std::vector<SourceColumn> sources;
      std::string names;
      for (size_t i = 0; i < columns.size(); i++) {
        const auto inner = "c" + std::to_string(i);
        sources.push_back({.name = columns[i].name, .expression = inner, .type = columns[i].type});
        names += (names.empty() ? "" : ", ") + inner;
      }
      DELTIC_CHECK(SetColumns(sources, "(" + select + "\n) AS deltic_query(" + names + ")", input.get()));
      return std::unique_ptr<RowInput>(std::move(input));
    });
  }

  Result<std::unique_ptr<RowInput>> Input(const std::string& sql, const Fields& columns) override {
    return Guard([&]() -> Result<std::unique_ptr<RowInput>> {
      Open(HoldsVariants(columns));
      DELTIC_TRY(const auto select, OneSelect(session_->connection, sql));
      DELTIC_TRY(const auto found, Columns(select));
      if (found.size() != columns.size()) {
        return InvalidArgument("the query has {} columns, not {}: {}", found.size(), columns.size(), sql);
      }
      auto input = std::make_unique<DuckRowInput>();
      input->session = session_;
      input->fields = columns;
      std::string inner, outer;
      for (size_t i = 0; i < columns.size(); i++) {
        const auto name = "c" + std::to_string(i);
        const auto wanted = ToDuckType(columns[i].type);
        const bool same = wanted == found[i].type && !found[i].type.IsJSONType();
        inner += (i == 0 ? "" : ", ") + name;
        outer += (i == 0 ? "" : ", ") + (same ? name : "CAST(" + name + " AS " + wanted.ToString() + ")") + " AS " +
                 QuoteName(columns[i].name);
      }
      input->sql = "SELECT " + outer + " FROM (" + select + "\n) AS deltic_query(" + inner + ")";
      return std::unique_ptr<RowInput>(std::move(input));
    });
  }

  Result<Fields> Describe(const std::string& sql) override {
    return Guard([&]() -> Result<Fields> {
      Open(false);
      DELTIC_TRY(const auto select, OneSelect(session_->connection, sql));
      DELTIC_TRY(const auto columns, Columns(select));
      Fields fields;
      for (const auto& column : columns) {
        StructField field;
        field.name = column.name;
        DELTIC_TRY(auto delta, ToDelta({.name = column.name, .expression = column.name, .type = column.type}));
        field.type = std::move(delta.type);
        fields.push_back(std::move(field));
      }
      return fields;
    });
  }

  Result<DataType> TypeOf(const std::string& expression, const std::string& from) override {
    return Guard([&]() -> Result<DataType> {
      DELTIC_CHECK(CheckExpression(expression, "expression"));
      DELTIC_TRY(Fields fields, Describe("SELECT (" + expression + "\n) FROM " + from));
      return std::move(fields[0].type);
    });
  }

  Result<std::unique_ptr<TextRows>> ReadText(const std::string& sql, const CancelToken& cancel) override {
    return Guard([&]() -> Result<std::unique_ptr<TextRows>> {
      Open(false);
      DELTIC_TRY(const auto select, OneSelect(session_->connection, sql));
      DELTIC_TRY(const auto columns, Columns(select));
      std::vector<std::string> labels;
      std::vector<bool> right;
      std::string inner, outer;
      for (size_t i = 0; i < columns.size(); i++) {
        const auto name = "c" + std::to_string(i);
        labels.push_back(columns[i].name);
        right.push_back(columns[i].type.IsNumeric());
        inner += (i == 0 ? "" : ", ") + name;
        outer += (i == 0 ? "" : ", ") + (HoldsVariant(columns[i].type) ? VariantAsText(name, columns[i].type)
                                                                       : "CAST(" + name + " AS VARCHAR)");
      }
      return StartText(session_, "SELECT " + outer + " FROM (" + select + "\n) AS deltic_query(" + inner + ")",
                       std::move(labels), std::move(right), cancel);
    });
  }

  Status VisitPlaces(const std::string& sql, const std::function<Status(const RowPlace* rows, size_t count)>& visit,
                     const CancelToken& cancel) override {
    return Guard([&]() -> Status {
      Open(false);
      DELTIC_TRY(const auto select, OneSelect(session_->connection, sql));
      DELTIC_TRY(const auto columns, Columns(select));
      if (columns.size() != 2 || columns[0].type != LogicalType::BIGINT || columns[1].type != LogicalType::BIGINT) {
        return Internal("places are two BIGINT columns: {}", sql);
      }
      const CancelWatch watch(cancel, session_->connection.context);
      const auto stream = session_->connection.SendQuery(select);
      if (stream->HasError()) return FromDuckError(stream->GetErrorObject());
      std::vector<RowPlace> places;
      while (true) {
        const auto chunk = stream->Fetch();
        if (stream->HasError()) return FromDuckError(stream->GetErrorObject());
        if (chunk == nullptr || chunk->size() == 0) break;
        DELTIC_CHECK(ToPlaces(*chunk, 0, &places));
        DELTIC_CHECK(visit(places.data(), places.size()));
      }
      return cancel.Check();
    });
  }

 private:
  void Open(bool variants) {
    if (session_ != nullptr) return;
    reads_variants_ = variants || any_table_;
    session_ = std::make_shared<Session>(databases_(reads_variants_));
    session_->connection.context->registered_state->Insert(kSqlStateKey, state_);
    session_->Run("SET TimeZone = 'UTC'");
  }

  Result<std::vector<QueryColumn>> Columns(const std::string& select) {
    auto prepared = session_->connection.Prepare(select);
    if (prepared->HasError()) return FromDuckError(prepared->error);
    std::vector<QueryColumn> columns;
    for (size_t i = 0; i < prepared->GetNames().size(); i++) {
      columns.push_back({.name = prepared->GetNames()[i], .type = prepared->GetTypes()[i]});
    }
    return columns;
  }

  // The rows take the name only when all of them are there: a query may read what had it before.
  Result<int64_t> KeepAs(const std::string& name, const std::string& select, const CancelToken& cancel) {
    const auto making = "deltic_making_" + std::to_string(made_++);
    {
      const CancelWatch watch(cancel, session_->connection.context);
      auto result = RunQuery(session_->connection, "CREATE TEMPORARY TABLE " + QuoteName(making) + " AS " + select);
      if (result->HasError()) return FromDuckError(result->GetErrorObject());
    }
    DELTIC_CHECK(cancel.Check());
    DELTIC_CHECK(Forget(name));
    session_->Run("ALTER TABLE " + QuoteName(making) + " RENAME TO " + QuoteName(name));
    names_[name] = "TABLE";
    auto result = session_->connection.Query("SELECT count(*) FROM " + QuoteName(name));
    if (result->HasError()) return FromDuckError(result->GetErrorObject());
    return result->GetValue(0, 0).GetValue<int64_t>();
  }

  Status Forget(const std::string& name) {
    const auto found = names_.find(name);
    if (found == names_.end()) return {};
    session_->Run("DROP " + found->second + " " + QuoteName(name));
    names_.erase(found);
    return {};
  }

  const ChooseDatabase databases_;
  const duckdb::shared_ptr<SqlState> state_;
  bool any_table_ = false;  // SQL text may open any table
  bool reads_variants_ = false;
  std::shared_ptr<Session> session_;
  std::map<std::string, std::string> names_;  // to VIEW or TABLE
  int64_t made_ = 0;
};

}  // namespace

Status ToPlaces(duckdb::DataChunk& chunk, duckdb::idx_t first_column, std::vector<RowPlace>* places) {
  duckdb::UnifiedVectorFormat files, rows;
  chunk.data[first_column].ToUnifiedFormat(chunk.size(), files);
  chunk.data[first_column + 1].ToUnifiedFormat(chunk.size(), rows);
  const auto* file = duckdb::UnifiedVectorFormat::GetData<int64_t>(files);
  const auto* row = duckdb::UnifiedVectorFormat::GetData<int64_t>(rows);
  places->resize(chunk.size());
  for (idx_t i = 0; i < chunk.size(); i++) {
    const auto file_at = files.sel->get_index(i), row_at = rows.sel->get_index(i);
    if (!files.validity.RowIsValid(file_at) || !rows.validity.RowIsValid(row_at)) {
      return Internal("a row without a place was to be marked");
    }
    (*places)[i] = {.file = file[file_at], .row = row[row_at]};
  }
  return {};
}

std::unique_ptr<WorkSession> MakeWorkSession(ChooseDatabase databases, TableResolver resolver) {
  return std::make_unique<DuckDbWorkSession>(std::move(databases), std::move(resolver));
}

}  // namespace deltic
