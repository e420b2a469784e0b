// Owns the changes of columns: add, rename, drop, type, nullability, comment, position, default, metadata.
// What uses a column is found by dependents.h, what may be by rules.h.
#include <algorithm>

#include <simdjson.h>

#include "alter/changes.h"
#include "alter/clustering.h"
#include "alter/configure.h"
#include "alter/dependents.h"
#include "alter/operation_text.h"
#include "alter/rules.h"
#include "base/error.h"
#include "features/properties.h"
#include "schema/edit.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

// A change that begins as the table itself, changing no domain.
Altered Unchanged(const TableDefinition& table, std::string operation) {
  Altered altered;
  altered.table = table;
  altered.table.domains.clear();
  altered.operation.name = std::move(operation);
  return altered;
}

Status Finish(const TableDefinition& before, Altered& altered, const Env& env) {
  DELTIC_TRY(altered.table.protocol, ProtocolForColumns(altered.table));
  DELTIC_CHECK(NumberColumns(altered.table, env, {.replaces = &before}));
  return CheckDefinition(altered.table, {}, &before);
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& each : texts) text += (text.empty() ? "" : ", ") + each;
  return text;
}

Status CheckUnused(const TableDefinition& table, const ColumnPath& column, const char* what) {
  const std::vector<std::string> users = ExpressionsThatUse(table, column);
  if (users.empty()) return {};
  return InvalidArgument("column {} cannot be {}: {} it; drop {} first", ToString(column), what,
                         Joined(users) + (users.size() == 1 ? " uses" : " use"), users.size() == 1 ? "that" : "those");
}

Result<MappingMode> MappingOf(const TableDefinition& table) {
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  return config.mapping_mode;
}

// The place in `fields` where a column goes; fields.size() for the end.
Result<size_t> PlaceOf(const Fields& fields, const ColumnPosition& position, const ColumnPath& column) {
  if (position.first && !position.after.empty()) {
    return InvalidArgument("column {} is to go first and after {}: say one of them", ToString(column), position.after);
  }
  if (position.first) return size_t{0};
  if (position.after.empty()) return fields.size();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (SameNameIgnoringCase(fields[i].name, position.after)) return i + 1;
  }
  return InvalidArgument("column {} cannot go after {}: there is no such column beside it", ToString(column),
                         position.after);
}

Status CheckNewColumn(const ColumnPath& path, const StructField& field) {
  if (!field.nullable) {
    return InvalidArgument(
        "column {} is NOT NULL: the rows that are there have no value for it; add it without, fill "
        "it, and set NOT NULL then",
        ToString(path));
  }
  if (field.metadata.contains("CURRENT_DEFAULT")) {
    return InvalidArgument(
        "column {} has a default: rows that are there would not get it; add it without, and set the "
        "default then",
        ToString(path));
  }
  for (const auto& [key, value] : field.metadata) {
    if (key.starts_with("delta.generationExpression") || key.starts_with("delta.identity")) {
      return InvalidArgument("column {} is generated: such a column can only be made with its table", ToString(path));
    }
    if (key.starts_with("delta.")) return InvalidArgument("column {}: metadata {} is Delta's own", ToString(path), key);
  }
  return {};
}

// The property that lists columns for statistics, after a column got another name or went.
Status FollowInStatistics(Altered& altered, const ColumnPath& column, const std::string* new_name) {
  auto found = altered.table.metadata.configuration.find("delta.dataSkippingStatsColumns");
  if (found == altered.table.metadata.configuration.end()) return {};
  std::optional<std::vector<ColumnPath>> columns = ParseColumnList(found->second);
  if (!columns) return Corrupt("table property delta.dataSkippingStatsColumns is '{}'", found->second);
  std::vector<ColumnPath> kept;
  for (ColumnPath& each : *columns) {
    const bool inside =
        each.size() >= column.size() && std::equal(column.begin(), column.end(), each.begin(), SameNameIgnoringCase);
    if (inside && new_name == nullptr) continue;
    if (inside) each[column.size() - 1] = *new_name;
    kept.push_back(std::move(each));
  }
  found->second = FormatColumnList(kept);
  if (kept.empty()) altered.table.metadata.configuration.erase(found);
  return {};
}

bool IsPartitionColumn(const TableDefinition& table, const std::string& name) {
  const auto& columns = table.metadata.partition_columns;
  return std::any_of(columns.begin(), columns.end(),
                     [&](const std::string& column) { return SameNameIgnoringCase(column, name); });
}

