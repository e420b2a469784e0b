// Owns the operations: what a request means for this table, the plan, the rewrite, and what came of it.
#include "optimize/optimize.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "alter/clustering.h"
#include "base/error.h"
#include "optimize/curve_order.h"
#include "optimize/dropped_columns.h"
#include "optimize/plan.h"
#include "optimize/rewrite_groups.h"
#include "rewrite/replace.h"
#include "scan/table_files.h"

namespace deltic {
namespace {

using Json = nlohmann::json;

constexpr int64_t kTargetFileBytes = 128LL << 20;
// Spark's: groups of clustered files are left alone from here on.
constexpr int64_t kMaxCubeBytes = 100LL << 30;
// Larger groups keep all threads busy for themselves, and two at a time would need twice the memory.
constexpr int64_t kSmallGroupBytes = 32LL << 20;

std::string JsonText(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A list in a text, as operationParameters have it: "[\"a\"]".
std::string JsonList(const std::vector<std::string>& items) {
  return JsonText(Json(items).dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<std::vector<AddFile>> ChooseFiles(Engine& engine, const Snapshot& table, const std::string& where) {
  if (!where.empty()) {
    DELTIC_TRY(Replacement chosen, ReplaceWhere(engine, table, where));
    return std::move(chosen.removed);
  }
  DELTIC_TRY(auto cursor, table.LiveFiles({.all_fields = true}));
  std::vector<AddFile> files;
  while (true) {
    DELTIC_TRY(std::optional<AddFile> file, cursor->Next());
    if (!file) return files;
    files.push_back(std::move(*file));
  }
}

Result<std::vector<CandidateFile>> Candidates(Engine& engine, const Snapshot& table, const std::string& where) {
  DELTIC_TRY(std::vector<AddFile> files, ChooseFiles(engine, table, where));
  std::vector<CandidateFile> candidates;
  for (AddFile& file : files) {
    std::vector<Literal> partition;
    for (const std::string& name : table.metadata().partition_columns) {
      const StructField* field = FindField(table.schema(), name);
      if (field == nullptr) return Corrupt("partition column {} is not in the table's schema", name);
      DELTIC_TRY(Literal value,
                 PartitionLiteral(file.partition_values, *field, table.config().mapping_mode, file.path));
      partition.push_back(std::move(value));
    }
    candidates.push_back(MakeCandidate(std::move(file), std::move(partition)));
  }
  SortByAge(candidates);
  return candidates;
}

FileSizes Sizes(const std::vector<int64_t>& sizes) {
  FileSizes all;
  all.total_files = static_cast<int64_t>(sizes.size());
  if (sizes.empty()) return all;
  for (const int64_t size : sizes) all.total_size += size;
  all.min = *std::min_element(sizes.begin(), sizes.end());
  all.max = *std::max_element(sizes.begin(), sizes.end());
  all.avg = static_cast<double>(all.total_size) / static_cast<double>(all.total_files);
  return all;
}

size_t Threads(const std::vector<FileGroup>& groups, std::optional<int32_t> wanted) {
  if (wanted) return static_cast<size_t>(std::max(1, *wanted));
  const bool small =
      std::all_of(groups.begin(), groups.end(), [](const FileGroup& group) { return group.bytes <= kSmallGroupBytes; });
  return small ? std::max<size_t>(1, std::thread::hardware_concurrency()) : 1;
}

// What both operations do with a plan.
Result<Optimized> Run(Engine& engine, const std::shared_ptr<const Snapshot>& table, RewritePlan plan,
                      const RewriteOptions& options, const OptimizeContext& context) {
  Optimized done;
  OptimizeOutcome& outcome = done.outcome;
  outcome.version = table->version();
  done.snapshot = table;
  outcome.total_considered_files = plan.considered;
  outcome.total_files_skipped = plan.considered;
  outcome.input_clustered_files = {.num_files = plan.clustered.files, .size_bytes = plan.clustered.bytes};
  outcome.input_other_files = {.num_files = plan.others.files, .size_bytes = plan.others.bytes};
  outcome.input_groups = plan.cubes;
  outcome.merged_files = {.num_files = plan.merged.files, .size_bytes = plan.merged.bytes};
  outcome.preserve_insertion_order = !options.order;
  if (plan.groups.empty()) return done;
  std::set<std::vector<std::string>> partitions;
  for (const FileGroup& group : plan.groups) {
    std::vector<std::string> values;
    for (const Literal& value : group.partition) values.push_back(value.ToString());
    partitions.insert(std::move(values));
    outcome.output_groups += group.cube ? 1 : 0;
  }
  outcome.partitions_optimized = static_cast<int64_t>(partitions.size());
  outcome.num_batches = static_cast<int64_t>(plan.groups.size());
  outcome.max_bin_span_files = plan.max_span;
  DELTIC_TRY(Rewritten rewritten, RewriteGroups(engine, table, std::move(plan.groups), options, context));
  outcome.changed = rewritten.commits > 0;
  outcome.commits = rewritten.commits;
  outcome.retries = rewritten.retries;
  outcome.warnings = std::move(rewritten.warnings);
  outcome.files_added = Sizes(rewritten.added_sizes);
  outcome.files_removed = Sizes(rewritten.removed_sizes);
  outcome.total_files_skipped -= outcome.files_removed.total_files;
  outcome.num_deletion_vectors_removed = rewritten.vectors_removed;
  outcome.num_deletion_vector_rows_removed = rewritten.vector_rows_removed;
  if (rewritten.snapshot) {
    done.snapshot = std::move(rewritten.snapshot);
    outcome.version = done.snapshot->version();
  }
  return done;
}

// What the members that both requests have say to the rewrite.
template <class Request>
Result<RewriteOptions> OptionsOf(const Request& request, const std::vector<FileGroup>& groups) {
  if (request.max_concurrent_tasks && *request.max_concurrent_tasks < 1) {
    return InvalidArgument("at least one task at a time must be allowed, not {}", *request.max_concurrent_tasks);
  }
  if (request.min_commit_interval_ms && *request.min_commit_interval_ms < 0) {
    return InvalidArgument("the commit interval of {} ms is negative", *request.min_commit_interval_ms);
  }
  RewriteOptions options;
  options.threads = Threads(groups, request.max_concurrent_tasks);
  options.min_commit_interval_ms = request.min_commit_interval_ms;
  options.progress = request.progress;
  options.user_metadata = request.commit.custom_metadata;
  options.user_metadata_text = request.commit.user_metadata;
  return options;
}

template <class Request>
Result<int64_t> TargetBytes(const Request& request, const Snapshot& table) {
  const int64_t target =
      request.target_file_bytes.value_or(table.config().target_file_bytes.value_or(kTargetFileBytes));
  if (target <= 0) return InvalidArgument("a target size of {} bytes: it must be above 0", target);
  return target;
}

Result<std::vector<ColumnPath>> ClusteringColumns(const Snapshot& table) {
  if (!SupportsFeature(table.protocol(), "clustering")) return std::vector<ColumnPath>();
  DELTIC_TRY(const std::vector<DomainMetadata> domains, table.Domains());
  return ReadClusteringColumns(domains, table.schema(), table.config().mapping_mode);
}

std::vector<std::string> Spelled(const std::vector<ColumnPath>& columns) {
  std::vector<std::string> names;
  for (const ColumnPath& column : columns) {
    std::string name;
    for (const std::string& part : column) name += (name.empty() ? "" : ".") + part;
    names.push_back(std::move(name));
  }
  return names;
}

Status CheckClusteredRequest(const OptimizeRequest& request, bool clustered) {
  if (clustered && !request.where.empty()) {
    return InvalidArgument("the table is clustered: its files are optimized as a whole, so leave the predicate out");
  }
  if (clustered && !request.zorder_by.empty()) {
    return InvalidArgument(
        "the table is clustered by its own columns: leave the Z-order columns out, or change them "
        "(ALTER TABLE CLUSTER BY)");
  }
  if (!clustered && request.full) {
    return InvalidArgument("only a table with clustering columns can be optimized in full");
  }
  return {};
}

}  // namespace

Result<Optimized> OptimizeTable(Engine& engine, const std::shared_ptr<const Snapshot>& table,
                                const OptimizeRequest& request, const OptimizeContext& context) {
  DELTIC_CHECK(CheckWritable(table->protocol()));
  DELTIC_TRY(const std::vector<ColumnPath> clustering, ClusteringColumns(*table));
  const bool clustered = !clustering.empty();
  DELTIC_CHECK(CheckClusteredRequest(request, clustered));
  DELTIC_TRY(const int64_t target, TargetBytes(request, *table));
  DELTIC_TRY(const std::vector<ColumnPath> zorder, FindCurveColumns(*table, request.zorder_by));
  DELTIC_TRY(std::vector<CandidateFile> files, Candidates(engine, *table, request.where));
  if (context.min_small_files > 0) {
    files = InCrowdedPartitions(std::move(files), request.min_file_bytes.value_or(target), context.min_small_files);
  }
  const std::vector<ColumnPath>& columns = clustered ? clustering : zorder;

  RewritePlan plan;
  if (clustered) {
    plan = PlanClustering(std::move(files),
                          {.columns = Spelled(clustering), .full = request.full, .max_cube_bytes = kMaxCubeBytes});
  } else if (!zorder.empty()) {
    plan = PlanZOrder(std::move(files));
  } else {
    plan = PlanCompaction(std::move(files), {.target_bytes = target,
                                             .min_bytes = request.min_file_bytes.value_or(target),
                                             .max_deleted_ratio = request.max_deleted_rows_ratio});
  }
  DELTIC_TRY(RewriteOptions options, OptionsOf(request, plan.groups));
  if (!columns.empty()) {
    options.target_file_bytes = target;
    const Curve curve = clustered ? Curve::kHilbert : Curve::kZOrder;
    options.order = [&, curve](const FileGroup& group) {
      return CurveOrder(engine, table, group, columns, curve, context.commit.cancel);
    };
  }
  options.operation.name = "OPTIMIZE";
  options.operation.parameters = {
      {"predicate", JsonList(request.where.empty() ? std::vector<std::string>() : std::vector{request.where})},
      {"zOrderBy", JsonList(Spelled(zorder))},
      {"clusterBy", JsonList(clustered ? Spelled(clustering) : std::vector<std::string>())},
      {"auto", context.automatic ? "true" : "false"}};
  if (clustered) options.operation.parameters["isFull"] = request.full ? "true" : "false";
  DELTIC_TRY(Optimized done, Run(engine, table, std::move(plan), options, context));
  done.outcome.planner_strategy = clustered ? "clustering" : zorder.empty() ? "preserveLocality" : "zOrder";
  return done;
}

Result<Optimized> ReorgTable(Engine& engine, const std::shared_ptr<const Snapshot>& table, const ReorgRequest& request,
                             const OptimizeContext& context) {
  DELTIC_CHECK(CheckWritable(table->protocol()));
  DELTIC_TRY(const int64_t target, TargetBytes(request, *table));
  DELTIC_TRY(std::vector<CandidateFile> files, Candidates(engine, *table, request.where));
  DELTIC_TRY(std::set<std::string> paths, FilesWithDroppedColumns(engine, *table, files, context.commit.cancel));
  for (const CandidateFile& file : files) {
    if (HasDeletedRows(file.add)) paths.insert(file.add.path);
  }
  RewritePlan plan = PlanPurge(std::move(files), paths, target);
  DELTIC_TRY(RewriteOptions options, OptionsOf(request, plan.groups));
  options.operation.name = "REORG";
  options.operation.parameters = {
      {"predicate", JsonList(request.where.empty() ? std::vector<std::string>() : std::vector{request.where})},
      {"applyPurge", "true"}};
  DELTIC_TRY(Optimized done, Run(engine, table, std::move(plan), options, context));
  done.outcome.planner_strategy = "preserveLocality";
  return done;
}

}  // namespace deltic
