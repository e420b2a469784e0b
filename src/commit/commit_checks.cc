// Owns the checks of a commit's actions. Protocol: the sections that each check names.
#include "commit/commit_checks.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "commit/row_ids.h"
#include "expr/prune.h"
#include "snapshot/paths.h"

namespace deltic {
namespace {

bool Enabled(const CommitContext& context, const char* property) {
  const auto found = context.metadata.configuration.find(property);
  return found != context.metadata.configuration.end() && (found->second == "true" || found->second == "TRUE");
}

// Each kind's actions as one pass sees them. One thread at a time.
class ActionChecks {
 public:
  explicit ActionChecks(const CommitContext& context)
      : context_(context), paths_(*context.store), append_only_(context.config.append_only) {
    if (context.before) append_only_ = append_only_ || context.before->config().append_only;
    for (const std::string& column : context.metadata.partition_columns) {
      const StructField* field = FindField(context.schema, column);
      if (field) partition_columns_.insert(PhysicalName(*field, context.config.mapping_mode));
    }
    // "Row Tracking", "Deletion Vectors", "IcebergCompat": where the number of rows must be told.
    if (NumbersRows(context.protocol, context.metadata)) needs_rows_ = "row tracking";
    if (Enabled(context, "delta.enableIcebergCompatV1")) needs_rows_ = "icebergCompatV1";
    if (Enabled(context, "delta.enableIcebergCompatV2")) needs_rows_ = "icebergCompatV2";
  }

  Status operator()(const Metadata&) {
    return metadatas_++ == 0 ? Status() : Status(Internal("a commit may hold one metaData action, not two"));
  }
  Status operator()(const Protocol&) {
    return protocols_++ == 0 ? Status() : Status(Internal("a commit may hold one protocol action, not two"));
  }

  Status operator()(const AddFile& add) {
    DELTIC_CHECK(CheckOnce(add.path, add.deletion_vector, "adds"));
    DELTIC_TRY(const std::string path, paths_.Of(add.path));
    if (!added_.insert(path).second) return InvalidArgument("the commit adds {} twice", add.path);
    if (add.size < 0) return InvalidArgument("the file {} has a size of {} bytes", add.path, add.size);
    DELTIC_CHECK(CheckPartitionValues(add.path, add.partition_values));
    if (add.deletion_vector && !context_.config.deletion_vectors_supported) {
      return InvalidArgument(
          "{} is added with a deletion vector, but the table does not support them: enable the "
          "feature deletionVectors first",
          add.path);
    }
    const char* needs_rows = add.deletion_vector ? "a deletion vector" : needs_rows_;
    if (needs_rows && !NumRecords(add.stats ? std::string_view(*add.stats) : std::string_view())) {
      return InvalidArgument("{} has no numRecords in its statistics, which {} needs", add.path, needs_rows);
    }
    return {};
  }

  Status operator()(const RemoveFile& remove) {
    DELTIC_CHECK(CheckOnce(remove.path, remove.deletion_vector, "removes"));
    if (append_only_ && remove.data_change) {
      return InvalidArgument(
          "the table is append-only (delta.appendOnly), so {} may not be removed: unset the property "
          "first, or append",
          remove.path);
    }
    if (!context_.before) return Internal("version 0 removes {}, but there is no table yet", remove.path);
    return {};
  }

  Status operator()(const AddCdcFile& cdc) {
    if (!SupportsFeature(context_.protocol, "changeDataFeed")) {
      return Internal("{} holds changes, but the table does not support the change data feed", cdc.path);
    }
    return CheckPartitionValues(cdc.path, cdc.partition_values);
  }

  Status operator()(const SetTransaction& transaction) {
    if (app_ids_.insert(transaction.app_id).second) return {};
    return InvalidArgument("the commit holds two transactions of the application '{}'", transaction.app_id);
  }

  Status operator()(const DomainMetadata& domain) {
    if (!SupportsFeature(context_.protocol, "domainMetadata")) {
      return InvalidArgument(
          "the metadata domain {} may not be set: the table does not support the feature "
          "domainMetadata",
          domain.domain);
    }
    if (domains_.insert(domain.domain).second) return {};
    return InvalidArgument("the commit sets the metadata domain {} twice", domain.domain);
  }

  Status operator()(const CommitInfo&) { return Internal("an operation may not bring a commitInfo of its own"); }
  Status operator()(const Sidecar& sidecar) { return Internal("a commit may not hold a sidecar ({})", sidecar.path); }
  Status operator()(const CheckpointMetadata&) { return Internal("a commit may not hold checkpoint metadata"); }

