// Owns the facade of changes and upkeep: public requests into alter/ and upkeep/, outcomes back.
#include "deltic/manage.h"

#include "alter/alter.h"
#include "base/error.h"
#include "schema/column_text.h"
#include "schema/ddl.h"
#include "schema/schema_json.h"
#include "table/commit_text.h"
#include "table/sources.h"
#include "table/state.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

Result<ChangeOutcome> Apply(Table& table, const Change& change, const CommitProperties& commit) {
  DELTIC_TRY(const auto snapshot, NewestOf(table));
  const AlterExtras extras{.user_metadata = commit.custom_metadata,
                           .user_metadata_text = commit.user_metadata,
                           .transactions = ToTransactions(commit)};
  DELTIC_TRY(Committed committed, AlterTable(snapshot, change, ToCommitOptions(commit, CancelToken()), extras));
  ChangeOutcome outcome{.changed = committed.version != snapshot->version(),
                        .version = committed.version,
                        .warnings = std::move(committed.warnings)};
  DELTIC_TRY(table, TableOf(committed.snapshot));
  return outcome;
}

Result<ColumnPath> PathOf(const Table& table, const std::string& column) {
  return ParseColumnText(column, table.state()->snapshot->schema());
}

// One column, by definition or by schema JSON, which says more (metadata of its own).
Result<StructField> ReadField(const std::string& definition) {
  if (!definition.starts_with('{')) {
    DELTIC_TRY(Fields fields, ParseDdl(definition));
    if (fields.size() != 1) {
      return InvalidArgument("\"{}\" defines {} columns: give them one by one", definition, fields.size());
    }
    return std::move(fields[0]);
  }
  Result<Fields> fields = ParseSchemaJson(R"({"type":"struct","fields":[)" + definition + "]}");
  if (!fields.ok()) return InvalidArgument("{}", fields.error().message());
  if (fields->size() != 1) return InvalidArgument("give the fields of a schema one by one");
  return std::move((*fields)[0]);
}

}  // namespace

Result<ChangeOutcome> Alter::AddColumns(const std::vector<ColumnToAdd>& columns) {
  deltic::AddColumns change;
  for (const ColumnToAdd& column : columns) {
    NewColumn added;
    added.position = {.first = column.first, .after = column.after};
    DELTIC_TRY(added.field, ReadField(column.definition));
    if (!column.parent.empty()) {
      DELTIC_TRY(added.parent, PathOf(*table_, column.parent));
    }
    change.columns.push_back(std::move(added));
  }
  return Apply(*table_, change, commit_);
}

Result<ChangeOutcome> Alter::RenameColumn(const std::string& column, const std::string& to) {
  DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
  return Apply(*table_, deltic::RenameColumn{.column = std::move(path), .to = to}, commit_);
}

Result<ChangeOutcome> Alter::DropColumns(const std::vector<std::string>& columns, bool if_exists) {
  deltic::DropColumns change{.if_exists = if_exists};
  for (const std::string& column : columns) {
    DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
    change.columns.push_back(std::move(path));
  }
  return Apply(*table_, change, commit_);
}

Result<ChangeOutcome> Alter::ChangeColumnType(const std::string& column, const std::string& type) {
  DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
  DELTIC_TRY(DataType to, ParseDdlType(type));
  return Apply(*table_, deltic::ChangeColumnType{.column = std::move(path), .to = std::move(to)}, commit_);
}

Result<ChangeOutcome> Alter::SetColumnNullable(const std::string& column, bool nullable) {
  DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
  return Apply(*table_, deltic::SetColumnNullable{.column = std::move(path), .nullable = nullable}, commit_);
}

Result<ChangeOutcome> Alter::SetColumnComment(const std::string& column, const std::optional<std::string>& comment) {
  DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
  return Apply(*table_, deltic::SetColumnComment{.column = std::move(path), .comment = comment}, commit_);
}

