// Owns `deltic vacuum`: files that no version within the retention needs are deleted. What that means is
// deltic/vacuum.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "features/interval.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "table/vacuum.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct VacuumArguments {
  std::string location, retention, inventory;
  std::vector<int64_t> keep_versions;
  std::optional<int32_t> parallel;
  bool dry_run = false, lite = false, no_retention_check = false, no_log = false;
  OutcomeArguments told;
};

// "168 hours", "2 weeks", or "0".
Result<int64_t> ParseRetention(const std::string& text) {
  if (text == "0") return 0;
  Result<int64_t> parsed = ParseIntervalMs(text);
  if (parsed.ok()) return parsed;
  return std::move(parsed).error().Wrap("--retention takes a time with a unit, as in '168 hours'");
}

Result<VacuumRequest> ToRequest(const VacuumArguments& a) {
  VacuumRequest request;
  request.mode = a.lite ? VacuumMode::kLite : VacuumMode::kFull;
  if (!a.retention.empty()) {
    DELTIC_TRY(request.retention_ms, ParseRetention(a.retention));
  }
  request.enforce_retention = !a.no_retention_check;
  request.dry_run = a.dry_run;
  request.keep_versions = a.keep_versions;
  request.inventory_sql = a.inventory;
  request.log = !a.no_log;
  request.threads = a.parallel.value_or(0);
  return request;
}

std::string ToJsonText(const VacuumOutcome& outcome) {
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const VacuumedFile& file : outcome.files) files.push_back({{"path", file.path}, {"sizeBytes", file.size_bytes}});
  return JsonLine({{"dryRun", outcome.dry_run},
                   {"version", outcome.version},
                   {"numFiles", static_cast<int64_t>(outcome.files.size())},
                   {"sizeBytes", outcome.size_bytes},
                   {"foldersDeleted", outcome.folders_deleted},
                   {"filesListed", outcome.files_listed},
                   {"foldersListed", outcome.folders_listed},
                   {"failed", outcome.failed},
                   {"files", std::move(files)}});
}

Status Report(const VacuumOutcome& outcome, const VacuumArguments& a) {
  PrintWarnings(outcome.warnings);
  for (const std::string& failed : outcome.failed) PrintWarnings({"not deleted: " + failed});
  if (a.told.as_json) return PrintLine(STDOUT_FILENO, ToJsonText(outcome));
  if (a.dry_run) {
    Output out(STDOUT_FILENO, "standard output");
    for (const VacuumedFile& file : outcome.files) out.Write(file.path + "\n");
    DELTIC_CHECK(out.Flush());
  }
  if (a.told.quiet) return {};
  const std::string folders =
      outcome.folders_deleted > 0 ? " and " + Counted(outcome.folders_deleted, "empty folder") : "";
  return PrintLine(STDERR_FILENO,
                   fmt::format("version {}: {} ({}){} {}", outcome.version,
                               Counted(static_cast<int64_t>(outcome.files.size()), "file"),
                               HumanBytes(outcome.size_bytes), folders, a.dry_run ? "would be deleted" : "deleted"));
}

}  // namespace

void AddVacuum(Commands* commands) {
  CLI::App* command = commands->Add("vacuum", "Deletes files that no version within the retention needs");
  auto a = std::make_shared<VacuumArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  command
      ->add_option("--retention", a->retention,
                   "How long what is no longer needed is kept, as '168 hours' (default: the table's, else a week)")
      ->type_name("TIME");
  command->add_flag("--no-retention-check", a->no_retention_check,
                    "Allows a shorter time than the table's: it breaks older versions and writers at work");
  command->add_flag("--dry-run", a->dry_run, "Only tells which files");
  auto* lite = command->add_flag("--lite", a->lite, "Only files that the log says were removed; lists no folder");
  command
      ->add_option("--inventory", a->inventory,
                   "Instead of listing: a SELECT of path, length, isDir and modificationTime")
      ->type_name("SQL")
      ->excludes(lite);
  command->add_option("--keep-version", a->keep_versions, "A version whose files all stay; may be given several times")
      ->type_name("N")
      ->check(NotNegative());
  command->add_flag("--no-log", a->no_log, "Makes no commits of the vacuum's beginning and end");
  command->add_option("--parallel", a->parallel, "Threads that list and delete (default: by the machine)")
      ->type_name("N")
      ->check(Positive());
  a->told.AddTo(command);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    DELTIC_TRY(VacuumRequest request, ToRequest(*a));
    DELTIC_TRY(request.commit, commit->ToProperties());
    DELTIC_TRY(const VacuumOutcome outcome, ChangeTold("vacuuming", a->location, request, VacuumTable));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
