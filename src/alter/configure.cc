// Owns the consequences of properties, one function each.
#include "alter/configure.h"

#include <charconv>
#include <limits>

#include "base/ascii.h"
#include "base/error.h"
#include "base/uuid.h"
#include "features/feature_sets.h"
#include "features/properties.h"
#include "schema/column_ids.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

constexpr const char* kMode = "delta.columnMapping.mode";
constexpr const char* kHighestId = "delta.columnMapping.maxColumnId";
constexpr const char* kRowIds = "delta.rowTracking.materializedRowIdColumnName";
constexpr const char* kRowVersions = "delta.rowTracking.materializedRowCommitVersionColumnName";

const std::string* Find(const StringMap& configuration, const char* name) {
  const auto found = configuration.find(name);
  return found == configuration.end() ? nullptr : &found->second;
}

int64_t HighestId(const StringMap& configuration) {
  const std::string* text = Find(configuration, kHighestId);
  int64_t highest = 0;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), highest);
  return highest;
}

}  // namespace

void ImplyProperties(StringMap& configuration) {
  for (const char* name : {"delta.enableIcebergCompatV1", "delta.enableIcebergCompatV2"}) {
    const std::string* value = Find(configuration, name);
    if (value != nullptr && AsciiLower(*value) == "true") configuration.try_emplace(kMode, "name");
  }
}

void NameRowTrackingColumns(TableDefinition& table, const Env& env, const TableDefinition* replaces) {
  if (!SupportsFeature(table.protocol, "rowTracking")) return;
  struct Name {
    const char* property;
    const char* prefix;
  };
  for (const Name& name : {Name{kRowIds, "_row-id-col-"}, Name{kRowVersions, "_row-commit-version-col-"}}) {
    const std::string* old = replaces == nullptr ? nullptr : Find(replaces->metadata.configuration, name.property);
    std::string& value = table.metadata.configuration[name.property];
    if (old != nullptr) value = *old;
    if (value.empty()) value = name.prefix + FormatUuid(MakeRandomUuid(env.random));
  }
}

Status NumberColumns(TableDefinition& table, const Env& env, const Numbering& numbering) {
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  StringMap& configuration = table.metadata.configuration;
  if (config.mapping_mode != MappingMode::kNone) {
    ColumnIdRequest request;
    request.highest = HighestId(configuration);
    if (numbering.replaces != nullptr) {
      request.highest = std::max(request.highest, HighestId(numbering.replaces->metadata.configuration));
    }
    request.random = env.random;
    request.logical_names = numbering.logical_names;
    request.nested_ids = config.iceberg_compat == 2;
    NumberedColumns numbered = AssignColumnIds(table.schema, request);
    if (numbered.highest > std::numeric_limits<int32_t>::max()) {
      return InvalidArgument("the table has used up its column ids ({})", numbered.highest);
    }
    table.schema = std::move(numbered.fields);
    configuration[kHighestId] = std::to_string(numbered.highest);
  }
  table.metadata.schema_string = SchemaToJson(table.schema);
  return {};
}

Result<Protocol> ProtocolForColumns(const TableDefinition& table) {
  const FeatureSet needed = FeaturesNeeded(table.schema, {});
  for (const char* name : {"timestampNtz", "allowColumnDefaults"}) {
    if (!needed.contains(name) || SupportsFeature(table.protocol, name)) continue;
    const std::string what =
        std::string(name) == "timestampNtz" ? "a column without a time zone (timestamp_ntz)" : "a column default";
    return Unsupported(
        "{} needs the feature {}, which the table does not have and older clients may not read or "
        "write: add it first (delta.feature.{}=supported){}",
        what, name, name, std::string(name) == "timestampNtz" ? ", or write times with a zone" : "");
  }
  return WithFeatures(table.protocol, needed);
}

}  // namespace deltic