Result<ChangeOutcome> Alter::MoveColumn(const std::string& column, bool first, const std::string& after) {
  DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
  deltic::MoveColumn change{.column = std::move(path), .position = {.first = first, .after = after}};
  return Apply(*table_, change, commit_);
}

Result<ChangeOutcome> Alter::SetColumnDefault(const std::string& column, const std::optional<std::string>& expression) {
  DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
  return Apply(*table_, deltic::SetColumnDefault{.column = std::move(path), .expression = expression}, commit_);
}

Result<ChangeOutcome> Alter::SetColumnMetadata(const std::string& column,
                                               const std::map<std::string, std::string>& metadata) {
  DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
  return Apply(*table_, deltic::SetColumnMetadata{.column = std::move(path), .metadata = metadata}, commit_);
}

Result<ChangeOutcome> Alter::SetProperties(const std::map<std::string, std::string>& properties) {
  return Apply(*table_, deltic::SetProperties{.properties = properties}, commit_);
}

Result<ChangeOutcome> Alter::UnsetProperties(const std::vector<std::string>& names, bool if_exists) {
  return Apply(*table_, deltic::UnsetProperties{.names = names, .if_exists = if_exists}, commit_);
}

Result<ChangeOutcome> Alter::AddConstraints(const std::map<std::string, std::string>& constraints) {
  deltic::AddConstraints change;
  for (const auto& [name, expression] : constraints) change.constraints.push_back({name, expression});
  return Apply(*table_, change, commit_);
}

Result<ChangeOutcome> Alter::DropConstraint(const std::string& name, bool if_exists) {
  return Apply(*table_, deltic::DropConstraint{.name = name, .if_exists = if_exists}, commit_);
}

Result<ChangeOutcome> Alter::AddFeatures(const std::vector<std::string>& names) {
  deltic::SetProperties change;
  for (const std::string& name : names) change.properties["delta.feature." + name] = "supported";
  return Apply(*table_, change, commit_);
}

Result<ChangeOutcome> Alter::DropFeature(const std::string& name) {
  return Apply(*table_, deltic::DropFeature{.name = name}, commit_);
}

Result<ChangeOutcome> Alter::SetName(const std::optional<std::string>& name) {
  return Apply(*table_, SetTableName{.name = name}, commit_);
}

Result<ChangeOutcome> Alter::SetDescription(const std::optional<std::string>& description) {
  return Apply(*table_, SetTableDescription{.description = description}, commit_);
}

Result<ChangeOutcome> Alter::ClusterBy(const std::vector<std::string>& columns) {
  deltic::ClusterBy change;
  for (const std::string& column : columns) {
    DELTIC_TRY(ColumnPath path, PathOf(*table_, column));
    change.columns.push_back(std::move(path));
  }
  return Apply(*table_, change, commit_);
}

Result<CheckpointOutcome> Checkpoint(const Table& table) {
  DELTIC_TRY(const CheckpointDone done, WriteCheckpoint(*table.state()->snapshot, RealEnv(), CancelToken()));
  return CheckpointOutcome{.version = done.version,
                           .existed = done.existed,
                           .size_bytes = done.size_bytes,
                           .actions = done.actions,
                           .sidecars = done.sidecars};
}

Result<LogCleanupOutcome> CleanLog(const Table& table, bool dry_run, std::optional<int64_t> retention_ms) {
  if (retention_ms && *retention_ms < 0) return InvalidArgument("the retention {} ms is negative", *retention_ms);
  DELTIC_TRY(LogCleanup cleanup, CleanLog(*table.state()->snapshot, RealEnv(), dry_run, retention_ms));
  return LogCleanupOutcome{.deleted = std::move(cleanup.deleted),
                           .failed = std::move(cleanup.failed),
                           .oldest_version = cleanup.oldest_version};
}

Status CompactLog(const Table& table, int64_t first, int64_t last) {
  return WriteCompaction(*table.state()->snapshot, first, last);
}

}  // namespace deltic
