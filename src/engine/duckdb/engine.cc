// Owns the Engine that the plugin exports: one in-memory DuckDB database per process, a connection per read.
// Nothing here touches the network: extensions are neither installed nor loaded by themselves.
#include "engine/duckdb/duckdb_engine.h"

#include <unistd.h>

#include <algorithm>
#include <duckdb.hpp>
#include <filesystem>
#include <mutex>

#include "base/error.h"
#include "engine/duckdb/checkpoint_reader.h"
#include "engine/duckdb/checkpoint_writer.h"
#include "engine/duckdb/curve_functions.h"
#include "engine/duckdb/data_files.h"
#include "engine/duckdb/data_writer.h"
#include "engine/duckdb/output.h"
#include "engine/duckdb/parquet_summary.h"
#include "engine/duckdb/row_input.h"
#include "engine/duckdb/session.h"
#include "engine/duckdb/sql_check.h"
#include "engine/duckdb/sql_session.h"
#include "engine/duckdb/sql_tables.h"
#include "engine/duckdb/statistics_plan.h"
#include "engine/duckdb/store_files.h"
#include "engine/duckdb/table_filters.h"
#include "engine/duckdb/url_files.h"
#include "engine/duckdb/variant_sql.h"
#include "engine/duckdb/work_session.h"

namespace deltic {
namespace {

bool HasVariant(const DataType& type) { return HoldsVariant(ToDuckType(type)); }

bool HasVariant(const Fields& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const StructField& field) { return HasVariant(field.type); });
}

// One read being prepared: the session with its handles, and the SQL.
struct Prepared {
  std::shared_ptr<Session> session;
  std::string sql;
  std::shared_ptr<ScanTable> table;
};

class DuckDbEngine : public Engine {
 public:
  explicit DuckDbEngine(const EngineSettings& settings) : settings_(settings) { database_ = MakeDatabase(false); }

  Result<Predicate> BindPredicate(const Fields& schema, const std::string& where, const std::string& alias) override {
    return Guard([&]() -> Result<Predicate> {
      ReadSpec spec;
      spec.scan.schema = schema;
      spec.scan.files = std::make_shared<NoFiles>();
      spec.where = where;
      DELTIC_TRY(auto prepared, Prepare(spec, "count(*)", alias));
      // Planning alone makes the optimizer hand the filters to the scan, where they are read into a predicate.
      auto plan = prepared.session->connection.ExtractPlan(prepared.sql);
      if (!IsOneScan(*plan)) {
        // A query within the text makes joins of the plan: the scan is told a part of the filter, or nothing of it, and
        // that a part of the plan is empty says nothing of the whole.
        std::lock_guard lock(prepared.table->mutex);
        return And(prepared.table->pushed, Predicate{.kind = Predicate::Kind::kOpaque, .text = where});
      }
      if (IsEmpty(*plan)) {
        return Predicate{.kind = Predicate::Kind::kConstant,
                         .literals = {Literal{DataType(TypeKind::kBoolean), false}}};
      }
      std::lock_guard lock(prepared.table->mutex);
      return prepared.table->pushed;
    });
  }

  Status ReadArrow(const ReadSpec& spec, const CancelToken& cancel, ArrowArrayStream* out) override {
    return Guard([&]() -> Status {
      DELTIC_TRY(auto prepared, Prepare(spec, Columns(spec, VariantAsText)));
      return StartArrow(std::move(prepared.session), prepared.sql, cancel, out);
    });
  }

  Result<std::unique_ptr<TextRows>> ReadText(const ReadSpec& spec, const CancelToken& cancel) override {
    return Guard([&]() -> Result<std::unique_ptr<TextRows>> {
      std::vector<std::string> names;
      std::vector<bool> right;
      std::string columns;
      for (const auto& [name, field] : Selected(spec)) {
        names.push_back(name);
        right.push_back(field == nullptr || RightAligned(field->type.kind()));
        const auto expression = Expression(name);
        columns += (columns.empty() ? "" : ", ");
        columns += field != nullptr && HasVariant(field->type) ? VariantAsText(expression, ToDuckType(field->type))
                                                               : "CAST(" + expression + " AS VARCHAR)";
      }
      DELTIC_TRY(auto prepared, Prepare(spec, columns));
      return StartText(std::move(prepared.session), prepared.sql, std::move(names), std::move(right), cancel);
    });
  }

  Result<int64_t> Count(const ReadSpec& spec, const CancelToken& cancel) override {
    return Guard([&]() -> Result<int64_t> {
      ReadSpec unlimited = spec;
      unlimited.limit.reset();
      DELTIC_TRY(auto prepared, Prepare(unlimited, "count(*)"));
      CancelWatch watch(cancel, prepared.session->connection.context);
      auto result = prepared.session->connection.Query(prepared.sql);
      if (result->HasError()) return FromDuckError(result->GetErrorObject());
      const auto count = result->GetValue(0, 0).GetValue<int64_t>();
      return spec.limit ? std::min(count, *spec.limit) : count;
    });
  }

