// Owns `deltic repair`: files that storage has lost go out of the table. What that means is deltic/repair.h's.
#include <fmt/format.h>
#include <unistd.h>

#include "arguments.h"
#include "base/error.h"
#include "commands.h"
#include "json_out.h"
#include "output.h"
#include "run_told.h"
#include "table/repair.h"
#include "terminal.h"
#include "write_arguments.h"

namespace deltic::cli {

namespace {

struct RepairArguments {
  std::string location, lost_vectors = "refuse";
  std::optional<int32_t> parallel;
  bool dry_run = false, damaged = false;
  OutcomeArguments told;
};

std::string ToJsonText(const RepairOutcome& outcome) {
  return JsonLine({{"dryRun", outcome.dry_run},
                   {"changed", outcome.changed},
                   {"version", outcome.version},
                   {"filesChecked", outcome.files_checked},
                   {"filesRemoved", outcome.files_removed},
                   {"rowsRevivedOf", outcome.rows_revived_of},
                   {"vectorsLost", outcome.vectors_lost},
                   {"damaged", outcome.damaged}});
}

std::string Files(size_t count) { return Counted(static_cast<int64_t>(count), "file"); }

Status Report(const RepairOutcome& outcome, const RepairArguments& a) {
  PrintWarnings(outcome.warnings);
  if (a.told.as_json) return PrintLine(STDOUT_FILENO, ToJsonText(outcome));
  Output out(STDOUT_FILENO, "standard output");
  const auto list = [&](std::string_view what, const std::vector<std::string>& files) {
    for (const std::string& file : files) out.Write(fmt::format("{}\t{}\n", what, Printable(file)));
  };
  list("removed", outcome.files_removed);
  list("revived", outcome.rows_revived_of);
  list("vector", outcome.vectors_lost);
  list("damaged", outcome.damaged);
  DELTIC_CHECK(out.Flush());
  if (a.told.quiet) return {};
  std::string text =
      fmt::format("version {}: {} checked, {} {}", outcome.version, Counted(outcome.files_checked, "file"),
                  Files(outcome.files_removed.size()), a.dry_run ? "would be removed" : "removed");
  if (!outcome.rows_revived_of.empty()) {
    text += fmt::format(", deleted rows of {} {}", Files(outcome.rows_revived_of.size()),
                        a.dry_run ? "would live again" : "live again");
  }
  return PrintLine(STDERR_FILENO, text);
}

}  // namespace

void AddRepair(Commands* commands) {
  CLI::App* command = commands->Add("repair", "Takes files out of a table that storage has lost");
  auto a = std::make_shared<RepairArguments>();
  command->add_option("TABLE", a->location, "The table's folder")->required();
  command->add_flag("--dry-run", a->dry_run, "Only tells what is lost");
  command
      ->add_option("--lost-vectors", a->lost_vectors,
                   "Of files whose deletion vectors are lost: refuse (default), remove-files, or revive-rows")
      ->type_name("CHOICE")
      ->check(CLI::IsMember({"refuse", "remove-files", "revive-rows"}));
  command->add_flag("--damaged", a->damaged,
                    "Also files of another size than the log says, and those that are no Parquet files");
  command->add_option("--parallel", a->parallel, "Threads that ask storage (default: by the machine)")
      ->type_name("N")
      ->check(Positive());
  a->told.AddTo(command);
  auto commit = CommitArguments::AddTo(command);
  auto engine = EngineArguments::AddTo(command);
  commands->SetRun(command, [=]() -> Status {
    DELTIC_CHECK(engine->Apply());
    RepairRequest request{.dry_run = a->dry_run, .damaged = a->damaged, .threads = a->parallel.value_or(0)};
    if (a->lost_vectors == "remove-files") request.lost_vectors = LostVectors::kRemoveFiles;
    if (a->lost_vectors == "revive-rows") request.lost_vectors = LostVectors::kReviveRows;
    DELTIC_TRY(request.commit, commit->ToProperties());
    DELTIC_TRY(const RepairOutcome outcome, ChangeTold("checking", a->location, request, RepairTable));
    return Report(outcome, *a);
  });
}

}  // namespace deltic::cli
