// Owns the rewrite and its commit.
#include "insert/write_anew.h"

#include "alter/clustering.h"
#include "alter/rules.h"
#include "base/error.h"
#include "rewrite/replace.h"
#include "scan/table_files.h"
#include "schema/edit.h"
#include "schema/schema_json.h"
#include "write/write.h"

namespace deltic {
namespace {

constexpr const char* kMode = "delta.columnMapping.mode";

Result<std::vector<AddFile>> FilesToWrite(const Snapshot& table, const WriteAnewRequest& request,
                                          const CancelToken& cancel) {
  DELTIC_TRY(const auto files, table.LiveFiles({.all_fields = true, .prune = false}));
  std::vector<AddFile> chosen;
  while (true) {
    DELTIC_CHECK(cancel.Check());
    DELTIC_TRY(std::optional<AddFile> file, files->Next());
    if (!file) return chosen;
    if (!request.only_files_with_rows_deleted || file->deletion_vector) chosen.push_back(std::move(*file));
  }
}

Result<WrittenRows> WriteFiles(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                               const std::vector<AddFile>& files, const TableDefinition& after,
                               const CommitOptions& options) {
  if (files.empty()) return WrittenRows();
  WriteTarget target{.store = table->store(),
                     .protocol = after.protocol,
                     .metadata = after.metadata,
                     .schema = after.schema,
                     .config = {}};
  DELTIC_TRY(target.config, MakeTableConfig(after.protocol, after.metadata));
  // Rows keep their ids, which the new files then hold themselves.
  const bool row_ids = table->config().row_tracking_enabled && !table->config().row_id_column.empty();
  DELTIC_TRY(ReadSpec spec, MakeReadSpec(table, {.row_ids = row_ids}));
  spec.scan.files = MakeFileSource(table, files);
  DELTIC_TRY(auto rows, engine.InputFromScan(spec));
  WriteOptions write;
  write.rows = RowOrigin::kOwn;
  write.env = options.env;
  write.cancel = options.cancel;
  return WriteRows(engine, std::move(rows), target, write);
}

}  // namespace

Result<Committed> WriteAnew(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                            const WriteAnewRequest& request, const CommitOptions& options) {
  DELTIC_CHECK(CheckWritable(table->protocol()));
  const TableDefinition before{.protocol = table->protocol(), .metadata = table->metadata(), .schema = table->schema()};
  Intent intent{.base = table, .store = table->store()};
  intent.operation = request.operation;
  intent.actions = DefinitionActions(&before, request.after);
  DELTIC_TRY(const std::vector<AddFile> files, FilesToWrite(*table, request, options.cancel));
  if (files.empty() && intent.actions.empty()) {
    return Committed{.version = table->version(), .snapshot = table};
  }
  DELTIC_TRY(const WrittenRows written, WriteFiles(engine, table, files, request.after, options));
  intent.operation.metrics["numOutputBytes"] = std::to_string(written.size_bytes);
  intent.operation.metrics["numAddedFiles"] = std::to_string(written.files.size());
  intent.operation.metrics["numRemovedFiles"] = std::to_string(files.size());
  intent.user_metadata = request.extras.user_metadata;
  intent.user_metadata_text = request.extras.user_metadata_text;
  for (const SetTransaction& transaction : request.extras.transactions) {
    intent.read.app_ids.insert(transaction.app_id);
    intent.actions.emplace_back(transaction);
  }
  intent.read.whole_table = true;
  intent.isolation = IsolationLevel::kSerializable;
  for (const AddFile& file : files) {
    RemoveFile remove = ToRemove(file, options.env.now_ms());
    remove.data_change = false;
    intent.actions.emplace_back(std::move(remove));
  }
  for (AddFile file : written.files) {
    file.data_change = false;
    intent.actions.emplace_back(std::move(file));
  }
  Result<Committed> committed = Commit(intent, options);
  if (committed.ok() || committed.error().code() == Code::kCommitUnknown) return committed;
  return DiscardFiles(*table->store(), written.files, std::move(committed).error());
}

Result<TableDefinition> WithoutColumnMapping(const TableDefinition& table, bool keep_property) {
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  DELTIC_TRY(const std::vector<ColumnPath> clustering,
             ReadClusteringColumns(table.domains, table.schema, config.mapping_mode));
  TableDefinition after = table;
  after.domains.clear();
  after.schema = MapFields(table.schema, [](const StructField& given) {
    StructField field = given;
    ClearColumnMapping(field);
    return field;
  });
  after.metadata.schema_string = SchemaToJson(after.schema);
  StringMap& properties = after.metadata.configuration;
  properties.erase("delta.columnMapping.maxColumnId");
  properties.erase(kMode);
  if (keep_property) properties[kMode] = "none";
  // The domain has physical names. (Spark 4.2 with Delta 4.4 leaves the old ones there.)
  if (!clustering.empty()) after.domains.push_back(MakeClusteringDomain(after.schema, MappingMode::kNone, clustering));
  DELTIC_CHECK(CheckDefinition(after, clustering, &table));
  return after;
}

TableDefinition WithoutTypeChanges(const TableDefinition& table) {
  TableDefinition after = table;
  after.domains.clear();
  after.schema = MapFields(table.schema, [](const StructField& given) {
    StructField field = given;
    ClearTypeChanges(field);
    return field;
  });
  after.metadata.schema_string = SchemaToJson(after.schema);
  return after;
}

bool HasTypeChanges(const TableDefinition& table) {
  bool found = false;
  ForEachField(table.schema,
               [&](const ColumnPath&, const StructField& field) { found = found || !field.type_changes.empty(); });
  return found;
}

}  // namespace deltic
