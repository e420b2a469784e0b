// Owns `deltic write`: rows of a query or of files into a table. The write itself is deltic/write.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "deltic/write.h"
#include "input_files.h"
#include "interrupt.h"
#include "json_out.h"
#include "output.h"
#include "progress.h"
#include "schema/schema_json.h"
#include "storage_arguments.h"
#include "table/stoppable.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct WriteArguments {
  std::string location, query, format, mode = "append", schema = "strict", replace_where, once;
  std::vector<std::string> files;
  std::optional<int64_t> target_file_bytes;
  std::string compression;
  std::optional<int> compression_level;
  std::optional<int64_t> row_group_rows;
  bool dynamic = false, no_partitions = false;
  OutcomeArguments told;
};

std::shared_ptr<WriteArguments> AddArguments(CLI::App* command) {
  auto a = std::make_shared<WriteArguments>();
  command->add_option("TABLE", a->location, "The table's folder; made when there is no table")->required();
  command->add_option("FILE", a->files, "Files of rows (Parquet, CSV, JSON lines); - reads standard input");
  command->add_option("--from", a->query, "The rows of a query: \"select ... from read_csv('x.csv')\", delta_scan('t')")
      ->type_name("SQL")
      ->excludes("FILE");
  command->add_option("--format", a->format, "What the files are: parquet, csv or json (default: by their names)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"parquet", "csv", "json"}));
  command
      ->add_option("--mode", a->mode,
                   "append (default), overwrite, error (when there is a table), ignore (when there is one)")
      ->type_name("MODE")
      ->check(CLI::IsMember({"append", "overwrite", "error", "ignore"}));
  command
      ->add_option("--schema", a->schema,
                   "strict (default): other columns are refused; merge: they are added; overwrite: the table takes "
                   "the rows' columns")
      ->type_name("MODE")
      ->check(CLI::IsMember({"strict", "merge", "overwrite"}));
  command
      ->add_option("--replace-where", a->replace_where,
                   "With --mode overwrite: replaces the rows for which this is true; new rows must satisfy it")
      ->type_name("SQL");
  command->add_flag("--dynamic", a->dynamic, "With --mode overwrite: replaces the partitions that the rows have");
  command->add_flag("--no-partitions", a->no_partitions, "With --schema overwrite: the table is partitioned no longer");
  command
      ->add_option("--once", a->once,
                   "Skips the write when the application's transaction of this version, or a later one, is recorded")
      ->type_name("APP=VERSION");
  command->add_option("--target-file-size", a->target_file_bytes, "Bytes after which a data file is closed")
      ->type_name("BYTES")
      ->check(Positive());
  command->add_option("--compression", a->compression, "snappy (default), zstd, gzip, lz4_raw, brotli, uncompressed")
      ->type_name("CODEC");
  command->add_option("--compression-level", a->compression_level, "The codec's level")->type_name("N");
  command->add_option("--row-group-rows", a->row_group_rows, "Rows in a row group")->type_name("N")->check(Positive());
  a->told.AddTo(command);
  return a;
}

Result<WriteRequest> ToRequest(const WriteArguments& a) {
  WriteRequest request;
  request.mode = a.mode == "overwrite" ? WriteMode::kOverwrite
                 : a.mode == "error"   ? WriteMode::kErrorIfExists
                 : a.mode == "ignore"  ? WriteMode::kIgnore
                                       : WriteMode::kAppend;
  request.schema = a.schema == "merge"       ? SchemaEvolution::kMerge
                   : a.schema == "overwrite" ? SchemaEvolution::kOverwrite
                                             : SchemaEvolution::kStrict;
  request.replace_where = a.replace_where;
  request.dynamic_partitions = a.dynamic;
  request.no_partitions = a.no_partitions;
  request.target_file_bytes = a.target_file_bytes;
  if (!a.compression.empty()) request.parquet.compression = a.compression;
  request.parquet.compression_level = a.compression_level;
  request.parquet.max_row_group_rows = a.row_group_rows;
  if (!a.once.empty()) {
    CommitArguments once;
    once.app_transactions = {a.once};
    Result<CommitProperties> parsed = once.ToProperties();
    if (!parsed.ok()) return InvalidArgument("--once {}: write APP=VERSION", a.once);
    request.once = *parsed->app_transactions.begin();
  }
  return request;
}

// The columns of the table that is there; nullopt when none is, or when they are to be replaced.
Result<std::optional<Fields>> TableColumns(const WriteArguments& a) {
  if (a.schema == "overwrite") return std::optional<Fields>();
  Result<Table> table = OpenTable(a.location);
  if (!table.ok() && table.error().code() == Code::kNotFound) return std::optional<Fields>();
  if (!table.ok()) return std::move(table).error();
  DELTIC_TRY(Fields fields, ParseSchemaJson(table->Info().schema_json));
  return std::optional<Fields>(std::move(fields));
}

Status Report(const WriteOutcome& outcome, const WriteArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) {
    return PrintLine(STDOUT_FILENO, JsonLine({{"written", outcome.written},
                                              {"version", outcome.version},
                                              {"rows", outcome.rows},
                                              {"filesAdded", outcome.files_added},
                                              {"bytesAdded", outcome.bytes_added},
                                              {"filesRemoved", outcome.files_removed},
                                              {"rowsCopied", outcome.rows_copied},
                                              {"retries", outcome.retries}}));
  }
  if (a.told.quiet) return {};
  if (!outcome.written) {
    return PrintLine(
        STDERR_FILENO,
        fmt::format("nothing written: {}; version {}",
                    a.mode == "ignore" ? "there is a table" : "the transaction is recorded already", outcome.version));
  }
  return PrintLine(
      STDERR_FILENO,
      fmt::format("version {}: {} {} in {} {}{}", outcome.version, outcome.rows, outcome.rows == 1 ? "row" : "rows",
                  outcome.files_added, outcome.files_added == 1 ? "file" : "files",
                  outcome.files_removed > 0 ? fmt::format(", {} replaced", outcome.files_removed) : ""));
}

}  // namespace

void AddWrite(Commands* commands) {
  CLI::App* command = commands->Add("write", "Writes rows of a query or of files into a table");
  auto a = AddArguments(command);
  auto table = NewTableArguments::AddTo(command);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    if (a->query.empty() == a->files.empty()) {
      return InvalidArgument("say what to write: files, or a query with --from (one of the two)");
    }
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(WriteRequest request, ToRequest(*a));
    DELTIC_TRY(request.table, table->ToProperties());
    DELTIC_TRY(request.commit, commit->ToProperties());
    request.storage_options = GivenStorageOptions();
    WriteOutcome outcome;
    {
      OrderlyStop stop;
      Progress progress("writing", nullptr);
      if (!a->query.empty()) {
        DELTIC_TRY(outcome, WriteTo(a->location, {.sql = a->query}, request, stop.token()));
      } else {
        DELTIC_TRY(const std::optional<Fields> columns, TableColumns(*a));
        DELTIC_TRY(const InputFiles input, InputFiles::Make(a->files, a->format, columns ? &*columns : nullptr));
        DELTIC_TRY(outcome, WriteTo(a->location, {.sql = input.sql()}, request, stop.token()));
      }
    }
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
