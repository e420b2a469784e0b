// Owns the facade of changes and upkeep: public requests into alter/ and upkeep/, outcomes back.
#include "deltic/manage.h"

#include "alter/alter.h"
#include "alter/operation_text.h"
#include "base/ascii.h"
#include "base/error.h"
#include "features/properties.h"
#include "insert/write_anew.h"
#include "schema/column_text.h"
#include "schema/ddl.h"
#include "schema/schema_json.h"
#include "table/commit_text.h"
#include "table/sources.h"
#include "table/state.h"
#include "upkeep/upkeep.h"

namespace deltic {
namespace {

AlterExtras ExtrasOf(const CommitProperties& commit) {
  return {.user_metadata = commit.custom_metadata,
          .user_metadata_text = commit.user_metadata,
          .transactions = ToTransactions(commit)};
}

Result<ChangeOutcome> Apply(Table& table, const Change& change, const CommitProperties& commit) {
  DELTIC_TRY(const auto snapshot, NewestOf(table));
  DELTIC_TRY(Committed committed,
             AlterTable(snapshot, change, ToCommitOptions(commit, CancelToken()), ExtrasOf(commit)));
  ChangeOutcome outcome{.changed = committed.version != snapshot->version(),
                        .version = committed.version,
                        .warnings = std::move(committed.warnings)};
  DELTIC_TRY(table, TableOf(committed.snapshot));
  return outcome;
}

constexpr const char* kMappingMode = "delta.columnMapping.mode";

// Writes the files anew for `after`; the table moves to the new version.
Result<ChangeOutcome> Rewrite(Table& table, const std::shared_ptr<const Snapshot>& snapshot,
                              const WriteAnewRequest& request, const CommitProperties& commit) {
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  DELTIC_TRY(Committed committed, WriteAnew(*engine, snapshot, request, ToCommitOptions(commit, CancelToken())));
  ChangeOutcome outcome{.changed = committed.version != snapshot->version(),
                        .version = committed.version,
                        .warnings = std::move(committed.warnings)};
  DELTIC_TRY(table, TableOf(committed.snapshot));
  return outcome;
}

Operation Reorg() {
  return {.name = "REORG", .parameters = {{"predicate", QuotedList({})}, {"applyPurge", "true"}}, .metrics = {}};
}

Result<ChangeOutcome> RemoveMapping(Table& table, const std::shared_ptr<const Snapshot>& snapshot, bool keep_property,
                                    const CommitProperties& commit) {
  DELTIC_TRY(const TableDefinition before, DefinitionOf(*snapshot));
  WriteAnewRequest request;
  request.operation.name = "REMOVE COLUMN MAPPING";
  request.extras = ExtrasOf(commit);
  DELTIC_TRY(request.after, WithoutColumnMapping(before, keep_property));
  return Rewrite(table, snapshot, request, commit);
}

// What must be written anew before a feature can go: its files tell of it. Nothing is written when the feature cannot
// go then either.
Status WriteAnewForDrop(Table& table, const std::string& feature, const CommitProperties& commit) {
  DELTIC_TRY(const auto snapshot, NewestOf(table));
  DELTIC_TRY(const TableDefinition before, DefinitionOf(*snapshot));
  CommitProperties plain;  // what the commit is to carry goes with the last one
  plain.max_retries = commit.max_retries;
  plain.upkeep = commit.upkeep;
  const std::string name = AsciiLower(feature);
  const auto may_go = [&](TableDefinition after) -> Status {
    after.domains = before.domains;
    const Result<Altered> altered = ApplyChange(after, deltic::DropFeature{.name = feature}, RealEnv());
    return altered.ok() ? Status() : Status(altered.error());
  };
  if (name == "columnmapping" && snapshot->config().mapping_mode != MappingMode::kNone) {
    DELTIC_TRY(TableDefinition after, WithoutColumnMapping(before, false));
    DELTIC_CHECK(may_go(std::move(after)));
    DELTIC_TRY(const ChangeOutcome removed, RemoveMapping(table, snapshot, false, plain));
    (void)removed;
  } else if ((name == "typewidening" || name == "typewidening-preview") && HasTypeChanges(before)) {
    const WriteAnewRequest request{.after = WithoutTypeChanges(before), .operation = Reorg()};
    DELTIC_CHECK(may_go(request.after));
    DELTIC_TRY(const ChangeOutcome rewritten, Rewrite(table, snapshot, request, plain));
    (void)rewritten;
  } else if (name == "deletionvectors" && snapshot->config().deletion_vectors_supported) {
    DELTIC_CHECK(may_go(before));
    // First no more of them, then none.
    DELTIC_TRY(const ChangeOutcome off,
               Apply(table, UnsetProperties{.names = {"delta.enableDeletionVectors"}, .if_exists = true}, plain));
    (void)off;
    const auto now = table.state()->snapshot;
    WriteAnewRequest request{.only_files_with_rows_deleted = true, .operation = Reorg()};
    DELTIC_TRY(request.after, DefinitionOf(*now));
    request.after.domains.clear();
    DELTIC_TRY(const ChangeOutcome purged, Rewrite(table, now, request, plain));
    (void)purged;
  }
  return {};
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
  if (properties.size() == 1 && AsciiLower(properties.begin()->first) == AsciiLower(kMappingMode) &&
      AsciiLower(properties.begin()->second) == "none") {
    DELTIC_TRY(const auto snapshot, NewestOf(*table_));
    if (snapshot->config().mapping_mode != MappingMode::kNone) return RemoveMapping(*table_, snapshot, true, commit_);
  }
  return Apply(*table_, deltic::SetProperties{.properties = properties}, commit_);
}

Result<ChangeOutcome> Alter::UnsetProperties(const std::vector<std::string>& names, bool if_exists) {
  if (names.size() == 1 && AsciiLower(names[0]) == AsciiLower(kMappingMode)) {
    DELTIC_TRY(const auto snapshot, NewestOf(*table_));
    if (snapshot->config().mapping_mode != MappingMode::kNone) return RemoveMapping(*table_, snapshot, false, commit_);
  }
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
  DELTIC_CHECK(WriteAnewForDrop(*table_, name, commit_));
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
