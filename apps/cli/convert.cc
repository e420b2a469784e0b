// Owns `deltic convert`: a folder of Parquet files becomes a table. The conversion itself is deltic/clone.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "storage_arguments.h"
#include "table/clone.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct ConvertArguments {
  std::string folder, partition_by, name, description;
  std::vector<std::string> properties;
  bool infer = false, no_statistics = false, read_statistics = false, if_not_exists = false;
  OutcomeArguments told;
};

Result<ConvertRequest> ToRequest(const ConvertArguments& a) {
  ConvertRequest request;
  request.mode = a.if_not_exists ? ConvertMode::kIgnore : ConvertMode::kErrorIfExists;
  request.partition_by = a.partition_by;
  request.infer_partitions = a.infer;
  request.statistics = !a.no_statistics;
  request.read_missing_statistics = a.read_statistics;
  for (const std::string& property : a.properties) {
    DELTIC_TRY(const auto pair, ParsePair("--property", property));
    request.configuration[pair.first] = pair.second;
  }
  if (!a.name.empty()) request.name = a.name;
  if (!a.description.empty()) request.description = a.description;
  return request;
}

Status Report(const ConvertOutcome& outcome, const ConvertArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) {
    return PrintLine(STDOUT_FILENO, JsonLine({{"converted", outcome.converted},
                                              {"version", outcome.version},
                                              {"files", outcome.files},
                                              {"bytes", outcome.size_bytes},
                                              {"rows", JsonOrNull(outcome.rows)},
                                              {"partitionColumns", outcome.partition_columns}}));
  }
  if (a.told.quiet) return {};
  if (!outcome.converted) {
    return PrintLine(STDERR_FILENO,
                     fmt::format("nothing converted: it is a Delta table already; version {}", outcome.version));
  }
  return PrintLine(STDERR_FILENO, fmt::format("version {}: {}{}, {}", outcome.version,
                                              outcome.rows ? Counted(*outcome.rows, "row") + " in " : "",
                                              Counted(outcome.files, "file"), HumanBytes(outcome.size_bytes)));
}

}  // namespace

void AddConvert(Commands* commands) {
  CLI::App* command = commands->Add("convert", "Makes a Delta table of a folder of Parquet files, in place");
  auto a = std::make_shared<ConvertArguments>();
  command->add_option("FOLDER", a->folder, "The folder")->required();
  auto* partition_by =
      command
          ->add_option("--partition-by", a->partition_by,
                       "The columns that folders name (year=2026/...), with types: \"year int, city string\"")
          ->type_name("COLUMNS");
  command->add_flag("--infer-partitions", a->infer, "Takes partition columns and their types from the folders")
      ->excludes(partition_by);
  auto* none =
      command->add_flag("--no-statistics", a->no_statistics, "Without statistics: nothing can be skipped by them");
  command
      ->add_flag("--read-statistics", a->read_statistics,
                 "Reads the rows of files whose footers have no usable statistics")
      ->excludes(none);
  command->add_flag("--if-not-exists", a->if_not_exists, "Does nothing when it is a Delta table already");
  command->add_option("--property", a->properties, "A table property")->type_name("KEY=VALUE");
  command->add_option("--name", a->name, "The table's name")->type_name("NAME");
  command->add_option("--description", a->description, "What the table is")->type_name("TEXT");
  a->told.AddTo(command);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(ConvertRequest request, ToRequest(*a));
    DELTIC_TRY(request.commit, commit->ToProperties());
    request.storage_options = GivenStorageOptions();
    DELTIC_TRY(const ConvertOutcome outcome, RunTold("converting", request, [&](const CancelToken& cancel) {
                 return ConvertFolder(a->folder, request, cancel);
               }));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