  Result<int64_t> Export(const ReadSpec& spec, const ExportOptions& options, const CancelToken& cancel) override {
    return Guard([&]() -> Result<int64_t> {
      const bool json_rows = options.format == FileFormat::kJsonLines && HasVariant(spec.scan.schema);
      const auto columns =
          json_rows ? JsonRow(JsonColumns(spec))
                    : Columns(spec, options.format == FileFormat::kParquet ? VariantForParquet : VariantAsText);
      DELTIC_TRY(auto prepared, Prepare(spec, columns));
      if (IsStoreUrl(options.path)) {
        auto state = duckdb::make_shared_ptr<SqlState>();
        if (spec.scan.store != nullptr) state->resolver.files = spec.scan.store->opener();
        prepared.session->connection.context->registered_state->Insert(kSqlStateKey, state);
      }
      return RunExport(*prepared.session, prepared.sql, options, json_rows, cancel);
    });
  }

  Result<std::unique_ptr<SqlSession>> OpenSql(TableResolver resolver) override {
    return Guard([&]() -> Result<std::unique_ptr<SqlSession>> {
      // Which tables a session will read is not known yet, so it must be able to read variants of every writer.
      return MakeSqlSession(VariantDatabase(), std::move(resolver));
    });
  }

  Result<std::unique_ptr<WorkSession>> OpenWork(TableResolver resolver) override {
    return Guard([&]() -> Result<std::unique_ptr<WorkSession>> {
      const auto database = [this](bool variants) -> duckdb::DatabaseInstance& {
        return variants ? VariantDatabase() : *database_->instance;
      };
      return MakeWorkSession(database, std::move(resolver));
    });
  }

  Result<std::vector<std::string>> ReadCheckpointActions(const std::shared_ptr<ObjectStore>& store,
                                                         const std::vector<std::string>& keys) override {
    return deltic::ReadCheckpointActions(*database_->instance, store, keys);
  }
  Result<std::vector<std::string>> ReadCheckpointHead(const std::shared_ptr<ObjectStore>& store,
                                                      const std::vector<std::string>& keys) override {
    return deltic::ReadCheckpointHead(*database_->instance, store, keys);
  }
  Result<std::unique_ptr<FileActionCursor>> ReadCheckpointFiles(const CheckpointRead& read) override {
    return deltic::ReadCheckpointFiles(*database_->instance, read);
  }

  Result<std::unique_ptr<RowInput>> InputFromArrow(ArrowArrayStream* stream) override {
    auto input = Guard([&]() -> Result<std::unique_ptr<RowInput>> {
      return MakeArrowInput(std::make_shared<Session>(*database_->instance), stream);
    });
    if (stream->release != nullptr) stream->release(stream);  // when it failed before it took it
    return input;
  }
  Result<std::unique_ptr<RowInput>> InputFromSql(const std::string& sql, TableResolver resolver) override {
    // As OpenSql: the query may read variants of every writer.
    return MakeSqlInput(VariantDatabase(), sql, std::move(resolver));
  }
  Result<std::unique_ptr<RowInput>> InputFromScan(const ReadSpec& spec) override {
    return Guard([&]() -> Result<std::unique_ptr<RowInput>> {
      std::string columns;
      std::vector<SourceColumn> sources;
      for (const auto& [name, field] : Selected(spec)) {
        columns += (columns.empty() ? "" : ", ") + Expression(name) + " AS " + QuoteName(name);
        sources.push_back({.name = name,
                           .expression = QuoteName(name),
                           .type = field == nullptr ? duckdb::LogicalType::BIGINT : ToDuckType(field->type)});
      }
      DELTIC_TRY(auto prepared, Prepare(spec, columns));
      auto input = std::make_unique<DuckRowInput>();
      input->session = std::move(prepared.session);
      DELTIC_CHECK(SetColumns(sources, "(" + prepared.sql + ") AS deltic_source", input.get()));
      // What the table says of its columns is more than DuckDB's types tell.
      size_t at = 0;
      for (const auto& [name, field] : Selected(spec)) {
        if (field != nullptr) {
          input->fields[at].type = field->type;
          input->fields[at].nullable = field->nullable;
        }
        at++;
      }
      return std::unique_ptr<RowInput>(std::move(input));
    });
  }
  Result<std::vector<WrittenFile>> WriteFiles(std::unique_ptr<RowInput> input, const WriteSpec& spec,
                                              const CancelToken& cancel) override {
    return Guard([&]() { return RunWrite(static_cast<DuckRowInput&>(*input), spec, cancel); });
  }
  Result<DataType> ExpressionType(const Fields& schema, const std::string& sql) override {
    return Guard([&]() -> Result<DataType> {
      DELTIC_CHECK(CheckExpression(sql));
      std::string columns;
      for (const auto& field : schema) {
        columns += (columns.empty() ? "" : ", ") + ("CAST(NULL AS " + ToDuckType(field.type).ToString()) + ") AS " +
                   QuoteName(field.name);
      }
      Session session(*database_->instance);
      auto prepared =
          session.connection.Prepare("SELECT " + sql + "\n FROM (SELECT " + (columns.empty() ? "1" : columns) + ")");
      if (prepared->HasError()) return FromDuckError(prepared->error);
      DELTIC_TRY(auto column, ToDelta({.name = sql, .expression = sql, .type = prepared->GetTypes()[0]}));
      return column.type;
    });
  }
  Result<CheckpointWritten> WriteCheckpoint(const CheckpointWrite& write, const CancelToken& cancel) override {
    return WriteCheckpointFile(*database_->instance, write, cancel);
  }
  Result<std::vector<ParquetSummary>> ReadParquetSummaries(const std::shared_ptr<ObjectStore>& store,
                                                           const std::vector<std::string>& keys,
                                                           const CancelToken& cancel) override {
    // Footers are waited for more than computed with.
    const auto threads = static_cast<size_t>(database_->NumberOfThreads()) * 2;
    return deltic::ReadParquetSummaries(*database_->instance, store, keys, threads, cancel);
  }

