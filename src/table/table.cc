// Owns the facade: public values made from snapshots and scans. Decides nothing about the protocol.
#include "deltic/table.h"

#include <algorithm>

#include "base/error.h"
#include "dv/deletion_vector.h"
#include "log/timestamps.h"
#include "scan/table_files.h"
#include "stores/open_store.h"
#include "stores/option_names.h"
#include "table/sources.h"
#include "table/state.h"
#include "table/stoppable.h"
#include "table/text.h"

namespace deltic {
namespace {

ScanRequest ToRequest(const ScanOptions& options) {
  return {.columns = options.columns,
          .where = options.where,
          .limit = options.limit,
          .row_ids = options.row_ids,
          .skipping = options.skipping};
}

Result<Predicate> Bind(const Snapshot& snapshot, const std::string& where) {
  if (where.empty()) {
    return Predicate{.kind = Predicate::Kind::kConstant, .literals = {Literal{DataType(TypeKind::kBoolean), true}}};
  }
  DELTIC_TRY(auto engine, GetEngine());
  return engine->BindPredicate(snapshot.schema(), where);
}

// Partition values under logical names, which is how people know them.
std::map<std::string, std::optional<std::string>> LogicalPartitionValues(const Snapshot& snapshot, const AddFile& add) {
  std::map<std::string, std::optional<std::string>> values;
  for (const auto& name : snapshot.metadata().partition_columns) {
    const auto* field = FindField(snapshot.schema(), name);
    if (field == nullptr) continue;
    auto found = add.partition_values.find(PhysicalName(*field, snapshot.config().mapping_mode));
    values[field->name] = found == add.partition_values.end() ? std::nullopt : found->second;
  }
  return values;
}

FileInfo ToFileInfo(const Snapshot& snapshot, AddFile add) {
  FileInfo info;
  if (auto location = LocateFile(add.path); location.ok()) {
    if (!location->key.empty()) {
      auto local = snapshot.store()->LocalPath(location->key);
      info.full_path = local ? *local : snapshot.store()->uri() + location->key;
    } else {
      info.full_path = location->absolute;
    }
  }
  info.partition_values = LogicalPartitionValues(snapshot, add);
  info.path = std::move(add.path);
  info.size_bytes = add.size;
  info.modification_time_ms = add.modification_time;
  info.stats_json = std::move(add.stats);
  if (add.deletion_vector) {
    auto& dv = *add.deletion_vector;
    info.deletion_vector = DeletionVectorInfo{.storage_type = std::string(1, dv.storage_type),
                                              .path_or_inline_dv = dv.path_or_inline_dv,
                                              .offset = dv.offset,
                                              .size_in_bytes = dv.size_in_bytes,
                                              .cardinality = dv.cardinality};
  }
  info.base_row_id = add.base_row_id;
  info.default_row_commit_version = add.default_row_commit_version;
  info.tags = std::move(add.tags);
  return info;
}

}  // namespace

Result<Table> TableOf(std::shared_ptr<const Snapshot> snapshot) {
  auto state = std::make_shared<Table::State>();
  const bool only_listed =
      snapshot->store()->remote() && !UsesInCommitTimestamp(snapshot->config(), snapshot->version());
  if (!only_listed) DELTIC_CHECK(snapshot->TimestampMs());
  state->snapshot = std::move(snapshot);
  return Table(std::move(state));
}

Result<std::shared_ptr<const Snapshot>> NewestOf(const Table& table) {
  const std::shared_ptr<const Snapshot>& snapshot = table.state()->snapshot;
  if (snapshot->IsNewest()) return snapshot;
  return snapshot->Advance();
}

Result<Table> Table::Open(const std::string& location, const OpenOptions& options) {
  if (options.version && options.timestamp_ms) {
    return InvalidArgument("a table is opened at a version or at a timestamp, not at both");
  }
  DELTIC_TRY(auto store, OpenStore(location, options.storage_options));
  DELTIC_TRY(auto snapshot, Snapshot::Open(store, {.version = options.version, .timestamp_ms = options.timestamp_ms}));
  return TableOf(std::move(snapshot));
}

int64_t Table::version() const { return state_->snapshot->version(); }

TableInfo Table::Info() const {
  const auto& snapshot = *state_->snapshot;
  const auto& metadata = snapshot.metadata();
  TableInfo info;
  info.uri = snapshot.store()->uri();
  info.id = metadata.id;
  info.name = metadata.name;
  info.description = metadata.description;
  info.version = snapshot.version();
  info.timestamp_ms = state_->TimestampMs();
  info.created_time_ms = metadata.created_time;
  info.partition_columns = metadata.partition_columns;
  info.configuration = metadata.configuration;
  info.protocol.min_reader_version = snapshot.protocol().min_reader_version;
  info.protocol.min_writer_version = snapshot.protocol().min_writer_version;
  info.protocol.reader_features = snapshot.protocol().reader_features.value_or(std::vector<std::string>());
  info.protocol.writer_features = snapshot.protocol().writer_features.value_or(std::vector<std::string>());
  info.schema_json = metadata.schema_string;
  return info;
}

Result<TableTotals> Table::Totals() const {
  DELTIC_TRY(auto totals, state_->snapshot->Totals());
  return TableTotals{.num_files = totals.num_files,
                     .size_bytes = totals.size_bytes,
                     .num_rows = totals.num_rows,
                     .num_deletion_vectors = totals.num_deletion_vectors,
                     .num_deleted_rows = totals.num_deleted_rows};
}

Status Table::VisitFiles(const std::string& where, const std::function<bool(const FileInfo&)>& visit) const {
  const auto& snapshot = *state_->snapshot;
  LiveFilesRequest request;
  DELTIC_TRY(request.predicate, Bind(snapshot, where));
  request.all_fields = true;
  DELTIC_TRY(auto files, snapshot.LiveFiles(request));
  while (true) {
    DELTIC_TRY(auto add, files->Next());
    if (!add) return {};
    if (!visit(ToFileInfo(snapshot, std::move(*add)))) return {};
  }
}

Result<std::vector<FileInfo>> Table::Files(const std::string& where) const {
  std::vector<FileInfo> files;
  DELTIC_CHECK(VisitFiles(where, [&](const FileInfo& file) {
    files.push_back(file);
    return true;
  }));
  return files;
}

Result<std::vector<HistoryEntry>> Table::History(std::optional<int64_t> limit) const {
  DELTIC_TRY(auto commits, state_->snapshot->History(limit));
  std::vector<HistoryEntry> history;
  for (auto& commit : commits) {
    HistoryEntry entry{.version = commit.version, .timestamp_ms = commit.timestamp_ms};
    if (commit.commit_info) {
      entry.commit_info_json = std::move(commit.commit_info->json);
      entry.operation = std::move(commit.commit_info->operation);
    }
    history.push_back(std::move(entry));
  }
  return history;
}

Status Table::Scan(const ScanOptions& options, ArrowArrayStream* out) const {
  return ScanTable(*this, options, CancelToken(), out);
}

Result<int64_t> Table::Count(const ScanOptions& options) const { return CountTable(*this, options, CancelToken()); }

Result<PlanInfo> Table::Explain(const ScanOptions& options, int64_t max_paths) const {
  const auto& snapshot = *state_->snapshot;
  LiveFilesRequest request;
  DELTIC_TRY(request.predicate, Bind(snapshot, options.where));
  request.stats = false;
  request.prune = options.skipping;
  DELTIC_TRY(auto files, snapshot.LiveFiles(request));
  PlanInfo plan;
  plan.predicate = request.predicate.ToString();
  while (true) {
    DELTIC_TRY(auto add, files->Next());
    if (!add) break;
    plan.files_kept++;
    plan.bytes_kept += add->size;
    if (static_cast<int64_t>(plan.kept_paths.size()) < max_paths) plan.kept_paths.push_back(std::move(add->path));
  }
  plan.files_dropped_by_partition = files->counts().by_partition;
  plan.files_dropped_by_statistics = files->counts().by_statistics;
  plan.files_total = plan.files_kept + plan.files_dropped_by_partition + plan.files_dropped_by_statistics;
  return plan;
}

Result<int64_t> Table::Export(const ScanOptions& options, ExportFormat format, const std::string& path) const {
  const auto to = format == ExportFormat::kParquet ? FileFormat::kParquet
                  : format == ExportFormat::kCsv   ? FileFormat::kCsv
                                                   : FileFormat::kJsonLines;
  return ExportTable(*this, options, {.format = to, .path = path, .compression = ""}, CancelToken());
}

Result<bool> Table::Refresh() {
  DELTIC_TRY(auto snapshot, state_->snapshot->Advance());
  if (snapshot == state_->snapshot) return false;
  const bool changed = snapshot->version() != state_->snapshot->version();
  DELTIC_TRY(auto table, TableOf(std::move(snapshot)));
  state_ = table.state_;
  return changed;
}

Result<std::optional<int64_t>> Table::TransactionVersion(const std::string& app_id) const {
  return state_->snapshot->TransactionVersion(app_id);
}

Result<std::vector<uint64_t>> Table::DeletedRows(const FileInfo& file) const {
  if (!file.deletion_vector) return std::vector<uint64_t>();
  const auto& info = *file.deletion_vector;
  DeletionVectorDescriptor descriptor;
  descriptor.storage_type = info.storage_type.empty() ? '\0' : info.storage_type[0];
  descriptor.path_or_inline_dv = info.path_or_inline_dv;
  descriptor.offset = info.offset;
  descriptor.size_in_bytes = info.size_in_bytes;
  descriptor.cardinality = info.cardinality;
  auto vector = ReadDeletionVector(*state_->snapshot->store(), descriptor);
  if (!vector.ok()) return std::move(vector).error().Wrap("deletion vector of " + file.path);
  return (*vector)->ToRows();
}

Status ScanTable(const Table& table, const ScanOptions& options, const CancelToken& cancel, ArrowArrayStream* out) {
  DELTIC_TRY(auto spec, MakeReadSpec(table.state()->snapshot, ToRequest(options)));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->ReadArrow(spec, cancel, out);
}

Result<int64_t> CountTable(const Table& table, const ScanOptions& options, const CancelToken& cancel) {
  if (options.where.empty() && options.skipping) {
    // The log knows the number where every file has statistics: no data file is opened.
    DELTIC_TRY(auto totals, table.state()->snapshot->Totals());
    if (totals.num_rows) return options.limit ? std::min(*options.limit, *totals.num_rows) : *totals.num_rows;
  }
  DELTIC_TRY(auto spec, MakeReadSpec(table.state()->snapshot, ToRequest(options)));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->Count(spec, cancel);
}

Result<std::unique_ptr<TextRows>> ReadText(const Table& table, const ScanOptions& options, const CancelToken& cancel) {
  DELTIC_TRY(auto spec, MakeReadSpec(table.state()->snapshot, ToRequest(options)));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->ReadText(spec, cancel);
}

Result<int64_t> ExportTable(const Table& table, const ScanOptions& options, const ExportOptions& to,
                            const CancelToken& cancel) {
  DELTIC_TRY(auto spec, MakeReadSpec(table.state()->snapshot, ToRequest(options)));
  DELTIC_TRY(auto engine, GetEngine());
  return engine->Export(spec, to, cancel);
}

std::vector<std::string> CheckStorageOptions(const std::map<std::string, std::string>& options) {
  return WarnOfOptions(options);
}

std::string Version() { return DELTIC_VERSION; }

}  // namespace deltic
