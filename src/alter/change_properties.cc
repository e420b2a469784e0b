// Owns the changes of properties, constraints, name, description and clustering columns, and what they turn on.
#include <algorithm>

#include "alter/changes.h"
#include "alter/clustering.h"
#include "alter/configure.h"
#include "alter/operation_text.h"
#include "alter/rules.h"
#include "alter/settings.h"
#include "base/ascii.h"
#include "base/error.h"
#include "features/feature_sets.h"
#include "features/properties.h"
#include "schema/edit.h"
#include "sparksql/translate.h"

namespace deltic {
namespace {

constexpr const char* kMode = "delta.columnMapping.mode";
constexpr std::string_view kConstraintPrefix = "delta.constraints.";

Altered Begin(const TableDefinition& table, std::string operation) {
  Altered altered;
  altered.table = table;
  altered.table.domains.clear();
  altered.operation.name = std::move(operation);
  return altered;
}

bool IsOn(const StringMap& properties, const char* name) {
  const auto found = properties.find(name);
  return found != properties.end() && AsciiLower(found->second) == "true";
}

MappingMode ModeIn(const StringMap& properties) {
  const auto found = properties.find(kMode);
  const std::string mode = found == properties.end() ? "none" : AsciiLower(found->second);
  return mode == "name" ? MappingMode::kName : mode == "id" ? MappingMode::kId : MappingMode::kNone;
}

// Only names for a table without mapping: ids would be missing from its files, and what mapping allowed cannot be
// undone without writing them anew.
Status CheckMappingChange(MappingMode before, MappingMode after) {
  if (before == after || (before == MappingMode::kNone && after == MappingMode::kName)) return {};
  if (before == MappingMode::kNone) {
    return InvalidArgument(
        "delta.columnMapping.mode cannot become id on a table that is there: its files have no ids; "
        "use name");
  }
  return InvalidArgument(
      "delta.columnMapping.mode can only become none, in a change of its own: the table's files are written anew for "
      "it");
}

// What must be true of the files that are there for a property that is turned on now.
void AskOfFiles(const TableDefinition& before, Altered& altered) {
  const StringMap& old_properties = before.metadata.configuration;
  const StringMap& properties = altered.table.metadata.configuration;
  const auto turned_on = [&](const char* name) { return IsOn(properties, name) && !IsOn(old_properties, name); };
  if (turned_on("delta.enableRowTracking")) altered.backfill_row_ids = true;
  for (const char* name : {"delta.enableIcebergCompatV1", "delta.enableIcebergCompatV2"}) {
    if (!turned_on(name)) continue;
    altered.needs_no_files =
        std::string(name) +
        " cannot be turned on: the files that are there were not written for Iceberg's readers, and "
        "this build does not write them anew; make a new table with it";
  }
  if (SupportsFeature(altered.table.protocol, "materializePartitionColumns") &&
      !SupportsFeature(before.protocol, "materializePartitionColumns") && !before.metadata.partition_columns.empty()) {
    altered.needs_no_files =
        "the feature materializePartitionColumns cannot be added: the files that are there lack their partition "
        "columns";
  }
}

// In-commit timestamps that were turned off leave no trace of when they began.
void ForgetInCommitTimestamps(StringMap& properties) {
  if (IsOn(properties, "delta.enableInCommitTimestamps")) return;
  properties.erase("delta.inCommitTimestampEnablementVersion");
  properties.erase("delta.inCommitTimestampEnablementTimestamp");
}

Status FinishProperties(const TableDefinition& before, Altered& altered, const Env& env, FeatureSet features) {
  TableDefinition& table = altered.table;
  StringMap& properties = table.metadata.configuration;
  const MappingMode old_mode = ModeIn(before.metadata.configuration);
  DELTIC_CHECK(CheckMappingChange(old_mode, ModeIn(properties)));
  if (IsOn(properties, "delta.enableRowTracking") && IsOn(properties, "delta.rowTrackingSuspended")) {
    return InvalidArgument("delta.enableRowTracking and delta.rowTrackingSuspended exclude each other");
  }
  ForgetInCommitTimestamps(properties);
  features.merge(FeaturesNeeded({}, properties));
  table.protocol = WithFeatures(table.protocol, features);
  NameRowTrackingColumns(table, env, &before);
  DELTIC_CHECK(NumberColumns(table, env, {.replaces = &before, .logical_names = old_mode == MappingMode::kNone}));
  AskOfFiles(before, altered);
  return CheckDefinition(table, {}, &before);
}

// The stored name of a constraint, letter case not counting; "" when there is none.
std::string StoredConstraint(const StringMap& properties, const std::string& name) {
  for (const auto& [key, expression] : properties) {
    if (key.starts_with(kConstraintPrefix) &&
        SameNameIgnoringCase(std::string_view(key).substr(kConstraintPrefix.size()), name)) {
      return key;
    }
  }
  return "";
}

std::string ListText(const std::vector<ColumnPath>& columns) {
  std::string text;
  for (const ColumnPath& column : columns) text += (text.empty() ? "" : ",") + ToString(column);
  return text;
}

}  // namespace

Result<Altered> ApplyTo(const TableDefinition& table, const SetProperties& change, const Env& env) {
  Altered altered = Begin(table, "SET TBLPROPERTIES");
  altered.operation.parameters["properties"] = QuotedMap(change.properties);
  DELTIC_TRY(Settings settings, ReadSettings(change.properties));
  if (settings.features.contains("clustering") && !SupportsFeature(table.protocol, "clustering")) {
    return InvalidArgument("the feature clustering comes with clustering columns: cluster the table by some");
  }
  StringMap& properties = altered.table.metadata.configuration;
  for (const auto& [name, value] : settings.properties) {
    if (name.starts_with(kConstraintPrefix)) {
      return InvalidArgument("{} is a CHECK constraint: add it as one, so that the rows that are there are checked",
                             name);
    }
    properties[name] = value;
  }
  FeatureSet features = settings.features;
  if (settings.min_writer_version && *settings.min_writer_version < 7) {
    features.merge(
        FeaturesOf({std::min(settings.min_reader_version.value_or(1), 2), *settings.min_writer_version, {}, {}}));
  }
  DELTIC_CHECK(FinishProperties(table, altered, env, std::move(features)));
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const UnsetProperties& change, const Env& env) {
  Altered altered = Begin(table, "UNSET TBLPROPERTIES");
  altered.operation.parameters["properties"] = QuotedList(change.names);
  altered.operation.parameters["ifExists"] = change.if_exists ? "true" : "false";
  StringMap& properties = altered.table.metadata.configuration;
  for (const std::string& name : change.names) {
    const PropertyRow* row = FindProperty(name);
    const std::string key = row != nullptr ? std::string(row->name) : name;
    if (IsProtocolProperty(key)) {
      return InvalidArgument("{} is no property that can be unset: a feature is dropped by dropping the feature", name);
    }
    if (AsciiLower(key).starts_with(kConstraintPrefix)) {
      return InvalidArgument("{} is a CHECK constraint: drop the constraint instead", name);
    }
    if (row != nullptr && row->use == PropertyUse::kKept) {
      return InvalidArgument("table property {} cannot be unset: {}", row->name, row->why);
    }
    if (properties.erase(key) == 0 && !change.if_exists) {
      return NotFound("the table has no property {}", name);
    }
  }
  DELTIC_CHECK(FinishProperties(table, altered, env, {}));
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const AddConstraints& change, const Env& env) {
  if (change.constraints.empty()) return InvalidArgument("no constraint to add");
  Altered altered = Begin(table, "ADD CONSTRAINT");
  std::vector<std::string> names;
  std::vector<std::string> expressions;
  for (const CheckConstraint& constraint : change.constraints) {
    if (constraint.name.empty()) return InvalidArgument("a constraint has no name ({})", constraint.expression);
    if (!StoredConstraint(altered.table.metadata.configuration, constraint.name).empty()) {
      return AlreadyExists("constraint {} exists: drop it first", constraint.name);
    }
    DELTIC_CHECK(CheckConstraintExpression(table.schema, constraint.name, constraint.expression));
    DELTIC_TRY(const EngineSql sql, TranslateSparkSql(constraint.expression, table.schema));
    altered.table.metadata.configuration[std::string(kConstraintPrefix) + constraint.name] = constraint.expression;
    // NULL violates a CHECK of Delta, unlike SQL's.
    altered.proofs.push_back(
        {"(" + sql.sql + ") IS DISTINCT FROM TRUE",
         "{} rows violate the new CHECK constraint " + constraint.name + " (" + constraint.expression + ")"});
    names.push_back(constraint.name);
    expressions.push_back(constraint.expression);
  }
  const bool one = names.size() == 1;
  altered.operation.parameters["name"] = one ? QuotedText(names.front()) : QuotedList(names);
  altered.operation.parameters["expr"] = one ? QuotedText(expressions.front()) : QuotedList(expressions);
  DELTIC_CHECK(FinishProperties(table, altered, env, {}));
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const DropConstraint& change, const Env&) {
  Altered altered = Begin(table, "DROP CONSTRAINT");
  altered.operation.parameters["name"] = QuotedText(change.name);
  StringMap& properties = altered.table.metadata.configuration;
  const std::string key = StoredConstraint(properties, change.name);
  altered.operation.parameters["existed"] = key.empty() ? "\"false\"" : "\"true\"";
  if (key.empty()) {
    if (change.if_exists) return altered;
    std::string known;
    for (const auto& [name, expression] : properties) {
      if (!name.starts_with(kConstraintPrefix)) continue;
      known += (known.empty() ? "" : ", ") + name.substr(kConstraintPrefix.size());
    }
    return NotFound("the table has no constraint {}; it has {}", change.name, known.empty() ? "none" : known);
  }
  altered.operation.parameters["expr"] = QuotedText(properties.at(key));
  properties.erase(key);
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const SetTableName& change, const Env&) {
  Altered altered = Begin(table, "SET TBLPROPERTIES");
  altered.operation.parameters["properties"] = QuotedMap({{"name", change.name.value_or("")}});
  altered.table.metadata.name = change.name;
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const SetTableDescription& change, const Env&) {
  Altered altered = Begin(table, "SET TBLPROPERTIES");
  altered.operation.parameters["properties"] = QuotedMap({{"comment", change.description.value_or("")}});
  altered.table.metadata.description = change.description;
  return altered;
}

Result<Altered> ApplyTo(const TableDefinition& table, const ClusterBy& change, const Env&) {
  if (!table.metadata.partition_columns.empty()) {
    return InvalidArgument("the table is partitioned by {}: a partitioned table cannot be clustered",
                           table.metadata.partition_columns.front());
  }
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  DELTIC_TRY(const auto before, ReadClusteringColumns(table.domains, table.schema, config.mapping_mode));
  DELTIC_TRY(const auto after, CheckClusteringColumns(table.schema, change.columns));
  Altered altered = Begin(table, "CLUSTER BY");
  altered.operation.parameters["oldClusteringColumns"] = QuotedText(ListText(before));
  altered.operation.parameters["newClusteringColumns"] = QuotedText(ListText(after));
  if (before == after) return altered;
  altered.table.protocol = WithFeatures(table.protocol, {"clustering"});
  altered.table.domains.push_back(MakeClusteringDomain(table.schema, config.mapping_mode, after));
  DELTIC_CHECK(CheckDefinition(altered.table, after, &table));
  return altered;
}

}  // namespace deltic
