// Owns what a clone is, apart from its files; see clone/clone.h. What Spark 4.2 with Delta 4.4 makes of the same is in
// clone_test.cc.
#include "alter/clustering.h"
#include "alter/configure.h"
#include "alter/settings.h"
#include "base/error.h"
#include "base/uuid.h"
#include "clone/clone.h"
#include "features/feature_sets.h"

namespace deltic {
namespace {

// Properties that speak of the source's own history or files.
constexpr const char* kOfOneTable[] = {
    "delta.rowTracking.materializedRowIdColumnName", "delta.rowTracking.materializedRowCommitVersionColumnName",
    "delta.inCommitTimestampEnablementVersion", "delta.inCommitTimestampEnablementTimestamp",
    "delta.requireCheckpointProtectionBeforeVersion"};

const char* NameOf(MappingMode mode) {
  return mode == MappingMode::kNone ? "none" : mode == MappingMode::kName ? "name" : "id";
}

Result<MappingMode> ModeOf(const TableDefinition& table) {
  DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
  return config.mapping_mode;
}

Status CheckModes(const TableDefinition& source, const TableDefinition* replaced, const TableDefinition& clone) {
  DELTIC_TRY(const MappingMode mode, ModeOf(clone));
  DELTIC_TRY(const MappingMode source_mode, ModeOf(source));
  if (mode != source_mode) {
    return InvalidArgument(
        "delta.columnMapping.mode of a clone is that of its source ({}), not {}: its files name their columns so",
        NameOf(source_mode), NameOf(mode));
  }
  if (replaced == nullptr) return {};
  DELTIC_TRY(const MappingMode replaced_mode, ModeOf(*replaced));
  if (mode == replaced_mode) return {};
  return InvalidArgument(
      "a table with delta.columnMapping.mode {} cannot be replaced by a clone of one with mode {}: clone to another "
      "place",
      NameOf(replaced_mode), NameOf(mode));
}

const DomainMetadata* Clustering(const TableDefinition& table) {
  for (const DomainMetadata& domain : table.domains) {
    if (domain.domain == kClusteringDomain && !domain.removed) return &domain;
  }
  return nullptr;
}

void TakeClustering(const TableDefinition& source, const TableDefinition* replaced, TableDefinition& clone) {
  const DomainMetadata* had = replaced == nullptr ? nullptr : Clustering(*replaced);
  if (const DomainMetadata* has = Clustering(source)) {
    if (had == nullptr || had->configuration != has->configuration) clone.domains.push_back(*has);
  } else if (had != nullptr) {
    clone.domains.push_back({.domain = had->domain, .configuration = had->configuration, .removed = true});
  }
}

}  // namespace

Result<TableDefinition> PlanClonedDefinition(const TableDefinition& source, const TableDefinition* replaced,
                                             const StringMap& properties, const Env& env) {
  DELTIC_TRY(const Settings settings, ReadSettings(properties));
  TableDefinition clone{
      .protocol = source.protocol, .metadata = source.metadata, .schema = source.schema, .domains = {}};
  Metadata& metadata = clone.metadata;
  metadata.id = replaced != nullptr ? replaced->metadata.id : FormatUuid(MakeRandomUuid(env.random));
  metadata.name = replaced != nullptr ? replaced->metadata.name : std::nullopt;
  metadata.description = replaced != nullptr ? replaced->metadata.description : std::nullopt;
  metadata.created_time = replaced != nullptr ? replaced->metadata.created_time : std::optional(env.now_ms());
  for (const char* name : kOfOneTable) metadata.configuration.erase(name);
  for (const auto& [name, value] : settings.properties) metadata.configuration[name] = value;
  if (replaced != nullptr) {
    // Its older versions still need what was asked for them.
    constexpr const char* kProtection = "delta.requireCheckpointProtectionBeforeVersion";
    const auto protection = replaced->metadata.configuration.find(kProtection);
    if (protection != replaced->metadata.configuration.end()) metadata.configuration[kProtection] = protection->second;
  }
  FeatureSet features = settings.features;
  features.merge(FeaturesNeeded(clone.schema, metadata.configuration));
  if (replaced != nullptr) {
    features.merge(FeaturesOf(source.protocol));
    clone.protocol = WithFeatures(replaced->protocol, features);
  } else {
    clone.protocol = WithFeatures(source.protocol, features);
  }
  NameRowTrackingColumns(clone, env, replaced);
  DELTIC_CHECK(CheckModes(source, replaced, clone));
  if (SupportsFeature(clone.protocol, "domainMetadata")) TakeClustering(source, replaced, clone);
  return clone;
}

}  // namespace deltic
