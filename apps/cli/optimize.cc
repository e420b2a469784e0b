// Owns `deltic optimize` and `deltic reorg`: a table's files rearranged. What that means is deltic/optimize.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "table/optimize.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

// Both commands'; reorg has no options for some.
struct OptimizeArguments {
  std::string location, where, compression;
  std::vector<std::string> zorder_by;
  std::optional<int64_t> target_bytes, min_bytes;
  std::optional<int32_t> tasks;
  std::optional<double> commit_interval_s;
  double max_deleted_ratio = 0.05;
  bool full = false;
  OutcomeArguments told;
};

template <class Request>
Request ToRequest(const OptimizeArguments& a) {
  Request request;
  request.where = a.where;
  request.target_file_bytes = a.target_bytes;
  request.max_concurrent_tasks = a.tasks;
  if (a.commit_interval_s) request.min_commit_interval_ms = static_cast<int64_t>(*a.commit_interval_s * 1000);
  if (!a.compression.empty()) request.parquet.compression = a.compression;
  return request;
}

auto SizesJson(const FileSizes& sizes) {
  return nlohmann::ordered_json{{"avg", sizes.avg},
                                {"max", sizes.max},
                                {"min", sizes.min},
                                {"totalFiles", sizes.total_files},
                                {"totalSize", sizes.total_size}};
}

Status Report(const OptimizeOutcome& outcome, const OptimizeArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) {
    return PrintLine(STDOUT_FILENO,
                     JsonLine({{"changed", outcome.changed},
                               {"version", outcome.version},
                               {"numFilesAdded", outcome.files_added.total_files},
                               {"numFilesRemoved", outcome.files_removed.total_files},
                               {"filesAdded", SizesJson(outcome.files_added)},
                               {"filesRemoved", SizesJson(outcome.files_removed)},
                               {"partitionsOptimized", outcome.partitions_optimized},
                               {"numBatches", outcome.num_batches},
                               {"totalConsideredFiles", outcome.total_considered_files},
                               {"totalFilesSkipped", outcome.total_files_skipped},
                               {"preserveInsertionOrder", outcome.preserve_insertion_order},
                               {"plannerStrategy", outcome.planner_strategy},
                               {"numDeletionVectorsRemoved", outcome.num_deletion_vectors_removed},
                               {"numDeletionVectorRowsRemoved", outcome.num_deletion_vector_rows_removed},
                               {"commits", outcome.commits},
                               {"retries", outcome.retries}}));
  }
  if (a.told.quiet) return {};
  if (!outcome.changed) {
    return PrintLine(STDERR_FILENO, fmt::format("nothing to gain: {} left as they are; version {}",
                                                Counted(outcome.total_considered_files, "file"), outcome.version));
  }
  return PrintLine(
      STDERR_FILENO,
      fmt::format("version {}: {} ({}) became {} ({})", outcome.version,
                  Counted(outcome.files_removed.total_files, "file"), HumanBytes(outcome.files_removed.total_size),
                  GroupedNumber(outcome.files_added.total_files), HumanBytes(outcome.files_added.total_size)));
}

void AddCommonOptions(CLI::App* command, OptimizeArguments& a) {
  command->add_option("TABLE", a.location, "The table's folder")->required();
  command->add_option("--where", a.where, "Only files that may hold such rows: SQL, best over partition columns")
      ->type_name("SQL");
  command
      ->add_option("--target-size", a.target_bytes,
                   "Bytes that files should have (default: delta.targetFileSize, else 128 MiB)")
      ->type_name("BYTES")
      ->check(Positive());
  command->add_option("--tasks", a.tasks, "How many groups of files at the same time")
      ->type_name("N")
      ->check(Positive());
  command
      ->add_option("--commit-interval", a.commit_interval_s,
                   "Commits what is done when the last commit is so many seconds ago (default: one commit at the end)")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--compression", a.compression, "snappy, zstd, gzip, lz4_raw, brotli or uncompressed");
  a.told.AddTo(command);
}

}  // namespace

void AddOptimize(Commands* commands) {
  CLI::App* command = commands->Add("optimize", "Rewrites files: fewer and larger ones, or rows in a better order");
  auto a = std::make_shared<OptimizeArguments>();
  AddCommonOptions(command, *a);
  command
      ->add_option("--zorder-by", a->zorder_by,
                   "Columns whose close values shall stand together (of a table without clustering columns)")
      ->type_name("COLUMN,...")
      ->delimiter(',');
  command->add_flag("--full", a->full, "Of a clustered table: also files that were clustered by other columns");
  command->add_option("--min-size", a->min_bytes, "Smaller files are rewritten (default: the target size)")
      ->type_name("BYTES")
      ->check(Positive());
  command
      ->add_option("--max-deleted-ratio", a->max_deleted_ratio,
                   "Files of which a larger share of rows is deleted are rewritten (default: 0.05)")
      ->type_name("R")
      ->check(CLI::Range(0.0, 1.0));
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    auto request = ToRequest<OptimizeRequest>(*a);
    request.zorder_by = a->zorder_by;
    request.full = a->full;
    request.min_file_bytes = a->min_bytes;
    request.max_deleted_rows_ratio = a->max_deleted_ratio;
    DELTIC_TRY(request.commit, commit->ToProperties());
    DELTIC_TRY(const OptimizeOutcome outcome, ChangeTold("optimizing", a->location, request, OptimizeTo));
    return Report(outcome, *a);
  });
}

void AddReorg(Commands* commands) {
  CLI::App* command = commands->Add("reorg", "Rewrites files that still hold deleted rows or dropped columns (purge)");
  auto a = std::make_shared<OptimizeArguments>();
  AddCommonOptions(command, *a);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    auto request = ToRequest<ReorgRequest>(*a);
    DELTIC_TRY(request.commit, commit->ToProperties());
    DELTIC_TRY(const OptimizeOutcome outcome, ChangeTold("purging", a->location, request, ReorgTo));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
