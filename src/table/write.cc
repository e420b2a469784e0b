// Owns the facade of writing: public requests into inserts and creations, outcomes back. Decides nothing about the
// protocol.
#include "deltic/write.h"

#include <atomic>
#include <memory>

#include "alter/definition.h"
#include "base/error.h"
#include "base/json_text.h"
#include "commit/commit.h"
#include "insert/insert.h"
#include "rewrite/replace.h"
#include "scan/table_files.h"
#include "schema/ddl.h"
#include "schema/schema_json.h"
#include "stores/open_store.h"
#include "table/commit_text.h"
#include "table/compact_after.h"
#include "table/create_table.h"
#include "table/parquet_text.h"
#include "table/sources.h"
#include "table/state.h"
#include "table/stoppable.h"

namespace deltic {
namespace {

TableSpec ToSpec(const TableProperties& table) {
  TableSpec spec;
  spec.partition_columns = table.partition_by;
  spec.cluster_by = table.cluster_by;
  spec.configuration = table.configuration;
  spec.name = table.name;
  spec.description = table.description;
  return spec;
}

InsertRequest ToInsert(const WriteRequest& request, const CancelToken& cancel) {
  InsertRequest insert;
  insert.mode = request.mode == WriteMode::kAppend          ? InsertMode::kAppend
                : request.mode == WriteMode::kOverwrite     ? InsertMode::kOverwrite
                : request.mode == WriteMode::kErrorIfExists ? InsertMode::kErrorIfExists
                                                            : InsertMode::kIgnore;
  insert.schema_mode = request.schema == SchemaEvolution::kStrict  ? SchemaMode::kStrict
                       : request.schema == SchemaEvolution::kMerge ? SchemaMode::kMerge
                                                                   : SchemaMode::kOverwrite;
  insert.replace_where = request.replace_where;
  insert.dynamic_partitions = request.dynamic_partitions;
  if (!request.table.partition_by.empty() || request.no_partitions) {
    insert.partition_columns = request.table.partition_by;
  }
  insert.table = ToSpec(request.table);
  insert.write.target_file_bytes = request.target_file_bytes;
  insert.write.parquet = ToParquet(request.parquet);
  insert.write.env = RealEnv();
  insert.write.cancel = cancel;
  if (request.once) {
    insert.once = SetTransaction{.app_id = request.once->first, .version = request.once->second, .last_updated = {}};
  }
  TakeCommit(request.commit, cancel, insert);
  return insert;
}

WriteOutcome ToOutcome(InsertOutcome outcome) {
  return {.written = outcome.written,
          .version = outcome.version,
          .rows = outcome.rows,
          .files_added = outcome.files_added,
          .bytes_added = outcome.bytes_added,
          .files_removed = outcome.files_removed,
          .rows_copied = outcome.rows_copied,
          .retries = outcome.retries,
          .warnings = std::move(outcome.warnings)};
}

Result<std::unique_ptr<RowInput>> OpenRows(Engine& engine, const RowsToWrite& rows,
                                           const std::shared_ptr<SelfRead>& self) {
  if ((rows.stream != nullptr) == !rows.sql.empty()) {
    if (rows.stream != nullptr && rows.stream->release != nullptr) rows.stream->release(rows.stream);
    return InvalidArgument("rows come from an Arrow stream or from a query: give one of them");
  }
  if (rows.stream != nullptr) return engine.InputFromArrow(rows.stream);
  return engine.InputFromSql(rows.sql, ResolveNoting(self));
}

// The newest version, or null when there is no table.
Result<std::shared_ptr<const Snapshot>> Newest(const std::shared_ptr<ObjectStore>& store) {
  Result<std::shared_ptr<const Snapshot>> snapshot = Snapshot::Open(store);
  if (!snapshot.ok() && snapshot.error().code() == Code::kNotFound) return std::shared_ptr<const Snapshot>();
  return snapshot;
}

Status CheckPartitions(const WriteRequest& request) {
  if (!request.no_partitions) return {};
  if (!request.table.partition_by.empty()) {
    return InvalidArgument("a table has partition columns or none: give one of them");
  }
  if (request.schema == SchemaEvolution::kOverwrite) return {};
  return InvalidArgument("partitions go only together with the schema: overwrite it");
}

Result<InsertOutcome> Run(const std::shared_ptr<ObjectStore>& store, std::shared_ptr<const Snapshot> base,
                          const RowsToWrite& rows, const WriteRequest& request, const CancelToken& cancel) {
  if (Status fits = CheckPartitions(request); !fits.ok()) {
    if (rows.stream != nullptr && rows.stream->release != nullptr) rows.stream->release(rows.stream);
    return std::move(fits).error();
  }
  Result<std::shared_ptr<Engine>> engine = GetEngine();
  if (!engine.ok()) {
    if (rows.stream != nullptr && rows.stream->release != nullptr) rows.stream->release(rows.stream);
    return std::move(engine).error();
  }
  const auto self = std::make_shared<SelfRead>(store);
  DELTIC_TRY(auto input, OpenRows(**engine, rows, self));
  InsertRequest insert = ToInsert(request, cancel);
  insert.reads_table = [self] { return self->seen.load(); };
  DELTIC_TRY(InsertOutcome outcome, Insert(**engine, store, std::move(base), std::move(input), insert));
  if (outcome.written && outcome.files_added > 0) {
    CompactAfter(**engine, insert.commit, {outcome.version, outcome.snapshot, outcome.warnings});
  }
  return outcome;
}

void ReleaseRows(const RowsToWrite& rows) {
  if (rows.stream != nullptr && rows.stream->release != nullptr) rows.stream->release(rows.stream);
}

}  // namespace

std::vector<SetTransaction> ToTransactions(const CommitProperties& properties) {
  std::vector<SetTransaction> transactions;
  for (const auto& [app_id, version] : properties.app_transactions) {
    const auto updated = properties.app_transactions_updated_ms.find(app_id);
    transactions.push_back({.app_id = app_id, .version = version, .last_updated = {}});
    if (updated != properties.app_transactions_updated_ms.end()) transactions.back().last_updated = updated->second;
  }
  return transactions;
}

CommitOptions ToCommitOptions(const CommitProperties& properties, const CancelToken& cancel) {
  CommitOptions options;
  options.max_retries = properties.max_retries;
  options.env = RealEnv();
  options.cancel = cancel;
  options.upkeep = properties.upkeep;
  return options;
}

Result<WriteOutcome> WriteTo(const std::string& location, const RowsToWrite& rows, const WriteRequest& request,
                             const CancelToken& cancel) {
  Result<std::shared_ptr<ObjectStore>> store = OpenStore(location, request.storage_options);
  if (!store.ok()) {
    ReleaseRows(rows);
    return std::move(store).error();
  }
  Result<std::shared_ptr<const Snapshot>> base = Newest(*store);
  if (!base.ok()) {
    ReleaseRows(rows);
    return std::move(base).error();
  }
  DELTIC_TRY(InsertOutcome outcome, Run(*store, std::move(*base), rows, request, cancel));
  return ToOutcome(std::move(outcome));
}

Result<WriteOutcome> WriteTo(Table& table, const RowsToWrite& rows, const WriteRequest& request,
                             const CancelToken& cancel) {
  Result<std::shared_ptr<const Snapshot>> base = NewestOf(table);
  if (!base.ok()) {
    ReleaseRows(rows);
    return std::move(base).error();
  }
  const std::shared_ptr<ObjectStore> store = (*base)->store();
  DELTIC_TRY(InsertOutcome outcome, Run(store, std::move(*base), rows, request, cancel));
  DELTIC_TRY(table, TableOf(outcome.snapshot));
  return ToOutcome(std::move(outcome));
}

Result<WriteOutcome> Write(const std::string& location, const RowsToWrite& rows, const WriteRequest& request) {
  return WriteTo(location, rows, request, CancelToken());
}

Result<WriteOutcome> Write(Table& table, const RowsToWrite& rows, const WriteRequest& request) {
  return WriteTo(table, rows, request, CancelToken());
}

namespace {

Result<Fields> ReadSchema(const CreateRequest& request) {
  if (request.schema_json.empty() == request.schema_ddl.empty()) {
    return InvalidArgument("a new table's columns come as schema JSON or as column definitions: give one of them");
  }
  if (!request.schema_ddl.empty()) return ParseDdl(request.schema_ddl);
  Result<Fields> fields = ParseSchemaJson(request.schema_json);
  // It came from the caller, not from a table.
  if (!fields.ok() && fields.error().code() == Code::kCorrupt) return InvalidArgument("{}", fields.error().message());
  return fields;
}

std::string JsonText(std::string_view text) {
  std::string json;
  AppendJsonString(json, text);
  return json;
}

std::string JsonList(const std::vector<std::string>& names) {
  std::string json = "[";
  for (const std::string& name : names) json += (json.size() > 1 ? "," : "") + JsonText(name);
  return json + "]";
}

std::string JsonMap(const std::map<std::string, std::string>& values) {
  std::string json = "{";
  for (const auto& [key, value] : values) json += (json.size() > 1 ? "," : "") + JsonText(key) + ":" + JsonText(value);
  return json + "}";
}

}  // namespace

Result<Table> Create(const std::string& location, const CreateRequest& request) {
  return CreateTable(location, request, {});
}

Result<Table> CreateTable(const std::string& location, const CreateRequest& request, std::vector<AddFile> files) {
  DELTIC_TRY(const auto store, OpenStore(location, request.storage_options));
  DELTIC_TRY(const auto base, Newest(store));
  if (base && request.mode == CreateMode::kIgnore) return TableOf(base);
  if (base && request.mode == CreateMode::kErrorIfExists) {
    return AlreadyExists("{}: there is a table (version {})", store->uri(), base->version());
  }
  TableSpec spec = ToSpec(request.table);
  DELTIC_TRY(spec.schema, ReadSchema(request));
  const CommitOptions options = ToCommitOptions(request.commit, CancelToken());
  Intent intent{.base = base, .store = store};
  std::optional<TableDefinition> replaced;
  if (base) {
    DELTIC_TRY(std::vector<DomainMetadata> domains, base->Domains());
    replaced = TableDefinition{.protocol = base->protocol(),
                               .metadata = base->metadata(),
                               .schema = base->schema(),
                               .domains = std::move(domains)};
    DELTIC_TRY(Replacement everything, ReplaceAll(*base));
    intent.read = std::move(everything.read);
    for (const AddFile& file : everything.removed) intent.actions.emplace_back(ToRemove(file, options.env.now_ms()));
  }
  DELTIC_TRY(const TableDefinition definition, DefineTable(spec, options.env, replaced ? &*replaced : nullptr));
  for (Action& action : DefinitionActions(replaced ? &*replaced : nullptr, definition)) {
    intent.actions.push_back(std::move(action));
  }
  for (SetTransaction& transaction : ToTransactions(request.commit)) {
    intent.read.app_ids.insert(transaction.app_id);
    intent.actions.emplace_back(std::move(transaction));
  }
  for (AddFile& file : files) intent.actions.emplace_back(std::move(file));
  intent.operation.name = base                                     ? "CREATE OR REPLACE TABLE"
                          : request.mode == CreateMode::kOverwrite ? "CREATE OR REPLACE TABLE"
                                                                   : "CREATE TABLE";
  intent.operation.parameters = {
      {"isManaged", "\"false\""},
      {"description", definition.metadata.description ? JsonText(*definition.metadata.description) : "null"},
      {"partitionBy", JsonText(JsonList(definition.metadata.partition_columns))},
      {"properties", JsonText(JsonMap(definition.metadata.configuration))}};
  if (!spec.cluster_by.empty()) intent.operation.parameters["clusterBy"] = JsonText(JsonList(spec.cluster_by));
  intent.user_metadata = request.commit.custom_metadata;
  intent.user_metadata_text = request.commit.user_metadata;
  intent.blind_append = !base;
  Result<Committed> committed = Commit(intent, options);
  if (!committed.ok()) {
    // Somebody else made it a moment ago.
    if (request.mode == CreateMode::kIgnore && committed.error().code() == Code::kAlreadyExists) {
      return Table::Open(location, {.storage_options = request.storage_options});
    }
    return std::move(committed).error();
  }
  return TableOf(committed->snapshot);
}

}  // namespace deltic
