// Owns the rules one by one. Where the protocol is silent they are Spark's, which would refuse the table later.
#include "alter/rules.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "base/error.h"
#include "features/properties.h"
#include "schema/edit.h"
#include "sparksql/translate.h"

namespace deltic {
namespace {

constexpr std::string_view kNotInParquetNames = " ,;{}()\n\t=";
constexpr size_t kMostNesting = 190;  // below what ParseSchemaJson reads back
constexpr size_t kMostClusteringColumns = 4;

bool HasText(const StructField& field, const char* key) { return field.metadata.contains(key); }

// Names: unique in their struct, not empty, and such as Parquet's own readers bear where columns are not mapped.
Status CheckNames(const Fields& fields, const ColumnPath& above, MappingMode mode) {
  std::set<std::string> seen;
  for (const StructField& field : fields) {
    ColumnPath path = above;
    path.push_back(field.name);
    if (field.name.empty())
      return InvalidArgument("a column of {} has no name", above.empty() ? "the table" : ToString(above));
    if (!seen.insert(AsciiLower(field.name)).second) {
      return InvalidArgument("column {} is there twice (letter case does not count)", ToString(path));
    }
    const size_t bad = field.name.find_first_of(kNotInParquetNames);
    if (mode == MappingMode::kNone && bad != std::string::npos) {
      return InvalidArgument(
          "column {} has the character '{}' in its name, which needs column mapping: set delta.columnMapping.mode to "
          "name, or rename it",
          ToString(path),
          field.name[bad] == '\n'   ? "\\n"
          : field.name[bad] == '\t' ? "\\t"
                                    : std::string(1, field.name[bad]));
    }
  }
  return {};
}

Status CheckType(const DataType& type, ColumnPath& path, bool in_collection, MappingMode mode);

Status CheckFields(const Fields& fields, ColumnPath& path, bool in_collection, MappingMode mode) {
  DELTIC_CHECK(CheckNames(fields, path, mode));
  for (const StructField& field : fields) {
    path.push_back(field.name);
    if (in_collection && !field.nullable) {
      return InvalidArgument("column {} is NOT NULL inside an array or map, which no writer checks: leave it out",
                             ToString(path));
    }
    DELTIC_CHECK(CheckType(field.type, path, in_collection, mode));
    path.pop_back();
  }
  return {};
}

Status CheckType(const DataType& type, ColumnPath& path, bool in_collection, MappingMode mode) {
  if (path.size() > kMostNesting) return InvalidArgument("column {} nests too deeply", ToString(path));
  const auto within = [&](const char* step, const DataType& part) {
    path.emplace_back(step);
    Status status = CheckType(part, path, true, mode);
    path.pop_back();
    return status;
  };
  switch (type.kind()) {
    case TypeKind::kStruct:
      return CheckFields(type.fields(), path, in_collection, mode);
    case TypeKind::kArray:
      return within("element", type.element());
    case TypeKind::kMap:
      DELTIC_CHECK(within("key", type.key()));
      return within("value", type.value());
    default:
      return {};
  }
}

Status CheckPartitionColumns(const TableDefinition& table) {
  std::set<std::string> seen;
  for (const std::string& name : table.metadata.partition_columns) {
    const StructField* field = FindField(table.schema, name);
    if (field == nullptr) return InvalidArgument("partition column {} is no column of the table", name);
    if (!seen.insert(AsciiLower(name)).second) return InvalidArgument("partition column {} is named twice", name);
    if (field->type.nested() || field->type.kind() == TypeKind::kVariant || field->type.kind() == TypeKind::kVoid) {
      return InvalidArgument("column {} has the type {}, by which a table cannot be partitioned", name,
                             field->type.ToString());
    }
  }
  if (!seen.empty() && seen.size() == table.schema.size()) {
    return InvalidArgument("all columns are partition columns: data files need at least one other");
  }
  return {};
}

Status CheckReservedNames(const TableDefinition& table, const TableConfig& config) {
  if (!config.change_data_feed) return {};
  for (const char* name : {"_change_type", "_commit_version", "_commit_timestamp"}) {
    if (FindField(table.schema, name) != nullptr) {
      return InvalidArgument(
          "column {} has a name that the change data feed uses: rename it, or leave "
          "delta.enableChangeDataFeed off",
          name);
    }
  }
  return {};
}

Status CheckIdentity(const StructField& field, const TableDefinition& table) {
  if (field.type.kind() != TypeKind::kLong) {
    return InvalidArgument("identity column {} has the type {}: it must be bigint", field.name, field.type.ToString());
  }
  const auto step = field.metadata.find("delta.identity.step");
  if (step != field.metadata.end() && step->second == "0") {
    return InvalidArgument("identity column {} has the step 0", field.name);
  }
  if (HasText(field, "delta.generationExpression")) {
    return InvalidArgument("column {} is an identity column and a generated one", field.name);
  }
  if (HasText(field, "CURRENT_DEFAULT")) {
    return InvalidArgument("column {} is an identity column and has a default", field.name);
  }
  const auto& partitions = table.metadata.partition_columns;
  if (std::any_of(partitions.begin(), partitions.end(),
                  [&](const std::string& name) { return SameNameIgnoringCase(name, field.name); })) {
    return InvalidArgument("identity column {} cannot be a partition column", field.name);
  }
  return {};
}

// A generated column is computed from plain ones only, so that their order does not matter.
Status CheckGenerated(const StructField& field, const Fields& schema) {
  const std::optional<std::string> expression = MetadataText(field, "delta.generationExpression");
  if (!expression) return InvalidArgument("column {}: its generation expression is no text", field.name);
  const auto context = [&](Error error) {
    return std::move(error).Wrap("generated column " + field.name + " (" + *expression + ")");
  };
  Result<EngineSql> sql = TranslateSparkSql(*expression, schema);
  if (!sql.ok()) return context(std::move(sql).error());
  if (sql->depends_on_the_clock) return context(InvalidArgument("it depends on the time of the write"));
  for (const ColumnPath& used : sql->columns) {
    const StructField* source = FindField(schema, used.front());
    if (source == nullptr) continue;
    if (HasText(*source, "delta.generationExpression") || HasText(*source, "delta.identity.start")) {
      return context(InvalidArgument("it uses {}, which is generated itself", ToString(used)));
    }
  }
  return {};
}

// Whether the table had this column with the same rule already.
bool HadRule(const TableDefinition* before, const ColumnPath& path, const StructField& field, const char* key) {
  if (before == nullptr || path.size() > 1) return false;
  const StructField* old = FindField(before->schema, field.name);
  if (old == nullptr) return false;
  const auto found = old->metadata.find(key);
  return found != old->metadata.end() && found->second == field.metadata.at(key);
}

Status CheckColumnRules(const TableDefinition& table, const TableDefinition* before) {
  Status status;
  ForEachField(table.schema, [&](const ColumnPath& path, const StructField& field) {
    if (!status.ok()) return;
    const bool identity = HasText(field, "delta.identity.start");
    const bool generated = HasText(field, "delta.generationExpression");
    if ((identity || generated) && path.size() > 1) {
      status = InvalidArgument("column {} is nested and cannot be generated", ToString(path));
    } else if (identity) {
      status = CheckIdentity(field, table);
    } else if (generated && !HadRule(before, path, field, "delta.generationExpression")) {
      status = CheckGenerated(field, table.schema);
    }
    if (!status.ok() || !HasText(field, "CURRENT_DEFAULT")) return;
    if (HadRule(before, path, field, "CURRENT_DEFAULT")) return;
    if (path.size() > 1) {
      status = InvalidArgument("column {} is nested and cannot have a default", ToString(path));
      return;
    }
    const std::optional<std::string> expression = MetadataText(field, "CURRENT_DEFAULT");
    status = expression ? CheckDefaultExpression(field, *expression)
                        : Status(InvalidArgument("column {}: its default is no text", field.name));
  });
  return status;
}

// Iceberg knows fewer widenings than Delta: int to bigint, float to double, decimals by precision alone.
bool IcebergWidens(const TypeChange& change) {
  const TypeKind from = change.from.kind();
  const TypeKind to = change.to.kind();
  if (from == TypeKind::kDecimal && to == TypeKind::kDecimal) return change.from.scale() == change.to.scale();
  if (from == TypeKind::kFloat) return to == TypeKind::kDouble;
  const bool small = from == TypeKind::kByte || from == TypeKind::kShort || from == TypeKind::kInteger;
  return small && (to == TypeKind::kShort || to == TypeKind::kInteger || to == TypeKind::kLong);
}

Status CheckIcebergType(int version, const std::string& path, const DataType& type) {
  const bool collection = type.kind() == TypeKind::kArray || type.kind() == TypeKind::kMap;
  if (type.kind() == TypeKind::kVoid || type.kind() == TypeKind::kVariant || (version == 1 && collection)) {
    return InvalidArgument("column {} has the type {}, which icebergCompatV{} does not allow", path, type.ToString(),
                           version);
  }
  if (type.kind() == TypeKind::kArray) return CheckIcebergType(version, path + ".element", type.element());
  if (type.kind() == TypeKind::kMap) {
    DELTIC_CHECK(CheckIcebergType(version, path + ".key", type.key()));
    return CheckIcebergType(version, path + ".value", type.value());
  }
  return {};
}

Status CheckIceberg(const TableDefinition& table, const TableConfig& config) {
  const auto on = [&](const char* property) {
    const auto found = table.metadata.configuration.find(property);
    return found != table.metadata.configuration.end() && AsciiLower(found->second) == "true";
  };
  if (on("delta.enableIcebergCompatV1") && on("delta.enableIcebergCompatV2")) {
    return InvalidArgument("delta.enableIcebergCompatV1 and V2 exclude each other: enable one");
  }
  const int version = config.iceberg_compat;
  if (version == 0) return {};
  if (config.mapping_mode == MappingMode::kNone) {
    return InvalidArgument("icebergCompatV{} needs delta.columnMapping.mode to be name", version);
  }
  if (config.deletion_vectors_enabled) {
    return InvalidArgument("icebergCompatV{} does not go together with delta.enableDeletionVectors", version);
  }
  Status status;
  ForEachField(table.schema, [&](const ColumnPath& path, const StructField& field) {
    if (!status.ok()) return;
    status = CheckIcebergType(version, ToString(path), field.type);
    for (const TypeChange& change : field.type_changes) {
      if (!status.ok() || IcebergWidens(change)) continue;
      status = InvalidArgument("column {}: a change of type from {} to {} is nothing that icebergCompatV{} allows",
                               ToString(path), change.from.ToString(), change.to.ToString(), version);
    }
  });
  return status;
}

Status CheckStatsColumns(const TableDefinition& table, const TableConfig& config) {
  if (!config.stats_columns) return {};
  for (const ColumnPath& path : *config.stats_columns) {
    const Result<SchemaPlace> place = FindPlace(table.schema, path);
    if (!place.ok()) {
      return InvalidArgument("delta.dataSkippingStatsColumns: {}", place.error().message());
    }
  }
  return {};
}

bool HasSkippingStatistics(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kString:
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return true;
    default:
      return false;
  }
}

// Readers by symlink manifests know neither. Spark refuses the first pair too; the second fails its commits.
Status CheckManifests(const TableConfig& config) {
  if (!config.symlink_manifests) return {};
  if (config.deletion_vectors_enabled) {
    return InvalidArgument(
        "table property delta.compatibility.symlinkFormatManifest.enabled does not go with "
        "delta.enableDeletionVectors: "
        "readers of manifests would show deleted rows");
  }
  if (config.mapping_mode != MappingMode::kNone) {
    return InvalidArgument(
        "table property delta.compatibility.symlinkFormatManifest.enabled does not go with delta.columnMapping.mode: "
        "readers of manifests go by the names in the data files");
  }
  return {};
}

}  // namespace

