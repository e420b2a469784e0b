// Owns the making of definitions: of a new table, of one that replaces another, and of a table as a write needs it.
// What Spark 4.2 with Delta 4.4 makes of the same requests is in definition_test.cc.
#include "alter/definition.h"

#include <algorithm>

#include "alter/clustering.h"
#include "alter/configure.h"
#include "alter/dependents.h"
#include "alter/rules.h"
#include "alter/settings.h"
#include "base/error.h"
#include "base/uuid.h"
#include "features/feature_sets.h"
#include "features/properties.h"
#include "schema/column_ids.h"
#include "schema/edit.h"
#include "schema/merge.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

std::string Joined(const std::vector<ColumnPath>& columns) {
  std::string text;
  for (const ColumnPath& column : columns) text += (text.empty() ? "" : ", ") + ToString(column);
  return text;
}

bool SameMetadata(const Metadata& a, const Metadata& b) {
  return a.id == b.id && a.name == b.name && a.description == b.description && a.schema_string == b.schema_string &&
         a.partition_columns == b.partition_columns && a.created_time == b.created_time &&
         a.configuration == b.configuration && a.format.provider == b.format.provider &&
         a.format.options == b.format.options;
}

// Ids, physical names and recorded changes belong to the files of the table they come from.
Fields WithoutTableFacts(const Fields& schema) {
  return MapFields(schema, [](const StructField& given) {
    StructField field = given;
    ClearColumnMapping(field);
    ClearTypeChanges(field);
    field.metadata.erase("delta.identity.highWaterMark");
    return field;
  });
}

// In the schema's spelling.
Result<std::vector<std::string>> ResolvePartitionColumns(const Fields& schema, const std::vector<std::string>& names) {
  std::vector<std::string> resolved;
  for (const std::string& name : names) {
    const StructField* field = FindField(schema, name);
    if (field == nullptr) return InvalidArgument("partition column {} is no column of the table", name);
    resolved.push_back(field->name);
  }
  return resolved;
}

// The protocol of a new table before its features: what its versions imply, (1,2) when none is given. As in Spark a
// list that nobody filled, (1,7) or (3,7), is an empty set.
FeatureSet BaseFeatures(const Settings& settings) {
  Protocol base{1, 2, {}, {}};
  if (settings.ignore_protocol_defaults) base.min_writer_version = 1;
  if (settings.min_writer_version) {
    base.min_writer_version = *settings.min_writer_version;
    base.min_reader_version = std::min(settings.min_reader_version.value_or(1), 2);
  }
  return FeaturesOf(base);
}

Status CheckReplacement(const TableDefinition& before, const TableDefinition& after) {
  DELTIC_TRY(const TableConfig config, MakeTableConfig(after.protocol, after.metadata));
  const auto& old_columns = before.metadata.partition_columns;
  if (config.iceberg_compat > 0 && !old_columns.empty() && old_columns != after.metadata.partition_columns) {
    return InvalidArgument(
        "icebergCompatV{} does not allow a partitioned table to be replaced by one with other "
        "partition columns",
        config.iceberg_compat);
  }
  return {};
}

// A table of the feature clustering that is made anew without clustering columns.
void ResetClustering(const TableDefinition& before, TableDefinition& after) {
  if (!SupportsFeature(before.protocol, "clustering")) return;
  after.domains.push_back(MakeClusteringDomain({}, MappingMode::kNone, {}));
}

}  // namespace

std::vector<Action> DefinitionActions(const TableDefinition* before, const TableDefinition& after) {
  std::vector<Action> actions;
  if (before == nullptr || !SameProtocol(before->protocol, after.protocol)) actions.emplace_back(after.protocol);
  if (before == nullptr || !SameMetadata(before->metadata, after.metadata)) actions.emplace_back(after.metadata);
  for (const DomainMetadata& domain : after.domains) actions.emplace_back(domain);
  return actions;
}

Result<TableDefinition> DefineTable(const TableSpec& spec, const Env& env, const TableDefinition* replaces) {
  DELTIC_TRY(Settings settings, ReadSettings(spec.configuration));
  if (settings.features.contains("clustering") && spec.cluster_by.empty()) {
    return InvalidArgument("the feature clustering comes with clustering columns: name them instead of setting it");
  }
  if (replaces != nullptr) DELTIC_CHECK(CheckWritable(replaces->protocol));
  TableDefinition table;
  table.schema = WithoutTableFacts(spec.schema);
  Metadata& metadata = table.metadata;
  metadata.id = replaces != nullptr ? replaces->metadata.id : FormatUuid(MakeRandomUuid(env.random));
  metadata.created_time = replaces != nullptr ? replaces->metadata.created_time : std::optional(env.now_ms());
  metadata.name = spec.name;
  metadata.description = spec.description;
  metadata.configuration = settings.properties;
  DELTIC_TRY(metadata.partition_columns, ResolvePartitionColumns(table.schema, spec.partition_columns));
  ImplyProperties(metadata.configuration);

  FeatureSet features = settings.features;
  features.merge(FeaturesNeeded(table.schema, metadata.configuration));
  if (!spec.cluster_by.empty()) features.insert("clustering");
  if (replaces != nullptr) {
    table.protocol = WithFeatures(replaces->protocol, features);
  } else {
    features.merge(BaseFeatures(settings));
    table.protocol = ProtocolOf(WithImplied(std::move(features)));
  }
  NameRowTrackingColumns(table, env, replaces);
  DELTIC_CHECK(NumberColumns(table, env, {.replaces = replaces}));

  std::vector<ColumnPath> clustering;
  for (const std::string& name : spec.cluster_by) {
    const auto paths = ParseColumnList(name);
    if (!paths || paths->size() != 1) return InvalidArgument("clustering column '{}' is no column's name", name);
    clustering.push_back(paths->front());
  }
  DELTIC_TRY(clustering, CheckClusteringColumns(table.schema, clustering));
  DELTIC_CHECK(CheckDefinition(table, clustering));
  if (replaces != nullptr) DELTIC_CHECK(CheckReplacement(*replaces, table));
  if (!clustering.empty()) {
    DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
    table.domains.push_back(MakeClusteringDomain(table.schema, config.mapping_mode, clustering));
  } else if (replaces != nullptr) {
    ResetClustering(*replaces, table);
  }
  return table;
}

