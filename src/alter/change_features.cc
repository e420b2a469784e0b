// Owns the dropping of features: what must be gone first, and why some cannot be dropped.
//
// A feature of writers alone goes with one commit. One of readers is in the history too: clients without it may read
// the table only from a checkpoint after it went. The protocol's way to promise that is the feature
// checkpointProtection, which older log files are then kept or deleted by. Protocol: "Protocol Evolution", "Metadata
// Cleanup".
#include <algorithm>

#include "alter/changes.h"
#include "alter/clustering.h"
#include "alter/operation_text.h"
#include "alter/settings.h"
#include "base/ascii.h"
#include "base/error.h"
#include "features/feature_sets.h"
#include "features/properties.h"
#include "schema/edit.h"
#include "schema/schema_json.h"

namespace deltic {
namespace {

constexpr std::string_view kUsedByFiles =
    "files that are there may have been written by its rules, and other clients find no other sign of that";

struct Undroppable {
  std::string_view feature;
  std::string_view why;
};
constexpr Undroppable kUndroppable[] = {
    {"appendOnly", "every table has it; unset delta.appendOnly to allow removals"},
    {"invariants", "every table has it"},
    {"changeDataFeed",
     "versions with change files stay in the history; unset delta.enableChangeDataFeed to write no more"},
    {"generatedColumns", kUsedByFiles},
    {"identityColumns", kUsedByFiles},
    {"allowColumnDefaults", "Delta knows no way to drop it; drop the defaults"},
    {"timestampNtz", "its columns may be in any version of the table"},
    {"variantType", "its columns may be in any version of the table"},
    {"variantType-preview", "its columns may be in any version of the table"},
    {"variantShredding", kUsedByFiles},
    {"variantShredding-preview", kUsedByFiles},
    {"icebergCompatV1", "Delta knows no way to drop it; unset delta.enableIcebergCompatV1"},
    {"icebergCompatV2", "Delta knows no way to drop it; unset delta.enableIcebergCompatV2"},
    {"clustering", "Delta knows no way to drop it; cluster the table by no columns"},
    {"checkpointProtection", "the history that it protects must be truncated first, which this build does not do"},
};

// The protocol without the feature; in its lowest form, as Spark leaves it.
Protocol Without(const Protocol& protocol, const std::string& feature) {
  FeatureSet features = FeaturesOf(protocol);
  features.erase(feature);
  return ProtocolOf(features);
}

Status CheckNothingNeeds(const Protocol& protocol, const std::string& feature) {
  for (const std::string& other : FeaturesOf(protocol)) {
    const FeatureRow* row = FindFeature(other);
    if (row == nullptr) continue;
    if (std::find(row->implies.begin(), row->implies.end(), feature) == row->implies.end()) continue;
    return InvalidArgument("the feature {} cannot be dropped: {} needs it; drop that first", feature, other);
  }
  return {};
}

Status CheckNoTypeChanges(const TableDefinition& table) {
  Status status;
  ForEachField(table.schema, [&](const ColumnPath& path, const StructField& field) {
    if (!status.ok() || field.type_changes.empty()) return;
    status = InvalidArgument(
        "the feature typeWidening cannot be dropped: column {} was widened from {}, so that its files must be written "
        "anew first",
        ToString(path), field.type_changes.front().from.ToString());
  });
  return status;
}

}  // namespace

Result<Altered> ApplyTo(const TableDefinition& table, const DropFeature& change, const Env&) {
  std::string name;
  for (const std::string& supported : FeaturesOf(table.protocol)) {
    if (AsciiLower(supported) == AsciiLower(change.name)) name = supported;
  }
  if (name.empty()) return NotFound("the table does not have the feature {}", change.name);
  for (const Undroppable& row : kUndroppable) {
    if (row.feature == name) return Unsupported("the feature {} cannot be dropped: {}", name, row.why);
  }
  DELTIC_CHECK(CheckNothingNeeds(table.protocol, name));

  Altered altered;
  altered.table = table;
  altered.table.domains.clear();
  altered.operation.name = "DROP FEATURE";
  altered.operation.parameters["featureName"] = QuotedText(name);
  altered.operation.parameters["truncateHistory"] = "false";
  altered.drops_feature = true;
  altered.table.protocol = Without(table.protocol, name);
  StringMap& properties = altered.table.metadata.configuration;

  if (name == "checkConstraints") {
    for (const auto& [key, expression] : properties) {
      if (!key.starts_with("delta.constraints.")) continue;
      return InvalidArgument(
          "the feature checkConstraints cannot be dropped: the constraint {} is there; drop it first",
          key.substr(std::string_view("delta.constraints.").size()));
    }
  } else if (name == "rowTracking") {
    // Files keep the ids they have, which no one reads any more; and the table the highest of them, so that no id is
    // given twice when row tracking comes back.
    for (const char* key :
         {"delta.enableRowTracking", "delta.rowTrackingSuspended", "delta.rowTracking.materializedRowIdColumnName",
          "delta.rowTracking.materializedRowCommitVersionColumnName"}) {
      properties.erase(key);
    }
  } else if (name == "domainMetadata") {
    for (const DomainMetadata& domain : table.domains) {
      if (domain.removed) continue;
      if (domain.domain == "delta.rowTracking") {
        return Unsupported(
            "the feature domainMetadata cannot be dropped: the domain delta.rowTracking remembers which row "
            "ids the table's files have used");
      }
      if (domain.domain.starts_with("delta.") && domain.domain != kClusteringDomain) {
        return Unsupported("the feature domainMetadata cannot be dropped: this build does not know the domain {}",
                           domain.domain);
      }
      altered.table.domains.push_back({domain.domain, domain.configuration, true});
    }
  } else if (name == "inCommitTimestamp" || name == "inCommitTimestamp-preview") {
    for (const std::string suffix : {"", "-preview"}) {
      properties.erase("delta.enableInCommitTimestamps" + suffix);
      properties.erase("delta.inCommitTimestampEnablementVersion" + suffix);
      properties.erase("delta.inCommitTimestampEnablementTimestamp" + suffix);
    }
  } else if (name == "materializePartitionColumns") {
    properties.erase("delta.enableMaterializePartitionColumnsFeature");
  } else if (name == "deletionVectors") {
    altered.protect_checkpoints = true;
    altered.needs_no_deletion_vectors =
        "the feature deletionVectors cannot be dropped while files have some: optimize with purge first";
    if (properties.erase("delta.enableDeletionVectors") > 0) {
      altered.first_unset = UnsetProperties{.names = {"delta.enableDeletionVectors"}, .if_exists = true};
    }
  } else if (name == "v2Checkpoint") {
    altered.protect_checkpoints = true;
    if (properties.contains("delta.checkpointPolicy")) {
      properties["delta.checkpointPolicy"] = "classic";
      altered.first_set = SetProperties{.properties = {{"delta.checkpointPolicy", "classic"}}};
    }
  } else if (name == "typeWidening" || name == "typeWidening-preview") {
    DELTIC_CHECK(CheckNoTypeChanges(table));
    altered.protect_checkpoints = true;
    if (properties.erase("delta.enableTypeWidening") > 0) {
      altered.first_unset = UnsetProperties{.names = {"delta.enableTypeWidening"}, .if_exists = true};
    }
  } else if (name == "columnMapping") {
    DELTIC_TRY(const TableConfig config, MakeTableConfig(table.protocol, table.metadata));
    if (config.mapping_mode != MappingMode::kNone) {
      return InvalidArgument(
          "the feature columnMapping cannot be dropped while columns are mapped: set delta.columnMapping.mode to none "
          "first, which writes the table's files anew");
    }
    altered.protect_checkpoints = true;
  } else if (name == "vacuumProtocolCheck") {
    altered.protect_checkpoints = true;
  } else {
    return Unsupported("the feature {} cannot be dropped: this build does not know how", name);
  }
  if (altered.protect_checkpoints) {
    altered.table.protocol = WithFeatures(altered.table.protocol, {"checkpointProtection"});
  }
  return altered;
}

}  // namespace deltic