Status CheckConstraintExpression(const Fields& schema, const std::string& name, const std::string& expression) {
  const auto context = [&](Error error) {
    return std::move(error).Wrap("CHECK constraint " + name + " (" + expression + ")");
  };
  Result<EngineSql> sql = TranslateSparkSql(expression, schema);
  if (!sql.ok()) return context(std::move(sql).error());
  if (sql->type.kind() != TypeKind::kBoolean) {
    return context(InvalidArgument("it is of the type {} and must be boolean", sql->type.ToString()));
  }
  if (sql->depends_on_the_clock) return context(InvalidArgument("it depends on the time of the write"));
  return {};
}

Status CheckDefaultExpression(const StructField& column, const std::string& expression) {
  const auto context = [&](Error error) {
    return std::move(error).Wrap("column " + column.name + ": its default (" + expression + ")");
  };
  Result<EngineSql> sql = TranslateSparkSql(expression, {});
  if (!sql.ok()) return context(std::move(sql).error());
  // Spark takes a default by store assignment: a number for a number, anything for a string, NULL for all.
  const auto group = [](const DataType& type) {
    switch (type.kind()) {
      case TypeKind::kByte:
      case TypeKind::kShort:
      case TypeKind::kInteger:
      case TypeKind::kLong:
      case TypeKind::kFloat:
      case TypeKind::kDouble:
      case TypeKind::kDecimal:
        return 1;
      case TypeKind::kDate:
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampNtz:
        return 2;
      default:
        return 3 + static_cast<int>(type.kind());
    }
  };
  const DataType& type = sql->type;
  if (type.kind() == TypeKind::kVoid || column.type.kind() == TypeKind::kString || type.nested()) return {};
  if (group(type) == group(column.type)) return {};
  return context(InvalidArgument("is of the type {}, the column of {}", type.ToString(), column.type.ToString()));
}

