// Owns `deltic merge`: rows of files, a query or a table matched against a table's. The merge itself is
// deltic/merge.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "input_files.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "schema/engine_sql.h"
#include "schema/schema_json.h"
#include "storage_arguments.h"
#include "table/merge.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct MergeArguments {
  std::string location, source_sql, source_table, format, on, target_alias = "target", source_alias = "source",
                                                              statement;
  std::vector<std::string> source_files, when;
  std::string compression;
  bool evolve = false;
  OutcomeArguments told;
};

std::shared_ptr<MergeArguments> AddArguments(CLI::App* command) {
  auto a = std::make_shared<MergeArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  command->add_option("--source", a->source_files, "Files of rows (Parquet, CSV, JSON lines); - reads standard input")
      ->type_name("FILE");
  command->add_option("--source-sql", a->source_sql, "The rows of a query")->type_name("SQL");
  command->add_option("--source-table", a->source_table, "The rows of a Delta table")->type_name("TABLE");
  command->add_option("--format", a->format, "What the files are: parquet, csv or json (default: by their names)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"parquet", "csv", "json"}));
  command->add_option("--as", a->target_alias, "What the table is called in SQL (default: target)")->type_name("NAME");
  command->add_option("--source-as", a->source_alias, "What the source is called in SQL (default: source)")
      ->type_name("NAME");
  command->add_option("--on", a->on, "Which rows match: \"target.id = source.id\"")->type_name("SQL");
  command
      ->add_option(
          "--when", a->when,
          "What to do, several in order: \"matched and source.op = 'd' then delete\", \"matched then update set "
          "*\", \"not matched then insert *\", \"not matched by source then delete\"")
      ->type_name("CLAUSE");
  command->add_option("--statement", a->statement, "A whole MERGE INTO statement instead (its target is TABLE)")
      ->type_name("SQL")
      ->excludes("--on")
      ->excludes("--when");
  command->add_flag("--schema-evolution", a->evolve, "Columns that only the source has are added to the table");
  command->add_option("--compression", a->compression, "snappy, zstd, gzip, lz4_raw, brotli or uncompressed");
  a->told.AddTo(command);
  return a;
}

Result<MergeStatement> ToStatement(const MergeArguments& a) {
  MergeStatement statement;
  if (!a.statement.empty()) {
    DELTIC_TRY(statement, ParseMergeStatement(a.statement));
  } else {
    statement.request.on = a.on;
    statement.request.target_alias = a.target_alias;
    statement.request.source_alias = a.source_alias;
    for (const std::string& text : a.when) {
      DELTIC_TRY(MergeClause clause, ParseMergeClause(text));
      statement.request.clauses.push_back(std::move(clause));
    }
  }
  if (a.evolve) statement.request.schema = SchemaEvolution::kMerge;
  if (!a.compression.empty()) statement.request.parquet.compression = a.compression;
  return statement;
}

Status Report(const MergeOutcome& outcome, const MergeArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) {
    return PrintLine(STDOUT_FILENO,
                     JsonLine({{"changed", outcome.changed},
                               {"version", outcome.version},
                               {"numSourceRows", outcome.num_source_rows},
                               {"numTargetRowsInserted", outcome.num_target_rows_inserted},
                               {"numTargetRowsUpdated", outcome.num_target_rows_updated},
                               {"numTargetRowsDeleted", outcome.num_target_rows_deleted},
                               {"numTargetRowsCopied", outcome.num_target_rows_copied},
                               {"numOutputRows", outcome.num_output_rows},
                               {"numTargetFilesScanned", outcome.num_target_files_scanned},
                               {"numTargetFilesSkippedDuringScan", outcome.num_target_files_skipped_during_scan},
                               {"numTargetFilesAdded", outcome.num_target_files_added},
                               {"numTargetFilesRemoved", outcome.num_target_files_removed},
                               {"numDeletionVectorsAdded", outcome.num_deletion_vectors_added},
                               {"numDeletionVectorsUpdated", outcome.num_deletion_vectors_updated},
                               {"executionTimeMs", outcome.execution_time_ms},
                               {"scanTimeMs", outcome.scan_time_ms},
                               {"rewriteTimeMs", outcome.rewrite_time_ms},
                               {"retries", outcome.retries}}));
  }
  if (a.told.quiet) return {};
  if (!outcome.changed) {
    return PrintLine(STDERR_FILENO, fmt::format("nothing changed: no row was to be; version {}", outcome.version));
  }
  return PrintLine(STDERR_FILENO, fmt::format("version {}: {} inserted, {} updated, {} deleted", outcome.version,
                                              GroupedNumber(outcome.num_target_rows_inserted),
                                              GroupedNumber(outcome.num_target_rows_updated),
                                              GroupedNumber(outcome.num_target_rows_deleted)));
}

}  // namespace

void AddMerge(Commands* commands) {
  CLI::App* command = commands->Add("merge", "Matches rows of a source with a table's: updates, deletes, inserts");
  auto a = AddArguments(command);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_TRY(MergeStatement statement, ToStatement(*a));
    const int sources = static_cast<int>(!a->source_files.empty()) + static_cast<int>(!a->source_sql.empty()) +
                        static_cast<int>(!a->source_table.empty()) + static_cast<int>(!statement.source_sql.empty());
    if (sources != 1) return InvalidArgument("say where the rows come from: --source, --source-sql or --source-table");
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(statement.request.commit, commit->ToProperties());
    DELTIC_TRY(Table table, OpenTable(a->location));
    std::string sql = statement.source_sql + a->source_sql;
    if (!a->source_table.empty()) sql = "SELECT * FROM delta_scan(" + QuoteSqlText(a->source_table) + ")";
    std::optional<InputFiles> input;
    if (!a->source_files.empty()) {
      DELTIC_TRY(const Fields columns, ParseSchemaJson(table.Info().schema_json));
      DELTIC_TRY(input, InputFiles::Make(a->source_files, a->format, &columns));
      sql = input->sql();
    }
    DELTIC_TRY(const MergeOutcome outcome, RunTold("merging", statement.request, [&](const CancelToken& cancel) {
                 return MergeTo(table, {.sql = sql}, statement.request, cancel);
               }));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