namespace {

// The new columns of a merge or overwrite: features they need, ids, the rules.
Result<TableDefinition> Finish(const TableDefinition& before, TableDefinition after, const Env& env, bool anew) {
  DELTIC_TRY(after.protocol, ProtocolForColumns(after));
  DELTIC_CHECK(NumberColumns(after, env, {.replaces = &before}));
  DELTIC_CHECK(CheckDefinition(after, {}, anew ? nullptr : &before));
  return after;
}

Result<std::optional<TableDefinition>> Merge(const TableDefinition& table, const Fields& incoming, const Env& env) {
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  const WideningRule may_widen = [&](const ColumnPath& path, const DataType& from, const DataType& to) {
    if (!config.type_widening_enabled || !MayChangeType(from, to, config.iceberg_compat)) return false;
    if (to.kind() == TypeKind::kTimestampNtz && !SupportsFeature(table.protocol, "timestampNtz")) return false;
    return ExpressionsThatUse(table, path).empty();
  };
  TableDefinition after = table;
  after.domains.clear();
  DELTIC_TRY(after.schema, MergeSchemas(table.schema, incoming, may_widen));
  if (SchemaToJson(after.schema) == SchemaToJson(table.schema)) return std::optional<TableDefinition>();
  DELTIC_TRY(after, Finish(table, std::move(after), env, false));
  return std::optional(std::move(after));
}

// As a DataFrame overwrite in Spark: the new columns know nothing of the old ones, and may all be NULL.
StructField Overwriting(const StructField& incoming) {
  StructField field = incoming;
  field.nullable = true;
  std::erase_if(field.metadata, [](const auto& entry) {
    return entry.first.starts_with("delta.") || entry.first == "CURRENT_DEFAULT" || entry.first == "EXISTS_DEFAULT";
  });
  ClearColumnMapping(field);
  ClearTypeChanges(field);
  return field;
}

Result<std::optional<TableDefinition>> Overwrite(const TableDefinition& table, const WriteEvolution& evolution,
                                                 const Env& env) {
  TableDefinition after = table;
  after.domains.clear();
  after.schema = MapFields(evolution.incoming, Overwriting);
  std::vector<std::string> partitions = evolution.partition_columns.value_or(table.metadata.partition_columns);
  DELTIC_TRY(after.metadata.partition_columns, ResolvePartitionColumns(after.schema, partitions));
  // The same columns in the same order: the table keeps what it says of them (comments, NOT NULL, ids, rules).
  const Fields old_columns = MapFields(table.schema, Overwriting);
  if (DataType::Struct(old_columns) == DataType::Struct(after.schema)) {
    if (after.metadata.partition_columns == table.metadata.partition_columns) return std::optional<TableDefinition>();
    after.schema = table.schema;
    DELTIC_CHECK(CheckReplacement(table, after));
    DELTIC_CHECK(CheckDefinition(after, {}, &table));
    ResetClustering(table, after);
    return std::optional(std::move(after));
  }
  DELTIC_CHECK(CheckReplacement(table, after));
  DELTIC_TRY(after, Finish(table, std::move(after), env, true));
  ResetClustering(table, after);
  return std::optional(std::move(after));
}

}  // namespace

Result<std::optional<TableDefinition>> EvolveForWrite(const TableDefinition& table, const WriteEvolution& evolution,
                                                      const Env& env) {
  DELTIC_CHECK(CheckWritable(table.protocol));
  DELTIC_CHECK(CheckWritableProperties(table.protocol, table.metadata));
  switch (evolution.mode) {
    case SchemaMode::kStrict: {
      const std::vector<ColumnPath> beyond = ColumnsBeyond(table.schema, evolution.incoming);
      if (beyond.empty()) return std::optional<TableDefinition>();
      return InvalidArgument("the table has no column {}: merge the schema to add {}, or leave {} out", Joined(beyond),
                             beyond.size() == 1 ? "it" : "them", beyond.size() == 1 ? "it" : "them");
    }
    case SchemaMode::kMerge:
      return Merge(table, evolution.incoming, env);
    case SchemaMode::kOverwrite:
      return Overwrite(table, evolution, env);
  }
  return Internal("an unknown schema mode");
}

}  // namespace deltic