Result<std::vector<ColumnPath>> CheckClusteringColumns(const Fields& schema, const std::vector<ColumnPath>& columns) {
  if (columns.size() > kMostClusteringColumns) {
    return InvalidArgument("a table clusters by at most {} columns, not {}", kMostClusteringColumns, columns.size());
  }
  std::vector<ColumnPath> found;
  for (const ColumnPath& path : columns) {
    DELTIC_TRY(const SchemaPlace place, FindPlace(schema, path));
    const ColumnPath plain = place.path;
    // A path through an array or map names a part, which has no statistics of its own.
    Fields level = schema;
    for (size_t step = 0; step + 1 < plain.size(); ++step) {
      const StructField* field = FindField(level, plain[step]);
      if (field == nullptr || field->type.kind() != TypeKind::kStruct) {
        return InvalidArgument("clustering column {} lies in an array or map", ToString(plain));
      }
      const Fields next = field->type.fields();
      level = next;
    }
    if (!HasSkippingStatistics(place.type)) {
      return InvalidArgument("clustering column {} has the type {}, for which files have no bounds", ToString(plain),
                             place.type.ToString());
    }
    if (std::find(found.begin(), found.end(), plain) != found.end()) {
      return InvalidArgument("clustering column {} is named twice", ToString(plain));
    }
    found.push_back(plain);
  }
  return found;
}