// Only the schema's text changes: comments, order, nullability.
Result<Altered> WithColumn(const TableDefinition& table, const ColumnPath& column, const Env& env,
                           const FieldEdit& edit) {
  DELTIC_TRY(const SchemaPlace place, FindPlace(table.schema, column));
  if (!place.part.empty()) {
    return InvalidArgument("{} is a part of the column {}, not a column", ToString(place.path),
                           ToString(place.field_path));
  }
  Altered altered = Unchanged(table, "CHANGE COLUMN");
  DELTIC_TRY(altered.table.schema, EditField(table.schema, place.path, edit));
  DELTIC_CHECK(Finish(table, altered, env));
  DELTIC_TRY(const SchemaPlace now, FindPlace(altered.table.schema, place.path));
  altered.operation.parameters["column"] = QuotedText(ColumnText(now.path, now.field));
  return altered;
}

}  // namespace

Result<Altered> ApplyTo(const TableDefinition& table, const AddColumns& change, const Env& env) {
  if (change.columns.empty()) return InvalidArgument("no columns to add");
  Altered altered = Unchanged(table, "ADD COLUMNS");
  std::string told = "[";
  for (const NewColumn& column : change.columns) {
    ColumnPath path = column.parent;
    path.push_back(column.field.name);
    DELTIC_CHECK(CheckNewColumn(path, column.field));
    const FieldsEdit insert = [&](const Fields& fields) -> Result<Fields> {
      if (FindField(fields, column.field.name) != nullptr) return AlreadyExists("column {} exists", ToString(path));
      DELTIC_TRY(const size_t place, PlaceOf(fields, column.position, path));
      Fields more = fields;
      more.insert(more.begin() + static_cast<std::ptrdiff_t>(place), column.field);
      return more;
    };
    DELTIC_TRY(altered.table.schema, EditStruct(altered.table.schema, column.parent, insert));
    if (told.size() > 1) told += ',';
    told += R"({"column":)" + ColumnText(path, column.field);
    const std::string position = PositionText(column.position);
    if (!position.empty()) told += R"(,"position":)" + QuotedText(position);
    told += "}";
  }
  DELTIC_CHECK(Finish(table, altered, env));
  altered.operation.parameters["columns"] = QuotedText(told + "]");
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const RenameColumn& change, const Env& env) {
  DELTIC_TRY(const SchemaPlace place, FindPlace(table.schema, change.column));
  if (!place.part.empty()) return InvalidArgument("{} is no column and has no name", ToString(place.path));
  DELTIC_TRY(const MappingMode mode, MappingOf(table));
  if (mode == MappingMode::kNone) {
    return InvalidArgument(
        "column {} cannot be renamed: the table's files know their columns by name; set "
        "delta.columnMapping.mode to name first",
        ToString(place.path));
  }
  DELTIC_CHECK(CheckUnused(table, place.path, "renamed"));
  Altered altered = Unchanged(table, "RENAME COLUMN");
  const ColumnPath parent(place.path.begin(), place.path.end() - 1);
  const FieldsEdit rename = [&](const Fields& fields) -> Result<Fields> {
    const StructField* other = FindField(fields, change.to);
    if (other != nullptr && other->name != place.path.back()) return AlreadyExists("column {} exists", change.to);
    Fields renamed = fields;
    for (StructField& field : renamed) {
      if (field.name == place.path.back()) field.name = change.to;
    }
    return renamed;
  };
  DELTIC_TRY(altered.table.schema, EditStruct(table.schema, parent, rename));
  if (parent.empty()) {
    for (std::string& name : altered.table.metadata.partition_columns) {
      if (SameNameIgnoringCase(name, place.path.back())) name = change.to;
    }
  }
  DELTIC_CHECK(FollowInStatistics(altered, place.path, &change.to));
  DELTIC_CHECK(Finish(table, altered, env));
  ColumnPath renamed = parent;
  renamed.push_back(change.to);
  altered.operation.parameters["oldColumnPath"] = QuotedText(ToString(place.path));
  altered.operation.parameters["newColumnPath"] = QuotedText(ToString(renamed));
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const DropColumns& change, const Env& env) {
  DELTIC_TRY(const MappingMode mode, MappingOf(table));
  DELTIC_TRY(const auto clustering, ReadClusteringColumns(table.domains, table.schema, mode));
  Altered altered = Unchanged(table, "DROP COLUMNS");
  std::vector<std::string> told;
  for (const ColumnPath& column : change.columns) {
    const Result<SchemaPlace> found = FindPlace(altered.table.schema, column);
    if (!found.ok() && change.if_exists) continue;
    if (!found.ok()) return found.error();
    const ColumnPath& path = found->path;
    if (!found->part.empty()) return InvalidArgument("{} is no column and cannot be dropped", ToString(path));
    if (mode == MappingMode::kNone) {
      return InvalidArgument(
          "column {} cannot be dropped: the table's files know their columns by name; set "
          "delta.columnMapping.mode to name first",
          ToString(path));
    }
    if (path.size() == 1 && IsPartitionColumn(table, path.front())) {
      return InvalidArgument("column {} cannot be dropped: the table is partitioned by it", ToString(path));
    }
    for (const ColumnPath& clustered : clustering) {
      if (clustered.size() < path.size() || !std::equal(path.begin(), path.end(), clustered.begin())) continue;
      return InvalidArgument("column {} cannot be dropped: the table is clustered by {}; change that first",
                             ToString(path), ToString(clustered));
    }
    DELTIC_CHECK(CheckUnused(table, path, "dropped"));
    const FieldsEdit drop = [&](const Fields& fields) -> Result<Fields> {
      if (fields.size() == 1) return InvalidArgument("column {} is the only one of its struct", ToString(path));
      Fields fewer = fields;
      std::erase_if(fewer, [&](const StructField& field) { return field.name == path.back(); });
      return fewer;
    };
    DELTIC_TRY(altered.table.schema, EditStruct(altered.table.schema, ColumnPath(path.begin(), path.end() - 1), drop));
    DELTIC_CHECK(FollowInStatistics(altered, path, nullptr));
    told.push_back(ToString(path));
  }
  DELTIC_CHECK(Finish(table, altered, env));
  altered.operation.parameters["columns"] = QuotedList(told);
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const ChangeColumnType& change, const Env& env) {
  DELTIC_TRY(const SchemaPlace place, FindPlace(table.schema, change.column));
  const std::string name = ToString(place.path);
  Altered altered = Unchanged(table, "CHANGE COLUMN");
  altered.operation.parameters["column"] = QuotedText(ColumnText(place.path, place.field));
  if (place.type == change.to) return altered;
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  if (place.type.nested() || change.to.nested()) {
    return InvalidArgument("column {} cannot become {}: change the columns inside it one by one", name,
                           change.to.ToString());
  }
  if (!MayChangeType(place.type, change.to, config.iceberg_compat)) {
    return InvalidArgument("column {} cannot change from {} to {}: only to a type that holds every value of it{}", name,
                           place.type.ToString(), change.to.ToString(),
                           config.iceberg_compat > 0 ? " and that Iceberg allows (icebergCompat)" : "");
  }
  if (!config.type_widening_enabled) {
    return InvalidArgument("column {} cannot change from {} to {}: set delta.enableTypeWidening to true first", name,
                           place.type.ToString(), change.to.ToString());
  }
  if (place.field.metadata.contains("delta.identity.start") ||
      place.field.metadata.contains("delta.generationExpression")) {
    return InvalidArgument("column {} is generated: its type cannot change", name);
  }
  DELTIC_CHECK(CheckUnused(table, place.path, "changed"));
  std::string part;
  for (const std::string& step : place.part) part += (part.empty() ? "" : ".") + step;
  const FieldEdit retype = [&](const StructField& field) -> Result<StructField> {
    StructField changed = field;
    changed.type = ReplacePart(field.type, place.part, change.to);
    AddTypeChange(changed, {place.type, change.to, part});
    return changed;
  };
  DELTIC_TRY(altered.table.schema, EditField(table.schema, place.field_path, retype));
  DELTIC_CHECK(Finish(table, altered, env));
  // As Spark: the column as it was, but for its type.
  StructField told = place.field;
  told.type = change.to;
  if (!place.part.empty()) told.metadata.clear();
  if (!place.part.empty() && place.part.back() == "key") told.nullable = false;
  altered.operation.parameters["column"] = QuotedText(ColumnText(place.path, told));
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnNullable& change, const Env& env) {
  DELTIC_TRY(Altered altered,
             WithColumn(table, change.column, env, [&](const StructField& field) -> Result<StructField> {
               StructField changed = field;
               changed.nullable = change.nullable;
               return changed;
             }));
  if (change.nullable || !altered.Changes(table)) return altered;
  DELTIC_TRY(const SchemaPlace place, FindPlace(table.schema, change.column));
  // NULL where the structs around it are not.
  std::string path;
  std::string above;
  for (const std::string& step : place.path) {
    std::string quoted = "\"";
    for (const char c : step) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    if (!path.empty()) above = path + " IS NOT NULL";
    path += (path.empty() ? "" : ".") + quoted + "\"";
  }
  altered.proofs.push_back({path + " IS NULL" + (above.empty() ? "" : " AND " + above),
                            "column " + ToString(place.path) + " cannot be NOT NULL: {} rows have no value there"});
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnComment& change, const Env& env) {
  return WithColumn(table, change.column, env, [&](const StructField& field) -> Result<StructField> {
    StructField changed = field;
    changed.metadata.erase("comment");
    if (change.comment) SetMetadataText(changed, "comment", *change.comment);
    return changed;
  });
}