 private:
  class NoFiles : public FileSource {
   public:
    Result<std::unique_ptr<FileCursor>> Open(const Predicate&) override { return std::unique_ptr<FileCursor>(new End); }
    Result<std::shared_ptr<const RowMask>> LoadMask(const ScanFile&) override {
      return Error(Code::kInternal, "a scan of no files asked for a deletion mask");
    }
    int64_t EstimatedRows() const override { return 0; }

   private:
    struct End : public FileCursor {
      Result<std::optional<ScanFile>> Next() override { return std::optional<ScanFile>(); }
    };
  };

  // Whether all of the filter is about the rows of one scan, which is told all of it then.
  static bool IsOneScan(const duckdb::LogicalOperator& plan) {
    switch (plan.type) {
      case duckdb::LogicalOperatorType::LOGICAL_PROJECTION:
      case duckdb::LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
      case duckdb::LogicalOperatorType::LOGICAL_FILTER:
        return plan.children.size() == 1 && IsOneScan(*plan.children[0]);
      case duckdb::LogicalOperatorType::LOGICAL_GET:
      case duckdb::LogicalOperatorType::LOGICAL_EMPTY_RESULT:
        return plan.children.empty();
      default:
        return false;
    }
  }

  // The optimizer proved that the filter is never true.
  static bool IsEmpty(const duckdb::LogicalOperator& plan) {
    if (plan.type == duckdb::LogicalOperatorType::LOGICAL_EMPTY_RESULT) return true;
    for (const auto& child : plan.children) {
      if (IsEmpty(*child)) return true;
    }
    return false;
  }

  static bool RightAligned(TypeKind kind) {
    return kind == TypeKind::kByte || kind == TypeKind::kShort || kind == TypeKind::kInteger ||
           kind == TypeKind::kLong || kind == TypeKind::kFloat || kind == TypeKind::kDouble ||
           kind == TypeKind::kDecimal;
  }

  // Output columns with their fields; the field is null for row id columns.
  static std::vector<std::pair<std::string, const StructField*>> Selected(const ReadSpec& spec) {
    std::vector<std::pair<std::string, const StructField*>> selected;
    if (spec.columns.empty()) {
      for (const auto& field : spec.scan.schema) selected.emplace_back(field.name, &field);
    } else {
      for (const auto& name : spec.columns) {
        const auto* field = FindField(spec.scan.schema, name);
        selected.emplace_back(field == nullptr ? name : field->name, field);
      }
    }
    if (spec.row_ids) {
      selected.emplace_back("_row_id", nullptr);
      selected.emplace_back("_row_commit_version", nullptr);
    }
    return selected;
  }

  static std::string Expression(const std::string& name) {
    auto row_id = RowIdExpression(name);
    return row_id.empty() ? QuoteName(name) : row_id;
  }

  using VariantText = std::string (*)(const std::string& expression, const duckdb::LogicalType& type);

  static std::vector<JsonColumn> JsonColumns(const ReadSpec& spec) {
    std::vector<JsonColumn> columns;
    for (const auto& [name, field] : Selected(spec)) {
      columns.push_back(
          {name, Expression(name), field == nullptr ? duckdb::LogicalType::BIGINT : ToDuckType(field->type)});
    }
    return columns;
  }

