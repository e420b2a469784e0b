// Owns what a table is after RESTORE, apart from its files; see clone/restore.h. What Spark 4.2 with Delta 4.4 makes of
// the same is in restore_test.cc.
#include <charconv>
#include <limits>

#include "alter/clustering.h"
#include "alter/configure.h"
#include "clone/restore.h"
#include "features/feature_sets.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

constexpr const char* kMark = "delta.identity.highWaterMark";
constexpr const char* kStep = "delta.identity.step";

std::optional<int64_t> NumberIn(const StringMap& values, const char* name) {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  const std::string& text = found->second;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Identity columns are top-level columns. A renamed one is found by its physical name.
const StructField* Counterpart(const StructField& field, MappingMode mode, const Fields& others,
                               MappingMode other_mode) {
  for (const StructField& other : others) {
    if (PhysicalName(other, other_mode) == PhysicalName(field, mode)) return &other;
  }
  return FindField(others, field.name);
}

// A number that was given once is not given again, whatever became of its row.
void KeepIdentityMarks(const TableDefinition& now, MappingMode now_mode, TableDefinition& after,
                       MappingMode after_mode) {
  for (StructField& field : after.schema) {
    if (!field.metadata.contains(kStep)) continue;
    const StructField* other = Counterpart(field, after_mode, now.schema, now_mode);
    if (other == nullptr) continue;
    const std::optional<int64_t> reached = NumberIn(other->metadata, kMark);
    if (!reached) continue;
    const std::optional<int64_t> had = NumberIn(field.metadata, kMark);
    const bool up = NumberIn(field.metadata, kStep).value_or(1) > 0;
    if (!had || (up ? *reached > *had : *reached < *had)) field.metadata[kMark] = std::to_string(*reached);
  }
}

// The property's higher value of both.
void KeepHigher(const StringMap& now, StringMap& after, const char* name) {
  const std::optional<int64_t> had = NumberIn(now, name);
  if (had && *had > NumberIn(after, name).value_or(std::numeric_limits<int64_t>::min())) {
    after[name] = std::to_string(*had);
  }
}

const DomainMetadata* Clustering(const TableDefinition& table) {
  for (const DomainMetadata& domain : table.domains) {
    if (domain.domain == kClusteringDomain && !domain.removed) return &domain;
  }
  return nullptr;
}

// A table that was not clustered then is not clustered after it; as in Spark that is a domain with an empty list.
void RestoreClustering(const TableDefinition& now, const TableDefinition& then, TableDefinition& after) {
  after.domains.clear();
  if (!SupportsFeature(after.protocol, "domainMetadata")) return;
  const DomainMetadata* has = Clustering(now);
  const DomainMetadata* had = Clustering(then);
  if (had != nullptr) {
    if (has == nullptr || has->configuration != had->configuration) after.domains.push_back(*had);
  } else if (has != nullptr) {
    DomainMetadata none = MakeClusteringDomain({}, MappingMode::kNone, {});
    if (has->configuration != none.configuration) after.domains.push_back(std::move(none));
  }
}

}  // namespace

Result<TableDefinition> PlanRestoredDefinition(const TableDefinition& now, const TableDefinition& then, bool downgrade,
                                               const Env& env) {
  TableDefinition after = then;
  if (!downgrade) after.protocol = WithFeatures(now.protocol, FeaturesOf(then.protocol));
  StringMap& configuration = after.metadata.configuration;
  if (configuration.contains("delta.columnMapping.maxColumnId")) {
    KeepHigher(now.metadata.configuration, configuration, "delta.columnMapping.maxColumnId");
  }
  if (SupportsFeature(after.protocol, "checkpointProtection")) {
    KeepHigher(now.metadata.configuration, configuration, "delta.requireCheckpointProtectionBeforeVersion");
  }
  NameRowTrackingColumns(after, env, &now);
  DELTIC_TRY(const TableConfig now_config, MakeTableConfig(now.protocol, now.metadata));
  DELTIC_TRY(const TableConfig after_config, MakeTableConfig(after.protocol, after.metadata));
  KeepIdentityMarks(now, now_config.mapping_mode, after, after_config.mapping_mode);
  // The text stays as its writer spelled it where nothing was changed in it.
  if (SchemaToJson(after.schema) != SchemaToJson(then.schema))
    after.metadata.schema_string = SchemaToJson(after.schema);
  RestoreClustering(now, then, after);
  return after;
}

}  // namespace deltic