 private:
  // "Add File and Remove File": in one version a logical file (path, deletion vector) may be added or removed, once.
  Status CheckOnce(const std::string& path, const std::optional<DeletionVectorDescriptor>& dv, std::string_view does) {
    DELTIC_TRY(std::string canonical, paths_.Of(path));
    canonical += '\n';
    if (dv) canonical += dv->UniqueId();
    if (logical_files_.insert(std::move(canonical)).second) return {};
    return InvalidArgument("the commit {} {}, which it adds or removes already", does, path);
  }

  Status CheckPartitionValues(const std::string& path, const PartitionValues& values) const {
    for (const std::string& column : partition_columns_) {
      if (!values.count(column)) {
        return InvalidArgument("the file {} has no value for the partition column '{}'", path, column);
      }
    }
    for (const auto& [column, value] : values) {
      if (!partition_columns_.count(column)) {
        return InvalidArgument("the file {} has a partition value for '{}', which is no partition column", path,
                               column);
      }
    }
    return {};
  }

  const CommitContext& context_;
  CanonicalPaths paths_;
  bool append_only_;
  const char* needs_rows_ = nullptr;
  std::set<std::string> partition_columns_;  // physical names
  std::unordered_set<std::string> logical_files_;
  std::unordered_set<std::string> added_;
  std::set<std::string> app_ids_;
  std::set<std::string> domains_;
  int protocols_ = 0;
  int metadatas_ = 0;
};

// A protocol that says less than the one before would let writers break what the table's files rely on.
Status CheckNotDowngraded(const CommitContext& context) {
  if (!context.before || context.may_drop_features) return {};
  const Protocol& before = context.before->protocol();
  std::set<std::string> lost;
  const auto look = [&](std::string_view name) {
    if (SupportsFeature(before, name) && !SupportsFeature(context.protocol, name)) lost.insert(std::string(name));
  };
  for (const FeatureRow& row : AllFeatures()) look(row.name);
  for (const auto* list : {&before.reader_features, &before.writer_features}) {
    if (!*list) continue;
    for (const std::string& name : **list) look(name);
  }
  std::string names;
  for (const std::string& name : lost) names += (names.empty() ? "" : ", ") + name;
  if (!lost.empty()) return Internal("the new protocol lacks features that the table has: {}", names);
  if (context.protocol.min_reader_version < before.min_reader_version ||
      context.protocol.min_writer_version < before.min_writer_version) {
    return Internal("the new protocol ({}, {}) is lower than the table's ({}, {})", context.protocol.min_reader_version,
                    context.protocol.min_writer_version, before.min_reader_version, before.min_writer_version);
  }
  return {};
}

// "Table Features": a list of features goes with its version, and reader features are writer features too.
Status CheckProtocolShape(const Protocol& protocol) {
  if (protocol.reader_features.has_value() != (protocol.min_reader_version == 3)) {
    return Internal("readerFeatures must be there if and only if minReaderVersion is 3, not {}",
                    protocol.min_reader_version);
  }
  if (protocol.writer_features.has_value() != (protocol.min_writer_version == 7)) {
    return Internal("writerFeatures must be there if and only if minWriterVersion is 7, not {}",
                    protocol.min_writer_version);
  }
  if (!protocol.reader_features) return {};
  if (!protocol.writer_features) return Internal("minReaderVersion 3 needs minWriterVersion 7");
  for (const std::string& name : *protocol.reader_features) {
    const auto& writer = *protocol.writer_features;
    if (std::find(writer.begin(), writer.end(), name) == writer.end()) {
      return Internal("the reader feature {} is not among the writer features", name);
    }
  }
  return {};
}

}  // namespace

Status CheckActions(const CommitContext& context, const std::vector<Action>& actions) {
  DELTIC_CHECK(CheckWritable(context.protocol));
  if (context.before) DELTIC_CHECK(CheckWritable(context.before->protocol()));
  for (const Action& action : actions) {
    if (std::holds_alternative<Protocol>(action)) {
      DELTIC_CHECK(CheckProtocolShape(context.protocol));
      DELTIC_CHECK(CheckNotDowngraded(context));
    }
  }
  ActionChecks checks(context);
  for (const Action& action : actions) DELTIC_CHECK(std::visit(checks, action));
  return {};
}

}  // namespace deltic
