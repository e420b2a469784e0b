// Owns the facade of restore, clone, convert and detail: public requests into clone/, outcomes back.
#include "table/clone.h"

#include <algorithm>

#include "alter/clustering.h"
#include "base/error.h"
#include "clone/clone.h"
#include "clone/convert.h"
#include "clone/restore.h"
#include "features/feature_sets.h"
#include "snapshot/file_place.h"
#include "stores/open_store.h"
#include "table/commit_text.h"
#include "table/sources.h"
#include "table/state.h"

namespace deltic {
namespace {

// The newest version, or null when there is no table.
Result<std::shared_ptr<const Snapshot>> NewestAt(const std::shared_ptr<ObjectStore>& store) {
  Result<std::shared_ptr<const Snapshot>> snapshot = Snapshot::Open(store);
  if (!snapshot.ok() && snapshot.error().code() == Code::kNotFound) return std::shared_ptr<const Snapshot>();
  return snapshot;
}

}  // namespace

Result<RestoreOutcome> RestoreTo(Table& table, const RestoreRequest& request, const CancelToken& cancel) {
  DELTIC_TRY(const auto newest, NewestOf(table));
  const RestoreContext context{.commit = ToCommitOptions(request.commit, cancel),
                               .transactions = ToTransactions(request.commit)};
  DELTIC_TRY(Restored restored, RestoreTable(newest, request, context));
  DELTIC_TRY(table, TableOf(restored.snapshot));
  return std::move(restored.outcome);
}

Result<CloneOutcome> CloneTo(const std::string& source, const std::string& target, const CloneRequest& request,
                             const CancelToken& cancel) {
  if (request.version && request.timestamp_ms) {
    return InvalidArgument("a clone is made of a version or of the table at a time: give one of them");
  }
  DELTIC_TRY(const auto source_store, OpenStore(source, request.storage_options));
  DELTIC_TRY(const auto snapshot,
             Snapshot::Open(source_store, {.version = request.version, .timestamp_ms = request.timestamp_ms}));
  DELTIC_TRY(const auto target_store, OpenStore(target, request.storage_options));
  DELTIC_TRY(const auto replaced, NewestAt(target_store));
  const CloneContext context{.commit = ToCommitOptions(request.commit, cancel),
                             .transactions = ToTransactions(request.commit)};
  Result<Cloned> cloned = CloneTable(snapshot, target_store, replaced, request, context);
  if (cloned.ok()) return std::move(cloned->outcome);
  if (request.mode != CloneMode::kIgnore || cloned.error().code() != Code::kAlreadyExists) {
    return std::move(cloned).error();
  }
  // Somebody else made a table there a moment ago.
  DELTIC_TRY(const auto made, Snapshot::Open(target_store));
  return CloneOutcome{.version = made->version(), .source_version = snapshot->version()};
}

Result<ConvertOutcome> ConvertFolder(const std::string& folder, const ConvertRequest& request,
                                     const CancelToken& cancel) {
  DELTIC_TRY(const auto store, OpenStore(folder, request.storage_options));
  DELTIC_TRY(const auto existing, NewestAt(store));
  if (existing) {
    if (request.mode == ConvertMode::kIgnore) return ConvertOutcome{.version = existing->version()};
    return AlreadyExists("{}: this is a Delta table already (version {})", store->uri(), existing->version());
  }
  DELTIC_TRY(const std::shared_ptr<Engine> engine, GetEngine());
  const ConvertContext context{.commit = ToCommitOptions(request.commit, cancel),
                               .transactions = ToTransactions(request.commit)};
  Result<ConvertOutcome> converted = ConvertToTable(*engine, store, request, context);
  if (converted.ok() || request.mode != ConvertMode::kIgnore || converted.error().code() != Code::kAlreadyExists) {
    return converted;
  }
  DELTIC_TRY(const auto made, Snapshot::Open(store));
  return ConvertOutcome{.version = made->version()};
}

Result<RestoreOutcome> Restore(Table& table, const RestoreRequest& request) {
  return RestoreTo(table, request, CancelToken());
}

Result<CloneOutcome> Clone(const std::string& source, const std::string& target, const CloneRequest& request) {
  return CloneTo(source, target, request, CancelToken());
}

Result<ConvertOutcome> Convert(const std::string& folder, const ConvertRequest& request) {
  return ConvertFolder(folder, request, CancelToken());
}

Result<TableDetail> Detail(const Table& table) {
  const Snapshot& snapshot = *table.state()->snapshot;
  const Metadata& metadata = snapshot.metadata();
  TableDetail detail;
  detail.id = metadata.id;
  detail.name = metadata.name;
  detail.description = metadata.description;
  detail.location = RootName(*snapshot.store());
  detail.created_at_ms = metadata.created_time;
  detail.last_modified_ms = table.state()->TimestampMs();
  detail.partition_columns = metadata.partition_columns;
  if (SupportsFeature(snapshot.protocol(), "clustering")) {
    DELTIC_TRY(const std::vector<DomainMetadata> domains, snapshot.Domains());
    DELTIC_TRY(const std::vector<ColumnPath> columns,
               ReadClusteringColumns(domains, snapshot.schema(), snapshot.config().mapping_mode));
    for (const ColumnPath& column : columns) detail.clustering_columns.push_back(ToString(column));
  }
  detail.properties = metadata.configuration;
  detail.min_reader_version = snapshot.protocol().min_reader_version;
  detail.min_writer_version = snapshot.protocol().min_writer_version;
  const FeatureSet features = FeaturesOf(snapshot.protocol());
  detail.table_features.assign(features.begin(), features.end());
  DELTIC_TRY(const SnapshotTotals totals, snapshot.Totals());
  detail.num_files = totals.num_files;
  detail.size_bytes = totals.size_bytes;
  detail.num_rows = totals.num_rows;
  detail.num_deletion_vectors = totals.num_deletion_vectors;
  detail.num_deleted_rows = totals.num_deleted_rows;
  return detail;
}

}  // namespace deltic