bool MayChangeType(const DataType& from, const DataType& to, int iceberg_compat) {
  if (!CanWiden(from, to)) return false;
  const bool small = from.kind() == TypeKind::kByte || from.kind() == TypeKind::kShort;
  if (small && to.kind() == TypeKind::kDecimal && to.precision() - to.scale() < 10) return false;
  return iceberg_compat == 0 || from == to || IcebergWidens({from, to, ""});
}

Status CheckDefinition(const TableDefinition& table, const std::vector<ColumnPath>& clustering,
                       const TableDefinition* before) {
  DELTIC_CHECK(CheckWritable(table.protocol));
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  ColumnPath path;
  DELTIC_CHECK(CheckFields(table.schema, path, false, config.mapping_mode));
  DELTIC_CHECK(CheckColumnMapping(table.schema, config.mapping_mode));
  DELTIC_CHECK(CheckPartitionColumns(table));
  DELTIC_CHECK(CheckReservedNames(table, config));
  DELTIC_CHECK(CheckColumnRules(table, before));
  DELTIC_CHECK(CheckIceberg(table, config));
  DELTIC_CHECK(CheckStatsColumns(table, config));
  DELTIC_CHECK(CheckManifests(config));
  for (const CheckConstraint& constraint : config.constraints) {
    const std::string key = "delta.constraints." + constraint.name;
    if (before != nullptr && before->metadata.configuration.contains(key)) continue;
    DELTIC_CHECK(CheckConstraintExpression(table.schema, constraint.name, constraint.expression));
  }
  if (clustering.empty()) return {};
  if (!table.metadata.partition_columns.empty()) {
    return InvalidArgument("a table is partitioned or clustered, not both");
  }
  const auto checked = CheckClusteringColumns(table.schema, clustering);
  return checked.ok() ? Status() : Status(checked.error());
}

}  // namespace deltic