  static std::string Columns(const ReadSpec& spec, VariantText variants) {
    std::string columns;
    for (const auto& [name, field] : Selected(spec)) {
      auto expression = field == nullptr ? Expression(name) : QuoteName(name);
      if (field != nullptr && HasVariant(field->type)) expression = variants(expression, ToDuckType(field->type));
      columns += (columns.empty() ? "" : ", ") + expression + " AS " + QuoteName(name);
    }
    return columns;
  }

  // One database for all reads of the process, so that threads and memory have one bound.
  std::unique_ptr<duckdb::DuckDB> MakeDatabase(bool plain_variants) const {
    duckdb::DBConfig config;
    // The kernel caches local files, and a scan reads each byte once: DuckDB's own cache costs a quarter of the
    // processor time of scans of many small files, and memory.
    config.SetOptionByName("enable_external_file_cache", duckdb::Value::BOOLEAN(false));
    config.SetOptionByName("autoinstall_known_extensions", false);
    config.SetOptionByName("autoload_known_extensions", false);
    if (settings_.threads > 0) config.SetOptionByName("threads", duckdb::Value::BIGINT(settings_.threads));
    if (!settings_.memory_limit.empty()) config.SetOptionByName("memory_limit", duckdb::Value(settings_.memory_limit));
    // DuckDB's own choice would be a folder .tmp where the process happens to stand.
    const auto spill =
        settings_.temp_directory.empty()
            ? (std::filesystem::temp_directory_path() / ("deltic-spill-" + std::to_string(getpid()))).string()
            : settings_.temp_directory;
    config.SetOptionByName("temp_directory", duckdb::Value(spill));
    config.options.variant_legacy_encoding = plain_variants;
    auto database = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    RegisterScans(*database->instance);
    RegisterCheckpointFunctions(*database->instance);
    RegisterCheckpointWriter(*database->instance);
    RegisterStoreFiles(*database->instance);
    RegisterUrlFiles(*database->instance);
    RegisterSql(*database->instance);
    RegisterArrowInput(*database->instance);
    RegisterForeignRows(*database->instance);
    RegisterDataFiles(*database->instance);
    RegisterWriteFunctions(*database->instance);
    RegisterCurveFunctions(*database->instance);
    RegisterStatisticsPlan(*database->instance);
    RegisterVariantFunctions(*database->instance);
    return database;
  }

  // Writers before the Parquet variant annotation leave plain (value, metadata) groups, which DuckDB takes for variants
  // only if its whole database is told to: tables without variant columns must not be read that way.
  duckdb::DatabaseInstance& DatabaseFor(const Fields& schema) {
    return HasVariant(schema) ? VariantDatabase() : *database_->instance;
  }
  duckdb::DatabaseInstance& VariantDatabase() {
    std::lock_guard lock(mutex_);
    if (variant_database_ == nullptr) variant_database_ = MakeDatabase(true);
    return *variant_database_->instance;
  }

  Result<Prepared> Prepare(const ReadSpec& spec, const std::string& columns, const std::string& alias = "") {
    if (!spec.where.empty()) DELTIC_CHECK(CheckExpression(spec.where));
    if (columns.empty()) return Unsupported("the table has no columns");
    Prepared prepared;
    prepared.session = std::make_shared<Session>(DatabaseFor(spec.scan.schema));
    auto& session = *prepared.session;
    prepared.table = std::make_shared<ScanTable>();
    prepared.table->spec = spec.scan;
    prepared.table->row_ids = spec.row_ids;
    if (spec.scan.store != nullptr) {
      prepared.table->store_files = std::make_shared<StoreFiles>(spec.scan.store);
      session.stores.emplace_back(prepared.table->store_files);
      prepared.table->store_prefix = StoreFilesPrefix(session.stores.back().name());
    }
    session.tables.emplace_back(prepared.table);
    // A timestamp without a zone in SQL text, and its text form, are UTC wherever this runs.
    session.Run("SET TimeZone = 'UTC'");
    prepared.sql = "SELECT " + columns + " FROM " + ScanText(session.tables.back().name());
    if (!alias.empty()) prepared.sql += " AS " + QuoteName(alias);
    if (!spec.where.empty()) prepared.sql += " WHERE (" + spec.where + "\n)";
    if (spec.limit) prepared.sql += " LIMIT " + std::to_string(std::max<int64_t>(0, *spec.limit));
    return prepared;
  }

  const EngineSettings settings_;
  std::unique_ptr<duckdb::DuckDB> database_;
  std::mutex mutex_;
  std::unique_ptr<duckdb::DuckDB> variant_database_;  // made on first use
};

}  // namespace

std::unique_ptr<Engine> MakeDuckDbEngine(const EngineSettings& settings) {
  return std::make_unique<DuckDbEngine>(settings);
}

}  // namespace deltic
