// Owns `deltic checkpoint`, `deltic clean-log`, `deltic compact-log` and `deltic properties`: a log's upkeep and a
// table's properties. What they do is deltic/manage.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "deltic/manage.h"
#include "json_out.h"
#include "output.h"
#include "progress.h"
#include "storage_arguments.h"
#include "terminal.h"

namespace deltic::cli {

namespace {

void AddCheckpointCommand(Commands* commands) {
  CLI::App* command =
      commands->Add("checkpoint", "Writes a checkpoint, from which the table opens without older commits");
  auto table_arguments = TableArguments::AddTo(command, "checkpoint");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "The outcome as one JSON object");
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    CheckpointOutcome done;
    {
      Progress progress("writing a checkpoint", nullptr);
      DELTIC_TRY(const Table table, table_arguments->Open());
      DELTIC_TRY(done, Checkpoint(table));
    }
    if (*as_json) {
      return PrintLine(STDOUT_FILENO, JsonLine({{"version", done.version},
                                                {"existed", done.existed},
                                                {"sizeBytes", done.size_bytes},
                                                {"actions", done.actions},
                                                {"sidecars", done.sidecars}}));
    }
    return PrintLine(STDERR_FILENO, done.existed ? fmt::format("version {}: there is a checkpoint", done.version)
                                                 : fmt::format("version {}: {} actions, {} bytes", done.version,
                                                               done.actions, done.size_bytes));
  });
}

void AddCleanCommand(Commands* commands) {
  CLI::App* command = commands->Add("clean-log", "Deletes log files that are older than the table keeps them");
  auto location = std::make_shared<std::string>();
  command->add_option("TABLE", *location, "The table's folder")->required();
  auto dry_run = std::make_shared<bool>(false);
  command->add_flag("--dry-run", *dry_run, "Only tells which");
  auto hours = std::make_shared<std::optional<int64_t>>();
  command->add_option("--retention-hours", *hours, "Instead of delta.logRetentionDuration")
      ->type_name("N")
      ->check(NotNegative());
  commands->SetRun(command, [=]() -> Status {
    DELTIC_TRY(const Table table, OpenTable(*location));
    std::optional<int64_t> retention_ms;
    if (*hours) retention_ms = **hours * 3'600'000;
    DELTIC_TRY(const LogCleanupOutcome done, CleanLog(table, *dry_run, retention_ms));
    Output out(STDOUT_FILENO, "standard output");
    for (const std::string& name : done.deleted) out.Write(std::string(Printable(name)) + "\n");
    DELTIC_CHECK(out.Flush());
    for (const std::string& failure : done.failed) {
      DELTIC_CHECK(PrintLine(STDERR_FILENO, "warning: not deleted: " + std::string(Printable(failure))));
    }
    return PrintLine(STDERR_FILENO, fmt::format("{} {}; the oldest version that opens is {}", done.deleted.size(),
                                                *dry_run ? "would be deleted" : "deleted", done.oldest_version));
  });
}

void AddCompactCommand(Commands* commands) {
  CLI::App* command = commands->Add("compact-log", "Writes one log file that stands for a range of commits");
  auto location = std::make_shared<std::string>();
  command->add_option("TABLE", *location, "The table's folder")->required();
  auto first = std::make_shared<int64_t>(0);
  auto last = std::make_shared<int64_t>(0);
  command->add_option("--from", *first, "The first version")->required()->check(NotNegative());
  command->add_option("--to", *last, "The last version")->required()->check(NotNegative());
  commands->SetRun(command, [=]() -> Status {
    DELTIC_TRY(const Table table, OpenTable(*location));
    return CompactLog(table, *first, *last);
  });
}

void AddPropertiesCommand(Commands* commands) {
  CLI::App* command = commands->Add("properties", "A table's properties; deltic alter set changes them");
  auto table_arguments = TableArguments::AddTo(command, "read");
  auto key = std::make_shared<std::string>();
  command->add_option("KEY", *key, "One of them: prints its value alone");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "One JSON object");
  commands->SetRun(command, [=]() -> Status {
    DELTIC_TRY(const Table table, table_arguments->Open());
    const TableInfo info = table.Info();
    if (!key->empty()) {
      const auto found = info.configuration.find(*key);
      if (found == info.configuration.end()) return NotFound("the table has no property {}", *key);
      return PrintLine(STDOUT_FILENO, *as_json ? JsonLine(found->second) : std::string(Printable(found->second)));
    }
    if (*as_json) {
      Json json = Json::object();
      for (const auto& [name, value] : info.configuration) json[name] = value;
      return PrintLine(STDOUT_FILENO, JsonLine(json));
    }
    Output out(STDOUT_FILENO, "standard output");
    for (const auto& [name, value] : info.configuration) {
      out.Write(fmt::format("{}={}\n", Printable(name), Printable(value)));
    }
    return out.Flush();
  });
}

}  // namespace

void AddUpkeep(Commands* commands) {
  AddCheckpointCommand(commands);
  AddCleanCommand(commands);
  AddCompactCommand(commands);
  AddPropertiesCommand(commands);
}

}  // namespace deltic::cli