Result<Altered> ApplyTo(const TableDefinition& table, const MoveColumn& change, const Env& env) {
  if (!change.position.first && change.position.after.empty()) {
    return InvalidArgument("column {} is to move, but not where: first, or after a column", ToString(change.column));
  }
  DELTIC_TRY(const SchemaPlace place, FindPlace(table.schema, change.column));
  if (!place.part.empty()) return InvalidArgument("{} is no column and cannot move", ToString(place.path));
  Altered altered = Unchanged(table, "CHANGE COLUMN");
  const FieldsEdit move = [&](const Fields& fields) -> Result<Fields> {
    Fields others = fields;
    std::erase_if(others, [&](const StructField& field) { return field.name == place.path.back(); });
    if (SameNameIgnoringCase(change.position.after, place.path.back())) return fields;
    DELTIC_TRY(const size_t at, PlaceOf(others, change.position, place.path));
    others.insert(others.begin() + static_cast<std::ptrdiff_t>(at), place.field);
    return others;
  };
  DELTIC_TRY(altered.table.schema,
             EditStruct(table.schema, ColumnPath(place.path.begin(), place.path.end() - 1), move));
  DELTIC_CHECK(Finish(table, altered, env));
  altered.operation.parameters["column"] = QuotedText(ColumnText(place.path, place.field));
  altered.operation.parameters["position"] = QuotedText(PositionText(change.position));
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnDefault& change, const Env& env) {
  if (change.expression && !SupportsFeature(table.protocol, "allowColumnDefaults")) {
    return Unsupported(
        "column {} cannot have a default: the table does not have the feature allowColumnDefaults, "
        "without which other writers would not honour it; add it first",
        ToString(change.column));
  }
  return WithColumn(table, change.column, env, [&](const StructField& field) -> Result<StructField> {
    StructField changed = field;
    changed.metadata.erase("CURRENT_DEFAULT");
    if (!change.expression) return changed;
    if (field.metadata.contains("delta.identity.start") || field.metadata.contains("delta.generationExpression")) {
      return InvalidArgument("column {} is generated and cannot have a default", field.name);
    }
    SetMetadataText(changed, "CURRENT_DEFAULT", *change.expression);
    return changed;
  });
}

Result<Altered> ApplyTo(const TableDefinition& table, const SetColumnMetadata& change, const Env& env) {
  for (const auto& [key, json] : change.metadata) {
    if (key.starts_with("delta.") || key == "CURRENT_DEFAULT" || key == "EXISTS_DEFAULT") {
      return InvalidArgument("metadata {} of column {} is Delta's own and cannot be set", key, ToString(change.column));
    }
    simdjson::dom::parser parser;
    if (!json.empty() && parser.parse(simdjson::padded_string(json)).error() != simdjson::SUCCESS) {
      return InvalidArgument("metadata {} of column {} is no JSON: {}", key, ToString(change.column), json);
    }
  }
  return WithColumn(table, change.column, env, [&](const StructField& field) -> Result<StructField> {
    StructField changed = field;
    for (const auto& [key, json] : change.metadata) {
      changed.metadata.erase(key);
      if (!json.empty()) changed.metadata[key] = json;
    }
    return changed;
  });
}

}  // namespace deltic
